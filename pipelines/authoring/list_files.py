"""A catalogue list as a department keeps it: a workbook, CSV or JSON, read into rows of text.

Bytes, characters and records are read by the same functions that land data; finding the headings
belongs here, and what they mean is ``opendata/portal_list.py``.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from opendata.errors import CatalogError, Problem, SourceError
from opendata.portal_list import Headings, read_headings
from opendata.source import Source
from resources.archive import PACKED, unpack
from resources.delimited import records
from resources.sniff import Container, container_of
from resources.transcode import open_text
from resources.workbook import Sheet, open_sheet

MAX_BYTES = 256 * 2**20
_LOOKED_AT = 10
_DELIMITERS = (",", "\t", ";", "|")
_WORKBOOKS = (Container.XLS, Container.XLSX, Container.ODS)

Rows = Iterable[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignList:
    """The records of a list, as text in the order of its headings."""

    headings: Headings
    records: Sequence[Sequence[str]]


def read_list(path: Path, *, scratch: Path) -> ForeignList:
    """Read a list, whatever its container, encoding and headings; unpacked into ``scratch``.

    JSON may be an array, an object that holds one, or several documents one after another. In a
    table the headings are the row with most known ones among the first ten; wholly blank rows are
    no records.

    Raises:
        CatalogError: it cannot be read, is too large, or no heading says what names a dataset.
    """
    try:
        return _read(path, scratch / "unpacked")
    except SourceError as error:
        raise _wrong(path, str(error).removeprefix(f"{path.name}: ")) from None
    except RecursionError:
        raise _wrong(path, "its JSON is nested too deeply to be a list of datasets.") from None


def _read(path: Path, unpacked: Path) -> ForeignList:
    plain, container = path, container_of(path, name=path.name)
    _refuse_large(path, path)
    if container in PACKED:
        plain, container = unpacked, unpack(path, container, unpacked, name=path.name)
        _refuse_large(path, plain)
    if container in _WORKBOOKS:
        sheet = open_sheet(plain, container, _source(), name=path.name)
        return _table(path, partial(_cells, sheet))
    if container is Container.PARQUET:
        raise _wrong(path, "its content is Parquet; a list is a workbook, CSV or JSON.")
    lined = container is not Container.JSON
    text = open_text(plain, name=path.name, declared=None, lined=lined)
    if container is Container.JSON:
        return _documents(path, "".join(text.decoded()))
    deque(text.decoded(), maxlen=0)  # what is no text is told before delimiters are tried
    return _table(path, *(partial(records, text, _source(each)) for each in _DELIMITERS))


def _source(delimiter: str = ",") -> Source:
    return Source(id="list", columns=(), delimiter=delimiter)


def _refuse_large(path: Path, plain: Path) -> None:
    if plain.stat().st_size > MAX_BYTES:
        raise _wrong(path, f"a list may hold {MAX_BYTES >> 20} MB, and this is more; split it.")


def _cells(sheet: Sheet) -> Iterator[list[str]]:
    return ([cell or "" for cell in row] for row in sheet)


def _table(path: Path, *readings: Callable[[], Rows]) -> ForeignList:
    """The reading with most known headings, the earliest among equals, gone through to its end."""
    found = [
        (known, -place, headings, read)
        for read in readings
        for place, row in enumerate(_first(read()))
        if "title" in (headings := read_headings(row)).by_role
        and (known := len(row) - len(headings.unknown))
    ]
    if not found:
        raise _no_title(path)
    _, place, headings, read = max(found, key=lambda each: each[:2])
    below = islice(read(), 1 - place, None)
    return ForeignList(
        headings=headings, records=[list(row) for row in below if any(map(str.strip, row))]
    )


def _first(rows: Rows) -> Iterator[Sequence[str]]:
    """The rows headings are looked for in; with the wrong delimiter there may be fewer."""
    with suppress(SourceError):
        yield from islice(rows, _LOOKED_AT)


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
    decoder, place = json.JSONDecoder(parse_int=str, parse_float=str), 0
    while place < len(text):
        if text[place] in " \t\r\n,":
            place += 1
            continue
        try:
            document, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
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
