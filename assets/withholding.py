"""Withholding: what the fate of one dataset means for those that read it, and how it is suspended.

A dataset that could not be read or was not good enough holds back its readers, and only them. A
suspension reaches every version of a dataset and of everything derived from it, in both stores, at
once: the record first, then the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assets.dossier import Dossier
from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import StoreError
from opendata.findings import Outcome
from opendata.gates import held_upstream
from opendata.record import Event, Kind
from opendata.vocabulary import Verdict
from resources.register import Decision, DecisionKind

_UNUSABLE_RULES = {"QUA-02", "QUA-05"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """What a suspension or restoration reached."""

    case: str
    dataset_ids: tuple[str, ...]
    seq: int


def held_by(workshop: Workshop, dataset: Dataset) -> Mapping[str, str]:
    """Titles of the datasets it reads that cannot be used, with why; empty when all can."""
    troubles = ((each, _trouble(workshop, each)) for each in dataset.reads)
    return {workshop.catalog.dataset(each).title: why for each, why in troubles if why}


def _trouble(workshop: Workshop, dataset_id: str) -> str | None:
    dossier = last_dossier(workshop, dataset_id)
    if dossier is None or not workshop.flagged(dataset_id).exists():
        return "尚未处理"
    if dossier.outcome.verdict is Verdict.FAILED:
        return "来源文件未能按目录读取"
    if any(each.rule in _UNUSABLE_RULES for each in dossier.refusals):
        return "未达到质量要求"
    return None


def held_dossier(
    workshop: Workshop, dataset: Dataset, held: Mapping[str, str], fingerprint: str
) -> Dossier:
    """The dossier of a dataset that waits for what it reads; its live version stays as it is."""
    refusal = held_upstream(workshop.regime, held)
    entry = workshop.record(
        Event(
            kind=Kind.WITHHELD,
            actor=workshop.actor,
            dataset_id=dataset.id,
            clauses=refusal.clauses,
            detail={"waits_for": dict(held)},
        )
    )
    outcome = Outcome(
        dataset_id=dataset.id,
        title=dataset.title,
        body=dataset.body,
        verdict=Verdict.BLOCKED,
        changed=True,
        reasons=(refusal,),
        finished_at=workshop.clock.now(),
    )
    return Dossier(
        outcome=outcome, fingerprint=fingerprint, run_id=workshop.run_id, record_seq=entry.seq
    )


def suspend(
    workshop: Workshop, dataset: Dataset, *, reason: str, basis: str, case: str | None
) -> Suspension:
    """中止开放: the dataset and everything derived from it become unreachable, at once."""
    now = workshop.clock.now()
    number = case or f"AJ{now:%Y%m%d%H%M%S}"
    reached = (dataset, *workshop.catalog.readers_of(dataset.id))
    seq = _enter(
        workshop, Kind.SUSPENDED, dataset, number, now, detail={"reason": reason, "basis": basis}
    )
    for each in reached:
        workshop.public.suspend(each.id, case=number, reason=reason, actor=workshop.actor, at=now)
    done = Suspension(case=number, dataset_ids=tuple(each.id for each in reached), seq=seq)
    _decide(workshop, DecisionKind.SUSPEND, dataset, done, now, reason=reason, basis=basis)
    return done


def restore(workshop: Workshop, dataset: Dataset, *, reason: str) -> Suspension:
    """恢复开放: everything withheld under the dataset's case comes back, byte for byte.

    Raises:
        StoreError: the dataset is not suspended, or its bytes are not those that were published.
    """
    withheld = workshop.public.withheld()
    cases = {each.case for each in withheld if each.dataset_id == dataset.id}
    if not cases:
        raise StoreError(f"{dataset.id} is not suspended (中止开放); there is nothing to restore")
    reached = tuple(dict.fromkeys(each.dataset_id for each in withheld if each.case in cases))
    now = workshop.clock.now()
    number = "、".join(sorted(cases))
    seq = _enter(workshop, Kind.RESTORED, dataset, number, now, detail={"reason": reason})
    for each in reached:
        workshop.public.restore(each)
    done = Suspension(case=number, dataset_ids=reached, seq=seq)
    _decide(workshop, DecisionKind.RESTORE, dataset, done, now, reason=reason, basis="核实结果")
    return done


def _decide(  # noqa: PLR0913 - a decision is who, what, when, why and on what ground
    workshop: Workshop,
    kind: DecisionKind,
    dataset: Dataset,
    done: Suspension,
    at: datetime,
    *,
    reason: str,
    basis: str,
) -> None:
    workshop.register.record_decision(
        Decision(
            kind=kind,
            actor=workshop.actor,
            decided_at=at,
            reason=reason,
            basis=basis,
            dataset_id=dataset.id,
            detail={"case": done.case, "reached": list(done.dataset_ids)},
        )
    )


def _enter(
    workshop: Workshop,
    kind: Kind,
    dataset: Dataset,
    case: str,
    at: datetime,
    *,
    detail: Mapping[str, str],
) -> int:
    clause = {Kind.SUSPENDED: "xian-open-2022/18.p2", Kind.RESTORED: "xian-open-2022/18.p3"}[kind]
    entry = workshop.record(
        Event(
            kind=kind,
            actor=workshop.actor,
            dataset_id=dataset.id,
            case=case,
            occurred_at=at,
            clauses=(clause,),
            detail=dict(detail),
        )
    )
    return entry.seq
