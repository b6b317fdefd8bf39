"""The golden table of freshness, read row by row, and the laws the verdict keeps."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata.findings import Freshness
from opendata.freshness import judge_freshness
from opendata.vocabulary import Punctuality, UpdateFrequency
from opendata.workdays import Calendar

NATIONAL = Calendar.load("cn")
F = UpdateFrequency

# frequency | data time | judged on | own grace or - | state | due | days overdue
GOLDEN = """
每月   | 2026-02-28 | 2026-03-26 | - | 按时     | 2026-04-05 | 0
每月   | 2026-02-28 | 2026-03-27 | - | 即将到期 | 2026-04-05 | 0
每月   | 2026-02-28 | 2026-03-31 | - | 即将到期 | 2026-04-05 | 0
每月   | 2026-02-28 | 2026-04-01 | - | 宽限内   | 2026-04-05 | 0
每月   | 2026-02-28 | 2026-04-05 | - | 宽限内   | 2026-04-05 | 0
每月   | 2026-02-28 | 2026-04-06 | - | 逾期     | 2026-04-05 | 1
每月   | 2026-02-28 | 2026-04-17 | - | 逾期     | 2026-04-05 | 12
每月   | 2026-02-01 | 2026-04-06 | - | 逾期     | 2026-04-05 | 1
每月   | 2024-01-31 | 2024-02-29 | - | 即将到期 | 2024-03-05 | 0
每月   | 2024-01-31 | 2024-03-05 | - | 宽限内   | 2024-03-05 | 0
每月   | 2024-01-31 | 2024-03-06 | - | 逾期     | 2024-03-05 | 1
每月   | 2023-01-31 | 2023-02-24 | - | 即将到期 | 2023-03-05 | 0
每月   | 2023-01-31 | 2023-02-23 | - | 按时     | 2023-03-05 | 0
每月   | 2024-02-29 | 2024-03-31 | 0 | 即将到期 | 2024-03-31 | 0
每月   | 2024-02-29 | 2024-04-01 | 0 | 逾期     | 2024-03-31 | 1
每月   | 2025-11-30 | 2026-01-05 | - | 宽限内   | 2026-01-05 | 0
每月   | 2025-11-30 | 2026-01-06 | - | 逾期     | 2026-01-05 | 1
每月   | 2026-08-31 | 2026-10-05 | - | 宽限内   | 2026-10-05 | 0
每月   | 2026-08-31 | 2026-10-08 | - | 逾期     | 2026-10-05 | 3
每月   | 2026-01-31 | 2026-02-24 | - | 即将到期 | 2026-03-05 | 0
每月   | 2026-03-31 | 2026-03-15 | - | 按时     | 2026-05-05 | 0
每月   | 2026-04-01 | 2026-03-15 | - | 未知     | -          | 0
每月   | 2099-12-31 | 2026-03-15 | - | 未知     | -          | 0
每月   | 2020-12-31 | 2026-01-31 | - | 逾期     | 2021-02-05 | 1821
实时   | 2026-04-05 | 2026-04-05 | - | 按时     | 2026-04-06 | 0
实时   | 2026-04-05 | 2026-04-06 | - | 按时     | 2026-04-06 | 0
实时   | 2026-04-05 | 2026-04-07 | - | 逾期     | 2026-04-06 | 1
每小时 | 2026-12-31 | 2027-01-01 | - | 按时     | 2027-01-01 | 0
每小时 | 2026-12-31 | 2027-01-02 | - | 逾期     | 2027-01-01 | 1
每日   | 2024-02-28 | 2024-02-29 | - | 按时     | 2024-03-01 | 0
每日   | 2024-02-28 | 2024-03-01 | - | 宽限内   | 2024-03-01 | 0
每日   | 2024-02-28 | 2024-03-02 | - | 逾期     | 2024-03-01 | 1
每日   | 2026-09-30 | 2026-10-02 | - | 宽限内   | 2026-10-02 | 0
每日   | 2026-09-30 | 2026-10-08 | - | 逾期     | 2026-10-02 | 6
每工作日 | 2026-09-30 | 2026-10-07 | - | 按时   | 2026-10-09 | 0
每工作日 | 2026-09-30 | 2026-10-08 | - | 按时   | 2026-10-09 | 0
每工作日 | 2026-09-30 | 2026-10-09 | - | 宽限内 | 2026-10-09 | 0
每工作日 | 2026-09-30 | 2026-10-10 | - | 逾期   | 2026-10-09 | 1
每工作日 | 2026-02-14 | 2026-02-24 | - | 按时   | 2026-02-25 | 0
每工作日 | 2026-02-14 | 2026-02-26 | - | 逾期   | 2026-02-25 | 1
每工作日 | 2026-02-13 | 2026-02-14 | - | 按时   | 2026-02-15 | 0
每工作日 | 2026-02-13 | 2026-02-24 | - | 逾期   | 2026-02-15 | 9
每工作日 | 2026-07-03 | 2026-07-06 | 0 | 按时   | 2026-07-06 | 0
每工作日 | 2026-07-03 | 2026-07-07 | 0 | 逾期   | 2026-07-06 | 1
每周   | 2026-03-29 | 2026-04-03 | - | 按时     | 2026-04-07 | 0
每周   | 2026-03-29 | 2026-04-04 | - | 即将到期 | 2026-04-07 | 0
每周   | 2026-03-29 | 2026-04-06 | - | 宽限内   | 2026-04-07 | 0
每周   | 2026-03-29 | 2026-04-08 | - | 逾期     | 2026-04-07 | 1
每周   | 2026-03-30 | 2026-04-14 | - | 宽限内   | 2026-04-14 | 0
每周   | 2025-12-31 | 2026-01-13 | - | 宽限内   | 2026-01-13 | 0
每周   | 2025-12-31 | 2026-01-14 | - | 逾期     | 2026-01-13 | 1
每旬   | 2024-02-20 | 2024-02-26 | - | 按时     | 2024-03-03 | 0
每旬   | 2024-02-20 | 2024-02-27 | - | 即将到期 | 2024-03-03 | 0
每旬   | 2024-02-20 | 2024-03-03 | - | 宽限内   | 2024-03-03 | 0
每旬   | 2024-02-20 | 2024-03-04 | - | 逾期     | 2024-03-03 | 1
每旬   | 2026-02-20 | 2026-03-04 | - | 逾期     | 2026-03-03 | 1
每旬   | 2026-09-20 | 2026-10-03 | - | 宽限内   | 2026-10-03 | 0
每半月 | 2026-02-15 | 2026-02-26 | - | 即将到期 | 2026-03-03 | 0
每半月 | 2026-02-15 | 2026-03-03 | - | 宽限内   | 2026-03-03 | 0
每半月 | 2026-02-28 | 2026-03-19 | - | 逾期     | 2026-03-18 | 1
每季度 | 2025-12-31 | 2026-03-21 | - | 按时     | 2026-04-10 | 0
每季度 | 2025-12-31 | 2026-03-22 | - | 即将到期 | 2026-04-10 | 0
每季度 | 2025-12-31 | 2026-04-10 | - | 宽限内   | 2026-04-10 | 0
每季度 | 2025-12-31 | 2026-04-11 | - | 逾期     | 2026-04-10 | 1
每季度 | 2026-06-30 | 2026-10-08 | - | 宽限内   | 2026-10-10 | 0
每半年 | 2026-06-30 | 2026-12-16 | - | 按时     | 2027-01-15 | 0
每半年 | 2026-06-30 | 2026-12-17 | - | 即将到期 | 2027-01-15 | 0
每半年 | 2026-06-30 | 2027-01-16 | - | 逾期     | 2027-01-15 | 1
每年   | 2024-12-31 | 2025-12-01 | - | 按时     | 2026-01-20 | 0
每年   | 2024-12-31 | 2025-12-02 | - | 即将到期 | 2026-01-20 | 0
每年   | 2024-02-29 | 2026-01-20 | - | 宽限内   | 2026-01-20 | 0
每年   | 2023-07-31 | 2026-11-21 | - | 逾期     | 2025-01-20 | 670
不定期 | 2019-01-01 | 2026-11-21 | - | 不适用   | -          | 0
不更新 | 2019-01-01 | 2026-11-21 | - | 不适用   | -          | 0
不定期 | -          | 2026-11-21 | - | 不适用   | -          | 0
每月   | -          | 2026-11-21 | - | 未知     | -          | 0
-      | 2026-11-01 | 2026-11-21 | - | 未知     | -          | 0
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in GOLDEN.strip().splitlines()]


