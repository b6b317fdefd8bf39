"""What an audit counts, and what it does not dare to say."""

from collections.abc import Sequence
from datetime import date

import pytest

from opendata.freshness_audit import Audit, Column, Contents, Listed, audit, merged_classes, own_day
from opendata.freshness_tally import Tally, merged
from opendata.portal_list import read_day, read_frequency
from opendata.vocabulary import UpdateFrequency
from opendata.workdays import Calendar

NATIONAL = Calendar.load("cn")
AS_OF = date(2023, 6, 15)

SPELLINGS = {
    "实时": ["实时", "即时"],
    "每小时": ["小时级"],
    "每日": ["每天", "每日"],
    "每周": ["每周"],
    "每半月": ["每半月"],
    "每月": ["每月"],
    "每季度": ["每季度"],
    "每半年": ["每半年"],
    "每年": ["每年"],
    "不定期": ["不定期", "不定期更新"],
    "不更新": ["不更新", "静态数据"],
    "未标注更新频率": [""],
    "更新频率写法不识别": ["其他", "自定义"],
}
"""Every spelling in the lists of the 24 portals, by the class it is counted in."""
NO_NEW_DATA = "(更新说明:暂无新业务数据产生)"
WITH_A_REMARK = {
    "每小时": ["小时级"],
    "每日": ["每天"],
    "每周": ["每周"],
    "每月": ["每月"],
    "每季度": ["每季度"],
    "每半年": ["每半年"],
    "每年": ["每年"],
    "不定期": ["不定期"],
    "不更新": ["不更新"],
    "更新频率写法不识别": ["分钟级"],
}
"""And those that occur with ``NO_NEW_DATA`` behind them."""


def listed(frequency: str, updated: str, *, provider: str = "甲局", released: str = "") -> Listed:
    return Listed(
        provider=provider,
        frequency=read_frequency(frequency),
        spelling=frequency,
        updated=read_day(updated),
        released=read_day(released),
    )


def audited(*given: Listed, as_of: date = AS_OF) -> Audit:
    contents = Contents(
        name="清单",
        columns={"provider": Column(number=2, heading="提供单位")},
        records=len(given),
        repeats=0,
        untitled=0,
        listed=given,
    )
    return audit(contents, as_of=as_of, as_of_from="given", calendar=NATIONAL)


def summed(tally: Tally) -> int:
    return tally.judged + sum(tally.unjudged.values())


@pytest.mark.parametrize(
    ("frequency", "updated", "state"),
    [
        ("每日", "2023-06-14", "on_time"),
        ("每日", "2023-06-13", "in_grace"),
        ("每日", "2023-06-12", "overdue"),
        ("每周", "2023-06-05", "on_time"),
        ("每周", "2023-06-04", "overdue"),
        ("每月", "2023-05-01", "on_time"),
        ("每月", "2023-04-30", "overdue"),
        ("每季度", "2023-01-01", "on_time"),
        ("每半年", "2022-07-01", "on_time"),
        ("每半年", "2022-06-30", "overdue"),
        ("每年", "2022-01-01", "on_time"),
        ("每年", "2021-12-31", "overdue"),
    ],
)
def test_the_period_after_that_of_the_update_must_not_have_passed(
    frequency: str, updated: str, state: str
) -> None:
    whole = audited(listed(frequency, updated)).whole

    assert getattr(whole, state) == whole.judged == whole.datable == 1


def test_grace_is_calendar_days_after_the_period() -> None:
    entry = listed("每月", "2023-04-30")  # due on 31 May, with five days' grace

    states = [audited(entry, as_of=date(2023, 6, day)).whole for day in (5, 6, 15)]

    assert [each.in_grace for each in states] == [1, 0, 0]
    assert [each.late_days for each in states] == [(), (1,), (10,)]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (listed("", "2020-01-01"), "no_frequency"),
        (listed("其他", "2020-01-01"), "unknown_frequency"),
        (listed("不定期", "2020-01-01"), "irregular"),
        (listed("静态数据", "2020-01-01"), "static"),
        (listed("实时", "2020-01-01"), "realtime"),
        (listed(f"每月{NO_NEW_DATA}", "2020-01-01"), "no_new_data"),
        (listed("每月", ""), "no_date"),
        (listed("每月", "", released="2020-01-01"), "only_released"),
        (listed("每月", "2020年"), "unknown_date"),
        (listed("每月", "2023-06-16"), "later"),
    ],
)
def test_what_cannot_be_judged_is_counted_with_the_reason(entry: Listed, reason: str) -> None:
    whole = audited(entry).whole

    assert dict(whole.unjudged) == {reason: 1}
    assert (whole.judged, whole.share, whole.median_days) == (0, None, None)


