"""Agreement: a dataset's carried elements beside their one source, when it is standardised.

The authority's last standardised file is read as it lies there; it is an input of the record's
event and no dependency: a dataset never waits for its authority, it is looked at again when the
authority has changed. What follows from differences is the gates'.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from assets.workshop import Workshop
from opendata.agreement import Agreement, Comparison, comparisons, taken_edges
from opendata.catalog import Dataset
from opendata.findings import RuleResult
from opendata.lineage import ColumnEdge
from opendata.record import Artefact
from quality.agreement import (
    Authority,
    agreement_results,
    counted,
    meet,
    take_authority,
    write_conflicts,
)
from quality.flags import Settled
from quality.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What comparing found, as rules of the suite, lineage and inputs of the record."""

    agreements: tuple[Agreement, ...] = ()
    results: tuple[RuleResult, ...] = ()
    edges: tuple[ColumnEdge, ...] = ()
    inputs: tuple[Artefact, ...] = ()


def compare(
    workshop: Workshop,
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    plan: Plan,
    *,
    settled: Settled,
) -> Compared:
    """Compare what was standardised just now with its sources, and defer to them where declared.

    Conflicts go to ``restricted/conflicts``; columns declared 以数源为准 hold the authority's value
    afterwards, and only the table of conflicts knows what the body had sent.

    Raises:
        ModelError: a rule fails while replaced values are judged.
    """
    compared = comparisons(workshop.catalog, dataset)
    conflicts = workshop.conflicts(dataset.id)
    if not compared:
        conflicts.unlink(missing_ok=True)
        return Compared()
    conflicts.parent.mkdir(exist_ok=True)
    flagged, authorities = workshop.flagged(dataset.id), _authorities(workshop, compared)
    met = meet(con, flagged, compared, authorities)
    agreements = counted(con, met, compared, authorities)
    write_conflicts(con, met, conflicts)
    names = tuple(each.name for each in dataset.fields)
    take_authority(con, flagged, met, names, plan, settled=settled)
    return Compared(
        agreements=agreements,
        results=agreement_results(agreements, compared, _titles(workshop, dataset, compared)),
        edges=tuple(taken_edges(workshop.catalog, dataset)),
        inputs=tuple(Artefact(id=name, sha256=each.sha256) for name, each in authorities.items()),
    )


def compared_now(workshop: Workshop, dataset: Dataset) -> tuple[Agreement, ...]:
    """The comparison made again from the standardised files as they lie there; nothing is kept."""
    compared = comparisons(workshop.catalog, dataset)
    flagged = workshop.flagged(dataset.id)
    if not flagged.exists():
        return tuple(each.unverified("本数据集尚未治理") for each in compared)
    authorities = _authorities(workshop, compared)
    with workshop.connection() as con:
        return counted(con, meet(con, flagged, compared, authorities), compared, authorities)


def sources_now(workshop: Workshop, dataset: Dataset) -> Iterator[str]:
    """What the dataset was or would be compared with, for the probe."""
    for each in comparisons(workshop.catalog, dataset):
        if each.dataset == dataset.id:
            continue  # it is made in the same passage
        flagged = workshop.flagged(each.dataset)
        now = workshop.state.sha256_of(flagged) if flagged.exists() else "absent"
        yield f"source {each.field.name} {each.authority} {now}"


def _authorities(workshop: Workshop, compared: tuple[Comparison, ...]) -> Mapping[str, Authority]:
    files = {each.dataset: workshop.flagged(each.dataset) for each in compared}
    return {
        name: Authority(flagged=path, sha256=workshop.state.sha256_of(path))
        for name, path in files.items()
        if path.exists()
    }


def _titles(
    workshop: Workshop, dataset: Dataset, compared: tuple[Comparison, ...]
) -> Mapping[str, str]:
    own = {each.name: each.title for each in dataset.fields}
    theirs = {}
    for each in compared:
        source = workshop.catalog.dataset(each.dataset)
        theirs[each.authority] = f"{source.title}·{source.field(each.column).title}"
    return own | theirs
