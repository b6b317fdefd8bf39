"""Column lineage: which upstream column each column comes from, and through what.

Values only; extracted by ``dbt_like_sql/lineage.py``, shown by Dagster, kept in the record. The
same edges serve all three, so that the record and the orchestrator cannot disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from opendata.catalog import Dataset


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ColumnEdge:
    """``column`` is computed from ``upstream_column`` of ``upstream``.

    ``upstream`` is ``source:<source id>`` for a landed table or a dataset id for its standardised
    layer. ``direct`` is False for columns that only filter, join or sort (INDIRECT in OpenLineage).
    """

    column: str
    upstream: str
    upstream_column: str
    direct: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """All edges of one layer of one dataset."""

    edges: tuple[ColumnEdge, ...]

    def of(self, column: str) -> tuple[ColumnEdge, ...]:
        """The direct edges of one column."""
        return tuple(each for each in self.edges if each.direct and each.column == column)

    @classmethod
    def from_edges(cls, edges: Iterable[ColumnEdge]) -> "Lineage":
        """Sorted and without repeats, so that equal lineages are equal values."""
        return cls(edges=tuple(sorted(set(edges))))


NOTHING_READ = Lineage(edges=())
"""The lineage of a dataset that was never standardised."""


def released_lineage(dataset: Dataset) -> Lineage:
    """The released layer's edges: every released column comes from its own standardised one."""
    return Lineage.from_edges(
        ColumnEdge(column=each.name, upstream=dataset.id, upstream_column=each.name)
        for each in dataset.released_fields
    )
