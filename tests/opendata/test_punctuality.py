"""The golden table of punctuality, read period by period, and the laws a history keeps."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata.frequency import PACES
from opendata.freshness import judge_freshness
from opendata.punctuality import PERIODS, KeptPeriod, Made, history_of, kept_share
from opendata.vocabulary import Punctuality, UpdateFrequency
from opendata.workdays import Calendar

NATIONAL = Calendar.load("cn")
F = UpdateFrequency
CLOCKED = [each for each in F if PACES[each].period_end]

# frequency | judged on | own grace or -
#   > releases: data time@released on
#     last day of the period | due | state | met on | days late [| 暂定]
GOLDEN = """
实时 | 2024-03-02 | -
  > 2024-02-27@2024-02-27 2024-02-28@2024-02-29 2024-02-29@2024-02-29
    2024-02-26 | 2024-02-26 | 不适用 | - | 0
    2024-02-27 | 2024-02-27 | 按时 | 2024-02-27 | 0
    2024-02-28 | 2024-02-28 | 逾期 | 2024-02-29 | 1
    2024-02-29 | 2024-02-29 | 按时 | 2024-02-29 | 0
    2024-03-01 | 2024-03-01 | 逾期 | - | 1
    2024-03-02 | 2024-03-02 | 按时 | - | 0
每小时 | 2026-10-03 | -
  > 2026-09-29@2026-09-29 2026-10-01@2026-10-01 2026-09-30@2026-10-02
    2026-09-29 | 2026-09-29 | 按时 | 2026-09-29 | 0
    2026-09-30 | 2026-09-30 | 逾期 | 2026-10-01 | 1
    2026-10-01 | 2026-10-01 | 按时 | 2026-10-01 | 0
    2026-10-02 | 2026-10-02 | 逾期 | - | 1
    2026-10-03 | 2026-10-03 | 按时 | - | 0
每日 | 2026-02-20 | -
  > 2026-02-13@2026-02-13 2026-02-16@2026-02-16 2026-02-17@2026-02-18 2026-02-18@2026-02-20
    2026-02-13 | 2026-02-14 | 按时 | 2026-02-13 | 0
    2026-02-14 | 2026-02-15 | 逾期 | 2026-02-16 | 1
    2026-02-15 | 2026-02-16 | 宽限内 | 2026-02-16 | 0
    2026-02-16 | 2026-02-17 | 按时 | 2026-02-16 | 0
    2026-02-17 | 2026-02-18 | 宽限内 | 2026-02-18 | 0
    2026-02-18 | 2026-02-19 | 逾期 | 2026-02-20 | 1
    2026-02-19 | 2026-02-20 | 宽限内 | - | 0
    2026-02-20 | 2026-02-21 | 按时 | - | 0
每工作日 | 2026-02-27 | -
  > 2026-02-13@2026-02-13 2026-02-14@2026-02-15 2026-02-24@2026-02-26
    2026-02-11 | 2026-02-12 | 不适用 | - | 0
    2026-02-12 | 2026-02-13 | 不适用 | - | 0
    2026-02-13 | 2026-02-14 | 按时 | 2026-02-13 | 0
    2026-02-14 | 2026-02-15 | 宽限内 | 2026-02-15 | 0
    2026-02-24 | 2026-02-25 | 逾期 | 2026-02-26 | 1
    2026-02-25 | 2026-02-26 | 逾期 | - | 1
    2026-02-26 | 2026-02-27 | 宽限内 | - | 0
    2026-02-27 | 2026-02-28 | 按时 | - | 0
每工作日 | 2026-10-11 | 0
  > 2026-09-29@2026-09-29 2026-09-30@2026-09-30 2026-10-08@2026-10-08 2026-10-09@2026-10-10
    2026-09-28 | 2026-09-28 | 不适用 | - | 0
    2026-09-29 | 2026-09-29 | 按时 | 2026-09-29 | 0
    2026-09-30 | 2026-09-30 | 按时 | 2026-09-30 | 0
    2026-10-08 | 2026-10-08 | 按时 | 2026-10-08 | 0
    2026-10-09 | 2026-10-09 | 逾期 | 2026-10-10 | 1
    2026-10-10 | 2026-10-10 | 逾期 | - | 1
