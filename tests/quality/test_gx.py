"""Real Great Expectations agrees with us, reads what we write, and shows no value.

The one module that imports it (about seven CPU seconds), so everything about it is here.
"""

import dataclasses
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from opendata.catalog import Catalog, Dataset
from opendata.findings import Expectation, RuleResult
from opendata.identifiers import citizen_id_check, uscc_check
from opendata.vocabulary import OnFail
from quality import gx
from quality.flags import standardise
from quality.judge import judge
from quality.plan import UNIQUE_TYPES, plan, supported_types
from quality.references import REFERENCE_TYPES
from quality.results_json import to_result_json
from quality.row_rules import ROW_TYPES
from quality.suite import expectations_for
from quality.suite_json import to_suite_json
from quality.table_rules import TABLE_TYPES

if TYPE_CHECKING:
    from tests.quality.conftest import Bench

pytestmark = pytest.mark.filterwarnings("default")

TABLES = 24
DIVISIONS = (
    "610102",
    "610100",
    "610002",
    "000000",
    "110101",
    "6101",
    "６１０１０２",
    "610102\n",
    "830101",
)
PERIODS = [["610102", 1995, None], ["110101", 1980, 2016], ["610100", 2018, None]]
TEXTS = ("a", "b", "ab", "", "中文", "a\nb", " a", "\uff21")
COLUMNS = (
    "s varchar, t varchar, n bigint, x decimal(18,2), d date, e date, "
    "u varchar, c varchar, v varchar"
)
COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
JUDGED_AT = datetime(2026, 12, 1, tzinfo=UTC)
# Ours asks whether source text could be cast, theirs what the frame's type is.
NOT_COMPARED = {"expect_column_values_to_be_of_type"}

ARGUMENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "expect_column_values_to_not_be_null": ({"column": "s"}, {"column": "d"}),
    "expect_column_values_to_be_null": ({"column": "e"}, {"column": "t"}),
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
    "expect_column_values_to_match_regex_list": (
        {"column": "s", "regex_list": ["^a", "b$"]},
        {"column": "s", "regex_list": ["a", "b"], "match_on": "all"},
        {"column": "t", "regex_list": ["中"], "match_on": "any"},
    ),
    "expect_column_values_to_not_match_regex_list": (
        {"column": "s", "regex_list": ["^ ", "文$", "\n"]},
    ),
    "expect_column_pair_values_to_be_in_set": (
        {"column_A": "s", "column_B": "t", "value_pairs_set": [["a", "b"], ["中文", ""]]},
        {
            "column_A": "s",
            "column_B": "n",
            "value_pairs_set": [["a", 1], ["", None], [None, 3]],
            "ignore_row_if": "neither",
        },
    ),
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
    "expect_column_values_to_be_valid_division_code": (
        {"column": "v"},
        {"column": "v", "year": 2015, "periods": PERIODS},
        {"column": "v", "year": 2020, "periods": PERIODS},
    ),
    "expect_column_values_to_exist_in_dataset": (
        {"column": "s", "dataset": "others", "field": "word"},
        {"column": "n", "dataset": "others", "field": "number"},
        {"column": "d", "dataset": "others", "field": "day"},
        {"column": "s", "dataset": "nowhere", "field": "word"},
    ),
    "expect_table_columns_to_match_set": (
        {"column_set": ["v", "c", "u", "e", "d", "x", "n", "t", "s"]},
        {"column_set": ["s", "t"], "exact_match": False},
        {"column_set": ["s", "t"], "exact_match": True},
        {"column_set": ["s", "zz"], "exact_match": False},
    ),
    "expect_table_columns_to_match_ordered_list": (
        {"column_list": ["s", "t", "n", "x", "d", "e", "u", "c", "v"]},
        {"column_list": ["t", "s", "n", "x", "d", "e", "u", "c", "v"]},
    ),
    "expect_table_column_count_to_equal": ({"value": 9}, {"value": 8}),
    "expect_table_column_count_to_be_between": (
        {"min_value": 9, "max_value": 10},
        {"min_value": 10},
    ),
    "expect_column_to_exist": (
        {"column": "u"},
        {"column": "u", "column_index": 6},
        {"column": "u", "column_index": 5},
        {"column": "u", "column_index": 0},
        {"column": "u", "column_index": 60},
    ),
    "expect_column_most_common_value_to_be_in_set": (
        {"column": "s", "value_set": ["a", "中文", ""]},
        {"column": "s", "value_set": ["a", "b", "ab"], "ties_okay": True},
        {"column": "n", "value_set": [1, 2, 3, 4], "ties_okay": True},
    ),
    "expect_column_quantile_values_to_be_between": (
        {
            "column": "n",
            "quantile_ranges": {
                "quantiles": [0.1, 0.5, 0.9],
                "value_ranges": [[0, 3], [2, 7], [None, 8]],
            },
        },
        {
            "column": "x",
            "quantile_ranges": {"quantiles": [0.25], "value_ranges": [[1.5, None]]},
        },
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


def on_fail(type_name: str) -> OnFail:
    return OnFail.KEEP_FLAG if type_name in REFERENCE_TYPES else OnFail.DROP


def suite_under_test(rule: Callable[..., Expectation], mostly: float) -> tuple[Expectation, ...]:
    return tuple(
        rule(
            type_name,
            called=f"{type_name}_{number}",
            on_fail=on_fail(type_name),
            mostly=1.0 if type_name in TABLE_TYPES else mostly,
            **kwargs,
        )
        for type_name, variants in ARGUMENTS.items()
        for number, kwargs in enumerate(variants)
    )


@pytest.fixture
def others(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Path:
    """The folder of standardised tables, with one whose last row was set aside."""
    path = tmp_path / "others.parquet"
    rows = "('a', 1, date '2020-01-02', 0), ('中文', 4, null, 0), ('', 7, date '2020-01-05', 1)"
    con.execute(
        f"copy (select * from (values {rows}, ('b', 2, date '2020-01-03', -1)) "
        f"as t(word, number, day, _dq)) to '{path}' (format parquet)"
    ).fetchall()
    return tmp_path


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
        maybe(chance.choice(DIVISIONS)),
    )


def random_tables(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, float]]:
    chance = random.Random(36344)
    for number in range(TABLES):
        gap = chance.choice((0.0, 0.1, 0.5, 1.0))
        rows = [random_row(chance, gap) for _ in range(chance.choice((0, 1, 5, 40)))]
        con.execute(f"create or replace table t{number} ({COLUMNS})").fetchall()
        if rows:
            con.executemany(f"insert into t{number} values ({', '.join('?' * 9)})", rows)
        yield f"t{number}", chance.choice((0.3, 0.5, 1.0))


def renamed(kwargs: dict[str, Any], number: int) -> dict[str, Any]:
    """The same rule about the columns of one of many tables that lie side by side."""
    given = [name for name in COLUMN_ARGUMENTS if name in kwargs]
    changed: dict[str, Any] = {name: f"{kwargs[name]}_{number}" for name in given}
    if "column_list" in kwargs:
        changed["column_list"] = [f"{each}_{number}" for each in kwargs["column_list"]]
    return kwargs | changed


def side_by_side(
    con: duckdb.DuckDBPyConnection, chance: random.Random, count: int
) -> tuple[str, ...]:
    """So many random tables of one height as one table ``wide``; its columns."""
    height = chance.choice((0, 1, 5, 40))
    gaps = [chance.choice((0.0, 0.1, 0.5, 1.0)) for _ in range(count)]
    rows = [[v for gap in gaps for v in random_row(chance, gap)] for _ in range(height)]
    typed = [each.split(maxsplit=1) for each in COLUMNS.split(", ")]
    columns = [(f"{name}_{at}", kind) for at in range(count) for name, kind in typed]
    declared = ", ".join(f"{name} {kind}" for name, kind in columns)
    con.execute(f"create or replace table wide ({declared})").fetchall()
    if rows:
        con.executemany(f"insert into wide values ({', '.join('?' * len(columns))})", rows)
    return tuple(name for name, _ in columns)


