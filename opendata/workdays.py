"""Working days: which days count, and where a deadline of n working days falls.

Calendars are data (``opendata/calendars/``): the State Council's yearly notices as exceptions to
the plain week, with a region's own days laid over them. Beyond the last published year Monday to
Friday is assumed and the answer says so (暂定): never an exception, never a silent guess. What a
deadline is *for* belongs to ``frequency.py`` and the regimes.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from importlib import resources
from io import StringIO
from typing import Literal, NamedTuple, Self, cast

from opendata.errors import HomeError

_NATIONAL = "cn"
_DAY = timedelta(days=1)

Kind = Literal["published", "unverified", "holiday", "workday"]


class Due(NamedTuple):
    """A deadline: the ``day``, and whether a notice still to come may move it (暂定).

    ``earliest`` is the first day it could possibly fall on: no notice can make it earlier, because
    no calendar can hold more working days than days. It equals ``day`` when nothing is provisional.
    A named tuple, not a dataclass, because a city's year asks for millions of them.
    """

    day: date
    provisional: bool
    earliest: date


class CalendarRow(NamedTuple):
    """One line of a calendar file: a year's notice, or a day that departs from the plain week."""

    when: str
    kind: Kind
    note: str

    @property
    def year(self) -> int:
        """The year the row is about."""
        return int(self.when[:4])


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The working days of one region over its published years, open-ended on both sides.

    ``sources`` pairs each published year with its notice; ``settled_through`` is the last day no
    later notice can change.

    >>> calendar = Calendar.load("cn")
    >>> calendar.add_workdays(date(2026, 9, 30), 1).day.isoformat()
    '2026-10-08'
    """

    region: str
    first: date
    last: date
    settled_through: date
    days: tuple[date, ...]
    sources: tuple[tuple[int, str], ...]

    @classmethod
    def load(cls, region: str = _NATIONAL, *, imported: str = "") -> Self:
        """The calendar of ``region`` as shipped, with the rows of an ``imported`` file on top.

        Use ``imported`` for a year published after this version was shipped; its text has the shape
        of the shipped files. A year it publishes stands in place of the shipped national one as a
        whole; a region's own days stay, unless a row says otherwise.

        Raises:
            HomeError: the region has no calendar here, or a row of a file cannot be read.
        """
        given = calendar_rows(imported, where="imported calendar")
        replaced = {each.year for each in given if each.kind == "published"}
        national = (each for each in _shipped(_NATIONAL) if each.year not in replaced)
        own = () if region == _NATIONAL else _shipped(region)
        return cls._of(region, (*national, *own, *given))

    @classmethod
    def _of(cls, region: str, rows: Iterable[CalendarRow]) -> Self:
        sources: dict[int, str] = {}
        doubtful: list[int] = []
        exceptions: dict[date, bool] = {}
        for row in rows:
            if row.kind == "published":
                sources[int(row.when)] = row.note
            elif row.kind == "unverified":
                doubtful.append(int(row.when))
            else:
                exceptions[date.fromisoformat(row.when)] = row.kind == "workday"
        first, last = date(min(sources), 1, 1), date(_last_of_run(sources), 12, 31)
        settled = min([last, *(date(year - 1, 12, 31) for year in doubtful)])
        days = tuple(
            each for each in _every_day(first, last) if exceptions.get(each, each.isoweekday() <= 5)
        )
        return cls(
            region=region,
            first=first,
            last=last,
            settled_through=settled,
            days=days,
            sources=tuple(sorted(sources.items())),
        )

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` counts; outside the published years Monday to Friday is assumed."""
        if not self.first <= day <= self.last:
            return day.isoweekday() <= 5
        return self.days[bisect_right(self.days, day) - 1] == day

    def is_settled(self, start: date, end: date) -> bool:
        """Whether every day from ``start`` to ``end`` is published and verified."""
        return self.first <= min(start, end) and max(start, end) <= self.settled_through

    def add_workdays(self, day: date, n: int) -> Due:
        """The ``n``-th working day after ``day`` (before it when ``n`` is negative).

        ``day`` itself never counts. Zero means the day itself when it is one, otherwise the next
        that is (顺延).
        """
        place = self._place(day)
        if n > 0:
            found = self._nth(place + n)
        elif n < 0:
            found = self._nth(place + n + (0 if self.is_workday(day) else 1))
        else:
            found = day if self.is_workday(day) else self._nth(place + 1)
        if self.first <= day and self.first <= found <= self.settled_through >= day:
            return Due(found, provisional=False, earliest=found)
        return Due(found, provisional=True, earliest=self._earliest(day, n, found))

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative backwards."""
        return self._place(end) - self._place(start)

    def source(self, year: int) -> str | None:
        """The notice the year's working days come from; None for a year without one."""
        return dict(self.sources).get(year)

    def _earliest(self, day: date, n: int, found: date) -> date:
        """``found``, had every day beyond the settled ones been made a working day."""
        if n <= 0:
            return min(day, found)
        if day < self.first:
            return min(found, day + n * _DAY)
        settled = max(min(self.settled_through, found), day)
        left = n - self.workdays_between(day, settled)
        return min(found, settled + max(left, 0) * _DAY)

    def _place(self, day: date) -> int:
        """How many working days lie at or before ``day``, counted from the first published one."""
        if day > self.last:
            return len(self.days) + _weekdays_through(day) - self._weekdays_to_last
        if day < self.first:
            return _weekdays_through(day) - self._weekdays_before_first
        return bisect_right(self.days, day)

    def _nth(self, place: int) -> date:
        """The working day with this place: the inverse of ``_place``."""
        if 1 <= place <= len(self.days):
            return self.days[place - 1]
        if place > len(self.days):
            return _weekday_number(self._weekdays_to_last + place - len(self.days))
        return _weekday_number(self._weekdays_before_first + place)

    @cached_property
    def _weekdays_to_last(self) -> int:
        return _weekdays_through(self.last)

    @cached_property
    def _weekdays_before_first(self) -> int:
        return _weekdays_through(self.first - _DAY)


