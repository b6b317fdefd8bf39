"""Body pages: what each body has to do, and what should be open and is not, gathered.

What the pages then say is decided in ``opendata/pages``.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from assets.dossier import Dossier
from assets.history import Past
from assets.workshop import Workshop
from opendata.catalog import Body, Dataset
from opendata.law import clause
from opendata.pages.body_views import BodyRow, BodyView, Ground, Unopened, UnopenedView
from opendata.pages.views import Frame, OverviewRow, VersionView
from opendata.vocabulary import Openness, Verdict
from opendata.waivers import Waiver, holding

ENDING_DAYS = 30
"""How many days before its end an exception is spoken of."""

_OPENED = (Openness.UNCONDITIONAL, Openness.CONDITIONAL)
_REASSESSED = ("xian-open-2022/22.b", "chongqing-open/18", "guangxi-open/15.c")
_MENDED = ("xian-open-2022/9.p1.c",)
_STATES = {
    Verdict.BLOCKED: "暂缓开放",
    Verdict.FAILED: "处理失败",
    Verdict.SUSPENDED: "已中止",
}


def unopened_view(  # noqa: PLR0913 - what is known, and how the page is called and linked
    workshop: Workshop,
    frame: Frame,
    dossiers: Sequence[tuple[Dataset, Dossier]],
    past: Mapping[str, Past],
    *,
    stem: str,
    overview: str,
) -> UnopenedView:
    """Every dataset listed as open of which nothing is open now, those run or never run."""
    known = {dataset.id: dossier for dataset, dossier in dossiers}
    listed = [each for each in workshop.catalog.datasets if each.openness in _OPENED]
    live = {each for store in workshop.stores for each in store.current().datasets}
    rows = tuple(
        _unopened(workshop, each, known.get(each.id), past.get(each.id, Past()))
        for each in listed
        if each.id not in live
    )
    closed = sum(each.openness is Openness.NOT_OPEN for each in workshop.catalog.datasets)
    return UnopenedView(
        frame=frame,
        rows=tuple(sorted(rows, key=lambda each: each.body_title)),
        grounds=tuple(_grounds(workshop, _REASSESSED)),
        listed=len(listed),
        not_open=closed,
        stem=stem,
        overview_href=overview,
    )


def _unopened(
    workshop: Workshop, dataset: Dataset, dossier: Dossier | None, past: Past
) -> Unopened:
    return Unopened(
        dataset_id=dataset.id,
        title=dataset.title,
        body=dataset.body,
        body_title=workshop.catalog.body(dataset.body).title,
        openness=dataset.openness or Openness.UNCONDITIONAL,
        state=_STATES.get(dossier.outcome.verdict, "未开放") if dossier else "尚未处理",
        refusals=dossier.refusals if dossier else (),
        since=past.closed_since if dossier else None,
        listed_on=dataset.listed_on,
        href=f"{dataset.id}.html" if dossier else None,
    )


def body_views(
    workshop: Workshop,
    rows: Sequence[OverviewRow],
    versions: Sequence[VersionView],
    unopened: UnopenedView,
) -> tuple[BodyView, ...]:
    """The page of every body that has a dataset in the catalog, by title."""
    pages = {each.dataset.id: each for each in versions}
    kept = [
        BodyRow(
            row=each,
            sources=pages[each.outcome.dataset_id].sources,
            waivers=tuple(_ending(workshop, each.outcome.dataset_id)),
        )
        for each in rows
    ]
    listing = {each.body for each in workshop.catalog.datasets}
    bodies = [each for each in workshop.catalog.bodies if each.id in listing]
    return tuple(
        _body(workshop, each, kept, unopened)
        for each in sorted(bodies, key=lambda body: body.title)
    )


def _body(
    workshop: Workshop, body: Body, rows: Sequence[BodyRow], unopened: UnopenedView
) -> BodyView:
    return BodyView(
        frame=unopened.frame,
        title=body.title,
        rows=tuple(each for each in rows if each.row.outcome.body == body.id),
        unopened=tuple(each for each in unopened.rows if each.body == body.id),
        mending=next(_grounds(workshop, _MENDED), None),
        stem=f"body-{body.id}",
        overview_href=unopened.overview_href,
        unopened_href=f"{unopened.stem}.html",
    )


def _ending(workshop: Workshop, dataset_id: str) -> Iterator[Waiver]:
    """Exceptions in force that end soon; those given together for many rows are told once."""
    as_of = workshop.clock.as_of
    held = holding(workshop.decided.waivers_of(dataset_id), as_of).values()
    once = {(each.gate, each.by, each.role, each.until): each for each in held}
    for each in once.values():
        if each.until <= as_of + timedelta(days=ENDING_DAYS):
            yield each


def _grounds(workshop: Workshop, clause_ids: Sequence[str]) -> Iterator[Ground]:
    """Those of the clauses that belong to a regulation this home is under."""
    for each in clause_ids:
        if each.partition("/")[0] in workshop.regime.ids:
            found = clause(each)
            yield Ground(citation=found.citation, quote=found.quote)
