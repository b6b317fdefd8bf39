from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.journey import journey
from assets.standardised import Standardised
from assets.suspension import suspend
from opendata.vocabulary import Verdict
from resources.fsio import locked, sha256_of_file
from resources.register import DecisionKind
from tests.journeys.homes import AS_OF, City, Kept, rows_of

READS = "select no, name, updated_on, row_number() over () as _row from {{ ref('parks') }}"
CONDITIONAL: dict[str, Any] = {
    "openness": "有条件开放",
    "basis": "《测试法》第一条",
    "channels": ["接口调用"],
    "conditions": "实名认证。",
}
CASE = ("--reason", "核实中", "--basis", "投诉", "--case", "AJ-7")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Two versions of parks are public; a public and a conditional dataset are built from it."""
    city = City.found(tmp_path_factory.mktemp("suspending") / "home")
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(4, word=dataset))
    city.lists("near", model=READS)
    city.lists("terms", model=READS.replace("name,", "upper(name) as name,"), **CONDITIONAL)
    city.run()
    city.hands_over("parks", rows_of(5, word="parks"))
    city.run()
    return Kept.of(city)


@pytest.fixture
def opened(kept: Kept) -> City:
    return kept.again()


def reachable(city: City) -> set[str]:
    """SHA-256 of every file anybody could read, under any name, in either store."""
    return {
        sha256_of_file(path)
        for root in (city.public, city.conditional)
        for path in root.rglob("*")
        if path.is_file()
    }


def published(city: City, *datasets: str) -> dict[str, Path]:
    """The Parquet files of every version of these datasets, by SHA-256."""
    return {
        path.stem: path
        for root in (city.public, city.conditional)
        for dataset in datasets
        for path in (root / "datasets" / dataset / "files").glob("*.parquet")
    }


def rows_seen(city: City, dataset: str) -> list[Any]:
    """What any views file of either store still gives of the dataset."""
    seen = []
    for store in ("public", "conditional"):
        for views in (city.root / "store" / store).glob("open*.duckdb"):
            try:
                seen += city.query(f'from "{dataset}"', store=store, views=views.name)
            except (duckdb.CatalogException, duckdb.IOException):
                continue
    return seen


def test_a_suspension_takes_every_version_and_every_reader_out_of_reach(opened: City) -> None:
    gone = published(opened, "parks", "near", "terms")
    stays = published(opened, "zoo")

    done = opened.opendata("suspend", "parks", *CASE, "--json")

    assert (done.code, done.json["case"]) == (0, "AJ-7")
    assert set(done.json["datasets"]) == {"parks", "near", "terms"}
    assert len(gone) >= 4
    assert not set(gone) & reachable(opened)
    assert set(stays) <= reachable(opened)
    assert [rows_seen(opened, each) for each in ("parks", "near", "terms")] == [[], [], []]
    assert opened.query("select count(*) from zoo") == [(4,)]
    assert set(opened.manifest()["datasets"]) == {"zoo"}
    assert opened.manifest("conditional")["datasets"] == {}


def test_status_and_pages_say_so_at_once(opened: City) -> None:
    opened.opendata("suspend", "parks", *CASE)

    told = opened.opendata("status", "--as-of", AS_OF, "--json").outcomes
    page = (opened.root / "reports" / "parks.html").read_text(encoding="utf-8")

    assert {key: each["verdict"] for key, each in told.items()} == {
        "parks": "suspended",
        "near": "suspended",
        "terms": "suspended",
        "zoo": "released",
    }
    assert {each["rule"] for each in told["parks"]["reasons"]} == {"REL-04"}
    assert Verdict.SUSPENDED.value in page


def test_a_run_cannot_publish_it_again(opened: City) -> None:
    opened.opendata("suspend", "parks", *CASE)
    opened.hands_over("parks", rows_of(9, word="parks"))

    done = opened.run()

    assert done.code == 3
    for dataset in ("parks", "near", "terms"):
        assert done.outcomes[dataset]["verdict"] == "suspended"
        assert {each["rule"] for each in done.outcomes[dataset]["reasons"]} == {"REL-04"}
    assert set(opened.manifest()["datasets"]) == {"zoo"}
    assert opened.run().outcomes["parks"]["changed"] is False


def test_a_restoration_brings_back_the_very_same_bytes(opened: City) -> None:
    before, lines = published(opened, "parks", "near", "terms"), opened.manifest()["datasets"]
    opened.opendata("suspend", "parks", *CASE)

    done = opened.opendata("restore", "parks", "--reason", "查无问题", "--json")

    assert done.code == 0
    assert set(published(opened, "parks", "near", "terms")) == set(before)
    assert set(before) <= reachable(opened)
    assert opened.manifest()["datasets"] == lines
    assert opened.query("select count(*) from parks") == [(5,)]
    assert opened.query("select count(*) from terms", store="conditional") == [(5,)]


def test_a_restored_dataset_is_told_as_open_at_once(opened: City) -> None:
    opened.opendata("suspend", "parks", *CASE)
    opened.run()
    opened.opendata("restore", "parks", "--reason", "查无问题")

    told = opened.opendata("status", "--as-of", AS_OF, "--json").outcomes
    after = opened.run().outcomes

    assert {key: each["verdict"] for key, each in told.items()} == {
        "parks": "released",
        "near": "released",
        "terms": "released_conditionally",
        "zoo": "released",
    }
    assert {key: each["version"] for key, each in told.items()} == {
        key: each["version"] for key, each in after.items()
    }


def test_record_and_register_have_both_decisions(opened: City) -> None:
    opened.opendata("suspend", "parks", *CASE)
    opened.opendata("restore", "parks", "--reason", "查无问题")

    kinds = [each["kind"] for each in opened.events() if each.get("case") == "AJ-7"]
    decisions = opened.workshop().register.decisions(dataset_id="parks")

    assert kinds == ["suspended", "restored"]
    assert [each.kind for each in decisions] == [DecisionKind.SUSPEND, DecisionKind.RESTORE]
    assert [each.reason for each in decisions] == ["核实中", "查无问题"]
    assert decisions[0].basis == "投诉"
    assert opened.opendata("record", "verify").code == 0


def test_a_case_of_its_own_outlives_the_restoration_of_another(opened: City) -> None:
    opened.opendata("suspend", "near", "--reason", "另案", "--case", "AJ-8")
    opened.opendata("suspend", "parks", *CASE)

    opened.opendata("restore", "parks", "--reason", "查无问题")

    assert set(opened.manifest()["datasets"]) == {"parks", "zoo"}
    assert rows_seen(opened, "near") == []


def test_restoring_what_is_not_suspended_is_refused(opened: City) -> None:
    done = opened.opendata("restore", "zoo", "--reason", "误")

    assert done.code != 0
    assert "zoo is not suspended" in done.err
    assert opened.events("restored") == []


def test_a_suspension_does_not_wait_for_a_run_that_holds_the_home(opened: City) -> None:
    with locked(opened.root / ".working.lock"):
        done = opened.opendata("suspend", "parks", *CASE)

    assert done.code == 0
    assert "parks" not in opened.manifest()["datasets"]


def test_a_run_in_flight_is_fenced(opened: City) -> None:
    opened.hands_over("parks", rows_of(6, word="parks"))
    workshop = opened.workshop()
    parks = workshop.catalog.dataset("parks")
    passage = journey(workshop, parks)
    while not isinstance(next(passage), Standardised):
        pass

    suspend(opened.workshop(), "parks", reason="核实中", basis="投诉", case=None)
    *_, last = passage

    assert getattr(last, "outcome").verdict is Verdict.SUSPENDED  # noqa: B009 - stages differ
    assert set(opened.manifest()["datasets"]) == {"zoo"}
