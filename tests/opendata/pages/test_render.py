"""The steward's pages: what they say, what they never say, and that they stand alone."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest

from opendata.catalog import Dataset, Field
from opendata.findings import (
    DimensionScore,
    Expectation,
    LeakFinding,
    Outcome,
    QualityReport,
    QuarantineReason,
    Refusal,
    Risk,
    RuleResult,
)
from opendata.freshness import judge_freshness
from opendata.pages.render import overview_page, version_page, view_json
from opendata.pages.views import (
    Frame,
    OverviewRow,
    OverviewView,
    PastVersion,
    PendingRule,
    RegimeLine,
    TreatedField,
    VersionScores,
    VersionView,
)
from opendata.pages.words import LEGAL_STATUS
from opendata.vocabulary import (
    Action,
    Basis,
    DeploymentRole,
    Dimension,
    LegalStatus,
    OnFail,
    Openness,
    Role,
    Severity,
    UpdateFrequency,
    Verdict,
)
from opendata.workdays import Calendar

TODAY = date(2026, 4, 17)
BEIJING = timezone(timedelta(hours=8))
NATIONAL = Calendar.load("cn")

FRAME = Frame(
    city="示范市",
    deployment_role=DeploymentRole.OPENER_UPSTREAM,
    regimes=(
        RegimeLine(title="西安市政务数据开放管理办法（征求意见稿）", status=LegalStatus.DRAFT),
        RegimeLine(title="西安市政务数据资源共享管理办法", status=LegalStatus.LAPSED),
    ),
    catalog_version="9f2c41d07be85a6613c0d9a4e7f8125b" * 2,
    as_of=TODAY,
    run_at=datetime(2026, 4, 17, 9, 32, tzinfo=BEIJING),
    record_sequence=1284,
    record_href="../../record/2026-04.html",
)

DATASET = Dataset(
    id="enterprise_register",
    title="企业登记信息",
    body="market",
    fields=(Field(name="uscc", title="统一社会信用代码", heading="信用代码"),),
    openness=Openness.UNCONDITIONAL,
    update_frequency=UpdateFrequency.MONTHLY,
    contact_role="数据管理员",
)

DES_02 = Refusal(
    rule="DES-02",
    clauses=("guangzhou-open-2022/12.p3",),
    text="脱敏后最小同类组仅2条（要求不少于5条），仍可能识别特定个人。",
    text_en="the smallest group after desensitising has 2 rows; 5 are required",
    remedy="请将“出生日期”泛化到年、“住址”泛化到区县，或者删除其中一项，再重新处理。",
    basis=Basis.INFERRED,
    status=LegalStatus.DRAFT,
    warns=False,
    citation="广州开放办法第十二条第三款",
    quote="应向公共数据主管部门提供评估结果的佐证材料",
)

CLS_02 = Refusal(
    rule="CLS-02",
    clauses=("xian-open-2022/20.p1.b",),
    text="缺少：安全级别。",
    text_en="the security level is missing",
    remedy="请在目录条目中补充安全级别。",
    basis=Basis.TEXT,
    status=LegalStatus.DRAFT,
    warns=False,
    citation="西安开放办法第二十条第一款",
    quote="确定开放属性、安全级别、开放条件",
)

QUA_04 = Refusal(
    rule="QUA-04",
    clauses=("xian-open-2022/26.b",),
    text="未按目录标注的更新频率（每月）更新，已逾期12天。",
    text_en="overdue by 12 days",
    remedy="请提交最新数据。",
    basis=Basis.TEXT,
    status=LegalStatus.DRAFT,
    warns=True,
    citation="西安开放办法第二十六条",
    quote="根据开放清单明确的更新频率及时更新数据",
)


def rule(
    n: int,
    description: str = "非空",
    unexpected: int = 0,
    on_fail: OnFail = OnFail.KEEP_FLAG,
    severity: Severity = Severity.WARNING,
    indicator: str = "0201",
) -> RuleResult:
    return RuleResult(
        expectation=Expectation(
            id=f"rule_{n}",
            type="expect_column_values_to_not_be_null",
            kwargs={"column": "uscc"},
            dimension=Dimension.COMPLETENESS,
            indicator=indicator,
            description=description,
            severity=severity,
            on_fail=on_fail,
        ),
        rows=12087,
        missing=37,
        unexpected=unexpected,
        success=not unexpected,
    )


RESULTS = (
    rule(1, "统一社会信用代码校验位正确", indicator="0301", severity=Severity.CRITICAL),
    rule(2, "有效期止不早于有效期起", 37, indicator="0503"),
    rule(3, "区县在代码表之内", 3, OnFail.DROP, indicator="0105"),
    rule(4, "统一社会信用代码不重复", indicator="0304", severity=Severity.CRITICAL),
    rule(5, "企业名称应填", indicator="0201"),
)


def quality(results: tuple[RuleResult, ...] = RESULTS) -> QualityReport:
    scores = (96.3, 99.97, 100.0, 71.4, 83.3)
    assessed = tuple(
        DimensionScore(
            dimension=dimension,
            score=score,
            good=int(120.5 * score),
            total=12050,
            indicators=("0201",),
        )
        for dimension, score in zip(tuple(Dimension)[:5], scores, strict=True)
    )
    unassessed = DimensionScore(
        dimension=Dimension.ACCESSIBILITY, score=None, good=0, total=0, indicators=()
    )
    return QualityReport(
        dataset_id="enterprise_register",
        rows=12087,
        clean=12084,
        quarantined=3,
        results=results,
        dimensions=(*assessed, unassessed),
        score=73.5,
        coverage=0.75,
        reasons=(
            QuarantineReason(
                expectation_id="rule_3",
                description="区县在代码表之内",
                rows=3,
                shapes=(("XX市辖区", 2), ("999999", 1)),
            ),
        ),
        suite_hash="b52f0c9d17",
    )


def outcome(
    verdict: Verdict = Verdict.RELEASED,
    *,
    data_time: date = date(2026, 3, 31),
    reasons: tuple[Refusal, ...] = (),
    warnings: tuple[Refusal, ...] = (),
    dataset_id: str = "enterprise_register",
    title: str = "企业登记信息",
) -> Outcome:
    return Outcome(
        dataset_id=dataset_id,
        title=title,
        body="market",
        verdict=verdict,
        changed=True,
        reasons=reasons,
        warnings=warnings,
        rows_landed=12087,
        rows_clean=12084,
        rows_quarantined=3,
        rows_released=12084 if verdict is Verdict.RELEASED else None,
        score=73.5,
        freshness=judge_freshness(
            UpdateFrequency.MONTHLY, data_time, TODAY, TODAY, grace_days=None, calendar=NATIONAL
        ),
        version=4 if verdict is Verdict.RELEASED else None,
    )


HISTORY = (
    PastVersion(
        version=3,
        data_time=date(2026, 2, 28),
        released_on=date(2026, 3, 4),
        rows=12010,
    ),
    PastVersion(
        version=2,
        data_time=date(2026, 1, 31),
        released_on=date(2026, 2, 3),
        rows=11987,
    ),
    PastVersion(version=1, data_time=None, released_on=date(2026, 1, 6), rows=11902),
)

CLEAN = VersionView(
    frame=FRAME,
    dataset=DATASET,
    body_title="市市场监督管理局",
    outcome=outcome(),
    quality=quality((RESULTS[0], RESULTS[3], RESULTS[4])),
    released_sha="4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
    history=HISTORY,
    overview_href="../index.html",
)

BLOCKED = VersionView(
    frame=FRAME,
    dataset=DATASET,
    body_title="市市场监督管理局",
    outcome=outcome(
        Verdict.BLOCKED,
        data_time=date(2026, 2, 28),
        reasons=(DES_02, CLS_02),
        warnings=(QUA_04,),
    ),
    quality=quality(),
    leaks=(LeakFinding(column="备注", semantic="手机号码", count=3, digest="a1b2", blocks=True),),
    risk=Risk(quasi_identifiers=("born", "address"), k=2, required_k=5, suppressed_rows=2),
    treatments=(
        TreatedField(
            title="统一社会信用代码",
            role=Role.PLAIN,
            action=Action.KEEP,
            survives="全部",
        ),
        TreatedField(
            title="联系电话",
            role=Role.DIRECT,
            action=Action.MASK,
            preset="手机号",
            survives="前3位与后4位",
        ),
        TreatedField(
            title="身份证号", role=Role.DIRECT, action=Action.PSEUDONYM, survives="不可还原的假名"
        ),
        TreatedField(
            title="法定代表人",
            role=Role.DIRECT,
            action=Action.KEEP,
            ground="企业信息公示，法定公开",
            survives="全部",
        ),
        TreatedField(title="住所", role=Role.QUASI, action=Action.DROP),
    ),
    pending_rules=7,
    history=HISTORY,
    overview_href="../index.html",
)


def overview(rows: tuple[OverviewRow, ...]) -> OverviewView:
    return OverviewView(
        frame=FRAME,
        rows=rows,
        pending=(
            PendingRule(
                rule="RSK-02",
                title="专业性较强或者公众普遍关注的数据，须先行评估",
                citation="西安开放办法第二十四条",
            ),
            PendingRule(rule="EMG-02", title="紧急采集须经政府同意，且限于最小范围"),
        ),
    )


def row(
    dataset_id: str, title: str, verdict: Verdict, body: str = "市市场监督管理局", **facts: object
) -> OverviewRow:
    return OverviewRow(
        outcome=outcome(verdict, dataset_id=dataset_id, title=title, **facts),  # type: ignore[arg-type]
        body_title=body,
        href=f"{dataset_id}/latest.html",
        contact_role="数据管理员",
    )


STALE, LONG_STALE = date(2026, 2, 28), date(2025, 9, 30)
OVERVIEW = overview(
    (
        row("fine", "公园绿地名录", Verdict.RELEASED, "市园林局"),
        row("late", "空气质量日报", Verdict.RELEASED, "市生态环境局", data_time=STALE),
        row("held", "企业登记信息", Verdict.BLOCKED, reasons=(DES_02, CLS_02)),
        row(
            "very_late", "排污许可证", Verdict.RELEASED, "市生态环境局", data_time=date(2025, 9, 30)
        ),
        row(
            "failed",
            "医疗机构名录",
            Verdict.FAILED,
            "市卫生健康委员会",
        ),
        row("closed", "涉案财物信息", Verdict.NOT_OPEN, "市公安局"),
        row("halted", "信用黑名单", Verdict.SUSPENDED, "市发展改革委"),
        row("limited", "公交刷卡统计", Verdict.RELEASED_CONDITIONALLY, "市交通运输局"),
    )
)


class Outline(HTMLParser):
    """The few facts about a document that a screen reader lives by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def values(self, name: str) -> list[str]:
        return [given[name] or "" for _, given in self.tags if name in given]


