"""The journey of one dataset: landed, standardised and judged, desensitised, gated, released.

Facts about the data end it with a dossier, never with an exception: a source that cannot be
landed is a failed dossier, a gate's no a refused one. What the outcome of one dataset means for
those that read it is ``withholding.py``.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from assets.collected import collect
from assets.dossier import Dossier, to_json
from assets.landed import Landed, land
from assets.probe import fingerprint, last_dossier
from assets.released import release, take_back
from assets.standardised import Standardised, standardise_and_judge
from assets.withholding import held_by, held_dossier
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import (
    HomeError,
    KeyMissing,
    ModelError,
    OpenDataError,
    RecordUnwritable,
    RuleError,
    SourceError,
    UnfitValues,
)
from opendata.findings import Refusal
from opendata.gates import undesensitised, unexecuted, unjudged, unreadable, unrecorded
from opendata.record import Event, Kind
from opendata.vocabulary import Verdict

Stage = Landed | Standardised | Dossier
_TOLD = (
    SourceError,
    ModelError,
    RuleError,
    KeyMissing,
    UnfitValues,
    HomeError,
    RecordUnwritable,
)


def journey(workshop: Workshop, dataset: Dataset) -> Iterator[Stage]:
    """Walk one dataset through every stage, yielding each result; the last is its dossier."""
    collect(workshop, (dataset,))
    workshop.collected.discard(dataset.id)
    seen = fingerprint(workshop, dataset)
    workshop.progress(f"{dataset.title}（{dataset.id}）")
    try:
        take_back(workshop, dataset)
        yield from _stages(workshop, dataset, seen)
    except _TOLD as error:
        workshop.progress(f"  {error}")
        yield _kept(workshop, _failed(workshop, dataset, error, seen))


def _stages(workshop: Workshop, dataset: Dataset, seen: str) -> Iterator[Stage]:
    if held := held_by(workshop, dataset):
        yield _kept(workshop, held_dossier(workshop, dataset, held, seen))
        return
    landed = land(workshop, dataset)
    yield landed
    standardised = standardise_and_judge(workshop, landed)
    yield standardised
    yield _kept(workshop, release(workshop, standardised, seen))


def travel(workshop: Workshop, dataset: Dataset) -> Dossier:
    """The journey to its end: the dossier alone."""
    *_, last = journey(workshop, dataset)
    if not isinstance(last, Dossier):
        raise TypeError(f"the journey of {dataset.id} ended without a dossier")
    return last


def hold_readers(workshop: Workshop, dataset: Dataset, *, besides: Collection[Dataset]) -> None:
    """Tell the readers of a dataset that made nothing to read that they wait.

    Dagster skips their steps without a word; ``besides`` are those in the dataset's own step.
    """
    for reader in workshop.catalog.readers_of(dataset.id):
        told = last_dossier(workshop, reader.id)
        if reader not in besides and (told is None or told.run_id != workshop.run_id):
            travel(workshop, reader)


def _kept(workshop: Workshop, dossier: Dossier) -> Dossier:
    before = last_dossier(workshop, dossier.outcome.dataset_id)
    dossier = dossier.compared_with(before)
    workshop.state.remember(
        dossier.outcome.dataset_id, fingerprint=dossier.fingerprint, outcome_json=to_json(dossier)
    )
    return dossier


def _failed(workshop: Workshop, dataset: Dataset, error: OpenDataError, seen: str) -> Dossier:
    """Nothing of this passage is taken; what was released before stays as it is."""
    refusal = _told(workshop, dataset, error)
    failed = Dossier.ended_early(workshop, dataset, verdict=Verdict.FAILED, refusal=refusal)
    return replace(
        failed,
        # NOTE: only a source stays as it was until somebody changes it; what else went wrong may
        # be mended outside the catalog, so the next run must look again.
        fingerprint=seen if isinstance(error, SourceError) else "",
        record_seq=_enter_failure(workshop, dataset, refusal),
    )


def _told(workshop: Workshop, dataset: Dataset, error: OpenDataError) -> Refusal:
    """The error in the words of the gate it comes under."""
    if isinstance(error, RecordUnwritable):
        return unrecorded(workshop.regime)
    if isinstance(error, KeyMissing | HomeError):
        return undesensitised(workshop.regime, "没有可用的密钥")
    if isinstance(error, UnfitValues):
        return undesensitised(workshop.regime, error.reason)
    if isinstance(error, SourceError):
        return unreadable(workshop.regime, dataset, error.reason)
    if isinstance(error, RuleError):
        return unjudged(workshop.regime, error.reason)
    return unexecuted(workshop.regime)


def _enter_failure(workshop: Workshop, dataset: Dataset, refusal: Refusal) -> int | None:
    event = Event(
        kind=Kind.FAILED,
        dataset_id=dataset.id,
        clauses=refusal.clauses,
        detail={"rule": refusal.rule, "text": refusal.text},
    )
    try:
        return workshop.record(event).seq
    except RecordUnwritable:
        return None
