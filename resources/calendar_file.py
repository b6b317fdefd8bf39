"""Imported calendars: years of working days published after this version of the product was made.

They lie in the home's ``calendar/``, one file a year in the shape of ``opendata/calendars/``. An
imported year wins over the shipped one, also over one shipped later. A file is taken as a whole or
not at all; what days mean is ``opendata/workdays.py``.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from opendata.errors import HomeError
from opendata.workdays import Calendar, CalendarRow, calendar_rows
from resources.fsio import locked, write_durably
from resources.home import Home

_HEADING = "when,kind,note"
_PLAUSIBLE = range(240, 257)
"""Working days of a year: 248 to 252 in every year since 2004, with room for a region's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYear:
    """One published year: its notice, and the days that depart from Monday to Friday."""

    year: int
    notice: str
    rows: tuple[CalendarRow, ...]

    @property
    def text(self) -> str:
        """The year as the file that is kept."""
        return _written(self.rows)


def calendar_of(home: Home, *, besides: Iterable[CalendarYear] = ()) -> Calendar:
    """The working days of a home's region, with the years imported and those to be.

    Raises:
        HomeError: the region has no calendar, or an imported file is damaged.
    """
    years = {each.year: each for each in (*imported_years(home), *besides)}
    rows = [row for year in sorted(years) for row in years[year].rows]
    return Calendar.load(home.settings.region, imported=_written(rows))


def imported_years(home: Home) -> tuple[CalendarYear, ...]:
    """What was imported so far, by year.

    Raises:
        HomeError: a file of ``calendar/`` is damaged; the message names it.
    """
    files = sorted(_folder(home).glob("*.csv"))
    return tuple(each for path in files for each in read_calendar(path))


def read_calendar(path: Path) -> tuple[CalendarYear, ...]:
    """The years a calendar file publishes, every row checked.

    Raises:
        HomeError: it cannot be read, or a row is wrong, doubled, or of a year it does not publish.
    """
    text = _text(path)
    if text.partition("\n")[0].strip() != _HEADING:
        raise HomeError(f"{path.name} is no calendar: its first line must be `{_HEADING}`")
    rows = calendar_rows(text, where=path.name)
    years = [each.year for each in rows if each.kind == "published"]
    for problem in (*_strays(rows, years), *_doubled(rows), *_unlikely(rows)):
        raise HomeError(f"{path.name}: {problem}; nothing was changed")
    if not years:
        raise HomeError(
            f"{path.name} publishes no year: it needs a row `<year>,published,<notice>`"
        )
    return tuple(_year(year, rows) for year in sorted(years))


def keep_years(home: Home, years: Iterable[CalendarYear]) -> None:
    """Keep these years in the home, in place of what was imported of them before."""
    folder = _folder(home)
    folder.mkdir(exist_ok=True)
    with locked(folder / ".lock"):
        for each in years:
            write_durably(folder / f"{each.year}.csv", each.text.encode())


def implausible(calendar: Calendar, years: Iterable[CalendarYear]) -> str | None:
    """Why these years cannot be the whole of what was published, read with the rest; or None."""
    shipped = Calendar.load(calendar.region)
    for each in years:
        if not shipped.first.year <= each.year <= calendar.last.year:
            return (
                f"{each.year} does not join the published years {shipped.first.year} to "
                f"{calendar.last.year}; import the years between first"
            )
        if (count := workdays_in(calendar, each.year)) not in _PLAUSIBLE:
            return (
                f"{each.year} would have {count} working days, between {_PLAUSIBLE.start} and "
                f"{_PLAUSIBLE.stop - 1} are plausible; see whether days are missing"
            )
    return None


def workdays_in(calendar: Calendar, year: int) -> int:
    """How many working days a year has; Monday to Friday where it is not published."""
    return calendar.workdays_between(date(year - 1, 12, 31), date(year, 12, 31))


def _folder(home: Home) -> Path:
    return home.root / "calendar"


def _text(path: Path) -> str:
    """The file's text; spreadsheets write GB 18030 where nobody asks them for UTF-8."""
    try:
        given = path.read_bytes()
    except OSError as error:
        raise HomeError(f"{path.name} cannot be read: {error.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return given.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise HomeError(f"{path.name} is no text; save it as CSV in UTF-8")


def _year(year: int, rows: tuple[CalendarRow, ...]) -> CalendarYear:
    own = tuple(sorted((each for each in rows if each.year == year), key=_in_order))
    notice = next(each.note.strip() for each in own if each.kind == "published")
    return CalendarYear(year=year, notice=notice, rows=own)


def _written(rows: Iterable[CalendarRow]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADING.split(","), *rows])
    return text.getvalue()


def _in_order(row: CalendarRow) -> tuple[int, str]:
    return len(row.when), row.when


def _strays(rows: tuple[CalendarRow, ...], years: list[int]) -> Iterator[str]:
    for each in rows:
        if each.year not in years:
            yield f"{each.when} is of a year the file does not publish"
        if not each.note.isprintable():
            yield f"{each.when} has a note with characters that cannot be shown"
        if each.kind == "published" and not each.note.strip():
            yield f"{each.when} is published without its notice"


def _doubled(rows: tuple[CalendarRow, ...]) -> Iterator[str]:
    days = Counter(each.when for each in rows if each.kind != "unverified")
    return (f"{when} stands there {count} times" for when, count in days.items() if count > 1)


def _unlikely(rows: tuple[CalendarRow, ...]) -> Iterator[str]:
    for each in rows:
        if each.kind == "workday" and date.fromisoformat(each.when).isoweekday() <= 5:
            yield f"{each.when} is a working day by itself, so its date is probably wrong"
