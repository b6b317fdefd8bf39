"""The page about linkage: what the last pass found, with what is assessed by now."""

from collections.abc import Iterator

from assets.linkage import StoreLinkage, known_linkage
from assets.workshop import Workshop
from opendata.errors import UnknownDataset
from opendata.linkage import Difference, Link, covering
from opendata.linkage_words import advice, basis, evidence, in_words, title_of
from opendata.pages.linkage import LinkageLine, LinkageView
from opendata.pages.views import Frame

LINKAGE = "data-linkage"
"""Name of the page; no dataset's id has a hyphen in it."""


def linkage_view(workshop: Workshop, frame: Frame, *, overview: str) -> LinkageView | None:
    """What the page says; None before the first pass."""
    found = known_linkage(workshop)
    if found is None:
        return None
    return LinkageView(
        frame=frame,
        tables=found.tables,
        pairs=found.pairs,
        lines=tuple(_lines(workshop, found)),
        basis=basis(workshop.regime),
        stem=LINKAGE,
        overview_href=overview,
    )


def _lines(workshop: Workshop, found: StoreLinkage) -> Iterator[LinkageLine]:
    catalog, regime = workshop.catalog, workshop.regime
    for each in found.found:
        for finding in each.findings:
            yield LinkageLine(
                dataset_id=finding.dataset,
                title=title_of(catalog, finding.dataset),
                verdict=finding.verdict,
                text=in_words(catalog, finding),
                advice=advice(finding),
                evidence=evidence(catalog, regime, finding),
                covered=_covered(workshop, finding),
            )


def _covered(workshop: Workshop, finding: Link | Difference) -> str:
    """Who assessed it until when; a pair is covered by the assessment of either side."""
    sides = [finding.dataset, *([finding.other] if isinstance(finding, Link) else [])]
    for each in sides:
        try:
            dataset = workshop.catalog.dataset(each)
        except UnknownDataset:
            continue
        given = workshop.decided.assessments_of(each)
        if holding := covering(dataset, finding, given, workshop.clock.as_of):
            return f"{holding.by}（{holding.role}），至{holding.until}"
    return ""
