"""DES-02: what was measured must be enough, and what was not measured is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from opendata.case import Case
from opendata.catalog import ReleasePlan, SmallCell
from opendata.findings import Diversity, Refusal, Risk
from opendata.gates import review
from opendata.linkage import Assessment, Link, Linkage, finding_fingerprint
from opendata.linkage_words import evidence, linkage_sentences
from opendata.pages.risk_words import risk_sentences
from opendata.regime import load_regime
from opendata.settings import Platform, Settings
from opendata.vocabulary import DeploymentRole, FieldType, Role
from tests.support import a_candidate, a_catalog, a_dataset, a_field

TODAY = date(2026, 3, 2)
XIAN, CHONGQING, GUANGXI = ("xian-open-2022",), ("chongqing-open",), ("guangxi-open",)
OPEN = "数据汇聚、关联可能产生涉敏、涉密数据，安全评估未完成"
HOME = Settings(
    city="云州市",
    regimes=XIAN,
    deployment_role=DeploymentRole.OPENER_UPSTREAM,
    platform=Platform(name="市开放平台"),
)
CASES = a_dataset(
    fields=(
        a_field("month", title="月份", role=Role.QUASI),
        a_field("disease", title="病种", role=Role.SENSITIVE),
        a_field("cases", title="病例数", type=FieldType.INTEGER),
    )
)
VARIED = Diversity(field="disease", distinct=3, entropy=2.4, distance=0.2)
LARGE = Risk(
    quasi_identifiers=("month",), k=9, required_k=5, rows=98, classes=4, diversity=(VARIED,)
)
CELLS = SmallCell(count="cases", groups=("month",))


LINKED = Link(
    dataset="enterprise_register",
    other="aid",
    keys=(("month", "month", "原值"),),
    rows=98,
    other_rows=500,
    unique=40,
    other_unique=60,
    linked=30,
    small=31,
    k=1,
    required_k=5,
    singled_out=3,
    attached=("name",),
    given=("disease",),
)


def a_case(regimes: tuple[str, ...] = XIAN, **candidate: Any) -> Case:
    given = {"columns": ("month", "disease", "cases"), "risk": LARGE} | candidate
    return Case(
        dataset=CASES,
        catalog=a_catalog(CASES),
        regime=load_regime(regimes),
        settings=HOME,
        as_of=TODAY,
        candidate=a_candidate(**given),
    )


def refusals(case: Case, rule: str) -> list[Refusal]:
    return [each for each in review(case).refusals if each.rule == rule]


def said(risk: Risk | None, **plan: object) -> list[Refusal]:
    dataset = replace(CASES, release=ReleasePlan(**plan))  # type: ignore[arg-type]
    return refusals(replace(a_case(risk=risk), dataset=dataset), "DES-02")


def of_linkage(case: Case) -> list[tuple[str, str]]:
    return [(each.text.split("：")[0], each.clause) for each in refusals(case, "RSK-03")]


def an_assessment(**changes: Any) -> Assessment:
    given: dict[str, Any] = {
        "dataset_id": CASES.id,
        "covers": (finding_fingerprint(CASES, LINKED),),
        "by": "王某",
        "role": "组长",
        "reason": "可以接受",
        "until": TODAY,
        "at": datetime(2026, 3, 1, tzinfo=UTC),
        "actor": "clerk",
    }
    return Assessment(**given | changes)


def test_large_and_varied_groups_pass() -> None:
    assert said(LARGE) == []


@pytest.mark.parametrize(
    ("risk", "plan", "text"),
    [
        (
            replace(LARGE, diversity=(replace(VARIED, distinct=1),)),
            {},
            "脱敏后有同类组的“病种”仅1种取值（要求不少于2种），知道某人在该组即知其“病种”。",
        ),
        (
            LARGE,
            {"l": 4},
            "脱敏后有同类组的“病种”仅3种取值（要求不少于4种），知道某人在该组即知其“病种”。",
        ),
        (
            LARGE,
            {"t": 0.15},
            "脱敏后有同类组的“病种”分布与全部数据相差0.20（要求不超过0.15），组内人员的“病种”易被推断。",
        ),
        (
            replace(LARGE, diversity=()),
            {},
            "敏感属性病种在同类组内的取值未经测量，不能判断是否可被推断。",
        ),
        (
            replace(LARGE, suppressed_rows=2),
            {"max_suppression": 0.01},
            "为达到最小同类组，删去了2%的记录（上限1%），开放数据已不能代表原数据。",
        ),
        (
            replace(LARGE, small_cells=3),
            {"small_cell": CELLS},
            "“病例数”中有3个小于11的计数仍可见，或者可由合计减出，可能识别特定个人。",
        ),
        (
            LARGE,
            {"small_cell": CELLS},
            "“病例数”中小于11的计数未经检查，不能判断是否仍可识别特定个人。",
        ),
    ],
    ids=["alike", "more_asked", "skewed", "undiversified", "suppressed", "cells", "uncounted"],
)
def test_what_is_not_enough_is_refused_in_words(
    risk: Risk, plan: dict[str, object], text: str
) -> None:
    refusals = said(risk, **plan)

    assert [each.text for each in refusals] == [text]
    assert refusals[0].remedy
    assert refusals[0].clauses == ("xian-open-2022/35.3",)


def test_weakening_the_plan_lets_pass_only_what_it_says() -> None:
    alike = replace(LARGE, diversity=(replace(VARIED, distinct=1),))

    assert said(alike, l=1) == []
    assert said(replace(alike, k=2), l=1) != []


def test_nothing_measured_is_refused_for_every_reason_there_is() -> None:
    assert len(said(None, small_cell=CELLS)) == 3


def test_the_page_says_what_the_figures_mean() -> None:
    dataset = replace(CASES, release=ReleasePlan(max_suppression=0.05, small_cell=CELLS))
    risk = replace(LARGE, small_rows=0, suppressed_rows=2, small_cells=0, hidden_cells=4)

    assert risk_sentences(dataset, risk) == (
        "按登记的准标识符（月份），脱敏后最小同类组9条（要求不少于5条）：知道某人这些情况的人，"
        "至少面对9条相同的记录，无法断定哪一条是他。",
        "为此删去<5条（2%，上限5%）。",
        "敏感属性“病种”：每个同类组至少3种取值（要求不少于2种；按熵折算2.4种），"
        "与全部数据的分布最多相差0.20（0为相同，1为完全不同）：只知道某人在哪一组，"
        "不能断定他的“病种”。",
        "“病例数”小于11的计数不公布：连同防止由合计减出的计数，共置空4个。",
    )


def test_the_page_warns_where_a_group_tells_its_value() -> None:
    alike = replace(LARGE, small_rows=4, diversity=(replace(VARIED, distinct=1),))

    first, second = risk_sentences(CASES, alike)

    assert "4.08%的记录在不足5条的同类组中" in first
    assert second.endswith("知道某人在该组即知其“病种”。")


# --- RSK-03: linkage


@pytest.mark.parametrize(
    ("regimes", "clause"),
    [
        (XIAN, "xian-open-2022/32.4"),
        (CHONGQING, "chongqing-open/37.4"),
        (GUANGXI, "guangxi-open/31"),
    ],
    ids=["xian", "chongqing", "guangxi"],
)
def test_a_join_that_singles_out_is_refused_until_it_is_assessed(
    regimes: tuple[str, ...], clause: str
) -> None:
    found = Linkage(links=(LINKED,))

    assert of_linkage(a_case(regimes, linkage=found)) == [(OPEN, clause)]
    assert (
        of_linkage(a_case(regimes, linkage=Linkage(links=(replace(LINKED, singled_out=0),)))) == []
    )


@pytest.mark.parametrize(
    ("regimes", "opinion", "passes"),
    [
        (XIAN, None, False),
        (XIAN, "〔2026〕7号", True),
        (CHONGQING, None, True),
        (GUANGXI, None, True),
    ],
    ids=["xian_without", "xian_with", "chongqing", "guangxi"],
)
def test_only_xian_must_ask_the_committee(
    regimes: tuple[str, ...], opinion: str | None, *, passes: bool
) -> None:
    case = a_case(regimes, linkage=Linkage(links=(LINKED,)))

    found = of_linkage(replace(case, assessments=(an_assessment(opinion=opinion),)))

    assert found == (
        [] if passes else [("数据汇聚、关联的安全评估未附专家委员会意见", "xian-open-2022/32.4")]
    )


@pytest.mark.parametrize(
    "given",
    [
        an_assessment(until=TODAY - timedelta(days=1)),
        an_assessment(covers=("f",)),
        an_assessment(covers=(finding_fingerprint(CASES, replace(LINKED, attached=("id",))),)),
    ],
    ids=["over", "another", "of_other_fields"],
)
def test_an_assessment_of_something_else_covers_nothing(given: Assessment) -> None:
    case = a_case(CHONGQING, linkage=Linkage(links=(LINKED,)))

    assert of_linkage(replace(case, assessments=(given,))) == [(OPEN, "chongqing-open/37.4")]


def test_an_assessment_holds_while_only_the_counts_change_and_from_either_side() -> None:
    grown = replace(LINKED, linked=90, rows=200, k=2)
    turned = replace(
        LINKED, dataset="aid", other=CASES.id, attached=LINKED.given, given=LINKED.attached
    )

    assert {finding_fingerprint(CASES, each) for each in (LINKED, grown, turned)} == {
        finding_fingerprint(CASES, LINKED)
    }


def test_names_are_never_assessed_away() -> None:
    named = replace(LINKED, naming=True)
    case = a_case(linkage=Linkage(links=(named,)))
    covering = an_assessment(covers=(finding_fingerprint(CASES, named),), opinion="7号")

    assert of_linkage(replace(case, assessments=(covering,))) == [
        ("与已开放的数据关联可以指名识别特定个人", "xian-open-2022/32.4")
    ]


def test_what_was_not_compared_is_refused_where_people_are_in_it() -> None:
    assert len(refusals(a_case(linkage=None), "RSK-03")) == 1
    plain = a_dataset(fields=(a_field("name"),))
    assert refusals(replace(a_case(linkage=None), dataset=plain), "RSK-03") == []


def test_the_draft_for_the_committee_cites_the_clause_and_owns_its_limits() -> None:
    case = a_case(XIAN)
    draft = dict(evidence(case.catalog, case.regime, LINKED))

    assert next(iter(draft)) == "事项"
    assert "第三十二条" in draft["依据"]
    assert "应当征求专家委员会意见" in draft["依据"]
    assert "<5条合并后的同类组不足5条" in draft["测算结果"]
    assert "样本中唯一不等于人口中唯一" in draft["测算的局限"]


def test_the_page_says_that_nothing_was_found_among_how_many() -> None:
    assert linkage_sentences(a_catalog(CASES), Linkage(compared=4)) == (
        "与已开放的4个涉及个人的数据集及上一版本比对，未发现关联风险。",
    )
    assert linkage_sentences(a_catalog(CASES), None) == ()
