"""Claims about ``opendata.gates``: each gate both ways, and what a refusal says and cites."""

import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opendata.agreement import Agreement
from opendata.case import Candidate, Case
from opendata.catalog import (
    Body,
    Catalog,
    Dataset,
    Element,
    Field,
    QualityGate,
    ReleasePlan,
    Treatment,
)
from opendata.findings import (
    Expectation,
    LeakFinding,
    QualityReport,
    Refusal,
    Risk,
    RuleResult,
)
from opendata.gate_texts import Override, gate_texts, standing
from opendata.gates import GATES, Review, held_upstream, review, unreadable
from opendata.law import clause
from opendata.regime import load_regime
from opendata.settings import KNOWN_REGIMES, Platform, Settings
from opendata.sourcing import Dispute
from opendata.vocabulary import (
    Acquired,
    Action,
    Basis,
    Channel,
    DeploymentRole,
    Dimension,
    LegalStatus,
    OnFail,
    Openness,
    Punctuality,
    Role,
    SecurityLevel,
    Semantic,
    Severity,
    UpdateFrequency,
)
from opendata.waivers import Waiver
from tests.support import a_candidate, a_field, a_report

TODAY = date(2026, 3, 2)
XIAN = ("xian-open-2022",)
FIELDS = (
    Field(name="permit_no", title="许可证号", heading="许可证号", key=True),
    Field(
        name="mobile",
        title="联系电话",
        heading="联系电话",
        semantic=Semantic.MOBILE,
        role=Role.DIRECT,
        treatment=Treatment(action=Action.MASK, preset="手机号"),
    ),
)
BORN = Field(
    name="born",
    title="出生日期",
    heading="出生日期",
    role=Role.QUASI,
    treatment=Treatment(action=Action.GENERALISE, preset="年"),
)
PERMITS = Dataset(
    id="permits",
    title="许可信息",
    body="market",
    fields=FIELDS,
    summary="许可事项",
    theme="市场监管",
    kind="结构化数据集",
    formats=("Parquet",),
    openness=Openness.UNCONDITIONAL,
    channels=(Channel.DOWNLOAD,),
    update_frequency=UpdateFrequency.MONTHLY,
    security_level=SecurityLevel.L1,
    listed_on=date(2026, 1, 5),
)
CLEAN = a_candidate(
    columns=("permit_no", "mobile"),
    treated={"permit_no": Action.KEEP, "mobile": Action.MASK},
    quality=a_report(dataset_id="permits", rows=100, clean=100),
)


def judged(
    *,
    dataset: Dataset = PERMITS,
    regimes: tuple[str, ...] = XIAN,
    candidate: Candidate | None = CLEAN,
    platform: Platform = Platform(name="市开放平台"),  # noqa: B008 - a frozen value
    others: tuple[Dataset, ...] = (),
    withheld: Mapping[str, str] | None = None,
    shared_paths: tuple[str, ...] = (),
    agreements: tuple[Agreement, ...] = (),
    disputes: tuple[Dispute, ...] = (),
    waivers: tuple[Waiver, ...] = (),
) -> Review:
    """The review of a case in which nothing is wrong but what the test changes."""
    settings = Settings(
        city="示例市",
        regimes=regimes,
        deployment_role=DeploymentRole.OPENER_UPSTREAM,
        platform=platform,
    )
    catalog = Catalog(
        bodies=(Body(id="market", title="市市场监督管理局"), Body(id="office", title="市府办")),
        datasets=(dataset, *others),
        elements=(Element(id="permit_no", title="许可证号"),),
    )
    return review(
        Case(
            dataset=dataset,
            catalog=catalog,
            regime=load_regime(regimes),
            settings=settings,
            as_of=TODAY,
            withheld=withheld or {},
            shared_paths=shared_paths,
            agreements=agreements,
            disputes=disputes,
            waivers=waivers,
            candidate=candidate,
        )
    )


def refused(rule: str, **change: Any) -> Refusal:
    """The one refusal by ``rule`` when ``change`` is all that is wrong."""
    found = [each for each in judged(**change).refusals if each.rule == rule]
    assert len(found) == 1, found
    return found[0]


def rules(**change: Any) -> list[str]:
    return [each.rule for each in judged(**change).refusals]


