import dataclasses
import os
from typing import Any

import pytest

from assets.journey import travel
from assets.reports import write_reports
from assets.resemblance import find_resemblances, known_resemblances
from opendata.errors import KeyMissing
from opendata.resemblance import Likeness, Resemblance
from tests.journeys.homes import FIELDS, City, csv_text
from tests.resources.tables import codes

CODES = codes(300)
CODED: dict[str, Any] = {"code": {"title": "编码"}, "name": {"title": "名称"}}
KEYED: dict[str, Any] = {"uscc": {"title": "信用代码", "key": True}, "name": {"title": "名称"}}
HEADS = ("信用代码", "名称")


def rows(values: list[str]) -> list[tuple[str, str]]:
    return [(each, f"企业{each[5:9]}") for each in values]


@pytest.fixture
def register(city: City) -> City:
    """A body with a register of 300, keyed by a sparse code."""
    city.lists("register", fields=KEYED, data_time={"fixed": "2026-03-01"})
    city.hands_over("register", csv_text(rows(CODES), headings=HEADS))
    return city


def lists(city: City, dataset: str, values: list[str], **changes: Any) -> None:
    """Another body's list of codes, under other headings, the newest first."""
    given: dict[str, Any] = {
        "fields": CODED,
        "data_time": {"fixed": "2026-03-01"},
        "listed_on": "2026-02-01",
    }
    city.lists(dataset, body="science", **given | changes)
    content = csv_text(rows(values)[::-1], headings=("编码", "名称"))
    city.hands_over(dataset, content, body="science")


def found(city: City) -> tuple[Resemblance, ...]:
    passed(city)
    return find_resemblances(city.workshop())


def passed(city: City) -> None:
    workshop = city.workshop()
    for dataset in workshop.catalog.in_reading_order:
        travel(workshop, dataset)


def test_a_list_taken_from_another_bodys_key_is_found(register: City) -> None:
    lists(register, "taken", [*CODES[:120], *codes(2, seed=9)])

    ((one),) = found(register)

    assert (one.likeness, one.copy, one.copy_field) == (Likeness.CONTAINED, "taken", "code")
    assert (one.original, one.original_field) == ("register", "uscc")
    assert one.low < 120 / 122 < one.high


def test_the_same_rows_under_another_order_and_header_are_found(register: City) -> None:
    lists(register, "taken", CODES)

    assert [(each.likeness, each.copy, each.original) for each in found(register)] == [
        (Likeness.SAME_ROWS, "taken", "register")
    ]


def test_nearly_the_same_rows_are_found_once(register: City) -> None:
    lists(register, "taken", [*CODES[10:], *codes(10, seed=9)])

    assert [(each.likeness, each.copy, each.original) for each in found(register)] == [
        (Likeness.NEARLY_SAME_ROWS, "taken", "register")
    ]


def test_the_same_file_handed_over_twice_is_found(city: City) -> None:
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, csv_text([("P-1", "甲", "2026-03-01")]))

    assert [(each.likeness, each.copy) for each in found(city)] == [(Likeness.SAME_BYTES, "zoo")]


def test_what_carries_the_element_openly_is_not_reported(register: City) -> None:
    register.put(
        "catalog/elements.yaml",
        "elements: {uscc: {title: 信用代码, authority: register.uscc}}",
    )
    keyed = {"uscc": KEYED["uscc"] | {"element": "uscc"}, "name": KEYED["name"]}
    register.lists("register", fields=keyed, data_time={"fixed": "2026-03-01"})
    carried = {"element": "uscc", "checked_against": "register.uscc"}
    lists(register, "taken", CODES[:120], fields={**CODED, "code": CODED["code"] | carried})

    assert found(register) == ()


def test_small_lists_numbers_and_dates_are_nobodys_copy(city: City) -> None:
    counted = [(str(n), f"第{n % 12}区", "2026-03-01") for n in range(1, 201)]
    for body, dataset in (("market", "one"), ("science", "other")):
        city.lists(dataset, body=body, fields={**FIELDS, "name": {"title": "名称"}})
        city.hands_over(dataset, csv_text(counted[: 200 - len(body)]), body=body)

    assert [each for each in found(city) if each.likeness is Likeness.CONTAINED] == []


def test_what_was_found_is_known_until_the_next_pass(register: City) -> None:
    assert known_resemblances(register.workshop()) is None
    lists(register, "taken", CODES[:120])
    told = found(register)

    assert known_resemblances(register.workshop()) == told

    (register.root / "catalog" / "science" / "taken.yaml").unlink()
    assert known_resemblances(register.workshop()) == ()


def test_findings_kept_by_another_version_are_forgotten(register: City) -> None:
    found(register)
    register.workshop().state.remember_findings("duplicates", '[{"likeness": "?"}]')

    assert known_resemblances(register.workshop()) is None


def test_a_lost_state_is_made_again(register: City) -> None:
    lists(register, "taken", CODES[:120])
    told = found(register)
    (register.root / "state.sqlite").unlink()

    assert find_resemblances(register.workshop()) == told


def test_a_table_that_cannot_be_read_is_left_out_and_told(register: City) -> None:
    lists(register, "taken", CODES[:120])
    told = found(register)
    table = register.root / "restricted" / "standardised" / "taken.parquet"
    whole = table.read_bytes()

    table.write_bytes(b"no parquet at all")
    os.utime(table, ns=(1, 1))
    said: list[str] = []
    workshop = dataclasses.replace(register.workshop(), progress=said.append)
    assert find_resemblances(workshop) == ()
    assert [each for each in said if "taken.parquet could not be sketched" in each]

    table.write_bytes(whole)
    assert find_resemblances(register.workshop()) == told


def test_without_a_key_no_sketch_is_made(register: City) -> None:
    passed(register)
    register.key.unlink()

    with pytest.raises(KeyMissing):
        find_resemblances(register.workshop())


def test_the_overview_tells_what_was_found_and_that_it_bars_nothing(register: City) -> None:
    lists(register, "taken", CODES[:120])
    found(register)

    index = write_reports(register.workshop())[0].read_text(encoding="utf-8")

    assert "疑似重复" in index
    assert "1项，不影响开放" in index
    assert "市science局“taken目录”的数据项“编码”约100%的取值包含于市market局" in index
    assert not [each for each in CODES if each in index]


def test_an_overview_before_the_first_pass_says_nothing_of_it(register: City) -> None:
    passed(register)

    index = write_reports(register.workshop())[0].read_text(encoding="utf-8")

    assert "疑似重复" not in index
