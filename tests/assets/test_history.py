"""What the record tells of earlier versions, read on from where it was left."""

import json
from datetime import date

import pytest

from assets.history import KEPT, history
from opendata.record import Event, Kind
from tests.journeys.homes import City, rows_of


@pytest.fixture
def parks(city: City) -> City:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()
    return city


def test_a_released_version_is_remembered_with_its_scores(parks: City) -> None:
    past = history(parks.workshop())["parks"]

    ((number, scores),) = past.versions
    assert number == 1
    assert scores["completeness"] == 100.0
    assert set(scores) <= {"conformity", "completeness", "accuracy", "consistency", "timeliness"}
    assert past.closed_since is None


def test_the_next_look_reads_on_and_finds_the_same_as_reading_it_all(parks: City) -> None:
    history(parks.workshop())
    parks.hands_over("parks", rows_of(4))
    parks.run()

    read_on = history(parks.workshop())
    (parks.root / "state.sqlite").unlink()
    read_anew = history(parks.workshop())

    assert read_on == read_anew
    assert [number for number, _ in read_on["parks"].versions] == [1, 2]


def test_what_was_recorded_before_dimensions_were_is_left_out(parks: City) -> None:
    for segment in (parks.root / "record").glob("record-*.jsonl"):
        lines = [json.loads(each) for each in segment.read_text(encoding="utf-8").splitlines()]
        for each in lines:
            each["event"].get("detail", {}).pop("dimensions", None)
        segment.write_text(
            "".join(
                json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
                for each in lines
            ),
            encoding="utf-8",
        )
    (parks.root / "state.sqlite").unlink()

    assert history(parks.workshop())["parks"].versions == ()


def test_a_refusal_counts_from_its_first_day_until_something_ends_it(city: City) -> None:
    city.lists("zoo", channels=None)
    city.hands_over("zoo", rows_of(2))
    city.run(as_of="2026-03-31")
    city.hands_over("zoo", rows_of(3))
    city.run(as_of="2026-04-15")

    assert history(city.workshop())["zoo"].closed_since == date(2026, 3, 31)

    city.lists("zoo")
    city.run(as_of="2026-04-16")

    assert history(city.workshop())["zoo"].closed_since is None


def test_a_suspension_closes_what_it_reaches_too(parks: City) -> None:
    workshop = parks.workshop()
    reached = {"reached": ["parks", "derived"]}
    workshop.record(Event(kind=Kind.SUSPENDED, dataset_id="parks", detail=reached))

    past = history(workshop)

    assert past["parks"].closed_since == past["derived"].closed_since == date(2026, 3, 31)


def test_only_the_last_versions_are_kept(parks: City) -> None:
    workshop = parks.workshop()
    for number in range(2, 20):
        event = Event(kind=Kind.RELEASED, dataset_id="parks", counts={"version": number})
        workshop.record(event)

    assert [number for number, _ in history(workshop)["parks"].versions] == list(
        range(20 - KEPT, 20)
    )


def test_a_line_half_written_waits_until_it_is_whole(parks: City) -> None:
    (segment,) = (parks.root / "record").glob("record-*.jsonl")
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-10])
    short = history(parks.workshop())
    segment.write_bytes(whole)

    full = history(parks.workshop())

    assert (parks.root / "state.sqlite").exists()
    (parks.root / "state.sqlite").unlink()
    assert full == history(parks.workshop())
    assert set(short) == set(full)


def test_a_record_that_was_put_back_shorter_is_read_from_its_beginning(parks: City) -> None:
    (segment,) = (parks.root / "record").glob("record-*.jsonl")
    first = segment.read_bytes()
    parks.hands_over("parks", rows_of(4))
    parks.run()
    history(parks.workshop())

    segment.write_bytes(first)

    assert [number for number, _ in history(parks.workshop())["parks"].versions] == [1]
