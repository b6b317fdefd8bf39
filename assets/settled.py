"""Settled: what people decided about a dataset's 问题数据, before its rows are judged.

Which rows were corrected, struck out or let pass, which rules are waived as a whole, and the files
the rows lie in. How 问题数据 stand afterwards is ``quarantine.py``.
"""

from collections.abc import Iterable, Mapping

from assets.corrections import corrections_of
from assets.inputs import ROWS_A_DELIVERY, Inputs
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import Expectation
from opendata.quarantine import AskedFor, asked_for, granted
from opendata.waivers import Waiver, waived_rules
from quality.flags import Settled
from quality.suite import expectations_for
from resources.received import LandedFile


def lies_in_files(dataset: Dataset) -> bool:
    """Whether each row of the dataset is one record of one delivery: no SQL stands between."""
    return dataset.model is None and len(dataset.sources) == 1


def files_of(workshop: Workshop, dataset: Dataset) -> Mapping[str, LandedFile]:
    """The deliveries that count, oldest first, by SHA-256; none where rows lie in no one file."""
    if not lies_in_files(dataset):
        return {}
    (source,) = dataset.sources
    received = workshop.landing.received(dataset)
    return {each.sha256: each for each in received.counting(source.id, dataset.load)}


def rules_of(workshop: Workshop, dataset: Dataset) -> dict[str, Expectation]:
    """The suite of a dataset by id."""
    return {each.id: each for each in expectations_for(dataset, workshop.catalog)}


def rules_waived(
    workshop: Workshop, dataset: Dataset, expectations: Iterable[Expectation]
) -> dict[str, Waiver]:
    """Those of the rules that are waived as a whole on the day of judgement, by id."""
    waivers = workshop.decided.waivers_of(dataset.id)
    return waived_rules(dataset, expectations, waivers, workshop.clock.as_of)


def settled_of(workshop: Workshop, inputs: Inputs, dataset: Dataset) -> Settled:
    """What was corrected, struck out and waived of the rows that are about to be judged."""
    rules = frozenset(rules_waived(workshop, dataset, rules_of(workshop, dataset).values()))
    if not lies_in_files(dataset):
        return Settled(waived_rules=rules)
    files = {each.sha256: each.original_name for each in inputs.read}
    place = {sha256: number * ROWS_A_DELIVERY for number, sha256 in enumerate(files)}
    waived: dict[str, list[int]] = {}
    for each in exceptions_of(workshop, dataset, files):
        if each.granted:
            row = place[each.spot.sha256] + each.spot.record
            waived.setdefault(each.rule, []).append(row)
    return Settled(
        deliveries=tuple(files),
        rows_a_delivery=ROWS_A_DELIVERY,
        repaired=inputs.corrected,
        struck=inputs.struck,
        waived={rule: tuple(rows) for rule, rows in waived.items()},
        waived_rules=rules,
    )


def exceptions_of(
    workshop: Workshop, dataset: Dataset, files: Mapping[str, str]
) -> tuple[AskedFor, ...]:
    """The exceptions asked for rows of these files, each with whether it is granted today."""
    answers = corrections_of(workshop, dataset).answers
    if not answers:
        return ()
    asked = asked_for(dataset, answers, rules_of(workshop, dataset), files)
    waivers = workshop.decided.waivers_of(dataset.id)
    return tuple(granted(asked, waivers, workshop.clock.as_of))
