"""Small cells of an aggregate, and what has to be hidden with them so that no sum gives them away.

A count from one up to the smallest that may be published is hidden (小单元抑制). Who knows the
total of a row or a column of the table subtracts what is shown; so each such line either hides
nothing, or two cells and more that together make no small cell, and no chain of subtractions
through several lines ends in one cell (互补抑制). Totals that are small cells themselves are taken
to be unknown. Where counts lie is the entry's ``release.small_cell``; writing is the masker's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from opendata.catalog import Dataset, SmallCell
from opendata.errors import ModelError
from opendata.sql_text import quoted

_HIDDEN = "_hidden_cells"
_NOTHING = 1e-7
_SEED = 20250101

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of a table: ``counts``, and for each direction the line every cell lies on.

    A direction runs along one grouping field: cells that agree in all the others are one line.
    """

    counts: Whole
    lines: tuple[Whole, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """Which cells are hidden; ``exposed`` small ones can still be told, whatever is hidden."""

    cells: Flags
    exposed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """A SELECT whose small cells are empty, how many cells that took, how many it did not help."""

    sql: str
    hidden: int = 0
    exposed: int = 0


@contextmanager
def small_cells_hidden(
    con: duckdb.DuckDBPyConnection, clean: str, dataset: Dataset
) -> Iterator[Emptied]:
    """``clean`` (a SELECT) with its small cells left empty; as it is where none are declared.

    Raises:
        ModelError: two rows are one cell, so the groups declared do not tell cells apart.
    """
    asked = dataset.release.small_cell
    if asked is None:
        yield Emptied(sql=clean)
        return
    table, cells = _cells(con, clean, dataset.id, asked)
    hidden = hide(cells, below=asked.below)
    con.register(_HIDDEN, table.append_column("_hidden", pa.array(hidden.cells)))
    try:
        yield Emptied(
            sql=_emptied(clean, asked), hidden=int(hidden.cells.sum()), exposed=hidden.exposed
        )
    finally:
        con.unregister(_HIDDEN)


def published_small_cells(con: duckdb.DuckDBPyConnection, relation: str, asked: SmallCell) -> int:
    """How many small cells ``relation`` shows: none, unless something went wrong."""
    count = quoted(asked.count)
    found = con.execute(
        f"select count(*) from ({relation}) where {count} > 0 and {count} < {asked.below}"
    ).fetchall()
    return int(found[0][0])


def hide(cells: Cells, *, below: int) -> Hidden:
    """Which cells to hide: the small ones, and of the others few and small ones beside them."""
    small = (cells.counts > 0) & (cells.counts < below)
    hidden, told = small.copy(), np.zeros_like(small)
    while True:
        before = int(hidden.sum())
        for line in cells.lines:
            _fill(cells, line, hidden, told, below)
        told = _told(cells, hidden, below)
        for each in np.flatnonzero(told & small):
            _hide_beside(cells, hidden, int(each))
        if int(hidden.sum()) == before:
            return Hidden(hidden, exposed=int((told & small).sum()))


def _cells(
    con: duckdb.DuckDBPyConnection, clean: str, dataset_id: str, asked: SmallCell
) -> tuple[pa.Table, Cells]:
    groups = ", ".join(map(quoted, asked.groups))
    places = ", ".join(
        f"dense_rank() over (order by {quoted(each)} nulls first) - 1 as {quoted(f'_place_{n}')}"
        for n, each in enumerate(asked.groups)
    )
    table = con.sql(
        f"select {groups}, coalesce({quoted(asked.count)}, 0)::bigint as _count, {places} "
        f"from ({clean})"
    ).to_arrow_table()
    columns = [table[f"_place_{n}"].to_numpy().astype(np.int64) for n in range(len(asked.groups))]
    rows = table.num_rows
    if len(np.unique(_joined(columns, rows))) != rows:
        raise ModelError(
            f"{dataset_id}: two rows are one cell by release.small_cell.groups "
            f"({', '.join(asked.groups)}); name every field that tells cells apart"
        )
    lines = tuple(
        _joined([each for each in columns if each is not along], rows) for along in columns
    )
    counts = table["_count"].to_numpy().astype(np.int64)
    return table.select(list(asked.groups)), Cells(counts=counts, lines=lines)


def _joined(columns: Sequence[Whole], rows: int) -> Whole:
    """One number for each combination, from nought; one for all where there is no column."""
    joined = np.zeros(rows, np.int64)
    for each in columns:
        joined = np.unique(joined * (int(each.max(initial=0)) + 1) + each, return_inverse=True)[1]
    return joined


def _emptied(clean: str, asked: SmallCell) -> str:
    same = " and ".join(
        f"c.{quoted(each)} is not distinct from h.{quoted(each)}" for each in asked.groups
    )
    count = quoted(asked.count)
    return (
        f"select c.* replace (case when not h._hidden then c.{count} end as {count}) "
        f"from ({clean}) c join {_HIDDEN} h on {same}"
    )


# --- which cells


def _fill(cells: Cells, line: Whole, hidden: Flags, told: Flags, below: int) -> None:
    """Hide one more cell on each line whose hidden cells can be told, until they cannot."""
    for each in np.unique(line[hidden]):
        members = np.flatnonzero(line == each)
        while _lacks(cells.counts[members], (hidden & ~told)[members], below):
            if not _hide_one(cells, hidden, members):
                break


def _lacks(counts: Whole, secret: Flags, below: int) -> bool:
    """Whether a line hides one cell alone, or so few that they are a small cell together."""
    if not secret.any() or counts.sum() < below:
        return False
    return bool(secret.sum() < 2 or counts[secret].sum() < below)


def _hide_one(cells: Cells, hidden: Flags, members: Whole) -> bool:
    """Hide the cell shown whose lines hide something already, of these the smallest."""
    shown = members[~hidden[members] & (cells.counts[members] > 0)]
    if not len(shown):
        return False
    others = [(np.bincount(line, hidden) == 0)[line[shown]] for line in cells.lines]
    alone = np.sum(others, axis=0)
    hidden[shown[np.lexsort((cells.counts[shown], alone))[0]]] = True
    return True


def _told(cells: Cells, hidden: Flags, below: int) -> Flags:
    """Hidden cells for which the known totals of all lines leave one value.

    A random change of the hidden cells that changes no known total changes every cell that is free.
    """
    places = np.flatnonzero(hidden)
    told = np.zeros_like(hidden)
    if not len(places):
        return told
    sums = _equations(cells, places, below)
    change = np.random.default_rng(_SEED).standard_normal(len(places))
    free = change - sums.T @ np.linalg.lstsq(sums.T, change, rcond=None)[0]
    told[places] = np.abs(free) < _NOTHING
    return told


def _equations(cells: Cells, places: Whole, below: int) -> NDArray[np.float64]:
    """One row for each line whose total is known, one column for each hidden cell."""
    totals = (np.bincount(line, cells.counts) for line in cells.lines)
    rows = [
        line[places] == each
        for line, total in zip(cells.lines, totals, strict=True)
        for each in np.unique(line[places])
        if total[each] >= below
    ]
    return np.array(rows, np.float64).reshape(-1, len(places))


def _hide_beside(cells: Cells, hidden: Flags, cell: int) -> None:
    """One more on each line of a cell; or, where none is shown, beside those hidden with it."""
    found = [_hide_one(cells, hidden, members) for members in _lines_of(cells, cell)]
    if not any(found):
        near = np.unique(np.concatenate(_lines_of(cells, cell)))
        for each in near[hidden[near]]:
            for members in _lines_of(cells, int(each)):
                _hide_one(cells, hidden, members)


def _lines_of(cells: Cells, cell: int) -> list[Whole]:
    return [np.flatnonzero(line == line[cell]) for line in cells.lines]
