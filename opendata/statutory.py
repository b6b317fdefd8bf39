"""Statutory clocks: terms that an event starts, by the articles of the home's regulations.

An event (来源变化, 法规变化, 更正申请) is a fact a steward enters; by when it must be dealt with
follows from the profiles and the calendar, anew on every day of judgement. Declared update
frequencies are ``freshness.py``. Unlike a gate, a clock refuses nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from opendata.catalog import Dataset
from opendata.findings import Refusal
from opendata.freshness import chinese_date
from opendata.law import Clause, clause, regulation
from opendata.profiles import Rule, load_keys, load_profile
from opendata.vocabulary import Basis, Openness, Term
from opendata.workdays import Calendar, Due

_WORKING_DAYS = re.compile(r"(\d+)wd")


class ClockEvent(Term):
    """What starts a clock."""

    SOURCE_CHANGED = "来源变化"
    LAW_CHANGED = "法规变化"
    CORRECTION_ASKED = "更正申请"


@dataclass(frozen=True, slots=True)
class _Duty:
    """What an event obliges to: the key that holds its term, and the words for a steward."""

    rule: str
    key: str
    act: str
    act_en: str
    remedy: str


_DUTIES: Mapping[ClockEvent, _Duty] = MappingProxyType(
    {
        ClockEvent.SOURCE_CHANGED: _Duty(
            "CLK-01",
            "fresh.after_change",
            "维护和更新数据",
            "the data must be updated",
            "请提交更新后的数据；开放后用 opendata clock stop 办结。",
        ),
        ClockEvent.LAW_CHANGED: _Duty(
            "CLK-02",
            "cat.on_law_change",
            "办理目录更新",
            "the catalogue must be updated",
            "请更新目录条目，或者提出更新申请；办理后用 opendata clock stop 办结。",
        ),
        ClockEvent.CORRECTION_ASKED: _Duty(
            "CLK-03",
            "corr.sla",
            "校核并答复申请人",
            "the request must be answered",
            "请校核并答复申请人；答复后用 opendata clock stop 办结。",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatutoryClock:
    """One event that was entered; ``number`` is its place in the register.

    It runs from ``started_on``, a day that does not count itself, until ``stopped_on``.
    """

    number: int
    dataset_id: str
    event: ClockEvent
    started_on: date
    reason: str
    stopped_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One regulation's term: so many working days, and the day it ends on.

    ``clauses`` are empty where no text counts days and the term is the product's (本市规则).
    """

    workdays: int
    due: Due
    basis: Basis
    clauses: tuple[Clause, ...]


def limits(
    event: ClockEvent,
    dataset: Dataset,
    started_on: date,
    regimes: Sequence[str],
    calendar: Calendar,
) -> tuple[Limit, ...]:
    """By when these regulations want the event dealt with, the soonest first; none where none does.

    A regulation that says 及时 counts no days. Where no regulation does, the default of the key
    stands in, if it has one.
    """
    key = _DUTIES[event].key
    rules = [
        (rule, int(counted[1]))
        for regime in regimes
        for rule in load_profile(regime).rules
        if rule.key == key and _binds(rule, dataset)
        if (counted := _WORKING_DAYS.fullmatch(rule.value))
    ]
    found = [_limit(days, started_on, calendar, rule) for rule, days in rules]
    local = _WORKING_DAYS.fullmatch(load_keys()[key].default or "")
    if not found and local:
        found = [_limit(int(local[1]), started_on, calendar)]
    return tuple(sorted(found, key=lambda each: each.due.day))


def notice(
    clock: StatutoryClock,
    dataset: Dataset,
    regimes: Sequence[str],
    calendar: Calendar,
    as_of: date,
) -> Refusal | None:
    """What a running clock warns of on ``as_of``; None when it is stopped, not begun, or termless.

    The soonest term governs; the others are told beside it.
    """
    if not clock.started_on <= as_of or _is_over(clock, as_of):
        return None
    found = limits(clock.event, dataset, clock.started_on, regimes, calendar)
    if not found:
        return None
    duty, soonest = _DUTIES[clock.event], found[0]
    first = soonest.clauses[0] if soonest.clauses else None
    day = soonest.due.day
    return Refusal(
        rule=duty.rule,
        clauses=tuple(each.id for limit in found for each in limit.clauses),
        text="".join(_sentence(clock, found, as_of)),
        text_en=f"since {clock.started_on} {duty.act_en} by {day}",
        remedy=duty.remedy,
        basis=soonest.basis,
        status=regulation(first.regime if first else regimes[0]).status,
        warns=True,
        citation=first.citation if first else "",
        quote=first.quote if first else "",
        due=day,
        late_days=max((as_of - day).days, 0),
    )


def told_of(limit: Limit) -> str:
    """A term as officials write it: 2026年10月21日（10个工作日，《……》第二十五条）."""
    cited = limit.clauses[0].citation if limit.clauses else Basis.LOCAL.value
    return f"{chinese_date(limit.due.day)}（{'，'.join((*_marks(limit), cited))}）"


def _marks(limit: Limit) -> Iterator[str]:
    yield f"{limit.workdays}个工作日"
    if limit.due.provisional:
        yield f"暂定，最早可能为{chinese_date(limit.due.earliest)}"


def _is_over(clock: StatutoryClock, as_of: date) -> bool:
    return clock.stopped_on is not None and clock.stopped_on <= as_of


def _binds(rule: Rule, dataset: Dataset) -> bool:
    return rule.when is None or (
        rule.when == "conditional" and dataset.openness is Openness.CONDITIONAL
    )


def _limit(workdays: int, started_on: date, calendar: Calendar, rule: Rule | None = None) -> Limit:
    return Limit(
        workdays=workdays,
        due=calendar.add_workdays(started_on, workdays),
        basis=rule.basis if rule else Basis.LOCAL,
        clauses=tuple(clause(each) for each in rule.cites) if rule else (),
    )


def _sentence(clock: StatutoryClock, found: Sequence[Limit], as_of: date) -> Iterator[str]:
    day, act = found[0].due.day, _DUTIES[clock.event].act
    yield f"{clock.event.value}（{chinese_date(clock.started_on)}，第{clock.number}号）："
    yield f"应于{chinese_date(day)}前{act}（{'，'.join(_marks(found[0]))}），"
    left = (day - as_of).days
    yield f"还剩{left}天。" if left > 0 else "当日届满。" if not left else f"已逾期{-left}天。"
    for each in found[1:]:
        yield f"另有期限{told_of(each)}。"
