from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assets.dossier import Dossier
from assets.journey import hold_readers, journey, travel
from assets.landed import Landed, land
from assets.standardised import Standardised, standardise_and_judge
from assets.withholding import held_by
from opendata.errors import SourceError
from opendata.vocabulary import Punctuality, Verdict
from resources.fsio import sha256_of_file
from tests.journeys.homes import FIELDS, City, csv_text, rows_of

READS = "select no, name, updated_on, row_number() over () as _row from {{ ref('parks') }}"
UNREADABLE = csv_text([("1",)], headings=("别的",))


@pytest.fixture
def parks(city: City) -> City:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    return city


def travelled(city: City, dataset: str = "parks") -> Dossier:
    workshop = city.workshop()
    return travel(workshop, workshop.catalog.dataset(dataset))


def standardised(city: City) -> Standardised:
    workshop = city.workshop()
    return standardise_and_judge(workshop, land(workshop, workshop.catalog.dataset("parks")))


def kinds(city: City) -> list[str]:
    return [each["kind"] for each in city.events()]


# --- the way through


def test_a_good_dataset_passes_every_stage(parks: City) -> None:
    workshop = parks.workshop()

    stages = list(journey(workshop, workshop.catalog.dataset("parks")))

    assert [type(each) for each in stages] == [Landed, Standardised, Dossier]
    assert kinds(parks) == [
        "received",
        "standardised",
        "judged",
        "gated",
        "desensitised",
        "released",
    ]


def test_a_dossier_binds_what_came_in_to_what_went_out(parks: City) -> None:
    dossier = travelled(parks)

    flagged = parks.workshop().flagged("parks")
    assert dict(dossier.landed)["main"] == sha256_of_file(parks.root / "inbox/market/parks.csv")
    assert dossier.standardised_sha256 == sha256_of_file(flagged)
    assert dossier.released_sha256 == parks.manifest()["datasets"]["parks"]["sha256"]
    released = parks.events("released")[-1]["outputs"][0]
    assert released == {"id": "parks", "sha256": dossier.released_sha256, "rows": 3}


def test_the_record_speaks_before_the_store_shows(parks: City) -> None:
    travelled(parks)

    lines = (parks.root / "record").glob("record-*.jsonl")
    last = max(lines).read_text(encoding="utf-8").splitlines()[-1]
    assert f'"hash":"{parks.manifest()["record"]}"' in last


def test_the_same_passage_twice_makes_no_second_version(parks: City) -> None:
    first, second = travelled(parks), travelled(parks)

    assert first.outcome.version == second.outcome.version == 1
    assert second.outcome.changed is False
    assert kinds(parks).count("released") == 1


def test_a_refused_dataset_leaves_no_candidate_behind(city: City) -> None:
    city.lists("parks", channels=None)
    city.hands_over("parks", rows_of(3))

    dossier = travelled(city)

    assert dossier.outcome.verdict is Verdict.BLOCKED
    assert list((city.root / "store").rglob("*.parquet")) == []
    assert kinds(city)[-1] == "refused"


def test_of_data_that_is_not_open_no_candidate_is_ever_made(city: City) -> None:
    city.lists("parks", openness="不予开放", basis="《测试法》第一条", channels=None)
    city.hands_over("parks", rows_of(3))

    dossier = travelled(city)

    assert dossier.outcome.verdict is Verdict.NOT_OPEN
    assert dossier.leaks is None
    assert list((city.root / "store").rglob("*.parquet")) == []


# --- landing


def test_what_was_received_is_kept_under_its_hash_for_its_owner_alone(parks: City) -> None:
    travelled(parks)
    (kept,) = (each for each in landed_files(parks) if each.suffix == "")

    assert kept.read_bytes() == (parks.root / "inbox" / "market" / "parks.csv").read_bytes()
    assert kept.name == sha256_of_file(kept)
    assert kept.stat().st_mode & 0o077 == 0


def landed_files(city: City) -> list[Path]:
    return [each for each in (city.root / "restricted" / "landed").rglob("*") if each.is_file()]


def test_an_earlier_delivery_is_kept_beside_the_next(parks: City) -> None:
    travelled(parks)
    parks.hands_over("parks", rows_of(4))
    travelled(parks)

    assert len([each for each in landed_files(parks) if each.suffix == ""]) == 2


