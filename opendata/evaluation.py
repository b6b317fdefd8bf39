"""The annual evaluation: what the processing record can tell of a year, counted.

Entries in, numbers out. What is evaluated is ``evaluation_criteria.py``; which entries there are,
and who is asked, is ``assets/evaluation.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import mean

from opendata.evaluation_criteria import MEASURES, Criterion, Measure
from opendata.record import Entry, Event, Kind
from opendata.vocabulary import Dimension, Punctuality


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What can only be counted now, from catalog and store: a past year's is not kept."""

    listed: int = 0
    open: int = 0
    overdue: int = 0
    shared: int = 0

    def __add__(self, other: "Present") -> "Present":
        return Present(
            listed=self.listed + other.listed,
            open=self.open + other.open,
            overdue=self.overdue + other.overdue,
            shared=self.shared + other.shared,
        )


@dataclass(slots=True)
class DatasetYear:
    """What the record tells of one dataset in one year."""

    received: int = 0
    judged: int = 0
    clean: int = 0
    quarantined: int = 0
    score: float | None = None
    dimensions: dict[str, float] = field(default_factory=dict)
    on_time: int = 0
    late: int = 0
    versions: set[int] = field(default_factory=set)
    refused: int = 0
    failed: int = 0
    suspended: int = 0
    closed_at: datetime | None = None
    hours: list[float] = field(default_factory=list)
    exceptions: int = 0
    withdrawn: int = 0


def tally(entries: Iterable[Entry], year: int) -> dict[str, DatasetYear]:
    """What the record tells of each dataset in the year its events were judged in."""
    found: dict[str, DatasetYear] = {}
    for entry in entries:
        event = entry.event
        on = event.as_of or entry.recorded_at.date()
        if event.dataset_id and on.year == year:
            told = found.setdefault(event.dataset_id, DatasetYear())
            _count(told, event, event.occurred_at or entry.recorded_at)
    return found


def _count(told: DatasetYear, event: Event, at: datetime) -> None:
    kind = event.kind
    if kind in _COUNTED:
        name = _COUNTED[kind]
        setattr(told, name, getattr(told, name) + 1)
    if kind is Kind.JUDGED:
        _judge(told, event)
    elif kind is Kind.RELEASED:
        told.versions.add(int(event.counts["version"]))
    elif kind is Kind.REFUSED:
        told.refused += _NOT_OPEN_GATE not in event.detail.get("refused_by", ())
    elif kind is Kind.SUSPENDED:
        told.closed_at = told.closed_at or at
    elif kind is Kind.RESTORED and told.closed_at:
        told.hours.append((at - told.closed_at).total_seconds() / 3600)
        told.closed_at = None


_NOT_OPEN_GATE = "CLS-01"  # what it refuses was never to be opened
_COUNTED = {
    Kind.RECEIVED: "received",
    Kind.JUDGED: "judged",
    Kind.FAILED: "failed",
    Kind.WITHHELD: "refused",
    Kind.SUSPENDED: "suspended",
    Kind.WITHDRAWN: "withdrawn",
    Kind.EXCEPTED: "exceptions",
}
_IN_TIME = {
    each.value for each in (Punctuality.ON_TIME, Punctuality.DUE_SOON, Punctuality.IN_GRACE)
}


def _judge(told: DatasetYear, event: Event) -> None:
    told.clean, told.quarantined = event.counts["clean"], event.counts["quarantined"]
    told.score = float(event.detail["score"])
    dimensions = event.detail.get("dimensions", {})
    told.dimensions = {code: float(each[0]) for code, each in dimensions.items()}
    told.on_time += event.detail["freshness"] in _IN_TIME
    told.late += event.detail["freshness"] == Punctuality.OVERDUE.value


Values = Mapping[str, float | None]
"""Numbers by measure; None where there was nothing to count from."""


def values_of(years: Iterable[DatasetYear], present: Present | None) -> Values:
    """Every measure over these datasets; those of the present are None for a year that is past."""
    told = tuple(years)
    return _from_record(told) | _from_judgements(told) | _from_present(present)


def _from_present(present: Present | None) -> dict[str, float | None]:
    if present is None:
        return dict.fromkeys(("listed", "open", "unopened", "overdue", "shared"))
    return {
        "listed": present.listed,
        "open": present.open,
        "unopened": present.listed - present.open,
        "overdue": present.overdue,
        "shared": present.shared,
    }


def _from_record(told: tuple[DatasetYear, ...]) -> dict[str, float | None]:
    hours = [each for one in told for each in one.hours]
    return {
        "opened": sum(bool(each.versions) for each in told),
        "versions": sum(len(each.versions) for each in told),
        "refused": sum(bool(each.refused) for each in told),
        "restore_hours": round(mean(hours), 1) if hours else None,
    } | {
        name: sum(getattr(each, name) for each in told)
        for name in ("received", "judged", "failed", "suspended", "withdrawn", "exceptions")
    }


def _from_judgements(told: tuple[DatasetYear, ...]) -> dict[str, float | None]:
    rows = sum(each.clean + each.quarantined for each in told)
    looked = sum(each.on_time + each.late for each in told)
    scores = {
        each.code: _average(one.dimensions.get(each.code) for one in told) for each in Dimension
    }
    return scores | {
        "score": _average(each.score for each in told),
        "problems": _share(sum(each.quarantined for each in told), rows),
        "on_time": _share(sum(each.on_time for each in told), looked),
    }


def _average(values: Iterable[float | None]) -> float | None:
    """The mean of what there is, rounded down to one decimal as scores are shown."""
    known = [each for each in values if each is not None]
    return int(mean(known) * 10 + 1e-9) / 10 if known else None


def _share(part: int, whole: int) -> float | None:
    """Per cent, rounded down to two decimals."""
    return int(part * 10000 / whole) / 100 if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """By when a year's report is to be handed in, and under which clause."""

    on: date
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The numbers of one body, or of the city."""

    id: str
    title: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A year's evaluation: criteria, the city's numbers and every body's.

    ``due`` is None where no regulation of the home names a day. ``unlisted`` counts datasets the
    record speaks of that are in the catalog no more; only the city's numbers include them.
    """

    year: int
    criteria: tuple[Criterion, ...]
    city: Sheet
    bodies: tuple[Sheet, ...]
    due: Due | None = None
    unlisted: int = 0

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that any of the criteria asks for, in the order of ``MEASURES``."""
        asked = {each for criterion in self.criteria for each in criterion.measures}
        return tuple(each for key, each in MEASURES.items() if key in asked)
