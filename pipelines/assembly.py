"""The assembly: a workshop becomes Dagster definitions. Production, command and tests call it."""

import dagster as dg

from assets.factory import build_assets
from assets.workshop import Workshop
from pipelines.schedules import timetable
from pipelines.sensors import drop_sensor


def build_defs(workshop: Workshop) -> dg.Definitions:
    """Every asset, check, job, schedule and sensor of one opened home."""
    assets = dg.Definitions(
        assets=build_assets(workshop.catalog),
        resources={"workshop": dg.ResourceDefinition.hardcoded_resource(workshop)},
        executor=dg.in_process_executor,
        sensors=[drop_sensor(workshop)],
    )
    return dg.Definitions.merge(assets, timetable(workshop))
