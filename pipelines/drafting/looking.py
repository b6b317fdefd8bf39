"""Looking at a file generously: what it is, where its table lies, and a sample of its rows.

Every record is gone through once and a bounded sample is kept. What a file is and how its
characters are read is said by the same functions that land it; nothing here decides what it means.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from opendata.errors import SourceError
from opendata.source import Source
from pipelines.drafting.heads import find_heads, footer_of
from pipelines.drafting.keyed import (
    json_heads,
    json_text,
    keyed_rows,
    keyed_source,
    parquet_heads,
)
from pipelines.drafting.seen import Dialect, Heads, Table
from resources.archive import PACKED, unpack
from resources.delimited import records
from resources.headings import tidy
from resources.rows import Record, is_blank
from resources.sniff import Container, container_of
from resources.source_errors import cannot_land
from resources.transcode import TextFile, open_text
from resources.workbook import open_sheet

HEAD = 200
TAIL = 40
SAMPLE_ROWS = 25_000
SAMPLE_CELLS = 600_000
DELIMITERS = (",", "\t", ";", "|", "^", "，", "\x01")
QUOTES = ('"', "'", "`")


def look_at(path: Path, *, scratch: Path) -> Table:
    """Go through the file once; a packed one is unpacked into ``scratch`` and read there.

    Raises:
        SourceError: it is nothing that can be landed, or holds no records.
    """
    refused: SourceError | None = None
    for opened in _openings(path, scratch):
        try:
            return _looked(opened, path.name)
        except SourceError as error:
            refused = refused or error
    raise refused or _holds_nothing(path.name)


def _looked(opened: "_Opened", name: str) -> Table:
    head = list(islice(iter(opened.read()), HEAD))
    if all(map(is_blank, head)):
        raise _holds_nothing(name)
    passage = _Passage(opened.heads or find_heads(head), head)
    for record in opened.read():
        passage.take(record)
    return passage.table(opened, name)


def _holds_nothing(name: str) -> SourceError:
    return cannot_land(
        name,
        "it holds no records; ask the body for it again",
        reason="没有任何记录，请重新报送。",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A file some way of reading has been settled for; ``read`` starts anew each time."""

    path: Path
    dialect: Dialect
    read: Callable[[], Iterable[Record]]
    heads: Heads | None = None


def _openings(path: Path, scratch: Path) -> Iterator[_Opened]:
    """The ways of reading the file, the likeliest first."""
    container = container_of(path, name=path.name)
    plain, label = path, container.value
    if container in PACKED:
        plain = scratch / "unpacked"
        container = unpack(path, container, plain, name=path.name)
        label = f"{label}（内为 {container.value}）"
    if container in {Container.XLS, Container.XLSX, Container.ODS}:
        yield _workbook(plain, container, path.name, label)
    elif container is Container.PARQUET:
        yield _parquet(plain, path.name, label, scratch)
    elif container is Container.JSON:
        yield _json(plain, path.name, label, scratch)
    else:
        yield from _texts(plain, path.name, label)


def _workbook(path: Path, container: Container, name: str, label: str) -> _Opened:
    from python_calamine import CalamineWorkbook

    sheet = open_sheet(path, container, Source(id="main", columns=()), name=name)
    sheets = len(CalamineWorkbook.from_path(str(path)).sheet_names)
    return _Opened(path=path, dialect=Dialect(container=label, sheets=sheets), read=lambda: sheet)


def _parquet(path: Path, name: str, label: str, scratch: Path) -> _Opened:
    heads, nested = parquet_heads(path)
    read = partial(keyed_rows, path, name, keyed_source(heads, nested, None), scratch=scratch)
    return _Opened(
        path=path, dialect=Dialect(container=label, nested=nested), read=read, heads=heads
    )


def _json(path: Path, name: str, label: str, scratch: Path) -> _Opened:
    text = json_text(path, name)
    heads, nested, where = json_heads(text)
    read = partial(keyed_rows, path, name, keyed_source(heads, nested, where), scratch=scratch)
    dialect = Dialect(container=label, encoding=text.encoding, records=where, nested=nested)
    return _Opened(path=path, dialect=dialect, read=read, heads=heads)


def _texts(path: Path, name: str, label: str) -> Iterator[_Opened]:
    text = open_text(path, name=name, declared=None)
    delimiter = max(DELIMITERS, key=lambda each: _evenness(text, each))
    for quote in _quotes(text, delimiter):
        dialect = Dialect(container=label, encoding=text.encoding, delimiter=delimiter, quote=quote)
        source = Source(id="main", columns=(), delimiter=delimiter, quote=quote)
        yield _Opened(path=path, dialect=dialect, read=partial(records, text, source))


