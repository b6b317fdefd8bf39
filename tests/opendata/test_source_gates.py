from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opendata.agreement import Agreement
from opendata.catalog import Dataset
from opendata.gates import claimed_twice
from opendata.regime import load_regime
from opendata.sourcing import Dispute
from opendata.vocabulary import OnConflict
from tests.opendata.test_gates import PERMITS, judged, refused, rules

REGISTER = replace(PERMITS, id="register", title="登记信息")


def agreement(policy: OnConflict, **changes: object) -> Agreement:
    given: dict[str, object] = {"field": "permit_no", "element": "permit_no", "agree": 9}
    given |= {"authority": "register.permit_no", "policy": policy}
    return Agreement(**given | changes)  # type: ignore[arg-type]


def test_src01_refuses_what_blocks_and_differs_with_body_and_count() -> None:
    said = refused(
        "SRC-01",
        others=(REGISTER,),
        agreements=(agreement(OnConflict.BLOCK, differ=1212),),
    )

    assert "数据项许可证号的数源单位为市市场监督管理局" in said.text
    assert "1,212条与数源不一致" in said.text


@pytest.mark.parametrize("policy", [OnConflict.REPORT, OnConflict.AUTHORITY_WINS])
def test_src01_a_difference_that_is_reported_or_replaced_passes(policy: OnConflict) -> None:
    assert rules(others=(REGISTER,), agreements=(agreement(policy, differ=3),)) == []


@pytest.mark.parametrize("policy", [OnConflict.BLOCK, OnConflict.AUTHORITY_WINS])
def test_src01_what_could_not_be_compared_waits_where_it_matters(policy: OnConflict) -> None:
    unverified = agreement(policy, agree=0, unverified="数源数据尚未治理")

    said = refused("SRC-01", others=(REGISTER,), agreements=(unverified,))

    assert said.text.endswith("尚未与数源核对：数源数据尚未治理。")


def test_src01_what_is_only_reported_does_not_wait_for_its_source() -> None:
    unverified = agreement(OnConflict.REPORT, agree=0, unverified="数源数据尚未治理")

    assert rules(others=(REGISTER,), agreements=(unverified,)) == []


@pytest.mark.parametrize("regime", ["guangxi-open", "guangzhou-open-2022"])
def test_src01_is_a_local_rule_where_the_text_has_no_such_principle(regime: str) -> None:
    (said,) = judged(
        regimes=(regime,),
        others=(REGISTER,),
        agreements=(agreement(OnConflict.BLOCK, differ=1),),
    ).refusals

    assert (said.clauses, said.tag[:5]) == ((), "〔本市规则")


def dispute(*parties: str) -> Dispute:
    at = datetime(2026, 2, 3, tzinfo=UTC)
    return Dispute(element="permit_no", parties=parties, at=at, actor="甲", reason="异议")


def with_element(dataset: Dataset) -> dict[str, object]:
    return {"dataset": dataset, "regimes": ("chongqing-open",)}


def test_src05_a_disputed_source_opens_no_new_version() -> None:
    said = refused("SRC-05", **with_element(PERMITS), disputes=(dispute("permits.permit_no"),))

    assert said.text.startswith("开放主体存在争议：数据元许可证号的数源于2026-02-03起有争议")
    assert said.quote == "仍协商不成的，报本级人民政府决定"
    assert "争议各方协商→市大数据应用发展管理主管部门组织协商→报本级人民政府决定" in said.remedy


def test_src05_a_dispute_between_others_is_no_concern_of_this_one() -> None:
    assert rules(disputes=(dispute("register.permit_no"),), others=(REGISTER,)) == []


def test_src05_the_lead_body_publishes() -> None:
    led = replace(PERMITS, lead_body="office")

    assert refused("SRC-05", dataset=led).text.endswith("牵头的数据开放主体为市府办。")


def test_src01_a_second_claim_is_refused_with_both_bodies_and_the_way_out() -> None:
    said = claimed_twice(
        load_regime(("chongqing-open",)), element="企业名称", body="市监局", rival="卫健委"
    )

    assert (
        said.text
        == "不符合“一数一源”：数据元企业名称的数源单位为市监局，卫健委仅可用于校核，不得另行认领。"
    )
    assert "报本级人民政府决定（《重庆市公共数据开放管理办法（题名待核实）》第十五条" in said.remedy
