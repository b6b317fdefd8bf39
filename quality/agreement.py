"""Comparing what a dataset carries with the one source of it (一数一源, 多元校核), row by row.

Clean rows meet the authority's clean rows by the authority's key, in one join an authority. Counts
leave this room; values in conflict go to a private table and nowhere else. What may be compared
with what is ``opendata/agreement.py``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from opendata.agreement import NOT_STANDARDISED, Agreement, Comparison
from opendata.findings import Expectation, RuleResult
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Dimension, OnConflict, OnFail, Severity
from quality.flags import NOTHING_SETTLED, Settled, standardise
from quality.plan import Plan
from quality.row_rules import bad_flag
from quality.sql import in_order, parquet

AGREES = "expect_column_values_to_agree_with_authority"
_AGREE, _DIFFER, _MISSING, _NOT_COMPARED = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority's standardised file, with its SHA-256."""

    flagged: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Met:
    """A temporary table of how every clean row of a dataset met one authority."""

    table: str
    comparisons: tuple[Comparison, ...]


def meet(
    con: duckdb.DuckDBPyConnection,
    flagged: Path,
    compared: Iterable[Comparison],
    authorities: Mapping[str, Authority],
) -> tuple[Met, ...]:
    """Join the clean rows of ``flagged`` with each authority once, all fields of it together.

    Fields whose authority is not in ``authorities``, or whose rows cannot meet, are left out.
    """
    possible = [each for each in compared if each.keys and each.dataset in authorities]
    possible.sort(key=_meeting)
    return tuple(
        _met(con, flagged, authorities[dataset].flagged, tuple(fields), place)
        for place, ((dataset, _), fields) in enumerate(groupby(possible, key=_meeting))
    )


def _meeting(comparison: Comparison) -> tuple[str, tuple[tuple[str, str], ...]]:
    return comparison.dataset, comparison.keys


def _met(
    con: duckdb.DuckDBPyConnection,
    flagged: Path,
    authority: Path,
    fields: tuple[Comparison, ...],
    place: int,
) -> Met:
    table = f"_met_{place}"
    keys = fields[0].keys
    theirs = ", ".join(f"{quoted(key)} as _k{at}" for at, (_, key) in enumerate(keys))
    values = ", ".join(f"{quoted(each.column)} as _t{at}" for at, each in enumerate(fields))
    joined = " and ".join(f"o.{quoted(own)} = t._k{at}" for at, (own, _) in enumerate(keys))
    states = ", ".join(f"{_state(at, each)} as _s{at}" for at, each in enumerate(fields))
    differ = [f"_s{at} = {_DIFFER}" for at in range(len(fields))]
    sides = ", ".join(
        f"_s{at}, if({differ[at]}, {quoted(each.field.name)}, null) as _ours{at}, "
        f"if({differ[at]}, _t{at}, null) as _theirs{at}"
        for at, each in enumerate(fields)
    )
    key = ", ".join(f"{quoted(own)}::varchar" for own, _ in keys)
    con.execute(
        f"create or replace temp table {table} as select file_row_number as _place, _row, {sides}, "
        f"if({' or '.join(differ)}, [{key}], null) as _key from (select o.*, t.*, {states} "
        f"from (select * from {in_order(flagged)} where _dq >= 0) as o left join "
        f"(select {theirs}, {values} from {parquet(authority)} where _dq >= 0) as t on {joined})"
    ).fetchall()
    return Met(table, fields)


def _state(at: int, comparison: Comparison) -> str:
    names = (comparison.field.name, *(own for own, _ in comparison.keys))
    empty = " or ".join(f"o.{quoted(each)} is null" for each in dict.fromkeys(names))
    own = f"o.{quoted(comparison.field.name)}"
    return (
        f"(case when {empty} then {_NOT_COMPARED} when t._t{at} is null then {_MISSING} "
        f"when {own} = t._t{at} then {_AGREE} else {_DIFFER} end)::utinyint"
    )


def counted(
    con: duckdb.DuckDBPyConnection,
    met: Iterable[Met],
    compared: Sequence[Comparison],
    authorities: Mapping[str, Authority],
) -> tuple[Agreement, ...]:
    """One agreement a comparison, in the order given; what did not meet is 尚未核对."""
    counts = {each.field.name: found for one in met for each, found in _counts(con, one)}
    return tuple(
        each.counted(counts[each.field.name], authorities[each.dataset].sha256)
        if each.field.name in counts
        else each.unverified(NOT_STANDARDISED)
        for each in compared
    )


def _counts(
    con: duckdb.DuckDBPyConnection, met: Met
) -> Iterator[tuple[Comparison, tuple[int, int, int, int]]]:
    wanted = ", ".join(
        f"count_if(_s{at} = {state})"
        for at in range(len(met.comparisons))
        for state in (_AGREE, _DIFFER, _MISSING, _NOT_COMPARED)
    )
    # Of no rows at all count_if says null, not nought.
    found = iter(con.execute(f"select {wanted} from {met.table}").fetchone() or ())
    row = (int(each or 0) for each in found)
    for each in met.comparisons:
        yield each, (next(row), next(row), next(row), next(row))