def test_a_missing_source_keeps_nothing(city: City) -> None:
    city.lists("parks")
    workshop = city.workshop()

    with pytest.raises(SourceError, match="parks source 'main' is missing"):
        land(workshop, workshop.catalog.dataset("parks"))

    assert city.events() == []


# --- standardising and judging


def test_rows_that_break_the_contract_are_set_aside_and_counted(city: City) -> None:
    city.lists("parks", fields={**FIELDS, "no": FIELDS["no"] | {"pattern": "P-[0-9]{4}"}})
    city.hands_over("parks", [*rows_of(9), ("damaged", "公园", "2026-03-15")])

    judged = standardised(city)

    assert (judged.inputs.rows, judged.quality.clean, judged.quality.quarantined) == (10, 9, 1)


@pytest.mark.parametrize(
    ("dates", "newest"),
    [
        (("2026-01-31", "2026-03-15"), "2026-03-15"),
        (("2026-01-31", "2099-12-31"), "2026-01-31"),
        (("2099-12-31",), None),
    ],
    ids=["the_newest", "not_a_day_to_come", "none_at_all"],
)
def test_the_data_time_is_the_newest_day_that_has_been(
    city: City, dates: tuple[str, ...], newest: str | None
) -> None:
    city.lists("parks")
    city.hands_over("parks", [(f"P-{n}", "公园", day) for n, day in enumerate(dates)])

    judged = standardised(city)

    assert (judged.data_time and judged.data_time.isoformat()) == newest


def test_a_fixed_data_time_is_taken_at_its_word(city: City) -> None:
    city.lists("parks", data_time={"fixed": "2025-01-31"})
    city.hands_over("parks", rows_of(2))

    judged = standardised(city)

    assert judged.data_time is not None
    assert judged.data_time.isoformat() == "2025-01-31"
    assert judged.freshness.punctuality is Punctuality.OVERDUE


def test_older_data_does_not_replace_newer_without_a_word(parks: City) -> None:
    travelled(parks)
    parks.hands_over("parks", [("P-0001", "公园", "2026-02-01")])

    dossier = travelled(parks)

    told = (*dossier.outcome.reasons, *dossier.outcome.warnings)
    assert [each.text for each in told if each.rule == "QUA-04" and "2026-03-15" in each.text]


# --- readers


def readers_of_parks(city: City, given: Any) -> City:
    city.lists("parks")
    city.hands_over("parks", given)
    city.lists("near", model=READS)
    city.lists("further", model=READS.replace("parks", "near"))
    return city


def test_readers_of_a_usable_dataset_are_held_by_nothing(city: City) -> None:
    readers_of_parks(city, rows_of(3))
    travelled(city)
    workshop = city.workshop()

    assert held_by(workshop, workshop.catalog.dataset("near")) == {}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (UNREADABLE, "来源文件未能按目录读取"),
        ([("", "公园", "2026-03-15")], "未达到质量要求"),
    ],
    ids=["unreadable", "not_good_enough"],
)
def test_readers_are_told_what_holds_them(city: City, given: Any, why: str) -> None:
    readers_of_parks(city, given)
    travelled(city)
    workshop = city.workshop()

    assert held_by(workshop, workshop.catalog.dataset("near")) == {"parks目录": why}
    assert held_by(workshop, workshop.catalog.dataset("further")) == {"near目录": "尚未处理"}


def test_a_gates_no_holds_back_no_reader(city: City) -> None:
    readers_of_parks(city, rows_of(3))
    city.lists("parks", channels=None)
    assert travelled(city).outcome.verdict is Verdict.BLOCKED

    assert travelled(city, "near").outcome.verdict is Verdict.RELEASED


def test_holding_reaches_readers_of_readers_once_a_run(city: City) -> None:
    readers_of_parks(city, UNREADABLE)
    travelled(city)
    workshop = city.workshop()

    for _ in range(2):
        hold_readers(workshop, workshop.catalog.dataset("parks"), besides=())

    withheld = [each["dataset_id"] for each in city.events("withheld")]
    assert withheld == ["near", "further"]


def test_a_crash_is_told_by_place_and_never_by_message(parks: City) -> None:
    said: list[str] = []
    workshop = replace(parks.workshop(), progress=said.append)
    try:
        int("13800138000x")
    except ValueError as crash:
        workshop.report_crash("parks", crash)

    (event,) = parks.events("failed")
    assert event["detail"]["crash"] == "ValueError"
    assert event["detail"]["where"].startswith("test_journey.py:")
    assert "13800138000" not in f"{said}{event}"
