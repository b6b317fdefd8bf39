"""The sensor of the drop folders: one run for what was dropped, asked for once."""

from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from pipelines.assembly import build_defs
from tests.journeys.homes import City, csv_text, rows_of


@pytest.fixture
def city(tmp_path: Path) -> City:
    city = City.found(tmp_path / "home", settle_seconds=0)
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
    return city


def tick(city: City) -> dg.RunRequest | str | None:
    """What one look asks for: a run, or why none is asked for."""
    with closing(city.workshop()) as workshop, dg.DagsterInstance.ephemeral() as instance:
        repository = build_defs(workshop).get_repository_def()
        sensor = repository.get_sensor_def("drop_folders")
        context = dg.build_sensor_context(instance=instance, definitions=build_defs(workshop))
        told = sensor.evaluate_tick(context)
        return told.run_requests[0] if told.run_requests else told.skip_message


def test_dropping_a_file_asks_for_a_run_of_its_dataset_alone(city: City) -> None:
    city.put("inbox/market/drop/parks.csv", csv_text(rows_of(3)))

    asked = tick(city)

    assert isinstance(asked, dg.RunRequest)
    assert {key.path[1] for key in asked.asset_selection or ()} == {"parks"}
    assert (city.root / "inbox/market/parks.csv").exists()


def test_what_reads_the_dataset_is_run_with_it(city: City) -> None:
    model = "select no, name, updated_on from {{ ref('parks') }}"
    city.lists("green", model=model, source=None)
    city.put("inbox/market/drop/parks.csv", csv_text(rows_of(3)))

    asked = tick(city)

    assert isinstance(asked, dg.RunRequest)
    assert {key.path[1] for key in asked.asset_selection or ()} == {"parks", "green"}


def test_the_same_state_is_asked_for_under_the_same_name(city: City) -> None:
    city.put("inbox/market/drop/parks.csv", csv_text(rows_of(3)))
    first = tick(city)
    second = tick(city)
    city.put("inbox/market/drop/zoo.csv", csv_text(rows_of(2)))
    third = tick(city)

    keys = [each.run_key for each in (first, second, third) if isinstance(each, dg.RunRequest)]
    assert keys[0] == keys[1] != keys[2]


def test_nothing_dropped_is_a_look_that_says_so(city: City) -> None:
    assert tick(city) == "投递目录中没有待处理的文件"


def test_while_a_run_is_at_work_nothing_is_taken(city: City) -> None:
    dropped = city.put("inbox/market/drop/parks.csv", csv_text(rows_of(3)))

    with city.workshop().home.working():
        told = tick(city)

    assert told == "正在处理数据，稍后再看"
    assert dropped.exists()


def test_the_sensor_is_off_until_somebody_switches_it_on(city: City) -> None:
    with closing(city.workshop()) as workshop:
        sensor = build_defs(workshop).get_repository_def().get_sensor_def("drop_folders")

    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert sensor.minimum_interval_seconds == 30
