import json
import re

import pytest

from assets.reports import write_reports
from tests.journeys.homes import City, Demo, csv_text, rows_of


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
    assert {each.stem for each in pages} == {"index", "parks", "zoo", "canal"}
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
        json.loads(page.with_suffix(".json").read_bytes())


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

    assert len(pages) == len(demo.run.json) + 1
    assert reaching == []
