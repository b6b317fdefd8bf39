"""Purging: received bytes with columns nobody listed go after their term (XS16, second sentence).

Only where a regulation of the home forbids collecting what is not listed. What still counts keeps
its listed columns; the note of what was received, its hash and its time stay as evidence.
"""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.record import Event, Kind
from opendata.source import Source
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Load, OnChange
from resources.received import LandedFile
from resources.sources import open_source

_RELATION = "purged"


def purge(workshop: Workshop) -> None:
    """Let everything received go that has been kept for longer than ``received_term_days``.

    Raises:
        SourceError: a delivery that still counts cannot be read any more; it stays as it is.
    """
    if not workshop.regime.value("src.only_catalogued"):
        return
    until = workshop.clock.now() - timedelta(days=workshop.settings.received_term_days)
    for dataset in workshop.catalog.datasets:
        for source in dataset.sources:
            _purge_source(workshop, dataset, source, until)


def _purge_source(workshop: Workshop, dataset: Dataset, source: Source, until: datetime) -> None:
    received = workshop.landing.received(dataset)
    counting = {each.sha256 for each in _counting(workshop, dataset, source)}
    for file in received.with_unlisted(source.id, until=until):
        event = Event(
            kind=Kind.PURGED,
            dataset_id=dataset.id,
            counts={"bytes": file.size},
            clauses=workshop.regime.rule("src.only_catalogued").cites,
            detail={"sha256": file.sha256, "listed_kept": file.sha256 in counting},
        )
        workshop.record(event)
        listed = _listed(workshop, source, file) if file.sha256 in counting else None
        received.keep_listed(file, listed)
        _purge_copies(workshop, dataset, file)


def _counting(workshop: Workshop, dataset: Dataset, source: Source) -> tuple[LandedFile, ...]:
    received = workshop.landing.received(dataset)
    if dataset.load is not Load.SNAPSHOT:
        return received.deliveries(source.id)
    last = received.last(source.id)
    return (last,) if last else ()


def _listed(workshop: Workshop, source: Source, file: LandedFile) -> Path:
    """The listed columns of a delivery as Parquet, under the headings it had."""
    out = workshop.home.scratch / f"{file.sha256}.listed"
    headings = ", ".join(f"{quoted(name)} as {quoted(head)}" for name, head in source.columns)
    with (
        workshop.connection() as con,
        open_source(
            con,
            file,
            source.as_collected,
            relation=_RELATION,
            scratch=workshop.home.scratch,
            on_change=OnChange.EVOLVE,
        ) as table,
        table.reading(),
    ):
        _write(con, f"select {headings} from {_RELATION} order by _row", out)
    return out


def _write(con: duckdb.DuckDBPyConnection, rows: str, out: Path) -> None:
    con.execute(f"copy ({rows}) to {literal(str(out))} (format parquet)").fetchall()


def _purge_copies(workshop: Workshop, dataset: Dataset, file: LandedFile) -> None:
    """The same bytes in the inbox, and in the folders dropped files went to."""
    inbox = workshop.home.inbox / dataset.body
    for place in (inbox, inbox / "done", inbox / "failed"):
        for each in place.glob("*"):
            if each.is_file() and each.stat().st_size == file.size and _is(workshop, each, file):
                each.unlink()


def _is(workshop: Workshop, path: Path, file: LandedFile) -> bool:
    return workshop.state.sha256_of(path) == file.sha256
