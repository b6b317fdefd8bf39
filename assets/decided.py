"""Decided: what the register says of sources and exceptions, as the values the gates read."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from opendata.plain import fingerprint_of
from opendata.sourcing import Claim, Decided, Dispute, Settlement, bars
from opendata.waivers import Waiver

if TYPE_CHECKING:
    from assets.workshop import Workshop
    from opendata.catalog import Dataset
    from resources.home import Home
    from resources.register import Decision


def decided_in(home: "Home") -> Decided:
    """Claims, disputes and waivers of a home, oldest first.

    Raises:
        HomeError: the register cannot be read.
    """
    if not home.has_register:
        return Decided()
    # SQLAlchemy costs a tenth of a second to import, and a home without decisions needs none of it.
    from resources.register import DecisionKind as Kind
    from resources.register import read_decisions

    kinds = {Kind.CLAIM, Kind.DISPUTE, Kind.SETTLE, Kind.EXCEPTION}
    found = read_decisions(home.register_url, kinds)
    return Decided(
        claims=tuple(_claim(each) for each in found if each.kind is Kind.CLAIM),
        disputes=tuple(
            _dispute(each, _settlement(each, [one for one in found if one.kind is Kind.SETTLE]))
            for each in found
            if each.kind is Kind.DISPUTE
        ),
        waivers=tuple(_waiver(each) for each in found if each.kind is Kind.EXCEPTION),
    )


def decisions_now(workshop: "Workshop", dataset: "Dataset") -> Iterator[str]:
    """What bears on the dataset on the day of judgement, for the probe."""
    catalog, as_of = workshop.catalog, workshop.clock.as_of
    for dispute in workshop.decided.open_disputes:
        if bars(dispute, catalog, dataset):
            yield f"dispute {dispute.element} {dispute.at.isoformat()}"
    for waiver in workshop.decided.waivers_of(dataset.id):
        if waiver.until >= as_of:
            yield f"waiver {fingerprint_of(waiver)}"


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
