"""A second opinion: what agrees, what differs, what cannot be compared, and never a value."""

import dataclasses
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from opendata.findings import Expectation, QualityReport, RuleResult
from quality import gx_worker
from quality.gx.opinion import SecondOpinion
from quality.gx_apart import ask
from quality.suite_json import to_suite_json
from quality.verify import Compared, Comparison, comparable, compare

if TYPE_CHECKING:
    from tests.quality.conftest import Bench

Row = Callable[..., tuple[str | None, ...]]
PLANTED = "19912345678"


def same(ours: RuleResult) -> SecondOpinion:
    """The very opinion we have."""
    return SecondOpinion(
        expectation_id=ours.expectation.id,
        success=ours.success,
        rows=ours.rows,
        missing=ours.missing,
        unexpected=ours.unexpected,
    )


@pytest.fixture
def report(bench: "Bench", row: Row) -> QualityReport:
    """Two casts that fail, one name missing."""
    return bench.report([row(), row(capital="一百万", name=None), row(opened="2020-13-01")])


def opinions(report: QualityReport) -> dict[str, SecondOpinion]:
    return {each.expectation.id: same(each) for each in comparable(report)}


def found(compared: tuple[Compared, ...], name: str) -> Compared:
    return next(each for each in compared if each.ours.expectation.id == name)


def test_equal_opinions_agree_and_a_type_is_named_as_not_compared(report: QualityReport) -> None:
    compared = compare(report, opinions(report), ())

    assert all(each.agrees for each in compared)
    assert {
        each.ours.expectation.id
        for each in compared
        if each.comparison is Comparison.NOT_COMPARED and "来源文本" in each.why
    } == {"capital_type", "opened_type"}
    assert len(compared) == len(report.results)


@pytest.mark.parametrize("count", ["success", "rows", "missing", "unexpected"])
def test_one_count_off_is_a_difference(report: QualityReport, count: str) -> None:
    theirs = opinions(report)
    known = theirs["mobile_valid_mobile"]
    changed = not known.success if count == "success" else getattr(known, count) + 1
    replaced: Any = {count: changed}
    theirs["mobile_valid_mobile"] = dataclasses.replace(known, **replaced)

    compared = compare(report, theirs, ())

    assert [each.ours.expectation.id for each in compared if not each.agrees] == [
        "mobile_valid_mobile"
    ]


def test_a_rule_it_crashed_in_or_left_out_never_agrees(report: QualityReport) -> None:
    theirs = opinions(report)
    del theirs["code_format"], theirs["uscc_unique"]

    compared = compare(report, theirs, ("code_format",))

    assert found(compared, "code_format").why == "GX 评估时出错"
    assert found(compared, "uscc_unique").why == "GX 没有给出结果"
    assert not any(found(compared, each).agrees for each in ("code_format", "uscc_unique"))


def test_failed_casts_explain_exactly_their_own_number_of_missing_values(
    bench: "Bench", rule: Callable[..., Expectation]
) -> None:
    of_type = rule("expect_column_values_to_be_of_type", called="t", column="x", type_="int64")
    filled = rule("expect_column_values_to_not_be_null", called="n", column="x")
    ours = (
        RuleResult(expectation=of_type, rows=9, missing=1, unexpected=2, success=False),
        RuleResult(expectation=filled, rows=9, missing=0, unexpected=1, success=False),
    )
    of_two = dataclasses.replace(bench.report([]), results=ours)

    def comparison(unexpected: int) -> Comparison:
        theirs = dataclasses.replace(same(ours[1]), unexpected=unexpected)
        return found(compare(of_two, {"n": theirs}, ()), "n").comparison

    assert comparison(3) is Comparison.SAME_BUT_FOR_CASTS
    assert comparison(1) is Comparison.DIFFERS
    assert comparison(4) is Comparison.DIFFERS


def test_the_process_tells_crashes_without_a_value_and_serves_the_next_order(
    bench: "Bench", row: Row, rule: Callable[..., Expectation]
) -> None:
    bench.report([row(mobile=PLANTED), row(mobile="x" + PLANTED)])
    impossible = rule("expect_column_values_to_be_between", column="mobile", min_value=1)
    good = rule("expect_column_values_to_be_valid_mobile", column="mobile")
    order = {
        "job": "judge",
        "flagged": str(bench.flagged),
        "suite": to_suite_json("enterprises", [impossible, good]),
        "fields": ["uscc"],
        "scratch": str(bench.folder),
    }

    answers = ask([{**order, "flagged": f"{bench.folder}/{PLANTED}.parquet"}, order])

    assert answers[0]["crash"] == "IOException"
    assert "gx_worker.py" in answers[0]["where"]
    assert answers[1]["crashed"] == ["expect_column_values_to_be_between"]
    assert [each["unexpected"] for each in answers[1]["opinions"]] == [1]
    assert PLANTED not in json.dumps(answers)


def test_a_process_that_dies_has_no_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    assert ask([{"job": "judge"}]) == ({"crash": "ProcessDied", "where": "exit code 1"},)


def test_the_process_knows_the_jobs_it_is_given() -> None:
    assert set(gx_worker.JOBS) == {"judge", "check", "docs"}
