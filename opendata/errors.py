"""Every exception this product raises on purpose.

OpenDataError
├── CatalogError            the catalog is not a catalog; carries every problem found
├── UnknownDataset          no entry has that id
├── HomeError               the home directory, its settings or its permissions are wrong
├── LawError                a regulation as data contradicts itself, or rules nothing of the kind
├── SourceError             a source file cannot be landed exactly as the contract says
│   └── StructureChanged    its headings are not those of the contract; carries the difference
├── ModelError              a SQL model is not what it declares
├── RuleError               a quality rule could not be judged: neither met nor broken
├── KeyMissing              a keyed pseudonym is asked for and there is no key
├── UnfitValues             values are not what their field holds, and the entry says 中止
├── StoreError              the open store refuses or is damaged
│   └── Withheld            the dataset is suspended: nothing of it may be published
├── NotSuspended            there is nothing to restore, or not on this dataset
├── DecisionError           a decision contradicts those before it, or lacks what it must rest on
├── RecordBroken            the processing record does not verify
└── RecordUnwritable        the processing record could not be written first (REC-01)

Messages are whole sentences: where, what was given, what is allowed, what to do. They never hold a
value taken from a data row. Facts about data are not exceptions: they are findings and refusals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata.structure import StructureDiff


class OpenDataError(Exception):
    """Anything this product refuses to do, said on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a catalog file: where it is, what it says, what to do."""

    where: str
    message: str

    def __str__(self) -> str:
        """``file:line key: message``."""
        return f"{self.where}: {self.message}"


class CatalogError(OpenDataError):
    """The catalog cannot be read as one; ``problems`` holds every mistake, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"the catalog has {len(self.problems)} problem(s):\n{lines}")


class UnknownDataset(OpenDataError):
    """A dataset id that no catalog entry carries."""

    @classmethod
    def called(cls, dataset_id: str, known: Sequence[str]) -> "UnknownDataset":
        """Name the id that was asked for and the ids that exist."""
        return cls(
            f"no dataset is called {dataset_id!r}; the catalog has {', '.join(sorted(known))}"
        )


class HomeError(OpenDataError):
    """The home directory, its settings or its permissions are not usable."""


class LawError(OpenDataError):
    """The law as data contradicts itself, or is asked for something it does not hold."""


class SourceError(OpenDataError):
    """A source cannot be landed exactly; ``reason`` is the Chinese sentence for the clerk."""

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


class StructureChanged(SourceError):
    """A delivery's headings are not those of the contract; ``diff`` says which and where.

    Raised under every policy that does not bear the difference; whether the delivery is set aside
    (隔离) is the caller's decision.
    """

    def __init__(self, message: str, *, reason: str, diff: StructureDiff) -> None:
        self.diff = diff
        super().__init__(message, reason=reason)


class ModelError(OpenDataError):
    """A SQL model reads, names or yields something else than its entry declares."""


class RuleError(OpenDataError):
    """A quality rule could not be judged; ``reason`` names it in Chinese, for the steward."""

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


class KeyMissing(OpenDataError):
    """A pseudonym needs a key that the key provider does not have."""


class UnfitValues(OpenDataError):
    """Values that are not what their field holds stop the release, as its entry asks (中止).

    ``reason`` says in Chinese which fields and how many, for whoever reads the refusal.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)

    @classmethod
    def of(
        cls, dataset_id: str, counts: Mapping[str, int], titles: Mapping[str, int]
    ) -> "UnfitValues":
        """Name the fields with their counts; no value is ever shown."""
        told = ", ".join(f"{name} ({count})" for name, count in counts.items())
        listed = "、".join(f"“{title}”{count}个" for title, count in titles.items())
        return cls(
            f"{dataset_id} has values that are not what their fields hold: {told}; correct them at "
            "the source, or say on_invalid: 隔离 in the entry",
            reason=f"存在与语义不符的值（{listed}），条目要求中止",
        )


class StoreError(OpenDataError):
    """The open store refuses an operation or finds itself damaged."""


class Withheld(StoreError):
    """The dataset is suspended or withdrawn (中止／撤回开放): nothing of it may be published."""

    @classmethod
    def dataset(cls, dataset_id: str) -> "Withheld":
        """Name the dataset and the way back."""
        return cls(
            f"{dataset_id} is withheld (中止开放); run `opendata restore {dataset_id}` first"
        )


class NotSuspended(OpenDataError):
    """Restoring was asked for a dataset on which no case of suspension (中止开放) was opened."""

    @classmethod
    def dataset(cls, dataset_id: str, *, because_of: Sequence[str]) -> "NotSuspended":
        """Name the dataset, and those whose suspension withholds it, if any."""
        if not because_of:
            return cls(f"{dataset_id} is not suspended (中止开放); there is nothing to restore")
        origins = ", ".join(because_of)
        return cls(
            f"{dataset_id} is withheld because {origins} is suspended (中止开放); "
            f"restore {origins} once its case is verified"
        )


class DecisionError(OpenDataError):
    """A claim, dispute, settlement or waiver that cannot be entered as it was given."""


class RecordBroken(OpenDataError):
    """The processing record's chain does not verify at some entry."""


class RecordUnwritable(OpenDataError):
    """The processing record could not be written, so the step it describes must not happen."""