def entry(**change: Any) -> Dataset:
    return replace(PERMITS, **change)


def found(**change: Any) -> Candidate:
    return replace(CLEAN, **change)


def report(**change: Any) -> QualityReport:
    return replace(CLEAN.quality, **change)


def failed(**change: Any) -> RuleResult:
    expectation = Expectation(
        id="uscc_valid",
        type="expect_column_values_to_match_regex",
        kwargs={"column": "uscc"},
        dimension=Dimension.ACCURACY,
        indicator="0301",
        description="统一社会信用代码应当有效",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
    )
    return RuleResult(
        expectation=replace(expectation, **change), rows=9, missing=0, unexpected=3, success=False
    )


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_an_orderly_case_is_refused_nowhere(regime: str) -> None:
    assert rules(regimes=(regime,)) == []


def test_an_orderly_case_is_refused_not_even_by_all_five_together() -> None:
    assert rules(regimes=KNOWN_REGIMES) == []


def test_without_a_candidate_only_the_declarations_are_judged() -> None:
    review_of_entry = judged(dataset=entry(listed_on=None, kind=None), candidate=None)

    assert [each.rule for each in review_of_entry.refusals] == ["CAT-01", "CAT-02"]


def test_every_refusal_is_given_not_the_first() -> None:
    wrong = entry(
        listed_on=None,
        kind=None,
        openness=Openness.CONDITIONAL,
        channels=(Channel.DOWNLOAD,),
        acquired=Acquired.SHARED,
    )

    assert rules(dataset=wrong, candidate=found(leaks=None, recordable=False)) == [
        "CAT-01",
        "CAT-02",
        "SRC-02",
        "DES-01",
        "REL-02",
        "REC-01",
    ]


@pytest.mark.parametrize(
    "listed_on", [None, date(2026, 3, 3)], ids=["never_listed", "listed_tomorrow"]
)
def test_cat01_what_is_not_listed_yet_is_not_opened(listed_on: date | None) -> None:
    refusal = refused("CAT-01", dataset=entry(listed_on=listed_on))

    assert refusal.text == "拟开放的数据未列入开放目录，应当先编入目录、再进行开放。"
    assert refusal.citation == "《西安市政务数据开放管理办法（征求意见稿）》第二十条"
    assert refusal.tag == "〔条文明文｜征求意见稿〕"


def test_cat01_what_is_listed_today_is_opened_today() -> None:
    assert rules(dataset=entry(listed_on=TODAY)) == []


def test_cat01_is_inferred_where_the_text_does_not_say_it() -> None:
    refusal = refused("CAT-01", dataset=entry(listed_on=None), regimes=("guangxi-open",))

    assert refusal.basis is Basis.INFERRED


def test_cat02_names_the_missing_elements_in_chinese() -> None:
    refusal = refused("CAT-02", dataset=entry(kind=None, formats=(), channels=()))

    assert refusal.text == "目录缺少应当标注的内容：数据格式、数据类型、数据开放方式。"


@pytest.mark.parametrize(
    ("regime", "missing", "asks"),
    [
        ("xian-open-2022", "summary", False),
        ("guangxi-open", "summary", True),
        ("guangxi-open", "kind", False),
        ("chongqing-open", "security_level", True),
        ("xian-open-2022", "security_level", False),
        ("guangxi-open", "theme", True),
    ],
)
def test_cat02_asks_each_regime_its_own_elements(regime: str, missing: str, *, asks: bool) -> None:
    assert ("CAT-02" in rules(dataset=entry(**{missing: None}), regimes=(regime,))) is asks


def test_cat02_cites_only_the_regulation_that_asks_for_the_element() -> None:
    refusal = refused(
        "CAT-02", dataset=entry(summary=None), regimes=("xian-open-2022", "xian-share-2018")
    )

    assert refusal.clauses == ("xian-share-2018/11.a",)
    assert refusal.tag == "〔推定｜已届满〕"


@pytest.mark.parametrize(
    ("openness", "asks"), [(Openness.CONDITIONAL, True), (Openness.UNCONDITIONAL, False)]
)
def test_cat02_asks_conditions_of_conditional_data_only(openness: Openness, *, asks: bool) -> None:
    dataset = entry(openness=openness, channels=(Channel.API,), basis="某法第一条")

    assert ("CAT-02" in rules(dataset=dataset, regimes=("guangzhou-open-2022",))) is asks


