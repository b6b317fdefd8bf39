"""Real Great Expectations agrees with us, reads what we write, and shows no value.

The one module that imports it (about seven CPU seconds), so everything about it is here.
"""

import dataclasses
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from opendata.catalog import Catalog, Dataset
from opendata.findings import Expectation, RuleResult
from opendata.identifiers import citizen_id_check, uscc_check
from quality import gx
from quality.flags import standardise
from quality.judge import judge
from quality.plan import UNIQUE_TYPES, plan, supported_types
from quality.results_json import to_result_json
from quality.row_rules import ROW_TYPES
from quality.suite import expectations_for
from quality.suite_json import to_suite_json
from quality.table_rules import TABLE_TYPES

if TYPE_CHECKING:
    from tests.quality.conftest import Bench

pytestmark = pytest.mark.filterwarnings("default")

TABLES = 24
TEXTS = ("a", "b", "ab", "", "中文", "a\nb", " a", "\uff21")
COLUMNS = "s varchar, t varchar, n bigint, x decimal(18,2), d date, e date, u varchar, c varchar"
JUDGED_AT = datetime(2026, 12, 1, tzinfo=UTC)
# Ours asks whether source text could be cast, theirs what the frame's type is.
NOT_COMPARED = {"expect_column_values_to_be_of_type"}

ARGUMENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "expect_column_values_to_not_be_null": ({"column": "s"}, {"column": "d"}),
    "expect_column_values_to_be_null": ({"column": "s"},),
    "expect_column_values_to_be_unique": ({"column": "s"}, {"column": "d"}),
    "expect_compound_columns_to_be_unique": (
        {"column_list": ["s", "n"]},
        {"column_list": ["s", "t"], "ignore_row_if": "any_value_is_missing"},
        {"column_list": ["n", "t"], "ignore_row_if": "never"},
    ),
    "expect_column_values_to_be_in_set": (
        {"column": "s", "value_set": ["a", "中文", ""]},
        {"column": "n", "value_set": [1, 2, 3]},
    ),
    "expect_column_values_to_not_be_in_set": ({"column": "s", "value_set": ["a", "中文"]},),
    "expect_column_values_to_match_regex": (
        {"column": "s", "regex": "^[ab]{1,2}$"},
        {"column": "s", "regex": "b"},
    ),
    "expect_column_values_to_not_match_regex": ({"column": "s", "regex": "a"},),
    "expect_column_values_to_be_between": (
        {"column": "n", "min_value": 2, "max_value": 7},
        {"column": "x", "min_value": 2.5, "strict_min": True},
        {
            "column": "d",
            "min_value": "2020-01-03T00:00:00",
            "max_value": "2020-01-06T00:00:00",
            "strict_max": True,
        },
    ),
    "expect_column_value_lengths_to_be_between": ({"column": "s", "min_value": 1, "max_value": 2},),
    "expect_column_value_lengths_to_equal": ({"column": "s", "value": 2},),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A": "d", "column_B": "e"},
        {"column_A": "d", "column_B": "e", "or_equal": True},
        {"column_A": "d", "column_B": "e", "ignore_row_if": "either_value_is_missing"},
        {"column_A": "n", "column_B": "x", "ignore_row_if": "neither"},
    ),
    "expect_column_pair_values_to_be_equal": ({"column_A": "s", "column_B": "t"},),
    "expect_multicolumn_sum_to_equal": ({"column_list": ["n", "x"], "sum_total": 7},),
    "expect_select_column_values_to_be_unique_within_record": ({"column_list": ["s", "t", "c"]},),
    "expect_column_values_to_be_valid_uscc": ({"column": "u"},),
    "expect_column_values_to_be_valid_citizen_id": ({"column": "c"},),
    "expect_column_values_to_be_valid_mobile": ({"column": "c"},),
    "expect_column_values_to_be_valid_bank_card": ({"column": "c"},),
    "expect_column_values_to_be_plausible_date": (
        {"column": "d", "min_value": "2020-01-02", "max_value": "2020-01-08"},
    ),
    "expect_table_row_count_to_be_between": ({"min_value": 1, "max_value": 20},),
    "expect_table_row_count_to_equal": ({"value": 5},),
    "expect_column_unique_value_count_to_be_between": ({"column": "s", "max_value": 4},),
    "expect_column_min_to_be_between": (
        {"column": "n", "min_value": 1},
        {"column": "d", "min_value": "2020-01-02T00:00:00"},
    ),
    "expect_column_max_to_be_between": ({"column": "x", "max_value": 8},),
    "expect_column_mean_to_be_between": ({"column": "n", "min_value": 3, "max_value": 6},),
    "expect_column_median_to_be_between": ({"column": "n", "min_value": 3, "max_value": 6},),
    "expect_column_sum_to_be_between": ({"column": "n", "max_value": 40},),
    "expect_column_stdev_to_be_between": ({"column": "n", "max_value": 2.8},),
    "expect_column_proportion_of_non_null_values_to_be_between": (
        {"column": "s", "min_value": 0.6},
    ),
    "expect_column_proportion_of_unique_values_to_be_between": ({"column": "s", "min_value": 0.5},),
    "expect_column_distinct_values_to_be_in_set": (
        {"column": "s", "value_set": ["a", "b", "ab", ""]},
    ),
    "expect_column_distinct_values_to_contain_set": ({"column": "s", "value_set": ["a", "b"]},),
    "expect_column_distinct_values_to_equal_set": ({"column": "s", "value_set": ["a", "b"]},),
}


