"""What is looked at before and after a workbook is given to calamine, which trusts what it reads.

calamine lays a sheet out as a full rectangle and inflates without a limit, so one stray cell at
XFD1048576, or a size that a header lies about, would take all memory. Reading is ``workbook.py``.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from opendata.errors import SourceError
from resources.sniff import Container
from resources.source_errors import cannot_land

MAX_CELLS = 2**25
"""Cells of the rectangle around a sheet's content: at 32 bytes each, a gigabyte."""

_CHUNK = 1 << 20
_OVERLAP = 64
_WIDE = re.compile(rb' r="([A-Z]{2,3})[0-9]')
_FILLED = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"[^>/]*>')
_LAST = re.compile(rb' r="[A-Z]{0,3}([0-9]{1,7})"')
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BIFF = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")  # BOF of BIFF5 and BIFF8
_FILEPASS, _RECORDS = 0x2F, 8
_MANIFEST = "META-INF/manifest.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def refuse_unsafe(path: Path, container: Container, *, name: str) -> None:
    """Look through a packed workbook without building anything of it.

    Raises:
        SourceError: it is protected, a member is damaged or larger than it says, or a sheet is too
            large.
    """
    if container is Container.XLS:  # at most 65536 rows of 256 columns
        return
    try:
        with zipfile.ZipFile(path) as book:
            if _is_locked(book):
                raise _protected(name)
            for member in book.infolist():
                _refuse_unsafe_member(book, member.filename, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise _damaged(name) from None
    except ElementTree.ParseError:
        raise _damaged(name) from None


def _is_locked(book: zipfile.ZipFile) -> bool:
    """Whether the manifest of an OpenDocument says that its parts are encrypted."""
    if _MANIFEST not in book.namelist():
        return False
    with book.open(_MANIFEST) as manifest:
        return b"encryption-data" in manifest.read(_CHUNK)


def _refuse_unsafe_member(book: zipfile.ZipFile, member: str, name: str) -> None:
    rows, columns = 0, 0
    with book.open(member) as content:
        if member.startswith("xl/worksheets/") and member.endswith(".xml"):
            rows, columns = _extent(_overlapping(content))
        elif member == "content.xml":
            rows, columns = _extent_of_tables(content)
        for _ in iter(lambda: content.read(_CHUNK), b""):
            pass  # to the end, where size and check sum are compared
    if rows * columns <= MAX_CELLS:
        return
    with book.open(member) as content:  # empty cells that only look like something do not count
        if member != "content.xml" and _filled(_overlapping(content)) <= MAX_CELLS:
            return
    raise cannot_land(
        name,
        f"a sheet of it spans {rows} rows and {columns} columns, more than {MAX_CELLS} cells; "
        "delete stray cells far from the table, or hand it over as CSV",
        reason=f"的工作表范围达 {rows} 行 {columns} 列，超过 {MAX_CELLS} 个单元格上限，"
        "请删除表外的零散单元格，或改报 CSV。",
    )


def _extent(chunks: Iterator[bytes]) -> tuple[int, int]:
    """The last row and column any cell names; rows ascend, so the last one is the largest."""
    rows, columns = 0, 26
    for chunk in chunks:
        last = _LAST.search(chunk, max(chunk.rfind(b' r="'), 0))
        rows = int(last[1]) if last else rows
        columns = max(columns, *map(_number, set(_WIDE.findall(chunk))), 0)
    return rows, columns


def _filled(chunks: Iterator[bytes]) -> int:
    rows, columns = 0, 0
    for chunk in chunks:
        for letters, row in _FILLED.findall(chunk):
            rows, columns = max(rows, int(row)), max(columns, _number(letters))
    return rows * columns


def _number(letters: bytes) -> int:
    number = 0
    for each in letters:
        number = number * 26 + each - 64
    return number


def _overlapping(content: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := content.read(_CHUNK):
        yield rest + chunk
        rest = chunk[-_OVERLAP:]


def _extent_of_tables(content: IO[bytes]) -> tuple[int, int]:
    """The largest sheet of an OpenDocument spreadsheet, repeated rows and cells counted."""
    rows = columns = row = 0
    largest = (0, 0)
    table: ElementTree.Element | None = None
    for event, element in ElementTree.iterparse(content, ("start", "end")):  # noqa: S314 - expat refuses bombs
        if element.tag == f"{_TABLE}table":
            largest = max(largest, (rows, columns), key=lambda each: each[0] * each[1])
            rows, columns, row = 0, 0, 0
            table = element if event == "start" else None
        if event == "end" and element.tag == f"{_TABLE}table-row":
            row += _repeated(element, "rows")
            if width := _width(element):
                rows, columns = row, max(columns, width)
            if table is not None:
                table.clear()
    return largest


def _width(row: ElementTree.Element) -> int:
    at = width = 0
    for cell in row:
        at += _repeated(cell, "columns")
        width = at if _VALUE in cell.attrib or len(cell) else width
    return width


def _repeated(element: ElementTree.Element, what: str) -> int:
    said = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(said) if said.isascii() and said.isdigit() else 1


def cannot_open(path: Path, *, name: str) -> SourceError:
    """Why calamine did not open the workbook, which it does not say: a password, or damage."""
    with path.open("rb") as file:
        locked = any(_ENCRYPTED in chunk or _has_password(chunk) for chunk in _overlapping(file))
    return _protected(name) if locked else _damaged(name)


def _has_password(chunk: bytes) -> bool:
    """Whether an old workbook begins here whose next records say that the rest is encrypted."""
    begins = _BIFF.search(chunk)
    at = begins.start() if begins else len(chunk)
    for _ in range(_RECORDS):
        kind, length = int.from_bytes(chunk[at : at + 2], "little"), chunk[at + 2 : at + 4]
        if kind == _FILEPASS:
            return True
        at += 4 + int.from_bytes(length, "little")
    return False


def _protected(name: str) -> SourceError:
    return cannot_land(
        name,
        "it is a workbook protected by a password; save it again without one",
        reason="设有密码，无法读取，请去除密码后重新保存报送。",
    )


def _damaged(name: str) -> SourceError:
    return cannot_land(
        name,
        "it looks like a workbook but cannot be opened: it is damaged; save it again",
        reason="无法打开，工作簿已损坏，请重新保存报送。",
    )
