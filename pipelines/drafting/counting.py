"""The sample of a table as columns: how many values have which shape, never which they are."""

from collections import Counter
from collections.abc import Iterator, Sequence

from opendata.plain import fingerprint_of
from pipelines.drafting.seen import Column, Table
from pipelines.drafting.shapes import NOTHING, dates_of, decimals_of, inside, shapes_of
from resources.headings import tidy
from resources.reading import INVISIBLE, reading
from resources.rows import Record

_READ_THROUGH = 4_000
"""Different texts a column that are searched for identifiers inside them."""


def columns_of(table: Table) -> tuple[Column, ...]:
    """Every column that has a heading or holds anything."""
    busy = _busy(table.sample)
    headings = table.heads.headings
    places = range(max(len(headings), max(busy, default=0) + 1))
    return tuple(
        _column(place, headings[place] if place < len(headings) else "", table.sample)
        for place in places
        if not table.heads.row or place in busy or (place < len(headings) and headings[place])
    )


def _busy(sample: Sequence[Record]) -> set[int]:
    return {place for row in sample for place, cell in enumerate(row) if cell and tidy(cell)}


def _column(place: int, heading: str, sample: Sequence[Record]) -> Column:
    cells = Counter(_cells(sample, place))
    nulls = {each: cells.pop(each) for each in NOTHING if each in cells}
    values = tuple(cells.items())
    filled = cells.total()
    return Column(
        place=place,
        heading=heading,
        rows=len(sample),
        filled=filled,
        distinct=len(cells),
        longest=max(map(len, cells), default=0),
        average=sum(len(each) * times for each, times in values) / filled if filled else 0,
        scale=decimals_of(cells),
        shapes=shapes_of(values) + inside(_spread(values)),
        formats=dates_of(values),
        nulls=nulls,
    )


def _cells(sample: Sequence[Record], place: int) -> Iterator[str]:
    for row in sample:
        cell = row[place] if place < len(row) else None
        text = cell.strip(f" \t\r\n\xa0\u3000{INVISIBLE}") if cell else ""
        if text:
            yield text if text.isascii() else _folded(text)


def _folded(text: str) -> str:
    """Full-width digits and letters as the standard SQL folds them."""
    return (
        reading(text)
        if len(text) <= 40 and not any("一" <= each <= "鿿" for each in text)
        else text
    )


def _spread(values: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    return values[:: max(1, len(values) // _READ_THROUGH)]


def fingerprint(headings: Sequence[str]) -> str:
    """A short name for a table whose name has no ASCII letters; the same for the same headings."""
    return fingerprint_of(list(headings))[:6]