def suite_under_test(rule: Callable[..., Expectation], mostly: float) -> tuple[Expectation, ...]:
    return tuple(
        rule(
            type_name,
            called=f"{type_name}_{number}",
            mostly=1.0 if type_name in TABLE_TYPES else mostly,
            **kwargs,
        )
        for type_name, variants in ARGUMENTS.items()
        for number, kwargs in enumerate(variants)
    )


def random_row(chance: random.Random, gap: float) -> tuple[object, ...]:
    def maybe(value: object) -> object:
        return None if chance.random() < gap else value

    body = f"110105{date(1990, 1, 1) + timedelta(chance.randrange(9000)):%Y%m%d}00"
    person = body + str(chance.randrange(10))
    company = f"9135010{chance.randrange(10)}M000{chance.randrange(10)}00Y4"
    return (
        maybe(chance.choice(TEXTS)),
        maybe(chance.choice(TEXTS)),
        maybe(chance.randrange(10)),
        maybe(chance.randrange(40) / 4),
        maybe(date(2020, 1, chance.randrange(1, 10))),
        maybe(date(2020, 1, chance.randrange(1, 10))),
        maybe(company + chance.choice((uscc_check(company), "0"))),
        maybe(chance.choice((person + citizen_id_check(person), "13800138000", "4" * 16))),
    )


def random_tables(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, float]]:
    chance = random.Random(36344)
    for number in range(TABLES):
        gap = chance.choice((0.0, 0.1, 0.5, 1.0))
        rows = [random_row(chance, gap) for _ in range(chance.choice((0, 1, 5, 40)))]
        con.execute(f"create or replace table t{number} ({COLUMNS})").fetchall()
        if rows:
            con.executemany(f"insert into t{number} values ({', '.join('?' * 8)})", rows)
        yield f"t{number}", chance.choice((0.3, 0.5, 1.0))


def differs(ours: RuleResult, theirs: gx.SecondOpinion) -> bool:
    if ours.expectation.type in TABLE_TYPES:
        return ours.success != theirs.success
    counted = (ours.success, ours.rows, ours.missing, ours.unexpected)
    return counted != (theirs.success, theirs.rows, theirs.missing, theirs.unexpected)


def test_every_supported_type_is_compared() -> None:
    assert set(ARGUMENTS) | NOT_COMPARED == set(supported_types())
    assert {*ROW_TYPES, *UNIQUE_TYPES, *TABLE_TYPES} == set(supported_types())


def test_random_tables_are_judged_as_great_expectations_judges_them(
    con: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    dataset: Dataset,
    rule: Callable[..., Expectation],
) -> None:
    fields = tuple(each.split()[0] for each in COLUMNS.split(", "))
    different = []
    for table, mostly in random_tables(con):
        suite = suite_under_test(rule, mostly)
        model = f"select *, row_number() over () as _row from {table}"
        planned = plan(suite)
        standardise(con, model, fields, planned, tmp_path / "flagged.parquet")
        report = judge(con, tmp_path / "flagged.parquet", dataset, planned)
        theirs = {each.expectation_id: each for each in gx.second_opinion(con, table, suite)}
        different += [
            (table, each, theirs[each.expectation.id])
            for each in report.results
            if differs(each, theirs[each.expectation.id])
        ]

    assert different == []


def test_a_suite_passes_through_great_expectations_unchanged(
    dataset: Dataset, catalog: Catalog, rule: Callable[..., Expectation]
) -> None:
    suite = (*expectations_for(dataset, catalog), *suite_under_test(rule, 0.5))
    text = to_suite_json(dataset.id, suite)

    through = json.dumps(gx.load_suite(text).to_json_dict(), ensure_ascii=False, indent=2)

    assert json.loads(through) == json.loads(text)


def test_data_docs_show_every_rule_and_no_value_and_load_nothing(
    bench: "Bench", dataset: Dataset, catalog: Catalog, row: Callable[..., tuple[str | None, ...]]
) -> None:
    planted = {"mobile": "19912345678x", "capital": "-777123.45", "code": "ZZ-98765"}
    report = bench.report([row(**planted), row(name=None)])
    text = to_result_json(report, judged_at=JUDGED_AT)

    index = gx.build_data_docs([text], bench.folder / "docs")

    pages = [page.read_text(encoding="utf-8") for page in (bench.folder / "docs").rglob("*.html")]
    shown = "".join(pages)
    assert index.exists()
    assert [
        each.id for each in expectations_for(dataset, catalog) if each.description not in shown
    ] == []
    assert [value for value in planted.values() if value in shown] == []
    assert re.findall(r"<(?:script|link|img)[^>]*https?://", shown) == []


def test_our_results_are_great_expectations_results(
    bench: "Bench", row: Callable[..., Any]
) -> None:
    from great_expectations.core.expectation_validation_result import (
        expectationSuiteValidationResultSchema,
    )

    report = bench.report([row()])
    loaded = expectationSuiteValidationResultSchema.load(
        json.loads(to_result_json(report, judged_at=JUDGED_AT))
    )

    assert loaded.success
    assert len(loaded.results) == len(report.results)


def test_a_failure_inside_great_expectations_is_named_without_a_value(
    con: duckdb.DuckDBPyConnection, rule: Callable[..., Expectation]
) -> None:
    con.execute("create table broken as select '19912345678' as s").fetchall()
    impossible = dataclasses.replace(
        rule("expect_column_values_to_be_between", column="s", min_value=1), id="impossible"
    )

    with pytest.raises(RuntimeError, match="the rule impossible") as caught:
        gx.second_opinion(con, "broken", [impossible])

    assert "19912345678" not in str(caught.value)