PAGES = {
    "clean": version_page(CLEAN),
    "blocked": version_page(BLOCKED),
    "overview": overview_page(OVERVIEW),
}
each_page = pytest.mark.parametrize("page", list(PAGES.values()), ids=list(PAGES))


@each_page
def test_a_page_stands_alone(page: str) -> None:
    outline = Outline(page)

    assert not {tag for tag, _ in outline.tags} & {"script", "link", "iframe", "img", "object"}
    assert not re.search(r"https?:|//[a-z]|@import|url\(|@font-face| on[a-z]+=", page)
    assert len(page.encode()) <= 150_000


@each_page
def test_a_page_can_be_heard(page: str) -> None:
    outline = Outline(page)
    steps = [b - a for a, b in zip(outline.headings, outline.headings[1:], strict=False)]
    ids = outline.values("id")

    assert '<html lang="zh-CN">' in page
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert max(steps) <= 1
    assert len(ids) == len(set(ids))
    assert {each[1:] for each in outline.values("href") if each.startswith("#")} <= set(ids)
    assert all("scope" in given for tag, given in outline.tags if tag == "th")


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#1c2430", "#ffffff"),
        ("#55606e", "#ffffff"),
        ("#1f4068", "#ffffff"),
        *(
            (tone, wash)
            for tone, own in {
                "#1b6242": "#eef6f1",
                "#7d4c00": "#fdf6e7",
                "#a3181c": "#fcf0ef",
                "#55606e": "#f3f4f6",
            }.items()
            for wash in ("#ffffff", own)
        ),
        ("#55606e", "#fdf6e7"),
        ("#55606e", "#fcf0ef"),
    ],
)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert text in PAGES["clean"]


