"""Uniqueness: which rows of a written table share a key, found without sorting or keeping them all.

A duplicated group breaks the rule with all its rows, not all but one: nobody knows which is right.
Grouping 64-bit hashes is cheap and proves absence exactly; only where two hashes meet are the keys
themselves compared. A key that contains a proven key needs no look at all.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from opendata.sql_text import quoted
from quality.plan import UniqueRule
from quality.profile import Footer, read_footer
from quality.sql import parquet

_MEETING = "_meeting_hashes"
_BITS_A_ROW = 16


def duplicates(
    con: duckdb.DuckDBPyConnection, table: Path, rules: Iterable[UniqueRule]
) -> tuple[tuple[UniqueRule, str], ...]:
    """The rules that some rows break, each with a temporary table of the keys they share."""
    footer, found = read_footer(con, table), []
    proven: list[set[str]] = []
    for rule in sorted(rules, key=lambda each: len(each.columns)):
        if any(key <= set(rule.columns) for key in proven):
            continue
        if _is_dense_key(con, table, rule, footer):
            proven.append(set(rule.columns))
        elif _hashes_meet(con, table, rule):
            name = _shared_keys(con, table, rule)
            found += [(rule, name)] if _any(con, name) else []
        elif _judges_all(rule, footer):
            proven.append(set(rule.columns))
    return tuple(found)


def shares_its_key(rule: UniqueRule, shared: str) -> str:
    """Whether a row has one of the shared keys."""
    judged = "true" if rule.row_rule.missing is None else f"not {rule.row_rule.missing}"
    return f"({judged} and {_key(rule)} in (select k from {shared}))"


def _hashes_meet(con: duckdb.DuckDBPyConnection, table: Path, rule: UniqueRule) -> bool:
    """Whether hashes of keys stand in several rows; they are kept for ``_shared_keys``."""
    con.execute(
        f"create or replace temp table {_MEETING} as select hash({_columns(rule)}) as h "
        f"from {_judged(table, rule)} group by h having count(*) > 1"
    ).fetchall()
    return _any(con, _MEETING)


def _shared_keys(con: duckdb.DuckDBPyConnection, table: Path, rule: UniqueRule) -> str:
    name = quoted(f"_shared_{rule.row_rule.bit.word}_{rule.row_rule.bit.value}")
    con.execute(
        f"create or replace temp table {name} as select {_key(rule)} as k, count(*) as n "
        f"from {_judged(table, rule)} where hash({_columns(rule)}) in (select h from {_MEETING}) "
        "group by k having count(*) > 1"
    ).fetchall()
    return name


def _is_dense_key(
    con: duckdb.DuckDBPyConnection, table: Path, rule: UniqueRule, footer: Footer
) -> bool:
    """Whether whole numbers without gaps of note each set a bit of their own; there are no nulls.

    A quarter of the cost of grouping, for the running numbers that most keys are.
    """
    name, *others = rule.columns
    if others or name not in footer.bounds or footer.filled.get(name) != footer.rows:
        return False
    low, high = footer.bounds[name]
    if high - low >= _BITS_A_ROW * footer.rows:
        return False
    bits = f"bitstring_agg({quoted(name)}::bigint, {low}, {high})"
    counted = con.execute(f"select bit_count({bits}) from {parquet(table)}").fetchone()
    return counted == (footer.rows,)


def _judges_all(rule: UniqueRule, footer: Footer) -> bool:
    """Whether no row is left out, as far as the footer tells."""
    full = all(footer.filled.get(each) == footer.rows for each in rule.columns)
    return rule.row_rule.missing is None or full


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
