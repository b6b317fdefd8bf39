"""更新频率: the period a data time belongs to, when the next update is due, how often to look.

Pure date arithmetic. Declared frequencies count calendar days; their grace is 本市规则, never the
law's. Only data promised 每工作日 counts working days; terms that events start are in
``statutory.py``. Whether a dataset is late is ``freshness.py``.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from opendata.vocabulary import UpdateFrequency
from opendata.workdays import Calendar, Due

Cadence = Literal["hourly", "daily", "weekly", "monthly"]

CRON: Mapping[Cadence, str] = MappingProxyType(
    {
        "hourly": "0 * * * *",
        "daily": "0 2 * * *",
        "weekly": "0 2 * * 1",
        "monthly": "0 2 1 * *",
    }
)
"""When each cadence looks for new files, in the home's time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What one declared frequency means: its period, the default grace, when to warn, how to look.

    ``period_end`` gives the last day of the period a day lies in, None where there are no periods;
    ``grace_days`` and ``warn_days`` are calendar days.
    """

    period_end: Callable[[date], date] | None
    grace_days: int
    warn_days: int
    cadence: Cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDue:
    """The next update: ``promised`` by the frequency, ``due`` once the grace has run out.

    ``extended_days`` of it are there because the grace ran out on a day off (顺延).
    """

    promised: date
    due: date
    provisional: bool
    extended_days: int = 0


def _same_day(day: date) -> date:
    return day


def _sunday(day: date) -> date:
    return day + timedelta(days=7 - day.isoweekday())


def _ten_days_end(day: date) -> date:
    return _month_end(day) if day.day > 20 else day.replace(day=10 if day.day <= 10 else 20)


def _half_month_end(day: date) -> date:
    return day.replace(day=15) if day.day <= 15 else _month_end(day)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _quarter_end(day: date) -> date:
    return _month_end(day.replace(day=1, month=-(-day.month // 3) * 3))


def _half_year_end(day: date) -> date:
    return date(day.year, 6, 30) if day.month <= 6 else date(day.year, 12, 31)


def _year_end(day: date) -> date:
    return date(day.year, 12, 31)


def _pace(
    period_end: Callable[[date], date] | None, grace: int, *, warn: int, look: Cadence
) -> Pace:
    return Pace(period_end=period_end, grace_days=grace, warn_days=warn, cadence=look)


PACES: Mapping[UpdateFrequency, Pace] = MappingProxyType(
    {
        UpdateFrequency.REALTIME: _pace(_same_day, 0, warn=0, look="hourly"),
        UpdateFrequency.HOURLY: _pace(_same_day, 0, warn=0, look="hourly"),
        UpdateFrequency.DAILY: _pace(_same_day, 1, warn=0, look="daily"),
        UpdateFrequency.WORKDAILY: _pace(_same_day, 1, warn=0, look="daily"),
        UpdateFrequency.WEEKLY: _pace(_sunday, 2, warn=2, look="daily"),
        UpdateFrequency.TEN_DAYS: _pace(_ten_days_end, 3, warn=3, look="daily"),
        UpdateFrequency.HALF_MONTHLY: _pace(_half_month_end, 3, warn=3, look="daily"),
        UpdateFrequency.MONTHLY: _pace(_month_end, 5, warn=5, look="daily"),
        UpdateFrequency.QUARTERLY: _pace(_quarter_end, 10, warn=10, look="weekly"),
        UpdateFrequency.HALF_YEARLY: _pace(_half_year_end, 15, warn=15, look="weekly"),
        UpdateFrequency.YEARLY: _pace(_year_end, 20, warn=30, look="weekly"),
        UpdateFrequency.IRREGULAR: _pace(None, 0, warn=0, look="daily"),
        UpdateFrequency.STATIC: _pace(None, 0, warn=0, look="monthly"),
    }
)
"""The table of this house, one row per word; a catalog entry may set its own ``grace_days``.

实时 and 每小时 are judged by the day, because a data time holds no hour. One looks at least once
within the grace, so that a file handed over in time is never found late.
"""


def period_end(frequency: UpdateFrequency, day: date) -> date | None:
    """The last day of the period that ``day`` lies in; None for 不定期 and 不更新.

    >>> period_end(UpdateFrequency.QUARTERLY, date(2024, 2, 29)).isoformat()
    '2024-03-31'
    """
    ends = PACES[frequency].period_end
    return None if ends is None else ends(day)


def next_due(
    frequency: UpdateFrequency,
    data_time: date,
    *,
    grace_days: int | None,
    calendar: Calendar,
    extend: bool = False,
) -> NextDue | None:
    """When data must next be out, given that the newest content is of ``data_time``.

    The end of the period after the one ``data_time`` lies in, plus ``grace_days`` calendar days
    (None takes the table's); with ``extend``, a working day is the last day
    (期限届满日为休息日则顺延). None for 不定期 and 不更新, which promise no day.

    >>> due = next_due(UpdateFrequency.MONTHLY, date(2026, 2, 10), grace_days=None,
    ...                calendar=Calendar.load("cn"))
    >>> due.promised.isoformat(), due.due.isoformat()
    ('2026-03-31', '2026-04-05')
    """
    end = period_end(frequency, data_time)
    if end is None:
        return None
    provisional = False
    if frequency is UpdateFrequency.WORKDAILY:
        following = calendar.add_workdays(end, 1)
        promised, provisional = following.day, following.provisional
    else:
        promised = period_end(frequency, end + timedelta(days=1)) or end
    grace = PACES[frequency].grace_days if grace_days is None else grace_days
    ends = promised + timedelta(days=grace)
    last = last_day(ends, calendar=calendar, extend=extend)
    return NextDue(
        promised=promised,
        due=last.day,
        provisional=provisional or last.provisional,
        extended_days=(last.day - ends).days,
    )


def last_day(day: date, *, calendar: Calendar, extend: bool) -> Due:
    """The day a term that ends on ``day`` can still be kept on: with ``extend``, a working day."""
    if extend:
        return calendar.add_workdays(day, 0)
    return Due(day, provisional=False, earliest=day)


def cadence(frequency: UpdateFrequency | None) -> Cadence:
    """How often to look for new files: not as rarely as promised, but in time.

    An entry that declares no frequency is looked at daily.
    """
    return "daily" if frequency is None else PACES[frequency].cadence
