"""The page of an audit stands alone and can be read without eyes."""

import re
from datetime import date
from html.parser import HTMLParser

from opendata.freshness_audit import Audit, Column, Contents, Listed, audit
from opendata.pages.audit import HEADINGS, SHOWN_PROVIDERS, audit_page, cells, rules
from opendata.portal_list import read_day, read_frequency
from opendata.workdays import Calendar


def an_audit(*providers: str, name: str = "清单.xlsx", updated: str = "2022-01-01") -> Audit:
    listed = [
        Listed(
            provider=provider,
            frequency=read_frequency("每月"),
            spelling="每月",
            updated=read_day(updated),
            released=read_day(""),
        )
        for provider in providers
    ]
    contents = Contents(
        name=name,
        columns={"provider": Column(number=1, heading="提供单位")},
        records=len(listed),
        repeats=0,
        untitled=0,
        listed=listed,
    )
    return audit(
        contents, as_of=date(2023, 6, 15), as_of_from="given", calendar=Calendar.load("cn")
    )


class Structure(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    structure = Structure()
    structure.feed(page)
    return structure.tags


def test_the_page_needs_no_script_and_no_other_address() -> None:
    page = audit_page([an_audit("市园林局")])

    assert "script" not in {tag for tag, _ in tags(page)}
    assert not re.search(r"https?:|url\(|@import", page)


def test_the_page_has_one_heading_a_language_and_labelled_tables() -> None:
    found = tags(audit_page([an_audit("市园林局"), an_audit("市交通局", name="二.csv")]))
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]

    assert [tag for tag, _ in found].count("h1") == 1
    assert ("html", {"lang": "zh-CN"}) in found
    assert all("scope" in attrs for tag, attrs in found if tag == "th")
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= set(ids)
    assert [tag for tag, _ in found].count("table") == [tag for tag, _ in found].count("caption")


def test_the_page_states_verdict_day_and_rule() -> None:
    page = audit_page([an_audit("市园林局")])

    assert "可判定的1个中，逾期1个" in page
    assert "2023年6月15日（指定）" in page
    assert all(each in page for each in rules())


def test_nothing_judged_is_no_good_news() -> None:
    page = audit_page([an_audit("市园林局", updated="")])

    assert "没有可以判定的数据集" in page
    assert 'class="verdict none"' in page


def test_names_of_a_list_are_text_and_never_markup() -> None:
    page = audit_page([an_audit("<img src=x>", name="<b>.xlsx")])

    assert "<img" not in page
    assert "<b>.xlsx" not in page


def test_many_providers_are_told_one_by_one_up_to_a_point_and_none_is_lost() -> None:
    page = audit_page([an_audit(*(f"第{n}局" for n in range(SHOWN_PROVIDERS + 7)))])

    assert "其余7家" in page


def test_a_tally_has_a_cell_for_every_heading() -> None:
    assert dict(zip(HEADINGS, cells(an_audit("市园林局").whole), strict=True)) == {
        "数据集": "1",
        "有更新日期": "1",
        "可判定": "1",
        "按时": "0",
        "宽限内": "0",
        "逾期": "1",
        "逾期率": "100%",
        "逾期中位天数": "467",
        "不能判定": "—",
    }
