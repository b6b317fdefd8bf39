"""Standardised: one typed, flagged table a dataset (治理), judged as a whole (质量校核).

The flagged Parquet and the rows set aside stay in ``restricted/``; the report leaves it.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.agreement import compare
from assets.corrections import corrections_of
from assets.drift import Drifted, compare_with_last
from assets.history import scores_told
from assets.inputs import Inputs, newest, open_inputs
from assets.landed import Landed
from assets.probe import twins
from assets.settled import rules_waived, settled_of
from assets.workshop import Workshop
from opendata.agreement import Agreement
from opendata.catalog import Dataset
from opendata.errors import ModelError
from opendata.findings import Expectation, Freshness, QualityReport, RuleResult
from opendata.freshness import judge_freshness
from opendata.lineage import Lineage
from opendata.record import Artefact, Event, Kind
from opendata.sql_text import quoted
from opendata.vocabulary import Dimension, OnFail, Severity
from quality.flags import Settled, remaining, standardise, struck_out, write_quarantine
from quality.judge import judge
from quality.plan import plan
from quality.suite import expectations_for
from resources.fsio import sha256_of_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """One dataset's flagged table with everything the judges said of it.

    ``replaced`` rows gave way to a later delivery's with the same key (按主键更新).
    """

    dataset: Dataset
    flagged: Path
    sha256: str
    inputs: Inputs
    replaced: int
    lineage: Lineage
    quality: QualityReport
    freshness: Freshness
    data_time: date | None
    drifted: Drifted
    agreements: tuple[Agreement, ...] = ()


def standardise_and_judge(workshop: Workshop, landed: Landed) -> Standardised:
    """Clean and type the landed text by contract, flag every row, score the whole.

    Raises:
        SourceError: the file's shape is not what the contract says.
        ModelError: the dataset's SQL model is not what its entry declares.
        RuleError: a rule could not be judged.
    """
    dataset = landed.dataset
    model = workshop.project.model(dataset.id)
    rules = plan(expectations_for(dataset, workshop.catalog), casts=model.casts)
    flagged = workshop.flagged(dataset.id)
    flagged.parent.mkdir(exist_ok=True)
    with ExitStack() as stack:
        con = stack.enter_context(workshop.connection())
        inputs = open_inputs(workshop, con, stack, landed)
        settled = settled_of(workshop, inputs, dataset)
        sql, replaced = newest(con, dataset, remaining(model.sql, settled))
        names = tuple(each.name for each in dataset.fields)
        standardise(con, sql, names, rules, flagged, settled=settled)
        compared = compare(workshop, con, dataset, rules, settled=settled)
        data_time = _data_time(con, dataset, flagged, workshop.clock.as_of)
        freshness = freshness_of(workshop, dataset, data_time)
        drifted = compare_with_last(workshop, con, dataset, inputs, data_time)
        beside = (*_source_results(workshop, dataset, inputs), *compared.results, *drifted.results)
        judged = judge(con, flagged, dataset, rules, freshness=freshness, extra=beside)
        quality = _as_settled(workshop, dataset, judged, settled)
        _account_for_every_row(dataset, inputs.rows - replaced, quality)
        held, struck = workshop.quarantined(dataset.id), struck_out(model.sql, names, settled)
        write_quarantine(con, flagged, rules, held, settled=settled, struck=struck)
    standardised = Standardised(
        dataset=dataset,
        flagged=flagged,
        sha256=sha256_of_file(flagged),
        inputs=inputs,
        replaced=replaced,
        lineage=Lineage.from_edges((*model.lineage.edges, *compared.edges)),
        agreements=compared.agreements,
        drifted=drifted,
        quality=quality,
        freshness=freshness,
        data_time=data_time,
    )
    _record(workshop, standardised, compared.inputs)
    inputs.count(workshop, dataset)
    return standardised


def freshness_of(workshop: Workshop, dataset: Dataset, data_time: date | None) -> Freshness:
    """The verdict of the declared-frequency clock on the workshop's day of judgement."""
    return judge_freshness(
        dataset.update_frequency,
        data_time,
        _released_on(workshop, dataset),
        workshop.clock.as_of,
        grace_days=dataset.grace_days,
        calendar=workshop.calendar,
        extend=workshop.settings.extend_over_days_off,
    )


def _released_on(workshop: Workshop, dataset: Dataset) -> date | None:
    """When the version that is open came out, as far as the day of judgement can know of it."""
    line = workshop.store_of(dataset).current().datasets.get(dataset.id)
    day = datetime.fromisoformat(line.published_at).date() if line else None
    return day if day and day <= workshop.clock.as_of else None


def _as_settled(
    workshop: Workshop, dataset: Dataset, judged: QualityReport, settled: Settled
) -> QualityReport:
    """The judgement with what was struck out before it, and who waived which rule."""
    rules = (each.expectation for each in judged.results)
    waived = rules_waived(workshop, dataset, rules)
    said = {rule: each.sentence for rule, each in waived.items()}
    return replace(judged, struck=len(settled.struck), waived=said)


