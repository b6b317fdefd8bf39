"""The judge: a flagged table and its plan in, a report over six dimensions out.

What is wrong with a row was written into the table by ``flags.py``; here it is counted, the table
rules are measured, and everything is scored. A report holds counts and masked shapes, never a
value. Rules about timeliness and accessibility are measured elsewhere and come in as arguments.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from opendata.catalog import Dataset
from opendata.findings import Expectation, Freshness, QualityReport, QuarantineReason, RuleResult
from opendata.plain import plain
from opendata.sql_text import quoted
from opendata.vocabulary import Dimension, OnFail, Punctuality, Severity
from quality.gx_rules import gx_results
from quality.plan import Plan, RowRule, TableRule
from quality.profile import Footer, read_footer
from quality.references import reference_results
from quality.scan import scan
from quality.score import coverage, dimension_scores, total_score
from quality.shapes import commonest_shapes
from quality.sql import parquet

_ON_TIME = {
    Punctuality.ON_TIME: True,
    Punctuality.DUE_SOON: True,
    Punctuality.IN_GRACE: True,
    Punctuality.OVERDUE: False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one look at the flagged table counts: rows, rows set aside, and broken rows by rule.

    ``excepted`` rows break a rule that sets rows aside, and are not: it is waived for them.
    """

    rows: int
    quarantined: int
    excepted: int
    broken: tuple[int, ...]


def judge(  # noqa: PLR0913 - everything a judgement rests on, and nothing else
    con: duckdb.DuckDBPyConnection,
    flagged: Path,
    dataset: Dataset,
    plan: Plan,
    *,
    freshness: Freshness | None = None,
    extra: tuple[RuleResult, ...] = (),
) -> QualityReport:
    """Judge one standardised version; ``extra`` are results measured elsewhere (0601, 0103, ...).

    Every rule's A / B counts cover the whole table, 问题数据 included: the report is about what the
    body delivered. ``clean + quarantined`` is always ``rows``.
    """
    counts = count_flags(con, flagged, plan)
    results = (*rule_results(con, flagged, plan, counts), *punctuality(freshness), *extra)
    dimensions = dimension_scores(results)
    return QualityReport(
        dataset_id=dataset.id,
        rows=counts.rows,
        clean=counts.rows - counts.quarantined,
        quarantined=counts.quarantined,
        excepted=counts.excepted,
        results=results,
        dimensions=dimensions,
        score=total_score(dimensions, results),
        coverage=coverage(dimensions),
        reasons=_reasons(con, flagged, plan, counts),
        suite_hash=suite_hash(plan.expectations),
    )