def day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


def judged(
    frequency: UpdateFrequency | None,
    data_time: date | None,
    as_of: date,
    *,
    released_on: date | None = None,
    grace_days: int | None = None,
    exempt_until: date | None = None,
) -> Freshness:
    return judge_freshness(
        frequency,
        data_time,
        released_on,
        as_of,
        grace_days=grace_days,
        calendar=NATIONAL,
        exempt_until=exempt_until,
    )


@pytest.mark.parametrize("row", ROWS, ids=[f"row{n}" for n in range(1, len(ROWS) + 1)])
def test_golden_row(row: list[str]) -> None:
    word, data_time, as_of, grace, state, due, late = row

    verdict = judged(
        None if word == "-" else UpdateFrequency(word),
        day(data_time),
        date.fromisoformat(as_of),
        grace_days=None if grace == "-" else int(grace),
    )

    assert (verdict.punctuality.value, verdict.due, verdict.overdue_days) == (
        state,
        day(due),
        int(late),
    )


def test_the_golden_table_shows_every_state_but_the_approved_exception() -> None:
    shown = {row[4] for row in ROWS}

    assert len(ROWS) >= 60
    assert shown == {each.value for each in Punctuality} - {Punctuality.EXEMPT.value}


def test_an_approved_exception_stops_the_clock_until_its_last_day() -> None:
    stale, last_day = date(2025, 1, 31), date(2026, 6, 30)

    within = judged(F.MONTHLY, stale, last_day, exempt_until=last_day)
    after = judged(F.MONTHLY, stale, last_day + timedelta(days=1), exempt_until=last_day)

    assert within.punctuality is Punctuality.EXEMPT
    assert within.sentence == "例外处理（经批准），至2026年6月30日止不计更新期限。"
    assert after.punctuality is Punctuality.OVERDUE


