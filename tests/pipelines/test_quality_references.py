"""What a kept judgement was held against: given to Great Expectations too, or told to be gone."""

from collections.abc import Mapping
from typing import Any

import pytest

from opendata.vocabulary import OnConflict
from pipelines.quality_explaining import judged
from pipelines.quality_references import References, references_of
from tests.journeys.homes import FIELDS, City, csv_text, rows_of
from tests.journeys.test_one_source import HEADINGS, OWN, THEIRS, found

CHANGES = {"rows_as_before", "filled_as_before", "keys_as_before", "divided_as_before"}
OF_ROWS = {"keys_as_before", "updated_and_changed"}
AGREED = {"no_agrees_with_its_source", "name_agrees_with_its_source"}
DISTRICTS = {**FIELDS, "district": {"title": "区县", "code_table": "districts"}}
NO_ROWS = "所对比版本的表在新版本开放后不再保留，只留有计数"


@pytest.fixture
def parks(city: City) -> City:
    """A version of 400 parks in two districts that was released; losing keys stops the next."""
    keys = {"keys": {"on_fail": "block"}}
    city.lists("parks", fields=DISTRICTS, quality={"min_score": 0, "drift": keys})
    city.put("codes/districts.csv", "code,title\nD01,东区\nD02,西区\n")
    delivers(city, 400, second=5)
    return city


def delivers(city: City, rows: int, *, second: int, word: str = "公园") -> None:
    """So many parks, of which ``second`` in a hundred lie in the second district."""
    told = rows_of(rows, word=word)
    coded = [(*row, "D02" if n % 100 < second else "D01") for n, row in enumerate(told)]
    headings = ("编号", "名称", "更新日期", "区县")
    city.hands_over("parks", csv_text(coded, headings=headings))
    city.run()


def told(city: City, dataset: str) -> Mapping[str, Any]:
    ran = city.opendata("quality", "verify", dataset, "--json")
    (verified,) = ran.json["datasets"]
    assert ran.code == (0 if verified["agrees"] else 3)
    return {each["rule"]: each for each in verified["rules"]}


def beside(city: City, dataset: str) -> References:
    """What Great Expectations would be given; it is not started."""
    workshop = city.workshop()
    try:
        listed = workshop.catalog.dataset(dataset)
        return references_of(workshop, listed, *judged(workshop, listed))
    finally:
        workshop.close()


def compared(rules: Mapping[str, Any], names: set[str]) -> dict[str, tuple[str, str | None]]:
    return {name: (rules[name]["comparison"], rules[name]["why"]) for name in names}


# --- with Great Expectations


def test_what_changed_in_a_refused_version_is_counted_again_to_the_row(parks: City) -> None:
    delivers(parks, 300, second=60)

    rules = told(parks, "parks")

    expected = CHANGES | {"updated_and_changed"}
    assert compared(rules, expected) == dict.fromkeys(expected, ("same", None))
    assert rules["keys_as_before"]["theirs"]["unexpected"] == 100
    assert not rules["divided_as_before"]["theirs"]["success"]
    assert [each for each in ("D01", "D02", "东区", "公园") if each in str(rules)] == []


def test_once_a_version_is_released_the_rows_before_it_are_gone_and_told_so(parks: City) -> None:
    delivers(parks, 400, second=60, word="花园")

    rules = told(parks, "parks")

    assert compared(rules, OF_ROWS) == dict.fromkeys(OF_ROWS, ("not_compared", NO_ROWS))
    rest = CHANGES - OF_ROWS
    assert compared(rules, rest) == dict.fromkeys(rest, ("same", None))
    assert not rules["divided_as_before"]["ours"]["success"]


def test_agreement_is_counted_again_beside_the_source(city: City) -> None:
    found(city).run()

    rules = told(city, "permits")

    assert compared(rules, AGREED) == dict.fromkeys(AGREED, ("same", None))
    theirs = rules["name_agrees_with_its_source"]["theirs"]
    assert theirs == {"success": False, "rows": 19, "missing": 1, "unexpected": 1}


# --- what is gone


def test_without_the_counts_of_earlier_versions_nothing_is_compared(parks: City) -> None:
    delivers(parks, 300, second=60)
    (parks.root / "restricted/profiles/parks.json").unlink()

    gone = beside(parks, "parks").gone

    expected = CHANGES | {"updated_and_changed"}
    assert gone == dict.fromkeys(expected, "所对比版本的计数不再保留")


def test_without_the_key_categories_cannot_be_told_apart(parks: City) -> None:
    delivers(parks, 300, second=60)
    parks.key.unlink()

    assert beside(parks, "parks").gone == {
        "divided_as_before": "没有评价时的密钥，不能对上所对比版本的类别"
    }


def test_a_first_version_has_nothing_to_be_held_against(parks: City) -> None:
    assert beside(parks, "parks") == References(earlier=None, gone={})


def test_what_is_released_again_as_itself_is_not_the_version_before_it(parks: City) -> None:
    delivers(parks, 400, second=6)
    before = beside(parks, "parks").earlier
    entry = parks.root / "catalog/market/parks.yaml"
    entry.write_text(entry.read_text("utf-8").replace("测试用数据集。", "另一段。"), "utf-8")
    parks.run()

    again = beside(parks, "parks").earlier

    assert before
    assert again
    assert (again.release, again.rows) == (before.release, before.rows) == ("public-1", [400])


def test_a_source_that_changed_since_is_told_and_not_compared(city: City) -> None:
    found(city).run()
    city.hands_over("register", csv_text([*OWN[:9], *THEIRS[9:]], headings=HEADINGS))
    city.run("register")

    assert beside(city, "permits").gone == dict.fromkeys(AGREED, "数源数据已在评价之后更新")


def test_what_gave_way_to_the_source_cannot_be_compared_with_it_again(city: City) -> None:
    found(city, OnConflict.AUTHORITY_WINS).run()

    gone = "已以数源的值代替，表中不再有治理前的值"

    assert beside(city, "permits").gone == dict.fromkeys(AGREED, gone)
