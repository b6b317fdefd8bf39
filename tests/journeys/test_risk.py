"""What is too small or too alike to be opened is left out, left empty, or refused."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.journeys.homes import City, Ran, Row, csv_text

KEPT = {"action": "保留", "ground": "公共利益"}
DISTRICT: dict[str, Any] = {"title": "区县", "role": "准标识符", **KEPT}
DISEASE: dict[str, Any] = {"title": "病种", "role": "敏感属性", **KEPT}
DAY = {"title": "更新日期", "type": "date", "required": True}
CASES = {"title": "病例数", "type": "integer"}
CELLS = {"count": "cases", "groups": ["district", "month"], "below": 11}


def opened(city: City, fields: dict[str, Any], rows: Iterable[Row], release: dict[str, Any]) -> Ran:
    fields = fields | {"updated_on": DAY}
    city.lists("cases", fields=fields, release=release)
    headings = tuple(each["title"] for each in fields.values())
    given = [(*row, "2026-03-15") for row in rows]
    city.hands_over("cases", csv_text(given, headings=headings))
    return city.run()


def page(city: City) -> str:
    return (city.root / "reports" / "cases.html").read_text(encoding="utf-8")


def alike(ran: Ran) -> list[str]:
    return [each["text"] for each in ran.outcomes["cases"]["reasons"] if each["rule"] == "DES-02"]


@pytest.mark.parametrize(
    ("plan", "rows"),
    [({}, 0), ({"l": 1}, 30), ({"max_suppression": 0.4}, 20)],
    ids=["two_values_by_default", "asked_for_nothing", "left_out"],
)
def test_a_group_that_tells_its_disease_is_not_opened(
    city: City, plan: dict[str, Any], rows: int
) -> None:
    given = [(f"区{n % 3}", "甲" if n % 3 == 0 else f"病{n % 2}") for n in range(30)]

    ran = opened(city, {"district": DISTRICT, "disease": DISEASE}, given, {"k": 5, **plan})

    assert ran.outcomes["cases"]["rows_released"] == rows
    assert alike(ran) == (
        []
        if rows
        else ["脱敏后有同类组的“病种”仅1种取值（要求不少于2种），知道某人在该组即知其“病种”。"]
    )
    assert "敏感属性“病种”：" in page(city)


def test_small_counts_are_left_empty_with_those_that_would_tell_them(city: City) -> None:
    place = {"title": "区县"}
    month = {"title": "月份"}
    counts = {("东区", "1月"): 3, ("东区", "2月"): 80, ("东区", "3月"): 90}
    counts |= {("西区", "1月"): 70, ("西区", "2月"): 60, ("西区", "3月"): 50}
    given = [(*cell, str(count)) for cell, count in counts.items()]

    ran = opened(
        city, {"district": place, "month": month, "cases": CASES}, given, {"small_cell": CELLS}
    )

    assert ran.outcomes["cases"]["verdict"] == "released"
    shown = city.query("select district, month, cases from cases order by all")
    assert [each for each in shown if each[2] is None] == [
        ("东区", "1月", None),
        ("东区", "2月", None),
        ("西区", "1月", None),
        ("西区", "2月", None),
    ]
    assert "“病例数”小于11的计数不公布：连同防止由合计减出的计数，共置空4个。" in page(city)


def test_a_count_that_a_gap_gives_away_is_refused(city: City) -> None:
    """Two counts share a column nobody else is in, so the column's total tells the small one."""
    counts = {("东区", "1月"): 3, ("东区", "2月"): 80}
    given = [(*cell, str(count)) for cell, count in counts.items()]
    fields = {"district": {"title": "区县"}, "month": {"title": "月份"}, "cases": CASES}

    ran = opened(city, fields, given, {"small_cell": CELLS})

    assert alike(ran) == ["“病例数”中有1个小于11的计数仍可见，或者可由合计减出，可能识别特定个人。"]