@pytest.mark.parametrize(
    ("as_of", "sentence"),
    [
        (date(2026, 3, 9), "应于2026年4月5日前更新（每月，宽限5日为本市规则），目前按时。"),
        (
            date(2026, 3, 29),
            "应于2026年4月5日前更新（每月，宽限5日为本市规则），本期2天后届满。",
        ),
        (
            date(2026, 3, 31),
            "应于2026年4月5日前更新（每月，宽限5日为本市规则），本期当日届满。",
        ),
        (
            date(2026, 4, 2),
            "应于2026年4月5日前更新（每月，宽限5日为本市规则），宽限还剩3天。",
        ),
        (
            date(2026, 4, 5),
            "应于2026年4月5日前更新（每月，宽限5日为本市规则），宽限当日届满。",
        ),
        (date(2026, 4, 17), "应于2026年4月5日前更新（每月，宽限5日为本市规则），已逾期12天。"),
    ],
    ids=["on_time", "due_soon", "due_today", "in_grace", "grace_ends", "overdue"],
)
def test_the_sentence_says_by_when_by_whose_rule_and_how_late(as_of: date, sentence: str) -> None:
    assert judged(F.MONTHLY, date(2026, 2, 28), as_of).sentence == sentence


def test_a_dataset_without_grace_is_not_said_to_have_a_local_rule() -> None:
    verdict = judged(F.MONTHLY, date(2026, 2, 28), date(2026, 4, 2), grace_days=0)

    assert verdict.sentence == "应于2026年3月31日前更新（每月），已逾期2天。"


def test_a_fresh_release_of_stale_data_is_overdue() -> None:
    today = date(2026, 4, 17)

    verdict = judged(F.MONTHLY, date(2026, 2, 28), today, released_on=today)

    assert verdict.punctuality is Punctuality.OVERDUE
    assert verdict.sentence == (
        "应于2026年4月5日前更新（每月，宽限5日为本市规则），已逾期12天。"
        "2026年4月17日虽有开放，内容仍截至2026年2月28日。"
    )


