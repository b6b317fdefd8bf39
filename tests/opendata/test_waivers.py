from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from opendata.catalog import Dataset
from opendata.gate_texts import Override, gate_texts
from opendata.waivers import LIFTED_OTHERWISE, Waiver
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
