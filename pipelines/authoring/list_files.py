"""A catalogue list as a department keeps it: a workbook, CSV or JSON, read into rows of text.

What a file is, is told by its content. Finding the headings belongs here; what they mean is
``opendata/portal_list.py``.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from opendata.errors import CatalogError, Problem, SourceError
from opendata.portal_list import Headings, read_headings
from opendata.source import Source

MAX_BYTES = 256 * 2**20
_LOOKED_AT = 10
_DELIMITERS = (",", "\t", ";", "|")

Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignList:
    """The records of a list, as text in the order of its headings."""

    headings: Headings
    records: Sequence[Sequence[str]]


def read_list(path: Path) -> ForeignList:
    """Read a list, whatever its container, encoding and headings.

    JSON may be an array, an object that holds one, or several documents one after another. In a
    table the headings are the row with most known ones among the first ten; wholly blank rows are
    no records.

    Raises:
        CatalogError: it cannot be read, is too large, or no heading says what names a dataset.
    """
    content = _content(path)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _table(path, _sheet(path))
    text = _decoded(content)
    if text.lstrip()[:1] in ("[", "{"):
        return _documents(path, text)
    return _table(path, *(_delimited(text, each) for each in _DELIMITERS))


def _content(path: Path) -> bytes:
    content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else _too_large(path)
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise _wrong(path, "the gzip is damaged or cut short; ask for it again.") from None
    return content if len(content) <= MAX_BYTES else _too_large(path)


def _too_large(path: Path) -> NoReturn:
    raise _wrong(path, f"a list may hold {MAX_BYTES >> 20} MB, and this is more; split it.")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(
                "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else encoding
            )
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")


def _sheet(path: Path) -> Rows:
    """The cells of the first sheet that has any, as text."""
    from resources.sniff import container_of
    from resources.workbook import open_sheet

    table = Source(id="list", columns=())
    try:
        sheet = open_sheet(path, container_of(path, name=path.name), table, name=path.name)
        return [[cell or "" for cell in row] for row in sheet]
    except SourceError as error:
        raise _wrong(path, str(error).removeprefix(f"{path.name}: ")) from None


def _delimited(text: str, delimiter: str) -> Rows:
    csv.field_size_limit(MAX_BYTES)
    lines = io.StringIO(text.replace("\x00", ""), newline="")
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []


def _table(path: Path, *readings: Rows) -> ForeignList:
    found = [
        (known, -place, headings, rows[place + 1 :])
        for rows in readings
        for place, row in enumerate(rows[:_LOOKED_AT])
        if "title" in (headings := read_headings(row)).by_role
        and (known := len(row) - len(headings.unknown))
    ]
    if not found:
        raise _no_title(path)
    _, _, headings, rows = max(found, key=lambda each: each[:2])
    records = [row for row in rows if any(cell.strip() for cell in row)]
    return ForeignList(headings=headings, records=records)


def _documents(path: Path, text: str) -> ForeignList:
    records = [each for document in _json(path, text) for each in _records(document)]
    keys = list(dict.fromkeys(key for each in records if isinstance(each, dict) for key in each))
    headings = read_headings(keys)
    if "title" not in headings.by_role:
        raise _no_title(path)
    cells = [
        [_text(each.get(key)) for key in keys] if isinstance(each, dict) else [] for each in records
    ]
    return ForeignList(headings=headings, records=cells)


def _json(path: Path, text: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        if text[place] in " \t\r\n,":
            place += 1
            continue
        try:
            document, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            line = text.count("\n", 0, place) + 1
            raise _wrong(path, f"the document from line {line} on is not JSON.") from None
        yield document


def _records(document: Any) -> list[Any]:
    """The records of a document: of its array, of the one array in it, or it is one itself."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return [document]
    arrays = [
        each
        for value in document.values()
        if isinstance(value, list | dict) and _holds_records(each := _records(value))
    ]
    return arrays[0] if len(arrays) == 1 else [document]


def _holds_records(given: list[Any]) -> bool:
    return bool(given) and all(isinstance(each, dict) for each in given)


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = "、".join(map(_text, value))
    text = "" if value is None or isinstance(value, dict) else str(value)
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _no_title(path: Path) -> CatalogError:
    return _wrong(
        path,
        "no heading of this list is known for the name of a dataset; head that column "
        "信息资源名称, 数据集名称 or 标题.",
    )


def _wrong(path: Path, message: str) -> CatalogError:
    return CatalogError([Problem(where=path.name, message=message)])
