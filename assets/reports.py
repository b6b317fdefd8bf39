"""The steward's pages: dossiers in, files under ``reports/`` out, the overview first.

Every page has a JSON twin. What a page says is decided in ``opendata/pages``; this file only
gathers what is known. Pages can be written again at any time, so none waits for the disk.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from assets.body_pages import body_views, unopened_view
from assets.clocks import punctuality_of
from assets.conflicts import source_lines
from assets.deidentification import report_address, write_report
from assets.dossier import Dossier, said_of_all
from assets.history import Past, history
from assets.linkage import known_linkage
from assets.linkage_page import LINKAGE, linkage_view
from assets.resemblance import known_resemblances
from assets.sheets import workbook_of
from assets.standing import standing
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.desensitise import plan_for
from opendata.gates import pending_gates
from opendata.linkage_words import linkage_sentences
from opendata.pages.body_views import BodyView, UnopenedView
from opendata.pages.linkage import linkage_json, linkage_page, linkage_tables
from opendata.pages.render import (
    body_page,
    list_json,
    overview_page,
    unopened_page,
    version_page,
    view_json,
)
from opendata.pages.tables import (
    Table,
    body_tables,
    csv_of,
    overview_tables,
    unopened_tables,
    version_tables,
)
from opendata.pages.views import (
    Frame,
    OverviewRow,
    OverviewView,
    PastVersion,
    PendingRule,
    RegimeLine,
    SuspectedCopy,
    TreatedField,
    VersionScores,
    VersionView,
)
from opendata.plain import fingerprint_of
from opendata.resemblance import in_words, remedy
from quality.results_json import to_result_json
from quality.suite_json import to_suite_json
from resources.fsio import write_swapped
from resources.manifest import Version
from resources.register import DecisionKind

INDEX = "index.html"
UNOPENED = "should-open"
"""Name of the list of what should be open and is not; no dataset's id has a hyphen in it."""


def write_reports(workshop: Workshop) -> tuple[Path, ...]:
    """Write every page with its files; the overview comes first, then a page a dataset.

    After those come the list of what should be open and is not, and a page a body.
    """
    current = tuple(standing(workshop))
    told_in_the_footer = said_of_all(dossier for _, dossier in current)
    dossiers = tuple((each, dossier.without(told_in_the_footer)) for each, dossier in current)
    frame, past = frame_of(workshop), history(workshop)
    versions = tuple(
        _version(workshop, frame, dataset, dossier, past.get(dataset.id, Past()))
        for dataset, dossier in dossiers
    )
    unopened = unopened_view(workshop, frame, dossiers, past, stem=UNOPENED, overview=INDEX)
    rows = tuple(_row(workshop, dataset, dossier) for dataset, dossier in dossiers)
    bodies = body_views(workshop, rows, versions, unopened)
    overview = _overview(workshop, frame, rows, unopened, bodies)
    pages = [
        _write_overview(workshop, overview),
        *(_write_version(workshop, each) for each in versions),
    ]
    pages.append(_write_unopened(workshop, unopened))
    pages += [_write_body(workshop, each) for each in bodies]
    pages += _write_linkage(workshop, frame)
    for dataset, dossier in dossiers:
        write_report(workshop, frame, dataset, dossier)
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


def _write_overview(workshop: Workshop, view: OverviewView) -> Path:
    page, twin = overview_page(view), view_json(view)
    return write_page(workshop, "index", page, twin, overview_tables(view))


def _write_version(workshop: Workshop, view: VersionView) -> Path:
    page, twin = version_page(view), view_json(view)
    return write_page(workshop, view.dataset.id, page, twin, version_tables(view))


def _write_unopened(workshop: Workshop, view: UnopenedView) -> Path:
    page, twin = unopened_page(view), list_json(view)
    return write_page(workshop, UNOPENED, page, twin, unopened_tables(view))


def _write_body(workshop: Workshop, view: BodyView) -> Path:
    page, twin = body_page(view), list_json(view)
    return write_page(workshop, view.stem or "", page, twin, body_tables(view))


def _write_linkage(workshop: Workshop, frame: Frame) -> list[Path]:
    view = linkage_view(workshop, frame, overview=INDEX)
    if view is None:
        return []
    page, twin = linkage_page(view), linkage_json(view)
    return [write_page(workshop, LINKAGE, page, twin, linkage_tables(view))]