每工作日 | 2027-01-05 | -
  > 2026-12-30@2026-12-30 2026-12-31@2026-12-31
    2026-12-31 | 2027-01-01 | 按时 | 2026-12-31 | 0
    2027-01-01 | 2027-01-02 | 逾期 | - | 3 | 暂定
    2027-01-04 | 2027-01-05 | 宽限内 | - | 0 | 暂定
    2027-01-05 | 2027-01-06 | 按时 | - | 0 | 暂定
每周 | 2026-03-11 | -
  > 2026-02-08@2026-02-08 2026-02-15@2026-02-17 2026-02-24@2026-02-24 2026-02-28@2026-03-04
    2026-02-08 | 2026-02-10 | 按时 | 2026-02-08 | 0
    2026-02-15 | 2026-02-17 | 宽限内 | 2026-02-17 | 0
    2026-02-22 | 2026-02-24 | 宽限内 | 2026-02-24 | 0
    2026-03-01 | 2026-03-03 | 按时 | 2026-02-24 | 0
    2026-03-08 | 2026-03-10 | 逾期 | - | 1
    2026-03-15 | 2026-03-17 | 按时 | - | 0
每旬 | 2024-03-24 | -
  > 2024-01-31@2024-01-31 2024-02-10@2024-02-10 2024-02-20@2024-02-23 2024-02-29@2024-03-04
  > 2024-03-10@2024-03-13
    2024-01-31 | 2024-02-03 | 按时 | 2024-01-31 | 0
    2024-02-10 | 2024-02-13 | 按时 | 2024-02-10 | 0
    2024-02-20 | 2024-02-23 | 宽限内 | 2024-02-23 | 0
    2024-02-29 | 2024-03-03 | 逾期 | 2024-03-04 | 1
    2024-03-10 | 2024-03-13 | 宽限内 | 2024-03-13 | 0
    2024-03-20 | 2024-03-23 | 逾期 | - | 1
    2024-03-31 | 2024-04-03 | 按时 | - | 0
每半月 | 2026-03-31 | -
  > 2026-01-31@2026-01-31 2026-02-15@2026-02-24 2026-02-28@2026-03-03
    2026-01-31 | 2026-02-03 | 按时 | 2026-01-31 | 0
    2026-02-15 | 2026-02-18 | 逾期 | 2026-02-24 | 6
    2026-02-28 | 2026-03-03 | 宽限内 | 2026-03-03 | 0
    2026-03-15 | 2026-03-18 | 逾期 | - | 13
    2026-03-31 | 2026-04-03 | 即将到期 | - | 0
每月 | 2024-07-06 | -
  > 2024-01-31@2024-01-31 2024-02-29@2024-03-05 2024-03-20@2024-04-06 2024-04-30@2024-04-30
  > 2024-05-31@2024-06-30
    2023-12-31 | 2024-01-05 | 不适用 | - | 0
    2024-01-31 | 2024-02-05 | 按时 | 2024-01-31 | 0
    2024-02-29 | 2024-03-05 | 宽限内 | 2024-03-05 | 0
    2024-03-31 | 2024-04-05 | 逾期 | 2024-04-06 | 1
    2024-04-30 | 2024-05-05 | 按时 | 2024-04-30 | 0
    2024-05-31 | 2024-06-05 | 逾期 | 2024-06-30 | 25
    2024-06-30 | 2024-07-05 | 逾期 | - | 1
    2024-07-31 | 2024-08-05 | 按时 | - | 0
每月 | 2026-10-08 | -
  > 2026-06-30@2026-07-31 2026-07-31@2026-07-31 2026-08-31@2026-10-05
    2026-06-30 | 2026-07-05 | 不适用 | - | 0
    2026-07-31 | 2026-08-05 | 按时 | 2026-07-31 | 0
    2026-08-31 | 2026-09-05 | 逾期 | 2026-10-05 | 30
    2026-09-30 | 2026-10-05 | 逾期 | - | 3
    2026-10-31 | 2026-11-05 | 按时 | - | 0
