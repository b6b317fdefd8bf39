"""Decided: what the register says of sources, exceptions and clocks, as the values others read."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from opendata.linkage import Assessment
from opendata.plain import fingerprint_of
from opendata.sourcing import Claim, Decided, Dispute, Settlement, bars
from opendata.statutory import ClockEvent, StatutoryClock
from opendata.waivers import Waiver, holding

if TYPE_CHECKING:
    from assets.workshop import Workshop
    from opendata.catalog import Dataset
    from resources.home import Home
    from resources.register import Decision


def decided_in(home: "Home") -> Decided:
    """Claims, disputes, waivers and assessments of a home, oldest first.

    Raises:
        HomeError: the register cannot be read.
    """
    if not home.has_register:
        return Decided()
    # SQLAlchemy costs a tenth of a second to import, and a home without decisions needs none of it.
    from resources.register import DecisionKind as Kind
    from resources.register import read_decisions

    kinds = {Kind.CLAIM, Kind.DISPUTE, Kind.SETTLE, Kind.EXCEPTION, Kind.ASSESS}
    found = read_decisions(home.register_url, kinds)
    return Decided(
        claims=tuple(_claim(each) for each in found if each.kind is Kind.CLAIM),
        disputes=tuple(
            _dispute(each, _settlement(each, [one for one in found if one.kind is Kind.SETTLE]))
            for each in found
            if each.kind is Kind.DISPUTE
        ),
        waivers=tuple(_waiver(each) for each in found if each.kind is Kind.EXCEPTION),
        assessments=tuple(_assessment(each) for each in found if each.kind is Kind.ASSESS),
    )


def clocks_in(home: "Home") -> tuple[StatutoryClock, ...]:
    """Every clock that was started in a home, oldest first, with the day it was stopped on.

    Raises:
        HomeError: the register cannot be read.
    """
    if not home.has_register:
        return ()
    from resources.register import DecisionKind as Kind
    from resources.register import read_decisions

    found = read_decisions(home.register_url, {Kind.START_CLOCK, Kind.STOP_CLOCK})
    stopped: dict[int, date] = {}
    for each in found:
        if each.kind is Kind.STOP_CLOCK:
            stopped.setdefault(each.detail["clock"], date.fromisoformat(each.detail["on"]))
    return tuple(_clock(each, stopped) for each in found if each.kind is Kind.START_CLOCK)


def decisions_now(workshop: "Workshop", dataset: "Dataset") -> Iterator[str]:
    """What bears on the dataset on the day of judgement, for the probe."""
    catalog, as_of = workshop.catalog, workshop.clock.as_of
    for dispute in workshop.decided.open_disputes:
        if bars(dispute, catalog, dataset):
            yield f"dispute {dispute.element} {dispute.at.isoformat()}"
    for waiver in holding(workshop.decided.waivers_of(dataset.id), as_of).values():
        yield f"waiver {fingerprint_of(waiver)}"
    for assessment in workshop.decided.assessments_of(dataset.id):
        if assessment.until >= as_of:
            yield f"assessment {fingerprint_of(assessment)}"


def _clock(decision: "Decision", stopped: dict[int, date]) -> StatutoryClock:
    return StatutoryClock(
        number=decision.id or 0,
        dataset_id=decision.dataset_id or "",
        event=ClockEvent[decision.detail["event"].upper()],
        started_on=date.fromisoformat(decision.detail["on"]),
        reason=decision.reason,
        stopped_on=stopped.get(decision.id or 0),
    )


def _claim(decision: "Decision") -> Claim:
    return Claim(
        element=decision.detail["element"],
        authority=decision.detail["authority"],
        at=decision.decided_at,
        actor=decision.actor,
        reason=decision.reason,
        evidence=decision.evidence,
    )


def _dispute(decision: "Decision", settlement: Settlement | None) -> Dispute:
    return Dispute(
        element=decision.detail["element"],
        parties=tuple(decision.detail["parties"]),
        at=decision.decided_at,
        actor=decision.actor,
        reason=decision.reason,
        id=decision.id,
        evidence=decision.evidence,
        settlement=settlement,
    )


def _settlement(dispute: "Decision", settled: "list[Decision]") -> Settlement | None:
    for each in settled:
        if each.detail["dispute"] == dispute.id:
            return Settlement(
                authority=each.detail["authority"],
                at=each.decided_at,
                by=each.detail["by"],
                actor=each.actor,
                reason=each.reason,
                evidence=each.evidence,
            )
    return None


def _waiver(decision: "Decision") -> Waiver:
    given = decision.detail
    return Waiver(
        dataset_id=decision.dataset_id or "",
        gate=given["gate"],
        fingerprint=given["fingerprint"],
        by=given["by"],
        role=given["role"],
        reason=decision.reason,
        until=date.fromisoformat(given["until"]),
        at=decision.decided_at,
        actor=decision.actor,
        consent=decision.basis,
        evidence=decision.evidence,
    )


def _assessment(decision: "Decision") -> Assessment:
    given = decision.detail
    return Assessment(
        dataset_id=decision.dataset_id or "",
        covers=tuple(given["covers"]),
        by=given["by"],
        role=given["role"],
        reason=decision.reason,
        until=date.fromisoformat(given["until"]),
        at=decision.decided_at,
        actor=decision.actor,
        opinion=decision.basis,
        evidence=decision.evidence,
    )
