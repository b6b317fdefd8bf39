"""A body's page: everything it has to do in the order of deadlines, and what is not open."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from opendata.agreement import Agreement
from opendata.findings import Outcome
from opendata.pages.body_views import BodyRow, BodyView, Ground, Unopened, UnopenedView
from opendata.pages.duties import duties_of
from opendata.pages.render import body_page, list_json, unopened_page
from opendata.pages.tables import body_tables, unopened_tables
from opendata.pages.views import SourceLine
from opendata.vocabulary import OnConflict, Openness, Verdict
from opendata.waivers import Waiver
from tests.opendata.pages.test_render import (
    CLS_02,
    DES_02,
    FRAME,
    TODAY,
    Outline,
    row,
)

MENDING = Ground(citation="《某办法》第九条", quote="做好问题数据整改校验")
OVERDUE = row("late", "空气质量日报", Verdict.RELEASED, data_time=date(2026, 2, 28))
LONG_OVERDUE = row("very_late", "排污许可证", Verdict.RELEASED, data_time=date(2025, 9, 30))
HELD = row("held", "企业登记信息", Verdict.BLOCKED, reasons=(DES_02, CLS_02))
FINE = row("fine", "公园绿地名录", Verdict.RELEASED)


def without_problems(outcome: Outcome) -> Outcome:
    return replace(outcome, rows_quarantined=0)


QUIET = replace(FINE, outcome=without_problems(FINE.outcome))


def source(*, differ: int, personal: bool) -> SourceLine:
    return SourceLine(
        title="统一社会信用代码",
        element="uscc",
        source="企业登记信息",
        body="市市场监督管理局",
        agreement=Agreement(
            field="uscc",
            element="uscc",
            authority="register.uscc",
            policy=OnConflict.REPORT,
            agree=90,
            differ=differ,
        ),
        personal=personal,
    )


def waiver(until: date) -> Waiver:
    return Waiver(
        dataset_id="fine",
        gate="SRC-02",
        fingerprint="f",
        by="李明",
        role="分管负责人",
        reason="提供部门同意",
        until=until,
        at=datetime(2026, 1, 5, tzinfo=UTC),
        actor="li",
    )


def view(*rows: BodyRow, unopened: tuple[Unopened, ...] = ()) -> BodyView:
    return BodyView(
        frame=FRAME,
        title="市市场监督管理局",
        rows=rows,
        unopened=unopened,
        mending=MENDING,
        stem="body-market",
        overview_href="index.html",
        unopened_href="should-open.html",
    )


NEVER_RUN = Unopened(
    dataset_id="new",
    title="新列入的数据",
    body="market",
    body_title="市市场监督管理局",
    openness=Openness.UNCONDITIONAL,
    state="尚未处理",
    listed_on=date(2026, 1, 5),
)
REFUSED = replace(
    NEVER_RUN,
    dataset_id="held",
    title="企业登记信息",
    state="暂缓开放",
    refusals=(DES_02, CLS_02),
    since=date(2026, 2, 10),
    href="held.html",
)
BUSY = view(
    BodyRow(row=FINE, sources=(source(differ=7, personal=False),), waivers=(waiver(TODAY),)),
    BodyRow(row=HELD),
    BodyRow(row=OVERDUE),
    BodyRow(row=LONG_OVERDUE),
    unopened=(REFUSED, NEVER_RUN),
)
LIST = UnopenedView(
    frame=FRAME,
    rows=(REFUSED, NEVER_RUN),
    grounds=(Ground(citation="《某办法》第二十二条", quote="定期对尚未开放的政务数据进行评估"),),
    listed=12,
    not_open=3,
    stem="should-open",
    overview_href="index.html",
)


def test_what_is_late_comes_first_and_the_latest_first_of_it() -> None:
    groups = {each.id: each for each in duties_of(BUSY)}

    assert list(groups) == ["late", "barred", "dated", "undated"]
    late = [each.row.row.outcome.dataset_id for each in groups["late"].duties]
    assert late == ["very_late", "late"]


def test_within_a_group_deadlines_run_forward() -> None:
    for group in duties_of(BUSY):
        days = [each.need.due or date.max for each in group.duties]
        assert days == sorted(days)


def test_every_refusal_is_a_duty_before_opening_with_its_article() -> None:
    barred = next(each for each in duties_of(BUSY) if each.id == "barred")

    assert {each.need.basis for each in barred.duties} == {DES_02.citation, CLS_02.citation}
    assert {each.need.by for each in barred.duties} == {"开放前"}


def test_problem_rows_differences_and_ending_exceptions_are_told() -> None:
    owed = [each for group in duties_of(BUSY) for each in group.duties]
    told = [each.need.what for each in owed if each.row.row is FINE]

    assert "问题数据3条。" in told
    assert "“统一社会信用代码”有7条与数源（企业登记信息）不一致。" in told
    assert "例外处理（经批准）将于2026年4月17日届满（规则SRC-02）。" in told
    assert MENDING.citation in {each.need.basis for each in owed}


@pytest.mark.parametrize("differ", [1, 4])
def test_small_counts_about_people_are_not_told_apart(differ: int) -> None:
    busy = view(BodyRow(row=QUIET, sources=(source(differ=differ, personal=True),)))

    assert "有&lt;5条与数源" in body_page(busy)
    assert json.loads(list_json(busy))["rows"][0]["sources"][0]["agreement"]["differ"] == "<5"


def test_a_body_with_nothing_to_do_is_told_so_and_never_called_lawful() -> None:
    page = body_page(view(BodyRow(row=QUIET)))

    assert duties_of(view(BodyRow(row=QUIET))) == ()
    assert "没有需要处理的事" in page
    assert "未发现不符合所载规则的情形" in page
    assert "合规" not in page


def test_an_exception_that_has_ended_is_not_in_the_future() -> None:
    ended = view(BodyRow(row=QUIET, waivers=(waiver(TODAY - timedelta(days=1)),)))

    assert [each.id for each in duties_of(ended)] == ["late"]


def test_data_that_is_not_to_be_opened_owes_no_mending_for_opening() -> None:
    closed = view(BodyRow(row=row("closed", "涉案财物信息", Verdict.NOT_OPEN)))

    assert duties_of(closed) == ()


def test_what_should_be_open_tells_rule_article_and_since_when() -> None:
    page = unopened_page(LIST)

    for each in (DES_02.text, "DES-02", DES_02.citation, "自2026年2月10日起", "定期对尚未开放"):
        assert each in page
    assert "列入目录后还没有处理过" in page
    assert "2026年1月5日列入目录" in page


def test_every_reason_is_a_line_of_the_table_and_never_run_is_one_too() -> None:
    (table,) = unopened_tables(LIST)
    rules = table.headings.index("规则")

    assert [each[rules] for each in table.rows] == ["DES-02", "CLS-02", None]
    assert all(len(each) == len(table.headings) for each in table.rows)
    for other in body_tables(BUSY):
        assert all(len(each) == len(other.headings) for each in other.rows)


@pytest.mark.parametrize(
    "page", [body_page(BUSY), unopened_page(LIST)], ids=["body", "should-open"]
)
def test_these_pages_stand_alone_and_can_be_heard(page: str) -> None:
    outline = Outline(page)
    steps = [b - a for a, b in zip(outline.headings, outline.headings[1:], strict=False)]
    ids = outline.values("id")

    assert not {tag for tag, _ in outline.tags} & {"script", "link", "iframe", "img", "object"}
    assert outline.headings.count(1) == 1
    assert max(steps) <= 1
    assert len(ids) == len(set(ids))
    assert {each[1:] for each in outline.values("href") if each.startswith("#")} <= set(ids)
    assert all("scope" in given for tag, given in outline.tags if tag == "th")
    assert {"header", "main", "footer"} <= {tag for tag, _ in outline.tags}


def test_hostile_titles_stay_text() -> None:
    evil = replace(REFUSED, title="<script>alert(1)</script>")

    page = unopened_page(replace(LIST, rows=(evil,)))

    assert "<script" not in page
    assert "&lt;script&gt;" in page
