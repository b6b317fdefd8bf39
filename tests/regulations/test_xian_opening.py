"""《西安市政务数据开放管理办法（征求意见稿）》, article by article: what the product makes of it.

One claim per article that binds an opener's release. Articles on organisation, users and liability
alone are quoted in docs/regulations.md and bind no gate.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from opendata.agreement import Agreement
from opendata.case import Candidate, Case
from opendata.catalog import Body, Catalog, Dataset, Field, Treatment
from opendata.findings import LeakFinding, Refusal, Risk
from opendata.gates import Review, review
from opendata.law import clause
from opendata.linkage import Difference, Linkage
from opendata.regime import load_regime
from opendata.settings import Platform, Settings
from opendata.vocabulary import (
    Acquired,
    Action,
    Basis,
    Channel,
    DeploymentRole,
    OnConflict,
    Openness,
    Punctuality,
    Role,
    Semantic,
    UpdateFrequency,
)
from tests.support import a_candidate, a_report

TODAY = date(2026, 3, 2)
REGIME = load_regime(("xian-open-2022",))
UNIFIED = Platform(name="西安市政务数据统一开放平台")
PHONE = Field(
    name="phone",
    title="联系电话",
    heading="联系电话",
    semantic=Semantic.MOBILE,
    role=Role.DIRECT,
    treatment=Treatment(action=Action.MASK, preset="手机号"),
)
SHOPS = Dataset(
    id="shops",
    title="商户信息",
    body="market",
    fields=(Field(name="name", title="商户名称", heading="商户名称"), PHONE),
    kind="结构化数据集",
    formats=("Parquet",),
    openness=Openness.UNCONDITIONAL,
    channels=(Channel.DOWNLOAD,),
    update_frequency=UpdateFrequency.MONTHLY,
    listed_on=date(2026, 1, 5),
)
CONDITIONAL = replace(SHOPS, openness=Openness.CONDITIONAL, channels=(Channel.API,))
READY = a_candidate(
    columns=("name", "phone"),
    treated={"name": Action.KEEP, "phone": Action.MASK},
    quality=a_report(dataset_id="shops", score=90.0),
    live_data_time=None,
)

DIFFERS = Agreement(
    field="name",
    element="enterprise_name",
    authority="shops.name",
    policy=OnConflict.BLOCK,
    agree=90,
    differ=3,
)


def judge(
    dataset: Dataset = SHOPS,
    candidate: Candidate | None = READY,
    *,
    platform: Platform = UNIFIED,
    withheld: Mapping[str, str] | None = None,
    others: tuple[Dataset, ...] = (),
    agreements: tuple[Agreement, ...] = (),
) -> Review:
    settings = Settings(
        city="西安市",
        regimes=REGIME.ids,
        deployment_role=DeploymentRole.OPENER_UPSTREAM,
        platform=platform,
    )
    bodies = (Body(id="market", title="市市场监督管理局"),)
    return review(
        Case(
            dataset=dataset,
            catalog=Catalog(bodies=bodies, datasets=(dataset, *others)),
            regime=REGIME,
            settings=settings,
            as_of=TODAY,
            withheld=withheld or {},
            agreements=agreements,
            candidate=candidate,
        )
    )


def only(verdict: Review) -> Refusal:
    assert len(verdict.refusals) == 1, verdict.refusals
    return verdict.refusals[0]


def articles(refusal: Refusal) -> set[int]:
    return {clause(each).article for each in refusal.clauses}


def test_an_entry_in_order_is_not_refused() -> None:
    assert judge().refusals == ()
    assert judge(CONDITIONAL).refusals == ()


def test_art02_state_secrets_stay_outside_and_are_for_now_left_to_people() -> None:
    assert REGIME.value("scope.secrets_excluded") == ("state_secret",)
    assert "SEC-01" in {each.rule for each in judge().pending}


def test_art09_the_elements_the_opener_fixes_are_part_of_those_the_catalogue_shows() -> None:
    assert "xian-open-2022/9.p2.b" in REGIME.rule("cat.fields").cites


def test_art09_the_security_assessment_is_encoded_and_for_now_left_to_people() -> None:
    assert REGIME.value("risk.pre_release") == "assessment"
    assert "RSK-01" in {each.rule for each in judge().pending}


def test_art13_data_goes_through_the_unified_platform() -> None:
    refusal = only(judge(platform=Platform(name="部门网站", unified=False)))

    assert (refusal.rule, refusal.basis) == ("REL-01", Basis.TEXT)
    assert articles(refusal) == {13}


def test_art17_what_cannot_be_recorded_is_not_opened() -> None:
    refusal = only(judge(candidate=replace(READY, recordable=False)))

    assert refusal.rule == "REC-01"
    assert articles(refusal) == {17, 32}


def test_art18_data_under_complaint_stays_shut_until_restored() -> None:
    refusal = only(judge(withheld={"shops": "投诉2026-7"}))

    assert refusal.rule == "REL-04"
    assert refusal.quote == "认为必要的，应当立即通过开放平台中止相关数据开放，同时进行核实"


def test_art18_related_data_built_from_it_stays_shut_too() -> None:
    source = replace(SHOPS, id="register", title="登记底册")
    derived = replace(SHOPS, reads=("register",))
    refusal = only(judge(derived, withheld={"register": "投诉2026-7"}, others=(source,)))

    assert (refusal.rule, refusal.basis) == ("REL-04", Basis.INFERRED)


def test_art18_names_the_three_measures_and_leaves_room_for_others() -> None:
    measures = REGIME.value("obj.outcomes")["xian-open-2022"]

    assert measures == ("withdraw_authorisation", "restore", "reprocess", "other")


def test_art19_not_open_data_is_never_released() -> None:
    shut = replace(SHOPS, openness=Openness.NOT_OPEN, basis="第十九条第一款")
    refusal = only(judge(shut))

    assert refusal.rule == "CLS-01"
    assert articles(refusal) == {19}


def test_art19_other_data_is_unconditional_by_default_yet_somebody_must_say_so() -> None:
    assert REGIME.value("class.default") == "unconditional"
    assert "CLS-02" in {each.rule for each in judge(replace(SHOPS, openness=None)).refusals}


def test_art20_what_is_not_in_the_catalogue_is_listed_first() -> None:
    refusal = only(judge(replace(SHOPS, listed_on=None)))

    assert (refusal.rule, refusal.basis) == ("CAT-01", Basis.TEXT)
    assert refusal.quote == "未列入政务数据开放目录的，应当先编入目录、再进行开放"


@pytest.mark.parametrize(
    ("lacking", "word"),
    [
        (replace(SHOPS, formats=()), "数据格式"),
        (replace(SHOPS, kind=None), "数据类型"),
        (replace(SHOPS, channels=()), "数据开放方式"),
        (replace(SHOPS, update_frequency=None), "数据更新频率"),
    ],
    ids=["format", "type", "method", "frequency"],
)
def test_art20_the_catalogue_shows_each_of_the_seven_elements(lacking: Dataset, word: str) -> None:
    refusal = only(judge(lacking))

    assert refusal.rule == "CAT-02"
    assert word in refusal.text
    assert articles(refusal) == {9, 20}


def test_art20_columns_outside_the_entry_are_held_back_as_a_local_rule() -> None:
    refusal = only(judge(candidate=replace(READY, columns=("name", "phone", "owner"))))

    assert (refusal.rule, refusal.basis) == ("CAT-05", Basis.LOCAL)


def test_art21_what_is_blocked_where_it_differs_from_its_source_waits() -> None:
    refusal = only(judge(agreements=(DIFFERS,)))

    assert REGIME.value("src.one_source") is True
    assert (refusal.rule, refusal.basis) == ("SRC-01", Basis.INFERRED)
    assert "数源单位为市市场监督管理局，本来源仅可用于校核" in refusal.text
    assert articles(refusal) == {21}


def test_art22_the_opener_answers_for_quality_and_the_bar_is_its_own() -> None:
    refusal = only(judge(candidate=replace(READY, quality=replace(READY.quality, score=40.0))))

    assert (refusal.rule, refusal.basis) == ("QUA-02", Basis.LOCAL)
    assert articles(refusal) == {22, 26}


def test_art23_conditional_data_is_never_a_download() -> None:
    refusal = only(judge(replace(CONDITIONAL, channels=(Channel.DOWNLOAD,))))

    assert (refusal.rule, refusal.basis) == ("REL-02", Basis.TEXT)
    assert refusal.citation == "《西安市政务数据开放管理办法（征求意见稿）》第二十三条"
    assert refusal.quote == "不得通过第一项方式开放有条件开放类政务数据"


@pytest.mark.parametrize("channel", list(Channel), ids=lambda each: each.code)
def test_art23_unconditional_data_may_use_all_three_ways(channel: Channel) -> None:
    assert judge(replace(SHOPS, channels=(channel,))).refusals == ()


@pytest.mark.parametrize("channel", [Channel.API, Channel.MODEL_RESULT], ids=lambda each: each.code)
def test_art23_conditional_data_may_use_the_other_two_ways(channel: Channel) -> None:
    assert judge(replace(CONDITIONAL, channels=(channel,))).refusals == ()


def test_art24_an_agreement_has_five_contents_and_is_filed() -> None:
    assert len(REGIME.value("agr.contents")) == 5
    assert REGIME.value("agr.authority_act") == "file"


def test_art25_opinions_are_answered_within_ten_working_days() -> None:
    assert REGIME.value("corr.sla") == "10wd"


def test_art26_identifying_data_is_desensitised_first() -> None:
    refusal = only(judge(candidate=replace(READY, treated={"phone": Action.KEEP})))

    assert (refusal.rule, refusal.basis) == ("DES-01", Basis.TEXT)
    assert articles(refusal) == {26, 35}


def test_art26_a_number_left_in_a_remark_is_found_and_refused() -> None:
    leak = LeakFinding(column="name", semantic="手机号码", count=2, digest="0", blocks=True)

    assert only(judge(candidate=replace(READY, leaks=(leak,)))).rule == "DES-01"


def test_art26_data_is_updated_at_the_frequency_the_catalogue_shows() -> None:
    late = replace(READY.freshness, punctuality=Punctuality.OVERDUE, overdue_days=30)
    verdict = judge(candidate=replace(READY, freshness=late))

    assert verdict.refusals == ()
    assert [each.rule for each in verdict.warnings] == ["QUA-04", "POL-01"]


def test_art26_an_update_never_turns_the_clock_back() -> None:
    older = replace(READY, live_data_time=date(2026, 3, 1))

    assert only(judge(candidate=older)).rule == "QUA-04"


def test_art32_linkage_risk_needs_assessment_and_the_committees_opinion() -> None:
    assert REGIME.value("risk.mosaic")["consult"] == "shall"
    alone = Difference(
        dataset="shops",
        before=1,
        quasi_identifiers=(),
        required_k=5,
        came=1,
        went=0,
        appeared=1,
        vanished=0,
    )
    refusal = only(judge(candidate=replace(READY, linkage=Linkage(difference=alone))))

    assert (refusal.rule, refusal.basis) == ("RSK-03", Basis.TEXT)
    assert articles(refusal) == {32}
    assert "征求专家委员会意见" in refusal.remedy


def test_art35_unreviewed_residual_risk_is_not_opened() -> None:
    born = Field(
        name="born",
        title="出生日期",
        heading="出生日期",
        role=Role.QUASI,
        treatment=Treatment(action=Action.GENERALISE, preset="年"),
    )
    candidate = replace(
        READY,
        columns=("name", "phone", "born"),
        treated={**READY.treated, "born": Action.GENERALISE},
        risk=Risk(quasi_identifiers=("born",), k=2, required_k=5),
    )
    refusal = only(judge(replace(SHOPS, fields=(*SHOPS.fields, born)), candidate))

    assert (refusal.rule, refusal.basis) == ("DES-02", Basis.INFERRED)
    assert articles(refusal) == {35}


def test_art38_every_verdict_says_that_the_text_is_a_draft() -> None:
    assert [each.text for each in judge().warnings] == [
        "所适用规定的状态：《西安市政务数据开放管理办法（征求意见稿）》征求意见稿。"
    ]


def test_the_sharing_measures_bar_shared_data_beside_the_draft() -> None:
    refusal = only(judge(replace(SHOPS, acquired=Acquired.SHARED)))

    assert (refusal.rule, refusal.tag) == ("SRC-02", "〔本市规则｜已届满〕")
    assert refusal.quote.startswith("不得直接或以改变数据形式等方式提供给第三方")
