import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import NamedTuple

import dagster as dg
import pytest

from resources.fsio import sha256_of_file
from tests.journeys.homes import AS_OF, ROOT, City, Ran, rows_of

DATASETS = ("aviary", "canal", "museum", "parks", "zoo")
READS = "select no, name, updated_on, row_number() over () as _row from {{ ref('parks') }}"
KILLS = 8


class Survived(NamedTuple):
    """A city whose runs were killed again and again, what was seen meanwhile, and the run after."""

    city: City
    torn: list[str]
    looks: int
    last_words: list[str]
    after: Ran


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory) -> Survived:
    city = City.found(tmp_path_factory.mktemp("killing") / "home")
    for dataset in DATASETS:
        city.lists(dataset)
    city.lists("near", model=READS)
    deliver(city, rows=3)
    assert city.run().code == 0
    longest = seconds_of_work(city)
    rng, torn, last_words, looks = Random(20260105), [], [], 0
    for attempt in range(KILLS):
        deliver(city, rows=4 + attempt)
        with working(city) as process:
            until = time.monotonic() + rng.uniform(0, longest)
            while time.monotonic() < until and process.poll() is None:
                torn += inconsistencies(city)
                looks += 1
        torn += inconsistencies(city)
        last_words.append(city.events()[-1]["kind"])
    return Survived(city, torn, looks, last_words, city.run())


def deliver(city: City, *, rows: int) -> None:
    for dataset in DATASETS:
        city.hands_over(dataset, rows_of(rows, word=dataset))


@contextmanager
def working(city: City) -> Iterator["subprocess.Popen[bytes]"]:
    """A run in a process of its own, from its first entry in the record until it is killed."""
    before = record_size(city)
    process = subprocess.Popen(
        city.command("run", "--as-of", AS_OF),
        cwd=ROOT,
        env=city.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while record_size(city) == before and process.poll() is None:
            time.sleep(0.01)
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def seconds_of_work(city: City) -> float:
    """How long the first run took between its first entry in the record and its last."""
    lines = [
        json.loads(line)["recorded_at"]
        for segment in (city.root / "record").glob("record-*.jsonl")
        for line in segment.read_text(encoding="utf-8").splitlines()
    ]
    begun, ended = (datetime.fromisoformat(each) for each in (lines[0], lines[-1]))
    return (ended - begun).total_seconds()


def record_size(city: City) -> int:
    return sum(each.stat().st_size for each in (city.root / "record").glob("record-*.jsonl"))


def inconsistencies(city: City) -> list[str]:
    """What an outsider finds wrong with the public store at this moment."""
    found = []
    for dataset, line in city.manifest()["datasets"].items():
        file = city.public / "datasets" / dataset / "files" / f"{line['sha256']}.parquet"
        if not file.is_file():
            found.append(f"{dataset}: no file")
        elif sha256_of_file(file) != line["sha256"]:
            found.append(f"{dataset}: other bytes")
    if set(city.manifest()["datasets"]) != {*DATASETS, "near"}:
        found.append("a dataset is gone")
    return found + [f"{each}: no rows" for each in DATASETS if not rows_seen(city, each)]


def rows_seen(city: City, dataset: str) -> int:
    return int(city.query(f"select count(*) from {dataset}")[0][0])


def test_the_kills_fell_into_the_work(survived: Survived) -> None:
    assert len(survived.last_words) == KILLS
    assert sum(each != "run_finished" for each in survived.last_words) >= KILLS // 2
    assert len(set(survived.last_words)) > 1
    assert survived.looks > KILLS


def test_what_was_released_stayed_whole_and_readable_throughout(survived: Survived) -> None:
    assert survived.torn == []


def test_the_next_run_completes_everything(survived: Survived) -> None:
    assert survived.after.code == 0
    assert {each["verdict"] for each in survived.after.json} == {"released"}
    assert {each: rows_seen(survived.city, each) for each in DATASETS} == dict.fromkeys(
        DATASETS, 3 + KILLS
    )
    assert rows_seen(survived.city, "near") == 3 + KILLS
    assert inconsistencies(survived.city) == []


def test_the_record_is_intact_and_tells_of_every_release(survived: Survived) -> None:
    verified = survived.city.opendata("record", "verify", "--json")
    released = {
        (each["dataset_id"], each["counts"]["version"]): each["outputs"][0]["sha256"]
        for each in survived.city.events("released")
    }

    assert (verified.code, verified.json["problems"]) == (0, [])
    for path in survived.city.public.glob("datasets/*/versions/*.json"):
        version = json.loads(path.read_bytes())
        key = (version["dataset_id"], version["version"])
        assert released[key] == version["sha256"]


def test_a_run_after_that_has_nothing_to_do(survived: Survived) -> None:
    assert {each["changed"] for each in survived.city.run().json} == {False}


def test_no_killed_run_is_left_running_in_the_orchestrator(survived: Survived) -> None:
    with dg.DagsterInstance.from_config(str(survived.city.root / "dagster")) as instance:
        statuses = [each.status for each in instance.get_runs()]

    assert dg.DagsterRunStatus.FAILURE in statuses
    assert set(statuses) <= {dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS}


def test_no_scratch_or_staged_file_is_left_behind(survived: Survived) -> None:
    left = [
        path.name
        for folder in ("restricted/scratch", "store/.opendata", "store/public")
        for path in (survived.city.root / folder).rglob("*")
        if path.is_file() and (path.name.startswith(".") or "source-" in path.name)
    ]

    assert [name for name in left if not name.endswith("lock")] == []
