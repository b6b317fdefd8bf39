"""``opendata run`` and ``status``: probe first, run what changed through Dagster, tell it all."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.collected import collect
from assets.dossier import Dossier
from assets.dropping import take_dropped
from assets.evaluation import write_evaluation
from assets.probe import changed_datasets
from assets.purging import purge
from assets.reports import are_current, write_reports
from assets.standing import standing
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.record import Event, Kind
from opendata.vocabulary import Verdict
from resources.home import Home
from resources.processes import killed

Standing = tuple[tuple[Dataset, Dossier], ...]
"""Every dataset that was ever run, with how it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A finished run: every dataset's dossier, and where a person looks next."""

    as_of: date
    dossiers: tuple[Dossier, ...]
    crashed: bool
    unlisted: tuple[str, ...]
    look_next: tuple[tuple[str, str], ...]


def run_home(
    home_dir: Path | None,
    *,
    as_of: date | None,
    only: tuple[str, ...] = (),
    progress: Callable[[str], None],
) -> Finished:
    """Run every changed dataset of a home, or the named ones, and rewrite their pages.

    Raises:
        UnknownDataset: ``only`` names a dataset that the catalog does not have.
    """
    home = Home.find(home_dir).prepare()
    with closing(
        Workshop.open(home, as_of=as_of, actor="opendata run", progress=progress)
    ) as workshop:
        _recover(workshop)
        wanted = tuple(workshop.catalog.dataset(each) for each in only)
        candidates = wanted or workshop.catalog.in_reading_order
        take_dropped(workshop)
        collect(workshop, candidates)
        stood = tuple(standing(workshop))
        changed = _to_run(workshop, candidates, stood)
        crashed = bool(changed) and not _run(workshop, changed)
        purge(workshop)
        stands = tuple(standing(workshop)) if changed else stood
        if changed or not are_current(workshop):
            write_reports(workshop)
        return Finished(
            as_of=workshop.clock.as_of,
            dossiers=_told(stands, candidates, changed),
            crashed=crashed,
            unlisted=_unlisted(workshop),
            look_next=_look_next(workshop),
        )


def _to_run(
    workshop: Workshop, candidates: tuple[Dataset, ...], stood: Standing
) -> tuple[Dataset, ...]:
    """What has changed, and what was opened but is no longer in its store."""
    changed = {each.id for each in changed_datasets(workshop, candidates)}
    lost = {dataset.id for dataset, dossier in stood if _is_lost(workshop, dataset, dossier)}
    return tuple(each for each in candidates if each.id in changed | lost)


def _is_lost(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> bool:
    opened = dossier.outcome.verdict in (Verdict.RELEASED, Verdict.RELEASED_CONDITIONALLY)
    return opened and dataset.id not in workshop.store_of(dataset).current().datasets


def _unlisted(workshop: Workshop) -> tuple[str, ...]:
    """What is open but no longer in the catalog: somebody has to list it again or suspend it."""
    listed = {each.id for each in workshop.catalog.datasets}
    lines = {each for store in workshop.stores for each in store.current().datasets}
    return tuple(sorted(lines - listed))


def _recover(workshop: Workshop) -> None:
    """Finish or undo what a crash cut off, and enter every announced release that never was."""
    for store in workshop.stores:
        for dataset_id in store.recover().abandoned:
            detail = {"store": store.name}
            kind = Kind.ABANDONED
            workshop.record(Event(kind=kind, dataset_id=dataset_id, detail=detail))
    if killed(workshop.home.dagster):
        from pipelines.orchestra import tell_killed_runs

        tell_killed_runs(workshop.home.dagster)


def _run(workshop: Workshop, changed: tuple[Dataset, ...]) -> bool:
    # NOTE: Dagster costs over a second to import, so an unchanged run must not reach this line.
    from pipelines.orchestra import execute

    workshop.progress(f"{len(changed)} 个数据集有变化，开始处理")
    counts = {"changed": len(changed)}
    workshop.record(Event(kind=Kind.RUN_STARTED, counts=counts))
    succeeded = execute(workshop, changed)
    detail = {"succeeded": succeeded}
    workshop.record(Event(kind=Kind.RUN_FINISHED, detail=detail))
    return succeeded


def _told(
    stands: Standing, datasets: tuple[Dataset, ...], changed: tuple[Dataset, ...]
) -> tuple[Dossier, ...]:
    """How each of ``datasets`` stands; those that were not run are told as unchanged."""
    wanted = {each.id for each in datasets}
    ran = {each.id for each in changed}
    return tuple(
        dossier if dataset.id in ran else dossier.unchanged()
        for dataset, dossier in stands
        if dataset.id in wanted
    )


def status_of(home_dir: Path | None, *, as_of: date | None) -> tuple[Dossier, ...]:
    """Every dataset's last dossier with freshness judged on ``as_of``; nothing is run."""
    with closing(Workshop.open(Home.find(home_dir), as_of=as_of)) as workshop:
        return _told(tuple(standing(workshop)), workshop.catalog.in_reading_order, ())


def rewrite_reports(
    home_dir: Path | None, *, as_of: date | None, year: int | None = None
) -> tuple[Path, ...]:
    """Write every page anew from what is known; the overview comes first.

    With ``year`` the evaluation sheets of that year are written too, and come last.

    Raises:
        RecordBroken: an evaluation is asked for and the record cannot be read to its end.
    """
    with closing(Workshop.open(Home.find(home_dir).prepare(), as_of=as_of)) as workshop:
        sheets = write_evaluation(workshop, year) if year else ()
        return (*write_reports(workshop), *sheets)


def _look_next(workshop: Workshop) -> tuple[tuple[str, str], ...]:
    home = workshop.home
    return (
        ("开放数据（DuckDB）", str(home.store / "public" / "open.duckdb")),
        ("数据管理员的报告", str(home.reports / "index.html")),
        ("处理记录", f"{home.record}  （校验：opendata record verify）"),
        ("Dagster 界面", "make ui  →  http://127.0.0.1:3000"),
    )
