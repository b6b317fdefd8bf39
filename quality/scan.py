"""One scan: every number that rules ask of a Parquet file, but for those its footer has.

A number is asked for by the SQL of its aggregate and answered by it, so that rules that ask the
same share the answer. Which aggregates a rule needs is ``plan.py``.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from opendata.sql_text import quoted
from quality.profile import Footer
from quality.sql import parquet


def scan(
    con: duckdb.DuckDBPyConnection,
    table: Path,
    footer: Footer,
    wanted: Iterable[str],
    *,
    steps: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """The values of aggregates over ``table`` by their SQL; ``steps`` are columns they may name."""
    known = dict(_in(footer))
    asked = [each for each in dict.fromkeys(wanted) if each not in known]
    if not asked:
        return known
    beside = "".join(f", {sql} as {quoted(name)}" for name, sql in (steps or {}).items())
    rows = f"(select *{beside} from {parquet(table)})" if beside else parquet(table)
    found = con.execute(f"select {', '.join(asked)} from {rows}").fetchone() or ()
    return known | dict(zip(asked, found, strict=True))


def _in(footer: Footer) -> Iterator[tuple[str, int]]:
    yield "count(*)", footer.rows
    yield "count_if(false)", 0
    for name, nulls in footer.nulls.items():
        column = quoted(name)
        yield f"count_if({column} is null)", nulls
        yield f"count_if({column} is not null)", footer.rows - nulls
        yield f"count({column})", footer.rows - nulls
