"""Purging: received bytes with columns nobody listed go after their term (XS16, second sentence).

Only where a regulation of the home forbids collecting what is not listed. What still counts keeps
its listed columns; the note of what was received, its hash and its time stay as evidence.
"""

from datetime import datetime, timedelta
from pathlib import Path

from assets.looking import looked_at
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import SourceError
from opendata.record import Event, Kind
from opendata.source import Source
from opendata.sql_text import literal, quoted
from resources.deliveries import DROP
from resources.parquet_file import RECORD
from resources.received import LandedFile


def purge(workshop: Workshop) -> None:
    """Let everything received go that has been kept for longer than ``received_term_days``.

    A delivery that counts and cannot be read any more stays as it is, and the steward is told.
    """
    if not workshop.regime.value("src.only_catalogued"):
        return
    until = workshop.clock.now() - timedelta(days=workshop.settings.received_term_days)
    with workshop.home.working():
        for dataset in workshop.catalog.datasets:
            for source in dataset.sources:
                _purge_source(workshop, dataset, source, until)


def _purge_source(workshop: Workshop, dataset: Dataset, source: Source, until: datetime) -> None:
    received = workshop.landing.received(dataset)
    counting = {each.sha256 for each in received.counting(source.id, dataset.load)}
    for file in received.with_unlisted(source.id, until=until):
        try:
            listed = _listed(workshop, dataset, source, file) if file.sha256 in counting else None
        except SourceError as error:
            workshop.progress(f"{dataset.title}（{dataset.id}）：{error}")
            continue
        event = Event(
            kind=Kind.PURGED,
            dataset_id=dataset.id,
            counts={"bytes": file.size},
            clauses=workshop.regime.rule("src.only_catalogued").cites,
            detail={"sha256": file.sha256, "listed_kept": listed is not None},
        )
        workshop.record(event)
        received.keep_listed(file, listed)
    _purge_copies(workshop, dataset, source, received.gone(source.id))


def _listed(workshop: Workshop, dataset: Dataset, source: Source, file: LandedFile) -> Path:
    """The listed columns of a delivery as Parquet, under the headings it had."""
    out = workshop.home.scratch / f"{file.sha256}.listed"
    headings = ", ".join(f"{quoted(name)} as {quoted(head)}" for name, head in source.columns)
    with looked_at(workshop, dataset, file, as_received=True) as (con, received):
        rows = f"select {headings}, _row as {quoted(RECORD)} from {received} order by _row"
        con.execute(f"copy ({rows}) to {literal(str(out))} (format parquet)").fetchall()
    return out


def _purge_copies(
    workshop: Workshop, dataset: Dataset, source: Source, gone: tuple[LandedFile, ...]
) -> None:
    """The same bytes in the inbox, where dropped files went to, and among what was collected.

    What is still in a drop folder is left: it is received by the next run, and goes after that.
    """
    by_size = {size: {x.sha256 for x in gone if x.size == size} for size in {x.size for x in gone}}
    inbox = workshop.home.inbox / dataset.body
    places = (inbox, workshop.landing.folder_of(dataset, source)) if gone else ()
    for path in (each for place in places for each in place.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.is_relative_to(inbox / DROP):
            wanted = by_size.get(path.stat().st_size)
            if wanted and workshop.state.sha256_of(path) in wanted:
                path.unlink()