@each_page
def test_every_page_ends_with_the_legal_status(page: str) -> None:
    footer = page[page.index("<footer>") :]

    assert LEGAL_STATUS in footer
    assert "试行规则" in footer
    assert "第1284号" in footer
    assert "西安市政务数据资源共享管理办法（已届满）" in footer


@each_page
@pytest.mark.parametrize("word", ["合规", "隔离", "豁免", "拦截", "数据管家"])
def test_words_that_promise_or_confuse_are_not_used(page: str, word: str) -> None:
    assert word not in page.replace("数据格式合规性", "")


def test_a_clean_version_says_what_was_not_found_and_no_more() -> None:
    page = PAGES["clean"]

    assert "未发现不符合所载规则的情形。" in page
    assert "目前没有需要您处理的事。" in page
    assert "2026年5月5日" in page


def test_a_positive_verdict_owns_up_to_what_nobody_judged() -> None:
    page = version_page(replace(CLEAN, pending_rules=7))

    assert "未发现不符合所载规则的情形。另有7项规则尚未判断。" in page


@pytest.mark.parametrize("verdict", list(Verdict), ids=lambda each: each.code)
def test_every_verdict_makes_a_page_even_of_a_bare_outcome(verdict: Verdict) -> None:
    bare = Outcome(
        dataset_id="bare", title="公园绿地名录", body="parks", verdict=verdict, changed=False
    )
    view = VersionView(frame=FRAME, dataset=DATASET, body_title="市园林局", outcome=bare)

    page = version_page(view)

    assert f"</svg>{verdict.value}</h2>" in page


