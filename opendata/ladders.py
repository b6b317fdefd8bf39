"""Ladders: how coarse a quasi-identifier could be told, rung by rung, up to not at all.

Every rung is a treatment that a catalog entry may write, so that what is found can be copied there.
Pure values; what a rung makes of a column is ``resources/ladders.py``, which rungs together are
enough ``resources/lattice.py``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opendata.catalog import Catalog, Field, Treatment
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.vocabulary import Action, FieldType, Semantic

_DATES = ("月", "年", "五年", "十年")
_ADDRESSES = ("区县", "地市", "省份")
_DIVISIONS = ("区划地市", "区划省份")
_MOST_RANGES = 50
_DROPPED = Treatment(action=Action.DROP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One way of telling a field; ``title`` is what a steward reads: 原值, 年, 学历·2级, 不开放."""

    title: str
    treatment: Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs of one field, finest first; the last does not open it at all."""

    field: str
    title: str
    rungs: tuple[Rung, ...]


def ladder_of(
    catalog: Catalog, field: Field, *, span: tuple[Decimal, Decimal] | None = None
) -> Ladder:
    """The ladder of a quasi-identifier: its hierarchy file, or what its type and meaning offer.

    ``span`` are the least and the greatest value of a field of numbers.
    """
    rungs = tuple(_rungs(catalog, field, span))
    last = Rung(title="不开放", treatment=_DROPPED)
    return Ladder(field=field.name, title=field.title, rungs=(*rungs, last))


def _rungs(catalog: Catalog, field: Field, span: tuple[Decimal, Decimal] | None) -> Iterator[Rung]:
    if field.semantic not in PERSONAL_SEMANTICS:
        yield Rung(title="原值", treatment=Treatment(ground=field.treatment.ground))
    if field.treatment.hierarchy:
        yield from _of_file(catalog, field.treatment.hierarchy)
    elif field.type in (FieldType.DATE, FieldType.DATETIME):
        yield from map(_preset, _DATES)
    elif field.semantic is Semantic.ADDRESS:
        yield from map(_preset, _ADDRESSES)
    elif field.semantic is Semantic.DIVISION:
        yield from map(_preset, _DIVISIONS)
    elif field.type in (FieldType.INTEGER, FieldType.DECIMAL) and span:
        yield from map(_binned, _widths(*span))


def _preset(name: str) -> Rung:
    return Rung(title=name, treatment=Treatment(action=Action.GENERALISE, preset=name))


def _of_file(catalog: Catalog, name: str) -> Iterator[Rung]:
    hierarchy = catalog.hierarchy(name)
    for level in range(1, hierarchy.depth):
        treatment = Treatment(action=Action.GENERALISE, hierarchy=name, level=level)
        yield Rung(title=f"{name}·{level}级", treatment=treatment)


def _binned(edges: Sequence[Decimal]) -> Rung:
    width = edges[1] - edges[0]
    treatment = Treatment(action=Action.BIN, edges=tuple(f"{each:f}" for each in edges))
    return Rung(title=f"每{width:f}一段", treatment=treatment)


def _widths(low: Decimal, high: Decimal) -> Iterator[tuple[Decimal, ...]]:
    """The edges of ranges 1, 5, 10, 50, 100 … wide: each width holds whole ranges of the last.

    >>> [edges[1] - edges[0] for edges in _widths(Decimal(0), Decimal(99))]
    [Decimal('5'), Decimal('10'), Decimal('50')]
    """
    width, factor = Decimal(1), 5
    while high - low >= width:
        ranges = int(high // width - low // width) + 1
        if 2 <= ranges <= _MOST_RANGES:
            yield tuple((low // width + place) * width for place in range(ranges))
        width, factor = width * factor, 7 - factor