每月 | 2026-03-31 | 0
  > 2025-12-31@2025-12-31 2026-01-31@2026-02-01 2026-02-28@2026-02-28 -@2026-03-30
    2025-11-30 | 2025-11-30 | 不适用 | - | 0
    2025-12-31 | 2025-12-31 | 按时 | 2025-12-31 | 0
    2026-01-31 | 2026-01-31 | 逾期 | 2026-02-01 | 1
    2026-02-28 | 2026-02-28 | 按时 | 2026-02-28 | 0
    2026-03-31 | 2026-03-31 | 即将到期 | - | 0
每季度 | 2026-10-11 | -
  > 2025-09-30@2025-09-30 2025-12-31@2026-01-10 2026-03-31@2026-04-11 2026-05-15@2026-06-30
    2025-09-30 | 2025-10-10 | 按时 | 2025-09-30 | 0
    2025-12-31 | 2026-01-10 | 宽限内 | 2026-01-10 | 0
    2026-03-31 | 2026-04-10 | 逾期 | 2026-04-11 | 1
    2026-06-30 | 2026-07-10 | 按时 | 2026-06-30 | 0
    2026-09-30 | 2026-10-10 | 逾期 | - | 1
    2026-12-31 | 2027-01-10 | 按时 | - | 0
每半年 | 2026-12-17 | -
  > 2024-12-31@2024-12-31 2025-06-30@2025-07-16 2025-12-31@2025-12-20
    2024-12-31 | 2025-01-15 | 按时 | 2024-12-31 | 0
    2025-06-30 | 2025-07-15 | 逾期 | 2025-07-16 | 1
    2025-12-31 | 2026-01-15 | 按时 | 2025-12-20 | 0
    2026-06-30 | 2026-07-15 | 逾期 | - | 155
    2026-12-31 | 2027-01-15 | 即将到期 | - | 0
每年 | 2026-12-02 | -
  > 2023-12-31@2024-02-01 2024-12-31@2025-01-20 2025-12-31@2026-01-21
    2022-12-31 | 2023-01-20 | 不适用 | - | 0
    2023-12-31 | 2024-01-20 | 不适用 | - | 0
    2024-12-31 | 2025-01-20 | 宽限内 | 2025-01-20 | 0
    2025-12-31 | 2026-01-20 | 逾期 | 2026-01-21 | 1
    2026-12-31 | 2027-01-20 | 即将到期 | - | 0
