"""Real Great Expectations agrees with us, reads what we write, and shows no value.

The one module that imports it (about seven CPU seconds), so everything about it is here.
"""

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from opendata.catalog import Catalog, Dataset
from opendata.findings import Expectation
from opendata.vocabulary import OnFail
from pipelines.bench.mismatch_rules import COMPARED, NOT_COMPARED, suite_of_every_type
from pipelines.bench.mismatches import on_whole_tables, side_by_side
from quality.gx.docs import build_data_docs
from quality.gx.opinion import NotEvaluated, load_suite, second_opinion
from quality.gx.registered import register
from quality.gx_types import GX_TYPES, NOT_ON_PANDAS
from quality.plan import UNIQUE_TYPES, supported_types
from quality.references import REFERENCE_TYPES
from quality.results_json import to_result_json
from quality.row_rules import ROW_TYPES
from quality.suite import expectations_for
from quality.suite_json import to_suite_json
from quality.table_rules import TABLE_TYPES

if TYPE_CHECKING:
    from tests.quality.conftest import Bench

pytestmark = pytest.mark.filterwarnings("default")

JUDGED_AT = datetime(2026, 12, 1, tzinfo=UTC)
JUDGED_BY_GX: dict[str, dict[str, Any]] = {
    "expect_column_values_to_match_strftime_format": {"column": "s", "strftime_format": "%Y"},
    "expect_column_values_to_be_dateutil_parseable": {"column": "s"},
    "expect_column_values_to_be_json_parseable": {"column": "s"},
    "expect_column_values_to_match_json_schema": {"column": "s", "json_schema": {"type": "object"}},
    "expect_column_values_to_be_increasing": {"column": "n", "strictly": True},
    "expect_column_values_to_be_decreasing": {"column": "n", "strictly": False},
    "expect_column_value_z_scores_to_be_less_than": {
        "column": "n",
        "threshold": 3,
        "double_sided": True,
    },
    "expect_column_values_to_not_be_outliers": {"column": "n", "method": "iqr", "multiplier": 1.5},
    "expect_multicolumn_values_to_be_equal": {
        "column_list": ["s", "t"],
        "ignore_row_if": "never",
    },
    "expect_column_kl_divergence_to_be_less_than": {
        "column": "n",
        "partition_object": {"bins": [0, 1, 2], "weights": [0.5, 0.5]},
        "threshold": 0.1,
        "tail_weight_holdout": 0,
        "internal_weight_holdout": 0.1,
    },
    "expect_column_type_to_be": {"column": "n", "type_": "float64"},
    "expect_column_values_to_be_in_type_list": {"column": "n", "type_list": ["float64"]},
}


def test_every_supported_type_is_compared() -> None:
    compiled = {*ROW_TYPES, *UNIQUE_TYPES, *TABLE_TYPES, *REFERENCE_TYPES}
    assert set(COMPARED) | NOT_COMPARED == compiled
    assert compiled | set(GX_TYPES) == set(supported_types())
    assert compiled.isdisjoint(GX_TYPES)
    assert set(JUDGED_BY_GX) == set(GX_TYPES)


def test_no_type_of_great_expectations_own_is_forgotten() -> None:
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    register()
    own = {
        name
        for name in list_registered_expectation_implementations()
        if get_expectation_impl(name).__module__.startswith("great_expectations.expectations.core.")
    }

    assert own - {*supported_types(), *NOT_ON_PANDAS} == set()
    assert {*GX_TYPES, *NOT_ON_PANDAS} - own == set()
    assert set(NOT_ON_PANDAS).isdisjoint(supported_types())


