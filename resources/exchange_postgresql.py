"""PostgreSQL through ADBC: Arrow from the wire, by ``COPY``, in one read-only snapshot.

A column is typed where Arrow holds all its values exactly, and otherwise the server's own text:
``numeric`` (whose NaN no decimal has), arrays, JSON, UUIDs, intervals. ``timestamptz`` becomes wall
time of the home's zone. Infinite dates and years beyond 1 to 9999, which the driver would turn into
other dates without a word, are refused.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from opendata.errors import SourceError
from opendata.settings import Connection
from resources.credentials import Password, authority, connect_seconds
from resources.exchange_errors import UNREADABLE, cannot_read
from resources.exchange_mark import MarkKind, MarkValue, ServerClock, as_instant
from resources.exchange_table import Table, TableColumn, Wanted, split

_BATCH_BYTES = 4 << 20
_AS_IS = {
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "bool",
    "text",
    "varchar",
    "date",
    "timestamp",
}
_MARKS = {
    "int2": MarkKind.INTEGER,
    "int4": MarkKind.INTEGER,
    "int8": MarkKind.INTEGER,
    "date": MarkKind.DATE,
    "timestamp": MarkKind.LOCAL,
    "timestamptz": MarkKind.INSTANT,
}
_COLUMNS = """
select a.attname, t.typname, array_position(i.indkey::int2[], a.attnum) as place
from pg_attribute a
join pg_type t on t.oid = a.atttypid
left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
where a.attrelid = to_regclass({table}) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""


