"""What a plan took away is counted; a milder one is refused for a reason, or is a finding."""

from typing import Any

import pytest

from tests.journeys.homes import City, Ran, csv_text

FIELDS: dict[str, Any] = {
    "no": {"title": "编号", "required": True, "key": True, "action": "删除"},
    "updated_on": {"title": "更新日期", "type": "date", "required": True},
    "born_on": {
        "title": "出生日期",
        "type": "date",
        "role": "准标识符",
        "action": "泛化",
        "preset": "年",
    },
    "mobile": {"title": "手机号", "semantic": "手机号码", "role": "直接标识符", "action": "删除"},
    "age": {"title": "工龄", "type": "integer", "action": "封顶保底", "top": 30},
    "company": {"title": "企业名称", "action": "整值抹除"},
}
HEADINGS = ("编号", "更新日期", "出生日期", "手机号", "工龄", "企业名称")


def explained(city: City, **changes: dict[str, Any]) -> Any:
    """Two hundred people born on the days of two years, desensitised and explained."""
    fields = {name: given | changes.get(name, {}) for name, given in FIELDS.items()}
    city.lists("people", fields=fields)
    rows = [
        (
            f"P-{n:04}",
            "2026-03-15",
            f"{1980 + n % 2}-{1 + n % 12:02}-{1 + n % 28:02}",
            f"163{n:08}",
            str(n % 40),
            f"公司{n % 10}",
        )
        for n in range(200)
    ]
    city.hands_over("people", csv_text(rows, headings=HEADINGS))
    city.run()
    told = city.opendata("desensitise", "explain", "people", "--json")
    assert told.code == 0, told.err
    return told.json


def trial(report: Any, title: str) -> dict[str, Any]:
    (found,) = [each for each in report["trials"] if each["title"] == title]
    return dict(found)


def loss(report: Any, title: str) -> dict[str, Any]:
    (found,) = [each for each in report["losses"] if each["title"] == title]
    return dict(found)


def test_what_each_treatment_took_away_is_counted(city: City) -> None:
    report = explained(city)

    assert loss(report, "出生日期")["distinct"] == "84 → 2"
    assert loss(report, "出生日期")["entropy"].endswith("→ 1.00")
    assert loss(report, "手机号")["distinct"] == "200 → —"
    assert loss(report, "工龄")["range_kept"] == "77%"
    assert loss(report, "企业名称")["empty"] == "0 → 200"


def test_a_finer_date_that_singles_people_out_is_refused_with_the_measure(city: City) -> None:
    found = trial(explained(city, born_on={"preset": "月"}), "出生日期")

    assert found["milder"] == "保留"
    assert found["would_do"] is False
    assert found["found"].startswith("最小同类组为")


def test_a_finer_date_that_still_hides_everybody_is_a_finding(city: City) -> None:
    found = trial(explained(city), "出生日期")

    assert (found["milder"], found["would_do"]) == ("泛化（月）", True)
    assert "实测同类组仍达到要求" in found["found"]


def test_a_direct_identifier_is_not_shown_in_part_for_the_sake_of_value(city: City) -> None:
    found = trial(explained(city), "手机号")

    assert (found["milder"], found["would_do"]) == ("遮盖（手机号）", False)
    assert "直接标识符" in found["found"]


def test_hiding_a_public_fact_is_a_finding(city: City) -> None:
    found = trial(explained(city), "企业名称")

    assert found["would_do"] is True
    assert "过度脱敏" in found["found"]


def test_the_report_is_linked_from_the_page_kept_by_version_and_holds_no_value(
    city: City,
) -> None:
    report = explained(city)
    reports = city.root / "reports"
    kept = (reports / "deidentification" / "people-1.json").read_text("utf-8")
    page = (reports / "deidentification" / "people.html").read_text("utf-8")

    assert 'href="deidentification/people.html"' in (reports / "people.html").read_text("utf-8")
    assert 'href="../people.html"' in page
    assert report["grade"] in page
    assert "未核实" in page
    for value in ("16300000001", "1980-01-01", "公司3", "P-0001"):
        assert value not in page + kept


def test_a_steward_reads_the_same_in_a_terminal(city: City) -> None:
    explained(city)

    told: Ran = city.opendata("desensitise", "explain", "people")

    assert "手机号 → 遮盖（手机号）：不采用。" in told.out
    assert "第1版" in told.out
    assert told.out.rstrip().endswith("不得作为评级结论使用。")


@pytest.mark.parametrize("dataset", ["gone", "parks"], ids=["unknown", "never_run"])
def test_what_was_never_desensitised_cannot_be_explained(city: City, dataset: str) -> None:
    city.lists("parks")

    assert city.opendata("desensitise", "explain", dataset).code == 2