def test_a_late_release_is_not_drawn_as_all_well() -> None:
    page = version_page(replace(CLEAN, outcome=outcome(data_time=STALE)))

    assert "数据已开放，但有1件事须处理。" in page
    assert 'class="verdict hold"' in page


def test_a_leak_is_named_by_column_unless_its_gate_has_spoken() -> None:
    silent = replace(BLOCKED, outcome=outcome(Verdict.BLOCKED, reasons=(CLS_02,)))

    assert "“备注”中仍有疑似手机号码（&lt;5处）。" in version_page(silent)
    assert "中仍有疑似" not in PAGES["blocked"]


def test_a_blocking_rule_comes_before_one_that_only_flags() -> None:
    broken = (rule(1, "甲", 9), rule(2, "乙", 1, OnFail.BLOCK), rule(3, "丙", 12050))

    page = version_page(replace(CLEAN, quality=quality(broken)))
    needs = page.split('id="needs"')[1].split("</section>")[0]

    assert needs.index("乙") < needs.index("丙") < needs.index("甲")


def test_a_refusal_comes_first_with_article_remedy_and_quote() -> None:
    page = PAGES["blocked"]
    said = [
        page.index(text)
        for text in (
            "暂缓开放",
            "有2项规则未满足，本次未开放。此前开放的第3版不变。",
            DES_02.text,
            DES_02.remedy,
            "广州开放办法第十二条第三款",
            "〔推定｜征求意见稿〕",
            CLS_02.text,
            "有效期止不早于有效期起：12,050项中有37项不符合。",
            f"“{DES_02.quote}”",
        )
    ]

    assert said == sorted(said)


def test_the_needs_stand_above_every_table() -> None:
    page = PAGES["blocked"]

    assert page.index('id="needs"') < page.index("<table")


def test_a_late_update_is_said_once_with_the_article_of_its_gate() -> None:
    needs = PAGES["blocked"].split('id="needs"')[1].split("</section>")[0]

    assert needs.count("已逾期12天") == 2  # the gate's sentence and the deadline beside it
    assert "应于2026年4月5日前更新" not in needs


def test_an_unassessed_dimension_is_never_full_marks() -> None:
    dimension = PAGES["clean"].split(">可访问性<")[1].split("</tr>")[0]

    assert "未评估" in dimension
    assert "100" not in dimension


def test_few_findings_about_people_are_not_counted_out() -> None:
    page, twin = PAGES["blocked"], json.loads(view_json(BLOCKED))

    assert "&lt;5</td>" in page
    assert "<code>XX市辖区</code> &lt;5次" in page
    assert twin["leaks"][0]["count"] == "<5"
    assert twin["quality"]["reasons"][0]["shapes"] == [["XX市辖区", "<5"], ["999999", "<5"]]


def test_what_comes_from_a_catalog_is_escaped() -> None:
    title = "<b>企业</b>"

    page = overview_page(overview((row("x", title, Verdict.RELEASED),)))

    assert title not in page
    assert "&lt;b&gt;企业&lt;/b&gt;" in page


