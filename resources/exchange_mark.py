"""The watermark of an exchange table: how far it has been read, and from where to read again.

A mark is the highest watermark of a capture that was not beyond the server's own clock at that
time. It is kept in the footer of the capture's Parquet, so it is as old as the rows it speaks of
and needs no book of its own. Reading rows is the readers' business.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

MarkValue = int | date | datetime
_FOOTER = b"opendata.mark"
_DAY = 86_400


class MarkKind(Enum):
    """What a watermark column holds; a moment with a zone is kept as the home's wall time."""

    INTEGER = "integer"
    DATE = "date"
    LOCAL = "local"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerClock:
    """The server's now: in its own wall time, and in the home's zone; both without a zone.

    A watermark without a zone is held against the server's own wall time. Where programs write
    another zone's, later than the server's, the newest rows look like the future's: they are read
    again each time, and none is missed.
    """

    local: datetime
    home: datetime

    def ceiling(self, kind: MarkKind) -> MarkValue | None:
        """The highest watermark that is not in the future; integers have no future."""
        if kind is MarkKind.INTEGER:
            return None
        if kind is MarkKind.DATE:
            return self.local.date()
        return self.local if kind is MarkKind.LOCAL else self.home


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far ``column`` has been read."""

    column: str
    kind: MarkKind
    value: MarkValue

    def floor(self, overlap_seconds: int) -> MarkValue:
        """Where to read on: the mark less the overlap, in days for dates, in units for integers.

        >>> Mark(column="d", kind=MarkKind.DATE, value=date(2026, 3, 2)).floor(90_000)
        datetime.date(2026, 2, 28)
        """
        if isinstance(self.value, datetime):
            return self.value - timedelta(seconds=overlap_seconds)
        if isinstance(self.value, date):
            return self.value - timedelta(days=-(-overlap_seconds // _DAY))
        return self.value - overlap_seconds

    def footer(self) -> dict[bytes, bytes]:
        """The mark as key and value of a Parquet footer."""
        told = {"column": self.column, "kind": self.kind.value, "value": str(self.value)}
        return {_FOOTER: json.dumps(told, ensure_ascii=False, sort_keys=True).encode()}


def mark_of(captures: Iterable[Path], column: str) -> Mark | None:
    """The highest mark of earlier captures over this watermark column; None where there is none.

    Only footers are read. A capture by another column, or of another kind (a column of dates that
    became one of timestamps), says nothing: without a mark the whole table is read.
    """
    marks = [mark for each in captures if (mark := _read(each)) and mark.column == column]
    if len({mark.kind for mark in marks}) != 1:
        return None
    return max(marks, key=_value)


def as_instant(value: MarkValue, zone: ZoneInfo) -> MarkValue:
    """A wall time of the home as the moment it names; where the clock went back, the earlier one.

    Earlier, because reading a row twice is harmless and skipping one is not.
    """
    return value.replace(tzinfo=zone, fold=0) if isinstance(value, datetime) else value


def _value(mark: Mark) -> Any:
    return mark.value


def _read(path: Path) -> Mark | None:
    import pyarrow.parquet as pq

    told = (pq.read_metadata(path).metadata or {}).get(_FOOTER)
    if told is None:
        return None
    facts = json.loads(told)
    kind = MarkKind(facts["kind"])
    return Mark(column=facts["column"], kind=kind, value=parsed(facts["value"], kind))


def parsed(text: str, kind: MarkKind) -> MarkValue:
    """A watermark from its text (ValueError where it is none)."""
    if kind is MarkKind.INTEGER:
        return int(text)
    return date.fromisoformat(text) if kind is MarkKind.DATE else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Watermarks that passed: the highest not in the future, how many were, how many were none."""

    value: MarkValue | None = None
    ahead: int = 0
    unmarked: int = 0

    def and_then(self, other: "Seen") -> "Seen":
        """Both together."""
        values: list[Any] = [each for each in (self.value, other.value) if each is not None]
        return Seen(
            value=max(values, default=None),
            ahead=self.ahead + other.ahead,
            unmarked=self.unmarked + other.unmarked,
        )


def seen_in(column: Any, kind: MarkKind, ceiling: MarkValue | None) -> Seen:
    """The watermarks of an Arrow array, typed or as text; a zero date is no watermark."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.types.is_string(column.type)
    if text and kind is MarkKind.INTEGER:
        column, text = column.cast(pa.decimal128(38, 0)), False
    if text:
        column = pc.if_else(pc.less(column, "0001"), None, column)
    limit = str(ceiling) if text else ceiling
    past = column
    if limit is not None:
        past = column.filter(pc.less_equal(column, pa.scalar(limit, column.type)))
    top = pc.max(past).as_py()
    value = parsed(str(top), kind) if top is not None else None
    known = len(column) - column.null_count
    ahead = known - (len(past) - past.null_count)
    return Seen(value=value, ahead=ahead, unmarked=column.null_count)