def write_page(
    workshop: Workshop, name: str, page: str, twin: str, tables: Sequence[Table]
) -> Path:
    """Put a page and the same as JSON, CSV and XLSX into ``reports/``; the page's path.

    A workbook is only made where its tables have changed: it costs more than the page.
    """
    path = workshop.home.reports / f"{name}.html"
    write_swapped(path, page.encode())
    write_swapped(path.with_suffix(".json"), twin.encode())
    write_swapped(path.with_suffix(".csv"), csv_of(tables[0]))
    book, made_of = path.with_suffix(".xlsx"), fingerprint_of(tuple(tables))
    if workshop.state.recall_findings(f"sheets {name}") != made_of or not book.exists():
        write_swapped(book, workbook_of(tables))
        workshop.state.remember_findings(f"sheets {name}", made_of)
    return path


def frame_of(workshop: Workshop) -> Frame:
    """What every page of this moment says of its run."""
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


def _row(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> OverviewRow:
    return OverviewRow(
        outcome=dossier.outcome,
        body_title=workshop.catalog.body(dataset.body).title,
        href=f"{dataset.id}.html",
        contact_role=dataset.contact_role,
        failed_rules=dossier.failed_rules,
    )


def _overview(
    workshop: Workshop,
    frame: Frame,
    rows: tuple[OverviewRow, ...],
    unopened: UnopenedView,
    bodies: tuple[BodyView, ...],
) -> OverviewView:
    return OverviewView(
        frame=frame,
        rows=rows,
        pending=tuple(
            PendingRule(
                rule=each.rule, title=each.title, citation=each.citation(workshop.regime.ids)
            )
            for each in pending_gates(workshop.regime.ids)
        ),
        copies=_copies(workshop),
        body_pages=tuple((each.title, f"{each.stem}.html") for each in bodies),
        unopened=len(unopened.rows),
        unopened_href=f"{UNOPENED}.html",
        sheets=(*_linkage_sheet(workshop), *_evaluations(workshop)),
        stem="index",
    )


def _linkage_sheet(workshop: Workshop) -> Iterator[tuple[str, str]]:
    if known_linkage(workshop) is not None:
        yield "汇聚关联风险", f"{LINKAGE}.html"


def _evaluations(workshop: Workshop) -> Iterator[tuple[str, str]]:
    """The evaluation sheets that were written, the latest year first."""
    for each in sorted(workshop.home.reports.glob("evaluation-????.html"), reverse=True):
        yield f"{each.stem.removeprefix('evaluation-')}年度评价表", each.name


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


def _version(
    workshop: Workshop, frame: Frame, dataset: Dataset, dossier: Dossier, past: Past
) -> VersionView:
    lead = dataset.lead_body and workshop.catalog.body(dataset.lead_body).title
    released = workshop.store_of(dataset).versions(dataset.id)
    return VersionView(
        frame=frame,
        dataset=dataset,
        body_title=workshop.catalog.body(dataset.body).title,
        lead_body_title=lead,
        outcome=dossier.outcome,
        quality=dossier.quality,
        leaks=dossier.leaks,
        risk=dossier.risk,
        linkage=linkage_sentences(workshop.catalog, dossier.linkage),
        treatments=tuple(_treated(dataset)),
        sources=source_lines(workshop, dataset, dossier),
        pending_rules=len(pending_gates(workshop.regime.ids)),
        released_sha=dossier.released_sha256,
        history=tuple(_history(released, dossier)),
        trend=tuple(_trend(released, past)),
        periods=punctuality_of(workshop, dataset, past),
        overview_href=INDEX,
        body_href=f"body-{dataset.body}.html",
        deidentification_href=report_address(dataset) if dossier.harm else None,
        stem=dataset.id,
    )


def _treated(dataset: Dataset) -> Iterator[TreatedField]:
    for step in plan_for(dataset):
        field = dataset.field(step.field)
        yield TreatedField(
            title=field.title,
            role=field.role,
            action=step.action,
            preset=step.treatment.preset,
            ground=step.treatment.ground,
            survives=step.reveals,
        )


def _history(released: tuple[Version, ...], dossier: Dossier) -> Iterator[PastVersion]:
    for each in reversed(released):
        if each.version != dossier.outcome.version:
            yield PastVersion(
                version=each.version,
                data_time=date.fromisoformat(each.data_time) if each.data_time else None,
                released_on=datetime.fromisoformat(each.published_at).date(),
                rows=each.rows,
            )


def _trend(released: tuple[Version, ...], past: Past) -> Iterator[VersionScores]:
    """The scores of versions that were really released: the record also names announced ones."""
    numbers = {each.version for each in released}
    for number, scores in past.versions:
        if number in numbers:
            yield VersionScores(version=number, scores=scores)
