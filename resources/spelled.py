"""How the values of a column are spelled: whether they only count the rows, how many there can be.

Read from the Parquet footer and a few thousand rows. What follows from it for a sketch is
``sketching.py``.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import prod
from pathlib import Path

import duckdb

from opendata.sql_text import literal, quoted

_WINDOW = 1024
_ENOUGH = 1e18
_FOOTER = """
select
    path_in_schema,
    sum(row_group_num_rows),
    sum(stats_null_count),
    min(stats_min_value),
    max(length(stats_max_value)),
    min(try_cast(stats_min_value as bigint)),
    max(try_cast(stats_max_value as bigint))
from parquet_metadata(?)
group by path_in_schema
"""


def numbering(
    con: duckdb.DuckDBPyConnection, table: Path, *, integers: Sequence[str], texts: Sequence[str]
) -> Iterator[str]:
    """The columns that only number the rows (序号): without gaps, as many as there are rows."""
    for name, rows, nulls, least, longest, low, high in con.execute(
        _FOOTER, [str(table)]
    ).fetchall():
        if nulls or rows is None or low is None or high is None:
            continue
        if name in integers and high - low + 1 == rows:
            yield name
        # The greatest text is not the greatest number, but it is as long as any or longer padded.
        likely = re.fullmatch("0*1", least) and longest <= max(len(str(rows)), 6)
        if name in texts and likely and _numbers(con, table, name) == (1, rows, rows):
            yield name


def _numbers(con: duckdb.DuckDBPyConnection, table: Path, name: str) -> tuple[int, int, int] | None:
    """The least and the greatest number of a column of text, and how many there are."""
    number = f"try_cast({quoted(name)} as bigint)"
    return con.execute(
        f"select min({number}), max({number}), count(distinct {number}) "
        f"from read_parquet({literal(str(table))})"
    ).fetchone()


def possible(
    con: duckdb.DuckDBPyConnection, table: Path, rows: int, names: Sequence[str]
) -> dict[str, float]:
    """For each column how many values there are that are spelled like its own.

    Judged by the first rows and by some from the middle: a file may be in the order of a column.
    """
    found = [*_window(con, table, 0, names)]
    if rows > _WINDOW:
        found += _window(con, table, max(rows // 2, _WINDOW), names)
    columns = zip(*found, strict=True) if found else [()] * len(names)
    return {
        name: _possible({each for each in column if each is not None})
        for name, column in zip(names, columns, strict=True)
    }


def _window(
    con: duckdb.DuckDBPyConnection, table: Path, begin: int, names: Sequence[str]
) -> list[tuple[str | None, ...]]:
    if not names:
        return []
    texts = ", ".join(f"{quoted(each)}::varchar" for each in names)
    return con.execute(
        f"select {texts} from read_parquet({literal(str(table))}, file_row_number = true) "
        f"where _dq >= 0 and file_row_number between {begin} and {begin + _WINDOW - 1}"
    ).fetchall()


def _possible(values: set[str]) -> float:
    """By length, place by place: the product of how many signs stand there.

    >>> _possible({"A-01", "A-02", "A-13"}), _possible({"甲", "乙", "10"})
    (6.0, 3.0)
    """
    by_length = groupby(sorted(values, key=len), key=len)
    found = sum(
        prod((float(len(set(place))) for place in zip(*alike, strict=True)), start=1.0)
        for _, alike in by_length
    )
    return min(max(found, 1.0), _ENOUGH)