class PostgresReader:
    """One table of a PostgreSQL server; needs nothing but SELECT on it."""

    def __init__(
        self, connection: Connection, password: Password | None, *, home: Path, zone: ZoneInfo
    ) -> None:
        from adbc_driver_postgresql import dbapi

        self._connection, self._zone = connection, zone
        self._dates: list[int] = []
        self._rows: Any = None
        self._validates = False
        self._cursor: Any = None
        self._db = dbapi.connect(_conninfo(connection, password, home), autocommit=True)
        try:
            self._begin(connection.statement_timeout_seconds * 1000)
        except BaseException:
            self._db.close()
            raise

    def _begin(self, milliseconds: int) -> None:
        self._run("begin isolation level repeatable read read only")
        self._run(f"set local statement_timeout = {milliseconds}")
        self._run(f"set local lock_timeout = {milliseconds}")
        self._run("set local datestyle = 'ISO'")

    def clock(self) -> ServerClock:
        """The start of the transaction, which is no later than its snapshot."""
        ask = f"select localtimestamp, now() at time zone {_quoted(self._zone.key)}"
        ((local, home),) = self._fetch(ask)
        return ServerClock(local=local, home=home)

    def table(self, name: str) -> Table | None:
        """Columns and primary key from the server's catalog, also of views and partitions."""
        found = self._fetch(_COLUMNS.format(table=_quoted(_relation(name))))
        ((encoding,),) = self._fetch("select current_setting('server_encoding')")
        self._validates = encoding == "SQL_ASCII"
        key = sorted((place, column) for column, _, place in found if place is not None)
        columns = tuple(
            TableColumn(
                name=column, type=type_, mark=_MARKS.get(type_), bytes=type_ in {"bytea", "_bytea"}
            )
            for column, type_, _ in found
        )
        return Table(columns=columns, key=tuple(column for _, column in key)) if columns else None

    def start(self, name: str, wanted: Wanted) -> None:
        """Ask for the rows; the server streams them."""
        self._headings = wanted.headings
        self._table = name
        self._dates = [
            place
            for place, (_, column) in enumerate(wanted.columns)
            if column.type in {"date", "timestamp", "timestamptz"}
        ]
        self._cursor = self._db.cursor()
        option = {"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)}
        self._cursor.adbc_statement.set_options(**option)
        self._cursor.execute(self._select(name, wanted))
        self._rows, self._begun = self._cursor.fetch_record_batch(), False

    def batch(self) -> Any:
        """About four megabytes of rows; the first batch may be empty."""
        import pyarrow as pa

        try:
            rows = self._rows.read_next_batch()
        except StopIteration:
            if self._begun:
                return None
            rows = pa.RecordBatch.from_pylist([], schema=self._rows.schema)
        self._begun = True
        self._refuse_times_without_a_calendar(rows)
        if self._validates:
            self._refuse_foreign_bytes(rows)
        return pa.record_batch(rows.columns, self._headings)

    def close(self) -> None:
        """Let the server forget the transaction."""
        if self._cursor is not None:
            self._cursor.close()
        self._db.close()

    def _select(self, name: str, wanted: Wanted) -> str:
        listed = ", ".join(self._expression(column) for _, column in wanted.columns)
        by_key = [
            _ident(column.name) if wanted.keyed or column.mark else self._expression(column)
            for column in wanted.order
        ]
        where = ""
        if wanted.watermark is not None and wanted.floor is not None:
            mark = _ident(wanted.watermark.name)
            floor = self._literal(wanted.watermark.mark, wanted.floor)
            where = f" where ({mark} >= {floor} or {mark} is null)"
        return f"select {listed} from {_relation(name)}{where} order by {', '.join(by_key)}"

    def _expression(self, column: TableColumn) -> str:
        if column.type in _AS_IS:
            return _ident(column.name)
        if column.type == "timestamptz":
            return f"{_ident(column.name)} at time zone {_quoted(self._zone.key)}"
        return f"{_ident(column.name)}::text"

    def _literal(self, kind: MarkKind | None, value: MarkValue) -> str:
        if kind is MarkKind.INSTANT:
            return f"timestamptz '{as_instant(value, self._zone)}'"
        if isinstance(value, datetime):
            return f"timestamp '{value}'"
        return f"date '{value}'" if isinstance(value, date) else str(value)

    def _refuse_times_without_a_calendar(self, rows: Any) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        for place in self._dates:
            column = rows.column(place)
            days = pa.types.is_date(column.type)
            whole = column.cast(pa.int32()).cast(pa.int64()) if days else column.cast(pa.int64())
            unit = 1 if days else 86_400_000_000
            ends = pc.min_max(whole).as_py()
            if ends["min"] is not None and not (
                _FIRST_DAY * unit <= ends["min"] and ends["max"] < _DAY_AFTER * unit
            ):
                raise self._refused(self._headings[place])

    def _refused(self, heading: str) -> SourceError:
        return cannot_read(
            self._connection,
            self._table,
            f"the column {heading!r} holds dates that are infinite or outside the years 1 to "
            "9999; have them corrected or made NULL",
            reason=f"的列“{heading}”中有无穷或超出公元 1 至 9999 年的日期，请更正或置为空值。",
        )

    def _refuse_foreign_bytes(self, rows: Any) -> None:
        import pyarrow as pa

        try:
            rows.validate(full=True)
        except pa.ArrowInvalid:
            raise cannot_read(
                self._connection, self._table, UNREADABLE.message, reason=UNREADABLE.reason
            ) from None

    def _run(self, statement: str) -> None:
        with self._db.cursor() as cursor:
            cursor.execute(statement)

    def _fetch(self, query: str) -> list[tuple[Any, ...]]:
        with self._db.cursor() as cursor:
            cursor.execute(query)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


_EPOCH = date(1970, 1, 1)
_FIRST_DAY = (date.min - _EPOCH).days
_DAY_AFTER = (date.max - _EPOCH).days + 1


def _ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _relation(name: str) -> str:
    return ".".join(_ident(part) for part in split(name) if part)


def _conninfo(connection: Connection, password: Password | None, home: Path) -> str:
    """The parameters for libpq; what decides about safety comes last and cannot be overridden."""
    parts = urlsplit(connection.url)
    given = dict(parse_qsl(parts.query))
    given |= {
        "host": parts.hostname or given.get("host", ""),
        "port": str(parts.port or given.get("port", 5432)),
        "user": unquote(parts.username or given.get("user", "")),
        "dbname": unquote(parts.path.removeprefix("/")),
        "application_name": "opendata",
        "client_encoding": "UTF8",
        "connect_timeout": str(connect_seconds(connection)),
        "keepalives_idle": "30",
        "tcp_user_timeout": "30000",
        "sslmode": connection.tls,
    }
    if connection.tls == "verify-full":
        given["sslrootcert"] = str(authority(connection, home))
    if password is not None:
        given["password"] = password.reveal()
    return " ".join(f"{key}='{_escaped(value)}'" for key, value in given.items() if value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
