"""The steward's pages: dossiers in, files under ``reports/`` out, the overview first.

Every page has a JSON twin. What a page says is decided in ``opendata/pages``; this file only
gathers what is known. Pages can be written again at any time, so none waits for the disk.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from assets.conflicts import source_lines
from assets.dossier import Dossier, said_of_all
from assets.resemblance import known_resemblances
from assets.standing import standing
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.desensitise import plan_for
from opendata.gates import pending_gates
from opendata.pages.render import overview_page, version_page, view_json
from opendata.pages.views import (
    Frame,
    OverviewRow,
    OverviewView,
    PastVersion,
    PendingRule,
    RegimeLine,
    SuspectedCopy,
    TreatedField,
    VersionView,
)
from opendata.resemblance import in_words, remedy
from quality.results_json import to_result_json
from quality.suite_json import to_suite_json
from resources.fsio import write_swapped
from resources.register import DecisionKind

INDEX = "index.html"


def write_reports(workshop: Workshop) -> tuple[Path, ...]:
    """Write the overview and one page a dataset, each with its JSON; the overview's path first."""
    current = tuple(standing(workshop))
    told_in_the_footer = said_of_all(dossier for _, dossier in current)
    dossiers = tuple((each, dossier.without(told_in_the_footer)) for each, dossier in current)
    frame = _frame(workshop)
    pages = [_write(workshop, "index", _overview(workshop, frame, dossiers))]
    pages += [
        _write(workshop, dataset.id, _version(workshop, frame, dataset, dossier))
        for dataset, dossier in dossiers
    ]
    for _, dossier in dossiers:
        _archive(workshop, dossier)
    return tuple(pages)


def are_current(workshop: Workshop) -> bool:
    """Whether the pages, where nothing was run since, tell of this day and this catalog."""
    try:
        text = (workshop.home.reports / "index.json").read_text(encoding="utf-8")
        told = json.loads(text)["frame"]
        of = (told["as_of"], told["catalog_version"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return of == (workshop.clock.as_of.isoformat(), workshop.catalog.version)


def _archive(workshop: Workshop, dossier: Dossier) -> None:
    """The judgement in Great Expectations' own formats: the suite, and its validation result."""
    report, judged_at = dossier.quality, dossier.outcome.finished_at
    if report is None or judged_at is None:
        return
    folder = workshop.home.reports / "quality"
    folder.mkdir(exist_ok=True)
    suite = to_suite_json(report.dataset_id, [each.expectation for each in report.results])
    result = to_result_json(report, judged_at=judged_at)
    write_swapped(folder / f"{report.dataset_id}.suite.json", suite.encode())
    write_swapped(folder / f"{report.dataset_id}.result.json", result.encode())


def _write(workshop: Workshop, name: str, view: OverviewView | VersionView) -> Path:
    page = overview_page(view) if isinstance(view, OverviewView) else version_page(view)
    path = workshop.home.reports / f"{name}.html"
    write_swapped(path, page.encode())
    write_swapped(path.with_suffix(".json"), view_json(view).encode())
    return path


def _frame(workshop: Workshop) -> Frame:
    settings = workshop.settings
    return Frame(
        city=settings.city,
        deployment_role=settings.deployment_role,
        regimes=tuple(
            RegimeLine(title=each.title, status=each.status) for each in workshop.regime.regulations
        ),
        catalog_version=workshop.catalog.version,
        as_of=workshop.clock.as_of,
        run_at=workshop.clock.now(),
        record_sequence=workshop.last_record_seq(),
        adopted=workshop.register.latest(DecisionKind.ADOPT_REGIME) is not None,
    )


def _overview(
    workshop: Workshop, frame: Frame, dossiers: tuple[tuple[Dataset, Dossier], ...]
) -> OverviewView:
    return OverviewView(
        frame=frame,
        rows=tuple(
            OverviewRow(
                outcome=dossier.outcome,
                body_title=workshop.catalog.body(dataset.body).title,
                href=f"{dataset.id}.html",
                contact_role=dataset.contact_role,
                failed_rules=dossier.failed_rules,
            )
            for dataset, dossier in dossiers
        ),
        pending=tuple(
            PendingRule(
                rule=each.rule, title=each.title, citation=each.citation(workshop.regime.ids)
            )
            for each in pending_gates(workshop.regime.ids)
        ),
        copies=_copies(workshop),
    )


def _copies(workshop: Workshop) -> tuple[SuspectedCopy, ...] | None:
    found = known_resemblances(workshop)
    if found is None:
        return None
    catalog = workshop.catalog
    return tuple(
        SuspectedCopy(
            text=in_words(catalog, each), remedy=remedy(catalog, each), href=f"{each.copy}.html"
        )
        for each in found
    )


def _version(workshop: Workshop, frame: Frame, dataset: Dataset, dossier: Dossier) -> VersionView:
    lead = dataset.lead_body and workshop.catalog.body(dataset.lead_body).title
    return VersionView(
        frame=frame,
        dataset=dataset,
        body_title=workshop.catalog.body(dataset.body).title,
        lead_body_title=lead,
        outcome=dossier.outcome,
        quality=dossier.quality,
        leaks=dossier.leaks,
        risk=dossier.risk,
        treatments=tuple(_treated(dataset)),
        sources=source_lines(workshop, dataset, dossier),
        pending_rules=len(pending_gates(workshop.regime.ids)),
        released_sha=dossier.released_sha256,
        history=tuple(_history(workshop, dataset, dossier)),
        overview_href=INDEX,
    )


def _treated(dataset: Dataset) -> Iterator[TreatedField]:
    for step in plan_for(dataset):
        field = dataset.field(step.field)
        yield TreatedField(
            title=field.title,
            role=field.role,
            action=step.action,
            preset=step.preset,
            ground=step.ground,
            survives=step.reveals,
        )


def _history(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> Iterator[PastVersion]:
    for each in reversed(workshop.store_of(dataset).versions(dataset.id)):
        if each.version != dossier.outcome.version:
            yield PastVersion(
                version=each.version,
                data_time=date.fromisoformat(each.data_time) if each.data_time else None,
                released_on=datetime.fromisoformat(each.published_at).date(),
                rows=each.rows,
            )
