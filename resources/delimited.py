"""Delimited text: the records of a file in one fixed dialect, and where the wanted columns lie.

This is the exact reader, Python's own csv in strict mode; the fast one, which only takes files it
can prove regular, is ``fast_lane.py``. Characters come from ``transcode.py``.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from opendata.source import Source
from opendata.structure import StructureDiff
from resources.headings import Binder, joined
from resources.source_errors import cannot_land
from resources.text_damage import MAX_RECORD, endless
from resources.transcode import TextFile

# Cells of published files are longer than the csv module's default limit of 131072 characters.
csv.field_size_limit(MAX_RECORD)

_MALFORMED = (
    (
        "unexpected end of data",
        "a quotation mark is never closed: the file is cut short or badly quoted",
        "引号未闭合，文件可能被截断",
    ),
    ("new-line", "a line break stands inside an unquoted cell", "未加引号的单元格内有换行"),
    ("", "a quotation mark stands where none can", "引号使用有误"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the wanted columns lie: ``places`` among ``width``, ``header_lines`` lines down.

    A place is None for a column that is not there and reads as null. ``line_break`` is the one the
    headings end with; empty when there are none. ``headings`` are as read, ``heading_line`` is
    their text, both empty unless they stand in one record of their own.
    """

    width: int
    places: tuple[int | None, ...]
    header_lines: int
    line_break: bytes = b""
    changes: StructureDiff | None = None
    headings: tuple[str, ...] = ()
    heading_line: str = ""


class _Endless(Exception):
    """A record that goes on beyond ``MAX_RECORD`` characters."""


class _Lines:
    """The lines of a text with their ends, whatever these are.

    ``line_feeds`` counts the lines given out the way bytes show them: up to a line feed or the end.
    ``taken`` counts the characters of the record that is being read; whoever ends it resets it.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self.line_feeds = 0
        self.line_break = b""
        self.taken = 0
        self.last = ""
        self._lines = _split(chunks)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken += len(line)
        if self.taken > MAX_RECORD:
            raise _Endless
        self.last = line
        self.line_feeds += not line.endswith("\r")
        self.line_break = b"\r\n" if line.endswith("\r\n") else b"\n"
        return line


def records(text: TextFile, source: Source) -> Iterator[list[str]]:
    """Every record of the text, headings included; an empty line is ``[]``.

    Raises:
        SourceError: quoting is malformed or never closed; the message names the record.
    """
    return _records(_Lines(text.decoded()), source, text.name)


def layout(text: TextFile, binder: Binder) -> Layout:
    """Read as far as the headings and find the wanted columns.

    Raises:
        SourceError: the file ends before, its dialect cannot be read, or headings differ.
    """
    source = binder.source
    _refuse_odd_dialect(source, text.name)
    lines = _Lines(text.decoded())
    wanted = max(source.heading_end, 1)
    above = list(islice(_records(lines, source, text.name), wanted))
    if len(above) < wanted:
        raise ends_before_headings(text.name, len(above), wanted)
    if not source.header_row:
        found = binder.bind_width(len(above[0]))
        return Layout(width=len(above[0]), places=found.places, header_lines=0)
    headings = joined(above[-source.header_rows :]) if source.header_rows > 1 else above[-1]
    found = binder.bind(headings)
    return Layout(
        width=len(headings),
        places=found.places,
        header_lines=lines.line_feeds,
        line_break=lines.line_break,
        changes=found.changes,
        headings=tuple(above[-1]) if source.header_rows == 1 else (),
        heading_line=lines.last.rstrip("\r\n") if source.header_rows == 1 else "",
    )


def ends_before_headings(name: str, seen: int, wanted: int) -> Exception:
    """The refusal of a table with fewer records than its headings' place asks for."""
    return cannot_land(
        name,
        f"it has {seen} records, but the headings should stand in record {wanted}; correct "
        "`header_row` or ask for the whole file",
        reason=f"只有 {seen} 行，表头应在第 {wanted} 行，请核对登记或重新报送。",
    )


def _records(lines: _Lines, source: Source, name: str) -> Iterator[list[str]]:
    reader = csv.reader(
        lines,
        delimiter=source.delimiter,
        quotechar=source.quote or None,
        quoting=csv.QUOTE_MINIMAL if source.quote else csv.QUOTE_NONE,
        strict=True,
    )
    number = 0
    try:
        for record in reader:
            number += 1
            lines.taken = 0
            yield record
    except _Endless:
        raise endless(name, number + 1) from None
    except csv.Error as error:
        raise _malformed(name, number + 1, str(error)) from None


def _split(chunks: Iterable[str]) -> Iterator[str]:
    carry = ""
    for chunk in chunks:
        found = list(io.StringIO(carry + chunk, newline=""))
        # A line without its line feed may go on in the next chunk.
        carry = found.pop() if found and not found[-1].endswith("\n") else ""
        yield from found
        if len(carry) > MAX_RECORD:
            raise _Endless
    yield from io.StringIO(carry, newline="")


def _malformed(name: str, number: int, said: str) -> Exception:
    _, english, chinese = next(each for each in _MALFORMED if each[0] in said)
    return cannot_land(
        name,
        f"{english}, at record {number}; export it again as plain CSV with text cells quoted",
        reason=f"第 {number} 行起{chinese}，请重新导出为规范的 CSV。",
    )


def _refuse_odd_dialect(source: Source, name: str) -> None:
    marks = source.delimiter + source.quote
    if len(source.delimiter) == 1 and len(source.quote) <= 1 and len(set(marks)) == len(marks):
        return
    raise cannot_land(
        name,
        f"the contract's delimiter {source.delimiter!r} and quote {source.quote!r} must be single "
        "and different characters; correct them in the catalog entry",
        reason="目录登记的分隔符或引号不是单个字符，请更正登记。",
    )
