from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from opendata.catalog import Dataset
from opendata.findings import Expectation
from opendata.gate_texts import Override, gate_texts
from opendata.vocabulary import Dimension, OnFail, Severity
from opendata.waivers import LIFTED_OTHERWISE, Waiver, rule_fingerprint, waived_rules
from tests.opendata.test_gates import PERMITS, TODAY, judged

PATHS = ("credit.grade -> permits.grade",)
CHONGQING = ("chongqing-open",)


def waiver(dataset: Dataset = PERMITS, **changes: Any) -> Waiver:
    """A waiver of what SRC-02 says of derived data in this dataset."""
    (refused,) = judged(dataset=dataset, regimes=CHONGQING, shared_paths=PATHS).refusals
    given: dict[str, Any] = {
        "dataset_id": dataset.id,
        "gate": "SRC-02",
        "fingerprint": refused.waivable,
        "by": "王某",
        "role": "数据主管",
        "reason": "已取得书面同意",
        "until": TODAY,
        "at": datetime(2026, 1, 5, tzinfo=UTC),
        "actor": "root",
        "consent": "税函〔2026〕3号",
    }
    return Waiver(**given | changes)


def test_a_waived_refusal_is_a_warning_that_names_who_let_it_pass() -> None:
    verdict = judged(regimes=CHONGQING, shared_paths=PATHS, waivers=(waiver(),))

    assert verdict.refusals == ()
    told = next(each for each in verdict.warnings if each.rule == "SRC-02")
    assert told.text.endswith(
        "已作例外处理（经批准）：王某（数据主管）批准，依据税函〔2026〕3号，至2026-03-02。"
    )


@pytest.mark.parametrize(
    ("dataset", "paths", "changes"),
    [
        (PERMITS, PATHS, {"until": date(2026, 3, 1)}),
        (PERMITS, PATHS, {"gate": "QUA-02"}),
        (PERMITS, ("credit.score -> permits.grade",), {}),
        (replace(PERMITS, model="select 1"), PATHS, {}),
        (replace(PERMITS, fields=PERMITS.fields[:1]), PATHS, {}),
    ],
    ids=["term_over", "other_gate", "other_path", "other_model", "other_fields"],
)
def test_a_waiver_holds_for_what_was_approved_and_its_term(
    dataset: Dataset, paths: tuple[str, ...], changes: dict[str, Any]
) -> None:
    given = waiver(**changes)
    verdict = judged(dataset=dataset, regimes=CHONGQING, shared_paths=paths, waivers=(given,))

    assert "SRC-02" in {each.rule for each in verdict.refusals}


def test_a_new_title_needs_no_new_waiver() -> None:
    renamed = replace(PERMITS, title="许可", summary="许可事项目录")
    verdict = judged(dataset=renamed, regimes=CHONGQING, shared_paths=PATHS, waivers=(waiver(),))

    assert verdict.refusals == ()


def test_where_the_text_bars_a_changed_form_there_is_nothing_to_waive() -> None:
    both = ("chongqing-open", "xian-share-2018")
    (refused,) = judged(regimes=both, shared_paths=PATHS).refusals

    assert refused.waivable == ""
    assert judged(regimes=both, shared_paths=PATHS, waivers=(waiver(),)).refusals == (refused,)


@pytest.mark.parametrize(
    ("gate", "regimes", "override"),
    [
        ("SRC-02/derived", ("chongqing-open",), Override.NAMED),
        ("SRC-02/derived", ("xian-share-2018",), Override.NEVER),
        ("SRC-02/derived", ("guangzhou-open-2022", "xian-share-2018"), Override.NEVER),
        ("SRC-02/derived", ("guangxi-open",), Override.NAMED),
        ("SRC-02", ("chongqing-open",), Override.NEVER),
        ("CLS-03", ("xian-open-2022",), Override.NAMED),
        ("CLS-03", ("xian-open-2022", "chongqing-open"), Override.NEVER),
    ],
)
def test_the_strictest_regulation_says_whether_anybody_may_waive(
    gate: str, regimes: tuple[str, ...], override: Override
) -> None:
    assert gate_texts()[gate].override_in(regimes) is override


def test_a_suspension_is_not_waived_but_restored() -> None:
    reader = replace(PERMITS, reads=("register",))
    register = replace(PERMITS, id="register")
    (refused,) = judged(dataset=reader, others=(register,), withheld={"register": "投诉"}).refusals

    assert refused.rule in LIFTED_OTHERWISE
    assert refused.waivable == ""


def rule(**changes: Any) -> Expectation:
    given: dict[str, Any] = {
        "id": "grade_in_code_table",
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "grade", "value_set": ["A"]},
        "dimension": Dimension.CONFORMITY,
        "indicator": "0105",
        "description": "“等级”应取自代码表",
        "severity": Severity.WARNING,
        "on_fail": OnFail.DROP,
        "mostly": 0.95,
    }
    return Expectation(**given | changes)


def rule_waiver(until: date = TODAY, *, at: int = 5) -> Waiver:
    return waiver(
        gate="grade_in_code_table",
        fingerprint=rule_fingerprint(PERMITS, rule()),
        until=until,
        at=datetime(2026, 1, at, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({"description": "改了说法"}, True),
        ({"kwargs": {"column": "grade", "value_set": ["A", "B"]}}, False),
        ({"mostly": 0.9}, False),
        ({"type": "expect_column_values_to_not_be_in_set"}, False),
        ({"on_fail": OnFail.BLOCK}, False),
    ],
)
def test_a_waiver_of_a_rule_holds_for_the_rule_as_it_was(
    changes: dict[str, Any], holds: bool
) -> None:
    found = waived_rules(PERMITS, [rule(**changes)], [rule_waiver()], TODAY)

    assert bool(found) is holds


def test_a_waiver_of_a_rule_is_for_one_dataset() -> None:
    other = replace(PERMITS, id="others")

    assert waived_rules(other, [rule()], [rule_waiver()], TODAY) == {}


def test_of_several_waivers_the_last_one_entered_says_when_it_ends() -> None:
    long, short = rule_waiver(date(2026, 12, 31), at=5), rule_waiver(date(2026, 2, 1), at=6)

    assert waived_rules(PERMITS, [rule()], [short, long], TODAY) == {}
    assert waived_rules(PERMITS, [rule()], [long], TODAY) == {long.gate: long}


def test_a_rule_on_types_is_not_waived_even_where_the_register_says_so() -> None:
    of_type = rule(type="expect_column_values_to_be_of_type", kwargs={"column": "grade"})
    given = waiver(gate=of_type.id, fingerprint=rule_fingerprint(PERMITS, of_type))

    assert waived_rules(PERMITS, [of_type], [given], TODAY) == {}
