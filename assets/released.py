"""Released: the desensitised candidate is put before the gates, and only then published.

The candidate waits outside the public root until every gate has let it through; the record says
what is about to appear before the store shows it.
"""

from dataclasses import replace
from datetime import date

from assets.desensitised import Desensitised, desensitise
from assets.dossier import Dossier
from assets.drift import keep_released
from assets.standardised import Standardised
from assets.workshop import Workshop
from opendata.case import Candidate, Case
from opendata.catalog import Dataset
from opendata.derivation import upstreams_of
from opendata.errors import Withheld
from opendata.findings import Outcome
from opendata.gates import Review, review
from opendata.lineage import released_lineage
from opendata.plain import plain
from opendata.record import Artefact, Event, Kind
from opendata.vocabulary import Openness, Verdict
from resources import candidates
from resources.releases import Published, Release


def take_back(workshop: Workshop, dataset: Dataset) -> None:
    """End an earlier opening that the dataset's class no longer allows, and list it as it is now.

    A stricter class does not wait for new data to be good; other refusals keep what is live.
    """
    barred = {Openness.NOT_OPEN: workshop.stores, Openness.CONDITIONAL: (workshop.public,)}
    if dataset.openness in barred:
        workshop.withdraw(dataset, from_stores=barred[dataset.openness])
        workshop.public.publish(
            (), announce=lambda _: workshop.book.head, listed=workshop.listed_only
        )


def release(workshop: Workshop, standardised: Standardised, fingerprint: str) -> Dossier:
    """Desensitise, put before the gates and, where nothing stands against it, publish."""
    dataset = standardised.dataset
    done = desensitise(workshop, standardised) if _may_open(dataset) else None
    verdict = review(_case(workshop, standardised, done))
    _record_review(workshop, dataset, verdict)
    dossier = _dossier(workshop, standardised, fingerprint)
    if verdict.refusals or done is None:
        return _refused(dossier, dataset, verdict, done)
    return _published(workshop, dossier, standardised, verdict, done)


def _may_open(dataset: Dataset) -> bool:
    """Whether a candidate is worth making: of undecided or not open data none may exist."""
    return dataset.openness in (Openness.UNCONDITIONAL, Openness.CONDITIONAL)


def _case(workshop: Workshop, standardised: Standardised, done: Desensitised | None) -> Case:
    dataset = standardised.dataset
    return replace(
        workshop.case(dataset),
        shared_paths=workshop.shared_paths.get(dataset.id, ()),
        agreements=standardised.agreements,
        candidate=_candidate(workshop, standardised, done) if done else None,
    )


def _candidate(workshop: Workshop, standardised: Standardised, done: Desensitised) -> Candidate:
    return Candidate(
        columns=done.treated.columns,
        treated=done.treated.treated,
        quality=standardised.quality,
        freshness=standardised.freshness,
        leaks=done.leaks,
        risk=done.risk,
        data_time=standardised.data_time,
        live_data_time=_live_data_time(workshop, standardised.dataset),
        recordable=workshop.recordable(),
        linkage=done.linkage,
    )


def _live_data_time(workshop: Workshop, dataset: Dataset) -> date | None:
    line = workshop.store_of(dataset).current().datasets.get(dataset.id)
    return date.fromisoformat(line.data_time) if line and line.data_time else None


def _record_review(workshop: Workshop, dataset: Dataset, verdict: Review) -> None:
    said = (*verdict.refusals, *verdict.warnings)
    workshop.record(
        Event(
            kind=Kind.REFUSED if verdict.refusals else Kind.GATED,
            dataset_id=dataset.id,
            regimes=workshop.regime.ids,
            clauses=tuple(dict.fromkeys(clause for each in said for clause in each.clauses)),
            detail={
                "refused_by": [each.rule for each in verdict.refusals],
                "warned_by": [each.rule for each in verdict.warnings],
                "exceptions": [each.exception for each in verdict.warnings if each.exception],
                "not_judged": [each.id for each in verdict.pending],
            },
        )
    )


def _dossier(workshop: Workshop, standardised: Standardised, fingerprint: str) -> Dossier:
    dataset, quality, inputs = standardised.dataset, standardised.quality, standardised.inputs
    outcome = Outcome(
        dataset_id=dataset.id,
        title=dataset.title,
        body=dataset.body,
        verdict=Verdict.BLOCKED,
        changed=True,
        rows_landed=inputs.rows if dataset.sources else None,
        rows_clean=quality.clean,
        rows_quarantined=quality.quarantined,
        rows_struck=quality.struck,
        score=quality.score,
        freshness=standardised.freshness,
        finished_at=workshop.clock.now(),
    )
    return Dossier(
        outcome=outcome,
        fingerprint=fingerprint,
        run_id=workshop.run_id,
        data_time=standardised.data_time,
        landed=tuple((each.source_id, each.sha256) for each in inputs.read),
        set_aside=tuple((each.source_id, each.sha256) for each in inputs.set_aside),
        standardised_sha256=standardised.sha256,
        lineage=standardised.lineage,
        quality=quality,
        agreements=standardised.agreements,
    )


