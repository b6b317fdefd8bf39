import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.reports import write_reports
from resources.register import Decision, DecisionKind
from tests.journeys.homes import City, Demo, csv_text, rows_of


def _json(page: Path) -> Any:
    return json.loads(page.with_suffix(".json").read_bytes())


def _numbers(cells: list[Any], line: list[str]) -> list[Any]:
    """The line of a CSV with numbers where the workbook has some."""
    return [
        each if isinstance(cell, str) else float(each)
        for cell, each in zip(cells, line, strict=True)
    ]


@pytest.fixture
def city_of_three(city: City) -> City:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.lists("zoo", channels=None)
    city.hands_over("zoo", rows_of(2, word="zoo"))
    city.lists("canal")
    city.hands_over("canal", csv_text([("1",)], headings=("别的",)))
    city.run()
    return city


def test_every_page_has_a_json_twin_and_the_overview_comes_first(city_of_three: City) -> None:
    pages = write_reports(city_of_three.workshop())

    assert pages[0].name == "index.html"
    assert [each.stem for each in pages[-2:]] == ["should-open", "body-market"]
    assert {each.stem for each in pages[1:-2]} == {"parks", "zoo", "canal"}
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
        json.loads(page.with_suffix(".json").read_bytes())


def test_every_page_has_its_tables_beside_it(city_of_three: City) -> None:
    for page in write_reports(city_of_three.workshop()):
        text = page.with_suffix(".csv").read_text(encoding="utf-8-sig")
        headings, *lines = csv.reader(io.StringIO(text, newline=""))
        sheet = openpyxl.load_workbook(page.with_suffix(".xlsx")).worksheets[0]
        cells = [["" if each.value is None else each.value for each in row] for row in sheet]
        assert cells == [headings, *map(_numbers, cells[1:], lines)], page.name
        assert f'href="{page.stem}.xlsx"' in page.read_text(encoding="utf-8")


def test_a_workbook_is_made_again_only_when_its_tables_change(city_of_three: City) -> None:
    book = city_of_three.root / "reports" / "parks.xlsx"
    made = book.stat().st_mtime_ns

    write_reports(city_of_three.workshop())
    same = book.stat().st_mtime_ns
    book.unlink()
    write_reports(city_of_three.workshop())

    assert same == made
    assert book.exists()


def test_a_workbook_has_no_empty_sheets_but_its_first(city_of_three: City) -> None:
    write_reports(city_of_three.workshop())
    reports = city_of_three.root / "reports"

    canal = openpyxl.load_workbook(reports / "canal.xlsx")

    assert canal.sheetnames == ["规则结果", "需要处理的事"]
    assert canal["规则结果"].max_row == 1


def test_no_cell_of_a_workbook_is_a_formula(city: City) -> None:
    city.lists("parks", title='=HYPERLINK("evil")')
    city.hands_over("parks", rows_of(3))
    city.run()

    for page in write_reports(city.workshop()):
        assert "=HYPERLINK" not in page.with_suffix(".csv").read_text(encoding="utf-8-sig").replace(
            "'=HYPERLINK", ""
        )
        for sheet in openpyxl.load_workbook(page.with_suffix(".xlsx")).worksheets:
            assert not [each for row in sheet.iter_rows() for each in row if each.data_type == "f"]


def test_what_should_be_open_and_is_not_is_listed_with_reason_and_day(city_of_three: City) -> None:
    city_of_three.lists("new", listed_on="2026-02-01", body="culture")

    *_, listed, culture, market = write_reports(city_of_three.workshop())

    rows = {each["dataset_id"]: each for each in _json(listed)["rows"]}
    assert set(rows) == {"zoo", "canal", "new"}
    assert rows["zoo"]["refusals"][0]["rule"] == "CAT-02"
    assert rows["zoo"]["since"] == "2026-03-31"
    assert rows["new"]["state"] == "尚未处理"
    assert [each["dataset_id"] for each in _json(culture)["unopened"]] == ["new"]
    assert {each["dataset_id"] for each in _json(market)["unopened"]} == {"zoo", "canal"}
    assert "第二十二条" in listed.read_text(encoding="utf-8")


