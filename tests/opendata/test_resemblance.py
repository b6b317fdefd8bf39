from datetime import date
from typing import Any

import pytest

from opendata.catalog import Catalog, Element
from opendata.resemblance import (
    Counted,
    Likeness,
    Resemblance,
    as_copy,
    in_order,
    in_words,
    is_declared,
    is_derived,
    is_looked_up,
    may_tell,
    remedy,
)
from opendata.vocabulary import Acquired, FieldType, Semantic
from tests.support import a_catalog, a_dataset, a_field

USCC = Element(id="uscc", title="统一社会信用代码", authority="register.uscc")
REGISTER = a_dataset(
    id="register",
    title="企业登记",
    fields=(a_field("uscc", title="统一社会信用代码", element="uscc", key=True), a_field("name")),
    listed_on=date(2026, 2, 1),
)


def a_list(**changes: Any) -> Any:
    given = {
        "id": "list",
        "title": "甲",
        "body": "education",
        "fields": (a_field("code", title="编码"),),
    }
    return a_dataset(**given | changes)


def cataloged(*others: Any) -> Catalog:
    return a_catalog(REGISTER, *(others or (a_list(),)), elements=(USCC,))


def contained(**changes: Any) -> Resemblance:
    given: dict[str, Any] = {"likeness": Likeness.CONTAINED, "copy": "list", "original": "register"}
    given |= {"copy_field": "code", "original_field": "uscc"}
    given |= {"copy_size": 1200, "original_size": 80000}
    return Resemblance.counted(Counted(sampled=400, shared=392), **given | changes)


def test_a_share_comes_with_its_interval() -> None:
    counted = Counted(sampled=500, shared=490)

    low, high = counted.interval

    assert counted.share == 0.98
    assert 0.96 < low < 0.98 < high < 1


def test_what_meets_by_chance_is_taken_out_of_the_share() -> None:
    assert Counted(sampled=1000, shared=100, chance=0.1).share == 0
    assert Counted(sampled=1000, shared=550, chance=0.1).share == pytest.approx(0.5)
    assert Counted(sampled=1000, shared=1000, chance=0.1).interval[1] == 1


@pytest.mark.parametrize(
    "field",
    [
        {"type": FieldType.DATE},
        {"type": FieldType.DECIMAL},
        {"code_table": "districts"},
        {"semantic": Semantic.PERSON_NAME},
        {"semantic": Semantic.DIVISION},
        {"semantic": Semantic.FREE_TEXT},
    ],
    ids=["date", "figure", "code_table", "person_name", "division", "free_text"],
)
def test_some_fields_say_nothing_of_where_they_come_from(field: dict[str, Any]) -> None:
    assert not may_tell(a_field(**field))
    assert may_tell(a_field(semantic=Semantic.USCC))


def test_values_are_looked_for_in_sources_of_elements_and_in_single_keys() -> None:
    two_keys = a_list(fields=(a_field("code", key=True), a_field("year", key=True)))
    one_key = a_list(fields=(a_field("code", key=True), a_field("name")))

    looked_up = [
        (dataset.id, field.name)
        for dataset in (REGISTER, two_keys, one_key)
        for field in dataset.fields
        if is_looked_up(cataloged(two_keys), dataset, field)
    ]

    assert looked_up == [("register", "uscc"), ("list", "code")]


DECLARED: dict[str, dict[str, Any]] = {
    "element": {"element": "uscc"},
    "checked": {"element": "uscc", "checked_against": "register.uscc"},
}


@pytest.mark.parametrize("how", list(DECLARED))
def test_a_field_that_carries_the_element_is_declared(how: str) -> None:
    listed = a_list(fields=(a_field("code", **DECLARED[how]),))

    assert is_declared(cataloged(listed), ("list", "code"), ("register", "uscc"))
    assert not is_declared(cataloged(), ("list", "code"), ("register", "uscc"))


def test_an_element_that_nobody_is_the_source_of_declares_nothing() -> None:
    listed = a_list(fields=(a_field("code", element="place"),))
    catalog = a_catalog(REGISTER, listed, elements=(USCC, Element(id="place", title="地点")))

    assert not is_declared(catalog, ("list", "code"), ("register", "uscc"))


def test_what_is_made_from_the_other_or_from_the_same_is_no_undeclared_copy() -> None:
    reader = a_list(reads=("register",))
    sibling = a_list(id="other", reads=("register",))
    catalog = cataloged(reader, sibling)

    assert is_derived(catalog, "list", "register")
    assert is_derived(catalog, "register", "list")
    assert is_derived(catalog, "list", "other")
    assert not is_derived(cataloged(), "list", "register")


COPIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "acquired": ({"acquired": Acquired.SHARED, "listed_on": date(2020, 1, 1)}, {}),
    "listed_later": ({"listed_on": date(2025, 1, 1)}, {"listed_on": date(2024, 1, 1)}),
    "never_listed": ({}, {"listed_on": date(2026, 1, 1)}),
}


@pytest.mark.parametrize("why", list(COPIES))
def test_the_probable_copy_is_the_one(why: str) -> None:
    copy, original = COPIES[why]
    catalog = cataloged(a_list(id="a", **copy), a_list(id="b", **original))

    assert as_copy(catalog, "a", "b") == as_copy(catalog, "b", "a") == ("a", "b")


def test_the_source_of_an_element_is_never_the_copy() -> None:
    earlier = a_list(listed_on=date(2020, 1, 1))

    assert as_copy(cataloged(earlier), "register", "list") == ("list", "register")


def test_a_contained_column_is_told_with_its_evidence() -> None:
    said = in_words(cataloged(), contained())

    assert said == (
        "市education局“甲”的数据项“编码”约98%的取值包含于市market局“企业登记”的"
        "“统一社会信用代码”（数源），未登记校核关系"
        "（抽样比对400个，95%置信区间96.1%至99%，不同取值约1,200个和80,000个）。"
    )
    assert "登记数据元和校核关系" in remedy(cataloged(), contained())


@pytest.mark.parametrize(
    ("likeness", "words"),
    [
        (Likeness.SAME_BYTES, "的来源文件逐字节相同。"),
        (Likeness.SAME_ROWS, "的1,200条记录相同（不论行列次序、数据项名称和序号）。"),
        (Likeness.NEARLY_SAME_ROWS, "（80,000条）的记录约98%相同（抽样比对400个"),
    ],
)
def test_equal_tables_are_told_as_such(likeness: Likeness, words: str) -> None:
    found = contained(likeness=likeness, copy_field=None, original_field=None)

    assert words in in_words(cataloged(), found)
    assert "是否重复编目" in remedy(cataloged(), found)


def test_a_column_in_a_mere_key_asks_who_the_source_is() -> None:
    found = contained(original_field="name")

    assert "数源）" not in in_words(cataloged(), found)
    assert "确定数源" in remedy(cataloged(), found)


def test_the_strongest_likeness_is_told_first() -> None:
    same = contained(likeness=Likeness.SAME_ROWS)

    assert in_order([contained(), same])[0] is same
