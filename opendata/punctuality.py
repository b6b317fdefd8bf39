"""Punctuality: how the last periods of a declared frequency were kept, replayable for any day.

A pure verdict over releases that are long past: which period each was in time for. How a dataset
stands today is ``freshness.py``; on the day of judgement the two agree.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from opendata.frequency import PACES, last_day, period_end
from opendata.vocabulary import Punctuality, UpdateFrequency
from opendata.workdays import Calendar, Due

PERIODS = 24
"""How many periods a history shows, the running one included."""

_DAY = timedelta(days=1)
_LONGEST = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A release: the day it was made, and the day its content reaches to (None: not known)."""

    released_on: date
    data_time: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPeriod:
    """One period from ``start`` to ``end``, whose content had to be out by ``due``.

    ``met_on`` is the day of the first release that reached into it, None while there is none;
    ``late_days`` counts calendar days after ``due``, until ``met_on`` or the day of judgement.
    不适用 are the periods before the first release began to keep the promise. ``provisional``: an
    unpublished calendar may move the period (暂定).
    """

    start: date
    end: date
    due: date
    state: Punctuality
    met_on: date | None
    late_days: int
    provisional: bool


def history_of(  # noqa: PLR0913  the facts of freshness.py, each named by the caller
    frequency: UpdateFrequency | None,
    releases: Sequence[Made],
    as_of: date,
    *,
    grace_days: int | None,
    calendar: Calendar,
    extend: bool = False,
    periods: int = PERIODS,
) -> tuple[KeptPeriod, ...]:
    """The last ``periods`` periods as they stood on ``as_of``, oldest first, the running one last.

    Releases after ``as_of`` are not known yet; one without a data time, or with one in a period
    that has not begun by then, proves nothing. 不定期, 不更新 and an undeclared frequency have no
    periods, so their history is empty.
    """
    if frequency is None or PACES[frequency].period_end is None:
        return ()
    grace = PACES[frequency].grace_days if grace_days is None else grace_days
    ends = _ends(frequency, as_of, periods + 1, calendar)
    reaches = _reaches(frequency, releases, as_of, calendar)
    dues = (last_day(end + grace * _DAY, calendar=calendar, extend=extend) for end in ends[1:])
    return tuple(
        _kept(_Asked(frequency, before + _DAY, end, due, as_of), reaches, calendar)
        for (before, end), due in zip(pairwise(ends), dues, strict=True)
    )


def kept_share(history: Sequence[KeptPeriod]) -> tuple[int, int]:
    """How many periods were kept in time, and how many are decided: A and B of indicator 0502."""
    decided = [
        each
        for each in history
        if each.state is not Punctuality.NOT_APPLICABLE
        and (each.met_on is not None or each.state is Punctuality.OVERDUE)
    ]
    return sum(each.state is not Punctuality.OVERDUE for each in decided), len(decided)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One period before it is judged."""

    frequency: UpdateFrequency
    start: date
    end: date
    last: Due
    as_of: date

    @property
    def due(self) -> date:
        """The day the period could still be kept on."""
        return self.last.day


@dataclass(frozen=True, slots=True)
class _Reach:
    """A release: the last day of the period its content reaches into, and when it was made."""

    end: date
    on: date


def _ends(
    frequency: UpdateFrequency, as_of: date, count: int, calendar: Calendar
) -> tuple[date, ...]:
    """The last days of so many periods, oldest first, up to the one ``as_of`` lies in."""
    ends = [_end(frequency, as_of, calendar)]
    while len(ends) < count:
        ends.append(_end_before(frequency, ends[-1], calendar))
    return tuple(reversed(ends))


def _end_before(frequency: UpdateFrequency, end: date, calendar: Calendar) -> date:
    """The last day of the period before the one that ends on ``end``."""

    def is_earlier(days: int) -> bool:
        return _end(frequency, end - days * _DAY, calendar) < end

    days = bisect_left(range(_LONGEST + 1), True, lo=1, key=is_earlier)  # noqa: FBT003
    return _end(frequency, end - days * _DAY, calendar)


def _end(frequency: UpdateFrequency, day: date, calendar: Calendar) -> date:
    """The last day of a day's period; days off belong to the working day before them."""
    if frequency is UpdateFrequency.WORKDAILY and not calendar.is_workday(day):
        return calendar.add_workdays(day, -1).day
    return period_end(frequency, day) or day


def _reaches(
    frequency: UpdateFrequency, releases: Sequence[Made], as_of: date, calendar: Calendar
) -> tuple[_Reach, ...]:
    """What each release known on ``as_of`` proves, in the order they were made."""
    known = sorted(
        (each for each in releases if each.released_on <= as_of), key=lambda each: each.released_on
    )
    running = _end(frequency, as_of, calendar)
    reaches = (
        _Reach(_end(frequency, each.data_time, calendar), each.released_on)
        for each in known
        if each.data_time
    )
    return tuple(each for each in reaches if each.end <= running)


def _kept(asked: _Asked, reaches: Sequence[_Reach], calendar: Calendar) -> KeptPeriod:
    met_on = next((each.on for each in reaches if each.end >= asked.end), None)
    late = max(((met_on or asked.as_of) - asked.due).days, 0)
    promised = bool(reaches) and not _is_before_the_promise(asked, reaches[0])
    return KeptPeriod(
        start=asked.end if asked.frequency is UpdateFrequency.WORKDAILY else asked.start,
        end=asked.end,
        due=asked.due,
        state=_state(asked, met_on) if promised else Punctuality.NOT_APPLICABLE,
        met_on=met_on if promised else None,
        late_days=late if promised else 0,
        provisional=asked.last.provisional
        or (
            asked.frequency is UpdateFrequency.WORKDAILY
            and not calendar.is_settled(asked.start, asked.end)
        ),
    )


def _is_before_the_promise(asked: _Asked, first: _Reach) -> bool:
    """The first release begins the promise: with its own period where it was in time for it."""
    return asked.end < first.end or (asked.end == first.end and first.on > asked.due)


def _state(asked: _Asked, met_on: date | None) -> Punctuality:
    day = met_on or asked.as_of
    if day > asked.due:
        return Punctuality.OVERDUE
    if day > asked.end:
        return Punctuality.IN_GRACE
    left = (asked.end - day).days
    if met_on is None and left < PACES[asked.frequency].warn_days:
        return Punctuality.DUE_SOON
    return Punctuality.ON_TIME
