"""A rule that Great Expectations judges itself, from the entry to the release."""

from typing import Any

import pytest

from tests.journeys.homes import City, rows_of

STRFTIME = "expect_column_values_to_match_strftime_format"
BY = "由 Great Expectations"


def rule(expect: str, *, on_fail: str = "keep_flag", **kwargs: Any) -> dict[str, Any]:
    return {
        "expect": expect,
        "kwargs": kwargs,
        "indicator": "0101",
        "description": "名称应以年月日写成",
        "severity": "warning",
        "on_fail": on_fail,
    }


@pytest.fixture
def months(city: City) -> City:
    """A dataset whose names are to be days, released once with good ones."""
    city.lists("parks", quality={"rules": [dates("block")]})
    city.hands_over("parks", rows_of(3, word="2024010"))
    assert city.run().outcomes["parks"]["verdict"] == "released"
    return city


def dates(on_fail: str) -> dict[str, Any]:
    return rule(STRFTIME, on_fail=on_fail, column="name", strftime_format="%Y%m%d")


def test_a_blocking_rule_of_great_expectations_own_stops_the_release(months: City) -> None:
    months.hands_over("parks", [*rows_of(3, word="2024010"), ("P-9", "20240230", "2026-03-16")])

    outcome = months.run().outcomes["parks"]

    assert outcome["verdict"] == "blocked"
    assert [each["rule"] for each in outcome["reasons"]] == ["QUA-02"]
    assert months.query("select count(*) from parks") == [(3,)]


def test_who_judged_it_is_told_wherever_the_rule_is(months: City) -> None:
    assert f"名称应以年月日写成（{BY}" in months.opendata("quality", "explain", "parks").out
    page = (months.root / "reports").rglob("*.html")
    assert any(f"名称应以年月日写成（{BY}" in each.read_text(encoding="utf-8") for each in page)

    verified = months.opendata("quality", "verify", "parks", "--json")
    assert verified.code == 0
    (told,) = [each for each in verified.json["datasets"][0]["rules"] if each["type"] == STRFTIME]
    assert (told["comparison"], told["why"]) == (
        "not_compared",
        "本就由 GX 评估，没有另一个结果可比",
    )


def test_such_a_rule_leaves_as_a_suite_and_comes_back_unchanged(months: City) -> None:
    out = months.root / "suite.json"
    months.opendata("quality", "suite", "parks", "--out", str(out))

    told = months.opendata("quality", "suite", "parks", "--check", str(out))

    assert STRFTIME in out.read_text(encoding="utf-8")
    assert (told.code, "一致" in told.out) == (0, True)


def test_data_docs_show_such_a_rule_with_its_judge(months: City) -> None:
    built = months.opendata("quality", "docs", "--json")

    assert built.code == 0
    pages = (months.root / "reports/quality/data-docs").rglob("*.html")
    shown = "".join(each.read_text(encoding="utf-8") for each in pages)
    assert f"名称应以年月日写成（{BY}" in shown
    assert "20240101" not in shown


def test_a_crash_inside_great_expectations_fails_the_passage_and_leaves_what_is_open(
    months: City,
) -> None:
    schema = rule(
        "expect_column_values_to_match_json_schema", column="name", json_schema={"type": "integer"}
    )
    months.lists("parks", quality={"rules": [schema]})
    months.hands_over("parks", [*rows_of(3, word="2024010"), ("P-9", "非数", "2026-03-16")])

    ran = months.run()

    outcome = ran.outcomes["parks"]
    assert outcome["verdict"] == "failed"
    (reason,) = outcome["reasons"]
    assert reason["rule"] == "LND-01"
    assert "“名称应以年月日写成”（rule_name_match_json_schema）" in reason["text"]
    assert "既不算通过也不算未通过" in reason["text"]
    assert "非数" not in ran.out + ran.err
    assert months.query("select count(*) from parks") == [(3,)]


def test_the_catalog_check_asks_great_expectations_about_the_arguments_of_its_rules(
    city: City,
) -> None:
    wrong = [
        rule(STRFTIME, column="name", strftime_format="%"),
        rule("expect_column_type_to_be", column="name", type_="StringDtype"),
        rule("expect_column_values_to_match_json_schema", column="no", json_schema={"type": "一"}),
        rule("expect_column_values_to_be_json_parseable", column="name"),
    ]
    city.lists("parks", quality={"rules": wrong})

    told = city.opendata("check", "--json")

    said = {each["where"].rsplit(" ", 1)[-1]: each["message"] for each in told.json["problems"]}
    assert told.code == 2
    assert set(said) == {
        "rule_name_match_strftime_format",
        "rule_name_type_to_be",
        "rule_no_match_json_schema",
    }
    assert "stray % in format" in said["rule_name_match_strftime_format"]
    assert "crashes in it, whatever the values" in said["rule_no_match_json_schema"]
