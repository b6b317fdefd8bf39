"""Suspension: 中止开放 and 恢复开放, one person, one command, effective at once.

It reaches every version of a dataset and of everything derived from it, in both stores. The record
comes first, then the store, then the register of what people decided.
"""

from dataclasses import dataclass
from datetime import datetime

from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import StoreError
from opendata.gate_texts import gate_texts, standing
from opendata.record import Event, Kind
from resources.register import Decision, DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A suspension or restoration: its case, when, why, on what ground, and all it reaches."""

    case: str
    dataset: Dataset
    reached: tuple[str, ...]
    at: datetime
    reason: str
    basis: str


def suspend(
    workshop: Workshop, dataset: Dataset, *, reason: str, basis: str, case: str | None
) -> Suspension:
    """中止开放: the dataset and everything derived from it become unreachable."""
    now = workshop.clock.now()
    act = Suspension(
        case=case or f"AJ{now:%Y%m%d%H%M%S}",
        dataset=dataset,
        reached=tuple(each.id for each in (dataset, *workshop.catalog.readers_of(dataset.id))),
        at=now,
        reason=reason,
        basis=basis,
    )
    _enter(workshop, Kind.SUSPENDED, act)
    workshop.public.suspend_all(
        act.reached, case=act.case, reason=reason, actor=workshop.actor, at=now
    )
    _decide(workshop, DecisionKind.SUSPEND, act)
    return act


def restore(workshop: Workshop, dataset: Dataset, *, reason: str) -> Suspension:
    """恢复开放: all that is withheld under the dataset's case comes back, byte for byte.

    Raises:
        StoreError: the dataset is not suspended, or its bytes are not those that were published.
    """
    withheld = workshop.public.withheld()
    cases = sorted({each.case for each in withheld if each.dataset_id == dataset.id})
    if not cases:
        raise StoreError(f"{dataset.id} is not suspended (中止开放); there is nothing to restore")
    act = Suspension(
        case="、".join(cases),
        dataset=dataset,
        reached=tuple(dict.fromkeys(each.dataset_id for each in withheld if each.case in cases)),
        at=workshop.clock.now(),
        reason=reason,
        basis="核实结果",
    )
    _enter(workshop, Kind.RESTORED, act)
    for case in cases:
        held = [each.dataset_id for each in withheld if each.case == case]
        workshop.public.restore_all(held, case=case)
    _decide(workshop, DecisionKind.RESTORE, act)
    return act


def _enter(workshop: Workshop, kind: Kind, act: Suspension) -> None:
    grounds = standing(gate_texts()["REL-04"], workshop.regime.ids)
    workshop.record(
        Event(
            kind=kind,
            actor=workshop.actor,
            dataset_id=act.dataset.id,
            case=act.case,
            occurred_at=act.at,
            clauses=tuple(clause for ground in grounds for clause in ground.clauses),
            detail={"reason": act.reason, "basis": act.basis, "reached": list(act.reached)},
        )
    )


def _decide(workshop: Workshop, kind: DecisionKind, act: Suspension) -> None:
    workshop.register.record_decision(
        Decision(
            kind=kind,
            actor=workshop.actor,
            decided_at=act.at,
            reason=act.reason,
            basis=act.basis,
            dataset_id=act.dataset.id,
            detail={"case": act.case, "reached": list(act.reached)},
        )
    )
