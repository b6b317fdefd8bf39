"""The clock: the only place time enters.

Two times, never mixed: ``as_of`` is the day law and freshness are judged at (it can be pinned, so
that a judgement can be repeated), ``now()`` is the wall clock and only stamps what happened.
Working days and deadlines are arithmetic on dates and live in ``opendata/``.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opendata.errors import HomeError


class Clock:
    """A wall clock in the home's zone, with a day of judgement that can be pinned.

    >>> Clock("Asia/Shanghai", date(2026, 1, 5)).as_of
    datetime.date(2026, 1, 5)
    """

    def __init__(self, timezone: str = "Asia/Shanghai", as_of: date | None = None) -> None:
        self.timezone = timezone
        self._pinned = as_of
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise HomeError(
                f"opendata.yaml timezone: {timezone!r} is not a time zone this machine knows; "
                "use an IANA name such as Asia/Shanghai"
            ) from None

    def now(self) -> datetime:
        """This moment, aware, in the home's zone; for stamping only."""
        return datetime.now(self._zone)

    @property
    def as_of(self) -> date:
        """The day of judgement: the pinned day, otherwise today in the home's zone."""
        return self._pinned or self.now().date()
