"""The evaluation sheets of a year: a city's and its bodies', with their clock and their files."""

import csv
import io
import json

import openpyxl
import pytest

from assets.evaluation import evaluate
from tests.journeys.homes import City, rows_of


@pytest.fixture
def city_of_two(tmp_path_factory: pytest.TempPathFactory) -> City:
    regimes = ["xian-share-2018", "guangxi-open"]
    city = City.found(tmp_path_factory.mktemp("evaluated"), regimes=regimes)
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.lists("lakes", body="culture")
    city.run()
    return city


def report(city: City, *words: str) -> None:
    told = city.opendata("report", "--as-of", "2026-03-31", *words)
    assert told.code == 0, told.err


def page(city: City, name: str) -> str:
    return (city.root / "reports" / name).read_text(encoding="utf-8")


def test_the_city_is_the_sum_of_its_bodies(city_of_two: City) -> None:
    found = evaluate(city_of_two.workshop(), 2026)

    assert [each.id for each in found.bodies] == ["culture", "market"]
    for name in ("listed", "open", "unopened", "versions", "received", "failed"):
        assert found.city.values[name] == sum(each.values[name] or 0 for each in found.bodies)
    assert found.city.values["listed"] == 2
    assert found.city.values["versions"] == found.city.values["open"]


def test_the_sheet_counts_the_days_to_the_end_of_december(city_of_two: City) -> None:
    report(city_of_two, "--year", "2026")

    sheet = page(city_of_two, "evaluation-2026.html")
    assert "应于2026年12月31日前（含当日）报送，还有275天" in sheet
    assert "《西安市政务数据资源共享管理办法》第三十九条" in sheet
    assert "应用支撑能力" in sheet
    assert "待填" in sheet


def test_a_report_that_is_late_is_told_by_how_much(city_of_two: City) -> None:
    report(city_of_two, "--year", "2025")

    sheet = page(city_of_two, "evaluation-2025.html")
    assert "报送期限2025年12月31日，已过90天" in sheet


def test_what_only_the_present_knows_is_left_open_for_a_past_year(city_of_two: City) -> None:
    values = evaluate(city_of_two.workshop(), 2025).city.values

    assert values["listed"] is None
    assert values["versions"] == 0


def test_no_text_of_the_home_names_a_day_then_none_is_named(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()
    report(city, "--year", "2026")

    assert "没有规定报送日期" in page(city, "evaluation-2026.html")


def test_the_overview_links_the_sheets_once_they_are_there(city_of_two: City) -> None:
    report(city_of_two)
    assert "evaluation-" not in page(city_of_two, "index.html")

    report(city_of_two, "--year", "2026")
    assert 'href="evaluation-2026.html"' in page(city_of_two, "index.html")


def test_page_json_csv_and_workbook_say_the_same(city_of_two: City) -> None:
    report(city_of_two, "--year", "2026")
    reports = city_of_two.root / "reports"

    twin = json.loads((reports / "evaluation-2026.json").read_bytes())
    text = (reports / "evaluation-2026.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    sheet = openpyxl.load_workbook(reports / "evaluation-2026.xlsx")["各单位"]
    cells = [[each.value for each in row] for row in sheet.iter_rows()]

    total = twin["sheet"]["values"]["listed"]
    assert lines[-1]["单位"] == "测试市"
    assert lines[-1]["目录列为开放的数据集（个）"] == str(total)
    assert cells[-1][cells[0].index("目录列为开放的数据集（个）")] == total
    assert cells[-1][cells[0].index("支撑的应用")] == "待填"


def test_each_body_has_a_sheet_of_its_own_linked_from_the_citys(city_of_two: City) -> None:
    report(city_of_two, "--year", "2026")

    assert 'href="evaluation-2026-market.html"' in page(city_of_two, "evaluation-2026.html")
    own = page(city_of_two, "evaluation-2026-market.html")
    assert "市market局" in own
    assert 'href="evaluation-2026.html"' in own
