"""Rules left to Great Expectations itself: counted, named as its own, never guessed."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from opendata.errors import RuleError
from opendata.findings import Expectation, RuleResult
from opendata.vocabulary import OnFail
from quality.evaluation import evaluate
from quality.gx_rules import wrong_for_gx
from quality.gx_types import GX_TYPES
from quality.judge import count_flags, rule_results
from quality.plan import plan
from quality.suite_json import gx_version

if TYPE_CHECKING:
    from tests.quality.conftest import Bench

Row = Callable[..., tuple[str | None, ...]]
Rule = Callable[..., Expectation]
STRFTIME = "expect_column_values_to_match_strftime_format"
SCHEMA = "expect_column_values_to_match_json_schema"
PLANTED = "19912345678"


def kept(rule: Rule, type_name: str, called: str, **given: Any) -> Expectation:
    return rule(type_name, called=called, on_fail=OnFail.KEEP_FLAG, **given)


def results(
    bench: "Bench", rows: Sequence[tuple[str | None, ...]], *rules: Expectation
) -> dict[str, RuleResult]:
    """How rules fare on rows; failed casts of the register are nobody's business here."""
    planned = plan(rules)
    flagged = bench.standardised(rows, suite=planned)
    counted = count_flags(bench.con, flagged, planned)
    found = rule_results(bench.con, flagged, planned, counted)
    return {each.expectation.id: each for each in found}


def counts(result: RuleResult) -> tuple[bool, int, int, int]:
    return result.success, result.rows, result.missing, result.unexpected


@pytest.fixture
def unstartable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process can be started."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", refuse)


def test_great_expectations_counts_what_no_sql_of_ours_says(
    bench: "Bench", row: Row, rule: Rule
) -> None:
    rows = [
        row(code="20240131", capital="1", opened="2020-01-01", name="{}"),
        row(code="20240230", capital="3", opened="2020-01-03", name="{,}", uscc=None),
        row(code=None, capital=None, opened="2020-01-02", name=None, mobile=None),
        row(code="20240301", capital="2", opened="2020-01-04", name='{"a": 1}'),
        row(code="20240302", capital="900", opened=None, name="[]"),
    ]
    bins = {"bins": [0, 100, 1000], "weights": [0.75, 0.25]}

    found = results(
        bench,
        rows,
        kept(rule, STRFTIME, "months", column="code", strftime_format="%Y%m%d"),
        kept(rule, STRFTIME, "mostly", column="code", strftime_format="%Y%m%d", mostly=0.7),
        kept(rule, STRFTIME, "eights", column="code", strftime_format="%Y%m%d", mostly=0.8),
        kept(rule, "expect_column_values_to_be_dateutil_parseable", "dates", column="name"),
        kept(rule, "expect_column_values_to_be_json_parseable", "json", column="name"),
        kept(rule, "expect_column_values_to_be_increasing", "up", column="capital"),
        kept(rule, "expect_column_values_to_be_increasing", "days", column="opened"),
        kept(
            rule,
            "expect_column_values_to_be_decreasing",
            "down",
            column="capital",
            strictly=True,
        ),
        kept(
            rule,
            "expect_column_value_z_scores_to_be_less_than",
            "z",
            column="capital",
            threshold=1,
            double_sided=True,
        ),
        kept(
            rule,
            "expect_column_values_to_not_be_outliers",
            "outliers",
            column="capital",
            method="std",
            multiplier=1,
        ),
        kept(rule, "expect_multicolumn_values_to_be_equal", "equal", column_list=["uscc", "name"]),
        kept(
            rule,
            "expect_column_kl_divergence_to_be_less_than",
            "near",
            column="capital",
            partition_object=bins,
            threshold=0.01,
        ),
        kept(rule, "expect_column_type_to_be", "type", column="opened", type_="int64"),
        kept(
            rule,
            "expect_column_values_to_be_in_type_list",
            "types",
            column="capital",
            type_list=["int64", "float64"],
        ),
        kept(rule, "expect_column_values_to_not_be_null", "ours", column="name"),
    )

    assert {name: counts(each) for name, each in found.items()} == {
        "months": (False, 5, 1, 1),
        "mostly": (True, 5, 1, 1),
        "eights": (False, 5, 1, 1),
        "dates": (False, 5, 1, 4),
        "json": (False, 5, 1, 1),
        "up": (False, 5, 1, 1),
        "days": (False, 5, 1, 1),
        "down": (False, 5, 1, 2),
        "z": (False, 5, 1, 1),
        "outliers": (False, 5, 1, 1),
        "equal": (False, 5, 0, 5),
        "near": (True, 1, 0, 0),
        "type": (False, 1, 0, 1),
        "types": (True, 1, 0, 0),
        "ours": (False, 5, 0, 1),
    }
    assert {each.expectation.type for each in found.values()} >= set(GX_TYPES) - {SCHEMA}
    assert found["type"].observed == "datetime64[ns]"
    assert found["near"].observed == "0.0"
    assert found["months"].told == f"规则（由 Great Expectations {gx_version()} 评估）"
    assert found["ours"].told == "规则"