def test_cat05_a_column_the_catalogue_does_not_list_is_refused() -> None:
    refusal = refused("CAT-05", candidate=found(columns=("permit_no", "mobile", "income")))

    assert refusal.text == "数据项与目录不一致：多出 income，缺少 无。"
    assert refusal.basis is Basis.LOCAL


def test_cat05_a_listed_column_that_is_missing_is_refused() -> None:
    refusal = refused("CAT-05", candidate=found(columns=("permit_no",)))

    assert "缺少 联系电话" in refusal.text


def test_cat05_the_order_of_columns_does_not_matter() -> None:
    assert rules(candidate=found(columns=("mobile", "permit_no"))) == []


def test_src02_a_column_obtained_by_sharing_is_refused() -> None:
    shared = replace(FIELDS[0], acquired=Acquired.SHARED)
    refusal = refused(
        "SRC-02", dataset=entry(fields=(shared, FIELDS[1])), regimes=("chongqing-open",)
    )

    assert "许可证号" in refusal.text
    assert (refusal.clause, refusal.basis) == ("chongqing-open/14.p1.b", Basis.TEXT)


def test_src02_a_shared_column_that_is_dropped_taints_nothing() -> None:
    dropped = Field(
        name="flag",
        title="失信标记",
        heading="失信标记",
        acquired=Acquired.SHARED,
        treatment=Treatment(action=Action.DROP),
    )

    assert rules(dataset=entry(fields=(*FIELDS, dropped))) == []


def test_src02_what_the_body_collects_itself_stays_openable_in_a_shared_dataset() -> None:
    own = tuple(replace(each, acquired=Acquired.OWN) for each in FIELDS)

    assert rules(dataset=entry(acquired=Acquired.SHARED, fields=own)) == []


@pytest.mark.parametrize(
    ("regime", "basis"),
    [
        ("xian-share-2018", Basis.TEXT),
        ("chongqing-open", Basis.INFERRED),
        ("guangzhou-open-2022", Basis.INFERRED),
        ("guangxi-open", Basis.LOCAL),
    ],
)
def test_src02_a_changed_form_is_explicit_in_the_sharing_measures_only(
    regime: str, basis: Basis
) -> None:
    refusal = refused("SRC-02", shared_paths=("credit.grade -> grade",), regimes=(regime,))

    assert refusal.basis is basis
    assert "credit.grade→grade" in refusal.text


def test_src02_without_any_clause_cites_nothing() -> None:
    refusal = refused("SRC-02", shared_paths=("a.b -> c",), regimes=("guangxi-open",))

    assert (refusal.clauses, refusal.citation, refusal.quote) == ((), "", "")
    assert refusal.tag == "〔本市规则｜征求意见稿〕"


def test_src02_under_xian_opening_shows_the_sharing_measures_as_local_rule() -> None:
    refusal = refused("SRC-02", dataset=entry(acquired=Acquired.SHARED))

    assert refusal.citation == "《西安市政务数据资源共享管理办法》第二十二条"
    assert refusal.tag == "〔本市规则｜已届满〕"


def test_cls01_not_open_is_not_opened() -> None:
    dataset = entry(openness=Openness.NOT_OPEN, channels=(), basis="某法第一条")

    assert refused("CLS-01", dataset=dataset).quote == "列入不予开放类"


def test_cls01_speaks_the_local_word() -> None:
    dataset = entry(openness=Openness.NOT_OPEN, basis="某法第一条")

    assert "非开放类" in refused("CLS-01", dataset=dataset, regimes=("guangzhou-open-2022",)).text


def test_cls02_an_undecided_class_is_refused() -> None:
    assert refused("CLS-02", dataset=entry(openness=None)).text == "尚未确定：数据开放属性。"


def test_cls02_asks_conditions_only_where_the_regulation_does() -> None:
    dataset = entry(openness=Openness.CONDITIONAL, channels=(Channel.API,), basis="某法第一条")

    assert "CLS-02" in rules(dataset=dataset, regimes=("guangzhou-open-2022",))
    assert "CLS-02" not in rules(dataset=dataset, regimes=XIAN)


