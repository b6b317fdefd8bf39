"""Undeclared duplicates (一数一源): what it means that two tables resemble each other.

Values and reasoning only. Who measured the resemblance is ``resources/overlaps.py``, on sketches;
nothing here refuses anything: a resemblance is shown to the steward, who knows what the tables are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt

from opendata.catalog import Catalog, Dataset, Field
from opendata.derivation import upstreams_of
from opendata.vocabulary import Acquired, FieldType, Semantic, Term

ENOUGH = 50
"""Rows of a table, or distinct values of a column, below which likeness says nothing."""

ENOUGH_SAMPLED = 20
"""Values that must have been compared for a share to be told."""

NEARLY = 0.8
"""Shared rows among all rows of both from which two tables are nearly the same."""

CONTAINED = 0.95
"""Share of a column's values found in another from which it is contained."""

TELLING = 0.01
"""A value met by chance more often than this tells nothing: numbers counted up, years, codes."""

_Z = 1.96
_NOT_TELLING = {Semantic.PERSON_NAME, Semantic.DIVISION, Semantic.FREE_TEXT}


class Likeness(Term):
    """疑似重复: how two tables resemble each other, the strongest first."""

    SAME_BYTES = "来源文件逐字节相同"
    SAME_ROWS = "记录相同"
    NEARLY_SAME_ROWS = "记录大部分相同"
    CONTAINED = "取值包含于"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """``shared`` of ``sampled`` compared values met; ``chance`` is how often a stranger meets."""

    sampled: int
    shared: int
    chance: float = 0.0

    @property
    def share(self) -> float:
        """The estimated share, what met by chance taken out."""
        return self._without_chance(self.shared / self.sampled)

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share lies with 95% confidence (Wilson 1927).

        >>> low, high = Counted(sampled=400, shared=392).interval
        >>> round(low, 3), round(high, 3)
        (0.961, 0.99)
        """
        n, p = self.sampled, self.shared / self.sampled
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        reach = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
        return self._without_chance(middle - reach), self._without_chance(middle + reach)

    def _without_chance(self, share: float) -> float:
        return min(1.0, max(0.0, (share - self.chance) / (1 - self.chance)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """One finding: ``copy`` is probably taken from ``original``; fields are named where contained.

    ``copy_size`` and ``original_size`` count rows, or distinct values of the fields (estimated
    above a thousand). ``low`` and ``high`` are the 95% interval of ``share``.
    """

    likeness: Likeness
    copy: str
    original: str
    copy_size: int
    original_size: int
    share: float = 1.0
    low: float = 1.0
    high: float = 1.0
    sampled: int = 0
    copy_field: str | None = None
    original_field: str | None = None

    @classmethod
    def counted(cls, counted: Counted, **given: object) -> "Resemblance":
        """A finding whose share was estimated from a sample."""
        low, high = counted.interval
        told = {"share": counted.share, "low": low, "high": high, "sampled": counted.sampled}
        return cls(**told, **given)  # type: ignore[arg-type]


# --- what may tell


def may_tell(field: Field) -> bool:
    """Whether a field's values can show where they come from, as far as its entry says."""
    return (
        field.type in (FieldType.TEXT, FieldType.INTEGER)
        and field.code_table is None
        and field.semantic not in _NOT_TELLING
    )


def is_looked_up(catalog: Catalog, dataset: Dataset, field: Field) -> bool:
    """Whether values of others are looked for in this field: a source of an element, or the key."""
    alone = dataset.keys == (field.name,)
    return may_tell(field) and (alone or is_authority(catalog, dataset.id, field.name))


def is_authority(catalog: Catalog, dataset_id: str, field: str) -> bool:
    """Whether a field is the source of a data element (数源)."""
    return any(each.authority == f"{dataset_id}.{field}" for each in catalog.elements)


def is_declared(catalog: Catalog, copy: tuple[str, str], original: tuple[str, str]) -> bool:
    """Whether the catalog accounts for the values of ``copy`` (dataset, field) being elsewhere.

    They do where the field carries an element with an authority, or where one dataset is made
    from the other or both from a third.
    """
    if is_derived(catalog, copy[0], original[0]):
        return True
    field = catalog.dataset(copy[0]).field(copy[1])
    source = catalog.dataset(original[0]).field(original[1])
    if field.checked_against is not None:
        return True
    if field.element is None:
        return False
    return field.element == source.element or catalog.element(field.element).authority is not None


