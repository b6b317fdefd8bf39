"""Approvals: what a named person decides for a term goes into the record, then into the register.

Waivers and assessments are such decisions. What each binds to, and who may not decide it, is said
where it is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from assets.workshop import Workshop
from opendata.errors import DecisionError
from opendata.record import Event
from resources.fsio import sha256_of_file
from resources.register import Decision, DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approves what of a dataset, why, and until the end of which day.

    ``basis`` is the reference of a consent or an opinion, ``evidence`` the document it rests on.
    """

    dataset: str
    by: str
    role: str
    reason: str
    until: date
    basis: str | None = None
    evidence: Path | None = None

    def refuse_term(self, as_of: date, *, running: bool = False) -> bool:
        """Whether it ends what is ``running``: its last day is over.

        Raises:
            DecisionError: the last day is over, and there is nothing to end.
        """
        over = self.until < as_of
        if over and not running:
            raise DecisionError(f"--until {self.until} is over; give a term to come")
        return over


def enter(
    workshop: Workshop,
    given: Approval,
    event: Event,
    kind: DecisionKind,
    details: Iterable[Mapping[str, Any]],
) -> None:
    """The record first, once: ``event`` with who, why and until when; then a decision a detail."""
    now = workshop.clock.now()
    signed = {"by": given.by, "role": given.role, "until": given.until.isoformat()}
    told = {**signed, **event.detail, "reason": given.reason}
    workshop.record(replace(event, dataset_id=given.dataset, occurred_at=now, detail=told))
    evidence = sha256_of_file(given.evidence) if given.evidence else None
    for each in details:
        workshop.register.record_decision(
            Decision(
                kind=kind,
                actor=workshop.actor,
                decided_at=now,
                reason=given.reason,
                basis=given.basis,
                dataset_id=given.dataset,
                detail={**signed, **each},
                evidence=evidence,
            )
        )
