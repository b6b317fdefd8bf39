"""Any database SQLAlchemy has a dialect for: rows as the driver gives them, kept as exact text.

达梦 (``dm+dmPython://``), 人大金仓 (``kingbase+ksycopg2://``), Oracle (``oracle+oracledb://``) and
others work once their vendor's dialect is installed. MySQL is ``exchange_mysql.py``.
"""

import json
import warnings
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from opendata.settings import Connection
from resources.credentials import Password
from resources.exchange_errors import cannot_open, cannot_read
from resources.exchange_mark import MarkKind, ServerClock, as_instant
from resources.exchange_table import Batches, Table, TableColumn, Wanted, split

_READ_ONLY = {
    "sqlite": ("pragma query_only = on",),
    "oracle": ("set transaction read only",),
    "dm": ("set transaction read only",),
    "postgresql": (
        "set transaction isolation level repeatable read, read only",
        "set local statement_timeout = {milliseconds}",
    ),
    "kingbase": (
        "set transaction isolation level repeatable read, read only",
        "set local statement_timeout = {milliseconds}",
    ),
}


class SqlReader:
    """One table behind a SQLAlchemy URL; every value becomes text, exactly as the driver has it.

    Only dialects named in ``_READ_ONLY`` get a read-only session: give others an account that may
    do nothing but SELECT. Whether rows are streamed depends on the driver.
    """

    def __init__(
        self, connection: Connection, password: Password | None, *, home: Path, zone: ZoneInfo
    ) -> None:
        self._connection, self._home, self._zone = connection, home, zone
        self._rows: Any = None
        engine = sa.create_engine(
            self._url(password),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args=self._arguments(),
        )
        self._db = engine.connect().execution_options(stream_results=True)
        try:
            self._begin()
        except BaseException:
            self._db.close()
            raise

    def clock(self) -> ServerClock:
        """What the server calls CURRENT_TIMESTAMP, before the table is asked for anything."""
        now: datetime = self._db.execute(sa.select(sa.func.current_timestamp())).scalar_one()
        home = now.astimezone(self._zone) if now.tzinfo else now
        return ServerClock(local=now.replace(tzinfo=None), home=home.replace(tzinfo=None))

    def table(self, name: str) -> Table | None:
        """Columns and primary key as the dialect reflects them."""
        schema, table = split(name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            inspector = sa.inspect(self._db)
            try:
                columns = inspector.get_columns(table, schema)
                key = inspector.get_pk_constraint(table, schema)["constrained_columns"]
            except sa.exc.NoSuchTableError:
                return None
        self._types = {each["name"]: each["type"] for each in columns}
        return Table(
            columns=tuple(_column(each["name"], each["type"]) for each in columns), key=tuple(key)
        )

    def start(self, name: str, wanted: Wanted) -> None:
        """Ask for the rows, streamed where the driver can."""
        self._wanted, self._table = wanted, name
        schema, table = split(name)
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(column.name) for _, column in wanted.columns
        ]
        question = (
            sa.select(*(each.label(f"c{place}") for place, each in enumerate(columns)))
            .select_from(sa.table(table, schema=schema))
            .order_by(*(sa.column(column.name) for column in wanted.order))
        )
        if wanted.watermark is not None and wanted.floor is not None:
            question = question.where(self._since(wanted))
        self._rows = self._db.execute(question)
        self._batches = Batches(self._rows, wanted.headings, self._array)

    def batch(self) -> Any:
        """The next rows, some sixteen megabytes of them; the first batch may be empty."""
        return self._batches.next()

    def close(self) -> None:
        """End the transaction and the connection."""
        if self._rows is not None:
            self._rows.close()
        self._db.close()

    def _url(self, password: Password | None) -> sa.URL:
        url = sa.make_url(self._connection.url)
        if url.get_backend_name() == "sqlite" and url.database:
            url = url.set(database=str(self._home / url.database))
        return url.set(password=password.reveal()) if password is not None else url

    def _arguments(self) -> dict[str, Any]:
        """What is handed to the driver beside the URL; TLS is not ours to set here."""
        if self._connection.tls != "disable" and sa.make_url(self._connection.url).host:
            raise cannot_open(
                self._connection,
                f"tls: {self._connection.tls} is understood for PostgreSQL and MySQL only; set "
                "encryption by the driver's own parameters in `url` and say `tls: disable` here",
                reason="的加密方式须写在连接地址的驱动参数中，并设置 tls: disable。",
            )
        return {}

    def _begin(self) -> None:
        milliseconds = self._connection.statement_timeout_seconds * 1000
        for statement in _READ_ONLY.get(self._db.dialect.name, ()):
            self._db.exec_driver_sql(statement.format(milliseconds=milliseconds))

    def _since(self, wanted: Wanted) -> sa.ColumnElement[bool]:
        mark, floor = wanted.watermark, wanted.floor
        if mark is None or floor is None:
            return sa.true()
        if isinstance(floor, datetime):
            # NOTE: a dialect that keeps times as text may spell this moment longer than the table
            # does, and so miss it; reading a second twice is harmless.
            floor -= timedelta(seconds=1)
            floor = as_instant(floor, self._zone) if mark.mark is MarkKind.INSTANT else floor
        column: sa.ColumnClause[Any] = sa.column(mark.name, self._types[mark.name])
        return sa.or_(column >= floor, column.is_(None))

    def _array(self, place: int, cells: Sequence[Any]) -> Any:
        import pyarrow as pa

        return pa.array([self._text(place, cell) for cell in cells], pa.string())

    def _text(self, place: int, cell: Any) -> str | None:
        if cell is None or isinstance(cell, str):
            return cell
        if isinstance(cell, bytes | bytearray | memoryview):
            raise cannot_read(
                self._connection,
                self._table,
                f"the column {self._wanted.headings[place]!r} holds bytes; take it out of the "
                "catalog entry, or hand over a text",
                reason=f"的列“{self._wanted.headings[place]}”为二进制内容，请从目录中删去，或改为文本。",
            )
        return _spelled(cell, self._zone)


def _spelled(cell: Any, zone: ZoneInfo) -> str:
    """A value in plain words: no exponent in decimals, wall time of the home, JSON as JSON."""
    if isinstance(cell, datetime):
        local = cell.astimezone(zone).replace(tzinfo=None) if cell.tzinfo else cell
        return local.isoformat(" ")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)


def _column(name: str, type_: Any) -> TableColumn:
    return TableColumn(
        name=name,
        type=type(type_).__name__,
        mark=_mark(type_),
        bytes=isinstance(type_, sa.LargeBinary | sa.BINARY | sa.VARBINARY),
    )


def _mark(type_: Any) -> MarkKind | None:
    if isinstance(type_, sa.Integer) or (isinstance(type_, sa.Numeric) and not type_.scale):
        return None if isinstance(type_, sa.Float) else MarkKind.INTEGER
    if isinstance(type_, sa.DateTime):
        return MarkKind.INSTANT if type_.timezone else MarkKind.LOCAL
    return MarkKind.DATE if isinstance(type_, sa.Date) else None