"""


def scenarios() -> list[tuple[str, str, list[str]]]:
    """Of each: the head, the releases, the periods."""
    blocks = re.split(r"\n(?=\S)", GOLDEN.strip())
    return [_scenario(block.splitlines()) for block in blocks]


def _scenario(lines: list[str]) -> tuple[str, str, list[str]]:
    given = [each.strip() for each in lines[1:]]
    releases = [each.removeprefix("> ") for each in given if each.startswith(">")]
    return lines[0], " ".join(releases), [each for each in given if not each.startswith(">")]


SCENARIOS = scenarios()


def made(text: str) -> tuple[Made, ...]:
    def one(data_time: str, released_on: str) -> Made:
        reaches = None if data_time == "-" else date.fromisoformat(data_time)
        return Made(released_on=date.fromisoformat(released_on), data_time=reaches)

    return tuple(one(*each.split("@")) for each in text.split())


def judged(
    frequency: UpdateFrequency | None,
    releases: tuple[Made, ...],
    as_of: date,
    *,
    grace_days: int | None = None,
    periods: int = PERIODS,
    extend: bool = False,
) -> tuple[KeptPeriod, ...]:
    return history_of(
        frequency,
        releases,
        as_of,
        grace_days=grace_days,
        calendar=NATIONAL,
        extend=extend,
        periods=periods,
    )


def told(period: KeptPeriod) -> str:
    cells = (period.end, period.due, period.state.value, period.met_on or "-", period.late_days)
    return " | ".join([*map(str, cells), *(["暂定"] if period.provisional else [])])


@pytest.mark.parametrize(
    ("head", "releases", "rows"), SCENARIOS, ids=[f"case{n}" for n in range(1, len(SCENARIOS) + 1)]
)
def test_golden_periods(head: str, releases: str, rows: list[str]) -> None:
    word, as_of, grace = head.split(" | ")

    history = judged(
        F(word),
        made(releases),
        date.fromisoformat(as_of),
        grace_days=None if grace == "-" else int(grace),
        periods=len(rows),
    )

    assert [told(each) for each in history] == rows


def test_the_golden_table_has_every_frequency_with_periods_and_sixty_rows() -> None:
    assert {head.split(" | ")[0] for head, _, _ in SCENARIOS} == {each.value for each in CLOCKED}
    assert sum(len(rows) for _, _, rows in SCENARIOS) >= 60


@pytest.mark.parametrize("frequency", [None, F.IRREGULAR, F.STATIC], ids=str)
def test_what_promises_no_day_has_no_history(frequency: UpdateFrequency | None) -> None:
    assert judged(frequency, made("2026-01-01@2026-01-01"), date(2026, 3, 1)) == ()


def test_a_dataset_never_released_has_broken_no_promise() -> None:
    history = judged(F.MONTHLY, (), date(2026, 3, 31))

    assert len(history) == 24
    assert {each.state for each in history} == {Punctuality.NOT_APPLICABLE}
    assert kept_share(history) == (0, 0)


def test_the_share_counts_decided_periods_only() -> None:
    releases = made("2024-01-31@2024-01-31 2024-02-29@2024-03-05 2024-03-20@2024-04-06")

    in_grace = judged(F.MONTHLY, releases, date(2024, 5, 3))
    over = judged(F.MONTHLY, releases, date(2024, 5, 6))

    assert (kept_share(in_grace), kept_share(over)) == ((2, 3), (2, 4))


def test_a_release_that_repeats_old_data_keeps_no_promise() -> None:
    releases = made("2026-01-15@2026-01-31 2026-01-15@2026-02-28 2026-01-15@2026-03-31")

    states = [each.state.value for each in judged(F.MONTHLY, releases, date(2026, 4, 6))[-4:]]

    assert states == ["按时", "逾期", "逾期", "按时"]


DAYS = st.dates(date(2019, 1, 1), date(2026, 6, 30))


@st.composite
def published(draw: st.DrawFn) -> tuple[Made, ...]:
    """Releases whose content never goes back and is never of the future."""
    days = sorted(draw(st.lists(DAYS, min_size=1, max_size=8)))
    lags = sorted(draw(st.lists(st.integers(0, 90), min_size=len(days), max_size=len(days))))
    pairs = zip(days, reversed(lags), strict=True)
    return tuple(Made(released_on=day, data_time=day - timedelta(days=lag)) for day, lag in pairs)


@given(
    frequency=st.sampled_from(CLOCKED),
    releases=published(),
    age=st.integers(0, 400),
    extend=st.booleans(),
)
def test_the_first_period_not_met_stands_as_freshness_says(
    frequency: UpdateFrequency, releases: tuple[Made, ...], age: int, extend: bool
) -> None:
    last = releases[-1]
    as_of = last.released_on + timedelta(days=age)
    verdict = judge_freshness(
        frequency, last.data_time, None, as_of, grace_days=None, calendar=NATIONAL, extend=extend
    )
    history = judged(frequency, releases, as_of, periods=400, extend=extend)
    counted = [each for each in history if each.state is not Punctuality.NOT_APPLICABLE]
    unmet = [each for each in counted if each.met_on is None]

    if not unmet:
        assert verdict.punctuality is not Punctuality.OVERDUE
    elif unmet[0] is not history[0]:
        assert (unmet[0].state, unmet[0].due, unmet[0].late_days) == (
            verdict.punctuality,
            verdict.due,
            verdict.overdue_days,
        )


@given(frequency=st.sampled_from(CLOCKED), releases=published(), as_of=DAYS)
def test_a_history_can_be_replayed_for_any_day(
    frequency: UpdateFrequency, releases: tuple[Made, ...], as_of: date
) -> None:
    known_then = tuple(each for each in releases if each.released_on <= as_of)

    assert judged(frequency, releases, as_of) == judged(frequency, known_then, as_of)


@given(frequency=st.sampled_from(CLOCKED), as_of=st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_periods_follow_one_another_without_a_gap(frequency: UpdateFrequency, as_of: date) -> None:
    history = judged(frequency, (), as_of)

    assert len(history) == PERIODS
    for before, after in pairwise(history):
        assert before.end < after.start <= after.end
        if frequency is not F.WORKDAILY:
            assert after.start == before.end + timedelta(days=1)
        else:
            assert NATIONAL.workdays_between(before.end, after.end) == 1