def test_what_is_refused_as_not_on_pandas_crashes_there(rule: Callable[..., Expectation]) -> None:
    like = {"column": "s", "like_pattern": "a%"}
    likes = {"column": "s", "like_pattern_list": ["a%"]}
    everything: dict[str, dict[str, Any]] = {
        "expect_column_values_to_match_like_pattern": like,
        "expect_column_values_to_match_like_pattern_list": likes,
        "expect_column_values_to_not_match_like_pattern": like,
        "expect_column_values_to_not_match_like_pattern_list": likes,
        "expect_query_results_to_match_comparison": {
            "base_query": "select 1",
            "comparison_data_source_name": "frames",
            "comparison_query": "select 1",
        },
        "expect_table_row_count_to_equal_other_table": {"other_table_name": "frame"},
        "unexpected_rows_expectation": {"unexpected_rows_query": "select * from {batch}"},
    }

    suite = [rule(name, **given) for name, given in everything.items()]
    with duckdb.connect() as con, pytest.raises(NotEvaluated) as caught:
        second_opinion(con, "(select 'a' as s)", suite)

    assert set(caught.value.rules) == set(everything) == set(NOT_ON_PANDAS)


def test_random_tables_are_judged_as_great_expectations_judges_them(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert [each for each in on_whole_tables(con, tmp_path) if each.differs] == []


def test_a_thousand_random_tables_are_judged_as_great_expectations_judges_them(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Each table by two of the rules in turn, ten tables to a look: about half a minute."""
    compared = [*side_by_side(con, tmp_path, looks=100)]

    assert [each for each in compared if each.differs] == []
    assert min(Counter(each.type for each in compared).values()) >= 20


def test_every_argument_we_take_is_one_great_expectations_has() -> None:
    from great_expectations.expectations.registry import get_expectation_impl

    register()
    taken = {name: argument_names(name) for name in supported_types()}
    theirs = {name: get_expectation_impl(name).__fields__ for name in supported_types()}

    assert {name: allowed - set(theirs[name]) for name, (_, allowed) in taken.items()} == {
        name: set() for name in taken
    }
    for name, (needed, _) in taken.items():
        assert {each for each, field in theirs[name].items() if field.required} <= needed, name


def test_at_least_thirty_five_of_great_expectations_own_types_are_compiled() -> None:
    from great_expectations.expectations import core

    compiled = set(supported_types()) - set(GX_TYPES)
    own = [each for each in compiled if hasattr(core, class_name(each))]

    assert len(own) >= 35


def class_name(type_name: str) -> str:
    return "".join(part.title() for part in type_name.split("_"))


def argument_names(type_name: str) -> tuple[set[str], set[str]]:
    """What a type needs, and all it takes."""
    if given := {**UNIQUE_TYPES, **REFERENCE_TYPES}.get(type_name):
        needs, allows = given
    else:
        known = ROW_TYPES.get(type_name) or TABLE_TYPES.get(type_name) or GX_TYPES[type_name]
        needs, allows = known.needs, known.allows
    return set(needs), set(needs | allows)


def test_a_suite_passes_through_great_expectations_unchanged(
    dataset: Dataset, catalog: Catalog, rule: Callable[..., Expectation]
) -> None:
    left_to_it = [
        rule(name, on_fail=OnFail.KEEP_FLAG, **given) for name, given in JUDGED_BY_GX.items()
    ]
    suite = (*expectations_for(dataset, catalog), *suite_of_every_type(0.5), *left_to_it)
    text = to_suite_json(dataset.id, suite)

    through = json.dumps(load_suite(text).to_json_dict(), ensure_ascii=False, indent=2)

    assert json.loads(through) == json.loads(text)


def test_data_docs_show_every_rule_and_no_value_and_load_nothing(
    bench: "Bench", dataset: Dataset, catalog: Catalog, row: Callable[..., tuple[str | None, ...]]
) -> None:
    planted = {"mobile": "19912345678x", "capital": "-777123.45", "code": "ZZ-98765"}
    report = bench.report([row(**planted), row(name=None)])
    text = to_result_json(report, judged_at=JUDGED_AT)

    index = build_data_docs([text], bench.folder / "docs")

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
        second_opinion(con, "broken", [impossible])

    assert "19912345678" not in str(caught.value)
