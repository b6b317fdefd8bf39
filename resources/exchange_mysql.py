"""MySQL and MariaDB through PyMySQL: the server's own text of every value, in one snapshot.

Numbers and times are cast to text by the server, so decimals are exact and dates that no calendar
has (``0000-00-00``) land as they are and are judged later. ``TIMESTAMP`` becomes wall time of the
home's zone; ``DATETIME`` has no zone and is left alone.
"""

import codecs
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from opendata.settings import Connection
from resources.credentials import Password, authority, connect_seconds
from resources.exchange_mark import MarkKind, ServerClock, as_instant
from resources.exchange_table import Batches, Table, TableColumn, Wanted, split

_LEFT_BEHIND_SECONDS = 30
_BYTES = {
    "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point",
    "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection",
    "vector",
}  # fmt: skip
_TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}
_MISLABELLED = "latin1 "
_MARKS = {
    "tinyint": MarkKind.INTEGER,
    "smallint": MarkKind.INTEGER,
    "mediumint": MarkKind.INTEGER,
    "int": MarkKind.INTEGER,
    "bigint": MarkKind.INTEGER,
    "date": MarkKind.DATE,
    "datetime": MarkKind.LOCAL,
    "timestamp": MarkKind.INSTANT,
}
_COLUMNS = """
select column_name, lower(data_type), coalesce(character_set_name, '')
from information_schema.columns
where table_schema = coalesce(%s, database()) and table_name = %s
order by ordinal_position
"""
_KEY = """
select column_name from information_schema.statistics
where table_schema = coalesce(%s, database()) and table_name = %s and index_name = 'PRIMARY'
order by seq_in_index
"""


