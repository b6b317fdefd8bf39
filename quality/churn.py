"""Two versions of a table beside each other, row by row: which keys went, came and changed.

One full join over the keys alone; the other fields take part as one 64-bit hash a row, which is
never kept: DuckDB may hash differently tomorrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from opendata.sql_text import literal, quoted
from quality.sql import parquet


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """Rows with a whole key: how many there were, are gone, came, and hold something else.

    ``changed`` is None where it was not counted.
    """

    before: int
    removed: int
    added: int
    changed: int | None = None


def churn(
    con: duckdb.DuckDBPyConnection,
    before: Path,
    now: Path,
    keys: Sequence[str],
    *,
    changing: Sequence[str] = (),
) -> Churn:
    """Compare the keys of two versions; ``changing`` are the fields whose change is counted too.

    Rows that lack a part of their key are left out; both files must hold all these columns.
    """
    met = " and ".join(f"b.k{at} = n.k{at}" for at in range(len(keys)))
    changed = "count_if(b.h <> n.h)" if changing else "null"
    sides = [_side(each, keys, changing) for each in (before, now)]
    row = con.execute(
        f"select count(*) - count(n.k0), count(*) - count(b.k0), {changed}, "
        f"(select count(*) from {sides[0]}) from {sides[0]} as b full join {sides[1]} as n on {met}"
    ).fetchone()
    removed, added, differ, rows = row if row is not None else (0, 0, None, 0)
    return Churn(
        before=int(rows),
        removed=int(removed),
        added=int(added),
        changed=int(differ or 0) if changing else None,
    )


def same_rows(
    con: duckdb.DuckDBPyConnection, before: Path, now: Path, fields: Sequence[str]
) -> bool:
    """Whether two versions hold the same rows, in whatever order."""
    row = f"hash({', '.join(map(quoted, fields))})"
    told = [
        con.execute(
            f"select count(*), sum({row}::hugeint), bit_xor({row}) from {parquet(each)}"
        ).fetchone()
        for each in (before, now)
    ]
    return told[0] == told[1]


def shared_columns(con: duckdb.DuckDBPyConnection, before: Path, now: Path) -> frozenset[str]:
    """The columns both files have, of the same type."""
    told = "describe select * from read_parquet({})"
    old, new = (
        {
            (name, type_)
            for name, type_, *_ in con.execute(told.format(literal(str(each)))).fetchall()
        }
        for each in (before, now)
    )
    return frozenset(name for name, _ in old & new)


def _side(table: Path, keys: Sequence[str], changing: Sequence[str]) -> str:
    columns = ", ".join(f"{quoted(key)} as k{at}" for at, key in enumerate(keys))
    hashed = f", hash({', '.join(map(quoted, changing))}) as h" if changing else ""
    whole = " and ".join(f"{quoted(key)} is not null" for key in keys)
    return f"(select {columns}{hashed} from {parquet(table)} where {whole})"