def _quotes(text: TextFile, delimiter: str) -> list[str]:
    """The quotes to try; first one that stands around most cells of the first records."""
    try:
        cells = [cell for record in _first(text, delimiter) for cell in record if cell]
    except SourceError:
        return list(QUOTES)
    most = {each: sum(cell[0] == cell[-1] == each for cell in cells) for each in QUOTES}
    return sorted(QUOTES, key=lambda each: 2 * most[each] <= len(cells))


def _evenness(text: TextFile, delimiter: str) -> tuple[float, int]:
    """The share of the first records with the commonest width, and that width."""
    try:
        widths = [len(each) for each in _first(text, delimiter) if each]
    except SourceError:
        return 0.0, 0
    if not widths or max(widths) == 1:
        return 0.0, 0
    common = max(set(widths), key=widths.count)
    return (widths.count(common) / len(widths) if common > 1 else 0.0), common


def _first(text: TextFile, delimiter: str) -> Iterator[list[str]]:
    source = Source(id="main", columns=(), delimiter=delimiter)
    return islice(records(text, source), 100)


# --- Going through -------------------------------------------------------------------------


@dataclass(slots=True)
class Sampler:
    """Every ``step``-th row, the step doubling whenever the sample grows too large.

    >>> sampler = Sampler(limit=4)
    >>> for number in range(10): sampler.take([str(number)])
    >>> [row[0] for row in sampler.rows], sampler.step
    (['0', '4', '8'], 4)
    """

    limit: int = SAMPLE_ROWS
    step: int = 1
    seen: int = 0
    rows: list[Record] = field(default_factory=list)

    def take(self, row: Record) -> None:
        """Look at the next row."""
        if self.seen % self.step == 0:
            if len(self.rows) >= self.limit:
                self.rows = self.rows[::2]
                self.step *= 2
            if self.seen % self.step == 0:
                self.rows.append(row)
        self.seen += 1


class _Passage:
    """Takes every record of a file, remembers few and counts the rest."""

    def __init__(self, heads: Heads, head: list[Record]) -> None:
        self._heads = heads
        self._headings = _filled(head[heads.row - 1]) if heads.row and not heads.keyed else []
        self._width = len(heads.headings)
        self._first = heads.row + heads.rows if heads.row and not heads.keyed else 1
        self._sampler = Sampler(
            limit=max(200, min(SAMPLE_ROWS, SAMPLE_CELLS // max(_busy(head), 1)))
        )
        self._tail: deque[Record] = deque()
        self._counts: Counter[str] = Counter()
        self._number = 0

    def take(self, record: Record) -> None:
        """Look at the next record; the last ones wait, they may be notes."""
        self._number += 1
        if self._number < self._first:
            return
        self._tail.append(record)
        if len(self._tail) > TAIL:
            self._judge(self._tail.popleft())

    def _judge(self, record: Record) -> None:
        if is_blank(record):
            self._counts["blank"] += 1
            return
        if len(record) != self._width:
            self._counts["short" if len(record) < self._width else "long"] += 1
        self._sampler.take(record)

    def table(self, opened: _Opened, name: str) -> Table:
        """What the whole file was, once every record has been taken."""
        tail = list(self._tail)
        keyed = self._heads.keyed
        footer = 0 if keyed else footer_of(tail, _typical(self._sampler.rows or tail))
        for record in tail[: len(tail) - footer]:
            self._judge(record)
        again = sum(map(self._is_heads, self._sampler.rows))
        return Table(
            path=opened.path,
            name=name,
            dialect=opened.dialect,
            heads=self._heads,
            records=self._number,
            data=self._sampler.seen,
            blank=self._counts["blank"],
            footer=footer,
            short=self._counts["short"],
            long=self._counts["long"],
            repeated_heads=again,
            step=self._sampler.step,
            sample=tuple(self._sampler.rows),
        )

    def _is_heads(self, record: Record) -> bool:
        return bool(self._headings) and _filled(record) == self._headings


def _filled(record: Record) -> list[str]:
    return [text for cell in record if (text := tidy(cell))]


def _busy(head: list[Record]) -> int:
    """Columns that hold anything in the first records: empty ones cost nothing."""
    return len({place for row in head for place, cell in enumerate(row) if cell})


def _typical(rows: list[Record]) -> float:
    full = [len(_filled(row)) for row in rows[-200:] if not is_blank(row)]
    return median(full) if full else 1