def test_what_promises_no_day_needs_no_date() -> None:
    assert dict(audited(listed("不定期", "")).whole.unjudged) == {"irregular": 1}


def test_old_dates_of_what_is_declared_realtime_are_told_beside_the_verdict() -> None:
    found = audited(listed("实时", "2023-06-13"), listed("实时", "2023-06-14"), listed("实时", ""))

    assert (found.whole.realtime_behind, found.whole.overdue) == (1, 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((name, text) for name, each in SPELLINGS.items() for text in each),
        *((name, text + NO_NEW_DATA) for name, each in WITH_A_REMARK.items() for text in each),
    ],
)
def test_every_spelling_of_the_real_lists_has_its_class(name: str, text: str) -> None:
    (found,) = audited(listed(text, "2023-06-15")).classes

    assert (found.name, summed(found)) == (name, 1)
    assert bool(found.judged) == (
        NO_NEW_DATA not in text
        and name not in ("实时", "不定期", "不更新", "未标注更新频率", "更新频率写法不识别")
    )


def test_dates_after_the_day_and_unknown_ones_are_told_whatever_was_declared() -> None:
    found = audited(
        listed("", "2023-09-30"), listed("不定期", "某日"), listed("每年", "2023-01-01")
    )

    assert (found.later, found.unknown_dates) == (1, 1)


def test_the_day_of_a_list_is_its_newest_date_that_has_come() -> None:
    published = listed("每年", "", released="2023-02-01")
    updated = listed("每年", "2023-01-01")
    to_come = listed("每年", "2023-09-30", released="2023-09-30")

    assert own_day([published, updated, to_come], today=AS_OF) == ("updated", date(2023, 1, 1))
    assert own_day([published, to_come], today=AS_OF) == ("released", date(2023, 2, 1))
    assert own_day([to_come], today=AS_OF) == ("today", AS_OF)


def test_unknown_spellings_are_told_most_frequent_first() -> None:
    found = audited(*(listed(text, "") for text in ("自定义", "其他", "其他")))

    assert list(found.unknown_frequencies.items()) == [("其他", 2), ("自定义", 1)]


def of_providers(*given: Sequence[str]) -> list[str]:
    return [
        each.name
        for each in audited(
            *(listed("每月", updated, provider=name) for name, updated in given)
        ).providers
    ]


def test_the_provider_with_most_overdue_comes_first_and_then_the_larger_share() -> None:
    old, new = "2022-01-01", "2023-06-01"

    names = of_providers(
        ("都好", new), ("一半", old), ("一半", new), ("全部", old), ("最多", old), ("最多", old)
    )

    assert names == ["最多", "全部", "一半", "都好"]


def test_classes_and_providers_add_up_to_the_whole() -> None:
    found = audited(
        *(
            listed(frequency, updated, provider=provider)
            for frequency in ("每月", "每年", "不定期", "其他", "")
            for updated in ("2023-06-01", "2020-01-01", "", "2024-01-01")
            for provider in ("甲局", "乙局")
        )
    )

    assert summed(found.whole) == found.whole.datasets == 40
    assert merged("清单", found.classes) == merged("清单", found.providers) == found.whole
    assert [each.name for each in merged_classes([found, found])] == [
        each.name for each in found.classes
    ]


def test_the_median_of_several_lists_is_that_of_all_their_datasets() -> None:
    one = audited(listed("每日", "2023-06-01"))
    two = audited(listed("每日", "2023-06-02"), listed("每日", "2023-06-10"))

    assert merged("合计", (one.whole, two.whole)).median_days == 11
    assert merged_classes([one, two])[0].late_days == (3, 11, 12)


def test_every_frequency_can_be_judged_on_every_day_of_two_years() -> None:
    days = [date.fromordinal(date(2022, 1, 1).toordinal() + n) for n in range(730)]
    entries = [
        listed(frequency.value, day.isoformat()) for frequency in UpdateFrequency for day in days
    ]

    assert summed(audited(*entries).whole) == len(entries)
