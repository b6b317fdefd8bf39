"""Agreement (一数一源): how what a dataset carries compares with the one source of it.

Values, and what follows from the catalog alone: which field is compared with which, by what key,
in what order datasets come, and which columns hold an authority's values. Comparing is
``quality/agreement.py``; who is the authority is ``sourcing.py``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from opendata.catalog import Catalog, Dataset, Field
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.derivation import looked_up
from opendata.lineage import ColumnEdge
from opendata.vocabulary import Action, OnConflict, Openness, Role

NOT_STANDARDISED = "数源数据尚未治理"
NO_KEY = "两个数据集没有可以逐条对应的主键"
AMBIGUOUS_KEY = "本数据集有多个数据项可以对应数源的主键，不能确定用哪一个"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One carried field beside its authority: clean rows by how they compare.

    ``missing`` rows find no value in the authority, ``not_compared`` rows have none of their own.
    ``unverified`` says in Chinese why nothing was compared (尚未核对); all counts are then 0 and
    say nothing. ``authority_sha256`` is the standardised file that was compared with.
    """

    field: str
    element: str
    authority: str
    policy: OnConflict
    agree: int = 0
    differ: int = 0
    missing: int = 0
    not_compared: int = 0
    unverified: str | None = None
    authority_sha256: str | None = None

    @property
    def rows(self) -> int:
        """All rows looked at."""
        return self.agree + self.differ + self.missing + self.not_compared

    @property
    def authority_dataset(self) -> str:
        """The dataset that holds the authority."""
        return self.authority.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What one carried field is compared with, and the pairs of key columns rows meet by.

    ``keys`` pairs this dataset's column with the authority's; empty where rows cannot meet, with
    ``why`` in Chinese.
    """

    field: Field
    authority: str
    keys: tuple[tuple[str, str], ...]
    why: str | None = None

    @property
    def dataset(self) -> str:
        """The authority's dataset."""
        return self.authority.partition(".")[0]

    @property
    def column(self) -> str:
        """The authority's column."""
        return self.authority.partition(".")[2]

    @property
    def takes(self) -> bool:
        """Whether the authority's value replaces this dataset's (以数源为准)."""
        return self.field.on_conflict is OnConflict.AUTHORITY_WINS

    def unverified(self, why: str) -> Agreement:
        """The agreement that could not be found out, and why."""
        return Agreement(
            field=self.field.name,
            element=self.field.element or "",
            authority=self.authority,
            policy=self.field.on_conflict,
            unverified=self.why or why,
        )

    def counted(self, counts: tuple[int, int, int, int], sha256: str) -> Agreement:
        """The agreement of these counts: agree, differ, missing, not compared."""
        agree, differ, missing, not_compared = counts
        return replace(
            self.unverified(""),
            agree=agree,
            differ=differ,
            missing=missing,
            not_compared=not_compared,
            unverified=None,
            authority_sha256=sha256,
        )


def comparisons(catalog: Catalog, dataset: Dataset) -> tuple[Comparison, ...]:
    """Every field of the dataset that has an authority elsewhere, in catalog order."""
    return tuple(
        _comparison(catalog, dataset, each, each.checked_against)
        for each in dataset.fields
        if each.checked_against is not None
    )


def _comparison(catalog: Catalog, dataset: Dataset, field: Field, authority: str) -> Comparison:
    theirs = catalog.dataset(authority.partition(".")[0])
    found = [(_carriers(dataset, field, theirs.field(key)), key) for key in theirs.keys]
    keys: tuple[tuple[str, str], ...] = ()
    why = None
    if not found or any(not own for own, _ in found):
        why = NO_KEY
    elif any(len(own) > 1 for own, _ in found):
        why = AMBIGUOUS_KEY
    else:
        keys = tuple((own[0], key) for own, key in found)
    return Comparison(field=field, authority=authority, keys=keys, why=why)


def _carriers(dataset: Dataset, field: Field, key: Field) -> list[str]:
    """The columns that may hold the authority's key; the compared field itself where it does."""
    if key.element is None:
        return []
    if field.element == key.element:
        return [field.name]
    return [each.name for each in dataset.fields if each.element == key.element]


def taken_edges(catalog: Catalog, dataset: Dataset) -> Iterator[ColumnEdge]:
    """Lineage of the columns that hold an authority's values (以数源为准), keys as steering."""
    for each in comparisons(catalog, dataset):
        if each.takes and each.keys:
            of_value = {each.column}
            for column in (each.column, *(key for _, key in each.keys)):
                yield ColumnEdge(
                    column=each.field.name,
                    upstream=each.dataset,
                    upstream_column=column,
                    direct=column in of_value,
                )


def precedence(catalog: Catalog) -> Mapping[str, int]:
    """How early a dataset should be made, the higher the earlier: authorities before carriers.

    So is a dataset in which values of another must exist, by a quality rule of that one.
    What a dataset reads is never later than the dataset. Where authorities go round in a circle
    nothing can be first: what was not compared then is compared in the next run.
    """
    rank = {each.id: 0 for each in catalog.datasets}
    carried = [
        (each.id, one.checked_against.partition(".")[0])
        for each in catalog.datasets
        for one in each.fields
        if one.checked_against is not None
    ]
    carried += [(x.id, each) for x in catalog.datasets for each in looked_up(x) if each in rank]
    for _ in range(_CHAIN if carried else 0):
        for carrier, authority in carried:
            if carrier != authority:
                rank[authority] = max(rank[authority], min(rank[carrier] + 1, _CHAIN))
        for each in reversed(catalog.in_reading_order):
            for upstream in each.reads:
                rank[upstream] = max(rank[upstream], rank[each.id])
    return rank


_CHAIN = 4
"""Longest chain of authorities of authorities that is put in order."""


def may_show(catalog: Catalog, dataset: Dataset, agreement: Agreement) -> bool:
    """Whether values in conflict may stand on a page: both sides give them to anybody anyway.

    Only of unconditional datasets without quasi-identifiers, whose fields and keys are released as
    they are and point at nobody; never where the authority's value took the place of another.
    """
    theirs = catalog.dataset(agreement.authority_dataset)
    compared = {each.field.name: each for each in comparisons(catalog, dataset)}
    found = compared[agreement.field]
    ours = [dataset.field(each) for each in (agreement.field, *(own for own, _ in found.keys))]
    others = [theirs.field(each) for each in (found.column, *(key for _, key in found.keys))]
    return (
        not found.takes
        and all(each.openness is Openness.UNCONDITIONAL for each in (dataset, theirs))
        and not (dataset.quasi_identifiers or theirs.quasi_identifiers)
        and all(_is_given_to_all(each) for each in (*ours, *others))
    )


def _is_given_to_all(field: Field) -> bool:
    return (
        field.treatment.action is Action.KEEP
        and field.role is Role.PLAIN
        and field.semantic not in PERSONAL_SEMANTICS
    )
