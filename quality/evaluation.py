"""Evaluation: a suite over a Parquet file as it lies; nothing is written and no row set aside.

For a suite that is only tried, and for a file that is not ours: a published version, a table from
elsewhere. What a passage judges is the flagged table, and that is ``judge.py``.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from opendata.errors import CatalogError, ModelError, Problem
from opendata.findings import Expectation, RuleResult
from quality.duplicates import duplicates
from quality.gx_rules import gx_results
from quality.judge import aggregates, missing_of, row_result, table_result
from quality.plan import Plan, RowRule
from quality.profile import read_footer
from quality.references import reference_results
from quality.row_rules import columns_of
from quality.scan import scan
from quality.sql import parquet
from quality.table_rules import TABLE_TYPES

OF_TYPE = "expect_column_values_to_be_of_type"
_HELD_AS: Mapping[str, tuple[str, ...]] = {
    "int64": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U"),
    "float64": ("FLOAT", "DOUBLE", "DECIMAL"),
    "datetime64[ns]": ("DATE", "TIMESTAMP"),
    "str": ("VARCHAR",),
    "bool": ("BOOLEAN",),
}
"""The types of DuckDB that hold what a type of NumPy names."""


def evaluate(con: duckdb.DuckDBPyConnection, table: Path, plan: Plan) -> tuple[RuleResult, ...]:
    """One result per expectation, in the suite's order.

    What the footer tells or proves costs nothing, row rules and aggregates share one scan, and each
    key that no other key implies is one count of hashes. A file holds values and not the text they
    were read from, so ``…_be_of_type`` asks for the type of the column.

    Raises:
        CatalogError: a rule names a column the file does not have.
        ModelError: a rule cannot be evaluated over the values of its column.
        RuleError: Great Expectations crashed in a rule that it judges itself.
    """
    columns = columns_in(con, table)
    if problems := [*_unknown_columns(plan.expectations, columns)]:
        raise CatalogError(problems)
    try:
        found = {each.expectation.id: each for each in _results(con, table, plan, columns)}
    except duckdb.Error as error:
        # DuckDB quotes the value it choked on, so its text stops here.
        raise ModelError(
            f"{table.name} cannot be evaluated: a rule does not fit the values of its column "
            f"({type(error).__name__}); compare the rules with the types of the columns"
        ) from None
    return tuple(found[each.id] for each in plan.expectations)


def columns_in(con: duckdb.DuckDBPyConnection, table: Path) -> Mapping[str, str]:
    """The columns of a file with their types, in order, without the flags of our own tables."""
    described = con.execute(f"describe select * from {parquet(table)}").fetchall()
    return {
        name: kind for name, kind, *_ in described if name != "_row" and not name.startswith("_dq")
    }


def _results(
    con: duckdb.DuckDBPyConnection, table: Path, plan: Plan, columns: Mapping[str, str]
) -> Iterator[RuleResult]:
    footer = read_footer(con, table)
    wanted = [
        *map(missing_of, plan.row_rules),
        *(_broken(each) for each in plan.row_rules),
        *aggregates(plan, footer),
    ]
    steps = {
        name: sql
        for rule in plan.row_rules
        if rule.condition is not None
        for name, sql in rule.condition.steps
    }
    values = scan(con, table, footer, wanted, steps=steps)
    shared = dict(_sharing(con, table, plan))
    for rule in plan.row_rules:
        missing = int(values[missing_of(rule)] or 0)
        broken = int(shared.get(rule.expectation.id, values[_broken(rule)]) or 0)
        if rule.expectation.type == OF_TYPE and not _holds(rule.expectation, columns):
            broken = footer.rows - missing
        yield row_result(rule, rows=footer.rows, missing=missing, broken=broken)
    for each in plan.table_rules:
        yield table_result(each, footer, values, tuple(columns))
    yield from reference_results(con, table, plan.reference_rules)
    yield from gx_results(con, table, plan.gx_rules)


def _broken(rule: RowRule) -> str:
    """The aggregate that counts the rows that break a rule; none where other rows decide."""
    return f"count_if({rule.condition.broken if rule.condition else 'false'})"


def _sharing(con: duckdb.DuckDBPyConnection, table: Path, plan: Plan) -> Iterator[tuple[str, int]]:
    """How many rows share their key, by rule; rules that none breaks are left out."""
    for rule, keys in duplicates(con, table, plan.unique_rules):
        counted = con.execute(f"select sum(n) from {keys}").fetchone()
        yield rule.row_rule.expectation.id, counted[0] if counted else 0


def _holds(expectation: Expectation, columns: Mapping[str, str]) -> bool:
    wanted = expectation.kwargs["type_"]
    return columns[expectation.kwargs["column"]].startswith(_HELD_AS.get(wanted, (wanted,)))


def _unknown_columns(
    expectations: Iterable[Expectation], columns: Iterable[str]
) -> Iterator[Problem]:
    known = tuple(columns)
    for each in expectations:
        about_columns = each.type in TABLE_TYPES and TABLE_TYPES[each.type].about_columns
        for name in () if about_columns else columns_of(each.kwargs):
            if name not in known:
                yield Problem(
                    where=f"quality rule {each.id}",
                    message=f"the file has no column {name!r}; it has {', '.join(known)}",
                )
