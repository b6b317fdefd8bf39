"""The clocks' ground: shipped calendars equal the published ones, and deadlines obey their laws."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata.errors import HomeError
from opendata.workdays import Calendar

NATIONAL = Calendar.load("cn")
SETTLED = st.dates(date(2004, 1, 1), date(2025, 12, 31))
FEW = st.integers(1, 60)


def every_day(first: int, last: int) -> list[date]:
    start = date(first, 1, 1)
    return [start + timedelta(days=n) for n in range((date(last, 12, 31) - start).days + 1)]


def test_every_day_since_2004_is_as_in_chinesecalendar() -> None:
    days = every_day(2004, 2026)

    different = [
        day for day in days if NATIONAL.is_workday(day) != chinese_calendar.is_workday(day)
    ]

    assert different == []


def test_every_day_since_2019_is_as_in_the_holidays_package() -> None:
    china = holidays.country_holidays("CN", years=range(2019, 2027))

    different = [
        day
        for day in every_day(2019, 2026)
        if NATIONAL.is_workday(day) != china.is_working_day(day)
    ]

    assert different == []


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # 国庆
        (date(2026, 9, 21), 15, date(2026, 10, 19)),  # 中秋, 国庆 and the Saturday that pays for it
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a make-up Saturday
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # 春节
        (date(2026, 2, 10), 10, date(2026, 3, 2)),
        (date(2024, 2, 29), 1, date(2024, 3, 1)),
        (date(2026, 7, 4), 1, date(2026, 7, 6)),
        (date(2026, 7, 4), 0, date(2026, 7, 6)),
        (date(2026, 7, 6), 0, date(2026, 7, 6)),
        (date(2026, 7, 6), -1, date(2026, 7, 3)),
        (date(2026, 7, 5), -1, date(2026, 7, 3)),
    ],
)
def test_a_deadline_falls_where_the_notice_puts_it(start: date, n: int, expected: date) -> None:
    due = NATIONAL.add_workdays(start, n)

    assert (due.day, due.provisional, due.earliest) == (expected, False, expected)


@given(start=SETTLED, n=FEW)
def test_a_deadline_is_as_many_workdays_away_as_asked(start: date, n: int) -> None:
    due = NATIONAL.add_workdays(start, n)

    assert NATIONAL.is_workday(due.day)
    assert NATIONAL.workdays_between(start, due.day) == n
    assert NATIONAL.workdays_between(due.day, start) == -n


@given(start=SETTLED, n=FEW)
def test_going_forth_and_back_returns_to_the_same_workday(start: date, n: int) -> None:
    workday = NATIONAL.add_workdays(start, 0).day

    there = NATIONAL.add_workdays(workday, n).day

    assert NATIONAL.add_workdays(there, -n).day == workday


@given(start=st.dates(date(1990, 1, 1), date(2060, 1, 1)), n=st.integers(-60, 60))
def test_no_year_is_beyond_the_calendar(start: date, n: int) -> None:
    due = NATIONAL.add_workdays(start, n)

    assert due.earliest <= due.day
    assert due.provisional is not NATIONAL.is_settled(min(start, due.day), max(start, due.day))


def test_an_unpublished_year_is_provisional_and_assumes_plain_weeks() -> None:
    due = NATIONAL.add_workdays(date(2026, 12, 28), 5)

    assert due == (date(2027, 1, 4), True, date(2027, 1, 2))


@given(start=st.dates(date(2018, 10, 1), date(2019, 12, 1)), n=st.integers(1, 30))
def test_no_later_notice_makes_a_provisional_deadline_earlier_than_said(
    start: date, n: int
) -> None:
    known = tuple(day for day in NATIONAL.days if day.year <= 2018)
    in_2018 = Calendar(
        region="cn",
        first=NATIONAL.first,
        last=date(2018, 12, 31),
        settled_through=date(2018, 12, 31),
        days=known,
        sources=(),
    )

    assert in_2018.add_workdays(start, n).earliest <= NATIONAL.add_workdays(start, n).day


def test_an_imported_year_settles_what_was_provisional() -> None:
    notice = (
        "when,kind,note\n"
        "2027,published,国办发明电〔2026〕1号\n"
        "2027-01-01,holiday,元旦\n"
        "2027-01-03,workday,元旦\n"
    )

    calendar = Calendar.load("cn", imported=notice)

    assert calendar.add_workdays(date(2026, 12, 31), 1) == (
        date(2027, 1, 3),
        False,
        date(2027, 1, 3),
    )
    assert calendar.source(2027) == "国办发明电〔2026〕1号"


def test_a_year_after_a_gap_does_not_settle_the_gap() -> None:
    calendar = Calendar.load("cn", imported="when,kind,note\n2028,published,x\n")

    assert calendar.add_workdays(date(2026, 12, 31), 1).provisional


def test_a_region_adds_its_own_days_and_stays_provisional_until_verified() -> None:
    guangxi = Calendar.load("cn-gx")

    due = guangxi.add_workdays(date(2024, 4, 10), 1)

    assert (due.day, due.provisional) == (date(2024, 4, 15), True)
    assert NATIONAL.add_workdays(date(2024, 4, 10), 1).day == date(2024, 4, 11)
    assert not guangxi.add_workdays(date(2013, 4, 10), 1).provisional


def test_every_published_year_names_its_source_or_says_it_is_not_recorded() -> None:
    unnamed = [year for year, note in NATIONAL.sources if "文号未记录" in note]

    assert [year for year, _ in NATIONAL.sources] == list(range(2004, 2027))
    assert unnamed == [2004, 2005, 2006, 2008, 2009, 2010, 2015, 2018, 2019]
    assert NATIONAL.source(2027) is None


def test_an_unknown_region_names_the_regions_there_are() -> None:
    with pytest.raises(HomeError, match="'cn-tibet' has no working-day calendar; there are cn, "):
        Calendar.load("cn-tibet")


@pytest.mark.parametrize(
    "row",
    ["2027-13-01,holiday,x", "2027,holiday,x", "2027-01-01,festival,x", "2027-01-01,holiday"],
    ids=["no_such_day", "year_as_day", "unknown_kind", "too_few_cells"],
)
def test_an_unreadable_row_is_named_with_its_line(row: str) -> None:
    with pytest.raises(HomeError, match=r"imported calendar:2: a calendar row is"):
        Calendar.load("cn", imported=f"when,kind,note\n{row}\n")
