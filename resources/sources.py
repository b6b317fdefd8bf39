"""Opening a landed source: whatever it is, it becomes one relation of text columns with ``_row``.

The only door to the readers. A packed file is unpacked once, a workbook is read whole, a text takes
the fast lane when it is regular and the exact lane otherwise; types are nobody's business here.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import duckdb

from opendata.source import Source
from opendata.sql_text import literal, quoted
from opendata.vocabulary import OnChange
from resources.archive import PACKED, unpack
from resources.delimited import ends_before_headings, layout, records
from resources.fast_lane import open_regular
from resources.headings import Binder
from resources.json_rows import JsonIntake
from resources.json_text import records_of
from resources.parquet_file import open_parquet
from resources.received import LandedFile
from resources.rows import Intake, Record
from resources.sniff import Container, container_of
from resources.source_errors import cannot_land
from resources.source_table import SourceTable, Target
from resources.spool import ROW_NUMBER, spool
from resources.transcode import open_text
from resources.workbook import open_sheet

_WORKBOOKS = frozenset({Container.XLS, Container.XLSX, Container.ODS})


def open_source(  # noqa: PLR0913 - a file, its contract and the place it goes to
    con: duckdb.DuckDBPyConnection,
    landed: LandedFile,
    source: Source,
    *,
    relation: str,
    scratch: Path,
    once: bool = False,
    on_change: OnChange = OnChange.REFUSE,
    required: frozenset[str] = frozenset(),
) -> SourceTable:
    """Register the landed file as ``relation``: the columns of ``source`` as text, and ``_row``.

    ``_row`` is the 1-based record number in the file; empty cells are null, all others untouched.
    Scan the relation inside ``SourceTable.reading()``. ``once=True`` promises that it will be
    scanned a single time: a large file that is not UTF-8 is then streamed instead of copied. With
    适应 new columns stay where they are and a missing one, unless ``required``, reads as null.

    Raises:
        SourceError: container, encoding or records are not as the contract says.
        StructureChanged: the headings are not, and ``on_change`` does not bear it.
    """
    target = Target(con=con, relation=relation, scratch=scratch)
    binder = Binder(
        source=source, name=landed.original_name, on_change=on_change, required=required
    )
    try:
        return _opened(landed.path, binder, target=target, once=once)
    except BaseException:
        target.leftovers.close()
        raise


def _opened(path: Path, binder: Binder, *, target: Target, once: bool) -> SourceTable:
    container = container_of(path, name=binder.name)
    if container in PACKED:
        plain = target.scratch_file(".plain")
        container = unpack(path, container, plain, name=binder.name)
        path = plain
    if container in _WORKBOOKS:
        return _workbook(path, container, binder, target=target)
    if container is Container.PARQUET:
        return open_parquet(path, binder, target=target)
    if container is Container.JSON:
        return _json(path, binder, target=target)
    return _text(path, binder, target=target, once=once)


def _workbook(path: Path, container: Container, binder: Binder, *, target: Target) -> SourceTable:
    source, name = binder.source, binder.name
    found = open_sheet(path, container, source, name=name)
    above = max(source.heading_end, 1)
    if len(found) < above:
        raise ends_before_headings(name, len(found), above)
    headings = found.headings(list(islice(found, above)), source)
    binding = binder.bind(headings) if source.header_row else binder.bind_width(found.width)
    single = source.header_row and source.header_rows == 1
    intake = Intake(
        source,
        width=found.width,
        places=binding.places,
        name=name,
        headings=headings if single else (),
    )
    return replace(_spooled(intake, found, binder, target=target), changes=binding.changes)


def _json(path: Path, binder: Binder, *, target: Target) -> SourceTable:
    text = open_text(path, name=binder.name, declared=binder.source.encoding, lined=False)
    taking = JsonIntake(binder)
    cells = taking.cells(records_of(text, binder.source.records))
    try:
        table = _spooled(taking.intake, cells, binder, target=target)
    except UnicodeEncodeError:
        raise cannot_land(
            binder.name,
            "it holds half of a surrogate pair (such as \\ud800), which is no character; export "
            "it again",
            reason="含有无法表示的字符（不成对的代理码），请重新导出。",
        ) from None
    return replace(table, encoding=text.encoding, changes=taking.binding().changes)


def _text(path: Path, binder: Binder, *, target: Target, once: bool) -> SourceTable:
    source, name = binder.source, binder.name
    text = open_text(path, name=name, declared=source.encoding)
    found = layout(text, binder)
    table = open_regular(text, source, found, target=target, once=once)
    if table is None:
        intake = Intake(
            source, width=found.width, places=found.places, name=name, headings=found.headings
        )
        table = _spooled(intake, records(text, source), binder, target=target)
    return replace(table, encoding=text.encoding, changes=found.changes)


def _spooled(
    intake: Intake, found: Iterable[Record], binder: Binder, *, target: Target
) -> SourceTable:
    """The exact lane: every record through Python, into a Parquet of the wanted columns."""
    parquet = target.scratch_file(".parquet")
    names = [each for each, _ in binder.source.columns]
    spool(intake.rows(found), names, parquet)
    columns = ", ".join(map(quoted, (*names, ROW_NUMBER)))
    target.view(f"select {columns} from read_parquet({literal(str(parquet))})")
    return SourceTable(
        relation=target.relation,
        name=binder.name,
        rows=intake.taken,
        blank_rows=intake.blank,
        leftovers=target.leftovers,
    )
