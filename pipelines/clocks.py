"""``opendata clock start, list, stop``: events that start statutory terms.

An event is entered in the record and in the register; its term is worked out anew whenever somebody
looks, so an imported calendar or another day of judgement moves it.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assets.reports import write_reports
from assets.workshop import Workshop
from opendata.errors import DecisionError
from opendata.freshness import chinese_date
from opendata.plain import plain
from opendata.record import Event, Kind
from opendata.statutory import ClockEvent, Limit, StatutoryClock, limits, told_of
from resources.fsio import sha256_of_file
from resources.home import Home
from resources.register import Decision, DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTold:
    """One clock with its dataset's title (None: no longer listed) and its terms as of a day."""

    clock: StatutoryClock
    title: str | None
    limits: tuple[Limit, ...]
    as_of: date

    @property
    def due(self) -> date | None:
        """The end of the soonest term."""
        return self.limits[0].due.day if self.limits else None

    @property
    def late_days(self) -> int:
        """Calendar days between the soonest end and the day it was dealt with, or ``as_of``."""
        day = self.clock.stopped_on or self.as_of
        return max((day - self.due).days, 0) if self.due else 0

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: the soonest term, and every term with its clauses."""
        return {
            **plain(self.clock),
            "due": plain(self.due),
            "late_days": self.late_days,
            "limits": [_limit_json(each) for each in self.limits],
        }

    def as_text(self) -> str:
        """Two lines in Chinese, and one for each further term."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        clock = self.clock
        name = self.title or "目录中已无此数据集"
        yield f"第{clock.number}号 {clock.event.value} {name}（{clock.dataset_id}）：{clock.reason}"
        yield f"  {chinese_date(clock.started_on)}起算；{self._state()}"
        for each in self.limits:
            yield f"  期限：{told_of(each)}"

    def _state(self) -> str:
        late = f"，逾期{self.late_days}天" if self.late_days else ""
        if self.clock.stopped_on:
            return f"{chinese_date(self.clock.stopped_on)}办结{late or '，按期'}"
        return f"办理中{late}"


