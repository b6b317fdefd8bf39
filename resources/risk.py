"""How easily somebody is singled out or seen through: k, l and t, measured in DuckDB.

Only measuring. Suppressing rows is the masker's; what is enough is the catalog entry's and the
gates'. How far the values of a class lie from those of the table is ``distance.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from opendata.findings import Diversity, Risk
from opendata.sql_text import literal, quoted
from resources.distance import farthest

_COUNTED = "_counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """``k``, the rows of the smallest class, and how many ``rows`` are in classes that fail."""

    k: int | None
    rows: int


def shortfall(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    quasi_identifiers: Sequence[str],
    *,
    below: int,
    diverse: Mapping[str, int] | None = None,
) -> Shortfall:
    """How far a relation (a SELECT or a table's name) is from its k and l, in one pass over it.

    Nulls are a value like any other. Without quasi-identifiers, and for an empty relation, k is
    None and nothing fails. What fails is what ``failing_classes`` lists.
    """
    if not quasi_identifiers:
        return Shortfall(k=None, rows=0)
    columns = _names(quasi_identifiers)
    fails = _fails(below, diverse)
    classes = f"select count(*) as _n, {fails} as _f from ({relation}) group by {columns}"
    ((k, rows),) = con.execute(
        f"select min(_n), coalesce(sum(_n) filter (_f), 0)::bigint from ({classes})"
    ).fetchall()
    return Shortfall(k=k, rows=rows)


def measure(
    con: duckdb.DuckDBPyConnection,
    parquet: Path,
    quasi_identifiers: Sequence[str],
    *,
    sensitive: Sequence[str] = (),
    required_k: int | None,
) -> Risk:
    """The risk left in a released file: classes of equal quasi-identifiers, and what they tell."""
    relation = f"from read_parquet({literal(str(parquet))})"
    if not quasi_identifiers:
        return Risk(quasi_identifiers=(), k=None, required_k=required_k)
    sizes = f"select min(_n), count(*), sum(_n)::bigint, sum(_n) filter (_n < {required_k or 0})"
    found = []
    counted = _classes(relation, quasi_identifiers)
    for each in sensitive:
        found.append(diversity(con, relation, quasi_identifiers, each))
        counted = f"select sum(_c) as _n from {_COUNTED} group by {_names(quasi_identifiers)}"
    ((k, classes, rows, small),) = con.execute(f"{sizes} from ({counted})").fetchall()
    return Risk(
        quasi_identifiers=tuple(quasi_identifiers),
        k=None if k is None else int(k),
        required_k=required_k,
        rows=rows or 0,
        classes=classes,
        small_rows=int(small or 0),
        diversity=tuple(found),
    )


def diversity(
    con: duckdb.DuckDBPyConnection, relation: str, quasi_identifiers: Sequence[str], field: str
) -> Diversity:
    """How alike the values of a sensitive field are within the classes; nulls are a value.

    Distinct l is the fewest values a class holds, entropy l the exponential of the lowest entropy
    (never above distinct l), t the greatest distance of a class from the whole table. The rows are
    read once, into a temporary table of the connection.
    """
    groups = _names(quasi_identifiers)
    con.execute(
        f"create or replace temp table {_COUNTED} as select {groups}, {quoted(field)} as _v, "
        f"count(*) as _c from ({relation}) group by {groups}, {quoted(field)}"
    ).fetchall()
    ((distinct, entropy),) = con.execute(
        f"select min(_l), min(exp(ln(_n) - _w / _n)) from (select count(*) as _l, sum(_c) as _n, "
        f"sum(_c * ln(_c)) as _w from {_COUNTED} group by {groups})"
    ).fetchall()
    return Diversity(
        field=field,
        distinct=distinct,
        entropy=entropy,
        distance=farthest(con, _COUNTED, quasi_identifiers),
    )


def failing_classes(
    relation: str,
    quasi_identifiers: Sequence[str],
    *,
    below: int,
    diverse: Mapping[str, int] | None = None,
) -> str:
    """SQL: the classes with fewer than ``below`` rows or too few values, with their size ``_n``.

    ``diverse`` maps sensitive fields to the number of different values a class must hold.
    """
    return f"{_classes(relation, quasi_identifiers)} having {_fails(below, diverse)}"


def _fails(below: int, diverse: Mapping[str, int] | None) -> str:
    short = [f"count(*) < {below}"]
    for field, least in (diverse or {}).items():
        missing = f"max(({quoted(field)} is null)::int)"
        short.append(f"count(distinct {quoted(field)}) + {missing} < {least}")
    return f"({' or '.join(short)})"


def _classes(relation: str, quasi_identifiers: Sequence[str]) -> str:
    columns = _names(quasi_identifiers)
    return f"select {columns}, count(*) as _n from ({relation}) group by {columns}"


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(quoted, columns))