def test_a_suite_that_is_only_tried_is_left_to_it_likewise(
    bench: "Bench", row: Row, rule: Rule
) -> None:
    filled = kept(rule, "expect_column_values_to_not_be_null", "ours", column="name")
    dated = kept(rule, STRFTIME, "months", column="code", strftime_format="%Y%m%d")
    planned = plan([dated, filled])
    table = bench.standardised([row(code="20240131"), row(code="20240230")], suite=planned)

    months, ours = evaluate(bench.con, table, planned)

    assert counts(months) == (False, 2, 0, 1)
    assert (months.judged_by, ours.judged_by) == (f"Great Expectations {gx_version()}", None)


def test_a_rule_great_expectations_crashes_in_is_neither_met_nor_broken(
    bench: "Bench", row: Row, rule: Rule
) -> None:
    rows = [row(code="{}", name="{}"), row(code=PLANTED + "x", name='{"a": "b"}')]
    of_object = {"type": "object", "additionalProperties": False}

    with pytest.raises(RuleError) as caught:
        results(
            bench,
            rows,
            kept(rule, SCHEMA, "not_json", column="code", json_schema=of_object),
            kept(rule, SCHEMA, "json", column="name", json_schema=of_object),
        )

    assert "the rule not_json (expect_column_values_to_match_json_schema)" in str(caught.value)
    assert "“规则”（not_json）由 Great Expectations 评估时出错" in caught.value.reason
    assert "（json）" not in caught.value.reason
    assert PLANTED not in str(caught.value) + caught.value.reason
    found = results(bench, rows, kept(rule, SCHEMA, "json", column="name", json_schema=of_object))
    assert counts(found["json"]) == (False, 2, 0, 1)


def test_a_process_that_dies_judges_nothing(
    bench: "Bench", row: Row, rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    rules = [
        kept(rule, STRFTIME, f"rule_{number}", column="code", strftime_format="%Y")
        for number in range(7)
    ]

    with pytest.raises(RuleError, match=r"crashed \(ProcessDied at exit code 1\)") as caught:
        results(bench, [row()], *rules)

    assert "rule_4 (" in str(caught.value)
    assert "and 2 more" in str(caught.value)
    assert "等7条规则" in caught.value.reason


@pytest.mark.usefixtures("unstartable")
def test_a_suite_without_such_a_rule_starts_no_process(
    bench: "Bench", row: Row, rule: Rule
) -> None:
    ours = kept(rule, "expect_column_values_to_not_be_null", "ours", column="name")

    assert counts(results(bench, [row()], ours)["ours"]) == (True, 1, 0, 0)
    assert list(wrong_for_gx([])) == []


def test_no_answer_holds_a_value(
    bench: "Bench", row: Row, rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    really = subprocess.run

    def listening(*arguments: Any, **options: Any) -> Any:
        done = really(*arguments, **options)
        heard.append(done.stdout)
        return done

    monkeypatch.setattr(subprocess, "run", listening)
    weighed = {"values": ["甲公司", PLANTED], "weights": [0.5, 0.5]}
    results(
        bench,
        [row(code=PLANTED), row(code="甲公司"), row(code="77公司")],
        kept(rule, STRFTIME, "months", column="code", strftime_format="%Y%m%d"),
        kept(rule, "expect_multicolumn_values_to_be_equal", "equal", column_list=["uscc", "code"]),
        kept(
            rule,
            "expect_column_kl_divergence_to_be_less_than",
            "near",
            column="code",
            partition_object=weighed,
            threshold=0.1,
        ),
    )

    (answer,) = map(json.loads, heard)
    assert len(answer["opinions"]) == 3
    shown = json.dumps(answer, ensure_ascii=False)
    assert [
        each for each in (PLANTED, "甲公司", "77公司", "91350100M000100Y43") if each in shown
    ] == []
