"""Exchange databases (前置机): one table read into one Parquet, whole or from where it was left.

Here a capture is made: connect, match the contract, stream, compare, swap in. Dialects, marks,
files and failures have modules of their own; landing the capture is ``landing.py``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from opendata.settings import Connection
from opendata.source import Exchange, Source
from resources.credentials import connect_seconds, password_of
from resources.exchange_errors import NOT_THERE, cannot_read, explained
from resources.exchange_file import CaptureFile, fresh_rows, put_in_place
from resources.exchange_mark import Mark, MarkValue, Seen, ServerClock, mark_of, seen_in
from resources.exchange_table import Reader, Wanted, wanted_of
from resources.home import Home
from resources.patience import Worker

T = TypeVar("T")

_GRACE_SECONDS = 3
# What a reader may read before the floor it is given: an hour the clock went back, a second of
# spelling. Rows of earlier captures are compared from there.
_MARGIN = timedelta(hours=1, seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a capture found. ``path`` is the file now in place, None while there has been none.

    ``written`` is False when that file is as it was: nothing fresh, or the same bytes. ``rows``
    counts what the server sent, ``fresh`` those no earlier capture holds, ``unlisted`` the columns
    of the table that the contract does not name, ``unmarked`` rows without a watermark, ``ahead``
    rows whose watermark lies beyond the server's clock.
    """

    path: Path | None
    written: bool
    rows: int
    fresh: int
    unlisted: int = 0
    unmarked: int = 0
    ahead: int = 0
    mark: Mark | None = None


def capture(
    source: Source,
    connection: Connection,
    *,
    home: Home,
    into: Path,
    earlier: Sequence[Path] = (),
) -> Captured:
    """Read the table of ``source.exchange`` into the one file of the folder ``into``.

    ``earlier`` are the captures that count, those whose rows the dataset holds (none for 全量).
    With them only rows they do not hold are written, and with a watermark only rows at or beyond
    their mark less the overlap are read at all. The mark never lies beyond the server's clock, so a
    row dated into the future hides none that come after it. Rows without a watermark are read
    every time and written once.

    Rows come by watermark and primary key, otherwise by all columns read: a table that has not
    changed gives the same bytes. Moments with a zone become wall time of the home's zone. Until the
    new file is complete and on the disk the old one stays.

    Raises:
        SourceError: the table cannot be read as the contract says, in whatever way the server
            fails; nothing the driver said is passed on.
    """
    exchange = source.exchange
    if exchange is None:
        raise ValueError(f"source {source.id!r} names no exchange table; capture another one")
    opener = _opener(source, connection, home)
    mark = mark_of(earlier, exchange.watermark) if exchange.watermark else None
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = CaptureFile(into / f".{source.id}.read")
    job = _Job(source, exchange, connection, mark)
    try:
        job.read(opener, file)
        return _settled(job, file, into / f"{source.id}.parquet", earlier)
    except BaseException:
        file.abandon()
        raise


