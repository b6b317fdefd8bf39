from typing import Any, NamedTuple

import pytest

from tests.journeys.homes import FIELDS, City, Ran, rows_of

TEXT = {"title": "甲"}
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "misspelt_key": ({"opennes": "无条件开放"}, "'opennes' is not a key here"),
    "synonym": ({"openness": "主动公开"}, "'主动公开' is not one of 无条件开放"),
    "unknown_channel": ({"channels": ["数据下载", "邮寄"]}, "'邮寄' is not one of"),
    "no_day": ({"listed_on": "五月"}, "is not a day; write it like 2026-01-05"),
    "other_id": ({"id": "another"}, "'another' is not the file name 'other_id'"),
    "foreign_body": ({"lead_body": "nowhere"}, "'nowhere' is not in catalog/bodies.yaml"),
    "no_field": ({"data_time": {"field": "gone"}}, "no field is called 'gone'"),
    "text_as_time": ({"data_time": {"field": "name"}}, "name a date or datetime field"),
    "two_times": ({"data_time": {"field": "updated_on", "fixed": "2026-01-05"}}, "not both"),
    "no_code_table": ({"fields": {"a": TEXT | {"code_table": "none_such"}}}, "codes/none_such.csv"),
    "no_element": ({"fields": {"a": TEXT | {"element": "none"}}}, "catalog/elements.yaml"),
    "no_action": ({"fields": {"a": TEXT | {"semantic": "手机号码"}}}, "needs an action"),
    "no_ground": (
        {"fields": {"a": TEXT | {"semantic": "手机号码", "action": "保留"}}},
        "needs a `ground`",
    ),
    "no_preset": (
        {"fields": {"a": TEXT | {"semantic": "手机号码", "action": "遮盖"}}},
        "missing; choose one of",
    ),
    "bounded_text": ({"fields": {"a": TEXT | {"minimum": "1"}}}, "a text field has no minimum"),
    "crossed_bounds": (
        {"fields": {"a": TEXT | {"type": "integer", "minimum": "9", "maximum": "1"}}},
        "the minimum is above the maximum",
    ),
    "bad_pattern": ({"fields": {"a": TEXT | {"pattern": "["}}}, "not a regular expression"),
    "bad_name": ({"fields": {"Ä": TEXT}}, "'Ä' is not a field name"),
    "shared": ({"acquired": "共享获取"}, "共享获取 needs acquired_from"),
    "no_encoding": ({"source": {"files": "a", "encoding": "gb2313"}}, "'gb2313' is no encoding"),
    "no_source": ({"source": None}, "exactly one source"),
    "no_rule": (
        {"quality": {"rules": [{"expect": "check", "indicator": "0503", "description": "甲"}]}},
        "'check' is no rule",
    ),
    "share": ({"quality": {"max_quarantine_rate": 3}}, "above the largest allowed, 1"),
    "same_heading": (
        {"fields": {"a": dict(TEXT), "b": dict(TEXT)}, "data_time": None},
        "the heading '甲' is named twice",
    ),
}


class Checked(NamedTuple):
    """A catalog with every mistake, and what the command said of it."""

    city: City
    check: Ran

    def said_of(self, dataset: str) -> list[str]:
        return [
            each["message"]
            for each in self.check.json["problems"]
            if each["where"].startswith(f"catalog/market/{dataset}.yaml")
        ]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    city = City.found(tmp_path_factory.mktemp("mistakes") / "home")
    for dataset, (changes, _) in MISTAKES.items():
        city.lists(dataset, **changes)
    city.lists("sound")
    city.put("catalog/market/orphan.sql", "select 1")
    city.put("catalog/market/torn.yaml", "id: torn\ntitle: [unclosed\n")
    city.put("codes/double.csv", "code,title\n1,甲\n1,乙\n")
    return Checked(city, city.opendata("check", "--json"))


@pytest.mark.parametrize("dataset", list(MISTAKES))
def test_a_mistake_is_found_and_told_how_to_mend(checked: Checked, dataset: str) -> None:
    assert any(MISTAKES[dataset][1] in said for said in checked.said_of(dataset))


def test_all_mistakes_are_told_at_once(checked: Checked) -> None:
    told = checked.check.json

    assert checked.check.code == 2
    assert len(told["problems"]) >= len(MISTAKES) + 3
    assert len({each["where"].split(":")[0].split(" ")[0] for each in told["problems"]}) == (
        len(MISTAKES) + 3
    )


def test_mistakes_outside_the_entries_are_found_too(checked: Checked) -> None:
    files = {each["where"].split(":")[0] for each in checked.check.json["problems"]}

    assert {"catalog/market/orphan.sql", "catalog/market/torn.yaml", "codes/double.csv"} <= files
    assert checked.said_of("sound") == []


def test_the_line_of_a_mistake_is_named(checked: Checked) -> None:
    where = next(
        each["where"] for each in checked.check.json["problems"] if "opennes" in each["message"]
    )
    lines = (checked.city.root / "catalog/market/misspelt_key.yaml").read_text(encoding="utf-8")

    number = int(where.split(":")[1].split(" ")[0])
    assert lines.splitlines()[number - 1].startswith("opennes")


def test_nothing_runs_on_a_catalog_with_mistakes(checked: Checked) -> None:
    checked.city.hands_over("sound", rows_of(3))

    done = checked.city.run()

    assert done.code == 2
    assert done.json["error"] == "CatalogError"
    assert "the catalog has" in done.json["message"]
    assert not (checked.city.public / "current.json").exists()


def test_the_same_is_said_in_words(checked: Checked) -> None:
    told = checked.city.opendata("check")

    assert told.code == 2
    assert len(told.out.splitlines()) == len(checked.check.json["problems"]) + 1


def test_mistakes_in_models_and_rules_are_found_in_every_dataset_at_once(city: City) -> None:
    rule = {"expect": "expect_nonsense", "indicator": "0503", "description": "甲"}
    for dataset in ("parks", "zoo"):
        city.lists(dataset, quality={"rules": [rule]})
    city.lists("lost", model="select no, name from {{ ref('parks') }}")
    city.lists("odd", model="selec no from {{ ref('parks') }}")

    told = city.opendata("check", "--json")

    assert told.code == 2
    for dataset in ("parks.yaml", "zoo.yaml", "lost.sql", "odd.sql"):
        assert f"catalog/market/{dataset}" in told.out


def test_a_sound_catalog_has_nothing_to_mend(city: City) -> None:
    city.lists("parks", fields=dict(FIELDS))

    told = city.opendata("check", "--json")

    assert (told.code, told.json) == (0, {"bodies": 1, "datasets": 1, "problems": []})
