"""Uniqueness: which rows of a written table share a key, found without sorting or keeping them all.

A duplicated group breaks the rule with all its rows, not all but one: nobody knows which is right.
Counting distinct 64-bit hashes is cheap and proves absence exactly; only where two hashes meet are
the keys themselves compared. A key that contains a proven key needs no look at all.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from opendata.sql_text import quoted
from quality.plan import UniqueRule
from quality.sql import parquet


def duplicates(
    con: duckdb.DuckDBPyConnection, table: Path, rules: Iterable[UniqueRule]
) -> tuple[tuple[UniqueRule, str], ...]:
    """The rules that some rows break, each with a temporary table of the keys they share."""
    found = []
    proven: list[set[str]] = []
    for rule in sorted(rules, key=lambda each: len(each.columns)):
        if any(key <= set(rule.columns) for key in proven):
            continue
        hashes, judged, rows = _counted(con, table, rule)
        if hashes < judged:
            name = _shared_keys(con, table, rule)
            found += [(rule, name)] if _any(con, name) else []
        elif judged == rows:
            proven.append(set(rule.columns))
    return tuple(found)


def shares_its_key(rule: UniqueRule, shared: str) -> str:
    """Whether a row has one of the shared keys."""
    judged = "true" if rule.row_rule.missing is None else f"not {rule.row_rule.missing}"
    return f"({judged} and {_key(rule)} in (select k from {shared}))"


def _counted(con: duckdb.DuckDBPyConnection, table: Path, rule: UniqueRule) -> tuple[int, int, int]:
    """Distinct hashes of the keys, keys judged, and rows of the table."""
    counts = f"count(distinct hash({_columns(rule)})), count(*)"
    rows = f"(select count(*) from {parquet(table)})"
    counted = con.execute(f"select {counts}, {rows} from {_judged(table, rule)}").fetchone()
    return counted if counted is not None else (0, 0, 0)


def _shared_keys(con: duckdb.DuckDBPyConnection, table: Path, rule: UniqueRule) -> str:
    name = quoted(f"_shared_{rule.row_rule.bit.word}_{rule.row_rule.bit.value}")
    judged = _judged(table, rule)
    hashed = f"hash({_columns(rule)})"
    meeting = f"select {hashed} as h from {judged} group by h having count(*) > 1"
    con.execute(
        f"create or replace temp table {name} as select {_key(rule)} as k from {judged} "
        f"where {hashed} in ({meeting}) group by k having count(*) > 1"
    ).fetchall()
    return name


def _any(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    return con.execute(f"select 1 from {name} limit 1").fetchone() is not None


def _judged(table: Path, rule: UniqueRule) -> str:
    missing = rule.row_rule.missing
    where = "" if missing is None else f" where not {missing}"
    return f"(select * from {parquet(table)}{where})"


def _columns(rule: UniqueRule) -> str:
    return ", ".join(map(quoted, rule.columns))


def _key(rule: UniqueRule) -> str:
    # A struct compares its missing parts as equal, which is what pandas' duplicated() does.
    packed = ", ".join(f"'{place}': {quoted(each)}" for place, each in enumerate(rule.columns))
    return "{" + packed + "}"
