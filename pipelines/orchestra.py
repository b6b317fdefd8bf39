"""Running changed datasets through Dagster in this process, on the home's persistent instance."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets.workshop import Workshop
from opendata.catalog import Dataset
from pipelines.assembly import build_defs
from pipelines.schedules import EVERYTHING, selection
from resources.fsio import locked
from resources.processes import identity, is_alive, running

_PROCESS = "opendata/process"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The configuration of a run that prints nothing."""


def execute(workshop: Workshop, datasets: tuple[Dataset, ...]) -> bool:
    """Materialise these datasets; False when a step crashed (refusals are not crashes)."""
    with instance_of(workshop) as instance, running(workshop.home.dagster):
        job = build_defs(workshop).resolve_job_def(EVERYTHING)
        result = job.execute_in_process(
            instance=instance,
            tags={_PROCESS: identity()},
            asset_selection=selection(datasets),
            run_config=QUIET,
            raise_on_error=False,
        )
    for event in result.all_events:
        if event.is_step_failure:
            kinds = " < ".join(_kinds(event.step_failure_data.error))
            workshop.progress(f"step {event.step_key} failed: {kinds}")
    return result.success


def instance_of(workshop: Workshop) -> dg.DagsterInstance:
    """The home's persistent instance, opened; Dagster itself says nothing from here on."""
    os.environ["DAGSTER_HOME"] = str(workshop.home.dagster)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with locked(workshop.home.dagster / ".opening.lock"):
        return dg.DagsterInstance.get()  # the first makes the databases, which two cannot at once


def tell_killed_runs(dagster_home: Path) -> None:
    """Runs whose process is gone have failed; one that looks alive would hold up the queue."""
    unfinished = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED]
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        for run in instance.get_runs(dg.RunsFilter(statuses=unfinished)):
            if _PROCESS in run.tags and not is_alive(run.tags[_PROCESS]):
                instance.report_run_failed(run, message="the process of this run was killed")


def _kinds(error: Any) -> Iterator[str]:
    """The classes of an error and its causes; never their messages, which may hold row values."""
    while error is not None:
        yield str(error.cls_name)
        error = error.cause