@pytest.mark.parametrize(
    ("regime", "openness", "asks"),
    [
        ("chongqing-open", Openness.CONDITIONAL, True),
        ("guangzhou-open-2022", Openness.CONDITIONAL, True),
        ("xian-open-2022", Openness.CONDITIONAL, False),
        ("xian-open-2022", Openness.NOT_OPEN, True),
        ("chongqing-open", Openness.UNCONDITIONAL, False),
    ],
)
def test_cls03_a_restrictive_class_names_its_basis(
    regime: str, openness: Openness, *, asks: bool
) -> None:
    dataset = entry(openness=openness, channels=(Channel.API,), conditions="实名")
    grounded = replace(dataset, basis="《统计法》第二十五条")

    assert ("CLS-03" in rules(dataset=dataset, regimes=(regime,))) is asks
    assert "CLS-03" not in rules(dataset=grounded, regimes=(regime,))


def test_cls03_is_a_local_rule_under_xian_opening() -> None:
    refusal = refused("CLS-03", dataset=entry(openness=Openness.NOT_OPEN, channels=()))

    assert refusal.basis is Basis.LOCAL
    assert refusal.text == "列为不予开放类，未写明依据。"


@pytest.mark.parametrize(
    "treated",
    [{"permit_no": Action.KEEP, "mobile": Action.KEEP}, {"permit_no": Action.KEEP}],
    ids=["kept", "not_treated_at_all"],
)
def test_des01_an_identifying_column_left_as_it_was_is_refused(treated: dict[str, Action]) -> None:
    refusal = refused("DES-01", candidate=found(treated=treated))

    assert refusal.text == "数据项联系电话未按照规定进行脱敏处理。"


def test_des01_a_signed_ground_keeps_an_identifying_column() -> None:
    kept = replace(FIELDS[1], treatment=Treatment(ground="依法应当公示"))

    assert rules(dataset=entry(fields=(FIELDS[0], kept)), candidate=found(treated={})) == []


@pytest.mark.parametrize("role", [Role.DIRECT, Role.QUASI, Role.SENSITIVE])
def test_des01_looks_at_the_role_as_well_as_the_semantic(role: Role) -> None:
    plain = replace(FIELDS[0], role=role)
    risk = Risk(quasi_identifiers=("permit_no",), k=9, required_k=5)

    assert rules(dataset=entry(fields=(plain, FIELDS[1])), candidate=found(risk=risk)) == ["DES-01"]


def test_des01_a_blocking_leak_is_refused_and_its_value_never_shown() -> None:
    leak = LeakFinding(column="permit_no", semantic="手机号码", count=3, digest="ab12", blocks=True)
    refusal = refused("DES-01", candidate=found(leaks=(leak,)))

    assert refusal.text == "拟开放文件中仍检出敏感信息：许可证号（手机号码，3处）。"
    assert "ab12" not in refusal.text


def test_des01_a_leak_that_does_not_block_passes() -> None:
    leak = LeakFinding(column="permit_no", semantic="手机号码", count=1, digest="0", blocks=False)

    assert rules(candidate=found(leaks=(leak,))) == []


def test_des01_an_id_mask_may_not_stand_beside_a_birth_date() -> None:
    masked = a_field(
        "id_no",
        title="证件号",
        semantic=Semantic.CITIZEN_ID,
        role=Role.DIRECT,
        treatment=Treatment(action=Action.MASK, preset="证件号"),
    )
    born = a_field("born", title="出生日期")
    columns = ("id_no", "born")
    treated = {"id_no": Action.MASK, "born": Action.KEEP}

    refusal = refused(
        "DES-01",
        dataset=entry(fields=(masked, born)),
        candidate=found(columns=columns, treated=treated),
    )

    assert "“证件号”经遮盖后与“出生日期”" in refusal.text


def test_des01_a_scan_that_did_not_finish_refuses() -> None:
    assert "未完成" in refused("DES-01", candidate=found(leaks=None)).text


