"""Freshness: is a dataset as new as its entry promises, on a given day?

A pure verdict over four facts (declared frequency, data time, release day, the day of judging), so
any past day can be judged again with the same result. When data was *processed* never counts: a
release of today with last month's content is late. The arithmetic of periods is ``frequency.py``.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial

from opendata.findings import Freshness
from opendata.frequency import PACES, NextDue, next_due
from opendata.vocabulary import Punctuality, UpdateFrequency
from opendata.workdays import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """The facts of one judgement, once it is known that the clock runs."""

    frequency: UpdateFrequency
    data_time: date
    released_on: date | None
    as_of: date
    next: NextDue


@dataclass(frozen=True, slots=True)
class _Stopped:
    """Why no clock runs: the state to show and its sentence."""

    state: Punctuality
    sentence: str


def judge_freshness(  # noqa: PLR0913  the four facts and three local rules, each named by the caller
    dataset_frequency: UpdateFrequency | None,
    data_time: date | None,
    released_on: date | None,
    as_of: date,
    *,
    grace_days: int | None,
    calendar: Calendar,
    extend: bool = False,
    exempt_until: date | None = None,
) -> Freshness:
    """The verdict of the declared-frequency clock at ``as_of``, with the sentence a steward reads.

    ``grace_days`` None takes the default of the frequency; with ``extend`` a term that ends on a
    day off ends on the next working day; ``exempt_until`` is the last day of an approved exception
    (例外处理). The states: 按时; 即将到期, the running period ends within days; 宽限内, it has
    ended and the grace has not; 逾期; 未知, no frequency, no data time, or one in a period that has
    not begun; 豁免, an exception holds; 不适用, 不定期 and 不更新 promise no day.
    """
    if exempt_until is not None and as_of <= exempt_until:
        until = f"例外处理（经批准），至{chinese_date(exempt_until)}止不计更新期限。"
        return _without_clock(_Stopped(Punctuality.EXEMPT, until), data_time, as_of)
    if dataset_frequency is None:
        unsaid = _Stopped(Punctuality.UNKNOWN, "目录未标注更新频率，无法判断是否按时更新。")
        return _without_clock(unsaid, data_time, as_of)
    due_after = partial(
        next_due, dataset_frequency, grace_days=grace_days, calendar=calendar, extend=extend
    )
    now, following = due_after(as_of), due_after(data_time or as_of)
    if now is None or following is None:
        unbound = f"目录标注为“{dataset_frequency.value}”，没有固定的更新期限。"
        return _without_clock(_Stopped(Punctuality.NOT_APPLICABLE, unbound), data_time, as_of)
    if data_time is None:
        undated = _Stopped(Punctuality.UNKNOWN, "未取得数据时间，无法判断是否按时更新。")
        return _without_clock(undated, data_time, as_of)
    if following.promised > now.promised:
        return _without_clock(_from_the_future(data_time, as_of), data_time, as_of)
    return _on_the_clock(
        _Running(
            frequency=dataset_frequency,
            data_time=data_time,
            released_on=released_on,
            as_of=as_of,
            next=following,
        )
    )


def chinese_date(day: date) -> str:
    """A date as officials write it.

    >>> chinese_date(date(2026, 4, 5))
    '2026年4月5日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def _from_the_future(data_time: date, as_of: date) -> _Stopped:
    """A data time in a period that has not begun proves a wrong date, not fresh data."""
    claimed, judged = chinese_date(data_time), chinese_date(as_of)
    sentence = f"数据时间{claimed}晚于判定日{judged}，请核对日期数据项。"
    return _Stopped(Punctuality.UNKNOWN, sentence)


def _on_the_clock(case: _Running) -> Freshness:
    promised, due, as_of = case.next.promised, case.next.due, case.as_of
    if as_of > due:
        state, sentence = Punctuality.OVERDUE, _overdue_sentence(case)
    elif as_of > promised:
        left, name = (due - as_of).days, "期限" if case.next.extended_days else "宽限"
        ending = f"{name}还剩{left}天" if left else f"{name}当日届满"
        state, sentence = Punctuality.IN_GRACE, f"{_duty(case)}，{ending}。"
    elif (promised - as_of).days < PACES[case.frequency].warn_days:
        left = (promised - as_of).days
        ending = f"本期{left}天后届满" if left else "本期当日届满"
        state, sentence = Punctuality.DUE_SOON, f"{_duty(case)}，{ending}。"
    else:
        state, sentence = Punctuality.ON_TIME, f"{_duty(case)}，目前按时。"
    return Freshness(
        punctuality=state,
        data_time=case.data_time,
        due=due,
        overdue_days=max((as_of - due).days, 0),
        as_of=as_of,
        provisional=case.next.provisional,
        sentence=sentence,
    )


def _duty(case: _Running) -> str:
    """应于……前更新（每月，宽限5日为本市规则）."""
    marks = [case.frequency.value]
    if grace := (case.next.due - case.next.promised).days - case.next.extended_days:
        marks.append(f"宽限{grace}日为本市规则")
    if case.next.extended_days:
        marks.append("届满日为休息日，顺延")
    if case.next.provisional:
        marks.append("暂定，当年放假安排尚未公布")
    return f"应于{chinese_date(case.next.due)}前更新（{'，'.join(marks)}）"


def _overdue_sentence(case: _Running) -> str:
    late = (case.as_of - case.next.due).days
    sentence = f"{_duty(case)}，已逾期{late}天。"
    if case.released_on is None or case.released_on <= case.next.due:
        return sentence
    released, content = chinese_date(case.released_on), chinese_date(case.data_time)
    return f"{sentence}{released}虽有开放，内容仍截至{content}。"


def _without_clock(stopped: _Stopped, data_time: date | None, as_of: date) -> Freshness:
    return Freshness(
        punctuality=stopped.state,
        data_time=data_time,
        due=None,
        overdue_days=0,
        as_of=as_of,
        provisional=False,
        sentence=stopped.sentence,
    )