def _limit_json(limit: Limit) -> dict[str, Any]:
    return {
        "workdays": limit.workdays,
        "due": plain(limit.due.day),
        "provisional": limit.due.provisional,
        "earliest": plain(limit.due.earliest),
        "basis": limit.basis.code,
        "clauses": [each.id for each in limit.clauses],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksTold:
    """Some clocks, in the order they were started, and what was just done."""

    clocks: tuple[ClockTold, ...]
    done: str = ""

    def as_json(self) -> list[dict[str, Any]]:
        """For ``--json``."""
        return [each.as_json() for each in self.clocks]

    def as_text(self) -> str:
        """In Chinese."""
        told = [self.done] if self.done else []
        return (
            "\n".join((*told, *(each.as_text() for each in self.clocks))) or "没有正在计算的期限。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What somebody enters: the event by its Chinese word, its day, and the ground of the entry."""

    event: str
    on: date
    reason: str
    evidence: Path | None = None


def start_clock(home_dir: Path | None, dataset_id: str, given: Occasion) -> ClocksTold:
    """Enter an event that starts a term on a dataset; the pages follow.

    Raises:
        UnknownDataset: the catalog has no such entry.
        DecisionError: the event lies in the future, or nothing sets a term for it.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        dataset, kind = workshop.catalog.dataset(dataset_id), ClockEvent(given.event)
        found = limits(kind, dataset, given.on, workshop.settings.regimes, workshop.calendar)
        _check_start(workshop, kind, given.on, found)
        detail = {"event": kind.code, "on": given.on.isoformat()}
        clauses = tuple(each.id for limit in found for each in limit.clauses)
        entered = _enter(
            workshop,
            Event(kind=Kind.CLOCK_STARTED, dataset_id=dataset.id, clauses=clauses, detail=detail),
            DecisionKind.START_CLOCK,
            reason=given.reason,
            evidence=given.evidence,
        )
    return _told_anew(home, entered.id, f"已登记{given.event}，期限起算：")


def stop_clock(
    home_dir: Path | None, number: int, *, on: date | None, reason: str, evidence: Path | None
) -> ClocksTold:
    """Enter that what a clock asked for was done; the pages follow.

    Raises:
        DecisionError: no such clock runs, or the day is before its start or still to come.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        day = on or workshop.clock.as_of
        clock = _running(workshop, number)
        if not clock.started_on <= day <= workshop.clock.as_of:
            raise DecisionError(
                f"--on {day}: clock {number} started on {clock.started_on} and today is "
                f"{workshop.clock.as_of}; give a day between them"
            )
        _enter(
            workshop,
            Event(
                kind=Kind.CLOCK_STOPPED,
                dataset_id=clock.dataset_id,
                detail={"clock": number, "on": day.isoformat()},
            ),
            DecisionKind.STOP_CLOCK,
            reason=reason,
            evidence=evidence,
        )
    return _told_anew(home, number, "已办结：")


def list_clocks(
    home_dir: Path | None, dataset_id: str | None, *, as_of: date | None, everything: bool
) -> ClocksTold:
    """The clocks that run on a day, or all that were ever started, of one dataset or of all.

    Raises:
        UnknownDataset: the catalog has no such entry.
    """
    with closing(Workshop.open(Home.find(home_dir), as_of=as_of)) as workshop:
        if dataset_id:
            workshop.catalog.dataset(dataset_id)
        return ClocksTold(
            clocks=tuple(
                _told(workshop, each)
                for each in workshop.clocks
                if (dataset_id in (None, each.dataset_id))
                and (everything or _runs(each, workshop.clock.as_of))
            )
        )


def _check_start(workshop: Workshop, event: ClockEvent, on: date, found: tuple[Limit, ...]) -> None:
    if on > workshop.clock.as_of:
        raise DecisionError(f"--on {on} is still to come; enter an event when it has happened")
    if not found:
        regimes = ", ".join(workshop.settings.regimes)
        raise DecisionError(
            f"no regulation of this home ({regimes}) counts days after {event.value}; "
            "there is no term to start"
        )


def _running(workshop: Workshop, number: int) -> StatutoryClock:
    open_clocks = {each.number: each for each in workshop.clocks if each.stopped_on is None}
    if number not in open_clocks:
        known = ", ".join(map(str, open_clocks)) or "none"
        raise DecisionError(f"no clock {number} is running; there are {known}")
    return open_clocks[number]


def _enter(
    workshop: Workshop, event: Event, kind: DecisionKind, *, reason: str, evidence: Path | None
) -> Decision:
    """The record first, then the register."""
    workshop.record(event)
    return workshop.register.record_decision(
        Decision(
            kind=kind,
            actor=workshop.actor,
            decided_at=workshop.clock.now(),
            reason=reason,
            dataset_id=event.dataset_id,
            detail=event.detail,
            evidence=sha256_of_file(evidence) if evidence else None,
        )
    )


def _told_anew(home: Home, number: int | None, done: str) -> ClocksTold:
    """The clock as it is entered by now; every page is written anew with it."""
    with closing(Workshop.open(home)) as workshop:
        write_reports(workshop)
        clocks = (each for each in workshop.clocks if each.number == number)
        return ClocksTold(clocks=tuple(_told(workshop, each) for each in clocks), done=done)


def _told(workshop: Workshop, clock: StatutoryClock) -> ClockTold:
    listed = {each.id: each for each in workshop.catalog.datasets}.get(clock.dataset_id)
    regimes, calendar = workshop.settings.regimes, workshop.calendar
    return ClockTold(
        clock=clock,
        title=listed.title if listed else None,
        limits=limits(clock.event, listed, clock.started_on, regimes, calendar) if listed else (),
        as_of=workshop.clock.as_of,
    )


def _runs(clock: StatutoryClock, as_of: date) -> bool:
    stopped = clock.stopped_on is not None and clock.stopped_on <= as_of
    return clock.started_on <= as_of and not stopped