@pytest.mark.parametrize(
    ("risk", "passes"),
    [
        (Risk(quasi_identifiers=("born",), k=5, required_k=5), True),
        (Risk(quasi_identifiers=("born",), k=4, required_k=5), False),
        (Risk(quasi_identifiers=("born",), k=4, required_k=2), False),
        (Risk(quasi_identifiers=("born",), k=None, required_k=5), False),
        (Risk(quasi_identifiers=(), k=9, required_k=5), False),
        (None, False),
    ],
    ids=["k_met", "k_missed", "k_of_the_home_holds", "no_k", "wrong_columns", "not_measured"],
)
def test_des02_groups_must_be_measured_and_large_enough(risk: Risk | None, *, passes: bool) -> None:
    candidate = found(
        columns=("permit_no", "mobile", "born"),
        treated={**CLEAN.treated, "born": Action.GENERALISE},
        risk=risk,
    )

    assert rules(dataset=entry(fields=(*FIELDS, BORN)), candidate=candidate) == (
        [] if passes else ["DES-02"]
    )


def test_des02_says_how_small_the_group_is() -> None:
    candidate = found(
        columns=("permit_no", "mobile", "born"),
        treated={**CLEAN.treated, "born": Action.GENERALISE},
        risk=Risk(quasi_identifiers=("born",), k=1, required_k=None),
    )
    dataset = entry(fields=(*FIELDS, BORN), release=ReleasePlan(k=3))

    assert refused("DES-02", dataset=dataset, candidate=candidate).text == (
        "脱敏后最小同类组仅1条（要求不少于3条），仍可能识别特定个人。"
    )


@pytest.mark.parametrize(
    ("quality", "says"),
    [
        (report(score=59.9), "得分59.9，要求不低于60"),
        (report(clean=80, quarantined=20), "问题数据占20.00%，要求不超过10.00%"),
        (report(results=(failed(on_fail=OnFail.BLOCK),)), "未通过：统一社会信用代码应当有效"),
        (report(results=(failed(severity=Severity.CRITICAL),)), "未通过：统一社会信用代码应当有效"),
    ],
    ids=["score", "quarantine", "blocking_rule", "critical_rule"],
)
def test_qua02_says_which_quality_is_missed(quality: QualityReport, says: str) -> None:
    refusal = refused("QUA-02", candidate=found(quality=quality))

    assert says in refusal.text
    assert refusal.basis is Basis.LOCAL
    assert refusal.clauses == ("xian-open-2022/22.c", "xian-open-2022/26.c")


@pytest.mark.parametrize(
    "quality",
    [
        report(score=60.0),
        report(clean=90, quarantined=10),
        report(results=(failed(),)),
        report(rows=0, clean=0),
    ],
    ids=["score_just_met", "rate_just_met", "a_warning_rule", "no_rows"],
)
def test_qua02_passes_what_the_dataset_allows_itself(quality: QualityReport) -> None:
    assert rules(candidate=found(quality=quality)) == []


def test_qua02_the_dataset_sets_its_own_bar() -> None:
    strict = entry(quality=QualityGate(min_score=97))

    assert rules(dataset=strict) == ["QUA-02"]


def test_qua04_an_overdue_update_warns_and_does_not_refuse() -> None:
    late = replace(CLEAN.freshness, punctuality=Punctuality.OVERDUE, overdue_days=12)
    verdict = judged(candidate=found(freshness=late))

    assert verdict.refusals == ()
    assert "未按目录标注的更新频率（每月）更新，已逾期12天。" in [
        each.text for each in verdict.warnings
    ]


def test_qua04_a_snapshot_older_than_the_live_one_is_refused() -> None:
    refusal = refused("QUA-04", candidate=found(data_time=date(2025, 12, 31)))

    assert (refusal.warns, refusal.basis) == (False, Basis.INFERRED)
    assert "2025-12-31" in refusal.text


@pytest.mark.parametrize(
    "times",
    [
        {"data_time": date(2026, 1, 31)},
        {"live_data_time": None},
        {"data_time": None},
    ],
    ids=["same_day", "nothing_live", "undated"],
)
def test_qua04_what_is_not_older_passes(times: dict[str, date | None]) -> None:
    assert rules(candidate=found(**times)) == []


