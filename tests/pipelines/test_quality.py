"""``opendata quality``: scores worked out again, suites compared, a second opinion asked for."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality.agreement import AGREES
from tests.journeys.homes import City, Demo, rows_of

LOADS = re.compile(
    r"<(?:script|link|img|iframe)[^>]*https?://|@import[^;]*https?://|url\([^)]*https?://"
)
PERSONS = re.compile(r"(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])")


@pytest.fixture
def parks(city: City) -> City:
    """One dataset with two rows that break something, run once."""
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), ("P-0099", "", "2026-03-15"), ("P-0100", "园", "x")])
    city.run()
    return city


def tamper(city: City, path: tuple[Any, ...], value: object) -> None:
    """Change one value of the kept dossier."""
    workshop = city.workshop()
    kept = workshop.state.recall("parks")
    assert kept
    dossier = json.loads(kept.outcome_json)
    *way, last = path
    place = dossier
    for step in way:
        place = place[step]
    place[last] = value
    workshop.state.remember("parks", fingerprint=kept.fingerprint, outcome_json=json.dumps(dossier))
    workshop.close()


# --- explain


def test_the_score_is_worked_out_again_from_its_counts(parks: City) -> None:
    told = parks.opendata("quality", "explain", "parks")

    assert told.code == 0
    assert "    31/32 = 0.9688  通过  “名称”为必填项，不得为空" in told.out
    assert "准确性：100.0 分 = 100 * (1.0000 + 1.0000 + 1.0000) / 3" in told.out
    assert "可访问性：未评估" in told.out
    assert told.out.rstrip().endswith("由计数重算，与所保存的得分一致。")


def test_every_score_of_the_demo_city_is_reproduced(demo: Demo) -> None:
    judged = [name for name, each in demo.run.outcomes.items() if each["score"] is not None]
    told = {name: demo.city.opendata("quality", "explain", name, "--json") for name in judged}

    assert len(judged) > 15
    assert {name for name, each in told.items() if each.code} == set()
    assert all(each.json["reproduced"] for each in told.values())
    for name, each in told.items():
        assert round(each.json["score"], 4) == round(demo.run.outcomes[name]["score"], 4)


def test_a_failed_critical_rule_is_shown_as_the_cap_it_is(demo: Demo) -> None:
    told = demo.city.opendata("quality", "explain", "water_quality").out

    assert "关键规则未通过（section_no_sampled_on_unique、oxygen_not_null）" in told
    assert "得分 59.9 = 已评估维度的平均分 89.1，受上限约束" in told


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("quality", "score"), 99.5, "得分：保存的是 99.5000，由计数重算得"),
        (("quality", "coverage"), 1.0, "覆盖率：保存的是 1.0000，由计数重算得"),
        (("quality", "dimensions", 0, "score"), 12.0, "规范性：保存的是 12.0000"),
        (("quality", "results", 0, "unexpected"), 7, "计数不可能成立"),
    ],
    ids=["score", "coverage", "dimension", "count"],
)
def test_a_kept_score_its_counts_do_not_bear_out_is_told_loudly(
    parks: City, path: tuple[Any, ...], value: object, said: str
) -> None:
    tamper(parks, path, value)

    told = parks.opendata("quality", "explain", "parks")

    assert told.code == 1
    assert "不得采信" in told.out
    assert said in told.out
    assert not parks.opendata("quality", "explain", "parks", "--json").json["reproduced"]


def test_a_dataset_that_was_never_judged_says_what_to_do(city: City) -> None:
    city.lists("parks")
    assert "`opendata run parks` first" in city.opendata("quality", "explain", "parks").err

    city.hands_over("parks", b"")
    city.run()
    told = city.opendata("quality", "explain", "parks")

    assert told.code == 2
    assert "ended before it was judged" in told.err


# --- verify


def test_great_expectations_agrees_on_the_demo_city_and_what_is_not_compared_is_named(
    demo: Demo,
) -> None:
    told = demo.city.opendata("quality", "verify", "--json")

    assert told.code == 0
    datasets = {each["dataset"]: each for each in told.json["datasets"]}
    rules = [rule for each in datasets.values() for rule in each["rules"]]
    assert datasets.keys() == demo.run.outcomes.keys()
    assert sum(rule["comparison"] == "same" for rule in rules) > 200
    assert {rule["comparison"] for rule in rules} == {"same", "same_but_for_casts", "not_compared"}
    assert all(rule["why"] for rule in rules if rule["comparison"] != "same")
    agreed = [rule for rule in rules if rule["type"] == AGREES]
    assert [rule["comparison"] for rule in agreed] == ["same", "same"]
    assert PERSONS.findall(told.out) == []


def test_a_difference_is_listed_rule_by_rule_and_is_exit_code_3(parks: City) -> None:
    parks.lists("second", source={"files": "second*.csv"})
    parks.hands_over("second", rows_of(3))
    parks.run()
    tamper(parks, ("quality", "results", 1, "unexpected"), 1)

    told = parks.opendata("quality", "verify", "parks", "second")

    assert told.code == 3
    assert "不一致 no_unique “编号”应唯一标识一条数据，不得重复：成功与否或计数不同" in told.out
    assert (
        "本系统 通过（元素 32、缺失 0、不符合 1），GX 通过（元素 32、缺失 0、不符合 0）" in told.out
    )
    assert "不一致 1 条" in told.out.splitlines()[-1]


def test_a_table_that_changed_since_it_was_judged_is_told_and_not_compared(parks: City) -> None:
    flagged = parks.root / "restricted" / "standardised" / "parks.parquet"
    flagged.write_bytes(flagged.read_bytes() + b"x")

    told = parks.opendata("quality", "verify")

    assert told.code == 3
    assert "未核对，治理后的数据已不是评价时的数据" in told.out


def test_a_dataset_asked_for_by_name_must_have_been_judged(city: City) -> None:
    city.lists("parks")

    assert city.opendata("quality", "verify", "parks").code == 2
    assert city.opendata("quality", "verify").code == 0


# --- suite


def edited(city: City, change: Callable[[list[dict[str, Any]]], object]) -> Path:
    """The suite of the parks, written, with its rules changed."""
    path = city.root / "suite.json"
    assert city.opendata("quality", "suite", "parks", "--out", str(path)).code == 0
    suite = json.loads(path.read_text(encoding="utf-8"))
    change(suite["expectations"])
    path.write_text(json.dumps(suite, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_suite_that_was_written_is_the_one_printed_and_differs_in_nothing(city: City) -> None:
    city.lists("parks")
    path = edited(city, lambda _: None)

    printed = city.opendata("quality", "suite", "parks")
    checked = city.opendata("quality", "suite", "parks", "--check", str(path))

    assert json.loads(printed.out) == json.loads(path.read_text(encoding="utf-8"))
    assert checked.code == 0
    assert "与目录条目的规则一致" in checked.out


def test_the_contract_wins_over_an_edited_suite_rule_by_rule(city: City) -> None:
    city.lists("parks")
    mine = {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "name", "regex": "园$"},
        "meta": {"id": "mine", "indicator": "0101", "dimension": "d", "on_fail": "keep_flag"},
        "description": "名称应以“园”结尾",
    }

    def change(rules: list[dict[str, Any]]) -> None:
        rules[1]["severity"] = "info"
        rules[1]["kwargs"]["mostly"] = 0.5
        del rules[2]
        rules.append(mine)

    told = city.opendata("quality", "suite", "parks", "--check", str(edited(city, change)))

    assert told.code == 3
    assert "不一致：no_unique（“编号”应唯一标识一条数据，不得重复）" in told.out
    assert '  severity：目录条目 "critical"，文件 "info"；按目录条目执行' in told.out
    assert "  mostly：目录条目 0.95，文件 0.5；按目录条目执行" in told.out
    assert "文件中没有：no_not_null" in told.out
    assert "目录条目中没有：mine；不执行。如要采用，在 quality.rules 中加入：" in told.out
    assert "以目录条目为准" in told.out
    assert city.opendata("quality", "suite", "parks", "--json").json["expectations"][1][
        "severity"
    ] == ("critical")


def test_a_rule_the_file_adds_can_be_taken_into_the_entry_as_it_is_told(city: City) -> None:
    city.lists("parks")
    limit = {"column": "name", "min_value": 1, "max_value": 9}
    mine = {
        "type": "expect_column_value_lengths_to_be_between",
        "kwargs": limit,
        "meta": {"id": "rule_name_value_lengths_to_be_between", "indicator": "0101"}
        | {"dimension": "d", "on_fail": "keep_flag"},
        "description": "名称不超过九个字",
        "severity": "warning",
    }
    path = edited(city, lambda rules: rules.append(mine))
    told = city.opendata("quality", "suite", "parks", "--check", str(path)).out
    snippet = "\n".join(line for line in told.splitlines() if line.startswith("  "))

    city.lists("parks", quality={"rules": yaml.safe_load(snippet)})

    assert city.opendata("quality", "suite", "parks", "--check", str(path)).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n "expectations": [\n  {,}\n ]\n}', "suite line 3 column 4: is not the JSON"),
        ("", "suite line 1 column 1: is not the JSON"),
        ('{"expectations": {}}', "it has no list `expectations`"),
        ('{"expectations": [3]}', "suite expectations[1]: is not an object"),
        ('{"expectations": [], "expectations": []}', "'expectations' more than once"),
        ('{"expectations": [NaN]}', "NaN is not a number of JSON"),
        (
            '{"expectations": [{"type": "expect_column_values_to_be_null", "severity": "huge", '
            '"kwargs": {"column": "no", "mostly": 7}, "meta": {"id": "a", "indicator": "0201", '
            '"dimension": "d", "on_fail": "drop"}}]}',
            "kwargs.mostly is 7; use a number from 0 to 1",
        ),
        (
            '{"expectations": [{"type": "expect_the_unexpected", "kwargs": {}, "meta": '
            '{"id": "a", "indicator": "0201", "dimension": "d", "on_fail": "drop"}}]}',
            "expect_the_unexpected is not an expectation we evaluate",
        ),
    ],
    ids=["torn", "empty", "object", "number", "twice", "nan", "kinds", "unknown"],
)
def test_what_is_no_suite_is_told_with_its_place(city: City, text: str, said: str) -> None:
    city.lists("parks")
    path = city.put("suite.json", text)

    told = city.opendata("quality", "suite", "parks", "--check", str(path))

    assert told.code == 2
    assert said in told.out
    assert "未作比较" in told.out


def test_a_suite_that_is_not_utf8_is_told_where(city: City) -> None:
    city.lists("parks")
    path = city.put("suite.json", '{"name": "公园"}'.encode("gb18030"))

    told = city.opendata("quality", "suite", "parks", "--check", str(path))

    assert (told.code, "is not UTF-8 at byte 10" in told.out) == (2, True)


# --- try


def test_an_edited_suite_is_tried_on_the_standing_table_and_changes_nothing(parks: City) -> None:
    def stricter(rules: list[dict[str, Any]]) -> None:
        (rule,) = (each for each in rules if each["meta"]["id"] == "name_not_null")
        rule["kwargs"]["mostly"] = 1.0

    suite, before = edited(parks, stricter), parks.events()

    told = parks.opendata("quality", "try", "parks", str(suite))

    assert told.code == 3
    assert "未通过 name_not_null（“名称”为必填项，不得为空）：评估 32，不符合 1" in told.out
    assert "未通过 1 条。只作试算：未写入任何内容" in told.out
    assert parks.events() == before


def test_a_released_file_is_judged_by_its_suite(parks: City) -> None:
    released = parks.public / "datasets" / "parks" / "parks.parquet"

    told = parks.opendata("quality", "try", str(released), str(edited(parks, lambda _: None)))

    assert (told.code, "未通过 0 条" in told.out) == (0, True)


def test_a_suite_is_tried_on_a_table_only(parks: City) -> None:
    suite = edited(parks, lambda _: None)

    assert "is not a Parquet file" in parks.opendata("quality", "try", str(suite), str(suite)).err
    assert parks.opendata("quality", "try", "gardens", str(suite)).code == 2


# --- docs


def test_data_docs_show_every_dataset_and_no_value_and_load_nothing(parks: City) -> None:
    told = parks.opendata("quality", "docs")

    index = Path(told.out.strip().rpartition("：")[2])
    site = index.parent
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in site.rglob("*")
        if path.suffix in {".html", ".css", ".js"}
    }
    pages = "".join(texts.values())
    assert told.code == 0
    (page,) = site.glob("validations/parks/**/parks.html")
    assert f'<a href="{page.relative_to(site)}">parks</a>' in texts[index]
    assert "应按目录承诺的更新频率及时更新" in pages
    assert LOADS.findall(pages) == []
    assert [value for value in ("P-0099", "公园7") if value in pages] == []


def test_data_docs_replace_only_data_docs(parks: City) -> None:
    told = parks.opendata("quality", "docs", "--out", str(parks.root / "inbox"))

    assert told.code == 2
    assert "holds something else than Data Docs" in told.err
    assert (parks.root / "inbox" / "market" / "parks.csv").exists()


def test_there_are_no_data_docs_before_the_first_run(city: City) -> None:
    city.lists("parks")

    assert "`opendata run` first" in city.opendata("quality", "docs").err
