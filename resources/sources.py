"""Opening a landed source: whatever it is, it becomes one relation of text columns with ``_row``.

The only door to the readers. A gzip file is unpacked once, a workbook is read whole, a text takes
the fast lane when it is regular and the exact lane otherwise; types are nobody's business here.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import duckdb

from opendata.source import Source
from opendata.sql_text import literal, quoted
from resources.delimited import ends_before_headings, layout, records
from resources.fast_lane import open_regular
from resources.headings import places, places_by_position
from resources.landing import LandedFile
from resources.rows import Intake, Record
from resources.sniff import Container, container_of
from resources.source_errors import cannot_land
from resources.source_table import SourceTable, Target
from resources.spool import ROW_NUMBER, spool
from resources.transcode import inflate, open_text
from resources.workbook import open_sheet


def open_source(  # noqa: PLR0913 - a file, its contract and the place it goes to
    con: duckdb.DuckDBPyConnection,
    landed: LandedFile,
    source: Source,
    *,
    relation: str,
    scratch: Path,
    once: bool = False,
) -> SourceTable:
    """Register the landed file as ``relation``: the columns of ``source`` as text, and ``_row``.

    ``_row`` is the 1-based record number in the file; empty cells are null, all others untouched.
    Scan the relation inside ``SourceTable.reading()``. ``once=True`` promises that it will be
    scanned a single time: a large file that is not UTF-8 is then streamed instead of copied.

    Raises:
        SourceError: container, encoding, headings or records are not as the contract says.
    """
    target = Target(con=con, relation=relation, scratch=scratch)
    try:
        return _opened(landed, source, target=target, once=once)
    except BaseException:
        target.leftovers.close()
        raise


def _opened(landed: LandedFile, source: Source, *, target: Target, once: bool) -> SourceTable:
    name = landed.original_name
    container = container_of(landed.path, name=name)
    if container in {Container.XLS, Container.XLSX}:
        table = _workbook(landed.path, source, target=target, name=name)
    elif container is Container.GZIP:
        plain = _unpacked(landed.path, target.scratch_file(".plain"), name=name)
        table = _text(plain, source, target=target, name=name, once=once)
    else:
        table = _text(landed.path, source, target=target, name=name, once=once)
    return table


def _workbook(path: Path, source: Source, *, target: Target, name: str) -> SourceTable:
    found = open_sheet(path, source, name=name)
    above = max(source.header_row, 1)
    if len(found) < above:
        raise ends_before_headings(name, len(found), above)
    headings = next(islice(found, above - 1, None))
    wanted = (
        places(headings, source, name=name)
        if source.header_row
        else places_by_position(found.width, source, name=name)
    )
    intake = Intake(source, width=found.width, places=wanted, name=name)
    return _spooled(intake, found, source, target=target, name=name)


def _unpacked(packed: Path, plain: Path, *, name: str) -> Path:
    inflate(packed, plain, name=name)
    if container_of(plain, name=name) is Container.TEXT:
        return plain
    raise cannot_land(
        name,
        "it is a gzip file with something else than delimited text inside; hand that over unpacked",
        reason="压缩包内不是表格文本，请不要压缩，直接报送原文件。",
    )


def _text(path: Path, source: Source, *, target: Target, name: str, once: bool) -> SourceTable:
    text = open_text(path, name=name, declared=source.encoding)
    found = layout(text, source)
    if table := open_regular(text, source, found, target=target, once=once):
        return table
    intake = Intake(source, width=found.width, places=found.places, name=name)
    table = _spooled(intake, records(text, source), source, target=target, name=name)
    return replace(table, encoding=text.encoding)


def _spooled(
    intake: Intake, found: Iterable[Record], source: Source, *, target: Target, name: str
) -> SourceTable:
    """The exact lane: every record through Python, into a Parquet of the wanted columns."""
    parquet = target.scratch_file(".parquet")
    names = [each for each, _ in source.columns]
    spool(intake.rows(found), names, parquet)
    columns = ", ".join(map(quoted, (*names, ROW_NUMBER)))
    target.view(f"select {columns} from read_parquet({literal(str(parquet))})")
    return SourceTable(
        relation=target.relation,
        name=name,
        rows=intake.taken,
        blank_rows=intake.blank,
        leftovers=target.leftovers,
    )