def write_conflicts(con: duckdb.DuckDBPyConnection, met: Iterable[Met], out: Path) -> int:
    """Write every conflict to ``out``: row, key, field, both values, as text; how many there are.

    As raw as the standardised table: ``out`` belongs under ``restricted/``. Without conflicts
    there is no file.
    """
    found = [
        f"select _row as row, _key as key, {literal(each.field.name)} as field, "
        f"{literal(each.authority)} as authority, _ours{at}::varchar as ours, "
        f"_theirs{at}::varchar as theirs from {one.table} where _s{at} = {_DIFFER}"
        for one in met
        for at, each in enumerate(one.comparisons)
    ]
    conflicts = " union all ".join(found)
    if not found or not con.execute(f"select 1 from ({conflicts}) limit 1").fetchone():
        out.unlink(missing_ok=True)
        return 0
    beside = out.with_name(f".{out.name}.part")
    con.execute(
        f"copy (from ({conflicts}) order by field, row, key) to {literal(str(beside))} "
        "(format parquet, compression zstd)"
    ).fetchall()
    beside.replace(out)
    counted_rows = con.execute(f"select count(*) from {parquet(out)}").fetchone()
    return int(counted_rows[0]) if counted_rows else 0


def take_authority(  # noqa: PLR0913 - the table, its rules, and who is let pass
    con: duckdb.DuckDBPyConnection,
    flagged: Path,
    met: Iterable[Met],
    fields: tuple[str, ...],
    plan: Plan,
    *,
    settled: Settled = NOTHING_SETTLED,
) -> None:
    """Put the authority's value where a field that defers to it differs, and flag the rows anew.

    Raises:
        ModelError: a rule fails while it runs.
    """
    deferring = [
        (one.table, at, each.field.name)
        for one in met
        for at, each in enumerate(one.comparisons)
        if each.takes and _any_differs(con, one.table, at)
    ]
    if not deferring:
        return
    taken = {
        name: f"if({table}._s{at} = {_DIFFER}, {table}._theirs{at}, o.{quoted(name)})"
        for table, at, name in deferring
    }
    columns = ", ".join(
        f"{taken.get(each, f'o.{quoted(each)}')} as {quoted(each)}" for each in fields
    )
    failed_casts = {
        rule.expectation.column: f", {rule.bit.is_set} as {bad_flag(rule.expectation.column or '')}"
        for rule in plan.row_rules
        if rule.expectation.type == "expect_column_values_to_be_of_type"
    }
    tables = dict.fromkeys(table for table, _, _ in deferring)
    joins = " ".join(f"left join {each} on {each}._place = o.file_row_number" for each in tables)
    again = (
        f"select {columns}, o._row{''.join(failed_casts.values())} "
        f"from {in_order(flagged)} as o {joins} order by o.file_row_number"
    )
    standardise(con, again, fields, plan, flagged, settled=settled)


def _any_differs(con: duckdb.DuckDBPyConnection, table: str, at: int) -> bool:
    found = con.execute(f"select 1 from {table} where _s{at} = {_DIFFER} limit 1").fetchone()
    return found is not None


def agreement_results(
    agreements: Iterable[Agreement], compared: Iterable[Comparison], titles: Mapping[str, str]
) -> tuple[RuleResult, ...]:
    """Each agreement as a rule of the suite (0401 相同数据一致性); not compared is not assessed.

    ``compared`` are what the agreements were found by, ``titles`` names fields, and authorities as
    ``dataset.field``.
    """
    keys = {each.field.name: each.keys for each in compared}
    return tuple(
        _result(each, keys[each.field], titles) for each in agreements if each.unverified is None
    )


def _result(
    agreement: Agreement, keys: tuple[tuple[str, str], ...], titles: Mapping[str, str]
) -> RuleResult:
    then = "，不一致的以数源为准" if agreement.policy is OnConflict.AUTHORITY_WINS else ""
    expectation = Expectation(
        id=f"{agreement.field}_agrees_with_its_source",
        type=AGREES,
        kwargs={
            "column": agreement.field,
            "authority": agreement.authority,
            "column_list": [own for own, _ in keys],
            "authority_keys": [theirs for _, theirs in keys],
        },
        dimension=Dimension.CONSISTENCY,
        indicator="0401",
        description=f"“{titles[agreement.field]}”应与数源“{titles[agreement.authority]}”一致{then}",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
    )
    return RuleResult(
        expectation=expectation,
        rows=agreement.rows,
        missing=agreement.missing + agreement.not_compared,
        unexpected=agreement.differ,
        success=agreement.differ == 0,
    )
