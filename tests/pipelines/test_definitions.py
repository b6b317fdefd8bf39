import json
import os
import subprocess
import sys

import dagster as dg

from pipelines.assembly import build_defs
from pipelines.orchestra import execute
from pipelines.schedules import EVERYTHING, by_cadence, selection
from tests.journeys.homes import ROOT, City, Demo, rows_of

LOAD = """
import json, sys
from dagster import Definitions
from pipelines.definitions import defs
Definitions.validate_loadable(defs)
graph = defs.resolve_asset_graph()
print(json.dumps({
    "assets": sorted(key.to_user_string() for key in graph.get_all_asset_keys()),
    "schedules": sorted(each.name for each in defs.schedules),
    "jobs": sorted(each.name for each in defs.resolve_all_job_defs()),
    "judges": sorted({"great_expectations", "pandas"} & set(sys.modules)),
}))
"""


def loaded(city: City) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OPENDATA_HOME": str(city.root), "PYTHONWARNINGS": "ignore"},
    )
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


def test_dagster_loads_the_home_that_the_environment_names(demo: Demo) -> None:
    found = loaded(demo.city)

    assert len(found["assets"]) == 3 * len(demo.run.json)
    assert found["assets"][:3] == [
        "civil/elder_allowances/landed",
        "civil/elder_allowances/released",
        "civil/elder_allowances/standardised",
    ]
    assert found["schedules"] == ["daily_schedule", "nightly_schedule", "weekly_schedule"]
    assert {EVERYTHING, "daily_datasets", "weekly_datasets"} <= set(found["jobs"])
    assert found["judges"] == []


def test_every_dataset_is_in_exactly_one_cadence(demo: Demo) -> None:
    groups = by_cadence(demo.city.workshop().catalog)

    members = [each.id for group in groups.values() for each in group]

    assert sorted(members) == sorted(demo.run.outcomes)


def test_a_selection_is_every_layer(city: City) -> None:
    city.lists("parks")

    keys = selection(city.workshop().catalog.datasets)

    assert [key.path[2] for key in keys] == ["landed", "standardised", "released"]


def test_a_run_by_job_is_the_run_of_the_command(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    workshop = city.workshop()

    done = execute(workshop, workshop.catalog.datasets)

    assert done is True
    assert city.query("select count(*) from parks") == [(3,)]


def test_a_layer_run_alone_is_made_and_the_next_run_goes_all_the_way(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    workshop = city.workshop()
    job = build_defs(workshop).resolve_job_def(EVERYTHING)

    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(["market", "parks", "standardised"])]
        )

    assert done.success
    assert workshop.flagged("parks").exists()
    assert city.run().outcomes["parks"]["verdict"] == "released"
    assert city.query("select count(*) from parks") == [(3,)]