def _account_for_every_row(dataset: Dataset, rows_given: int, quality: QualityReport) -> None:
    """Rows in are those clean, set aside and struck out, where no SQL of the city's own stands."""
    if dataset.model is None and quality.rows + quality.struck != rows_given:
        raise ModelError(
            f"{dataset.id}: {rows_given} records were landed but {quality.rows} standardised and "
            f"{quality.struck} struck out; "
            "nothing of it is used until the difference is explained"
        )


def _source_results(workshop: Workshop, dataset: Dataset, inputs: Inputs) -> tuple[RuleResult, ...]:
    """What is judged of the sources rather than of the rows."""
    return (*_twin_results(workshop, dataset), *_structure_results(inputs))


def _twin_results(workshop: Workshop, dataset: Dataset) -> tuple[RuleResult, ...]:
    """Whether the source is a copy of another dataset's, as a rule of the suite."""
    if not dataset.sources:
        return ()
    copies = twins(workshop, dataset)
    said = f"（与“{'”“'.join(each.title for each in copies)}”逐字节相同）" if copies else ""
    expectation = Expectation(
        id="source_is_not_a_copy",
        type="expect_source_to_differ_from_other_datasets",
        kwargs={},
        dimension=Dimension.ACCURACY,
        indicator="0303",
        description=f"来源文件不应与其他数据集的来源文件相同{said}",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
    )
    success = not copies
    return (
        RuleResult(
            expectation=expectation, rows=1, missing=0, unexpected=len(copies), success=success
        ),
    )


def _structure_results(inputs: Inputs) -> tuple[RuleResult, ...]:
    """How deliveries differ from the contract, as a rule of the suite where they do."""
    if not inputs.changes and not inputs.set_aside:
        return ()
    told = [each.chinese() for each in inputs.changes]
    if inputs.set_aside:
        told.append(f"{len(inputs.set_aside)}批数据已隔离，沿用其余数据")
    expectation = Expectation(
        id="structure_is_as_listed",
        type="expect_table_columns_to_match_set",
        kwargs={},
        dimension=Dimension.CONFORMITY,
        indicator="0102",
        description=f"来源的表头应与目录登记一致（{'；'.join(told)}）",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
    )
    return (RuleResult(expectation=expectation, rows=1, missing=0, unexpected=1, success=False),)


def _data_time(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, flagged: Path, as_of: date
) -> date | None:
    """The newest data time not after the day of judgement; a typing slip must not hide lateness."""
    if dataset.data_time.field is None:
        return dataset.data_time.fixed
    day = f"{quoted(dataset.data_time.field)}::date"
    newest = con.execute(
        f"select max({day}) from read_parquet(?) where {day} <= ?", [str(flagged), as_of]
    ).fetchone()
    return newest[0] if newest else None


def _corrections(workshop: Workshop, standardised: Standardised) -> tuple[Artefact, ...]:
    """The corrections that went in, rows struck out among them, as something read."""
    digest = corrections_of(workshop, standardised.dataset).digest
    applied = len(standardised.inputs.corrected) + standardised.quality.struck
    if digest is None or not applied:
        return ()
    return (Artefact(id="corrections", sha256=digest, rows=applied),)


def _record(
    workshop: Workshop, standardised: Standardised, authorities: tuple[Artefact, ...]
) -> None:
    dataset, inputs = standardised.dataset, standardised.inputs
    quality = standardised.quality
    output = Artefact(id=dataset.id, sha256=standardised.sha256, rows=quality.rows)
    workshop.record(
        Event(
            kind=Kind.STANDARDISED,
            dataset_id=dataset.id,
            inputs=(
                *(Artefact(id=each.source_id, sha256=each.sha256) for each in inputs.read),
                *_corrections(workshop, standardised),
                *authorities,
            ),
            outputs=(output,),
            counts={
                "landed": inputs.rows,
                "replaced": standardised.replaced,
                "standardised": quality.rows,
                **_if_any({"struck": quality.struck, "corrected": len(inputs.corrected)}),
            },
            lineage=standardised.lineage.edges,
            detail={
                "structure": [each.facts() for each in inputs.changes],
                "set_aside": [each.sha256 for each in inputs.set_aside],
            },
        )
    )
    workshop.record(
        Event(
            kind=Kind.JUDGED,
            dataset_id=dataset.id,
            inputs=(output,),
            rule_set=quality.suite_hash,
            counts={
                "clean": quality.clean,
                "quarantined": quality.quarantined,
                **_if_any({"struck": quality.struck, "excepted": quality.excepted}),
            },
            detail={
                "score": quality.score,
                "coverage": quality.coverage,
                "dimensions": scores_told(quality),
                "freshness": standardised.freshness.punctuality.value,
                "failed": [each.expectation.id for each in quality.results if not each.success],
                **({"waived": dict(quality.waived)} if quality.waived else {}),
            },
        )
    )


def _if_any(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: rows for name, rows in counts.items() if rows}
