"""Periods, due days and how often to look."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata.frequency import (
    CRON,
    PACES,
    cadence,
    next_due,
    period_end,
)
from opendata.statutory import ClockEvent, limits
from opendata.vocabulary import UpdateFrequency
from opendata.workdays import Calendar
from tests.support import a_dataset

NATIONAL = Calendar.load("cn")
F = UpdateFrequency
DAYS_BETWEEN_LOOKS = {"hourly": 1, "daily": 1, "weekly": 7, "monthly": 31}
PERIODIC = [each for each in F if PACES[each].period_end is not None]


@pytest.mark.parametrize(
    ("frequency", "day", "end"),
    [
        (F.REALTIME, date(2026, 4, 5), date(2026, 4, 5)),
        (F.DAILY, date(2026, 4, 5), date(2026, 4, 5)),
        (F.WEEKLY, date(2026, 4, 5), date(2026, 4, 5)),
        (F.WEEKLY, date(2026, 4, 6), date(2026, 4, 12)),
        (F.WEEKLY, date(2025, 12, 31), date(2026, 1, 4)),
        (F.TEN_DAYS, date(2026, 2, 10), date(2026, 2, 10)),
        (F.TEN_DAYS, date(2026, 2, 11), date(2026, 2, 20)),
        (F.TEN_DAYS, date(2024, 2, 21), date(2024, 2, 29)),
        (F.HALF_MONTHLY, date(2026, 2, 15), date(2026, 2, 15)),
        (F.HALF_MONTHLY, date(2026, 2, 16), date(2026, 2, 28)),
        (F.MONTHLY, date(2024, 2, 1), date(2024, 2, 29)),
        (F.MONTHLY, date(2026, 12, 31), date(2026, 12, 31)),
        (F.QUARTERLY, date(2026, 4, 1), date(2026, 6, 30)),
        (F.QUARTERLY, date(2026, 11, 30), date(2026, 12, 31)),
        (F.HALF_YEARLY, date(2026, 6, 30), date(2026, 6, 30)),
        (F.HALF_YEARLY, date(2026, 7, 1), date(2026, 12, 31)),
        (F.YEARLY, date(2026, 7, 1), date(2026, 12, 31)),
        (F.IRREGULAR, date(2026, 7, 1), None),
        (F.STATIC, date(2026, 7, 1), None),
    ],
    ids=str,
)
def test_a_day_lies_in_the_period_that_ends(
    frequency: UpdateFrequency, day: date, end: date | None
) -> None:
    assert period_end(frequency, day) == end


@given(frequency=st.sampled_from(PERIODIC), day=st.dates(date(2005, 1, 1), date(2025, 1, 1)))
def test_periods_cover_time_without_gap_or_overlap(frequency: UpdateFrequency, day: date) -> None:
    end = period_end(frequency, day)

    assert end is not None
    assert end >= day
    assert period_end(frequency, end) == end
    following = period_end(frequency, end + timedelta(days=1))
    assert following is not None
    assert following > end


@given(
    frequency=st.sampled_from(PERIODIC),
    day=st.dates(date(2005, 1, 1), date(2025, 1, 1)),
    grace=st.integers(0, 40),
)
def test_grace_only_moves_the_due_day(frequency: UpdateFrequency, day: date, grace: int) -> None:
    strict = next_due(frequency, day, grace_days=0, calendar=NATIONAL)
    lenient = next_due(frequency, day, grace_days=grace, calendar=NATIONAL)

    assert strict is not None
    assert lenient is not None
    assert strict.due == strict.promised == lenient.promised > day
    assert lenient.due - strict.due == timedelta(days=grace)


def test_data_promised_every_workday_waits_for_the_next_workday() -> None:
    over_national_day = next_due(F.WORKDAILY, date(2026, 9, 30), grace_days=None, calendar=NATIONAL)

    assert over_national_day is not None
    assert over_national_day.promised == date(2026, 10, 8)
    assert over_national_day.due == date(2026, 10, 9)


def test_a_workday_deadline_in_an_unpublished_year_is_provisional() -> None:
    due = next_due(F.WORKDAILY, date(2026, 12, 31), grace_days=None, calendar=NATIONAL)

    assert due is not None
    assert due.provisional


def test_xian_sharing_art21_counts_five_workdays_after_the_change() -> None:
    changed = date(2026, 9, 29)

    (term,) = limits(ClockEvent.SOURCE_CHANGED, a_dataset(), changed, ["xian-share-2018"], NATIONAL)

    assert (term.workdays, term.due.day) == (5, date(2026, 10, 12))


@pytest.mark.parametrize("frequency", list(F), ids=lambda each: each.code)
def test_every_frequency_has_a_pace_and_a_schedule(frequency: UpdateFrequency) -> None:
    assert cadence(frequency) in CRON


@pytest.mark.parametrize("frequency", PERIODIC, ids=lambda each: each.code)
def test_one_looks_at_least_once_within_the_grace(frequency: UpdateFrequency) -> None:
    assert DAYS_BETWEEN_LOOKS[cadence(frequency)] <= max(PACES[frequency].grace_days, 1)


def test_an_entry_without_frequency_is_looked_at_daily() -> None:
    assert cadence(None) == "daily"
