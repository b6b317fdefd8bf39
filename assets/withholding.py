"""Withholding: what the fate of one dataset means for those that read it.

A dataset that could not be read or was not good enough holds back its readers, and only them. When
somebody suspends a dataset is ``suspension.py``.
"""

from collections.abc import Mapping
from dataclasses import replace

from assets.dossier import Dossier
from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.gates import held_upstream
from opendata.record import Event, Kind
from opendata.vocabulary import Verdict

_UNUSABLE_RULES = {"QUA-02", "QUA-05"}


def held_by(workshop: Workshop, dataset: Dataset) -> Mapping[str, str]:
    """Titles of the datasets it reads that cannot be used, with why; empty when all can."""
    troubles = ((each, _trouble(workshop, each)) for each in dataset.reads)
    return {workshop.catalog.dataset(each).title: why for each, why in troubles if why}


def _trouble(workshop: Workshop, dataset_id: str) -> str | None:
    dossier = last_dossier(workshop, dataset_id)
    if dossier is None:
        return "尚未处理"
    if dossier.outcome.verdict is Verdict.FAILED:
        unread = any(each.rule == "LND-01" for each in dossier.refusals)
        return "来源文件未能按目录读取" if unread else "处理未能完成"
    if any(each.rule in _UNUSABLE_RULES for each in dossier.refusals):
        return "未达到质量要求"
    return None if workshop.flagged(dataset_id).exists() else "尚未处理"


def _settled(workshop: Workshop, dataset_id: str) -> bool:
    """Whether a dataset's last passage stands until something in its fingerprint changes."""
    dossier = last_dossier(workshop, dataset_id)
    return dossier is not None and dossier.fingerprint != ""


def held_dossier(
    workshop: Workshop, dataset: Dataset, held: Mapping[str, str], fingerprint: str
) -> Dossier:
    """The dossier of a dataset that waits for what it reads; its live version stays as it is."""
    refusal = held_upstream(workshop.regime, held)
    entry = workshop.record(
        Event(
            kind=Kind.WITHHELD,
            dataset_id=dataset.id,
            clauses=refusal.clauses,
            detail={"waits_for": dict(held)},
        )
    )
    waiting = Dossier.ended_early(workshop, dataset, verdict=Verdict.BLOCKED, refusal=refusal)
    lasting = all(_settled(workshop, each) for each in dataset.reads)
    return replace(
        waiting,
        # NOTE: what it waits for may come about without any change that a fingerprint shows.
        fingerprint=fingerprint if lasting else "",
        record_seq=entry.seq,
    )