@pytest.mark.parametrize(
    ("regime", "filing", "passes"),
    [
        ("xian-open-2022", None, False),
        ("xian-open-2022", "备2026-1", True),
        ("chongqing-open", None, False),
        ("chongqing-open", "备2026-1", False),
        ("guangxi-open", "备2026-1", True),
        ("guangzhou-open-2022", None, False),
        ("guangzhou-open-2022", "备2026-1", True),
    ],
)
def test_rel01_another_channel_passes_only_with_a_filing_the_text_has_room_for(
    regime: str, filing: str | None, *, passes: bool
) -> None:
    platform = Platform(name="部门网站", unified=False, filing=filing)

    assert rules(platform=platform, regimes=(regime,)) == ([] if passes else ["REL-01"])


@pytest.mark.parametrize(
    ("regime", "openness", "channel", "passes"),
    [
        ("xian-open-2022", Openness.CONDITIONAL, Channel.DOWNLOAD, False),
        ("xian-open-2022", Openness.CONDITIONAL, Channel.API, True),
        ("xian-open-2022", Openness.CONDITIONAL, Channel.MODEL_RESULT, True),
        ("xian-open-2022", Openness.UNCONDITIONAL, Channel.DOWNLOAD, True),
        ("guangxi-open", Openness.CONDITIONAL, Channel.DOWNLOAD, True),
        ("guangxi-open", Openness.CONDITIONAL, Channel.MODEL_RESULT, True),
        ("guangxi-open", Openness.UNCONDITIONAL, Channel.MODEL_RESULT, True),
        ("guangzhou-open-2022", Openness.CONDITIONAL, Channel.DOWNLOAD, False),
        ("guangzhou-open-2022", Openness.UNCONDITIONAL, Channel.MODEL_RESULT, False),
        ("chongqing-open", Openness.CONDITIONAL, Channel.DOWNLOAD, True),
        ("xian-share-2018", Openness.CONDITIONAL, Channel.DOWNLOAD, False),
    ],
)
def test_rel02_channels_follow_the_class_as_each_regulation_says(
    regime: str, openness: Openness, channel: Channel, *, passes: bool
) -> None:
    dataset = entry(openness=openness, channels=(channel,), basis="某法第一条", conditions="实名")

    assert rules(dataset=dataset, regimes=(regime,)) == ([] if passes else ["REL-02"])


def test_rel02_names_the_channel_the_local_class_and_the_way_out() -> None:
    refusal = refused("REL-02", dataset=entry(openness=Openness.CONDITIONAL))

    assert refusal.text == "有条件开放类数据不得以“数据下载”方式开放。"
    assert "接口调用、算法模型" in refusal.remedy


def test_rel02_cites_only_the_regulation_that_bars_the_channel() -> None:
    refusal = refused(
        "REL-02",
        dataset=entry(openness=Openness.CONDITIONAL, basis="某法第一条", conditions="实名"),
        regimes=("guangxi-open", "xian-open-2022"),
    )

    assert {clause(each).regime for each in refusal.clauses} == {"xian-open-2022"}


def test_rel04_a_withheld_dataset_is_refused_with_its_case() -> None:
    refusal = refused("REL-04", withheld={"permits": "投诉2026-7"})

    assert refusal.text == "数据已中止开放，案件：投诉2026-7。"


@pytest.mark.parametrize("distance", [1, 2], ids=["direct", "through_another"])
def test_rel04_what_reads_a_withheld_dataset_is_refused_too(distance: int) -> None:
    chain = ["permits", "joined", "source"][: distance + 1]
    others = tuple(
        replace(PERMITS, id=each, title=f"上游{each}", reads=tuple(chain[place + 2 : place + 3]))
        for place, each in enumerate(chain[1:])
    )
    refusal = refused(
        "REL-04",
        dataset=entry(reads=(chain[1],)),
        others=others,
        withheld={chain[-1]: "投诉2026-7"},
    )

    assert refusal.basis is Basis.INFERRED
    assert f"上游{chain[-1]}" in refusal.text


def test_rel04_another_datasets_suspension_refuses_nothing_here() -> None:
    other = replace(PERMITS, id="other")

    assert rules(others=(other,), withheld={"other": "投诉2026-7"}) == []


def test_rec01_what_cannot_be_recorded_is_not_done() -> None:
    refusal = refused("REC-01", candidate=found(recordable=False))

    assert refusal.text == "处理记录未能写入，本次操作未执行。"