@lru_cache
def _shipped(region: str) -> tuple[CalendarRow, ...]:
    return calendar_rows(_text_of(region), where=region)


def _text_of(region: str) -> str:
    folder = resources.files("opendata.calendars")
    known = sorted(
        each.name.removesuffix(".csv") for each in folder.iterdir() if each.name.endswith(".csv")
    )
    if region not in known:
        message = f"region: {region!r} has no working-day calendar; there are {', '.join(known)}"
        raise HomeError(message)
    return folder.joinpath(f"{region}.csv").read_text(encoding="utf-8")


def calendar_rows(text: str, *, where: str) -> tuple[CalendarRow, ...]:
    """The rows of a calendar file, below its heading; none where the text is blank.

    Raises:
        HomeError: a row cannot be read; the message gives its line after ``where``.
    """
    if not text.strip():
        return ()
    try:
        lines = list(csv.reader(StringIO(text)))
    except csv.Error as error:
        raise HomeError(f"{where} is not CSV: {error}; save the file as CSV again") from None
    return tuple(
        _row(cells, where=f"{where}:{number}")
        for number, cells in enumerate(lines[1:], start=2)
        if cells
    )


def _row(cells: list[str], *, where: str) -> CalendarRow:
    readable = len(cells) == 3 and (
        (cells[1] in ("published", "unverified") and _is_day(f"{cells[0]}-01-01"))
        or (cells[1] in ("holiday", "workday") and _is_day(cells[0]))
    )
    if not readable:
        message = (
            f"{where}: a calendar row is '<year>,published|unverified,<note>' or "
            "'<YYYY-MM-DD>,holiday|workday,<occasion>'; correct the row"
        )
        raise HomeError(message)
    return CalendarRow(cells[0], cast("Kind", cells[1]), cells[2])


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _last_of_run(years: Iterable[int]) -> int:
    """The last year before the first gap: a year beyond a gap proves nothing about the gap."""
    known = set(years)
    year = min(known)
    while year + 1 in known:
        year += 1
    return year


def _every_day(first: date, last: date) -> Iterable[date]:
    return (date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1))


def _weekdays_through(day: date) -> int:
    """Mondays to Fridays from 0001-01-01 (a Monday) up to and including ``day``."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


def _weekday_number(n: int) -> date:
    """The ``n``-th such day: the inverse of ``_weekdays_through``."""
    weeks, rest = divmod(n - 1, 5)
    return date.fromordinal(weeks * 7 + rest + 1)
