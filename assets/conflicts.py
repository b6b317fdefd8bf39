"""Conflicts: what a page may show of rows that differ from their source (一数一源).

Values only where both datasets have just given them to everybody; keyed digests otherwise, and
counts alone where there is no key to make digests with. The whole table stays in ``restricted/``.
"""

from collections.abc import Iterator, Sequence

from assets.dossier import Dossier
from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.agreement import Agreement, may_show
from opendata.catalog import Dataset
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.errors import HomeError, KeyMissing
from opendata.pages.views import ConflictLine, SourceLine
from opendata.sql_text import literal
from opendata.vocabulary import Role, Verdict

SHOWN = 5
"""Conflicts a page shows of one field."""


def source_lines(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> tuple[SourceLine, ...]:
    """One line a carried element, as the dataset's last passage found it."""
    return tuple(_line(workshop, dataset, dossier, each) for each in dossier.agreements)


def _line(
    workshop: Workshop, dataset: Dataset, dossier: Dossier, agreement: Agreement
) -> SourceLine:
    titles = {each.id: each for each in workshop.catalog.datasets}
    source = titles.get(agreement.authority_dataset)
    own = next((each for each in dataset.fields if each.name == agreement.field), None)
    elements = {each.id: each.title for each in workshop.catalog.elements}
    current = own is not None and own.checked_against == agreement.authority
    return SourceLine(
        title=own.title if own else agreement.field,
        element=elements.get(agreement.element, agreement.element),
        source=source.title if source else agreement.authority_dataset,
        body=workshop.catalog.body(source.body).title if source else "—",
        agreement=agreement,
        personal=own is None or own.role is not Role.PLAIN or own.semantic in PERSONAL_SEMANTICS,
        conflicts=tuple(_conflicts(workshop, dataset, dossier, agreement)) if current else (),
    )


def _conflicts(
    workshop: Workshop, dataset: Dataset, dossier: Dossier, agreement: Agreement
) -> Iterator[ConflictLine]:
    if not agreement.differ or not workshop.conflicts(dataset.id).exists():
        return
    title = dataset.field(agreement.field).title
    rows = _first(workshop, dataset, agreement)
    if _is_open(dossier) and _given_to_all(workshop, dataset, agreement):
        for key, ours, theirs in rows:
            yield ConflictLine(
                title=title, key="、".join(key), ours=ours, theirs=theirs, plain=True
            )
        return
    try:
        digest = workshop.masker.digest_key().digest
    except (KeyMissing, HomeError):
        return
    for key, ours, theirs in rows:
        told = (digest(["|".join(key)])[:16], digest([ours])[:16], digest([theirs])[:16])
        yield ConflictLine(title=title, key=told[0], ours=told[1], theirs=told[2], plain=False)


def _is_open(dossier: Dossier) -> bool:
    return dossier.outcome.verdict is Verdict.RELEASED


def _given_to_all(workshop: Workshop, dataset: Dataset, agreement: Agreement) -> bool:
    """Whether the authority's file that was compared with is what it has open now, and may be."""
    source = last_dossier(workshop, agreement.authority_dataset)
    return (
        source is not None
        and source.standardised_sha256 == agreement.authority_sha256
        and _is_open(source)
        and agreement.authority_dataset in workshop.public.current().datasets
        and agreement.authority_dataset not in workshop.withheld()
        and may_show(workshop.catalog, dataset, agreement)
    )


def _first(
    workshop: Workshop, dataset: Dataset, agreement: Agreement
) -> Sequence[tuple[list[str], str, str]]:
    table = literal(str(workshop.conflicts(dataset.id)))
    with workshop.connection() as con:
        return con.execute(
            f"select key, ours, theirs from read_parquet({table}) "
            f"where field = {literal(agreement.field)} order by row, key limit {SHOWN}"
        ).fetchall()
