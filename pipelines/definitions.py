"""What Dagster loads: every asset, check, job and schedule of one home.

``build_defs`` is the only assembly there is; production, the command and the tests all call it.
"""

import dagster as dg

from assets.factory import build_assets
from assets.workshop import Workshop
from pipelines.schedules import jobs_and_schedules
from resources.home import Home


def build_defs(workshop: Workshop) -> dg.Definitions:
    """The definitions of one opened home."""
    jobs, schedules = jobs_and_schedules(workshop)
    return dg.Definitions(
        assets=build_assets(workshop.catalog),
        jobs=jobs,
        schedules=schedules,
        resources={"workshop": dg.ResourceDefinition.hardcoded_resource(workshop)},
        executor=dg.in_process_executor,
    )


def load() -> dg.Definitions:
    """The definitions of the home that OPENDATA_HOME or the working directory names."""
    return build_defs(Workshop.open(Home.find().prepare(), actor="dagster"))


defs = load()
