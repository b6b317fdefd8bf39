"""``opendata calendar``: what is known of each year's working days, and taking in a new year."""

import getpass
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from assets.reports import write_reports
from assets.workshop import Workshop
from opendata.errors import HomeError
from opendata.freshness import chinese_date
from opendata.plain import plain
from opendata.record import Event, Kind
from opendata.workdays import Calendar
from resources.calendar_file import (
    calendar_of,
    implausible,
    imported_years,
    keep_years,
    read_calendar,
    workdays_in,
)
from resources.home import Home

_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTold:
    """One year: its notice (None: not published), its working days, and where it comes from.

    ``differs`` are the days on which an imported year departs from the shipped one it replaces.
    """

    year: int
    notice: str | None
    workdays: int
    provisional: bool
    imported: bool
    differs: tuple[date, ...] = ()

    def as_text(self) -> str:
        """One line in Chinese."""
        marks = [self.notice or "尚未公布，按周一至周五计算"]
        if self.imported:
            marks.append("本市导入")
        if self.differs:
            days = "、".join(chinese_date(each) for each in self.differs)
            marks.append(f"与随产品提供的安排有{len(self.differs)}天不同，以导入的为准：{days}")
        elif self.imported and _is_shipped(self.year):
            marks.append("与随产品提供的安排一致")
        if self.provisional:
            marks.append("暂定")
        return f"{self.year}年  工作日{self.workdays}天  {'；'.join(marks)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarTold:
    """Years of a region's calendar; of a single year also the days that depart from the week."""

    region: str
    years: tuple[YearTold, ...]
    days_off: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    done: str = ""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        told: dict[str, Any] = plain(self)
        return {key: each for key, each in told.items() if key != "done"}

    def as_text(self) -> str:
        """In Chinese, one year a line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.done:
            yield self.done
        yield from (each.as_text() for each in self.years)
        if self.days_off:
            yield f"放假（周一至周五）：{'、'.join(map(_with_weekday, self.days_off))}"
        if self.worked:
            yield f"调休上班：{'、'.join(map(_with_weekday, self.worked))}"


def show_calendar(home_dir: Path | None, year: int | None) -> CalendarTold:
    """What is known of ``year``, or of every published year and the two after them.

    Raises:
        HomeError: the region has no calendar, or an imported file is damaged.
    """
    home = Home.find(home_dir)
    calendar = calendar_of(home)
    if year is None:
        years = range(calendar.first.year, calendar.last.year + 3)
        return CalendarTold(region=calendar.region, years=_told(home, calendar, years))
    days = [each for each in _days_of(year) if calendar.is_workday(each) != _is_plain(each)]
    return CalendarTold(
        region=calendar.region,
        years=_told(home, calendar, (year,)),
        days_off=tuple(each for each in days if _is_plain(each)),
        worked=tuple(each for each in days if not _is_plain(each)),
    )


def import_calendar(home_dir: Path | None, file: Path) -> CalendarTold:
    """Take the years a calendar file publishes into the home; the pages follow.

    Raises:
        HomeError: the file or a year in it is wrong, or what was imported before is damaged;
            nothing was changed then.
    """
    home = Home.find(home_dir).prepare()
    years = read_calendar(file)
    calendar = calendar_of(home, besides=years)
    if problem := implausible(calendar, years):
        raise HomeError(f"{file.name}: {problem}; nothing was changed")
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        notices = {str(each.year): each.notice for each in years}
        workshop.record(Event(kind=Kind.SETTINGS, detail={"calendar": notices}))
        keep_years(home, years)
        write_reports(workshop)
    told = _told(home, calendar, [each.year for each in years])
    return CalendarTold(region=calendar.region, years=told, done="工作日历已导入，期限已重新计算：")


def _told(
    home: Home, calendar: Calendar, years: range | list[int] | tuple[int]
) -> tuple[YearTold, ...]:
    shipped = Calendar.load(calendar.region)
    imported = {each.year for each in imported_years(home)}
    return tuple(
        YearTold(
            year=year,
            notice=calendar.source(year) if year <= calendar.last.year else None,
            workdays=workdays_in(calendar, year),
            provisional=not calendar.is_settled(date(year, 1, 1), date(year, 12, 31)),
            imported=year in imported,
            differs=tuple(_differs(shipped, calendar, year)) if year in imported else (),
        )
        for year in years
    )


def _differs(shipped: Calendar, calendar: Calendar, year: int) -> Iterator[date]:
    if shipped.source(year) is None:
        return
    for each in _days_of(year):
        if shipped.is_workday(each) != calendar.is_workday(each):
            yield each


def _is_shipped(year: int) -> bool:
    return Calendar.load().source(year) is not None


def _days_of(year: int) -> Iterator[date]:
    start = date(year, 1, 1)
    return (start + timedelta(days=n) for n in range((date(year, 12, 31) - start).days + 1))


def _is_plain(day: date) -> bool:
    return day.isoweekday() <= 5


def _with_weekday(day: date) -> str:
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"
