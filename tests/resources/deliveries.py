"""Deliveries for tests: bytes that are landed, opened and scanned, and the files they are."""

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from opendata.errors import SourceError
from opendata.vocabulary import OnChange
from resources.received import LandedFile
from resources.source_table import SourceTable
from resources.sources import open_source
from tests.support import a_source

COLUMNS = (("code", "编号"), ("name", "名称"))
Opened = tuple[SourceTable, list[tuple[Any, ...]]]

_ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="表">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def opened(
    tmp_path: Path,
    content: bytes,
    *,
    once: bool = False,
    on_change: OnChange = OnChange.REFUSE,
    required: tuple[str, ...] = (),
    **contract: Any,
) -> Opened:
    """Open, scan and close; the counts hold and nothing is left behind, whatever happens."""
    path, scratch = tmp_path / "landed", tmp_path / "scratch"
    path.write_bytes(content)
    file = LandedFile(
        source_id="main",
        original_name="许可.csv",
        path=path,
        sha256="0",
        size=len(content),
        received_at=datetime(2026, 1, 5, tzinfo=UTC),
    )
    source = a_source(**{"columns": COLUMNS} | contract)
    try:
        with (
            duckdb.connect() as con,
            open_source(
                con,
                file,
                source,
                relation="r",
                scratch=scratch,
                once=once,
                on_change=on_change,
                required=frozenset(required),
            ) as table,
        ):
            with table.reading():
                rows = con.execute('select * from "r"').fetchall()
            assert table.rows == len(rows)
            return table, rows
    finally:
        assert not scratch.exists() or list(scratch.iterdir()) == []


@contextmanager
def refused(english: str, chinese: str, *, name: str = "许可.csv") -> Iterator[None]:
    """The block refuses a file with exactly these sentences, and nothing hangs behind them."""
    with pytest.raises(SourceError) as refusal:
        yield
    assert str(refusal.value) == f"{name}: {english}"
    assert refusal.value.reason == f"文件“{name}”{chinese}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP archive of these members, deflated."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def xlsx(*records: list[Any]) -> bytes:
    """A workbook of one sheet."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        page = book.add_worksheet("表")
        for at, record in enumerate(records):
            page.write_row(at, 0, record)
    return packed.getvalue()


def ods(*rows: str, manifest: str = "") -> bytes:
    """An OpenDocument spreadsheet of one sheet; each row is the XML of its cells."""
    inside = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": _ODS.format(rows=inside).encode(),
            "META-INF/manifest.xml": (
                '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
                f'manifest:1.0">{manifest}</manifest:manifest>'
            ).encode(),
        }
    )


def cell(text: str, kind: str = "string", **attributes: str) -> str:
    """One cell of such a row."""
    given = "".join(
        f' {key.replace("__", ":").replace("_", "-")}="{value}"'
        for key, value in attributes.items()
    )
    inside = f"<text:p>{text}</text:p>"
    return f'<table:table-cell office:value-type="{kind}"{given}>{inside}</table:table-cell>'


def compound(**streams: bytes) -> bytes:
    """An OLE compound file (MS-CFB) of these streams, each in sectors of its own.

    Enough of the format for telling what is inside: one FAT sector, one directory, no mini stream.
    """
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    fat, body, entries = [0xFFFFFFFD], b"", []
    for name, content in streams.items():
        padded = content.ljust(max(4096, -(-len(content) // sector) * sector), b"\0")
        first, count = len(fat), len(padded) // sector
        fat += [*range(first + 1, first + count), end]
        body += padded
        entries.append((name, 2, first, len(padded)))
    directory = len(fat)
    lines = b""
    for at, (name, kind, first, size) in enumerate([("Root Entry", 5, end, 0), *entries]):
        spelled = name.encode("utf-16-le")
        follows = at + 1 if 0 < at < len(entries) else free
        lines += spelled.ljust(64, b"\0") + struct.pack("<HBB", len(spelled) + 2, kind, 1)
        lines += struct.pack("<III", free, follows, 1 if at == 0 and entries else free)
        lines += bytes(36) + struct.pack("<IQ", first, size)
    lines = lines.ljust(-(-len(lines) // sector) * sector, b"\0")
    count = len(lines) // sector
    fat += [*range(directory + 1, directory + count), end]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(sector, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", 1, directory, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    return header + table + body + lines
