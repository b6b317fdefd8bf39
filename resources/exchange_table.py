"""What is read of an exchange table: the contract's columns, in an order that can be repeated.

Matching the contract's headings with the columns there are. How a database spells the question is
its reader's business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from opendata.errors import SourceError
from opendata.settings import Connection
from opendata.source import Exchange, Source
from resources.exchange_errors import cannot_read
from resources.exchange_mark import Mark, MarkKind, MarkValue, ServerClock


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column as the database declares it; ``mark`` says what it can be as a watermark."""

    name: str
    type: str
    mark: MarkKind | None = None
    bytes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns of a table in their order there, and the names of its primary key."""

    columns: tuple[TableColumn, ...]
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The question: ``columns`` pairs a heading of the contract with the column it names.

    ``floor`` is where to read on, of ``watermark``; rows without a watermark are always wanted.
    ``order`` names the columns rows come by, which a primary key ends when ``keyed``;
    ``unlisted`` counts the columns nobody asked for.
    """

    columns: tuple[tuple[str, TableColumn], ...]
    order: tuple[TableColumn, ...]
    keyed: bool = False
    watermark: TableColumn | None = None
    floor: MarkValue | None = None
    unlisted: int = 0

    @property
    def headings(self) -> list[str]:
        """The names the columns get in the capture."""
        return [heading for heading, _ in self.columns]


class Reader(Protocol):
    """A database being read in one read-only transaction; used from one thread only."""

    def clock(self) -> ServerClock:
        """The server's now, no later than the snapshot that is read."""
        ...

    def table(self, name: str) -> Table | None:
        """The table called ``name`` or ``schema.name``; None when there is none."""
        ...

    def start(self, name: str, wanted: Wanted) -> None:
        """Ask for rows; they come by ``batch``."""
        ...

    def batch(self) -> Any:
        """The next rows as a record batch named by headings; None after the last."""
        ...

    def close(self) -> None:
        """End the transaction and the connection."""
        ...


def split(name: str) -> tuple[str | None, str]:
    """``schema.table`` in two.

    >>> split("share.register"), split("register")
    (('share', 'register'), (None, 'register'))
    """
    schema, dot, table = name.partition(".")
    return (schema, table) if dot else (None, name)


class Batches:
    """Rows of a cursor as record batches: as many as the last let expect in sixteen megabytes.

    ``array`` makes the Arrow text of one column, of its place and its cells.
    """

    _BYTES, _MOST = 16 << 20, 20_000

    def __init__(
        self, cursor: Any, headings: list[str], array: Callable[[int, Sequence[Any]], Any]
    ) -> None:
        self._cursor, self._headings, self._array = cursor, headings, array
        self._rows, self._begun = 500, False

    def next(self) -> Any:
        """The next rows; the first batch may be empty, and None comes after the last."""
        import pyarrow as pa

        rows = self._cursor.fetchmany(self._rows)
        if not rows and self._begun:
            return None
        cells = zip(*rows, strict=True) if rows else [()] * len(self._headings)
        arrays = [self._array(place, column) for place, column in enumerate(cells)]
        batch = pa.record_batch(arrays, self._headings)
        expected = batch.num_rows * self._BYTES // max(1, batch.nbytes)
        self._rows, self._begun = max(1, min(self._MOST, expected)), True
        return batch


def wanted_of(
    source: Source, exchange: Exchange, table: Table, connection: Connection, mark: Mark | None
) -> Wanted:
    """What the contract wants of ``table``.

    Rows come by watermark and then primary key; without a key, by all columns read, so that only
    rows equal in everything can change places.

    Raises:
        SourceError: columns are missing, ambiguous or hold bytes; the watermark is none.
    """
    columns = tuple(
        (heading, _found(heading, table, exchange, connection)) for _, heading in source.columns
    )
    _refuse_missing(columns, exchange, connection)
    _refuse_bytes(columns, exchange, connection)
    watermark = _watermark(exchange, table, connection)
    read = [column for _, column in columns if column]
    if watermark and watermark not in read:
        columns = (*columns, (exchange.watermark or "", watermark))
        read.append(watermark)
    key = [each for name in table.key for each in table.columns if each.name == name]
    order = [*([watermark] if watermark else []), *(key or read)]
    floor = None
    if mark and watermark and mark.kind is watermark.mark:
        floor = mark.floor(exchange.overlap_seconds)
    return Wanted(
        columns=tuple((heading, column) for heading, column in columns if column),
        order=tuple(dict.fromkeys(order)),
        keyed=bool(key),
        watermark=watermark,
        floor=floor,
        unlisted=len(set(table.columns) - set(read)),
    )


def _found(
    heading: str, table: Table, exchange: Exchange, connection: Connection
) -> TableColumn | None:
    """The column of this name: written the same, otherwise the only one but for its case."""
    alike = [each for each in table.columns if each.name.casefold() == heading.casefold()]
    same = [each for each in alike if each.name == heading]
    if len(alike) > 1 and not same:
        raise cannot_read(
            connection,
            exchange.table,
            f"{len(alike)} columns are called {heading!r} but for upper and lower case; write it "
            "in the catalog entry as the database does",
            reason=f"有 {len(alike)} 列与“{heading}”仅大小写不同，请在目录中按数据库的写法填写。",
        )
    return next(iter(same or alike), None)


def _refuse_missing(
    columns: tuple[tuple[str, TableColumn | None], ...], exchange: Exchange, connection: Connection
) -> None:
    missing = [heading for heading, column in columns if column is None]
    if missing:
        raise cannot_read(
            connection,
            exchange.table,
            f"it lacks the columns {', '.join(missing)} of the contract; have them put back, or "
            "correct `heading` in the catalog entry",
            reason=f"缺少目录所列的列：{'、'.join(missing)}，请恢复该列，或更正目录。",
        )


def _refuse_bytes(
    columns: tuple[tuple[str, TableColumn | None], ...], exchange: Exchange, connection: Connection
) -> None:
    binary = [heading for heading, column in columns if column and column.bytes]
    if binary:
        raise cannot_read(
            connection,
            exchange.table,
            f"the columns {', '.join(binary)} hold bytes, and only text, numbers and times are "
            "landed; take them out of the catalog entry, or hand over a text",
            reason=f"的列 {'、'.join(binary)} 为二进制内容，不能归集，请从目录中删去，或改为文本。",
        )


def _watermark(exchange: Exchange, table: Table, connection: Connection) -> TableColumn | None:
    if exchange.watermark is None:
        return None
    column = _found(exchange.watermark, table, exchange, connection)
    if column is not None and column.mark is not None:
        return column
    raise _no_watermark(exchange, connection, column)


def _no_watermark(
    exchange: Exchange, connection: Connection, column: TableColumn | None
) -> SourceError:
    found = f"is of type {column.type}" if column else "is not there"
    return cannot_read(
        connection,
        exchange.table,
        f"its watermark {exchange.watermark!r} {found}; name a column of whole numbers, dates or "
        "timestamps, or take `watermark` out",
        reason=f"的增量列“{exchange.watermark}”不存在，或不是整数、日期、时间，请更正目录。",
    )
