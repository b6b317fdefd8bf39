"""t-closeness: how far the values of a class lie from those of the whole table.

Categories are equally far from each other (half the sum of differences); numbers, days and moments
lie in order, so that a class of neighbouring values is told from one of extremes (Li et al., 2007).
DuckDB counts, numpy follows the running sums.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from opendata.sql_text import quoted

_ORDERED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_MOMENTS = ("DATE", "TIMESTAMP", "TIME")

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def farthest(
    con: duckdb.DuckDBPyConnection, counted: str, quasi_identifiers: Sequence[str]
) -> float | None:
    """The greatest distance (0 to 1) of a class from the table; None for an empty table.

    ``counted`` is a table of the quasi-identifiers, a value ``_v`` and how often the class has it,
    ``_c``. The order is that of the column's type; a missing value comes first.
    """
    names = [quoted(each) for each in quasi_identifiers]
    if not _is_ordered(con, counted):
        return _equal(con, counted, names)
    found = con.sql(
        "with ranks as (select _v, row_number() over (order by _v nulls first) - 1 as _rank "
        f"from {counted} group by _v), "
        f"numbered as (select dense_rank() over (order by {', '.join(names)}) as _class, _rank, _c "
        f"from {counted} held join ranks on held._v is not distinct from ranks._v) "
        "select _class, _rank, _c from numbered order by _class, _rank"
    ).fetchnumpy()
    classes, ranks, counts = (
        np.asarray(found[name], np.int64) for name in ("_class", "_rank", "_c")
    )
    return float(_ordered(classes, ranks, counts).max()) if len(classes) else None


def farthest_of(classes: Whole, ranks: Whole, counts: Whole, *, ordered: bool) -> Floats:
    """The distance of each class, from rows sorted by class and rank of the value."""
    return _ordered(classes, ranks, counts) if ordered else _apart(classes, ranks, counts)


def _is_ordered(con: duckdb.DuckDBPyConnection, counted: str) -> bool:
    kinds = con.execute(f"select typeof(_v) from {counted} where _v is not null limit 1")
    found = kinds.fetchall()
    return bool(found) and str(found[0][0]).startswith((*_ORDERED, *_MOMENTS))


def _equal(con: duckdb.DuckDBPyConnection, counted: str, names: Sequence[str]) -> float | None:
    """Values a class does not hold differ by their whole share: 1 less the shares of those held."""
    groups = ", ".join(names)
    same = " and ".join(f"held.{each} is not distinct from sizes.{each}" for each in names)
    ((found,),) = con.execute(
        f"with shares as (select _v, sum(_c) / (select sum(_c) from {counted}) as _q "
        f"from {counted} group by _v), "
        f"sizes as (select {groups}, sum(_c) as _n from {counted} group by {groups}), "
        f"held as (select c.*, _q from {counted} c join shares on c._v is not distinct from "
        "shares._v) "
        f"select max(_t) from (select (sum(abs(_c / _n - _q)) + 1 - sum(_q)) / 2 as _t "
        f"from held join sizes on {same} group by {', '.join(f'held.{each}' for each in names)})"
    ).fetchall()
    return None if found is None else float(found)


def _apart(classes: Whole, ranks: Whole, counts: Whole) -> Floats:
    """For each class half the sum of differences in shares, over all values."""
    table = np.bincount(ranks, counts) / counts.sum()
    begins = np.flatnonzero(np.append(True, classes[1:] != classes[:-1]))
    sizes = np.add.reduceat(counts, begins)
    share = counts / np.repeat(sizes, np.diff(np.append(begins, len(classes))))
    held = np.abs(share - table[ranks]) - table[ranks]
    found: Floats = (np.add.reduceat(held, begins) + 1) / 2
    return found


def _ordered(classes: Whole, ranks: Whole, counts: Whole) -> Floats:
    """For each class the area between its running share and the table's, over the ranks but one.

    A class's running share is a staircase: between two of its values it stands still while the
    table's rises through it once, so each step is two sums of the table's running share.
    """
    values = int(ranks.max()) + 1
    begins = np.flatnonzero(np.append(True, classes[1:] != classes[:-1]))
    if values == 1:
        return np.zeros(len(begins))
    table = np.cumsum(np.bincount(ranks, counts, values)) / counts.sum()
    area = np.append(0.0, np.cumsum(table))
    ends = np.append(begins[1:], len(classes))
    sums = np.cumsum(counts)
    before = np.repeat(sums[begins] - counts[begins], ends - begins)
    share = (sums - before) / np.repeat(
        sums[ends - 1] - sums[begins] + counts[begins], ends - begins
    )
    until = np.append(ranks[1:], values)
    until[ends - 1] = values
    steps = _between(table, area, share, ranks, until)
    first = area[ranks[begins]]  # below its least value a class has nothing yet
    found: Floats = (np.add.reduceat(steps, begins) + first) / (values - 1)
    return found


def _between(table: Floats, area: Floats, share: Floats, start: Whole, stop: Whole) -> Floats:
    """The sum over ``start`` to ``stop`` (not in it) of how far the table's share is from ours."""
    crossing = np.clip(np.searchsorted(table, share, side="right"), start, stop)
    below = share * (crossing - start) - (area[crossing] - area[start])
    above = (area[stop] - area[crossing]) - share * (stop - crossing)
    found: Floats = below + above
    return found
