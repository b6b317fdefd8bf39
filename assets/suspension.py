"""Suspension: 中止开放 and 恢复开放, one person, one command, effective at once.

It reaches every version of a dataset and of everything made from it, in both stores: what the
catalog says is made from it, and what the open versions themselves say they were made from, so that
neither a changed catalog nor a broken one keeps data open. The record comes first, then the store,
then the register of what people decided. Suspending is easy; restoring is strict.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from assets.workshop import Workshop
from opendata.derivation import made_from
from opendata.errors import NotSuspended, UnknownDataset
from opendata.gate_texts import gate_texts, standing
from opendata.record import Event, Kind
from resources.register import Decision, DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A suspension or restoration: its case, when, why, on what ground, and all it reaches."""

    case: str
    dataset_id: str
    reached: tuple[str, ...]
    at: datetime
    reason: str
    basis: str


def suspend(
    workshop: Workshop, dataset_id: str, *, reason: str, basis: str, case: str | None
) -> Suspension:
    """中止开放: the dataset and everything made from it become unreachable.

    Raises:
        UnknownDataset: neither the catalog nor a store has a dataset of that id.
    """
    now = workshop.clock.now()
    act = Suspension(
        case=case or f"AJ{now:%Y%m%d%H%M%S}{secrets.token_hex(2)}",
        dataset_id=dataset_id,
        reached=_reach(workshop, dataset_id),
        at=now,
        reason=reason,
        basis=basis,
    )
    _enter(workshop, Kind.SUSPENDED, act)
    workshop.public.suspend(act.reached, case=act.case, reason=reason, actor=workshop.actor, at=now)
    _decide(workshop, DecisionKind.SUSPEND, act)
    return act


def restore(workshop: Workshop, dataset_id: str, *, reason: str) -> Suspension:
    """恢复开放: what is withheld under the dataset's own case comes back, byte for byte.

    Raises:
        UnknownDataset: neither the catalog nor the list of what is withheld has that id.
        NotSuspended: it is not suspended, or only because something it is made from is.
        StoreError: its bytes are not those that were published.
    """
    withheld = workshop.public.withheld()
    own = {each.case for each in withheld if each.origin == dataset_id}
    cases = sorted(each.case for each in withheld if each.dataset_id == dataset_id)
    if not own:
        origins = [each.origin for each in withheld if each.dataset_id == dataset_id]
        if not origins:
            workshop.catalog.dataset(dataset_id)  # a misspelt id is another mistake
        raise NotSuspended.dataset(dataset_id, because_of=tuple(dict.fromkeys(origins)))
    act = Suspension(
        case="、".join(each for each in cases if each in own),
        dataset_id=dataset_id,
        reached=tuple(dict.fromkeys(each.dataset_id for each in withheld if each.case in own)),
        at=workshop.clock.now(),
        reason=reason,
        basis="核实结果",
    )
    _enter(workshop, Kind.RESTORED, act)
    for case in sorted(own):
        workshop.public.restore(
            [each.dataset_id for each in withheld if each.case == case], case=case
        )
    _decide(workshop, DecisionKind.RESTORE, act)
    return act


def _reach(workshop: Workshop, dataset_id: str) -> tuple[str, ...]:
    lines = {
        key: line for store in workshop.stores for key, line in store.current().datasets.items()
    }
    listed = {each.id for each in workshop.catalog.datasets}
    if dataset_id not in lines and dataset_id not in listed:
        raise UnknownDataset.called(dataset_id, tuple(listed | set(lines)))
    made_from_it = [key for key, line in lines.items() if dataset_id in line.upstreams]
    readers = [each.id for each in made_from(workshop.catalog, dataset_id)]
    return tuple(dict.fromkeys((dataset_id, *readers, *made_from_it)))


def _enter(workshop: Workshop, kind: Kind, act: Suspension) -> None:
    grounds = standing(gate_texts()["REL-04"], workshop.regime.ids)
    workshop.record(
        Event(
            kind=kind,
            dataset_id=act.dataset_id,
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
            dataset_id=act.dataset_id,
            detail={"case": act.case, "reached": list(act.reached)},
        )
    )
