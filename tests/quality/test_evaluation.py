"""A suite over a Parquet file as it lies: the same counts as a passage, and nothing written."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata.errors import CatalogError, ModelError
from opendata.findings import Expectation, RuleResult
from opendata.vocabulary import Dimension, OnFail, Severity
from quality.evaluation import evaluate
from quality.judge import count_flags, rule_results
from quality.plan import plan
from quality.suite import expectations_for
from tests.quality.conftest import CASTS, CATALOG, DATASET

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.quality.conftest import Bench

OF_TYPE = "expect_column_values_to_be_of_type"


def rule(type_name: str, mostly: float = 1.0, **kwargs: Any) -> Expectation:
    return Expectation(
        id="tried",
        type=type_name,
        kwargs=kwargs,
        dimension=Dimension.ACCURACY,
        indicator="0301",
        description="试算的规则",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
        mostly=mostly,
    )


def written(folder: Path, select: str) -> Path:
    path = folder / "table.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy ({select}) to '{path}' (format parquet)").fetchall()
    return path


def tried(table: Path, *rules: Expectation) -> tuple[RuleResult, ...]:
    with duckdb.connect() as con:
        return evaluate(con, table, plan(rules))


def counts(result: RuleResult) -> tuple[bool, int, int, int, str | None]:
    return result.success, result.rows, result.missing, result.unexpected, result.observed


CELLS = (
    st.sampled_from(["91350100M000100Y43", "91350100M000100Y44", "", None]),
    st.sampled_from(["甲公司", None]),
    st.sampled_from(["610102", "610199", None]),
    st.sampled_from(["1.00", "-1.00", None]),
    st.sampled_from(["2020-01-02", "0202-01-01", None]),
    st.sampled_from(["13800138000", "12800138000", None]),
    st.sampled_from(["AB0001", "ab0001", None]),
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(*CELLS), max_size=12))
def test_a_trial_counts_what_a_passage_counts(
    opened_bench: "Callable[[], AbstractContextManager[Bench]]", rows: list[tuple[str | None, ...]]
) -> None:
    with opened_bench() as bench:
        suite = plan(expectations_for(DATASET, CATALOG), casts=CASTS)
        flagged = bench.standardised(rows, suite=suite)
        judged = rule_results(bench.con, flagged, suite, count_flags(bench.con, flagged, suite))

        evaluated = evaluate(bench.con, flagged, plan(expectations_for(DATASET, CATALOG)))

    asked = [each.expectation.type != OF_TYPE for each in judged]
    assert [counts(each) for each, is_asked in zip(judged, asked, strict=True) if is_asked] == [
        counts(each) for each, is_asked in zip(evaluated, asked, strict=True) if is_asked
    ]


def test_every_row_of_a_shared_key_breaks_the_rule(tmp_path: Path) -> None:
    table = written(tmp_path, "select * from (values (1), (1), (2), (null)) t(id)")

    (result,) = tried(table, rule("expect_column_values_to_be_unique", column="id"))

    assert counts(result) == (False, 4, 1, 2, None)


def test_the_type_of_a_column_is_what_its_file_says(tmp_path: Path) -> None:
    table = written(tmp_path, "select 1 as n, 'x' as t union all select null, 'y'")

    number, text = tried(
        table,
        replace(rule(OF_TYPE, column="n", type_="int64"), id="number"),
        replace(rule(OF_TYPE, column="t", type_="int64"), id="text"),
    )

    assert counts(number) == (True, 2, 1, 0, None)
    assert counts(text) == (False, 2, 0, 2, None)


@pytest.mark.parametrize("rows", [0, 1, 2, 5, 10, 11])
def test_a_quantile_is_the_same_whether_its_rank_is_known_or_not(tmp_path: Path, rows: int) -> None:
    table = written(tmp_path, f"select (i * 7 % 11)::double as n from range({rows}) r(i)")
    shares = [0.0, 0.25, 0.5, 0.75, 1.0]
    ordered = sorted(float(i * 7 % 11) for i in range(rows))
    nearest = [ordered[round(each * (rows - 1))] if rows else 0.0 for each in shares]
    exact = {"quantiles": shares, "value_ranges": [[each, each] for each in nearest]}

    (result,) = tried(
        table,
        rule("expect_column_quantile_values_to_be_between", column="n", quantile_ranges=exact),
    )

    assert result.observed == f"{5 if rows else 0}/5 个分位数在范围内"


def test_a_column_the_file_does_not_have_is_named(tmp_path: Path) -> None:
    table = written(tmp_path, "select 1 as n")

    with pytest.raises(CatalogError, match="tried: the file has no column 'name'; it has n"):
        tried(table, rule("expect_column_values_to_not_be_null", column="name"))


def test_a_column_asked_to_exist_is_a_question_and_no_mistake(tmp_path: Path) -> None:
    table = written(tmp_path, "select 1 as n")

    (result,) = tried(table, rule("expect_column_to_exist", column="name"))

    assert not result.success


def test_a_rule_that_does_not_fit_the_values_shows_none_of_them(tmp_path: Path) -> None:
    table = written(tmp_path, "select '张三丰' as name")

    with pytest.raises(ModelError, match=r"table\.parquet cannot be evaluated") as refused:
        tried(table, rule("expect_column_values_to_be_between", column="name", min_value=1))

    assert "张三丰" not in str(refused.value)