def test_a_deadline_over_an_unpublished_year_is_said_to_be_provisional() -> None:
    verdict = judged(F.WORKDAILY, date(2026, 12, 31), date(2026, 12, 31))

    assert verdict.provisional
    assert verdict.sentence == (
        "应于2027年1月2日前更新（每工作日，宽限1日为本市规则，暂定，当年放假安排尚未公布），目前按时。"
    )


def test_a_data_time_in_the_future_is_not_taken_for_freshness() -> None:
    verdict = judged(F.DAILY, date(2099, 12, 31), date(2026, 4, 17))

    assert verdict.sentence == "数据时间2099年12月31日晚于判定日2026年4月17日，请核对日期数据项。"


@pytest.mark.parametrize(
    ("frequency", "data_time", "grace_days", "due"),
    [
        (F.MONTHLY, date(2026, 2, 28), None, date(2026, 4, 7)),  # Sunday, then 清明
        (F.MONTHLY, date(2026, 8, 31), None, date(2026, 10, 8)),  # 国庆
        (F.MONTHLY, date(2026, 4, 30), 9, date(2026, 6, 9)),  # a working day stays
        (F.TEN_DAYS, date(2026, 9, 30), 0, date(2026, 10, 10)),  # a make-up Saturday counts
        (F.QUARTERLY, date(2025, 12, 31), 45, date(2026, 5, 15)),
        (F.HALF_MONTHLY, date(2026, 1, 31), 1, date(2026, 2, 24)),  # 春节
    ],
)
def test_with_the_switch_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day(
    frequency: UpdateFrequency, data_time: date, grace_days: int | None, due: date
) -> None:
    def on(as_of: date) -> Freshness:
        return judge_freshness(
            frequency,
            data_time,
            None,
            as_of,
            grace_days=grace_days,
            calendar=NATIONAL,
            extend=True,
        )

    assert on(due).due == due
    assert on(due).punctuality is not Punctuality.OVERDUE
    assert on(due + timedelta(days=1)).punctuality is Punctuality.OVERDUE


def test_an_extended_term_says_so_and_keeps_the_grace_apart() -> None:
    def said(as_of: date, grace_days: int | None = None) -> str:
        return judge_freshness(
            F.MONTHLY,
            date(2026, 2, 28),
            None,
            as_of,
            grace_days=grace_days,
            calendar=NATIONAL,
            extend=True,
        ).sentence

    assert said(date(2026, 4, 6)) == (
        "应于2026年4月7日前更新（每月，宽限5日为本市规则，届满日为休息日，顺延），期限还剩1天。"
    )


def test_an_extension_into_an_unpublished_year_is_provisional() -> None:
    verdict = judge_freshness(
        F.YEARLY,
        date(2025, 12, 31),
        None,
        date(2026, 12, 31),
        grace_days=2,
        calendar=NATIONAL,
        extend=True,
    )

    assert verdict.due == date(2027, 1, 4)
    assert verdict.provisional


@given(
    frequency=st.sampled_from(list(F)),
    data_time=st.dates(date(2005, 1, 1), date(2026, 1, 1)),
    age=st.integers(0, 900),
    released=st.integers(0, 900),
)
def test_processing_again_never_makes_data_fresher(
    frequency: UpdateFrequency, data_time: date, age: int, released: int
) -> None:
    as_of = data_time + timedelta(days=age)

    without = judged(frequency, data_time, as_of)
    with_release = judged(
        frequency, data_time, as_of, released_on=data_time + timedelta(days=released)
    )

    assert with_release.punctuality is without.punctuality
    assert with_release.due == without.due


@given(
    frequency=st.sampled_from(list(F)),
    data_time=st.dates(date(2005, 1, 1), date(2024, 1, 1)),
    age=st.integers(0, 900),
)
def test_overdue_data_stays_overdue(frequency: UpdateFrequency, data_time: date, age: int) -> None:
    as_of = data_time + timedelta(days=age)
    verdict = judged(frequency, data_time, as_of)

    tomorrow = judged(frequency, data_time, as_of + timedelta(days=1))

    assert tomorrow.due == verdict.due
    if verdict.punctuality is Punctuality.OVERDUE:
        assert tomorrow.overdue_days == verdict.overdue_days + 1