def test_the_overview_puts_the_withheld_first_then_the_latest() -> None:
    page = PAGES["overview"]
    order = [page.index(f'href="{each}/latest.html"') for each in ("failed", "held", "halted")]
    late = [page.index(f'href="{each}/latest.html"') for each in ("very_late", "late", "fine")]

    assert max(order) < min(late)
    assert late == sorted(late)


def test_the_overview_counts_verdicts_and_bodies_and_names_what_is_not_judged() -> None:
    page = PAGES["overview"]

    assert re.search(r"<strong>3</strong><span>.*已开放", page)
    assert re.search(r'市生态环境局</th><td class="num">2</td><td class="num">2</td>', page)
    assert "尚未判断的规则" in page
    assert "紧急采集须经政府同意，且限于最小范围" in page


def test_a_failed_run_tells_the_clerk_what_was_wrong() -> None:
    assert "本次处理未完成：原因见处理记录。" in PAGES["overview"]


@pytest.mark.parametrize("view", [CLEAN, BLOCKED, OVERVIEW], ids=["clean", "blocked", "overview"])
def test_the_json_twin_is_stable_and_carries_the_needs(view: VersionView | OverviewView) -> None:
    twin = json.loads(view_json(view))
    held = twin["needs"] if "needs" in twin else [each["needs"] for each in twin["rows"]]

    assert view_json(view) == view_json(view)
    assert twin["legal_status"] == LEGAL_STATUS
    assert twin["frame"]["as_of"] == "2026-04-17"
    assert isinstance(held, list)


def test_a_hundred_rules_make_a_small_page() -> None:
    many = tuple(
        rule(n, f"第{n}项数据项的取值应当符合数据标准所规定的格式与范围", n % 3) for n in range(100)
    )
    view = VersionView(
        frame=FRAME,
        dataset=DATASET,
        body_title="市市场监督管理局",
        outcome=outcome(),
        quality=quality(many),
    )

    page = version_page(view)

    assert len(page.encode()) <= 150_000
    assert "另有58件" in page


def test_many_rules_stay_readable_what_holds_is_folded_away() -> None:
    many = tuple(rule(n, f"第{n}项", n % 3) for n in range(3000))

    page = version_page(replace(CLEAN, quality=quality(many), stem="enterprise_register"))
    folded = page.count("<details>")
    opened = page[page.index('id="rules"') : page.index("<details>")]

    assert '全部质量规则<span class="count">共3000项' in page
    assert folded == page.count("</details>") == page.count("<summary>") == 2
    assert opened.count("<tr>") == 41
    assert "通过</span>" not in opened.replace("未通过</span>", "")
    assert '全部结果见<a href="enterprise_register.xlsx">' in page


def test_a_trend_is_drawn_and_said_and_the_page_stays_small() -> None:
    scores = tuple(
        VersionScores(version=n, scores={each.code: 60.0 + n for each in Dimension})
        for n in range(1, 13)
    )
    many = tuple(rule(n, "取值应当符合数据标准", n % 3) for n in range(100))

    page = version_page(replace(CLEAN, quality=quality(many), trend=scores))
    outline = Outline(page)
    drawn = [given for tag, given in outline.tags if given.get("class") == "spark"]

    assert len(drawn) == len(Dimension)
    assert all(each["role"] == "img" for each in drawn)
    assert str(drawn[0]["aria-label"]).startswith("规范性：第1版61.0，第2版62.0")
    assert page.count("升1.0") == len(Dimension)
    assert len(page.encode()) <= 150_000


def test_a_version_without_history_has_no_column_for_it() -> None:
    assert "走势" not in PAGES["clean"]


def test_a_thousand_datasets_still_make_a_small_overview() -> None:
    rows = tuple(row(f"d{n}", f"数据集{n}", Verdict.RELEASED, data_time=STALE) for n in range(1000))

    page = overview_page(overview(rows))

    assert len(page.encode()) <= 150_000
    assert "另有850个数据集未逐一列出" in page


def test_a_page_shows_only_times_it_was_given() -> None:
    later = Frame(
        city="示范市",
        deployment_role=DeploymentRole.PLATFORM_OPERATOR,
        regimes=(),
        catalog_version="0" * 64,
        as_of=TODAY,
        run_at=datetime(2026, 4, 17, 1, 0, tzinfo=UTC),
        adopted=True,
    )

    page = overview_page(OverviewView(frame=later, rows=()))

    assert "2026年4月17日 01:00" in page
    assert "试行规则" not in page
