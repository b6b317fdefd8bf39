import dataclasses
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.workshop import Workshop
from opendata.errors import CatalogError, HomeError
from opendata.record import Event, Kind
from resources.home import Home
from tests.journeys.homes import City, rows_of


@pytest.fixture
def workshop(city: City) -> Workshop:
    city.lists("parks")
    return city.workshop()


def test_an_entry_of_the_record_says_which_run_and_which_catalog(workshop: Workshop) -> None:
    entry = workshop.serving("run-7").record(Event(kind=Kind.RUN_STARTED, actor="somebody"))

    assert entry.event.run_id == "run-7"
    assert entry.event.actor == workshop.actor
    assert entry.event.catalog_version == workshop.catalog.version
    assert entry.event.as_of == date(2026, 3, 31)


def test_serving_another_run_looks_at_the_inbox_anew(city: City, workshop: Workshop) -> None:
    before = workshop.source_hashes["parks"]

    city.hands_over("parks", rows_of(3))

    assert workshop.source_hashes["parks"] == before
    assert workshop.serving("next").source_hashes["parks"] != before


def test_its_duckdb_stays_within_the_homes_limits(city: City) -> None:
    city.lists("parks")
    settings = (city.root / "opendata.yaml").read_text(encoding="utf-8")
    city.put("opendata.yaml", settings + "memory_limit: 200MB\nthreads: 1\n")

    with city.workshop().connection() as con:
        told = con.execute(
            "select current_setting('threads'), current_setting('memory_limit'), "
            "current_setting('temp_directory')"
        ).fetchone()

    assert told == (1, "190.7 MiB", str(city.root / "restricted" / "scratch"))


def test_a_connection_is_closed_behind_its_user(workshop: Workshop) -> None:
    with workshop.connection() as con:
        pass

    with pytest.raises(duckdb.ConnectionException, match="closed"):
        con.execute("select 1")


def test_a_workshop_opens_only_over_a_sound_catalog(city: City) -> None:
    city.lists("parks", openness="半开放")

    with pytest.raises(CatalogError, match="半开放"):
        city.workshop()


def test_a_workshop_opens_only_over_a_home(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="is no home"):
        Workshop.open(Home.find(tmp_path))


def test_no_key_is_ever_printed(city: City, workshop: Workshop) -> None:
    key = city.key.read_text().strip()

    printed = (repr(workshop), repr(workshop.masker), str(dataclasses.asdict(workshop.home)))
    assert key not in "".join(printed)