def _refused(
    dossier: Dossier, dataset: Dataset, verdict: Review, done: Desensitised | None
) -> Dossier:
    if done:
        done.path.unlink(missing_ok=True)
    outcome = replace(
        dossier.outcome,
        verdict=_refused_as(dataset, verdict),
        reasons=verdict.refusals,
        warnings=verdict.warnings,
        rows_released=0,
    )
    return _with_evidence(replace(dossier, outcome=outcome), done)


def _refused_as(dataset: Dataset, verdict: Review) -> Verdict:
    if any(each.rule == "REL-04" for each in verdict.refusals):
        return Verdict.SUSPENDED
    return Verdict.NOT_OPEN if dataset.openness is Openness.NOT_OPEN else Verdict.BLOCKED


def _with_evidence(dossier: Dossier, done: Desensitised | None) -> Dossier:
    if done is None:
        return dossier
    treated = tuple((name, action.value) for name, action in done.treated.treated.items())
    return replace(
        dossier,
        leaks=done.leaks,
        risk=done.risk,
        linkage=done.linkage,
        treated=treated,
        harm=done.harm,
    )


def _published(
    workshop: Workshop,
    dossier: Dossier,
    standardised: Standardised,
    verdict: Review,
    done: Desensitised,
) -> Dossier:
    dataset = standardised.dataset
    store = workshop.store_of(dataset)
    workshop.withdraw(dataset, from_stores=[each for each in workshop.stores if each is not store])
    candidate = candidates.Candidate(
        dataset=dataset,
        parquet=done.path,
        rows=done.treated.rows,
        data_time=standardised.data_time,
        publisher=workshop.catalog.body(dataset.body).title,
        upstreams=upstreams_of(workshop.catalog, dataset.id),
    )
    try:
        announced = store.publish(
            [candidate],
            announce=lambda planned: _record_release(workshop, standardised, planned, done),
        )
    except Withheld:
        return _suspended_meanwhile(workshop, dossier, standardised, done)
    workshop.relist()
    (published,) = announced.published
    keep_released(workshop, dataset, standardised.drifted, published.version)
    outcome = replace(
        dossier.outcome,
        verdict=opened_as(dataset),
        changed=published.changed,
        warnings=verdict.warnings,
        rows_released=published.rows,
        version=published.version,
    )
    released = replace(dossier, outcome=outcome, released_sha256=published.sha256)
    return _with_evidence(released, done)


def _suspended_meanwhile(
    workshop: Workshop, dossier: Dossier, standardised: Standardised, done: Desensitised
) -> Dossier:
    """Somebody suspended the dataset while it was being processed: the store fenced it off."""
    dataset = standardised.dataset
    workshop.record(Event(kind=Kind.ABANDONED, dataset_id=dataset.id))
    return _refused(dossier, dataset, review(_case(workshop, standardised, done)), done)


def opened_as(dataset: Dataset) -> Verdict:
    """What becomes of a dataset of this class when nothing stands against it."""
    conditional = dataset.openness is Openness.CONDITIONAL
    return Verdict.RELEASED_CONDITIONALLY if conditional else Verdict.RELEASED


def _record_release(
    workshop: Workshop, standardised: Standardised, planned: Release, done: Desensitised
) -> str:
    """Enter what was done to the data and that it is about to be opened; the record's new head."""
    dataset = standardised.dataset
    (published,) = planned.published
    if not published.changed:
        return workshop.book.head  # only the listing of other datasets changes
    output = (Artefact(id=dataset.id, sha256=published.sha256, rows=published.rows),)
    inputs = (Artefact(id=dataset.id, sha256=standardised.sha256),)
    workshop.record(
        Event(
            kind=Kind.DESENSITISED,
            dataset_id=dataset.id,
            inputs=inputs,
            outputs=output,
            counts={
                "suppressed": done.treated.suppressed,
                "set_aside": done.treated.set_aside,
            },
            lineage=released_lineage(dataset).edges,
            detail=_evidence(done),
        )
    )
    entry = workshop.record(_release_event(workshop, dataset, planned, published, output))
    return entry.hash


def _evidence(done: Desensitised) -> dict[str, object]:
    return {
        "treated": {name: action.value for name, action in done.treated.treated.items()},
        "key_ids": list(done.treated.key_ids),
        "key_version": done.treated.key_version,
        "unfit": dict(done.treated.unfit),
        "k": done.risk.k if done.risk else None,
        "diversity": plain(done.risk.diversity) if done.risk else [],
        "hidden_cells": done.risk.hidden_cells if done.risk else None,
        "leaks": len(done.leaks or ()),
        "linkage": [list(each.bound) for each in done.linkage.findings] if done.linkage else [],
    }


def _release_event(
    workshop: Workshop,
    dataset: Dataset,
    planned: Release,
    published: Published,
    output: tuple[Artefact, ...],
) -> Event:
    return Event(
        kind=Kind.RELEASED,
        dataset_id=dataset.id,
        outputs=output,
        counts={"version": published.version, "release": planned.number},
        detail={
            "store": workshop.store_of(dataset).name,
            "channels": [each.value for each in dataset.channels],
            "platform": workshop.settings.platform.name,
        },
    )
