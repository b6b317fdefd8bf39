"""How much of a catalogue list is overdue against the frequencies it declares itself.

Needs no home and no data: only what the list says. A declared frequency and the date of the last
update are judged by ``judge_freshness``, with the default grace; whatever cannot be judged is
counted with its reason, never guessed. Reading the list is for its caller.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Literal

from opendata.frequency import PACES
from opendata.freshness import judge_freshness
from opendata.freshness_tally import REASONS, Reason, State, Tally, in_order, merged
from opendata.portal_list import DayReading, FrequencyReading, Role
from opendata.vocabulary import Punctuality, UpdateFrequency
from opendata.workdays import Calendar

AsOfFrom = Literal["given", "updated", "released", "today"]
OwnDay = tuple[AsOfFrom, date]

_BY_KIND: Mapping[str, Reason] = MappingProxyType(
    {
        "absent": "no_frequency",
        "unknown": "unknown_frequency",
        "irregular": "irregular",
        "static": "static",
        "realtime": "realtime",
    }
)
_BY_PUNCTUALITY: Mapping[Punctuality, State] = MappingProxyType(
    {
        Punctuality.ON_TIME: "on_time",
        Punctuality.DUE_SOON: "on_time",
        Punctuality.IN_GRACE: "in_grace",
        Punctuality.OVERDUE: "overdue",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One dataset of a list; ``provider`` and ``spelling`` (of the frequency) as they may be shown.

    ``released`` is the date of its publication, which is no update.
    """

    provider: str
    frequency: FrequencyReading
    spelling: str
    updated: DayReading
    released: DayReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the list, counted from 1; ``heading`` is blank where it may not be shown."""

    number: int
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A list as it was read: ``records`` = ``len(listed)`` + ``repeats`` + ``untitled``.

    ``repeats`` agree with an earlier record in every cell; ``untitled`` records name no dataset.
    """

    name: str
    columns: Mapping[Role, Column]
    records: int
    repeats: int
    untitled: int
    listed: Sequence[Listed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The verdict on one list at ``as_of``.

    ``classes`` are by declared frequency, in the order of the vocabulary; ``providers`` begin with
    the one that has most overdue, and there are none where the list has no column for them.
    ``later`` counts the dates of updates after ``as_of`` and ``unknown_dates`` those of no known
    form.
    """

    contents: Contents
    as_of: date
    as_of_from: AsOfFrom
    later: int
    unknown_dates: int
    whole: Tally
    classes: tuple[Tally, ...]
    providers: tuple[Tally, ...]
    unknown_frequencies: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Judged:
    listed: Listed
    state: State | Reason
    late_days: int
    datable: bool
    behind: bool


def audit(contents: Contents, *, as_of: date, as_of_from: AsOfFrom, calendar: Calendar) -> Audit:
    """Judge every dataset of a list against its own declaration, as on the day ``as_of``."""
    verdicts: dict[tuple[UpdateFrequency, date], tuple[State, int]] = {}
    judge = partial(_judged, as_of=as_of, calendar=calendar, verdicts=verdicts)
    judged = [judge(each) for each in contents.listed]
    unknown = Counter(each.spelling for each in contents.listed if each.frequency.unknown)
    return Audit(
        contents=contents,
        as_of=as_of,
        as_of_from=as_of_from,
        later=sum(_is_later(each.updated.day, as_of) for each in contents.listed),
        unknown_dates=sum(each.updated.unknown for each in contents.listed),
        whole=_tally(contents.name, judged),
        classes=_classes(judged),
        providers=_providers(judged) if "provider" in contents.columns else (),
        unknown_frequencies=MappingProxyType(dict(unknown.most_common())),
    )


def own_day(listed: Sequence[Listed], *, today: date) -> OwnDay:
    """The newest date of an update, else of a publication, that has come; else ``today``.

    A list was taken on that day or later. A date still to come is a slip, not the list's day.
    """
    dates: tuple[tuple[AsOfFrom, Iterable[DayReading]], ...] = (
        ("updated", (each.updated for each in listed)),
        ("released", (each.released for each in listed)),
    )
    for source, readings in dates:
        if days := [each.day for each in readings if each.day and each.day <= today]:
            return source, max(days)
    return "today", today


def merged_classes(audits: Iterable[Audit]) -> tuple[Tally, ...]:
    """The classes of several lists as those of one."""
    found: dict[str, list[Tally]] = {}
    for each in chain.from_iterable(audit.classes for audit in audits):
        found.setdefault(each.name, []).append(each)
    return tuple(merged(name, found[name]) for name in _CLASSES if name in found)


def graces() -> str:
    """The default grace of every frequency that has a period, in words: 每日1日、每周2日……."""
    return "、".join(
        f"{frequency.value}{pace.grace_days}日"
        for frequency, pace in PACES.items()
        if pace.period_end and pace.grace_days
    )


_CLASSES = (
    *(each.value for each in UpdateFrequency),
    REASONS["no_frequency"],
    REASONS["unknown_frequency"],
)


def _is_later(day: date | None, as_of: date) -> bool:
    return day is not None and day > as_of


def _judged(
    listed: Listed,
    *,
    as_of: date,
    calendar: Calendar,
    verdicts: dict[tuple[UpdateFrequency, date], tuple[State, int]],
) -> _Judged:
    day, frequency = listed.updated.day, listed.frequency.frequency
    datable = day is not None and day <= as_of
    reason = _reason(listed, datable=datable)
    if day is None or frequency is None or not datable or reason not in (None, "realtime"):
        return _Judged(listed, reason or "no_date", 0, datable, behind=False)
    if (known := verdicts.get((frequency, day))) is None:
        found = judge_freshness(frequency, day, None, as_of, grace_days=None, calendar=calendar)
        known = _BY_PUNCTUALITY[found.punctuality], found.overdue_days
        verdicts[frequency, day] = known
    if reason == "realtime":
        return _Judged(listed, reason, 0, datable, behind=known[0] == "overdue")
    return _Judged(listed, *known, datable, behind=False)


def _reason(listed: Listed, *, datable: bool) -> Reason | None:
    """Why it cannot be judged: the declaration is asked first, a promise of no day needs none."""
    if reason := _BY_KIND.get(listed.frequency.kind):
        return reason
    if listed.frequency.no_new_data:
        return "no_new_data"
    if listed.updated.unknown:
        return "unknown_date"
    if listed.updated.day is None:
        return "only_released" if listed.released.day else "no_date"
    return None if datable else "later"


def _tally(name: str, judged: Sequence[_Judged]) -> Tally:
    states = Counter(each.state for each in judged)
    return Tally(
        name=name,
        datasets=len(judged),
        datable=sum(each.datable for each in judged),
        on_time=states["on_time"],
        in_grace=states["in_grace"],
        late_days=tuple(sorted(each.late_days for each in judged if each.state == "overdue")),
        realtime_behind=sum(each.behind for each in judged),
        unjudged=in_order(states),
    )


def _classes(judged: Iterable[_Judged]) -> tuple[Tally, ...]:
    found: dict[str, list[_Judged]] = {}
    for each in judged:
        found.setdefault(_class(each.listed.frequency), []).append(each)
    return tuple(_tally(name, found[name]) for name in _CLASSES if name in found)


def _class(reading: FrequencyReading) -> str:
    if reading.frequency:
        return reading.frequency.value
    return REASONS["unknown_frequency" if reading.unknown else "no_frequency"]


def _providers(judged: Iterable[_Judged]) -> tuple[Tally, ...]:
    found: dict[str, list[_Judged]] = {}
    for each in judged:
        found.setdefault(each.listed.provider, []).append(each)
    tallies = (_tally(name, those) for name, those in found.items())
    return tuple(sorted(tallies, key=lambda each: (-each.overdue, -(each.share or 0), each.name)))
