"""Running changed datasets through Dagster in this process, on the home's persistent instance."""

import logging
import os

import dagster as dg

from assets.workshop import Workshop
from opendata.catalog import Dataset
from pipelines.assembly import build_defs
from pipelines.schedules import EVERYTHING, selection

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def execute(workshop: Workshop, datasets: tuple[Dataset, ...]) -> bool:
    """Materialise these datasets; False when a step crashed (refusals are not crashes)."""
    os.environ["DAGSTER_HOME"] = str(workshop.home.dagster)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = build_defs(workshop).resolve_job_def(EVERYTHING)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=selection(datasets),
            run_config=_QUIET,
            raise_on_error=False,
        )
    return result.success