class MySqlReader:
    """One table of MySQL or MariaDB; needs nothing but SELECT on it.

    ``encoding`` is what texts in columns declared ``latin1`` really are (GBK, mostly), where the
    contract says so; other columns are converted by the server from what they are declared as.
    """

    def __init__(
        self,
        connection: Connection,
        password: Password | None,
        *,
        home: Path,
        zone: ZoneInfo,
        encoding: str | None,
    ) -> None:
        import pymysql

        self._zone, self._encoding = zone, encoding
        self._rows: Any = None
        self._db = pymysql.connect(
            **_address(connection),
            password=password.reveal() if password is not None else "",
            **_limits(connection),
            **_encryption(connection, home),
            charset="utf8mb4",
            local_infile=False,
        )
        try:
            self._begin(connection.statement_timeout_seconds)
        except BaseException:
            self._db.close()
            raise

    def clock(self) -> ServerClock:
        """The server's now, read when the session began, before its snapshot."""
        return self._clock

    def table(self, name: str) -> Table | None:
        """Columns and primary key from the information schema, also of views."""
        key = self._fetch(_KEY, split(name))
        columns = tuple(
            TableColumn(
                name=column,
                type=f"{charset} {type_}".strip(),
                mark=_MARKS.get(type_),
                bytes=type_ in _BYTES,
            )
            for column, type_, charset in self._fetch(_COLUMNS, split(name))
        )
        return Table(columns=columns, key=tuple(each for (each,) in key)) if columns else None

    def start(self, name: str, wanted: Wanted) -> None:
        """Ask for the rows, streamed unbuffered from the server."""
        from pymysql.cursors import SSCursor

        self._wanted = wanted
        listed = ", ".join(self._expression(column) for _, column in wanted.columns)
        order = ", ".join(
            _ident(column.name)
            if wanted.keyed or column.mark
            else f"cast({_ident(column.name)} as binary)"
            for column in wanted.order
        )
        relation = ".".join(_ident(part) for part in split(name) if part)
        where = self._reading_on(wanted)
        self._rows = self._db.cursor(SSCursor)
        self._rows.execute(f"select {listed} from {relation}{where} order by {order}")
        self._batches = Batches(self._rows, wanted.headings, self._array)

    def batch(self) -> Any:
        """The next rows, some sixteen megabytes of them; the first batch may be empty."""
        return self._batches.next()

    def close(self) -> None:
        """Hang up, in the middle of the rows too."""
        result = getattr(self._rows, "_result", None)
        if result is not None:
            # NOTE: PyMySQL would first read the rest of the table, or fail at it once more.
            result.unbuffered_active = False
        self._db.close()

    def _begin(self, seconds: int) -> None:
        is_mariadb = "mariadb" in self._db.get_server_info().lower()
        limit = (
            f"max_statement_time = {seconds}"
            if is_mariadb
            else f"max_execution_time = {seconds * 1000}"
        )
        self._run(f"set session {limit}, session net_write_timeout = {seconds}")
        self._run("set session transaction isolation level repeatable read")
        ((now, utc),) = self._fetch("select now(6), utc_timestamp(6)", ())
        home = utc.replace(tzinfo=UTC).astimezone(self._zone).replace(tzinfo=None)
        self._clock = ServerClock(local=now, home=home)
        self._run("set session time_zone = '+00:00'")
        self._run("start transaction with consistent snapshot, read only")

    def _reading_on(self, wanted: Wanted) -> str:
        mark, floor = wanted.watermark, wanted.floor
        if mark is None or floor is None:
            return ""
        name = _ident(mark.name)
        if isinstance(floor, int):
            return f" where ({name} >= {floor} or {name} is null)"
        moment = as_instant(floor, self._zone) if mark.mark is MarkKind.INSTANT else floor
        if isinstance(moment, datetime) and moment.tzinfo:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        # A zero date says no more than NULL.
        return f" where ({name} >= '{moment}' or {name} is null or {name} < '1000-01-01')"

    def _run(self, statement: str) -> None:
        with self._db.cursor() as cursor:
            cursor.execute(statement)

    def _fetch(self, query: str, given: tuple[str | None, ...]) -> Sequence[tuple[Any, ...]]:
        with self._db.cursor() as cursor:
            cursor.execute(query, given)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _expression(self, column: TableColumn) -> str:
        name, type_ = _ident(column.name), column.type.rpartition(" ")[2]
        if type_ == "bit":
            return f"cast({name} + 0 as char)"
        if type_ not in _TEXTS:
            return f"cast({name} as char)"
        return f"cast({name} as binary)" if self._is_mislabelled(column) else name

    def _is_mislabelled(self, column: TableColumn) -> bool:
        return self._encoding is not None and column.type.startswith(_MISLABELLED)

    def _array(self, place: int, cells: Sequence[Any]) -> Any:
        import pyarrow as pa

        column = self._wanted.columns[place][1]
        if self._encoding is not None and self._is_mislabelled(column):
            decode = codecs.getdecoder(self._encoding)
            cells = [None if cell is None else decode(cell, "strict")[0] for cell in cells]
        texts = pa.array(cells, pa.string())
        return self._in_home_zone(texts) if column.mark is MarkKind.INSTANT else texts

    def _in_home_zone(self, texts: Any) -> Any:
        """UTC wall times as the home's; what is no time (a zero date) stays what it is."""
        import polars as pl
        import pyarrow as pa

        given = pl.Series("given", texts, dtype=pl.String)
        moved = (
            given.str.to_datetime(
                "%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us", time_zone="UTC"
            )
            .dt.convert_time_zone(self._zone.key)
            .dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
        )
        both = pl.DataFrame({"given": given, "moved": moved})
        kept = pl.coalesce(pl.col("moved").str.head(pl.col("given").str.len_chars()), "given")
        return both.select(kept).to_series().to_arrow().cast(pa.string())


def _ident(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _address(connection: Connection) -> dict[str, Any]:
    """Where the server is; of the URL's parameters only ``unix_socket`` has a meaning here."""
    parts = urlsplit(connection.url)
    socket = parse_qs(parts.query).get("unix_socket")
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or 3306,
        "user": unquote(parts.username or ""),
        "database": unquote(parts.path.removeprefix("/")) or None,
        "unix_socket": socket[0] if socket else None,
    }


def _limits(connection: Connection) -> dict[str, Any]:
    """The driver's own limits are for a thread left behind: the server and we give up sooner."""
    last = connection.statement_timeout_seconds + _LEFT_BEHIND_SECONDS
    opening = connect_seconds(connection)
    return {"connect_timeout": opening, "read_timeout": last, "write_timeout": last}


def _encryption(connection: Connection, home: Path) -> dict[str, Any]:
    """A context makes PyMySQL insist on TLS; without one it would take what it gets."""
    if connection.tls == "disable":
        return {"ssl_disabled": True}
    if connection.tls == "verify-full":
        return {"ssl": ssl.create_default_context(cafile=authority(connection, home))}
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return {"ssl": context}
