from typing import Any

import pytest

from opendata.errors import Problem
from pipelines.checking import check_home
from tests.journeys.homes import FIELDS, City

RULE = {"expect": "expect_nonsense", "indicator": "0503", "description": "甲"}


def problems(city: City) -> tuple[Problem, ...]:
    return check_home(city.root).problems


def places(city: City) -> set[str]:
    return {each.where.split(" ")[0].split(":")[0] for each in problems(city)}


def test_a_sound_home_is_counted(city: City) -> None:
    city.lists("parks")

    report = check_home(city.root)

    assert report.as_json() == {"bodies": 1, "datasets": 1, "problems": []}
    assert report.as_text() == "1 datasets of 1 bodies: no problem found"


def test_settings_are_checked_with_the_catalog(city: City) -> None:
    city.lists("parks", quality={"rules": [RULE]})
    settings = (city.root / "opendata.yaml").read_text(encoding="utf-8")
    city.put("opendata.yaml", settings + "threads: 0\ncolour: red\n")

    found = problems(city)

    assert [each.where for each in found[:2]] == ["opendata.yaml threads", "opendata.yaml colour"]
    assert places(city) == {"opendata.yaml", "catalog/market/parks.yaml"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("city: 西安\n".encode("gb18030"), "is not UTF-8; save it as UTF-8."),
        (b"city: [unclosed\n", "is not YAML"),
    ],
    ids=["gb18030", "torn"],
)
def test_settings_that_cannot_be_read_are_one_problem(
    city: City, content: bytes, said: str
) -> None:
    city.lists("parks")
    city.put("opendata.yaml", content)

    (problem,) = problems(city)

    assert problem.where == "opendata.yaml"
    assert problem.message.startswith(said)


def test_a_wrong_entry_a_wrong_model_and_wrong_rules_are_told_together(city: City) -> None:
    city.lists("misspelt", opennes="无条件开放")
    for dataset in ("parks", "zoo"):
        city.lists(dataset, quality={"rules": [RULE, RULE | {"expect": "expect_more"}]})
    city.lists("odd", model="selec no from {{ ref('calm') }}")
    city.lists("short", model="select no, name from {{ ref('calm') }}")
    city.lists("calm")

    found = problems(city)

    assert places(city) == {
        f"catalog/market/{each}"
        for each in ("misspelt.yaml", "parks.yaml", "zoo.yaml", "odd.sql", "short.sql")
    }
    assert len([each for each in found if "quality rule" in each.where]) == 4
    assert all("\n" not in each.message for each in found)


def test_every_mistake_of_a_model_is_a_problem_of_its_own(city: City) -> None:
    city.lists("calm")
    city.lists("odd", model="select *\nfrom {{ ref('calm') }}\ncross join elsewhere")

    found = problems(city)

    assert [each.where for each in found] == [
        "catalog/market/odd.sql:3",
        "catalog/market/odd.sql:1",
    ]
    assert found[0].message == "elsewhere is written by hand; use ref() or source()."


def test_what_reads_a_wrong_entry_is_not_blamed_for_it(city: City) -> None:
    city.lists("calm", openness="随缘")
    city.lists("reader", model="select no, name, updated_on, _row from {{ ref('calm') }}")

    assert places(city) == {"catalog/market/calm.yaml"}


def test_a_circle_is_named(city: City) -> None:
    for dataset, upstream in (("one", "two"), ("two", "three"), ("three", "one")):
        city.lists(dataset, model=f"select no\nfrom {{{{ ref('{upstream}') }}}}")
    city.lists("after", model="select no from {{ ref('one') }}")

    found = {each.where: each.message for each in problems(city)}

    assert found["catalog/market/one.sql:2"] == (
        "this dataset reads itself (one → two → three → one); break the circle."
    )
    assert len(found) == 3


@pytest.mark.parametrize("path", ["../finance/x.csv", "/etc/passwd", "a/../../x.csv", "."])
def test_files_that_leave_the_inbox_are_a_problem_of_the_entry(city: City, path: str) -> None:
    city.lists("parks", source={"files": path})

    (problem,) = problems(city)

    assert problem.where.startswith("catalog/market/parks.yaml:")
    assert problem.where.endswith(" source.files")
    assert problem.message.startswith("this leads out of the inbox;")


@pytest.mark.parametrize(
    "path", ["catalog/market/parks.yaml", "catalog/bodies.yaml", "codes/kinds.csv"]
)
def test_a_file_that_is_not_utf_8_is_one_problem(city: City, path: str) -> None:
    fields: dict[str, Any] = {**FIELDS, "kind": {"title": "种类", "code_table": "kinds"}}
    city.put("codes/kinds.csv", "code,title\n公园,公园\n")
    city.lists("parks", fields=fields)
    text = (city.root / path).read_text(encoding="utf-8")
    text = text if "园" in text else f"# 市\n{text}"
    city.put(path, text.encode("gb18030"))

    assert problems(city) == (Problem(path, "this file is not UTF-8; save it as UTF-8."),)


def test_a_model_that_is_not_utf_8_is_one_problem(city: City) -> None:
    city.lists("calm")
    model = "-- 市\nselect no, name, updated_on, _row from {{ ref('calm') }}"
    city.lists("reader", model=model)
    city.put("catalog/market/reader.sql", model.encode("gb18030"))

    assert [str(each) for each in problems(city)] == [
        "catalog/market/reader.sql: this file is not UTF-8; save it as UTF-8."
    ]


@pytest.mark.parametrize("command", ["check", "run", "status"])
def test_a_foreign_encoding_is_wrong_input_and_no_crash(city: City, command: str) -> None:
    city.lists("parks")
    city.put("catalog/bodies.yaml", "bodies: {market: 市局}".encode("gb18030"))

    told = city.opendata(command)

    assert told.code == 2
    assert "catalog/bodies.yaml" in told.out + told.err
    assert "save it as UTF-8" in told.out + told.err


def test_connections_and_hosts_nobody_allowed_are_told_before_they_are_needed(city: City) -> None:
    city.lists("parks", source={"exchange": {"connection": "civil", "table": "parks"}})
    city.lists("trees", source={"pull": {"url": "https://data.example.cn/trees.csv"}})

    said = [each.message for each in problems(city)]

    assert said == [
        "opendata.yaml has no connection 'civil', it has none; add it under `connections`.",
        "the host 'data.example.cn' is not one that may be asked; add it to `pulling.hosts` in "
        "opendata.yaml.",
    ]
