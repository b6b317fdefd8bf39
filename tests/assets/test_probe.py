import os
from collections.abc import Callable
from typing import Any

import pytest

from assets.probe import changed_datasets, fingerprint, product_digest, twins
from assets.suspension import suspend
from tests.journeys.homes import FIELDS, City, csv_text, rows_of

READS = "select no, name, updated_on, row_number() over () as _row from {{ ref('parks') }}"
KIND = {"title": "名称", "code_table": "kinds"}


@pytest.fixture
def parks(city: City) -> City:
    """Two datasets, one with a code table, and a reader of it."""
    city.put("codes/kinds.csv", "code,title\n甲,甲类\n")
    city.lists("parks", fields={**FIELDS, "name": KIND})
    city.hands_over("parks", rows_of(3))
    city.lists("zoo")
    city.hands_over("zoo", rows_of(3, word="zoo"))
    city.lists("near", model=READS)
    return city


def prints(city: City) -> dict[str, str]:
    workshop = city.workshop()
    return {each.id: fingerprint(workshop, each) for each in workshop.catalog.datasets}


def suspended(city: City) -> None:
    suspend(city.workshop(), "zoo", reason="甲", basis="投诉", case="c")


CHANGES: dict[str, tuple[Callable[[City], Any], set[str]]] = {
    "source": (lambda city: city.hands_over("parks", rows_of(4)), {"parks", "near"}),
    "source_gone": (lambda city: city.hands_over("zoo", rows_of(1)).unlink(), {"zoo"}),
    "entry": (lambda city: city.lists("zoo", grace_days=9), {"zoo"}),
    "model": (lambda city: city.lists("near", model=f"{READS} limit 2"), {"near"}),
    "codes": (lambda city: city.put("codes/kinds.csv", "code,title\n乙,乙类\n"), {"parks", "near"}),
    "suspension": (suspended, {"zoo"}),
    "twin": (lambda city: city.hands_over("zoo", csv_text(rows_of(3))), {"parks", "near", "zoo"}),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_fingerprint_follows_all_that_a_passage_depends_on(parks: City, change: str) -> None:
    act, touched = CHANGES[change]
    before = prints(parks)

    act(parks)

    after = prints(parks)
    assert {name for name in after if after[name] != before[name]} == touched


def test_settings_touch_every_dataset(parks: City) -> None:
    before = prints(parks)
    settings = (parks.root / "opendata.yaml").read_text(encoding="utf-8")
    parks.put("opendata.yaml", settings + "default_k: 7\n")

    after = prints(parks)

    assert all(after[name] != before[name] for name in before)


def test_a_touched_file_with_the_same_bytes_is_the_same(parks: City) -> None:
    before = prints(parks)

    os.utime(parks.root / "inbox" / "market" / "parks.csv", (1, 1))

    assert prints(parks) == before


def test_a_listing_that_comes_into_force_is_a_change(city: City) -> None:
    city.lists("parks", listed_on="2027-01-05")
    before = prints(city)
    city.lists("parks", listed_on="2026-01-05")

    assert prints(city) != before


def test_what_never_ran_is_new_and_what_ran_is_not(parks: City) -> None:
    workshop = parks.workshop()
    assert changed_datasets(workshop, workshop.catalog.datasets) == workshop.catalog.datasets

    parks.run()

    workshop = parks.workshop()
    assert changed_datasets(workshop, workshop.catalog.datasets) == ()


def test_a_lost_cache_only_means_looking_again(parks: City) -> None:
    before = parks.run().outcomes
    released = parks.manifest()
    for path in parks.root.glob("state.sqlite*"):
        path.unlink()

    after = parks.run().outcomes

    assert {key: told | {"changed": True} for key, told in after.items()} == before
    assert parks.manifest() == released


def test_a_lost_standardised_file_is_made_again(parks: City) -> None:
    parks.run()
    lost = parks.workshop().flagged("parks")
    lost.unlink()

    parks.run()

    assert lost.exists()


def test_twins_are_datasets_with_the_same_bytes(parks: City) -> None:
    parks.hands_over("zoo", rows_of(3))
    workshop = parks.workshop()

    assert [each.id for each in twins(workshop, workshop.catalog.dataset("parks"))] == ["zoo"]
    assert twins(workshop, workshop.catalog.dataset("near")) == ()


def test_the_products_digest_is_one_for_a_process() -> None:
    assert product_digest() == product_digest()
    assert len(product_digest()) == 64


def test_values_looked_up_elsewhere_are_looked_up_again_when_that_changes(city: City) -> None:
    rule = {
        "expect": "expect_column_values_to_exist_in_dataset",
        "kwargs": {"column": "no", "dataset": "zoo", "field": "no"},
        "indicator": "0501",
        "description": "编号应在动物园目录中",
    }
    city.lists("parks", quality={"rules": [rule]})
    city.lists("zoo")
    city.hands_over("parks", rows_of(3))
    city.hands_over("zoo", rows_of(2, word="动物园"))

    def strangers() -> int:
        results = city.opendata("quality", "explain", "parks", "--json").json["results"]
        kinds = {each["expectation"]["type"]: each["unexpected"] for each in results}
        return int(kinds[rule["expect"]])

    city.run()
    assert strangers() == 1
    city.hands_over("zoo", rows_of(3, word="动物园"))
    city.run()
    assert strangers() == 0
