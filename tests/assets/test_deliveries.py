"""Deliveries that add to those before them (追加, 按主键更新): nothing doubled, nothing lost."""

from pathlib import Path
from typing import Any

import pytest

from assets.landed import land
from tests.journeys.homes import City, csv_text, rows_of

NAMES = "select no, name from parks order by no"


def renamed(number: int, name: str) -> tuple[str, str, str]:
    return (f"P-{number:04d}", name, "2026-03-15")


def run(city: City) -> dict[str, Any]:
    outcome: dict[str, Any] = city.run().outcomes["parks"]
    return outcome


@pytest.fixture
def appending(city: City) -> City:
    city.lists("parks", load="追加")
    city.hands_over("parks", rows_of(3))
    return city


@pytest.fixture
def upserting(city: City) -> City:
    city.lists("parks", load="按主键更新")
    city.hands_over("parks", rows_of(3))
    return city


def test_a_snapshot_replaces_what_came_before(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    run(city)
    city.hands_over("parks", rows_of(2, start=4))

    assert run(city)["rows_released"] == 2


def test_an_appended_delivery_adds_its_rows(appending: City) -> None:
    run(appending)
    appending.hands_over("parks", rows_of(2, start=4))

    outcome = run(appending)

    assert (outcome["rows_landed"], outcome["rows_released"]) == (5, 5)
    assert [no for no, _ in appending.query(NAMES)] == [f"P-{n:04d}" for n in range(1, 6)]


def test_the_same_bytes_again_add_nothing(appending: City) -> None:
    first = appending.hands_over("parks", rows_of(3)).read_bytes()
    run(appending)
    appending.hands_over("parks", rows_of(2, start=4))
    version = run(appending)["version"]
    appending.hands_over("parks", first)

    outcome = run(appending)

    assert (outcome["rows_landed"], outcome["version"]) == (5, version)
    assert not outcome["changed"]


def test_a_key_that_two_appended_deliveries_hold_is_told_as_a_duplicate(appending: City) -> None:
    run(appending)
    appending.hands_over("parks", [renamed(3, "改名"), renamed(4, "新园")])

    outcome = run(appending)

    assert (outcome["rows_landed"], outcome["rows_quarantined"]) == (5, 2)


def test_a_later_delivery_replaces_rows_of_the_same_key(upserting: City) -> None:
    run(upserting)
    upserting.hands_over("parks", [renamed(3, "改名"), renamed(4, "新园")])

    outcome = run(upserting)

    assert (outcome["rows_landed"], outcome["rows_clean"]) == (5, 4)
    assert upserting.query(NAMES)[2:] == [("P-0003", "改名"), ("P-0004", "新园")]
    (counts,) = [each["counts"] for each in upserting.events("standardised")][-1:]
    assert counts == {"landed": 5, "replaced": 1, "standardised": 4}


def test_equal_keys_within_one_delivery_are_duplicates_and_replace_nothing(
    upserting: City,
) -> None:
    run(upserting)
    upserting.hands_over("parks", [renamed(4, "甲"), renamed(4, "乙")])

    outcome = run(upserting)

    assert (outcome["rows_clean"], outcome["rows_quarantined"]) == (3, 2)


def test_rows_without_their_key_are_all_kept_and_set_aside(upserting: City) -> None:
    upserting.hands_over("parks", [*rows_of(30), ("", "无号", "2026-03-15")])
    run(upserting)
    upserting.hands_over("parks", [("", "又无号", "2026-03-15")])

    assert run(upserting)["rows_quarantined"] == 2


@pytest.mark.parametrize(
    "spoilt",
    [csv_text([("1",)], headings=("别的",)), csv_text(rows_of(2)) + b"\xff\xfe,,", b""],
    ids=["other headings", "undecodable at the end", "empty"],
)
def test_a_delivery_that_cannot_be_landed_does_not_stand_in_the_way_of_the_next(
    appending: City, spoilt: bytes
) -> None:
    run(appending)
    appending.hands_over("parks", spoilt)
    assert run(appending)["verdict"] == "failed"
    appending.hands_over("parks", rows_of(2, start=4))

    assert run(appending)["rows_released"] == 5


def test_a_delivery_that_a_crash_left_unread_is_read_with_the_next(appending: City) -> None:
    run(appending)
    appending.hands_over("parks", rows_of(2, start=4))
    workshop = appending.workshop()
    land(workshop, workshop.catalog.dataset("parks"))
    appending.hands_over("parks", rows_of(1, start=6))

    outcome = run(appending)

    assert (outcome["rows_landed"], outcome["rows_released"]) == (6, 6)
    (event,) = appending.events("standardised")[1:]
    assert len(event["inputs"]) == 3


def test_what_a_crash_left_unread_and_cannot_be_read_is_set_aside_and_told(appending: City) -> None:
    run(appending)
    appending.hands_over("parks", csv_text(rows_of(2)) + b"\xff\xfe,,")
    workshop = appending.workshop()
    land(workshop, workshop.catalog.dataset("parks"))
    appending.hands_over("parks", rows_of(1, start=6))

    assert run(appending)["rows_released"] == 4
    assert "1批数据已隔离" in told(appending)
    (event,) = appending.events("standardised")[1:]
    assert len(event["detail"]["set_aside"]) == 1


def test_a_dataset_that_turns_from_snapshots_to_appending_starts_with_what_is_there(
    city: City,
) -> None:
    city.lists("parks")
    for count in (5, 3):
        city.hands_over("parks", rows_of(count))
        run(city)
    city.lists("parks", load="追加")
    assert run(city)["rows_landed"] == 3

    city.hands_over("parks", rows_of(1, start=9))

    assert run(city)["rows_landed"] == 4


# --- headings that are not those of the contract

WIDER = csv_text(
    [(*row, "x") for row in rows_of(2, start=4)], headings=("编号", "名称", "更新日期", "备注")
)


def landed(city: City) -> list[Path]:
    """The bytes as received."""
    return [each for each in (city.root / "restricted/landed/parks").iterdir() if not each.suffix]


def told(city: City) -> str:
    """What the last passage said of the structure."""
    explained = city.opendata("explain", "parks", "--json").json
    return str(explained)


def test_by_default_a_new_column_refuses_the_delivery(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    run(city)
    city.hands_over("parks", WIDER)

    outcome = run(city)

    assert outcome["verdict"] == "failed"
    assert "第4列不在目录中" in outcome["reasons"][0]["text"]
    assert city.query("select count(*) from parks") == [(3,)]


def test_evolving_leaves_a_new_column_where_it_is_and_says_so(city: City) -> None:
    city.lists("parks", on_change="适应")
    city.hands_over("parks", WIDER)

    outcome = run(city)

    assert (outcome["verdict"], outcome["rows_released"]) == ("released", 2)
    (event,) = city.events("standardised")
    assert event["detail"]["structure"][0]["new"] == [4]
    held = [row[0] for row in city.query("describe parks")]
    assert held == ["no", "name", "updated_on"]


def test_a_delivery_set_aside_leaves_the_one_before_it_in_force(city: City) -> None:
    city.lists("parks", on_change="隔离")
    city.hands_over("parks", rows_of(3))
    run(city)
    aside = city.hands_over("parks", WIDER).read_bytes()

    outcome = run(city)

    assert (outcome["verdict"], outcome["rows_released"]) == ("released", 3)
    assert aside in [each.read_bytes() for each in landed(city)]
    assert run(city)["rows_released"] == 3


def test_what_stands_in_is_what_was_in_force_and_never_what_could_not_be_read(city: City) -> None:
    city.lists("parks", on_change="隔离")
    city.hands_over("parks", rows_of(3))
    run(city)
    city.hands_over("parks", csv_text(rows_of(2)) + b"\xff\xfe,,")
    assert run(city)["verdict"] == "failed"
    city.hands_over("parks", WIDER)

    outcome = run(city)

    assert (outcome["verdict"], outcome["rows_released"]) == ("released", 3)
    first, last = (each["inputs"] for each in city.events("standardised"))
    assert last == first


def test_an_appending_dataset_goes_on_without_the_delivery_set_aside(city: City) -> None:
    city.lists("parks", on_change="隔离", load="追加")
    city.hands_over("parks", rows_of(3))
    run(city)
    city.hands_over("parks", WIDER)
    assert run(city)["rows_landed"] == 3
    city.hands_over("parks", rows_of(2, start=6))

    assert run(city)["rows_landed"] == 5


def test_the_first_delivery_cannot_be_set_aside_and_is_refused(city: City) -> None:
    city.lists("parks", on_change="隔离")
    city.hands_over("parks", WIDER)

    assert run(city)["verdict"] == "failed"