def test_pol01_warns_with_the_status_of_every_text() -> None:
    warning = judged(regimes=("xian-open-2022", "xian-share-2018")).warnings[0]

    assert warning.rule == "POL-01"
    assert "征求意见稿" in warning.text
    assert "《西安市政务数据资源共享管理办法》已届满" in warning.text


def test_gates_that_nobody_judges_yet_are_listed_and_refuse_nothing() -> None:
    pending = {each.rule for each in judged().pending}

    assert {"SEC-01", "RSK-01"} <= pending
    assert not pending & {gate.id for gate in GATES}


def test_pending_leaves_out_what_the_homes_texts_do_not_ask() -> None:
    assert "SEC-02" not in {each.rule for each in judged().pending}
    assert "SEC-02" in {each.rule for each in judged(regimes=("chongqing-open",)).pending}


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_a_refusal_cites_only_the_homes_regulations(regime: str) -> None:
    wrong = entry(listed_on=None, kind=None, openness=Openness.NOT_OPEN, reads=("other",))
    everything = judged(
        dataset=wrong,
        regimes=(regime,),
        others=(replace(PERMITS, id="other"),),
        withheld={"other": "投诉2026-7"},
        platform=Platform(name="部门网站", unified=False),
        candidate=found(leaks=None, treated={}, columns=("mobile",), recordable=False),
    )

    assert len(everything.refusals) >= 7
    for refusal in (*everything.refusals, *everything.warnings):
        assert {clause(each).regime for each in refusal.clauses} <= {regime}


def test_the_status_is_that_of_the_first_clauses_regulation() -> None:
    refusal = refused("CAT-01", dataset=entry(listed_on=None), regimes=("chongqing-open",))

    assert refusal.status is LegalStatus.UNVERIFIED


def test_a_source_that_cannot_be_read_is_reported_like_a_refusal() -> None:
    refusal = unreadable(load_regime(XIAN), entry(contact_role="业务处"), "缺少工作表“明细”。")

    assert refusal.text == "来源文件不能按目录约定读取：缺少工作表“明细”。"
    assert "业务处" in refusal.remedy
    assert refusal.basis is Basis.LOCAL


def test_what_waits_for_an_unusable_dataset_says_for_which_and_why() -> None:
    refusal = held_upstream(load_regime(XIAN), {"登记底册": "未达到质量要求"})

    assert refusal.rule == "QUA-05"
    assert "登记底册（未达到质量要求）" in refusal.text


def test_every_clause_a_gate_stands_on_exists() -> None:
    for text in gate_texts().values():
        for regime, ground in text.grounds.items():
            assert regime in KNOWN_REGIMES
            assert all(clause(each).quote for each in ground.clauses)


def test_the_matrix_has_57_gates_beside_two_of_our_own() -> None:
    assert len({each.rule for each in gate_texts().values()} - {"LND-01", "QUA-05"}) == 57


def test_every_gate_in_the_tuple_has_its_words() -> None:
    assert {gate.id for gate in GATES} <= set(gate_texts())
    assert len({gate.id for gate in GATES}) == len(GATES)


def test_both_languages_of_a_gate_have_the_same_blanks() -> None:
    for text in gate_texts().values():
        assert blanks(text.zh) == blanks(text.en), text.id


def test_nobody_may_wave_through_what_the_texts_forbid_outright() -> None:
    for rule in ("SEC-01", "RSK-01", "DES-02", "REC-01", "CAT-05", "SRC-05", "DES-01", "REL-02"):
        assert gate_texts()[rule].override is Override.NEVER


def test_a_derivation_from_shared_data_is_waived_only_where_the_text_leaves_room() -> None:
    derived = gate_texts()["SRC-02/derived"]

    assert derived.override is Override.NAMED
    assert derived.grounds["xian-share-2018"].override is Override.NEVER


@pytest.mark.parametrize("word", ["中止。", "豁免", "隔离", "拦截", "管家", "合规。"])
def test_officials_are_not_told_what_is_no_legal_word(word: str) -> None:
    for text in gate_texts().values():
        assert word not in text.zh + text.remedy


def test_local_grounds_step_back_where_a_text_speaks() -> None:
    grounds = standing(gate_texts()["SRC-02"], ("xian-open-2022", "xian-share-2018"))

    assert [each.basis for each in grounds] == [Basis.TEXT]


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