def suite_hash(expectations: Sequence[Expectation]) -> str:
    """SHA-256 of a suite: which rules, exactly, a report is about."""
    canonical = json.dumps(plain(tuple(expectations)), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def count_flags(con: duckdb.DuckDBPyConnection, flagged: Path, plan: Plan) -> Counts:
    """Count every flag; rows differ little in their flags, so they are grouped first."""
    words = ", ".join(map(quoted, plan.words))
    grouped = f"select {words}, count(*) as n from {parquet(flagged)} group by {words}"
    broken = "".join(f", sum(n) filter (where {rule.bit.is_set})" for rule in plan.row_rules)
    aside = "sum(n) filter (where _dq < 0)"
    excepted = f"sum(n) filter (where _dq >= 0 and {plan.dropping})"
    counted = _one_row(con, f"select sum(n), {aside}, {excepted}{broken} from ({grouped})")
    rows, quarantined, let_pass, *by_rule = (int(each or 0) for each in counted)
    return Counts(rows=rows, quarantined=quarantined, excepted=let_pass, broken=tuple(by_rule))


def rule_results(
    con: duckdb.DuckDBPyConnection, flagged: Path, plan: Plan, counts: Counts
) -> tuple[RuleResult, ...]:
    """One result per expectation, in the suite's order, from one further scan."""
    footer = read_footer(con, flagged)
    values = scan(
        con, flagged, footer, (*map(missing_of, plan.row_rules), *aggregates(plan, footer))
    )
    results = {
        rule.expectation.id: row_result(
            rule, rows=counts.rows, missing=_missing(rule, broken, values), broken=broken
        )
        for rule, broken in zip(plan.row_rules, counts.broken, strict=True)
    }
    columns = _columns(con, flagged, plan)
    results |= {
        rule.expectation.id: table_result(rule, footer, values, columns)
        for rule in plan.table_rules
    }
    results |= {
        each.expectation.id: each for each in reference_results(con, flagged, plan.reference_rules)
    }
    results |= {each.expectation.id: each for each in gx_results(con, flagged, plan.gx_rules)}
    return tuple(results[each.id] for each in plan.expectations)


def punctuality(freshness: Freshness | None) -> tuple[RuleResult, ...]:
    """Indicator 0502: on time or overdue; a clock that cannot tell leaves it 未评估."""
    if freshness is None or freshness.punctuality not in _ON_TIME:
        return ()
    success = _ON_TIME[freshness.punctuality]
    expectation = Expectation(
        id="updated_on_time",
        type="expect_table_to_be_updated_on_time",
        kwargs={},
        dimension=Dimension.TIMELINESS,
        indicator="0502",
        description="应按目录承诺的更新频率及时更新",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
    )
    return (_of_the_table(expectation, success=success, shown=freshness.punctuality.value),)


def missing_of(rule: RowRule) -> str:
    """The aggregate that counts the rows a rule leaves out."""
    return f"count_if({rule.missing or 'false'})"


def aggregates(plan: Plan, footer: Footer) -> Iterator[str]:
    """Every aggregate the table rules of a plan ask for."""
    for rule in plan.table_rules:
        yield from rule.type.aggregates(rule.expectation.kwargs, footer.filled)


def _missing(rule: RowRule, broken: int, values: Mapping[str, Any]) -> int:
    missing = int(values[missing_of(rule)] or 0)
    if rule.expectation.type == "expect_column_values_to_be_of_type":
        return missing - broken  # a failed cast left a null behind, but the text was there
    return missing


def row_result(rule: RowRule, *, rows: int, missing: int, broken: int) -> RuleResult:
    """How a row rule fares that ``broken`` of ``rows`` break, ``missing`` not being asked."""
    evaluated = rows - missing
    met = 1.0 if evaluated == 0 else (evaluated - broken) / evaluated
    return RuleResult(
        expectation=rule.expectation,
        rows=rows,
        missing=missing,
        unexpected=broken,
        success=met >= rule.expectation.mostly,
    )


def table_result(
    rule: TableRule, footer: Footer, values: Mapping[str, Any], columns: tuple[str, ...]
) -> RuleResult:
    """How a table rule fares; ``values`` are those of a scan, ``columns`` the table's own."""
    kwargs = rule.expectation.kwargs
    taken = tuple(values[each] for each in rule.type.aggregates(kwargs, footer.filled))
    observed = rule.type.verdict(kwargs, columns if rule.type.about_columns else taken)
    return _of_the_table(rule.expectation, success=observed.success, shown=observed.shown)


def _of_the_table(expectation: Expectation, *, success: bool, shown: str | None) -> RuleResult:
    """A rule about the whole table looks at one element: the table."""
    return RuleResult(
        expectation=expectation,
        rows=1,
        missing=0,
        unexpected=0 if success else 1,
        success=success,
        observed=shown,
    )


def _reasons(
    con: duckdb.DuckDBPyConnection, flagged: Path, plan: Plan, counts: Counts
) -> tuple[QuarantineReason, ...]:
    found = (
        QuarantineReason(
            expectation_id=rule.expectation.id,
            description=rule.expectation.description,
            rows=broken,
            shapes=commonest_shapes(con, flagged, rule),
        )
        for rule, broken in zip(plan.row_rules, counts.broken, strict=True)
        if rule.drops and broken
    )
    return tuple(sorted(found, key=lambda each: -each.rows))


def _columns(con: duckdb.DuckDBPyConnection, flagged: Path, plan: Plan) -> tuple[str, ...]:
    """The table's own columns, without those that were put beside them here."""
    if not any(rule.type.about_columns for rule in plan.table_rules):
        return ()
    described = con.execute(f"describe select * from {parquet(flagged)}").fetchall()
    beside = {"_row", *plan.words}
    return tuple(name for name, *_ in described if name not in beside)


def _one_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = con.execute(sql).fetchone()
    return row if row is not None else ()