def differs(ours: RuleResult, theirs: gx.SecondOpinion) -> bool:
    if ours.expectation.kwargs.get("dataset") == "nowhere":
        return (ours.evaluated, ours.success, ours.observed) != (0, True, "数据集 nowhere 尚未治理")
    if ours.expectation.type in TABLE_TYPES:
        return ours.success != theirs.success
    counted = (ours.success, ours.rows, ours.missing, ours.unexpected)
    return counted != (theirs.success, theirs.rows, theirs.missing, theirs.unexpected)


def test_every_supported_type_is_compared() -> None:
    assert set(ARGUMENTS) | NOT_COMPARED == set(supported_types())
    assert {*ROW_TYPES, *UNIQUE_TYPES, *TABLE_TYPES, *REFERENCE_TYPES} == set(supported_types())


def test_random_tables_are_judged_as_great_expectations_judges_them(
    con: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    others: Path,
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
        theirs = {
            each.expectation_id: each
            for each in gx.second_opinion(con, table, suite, beside=others)
        }
        different += [
            (table, each, theirs[each.expectation.id])
            for each in report.results
            if differs(each, theirs[each.expectation.id])
        ]

    assert different == []


def test_a_thousand_random_tables_are_judged_as_great_expectations_judges_them(
    con: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    others: Path,
    dataset: Dataset,
    rule: Callable[..., Expectation],
) -> None:
    """Each table by two of the rules in turn, ten tables to a look: about half a minute."""
    chance = random.Random(2018)
    variants = cycle(
        (type_name, kwargs)
        for type_name, given in ARGUMENTS.items()
        if type_name not in TABLE_TYPES or not TABLE_TYPES[type_name].about_columns
        for kwargs in given
    )
    different, seen = [], Counter[str]()
    for _ in range(100):
        columns = side_by_side(con, chance, 10)
        suite: list[Expectation] = []
        for number in range(10):
            for type_name, kwargs in islice(variants, 2):
                mostly = 1.0 if type_name in TABLE_TYPES else chance.choice((0.3, 0.7, 1.0))
                called = f"{number}_{len(suite)}"
                about = renamed(kwargs, number)
                suite.append(
                    rule(
                        type_name,
                        called=called,
                        mostly=mostly,
                        on_fail=on_fail(type_name),
                        **about,
                    )
                )
                seen[type_name] += 1
        planned = plan(suite)
        model = "select *, row_number() over () as _row from wide"
        standardise(con, model, columns, planned, tmp_path / "flagged.parquet")
        report = judge(con, tmp_path / "flagged.parquet", dataset, planned)
        theirs = {
            each.expectation_id: each
            for each in gx.second_opinion(con, "wide", suite, beside=others)
        }
        different += [
            (each, theirs[each.expectation.id])
            for each in report.results
            if differs(each, theirs[each.expectation.id])
        ]

    assert different == []
    assert min(seen.values()) >= 20


def test_every_argument_we_take_is_one_great_expectations_has() -> None:
    from great_expectations.expectations.registry import get_expectation_impl

    gx.register()
    taken = {name: argument_names(name) for name in supported_types()}
    theirs = {name: get_expectation_impl(name).__fields__ for name in supported_types()}

    assert {name: allowed - set(theirs[name]) for name, (_, allowed) in taken.items()} == {
        name: set() for name in taken
    }
    for name, (needed, _) in taken.items():
        assert {each for each, field in theirs[name].items() if field.required} <= needed, name


def test_at_least_thirty_five_of_great_expectations_own_types_are_compiled() -> None:
    from great_expectations.expectations import core

    own = [each for each in supported_types() if hasattr(core, class_name(each))]

    assert len(own) >= 35


def class_name(type_name: str) -> str:
    return "".join(part.title() for part in type_name.split("_"))


def argument_names(type_name: str) -> tuple[set[str], set[str]]:
    """What a type needs, and all it takes."""
    if given := {**UNIQUE_TYPES, **REFERENCE_TYPES}.get(type_name):
        needs, allows = given
    else:
        known = ROW_TYPES.get(type_name) or TABLE_TYPES[type_name]
        needs, allows = known.needs, known.allows
    return set(needs), set(needs | allows)


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
