"""What judging adds to a run beside the scan: Dagster's check events, and a suite over few rows."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from pipelines.bench import limits, workloads
from pipelines.bench.limits import Figure, figure

if TYPE_CHECKING:
    from assets.workshop import Workshop

ROWS = 100
"""So few that scanning them costs nothing."""
ROUNDS = 9


def quality_runs_figures(folder: Path) -> Iterator[Figure]:
    """One dataset of 19 rules run through Dagster again and again, with its checks and without.

    Both runs make the same passage, on the home's own instance; they differ by the check events. To
    these is added what compiling, planning and judging the suite and writing the quarantine cost
    over the same few rows, against writing them without a rule.
    """
    workshop = _opened(folder)
    events, evaluations = _events(workshop)
    judging = [_judging(workshop) for _ in range(ROUNDS)]
    detail = (
        f"check events {median(events):.3f} ({min(events):.3f} to {max(events):.3f}), suite, "
        f"judgement and quarantine {median(judging):.3f} CPU s over {ROWS} rows, "
        f"{ROUNDS} interleaved rounds each"
    )
    yield figure(limits.QUALITY_RUN, median(events) + median(judging), detail)
    yield figure(limits.CHECK_EVENTS, evaluations, "evaluations of one dataset's checks in one run")


def _opened(folder: Path) -> "Workshop":
    from assets.workshop import Workshop
    from resources.home import Home
    from resources.vault import create_master_key

    register = workloads.make_register(folder, rows=ROWS)
    home = Home.find(workloads.make_home(folder / "quality-runs", register)).prepare()
    create_master_key(home.restricted / "keys" / "master.key")
    return Workshop.open(home, as_of=date(2026, 3, 31))


def _events(workshop: "Workshop") -> tuple[list[float], int]:
    """CPU seconds that the checks add to a run, round by round, and how many are evaluated."""
    from pipelines.assembly import build_defs
    from pipelines.orchestra import instance_of
    from pipelines.schedules import EVERYTHING, selection

    job = build_defs(workshop).resolve_job_def(EVERYTHING)
    keys = set(selection(workshop.catalog.datasets))
    bare = job.get_subset(asset_selection=keys, asset_check_selection=set())
    checked = job.get_subset(asset_selection=keys)
    with instance_of(workshop) as instance:
        runs = [_run(each, instance) for each in (checked, bare)]
        counts = [len(each.get_asset_check_evaluations()) for each in runs]
        if counts[1] or not counts[0]:
            raise SystemExit(f"{counts[0]} checks with them and {counts[1]} without")
        spent = [
            [_cpu(lambda one=each: _run(one, instance)) for each in (checked, bare)]  # type: ignore[misc]
            for _ in range(ROUNDS)
        ]
    return [mine - floor for mine, floor in spent], counts[0]


def _run(job: Any, instance: Any) -> Any:
    from pipelines.orchestra import QUIET

    result = job.execute_in_process(instance=instance, run_config=QUIET)
    if not result.success:
        raise SystemExit("the run of the measured dataset failed")
    return result


def _judging(workshop: "Workshop") -> float:
    """CPU seconds that a suite costs over a few rows beside writing them: one round."""
    from quality.flags import standardise, write_quarantine
    from quality.judge import judge
    from quality.plan import plan
    from quality.suite import expectations_for

    (dataset,) = workshop.catalog.datasets
    names = tuple(each.name for each in dataset.fields)
    casts = workshop.project.model(dataset.id).casts
    read = f"read_parquet('{workshop.flagged(dataset.id)}')"
    rows = f"select *, {', '.join(f'false as _bad_{each}' for each in casts)} from {read}"
    out, aside = (workshop.home.scratch / f"{each}.parquet" for each in ("flagged", "aside"))

    def judged() -> None:
        rules = plan(expectations_for(dataset, workshop.catalog), casts=casts)
        standardise(con, rows, names, rules, out)
        judge(con, out, dataset, rules)
        write_quarantine(con, out, rules, aside)

    with workshop.connection() as con:
        nothing = plan(())
        return _cpu(judged) - _cpu(lambda: standardise(con, rows, names, nothing, out))


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