class _Job:
    """One reading: every call to the driver made in one thread, and none waited for for ever."""

    wanted: Wanted
    clock: ServerClock

    def __init__(
        self, source: Source, exchange: Exchange, connection: Connection, mark: Mark | None
    ) -> None:
        self.source, self.exchange, self.connection = source, exchange, connection
        self.since = mark
        self.seen = Seen()
        self._worker = Worker()
        self._patience = connection.statement_timeout_seconds + _GRACE_SECONDS
        self._opening = connect_seconds(connection) + _GRACE_SECONDS

    def read(self, opener: Callable[[], Reader], file: CaptureFile) -> None:
        """Read all that is wanted into ``file``, counting watermarks."""
        try:
            reader = self._ask(opener, self._opening)
            try:
                self._stream(reader, file)
            finally:
                # Closing waits for its turn behind a call that hangs, and nobody waits for it.
                self._worker.leave(reader.close)
        finally:
            self._worker.dismiss()

    def mark(self) -> Mark | None:
        """How far this reading came."""
        watermark, value = self.wanted.watermark, self.seen.value
        if watermark is None or watermark.mark is None or value is None:
            return None
        return Mark(column=self.exchange.watermark or "", kind=watermark.mark, value=value)

    @property
    def marked_by(self) -> str | None:
        """The heading under which the watermark is kept."""
        return next(
            (each for each, column in self.wanted.columns if column is self.wanted.watermark), None
        )

    def _stream(self, reader: Reader, file: CaptureFile) -> None:
        self.clock = self._ask(reader.clock, self._opening)
        self.wanted = self._wanted(reader)
        self._ask(lambda: reader.start(self.exchange.table, self.wanted), self._patience)
        while (batch := self._ask(reader.batch, self._patience)) is not None:
            self._look_at(batch)
            file.add(batch)

    def _wanted(self, reader: Reader) -> Wanted:
        name = self.exchange.table
        table = self._ask(lambda: reader.table(name), self._patience)
        if table is None:
            raise cannot_read(
                self.connection, name, NOT_THERE.message, reason="不存在或无权查看，请核对表名。"
            )
        return wanted_of(self.source, self.exchange, table, self.connection, self.since)

    def _look_at(self, batch: Any) -> None:
        watermark, heading = self.wanted.watermark, self.marked_by
        if watermark is not None and watermark.mark is not None:
            ceiling = self.clock.ceiling(watermark.mark)
            self.seen = self.seen.and_then(seen_in(batch.column(heading), watermark.mark, ceiling))

    def _ask(self, call: Callable[[], T], seconds: float) -> T:
        try:
            return self._worker.ask(call, seconds=seconds)
        except Exception as error:
            failure = explained(error, self.connection, self.exchange.table)
        # Raised out here so that no chain leads back to what the driver said.
        raise failure


def _opener(source: Source, connection: Connection, home: Home) -> Callable[[], Reader]:
    """What opens the reader for the kind of database the URL names."""
    password = password_of(connection, home=home.root)
    root, zone = home.root, ZoneInfo(home.settings.timezone)
    scheme = connection.url.partition("://")[0]

    def opener() -> Reader:
        if scheme in {"postgresql", "postgres"}:
            from resources.exchange_postgresql import PostgresReader

            return PostgresReader(connection, password, home=root, zone=zone)
        if scheme.partition("+")[0] in {"mysql", "mariadb"}:
            from resources.exchange_mysql import MySqlReader

            return MySqlReader(connection, password, home=root, zone=zone, encoding=source.encoding)
        from resources.exchange_sqlalchemy import SqlReader

        return SqlReader(connection, password, home=root, zone=zone)

    return opener


def _settled(job: _Job, file: CaptureFile, target: Path, earlier: Sequence[Path]) -> Captured:
    """Put the file in place, or only what of it is fresh, or nothing."""
    file.finish(job.mark())
    kept = _fresh(job, file, earlier) if earlier else file
    if earlier and not kept.rows:
        kept.abandon()
        written = False
    else:
        written = put_in_place(kept.path, target)
    return Captured(
        path=target if target.exists() else None,
        written=written,
        rows=file.rows,
        fresh=kept.rows,
        unlisted=job.wanted.unlisted,
        unmarked=job.seen.unmarked,
        ahead=job.seen.ahead,
        mark=job.mark(),
    )


def _fresh(job: _Job, file: CaptureFile, earlier: Sequence[Path]) -> CaptureFile:
    fresh = CaptureFile(file.path.with_suffix(".fresh"))
    try:
        for batch in fresh_rows(file.path, earlier, _compared_from(job)):
            fresh.add(batch)
        fresh.finish(job.mark())
    except BaseException:
        fresh.abandon()
        raise
    file.abandon()
    return fresh


def _compared_from(job: _Job) -> tuple[str, MarkValue] | None:
    heading, floor = job.marked_by, job.wanted.floor
    if heading is None or floor is None:
        return None
    return heading, floor - _MARGIN if isinstance(floor, datetime) else floor