def is_derived(catalog: Catalog, one: str, other: str) -> bool:
    """Whether one dataset reads the other, or both read a third."""
    families = ({each, *upstreams_of(catalog, each)} for each in (one, other))
    return bool(next(families) & next(families))


# --- who is probably the copy


def as_copy(catalog: Catalog, one: str, other: str) -> tuple[str, str]:
    """The two as (copy, original): acquired is a copy, then what was listed later, then by place.

    An authority of some element is never taken for a copy of what is none.
    """
    first, second = sorted((one, other), key=lambda each: _priority(catalog, each))
    return second, first


def _priority(catalog: Catalog, dataset_id: str) -> tuple[bool, bool, date, int]:
    dataset = catalog.dataset(dataset_id)
    claims = any((each.authority or "").startswith(f"{dataset_id}.") for each in catalog.elements)
    place = next(n for n, each in enumerate(catalog.datasets) if each is dataset)
    return not claims, dataset.acquired is not Acquired.OWN, dataset.listed_on or date.max, place


# --- in words


def in_words(catalog: Catalog, found: Resemblance) -> str:
    """The finding as a steward reads it, with its evidence."""
    copy, original = catalog.dataset(found.copy), catalog.dataset(found.original)
    one, other = (f"{_body(catalog, each)}“{each.title}”" for each in (copy, original))
    if found.likeness is Likeness.SAME_BYTES:
        return f"{one}与{other}的{found.likeness.value}。"
    if found.likeness is Likeness.SAME_ROWS:
        return f"{one}与{other}的{found.copy_size:,}条记录相同（不论行列次序、数据项名称和序号）。"
    if found.likeness is Likeness.NEARLY_SAME_ROWS:
        return (
            f"{one}（{found.copy_size:,}条）与{other}（{found.original_size:,}条）的记录约"
            f"{_percent(found.share)}相同{_evidence(found)}。"
        )
    held = _field(copy, found.copy_field).title
    source = _field(original, found.original_field).title
    claimed = "（数源）" if is_authority(catalog, original.id, found.original_field or "") else ""
    return (
        f"{one}的数据项“{held}”约{_percent(found.share)}的取值包含于{other}的"
        f"“{source}”{claimed}，未登记校核关系{_evidence(found)}。"
    )


def remedy(catalog: Catalog, found: Resemblance) -> str:
    """What the steward can do about it."""
    if found.likeness is not Likeness.CONTAINED:
        return "请核实是否重复编目：重复的，由负责的单位保留一份，其余撤回或者改为引用。"
    if is_authority(catalog, found.original, found.original_field or ""):
        return "请核实来源：确系同一数据元的，在目录中登记数据元和校核关系；不是的，不必处理。"
    return "请核实来源：确系同一数据元的，登记数据元并确定数源；不是的，不必处理。"


def _evidence(found: Resemblance) -> str:
    sizes = ""
    if found.likeness is Likeness.CONTAINED:
        sizes = f"，不同取值约{found.copy_size:,}个和{found.original_size:,}个"
    return (
        f"（抽样比对{found.sampled:,}个，95%置信区间"
        f"{_percent(found.low)}至{_percent(found.high)}{sizes}）"
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".rstrip("0").rstrip(".") + "%"


def _body(catalog: Catalog, dataset: Dataset) -> str:
    return catalog.body(dataset.body).title


def _field(dataset: Dataset, name: str | None) -> Field:
    return dataset.field(name or "")


def in_order(found: Iterable[Resemblance]) -> tuple[Resemblance, ...]:
    """Strongest likeness first, then by share, then by name."""
    order = list(Likeness)
    return tuple(
        sorted(
            found,
            key=lambda each: (
                order.index(each.likeness),
                -each.share,
                each.copy,
                each.copy_field or "",
                each.original,
            ),
        )
    )