def test_suspended_data_is_not_open_and_is_listed_as_suspended(city_of_three: City) -> None:
    city_of_three.opendata("suspend", "parks", "--reason", "核查")

    listed = write_reports(city_of_three.workshop())[-2]

    rows = {each["dataset_id"]: each for each in _json(listed)["rows"]}
    assert rows["parks"]["state"] == "已中止"


def test_a_body_is_told_what_it_has_to_do_and_the_overview_leads_there(city_of_three: City) -> None:
    index, *_, body = write_reports(city_of_three.workshop())

    owed = {(each["dataset"], each["group"]) for each in _json(body)["duties"]}
    assert {("zoo", "barred"), ("canal", "barred")} <= owed
    assert 'href="body-market.html"' in index.read_text(encoding="utf-8")
    assert 'href="should-open.html"' in index.read_text(encoding="utf-8")


def test_the_page_draws_how_the_versions_were_scored(city_of_three: City) -> None:
    city_of_three.hands_over("parks", rows_of(5))
    city_of_three.run()

    page = city_of_three.root / "reports" / "parks.html"

    assert [each["version"] for each in _json(page)["trend"]] == [1, 2]
    text = page.read_text(encoding="utf-8")
    assert 'role="img" aria-label="完整性：第1版100.0，第2版100.0"' in text
    assert "持平" in text


def test_exceptions_that_end_within_a_month_are_told_to_their_body(city_of_three: City) -> None:
    workshop = city_of_three.workshop()
    for gate, until in (("CAT-02", "2026-04-30"), ("SRC-02", "2026-05-01")):
        given = {"gate": gate, "fingerprint": gate, "by": "李明", "role": "负责人", "until": until}
        workshop.register.record_decision(
            Decision(
                kind=DecisionKind.EXCEPTION,
                actor="li",
                decided_at=workshop.clock.now(),
                reason="整改中",
                dataset_id="parks",
                detail=given,
            )
        )

    body = write_reports(city_of_three.workshop())[-1]

    told = [each["what"] for each in _json(body)["duties"] if "例外处理" in each["what"]]
    assert told == ["例外处理（经批准）将于2026年4月30日届满（规则CAT-02）。"]


def test_a_page_is_rewritten_only_by_what_is_known(city_of_three: City) -> None:
    before = (city_of_three.root / "reports" / "zoo.html").read_text(encoding="utf-8")

    told = city_of_three.opendata("report", "--as-of", "2026-03-31")

    after = (city_of_three.root / "reports" / "zoo.html").read_text(encoding="utf-8")
    moment = re.compile(r"\d{4}[-年]\d{1,2}[-月]\d{1,2}日?[ T]\d{2}:\d{2}(:\d{2})?|第 ?\d+ ?条")
    assert told.code == 0
    assert moment.sub("", after) == moment.sub("", before)


def test_the_overview_links_every_page(city_of_three: City) -> None:
    index = (city_of_three.root / "reports" / "index.html").read_text(encoding="utf-8")

    assert set(re.findall(r'href="(\w+\.html)"', index)) >= {
        "parks.html",
        "zoo.html",
        "canal.html",
    }


def test_a_refusal_is_on_the_page_with_its_article_and_remedy(city_of_three: City) -> None:
    page = (city_of_three.root / "reports" / "zoo.html").read_text(encoding="utf-8")

    assert "目录缺少应当标注的内容：数据开放方式" in page
    assert "第二十条" in page
    assert "在目录条目中补齐" in page


def test_judgements_are_archived_as_great_expectations_writes_them(city_of_three: City) -> None:
    files = {each.name for each in (city_of_three.root / "reports" / "quality").iterdir()}

    assert len([name for name in files if name.startswith("parks")]) >= 2
    assert not [name for name in files if name.startswith("canal")]


def test_pages_reach_for_nothing_outside(demo: Demo) -> None:
    pages = sorted((demo.city.root / "reports").glob("*.html"))

    reaching = [
        page.name
        for page in pages
        if re.search(r'(src|href)="(https?:)?//', page.read_text(encoding="utf-8"))
    ]

    bodies = {each.parent.name for each in (demo.city.root / "catalog").glob("*/*.yaml")}
    assert len(pages) == len(demo.run.json) + 2 + len(bodies)
    assert reaching == []
