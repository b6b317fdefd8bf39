"""How a dataset stands now: its last dossier, with freshness and availability as they are today.

A passage tells what was found then; days go by and suspensions are made between passages.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from assets.clocks import notices
from assets.dossier import Dossier
from assets.probe import last_dossier
from assets.released import opened_as
from assets.standardised import freshness_of
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import Refusal
from opendata.gates import overdue, review
from opendata.vocabulary import Openness, Verdict


def standing(workshop: Workshop) -> Iterator[tuple[Dataset, Dossier]]:
    """Every dataset that was ever run, as it stands, in reading order."""
    for dataset in workshop.catalog.in_reading_order:
        if dossier := last_dossier(workshop, dataset.id):
            yield dataset, as_it_stands(workshop, dataset, dossier)


def as_it_stands(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> Dossier:
    """The dossier with every clock judged anew, and suspended exactly when the dataset is."""
    anew = _with_clocks(workshop, dataset, _judged_anew(workshop, dataset, dossier))
    withheld = _withheld(workshop, dataset)
    if bool(withheld) == (anew.outcome.verdict is Verdict.SUSPENDED):
        return anew
    if not withheld:
        return _open_again(workshop, dataset, anew)
    outcome = replace(
        anew.outcome,
        verdict=Verdict.SUSPENDED,
        reasons=(*withheld, *anew.outcome.reasons),
        rows_released=0,
    )
    return replace(anew, outcome=outcome)


def _judged_anew(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> Dossier:
    """Freshness as of today: of the data last read, or of the open version where none was."""
    live = workshop.store_of(dataset).current().datasets.get(dataset.id)
    of_live = date.fromisoformat(live.data_time) if live and live.data_time else None
    data_time = dossier.data_time or of_live
    if dossier.outcome.freshness is None and data_time is None:
        return dossier
    freshness = freshness_of(workshop, dataset, data_time)
    said = [each for each in dossier.outcome.warnings if each.rule != "QUA-04" or each.exception]
    late = overdue(workshop.regime, dataset, freshness)
    warnings = (late, *said) if late and dataset.openness is not Openness.NOT_OPEN else tuple(said)
    version = dossier.outcome.version or (live.version if live else None)
    outcome = replace(
        dossier.outcome, freshness=freshness, warnings=tuple(warnings), version=version
    )
    return replace(dossier, outcome=outcome)


def _with_clocks(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> Dossier:
    """Terms that events started and that still run (opendata clock), as warnings."""
    if not (running := notices(workshop, dataset)):
        return dossier
    outcome = replace(dossier.outcome, warnings=(*dossier.outcome.warnings, *running))
    return replace(dossier, outcome=outcome)


def _open_again(workshop: Workshop, dataset: Dataset, dossier: Dossier) -> Dossier:
    """Restored since the last passage: the version that was withheld is the live one again."""
    live = workshop.store_of(dataset).current().datasets.get(dataset.id)
    if live is None:
        return dossier
    reasons = tuple(each for each in dossier.outcome.reasons if each.rule != "REL-04")
    outcome = replace(
        dossier.outcome,
        verdict=Verdict.BLOCKED if reasons else opened_as(dataset),
        reasons=reasons,
        rows_released=0 if reasons else live.rows,
        version=live.version,
    )
    return replace(dossier, outcome=outcome, released_sha256=live.sha256)


def _withheld(workshop: Workshop, dataset: Dataset) -> tuple[Refusal, ...]:
    if not workshop.withheld():
        return ()
    said = review(workshop.case(dataset)).refusals
    return tuple(each for each in said if each.rule == "REL-04")
