"""The flagged table: one standardised Parquet in which every row says which rules it breaks.

``_dq`` has bit *i* set where the row breaks the *i*-th row rule, and is negative exactly where one
of those rules makes the row 问题数据: the file says by itself which of its rows are clean, without
the suite that judged it. Counting what is flagged is ``judge.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from opendata.errors import ModelError
from opendata.sql_text import literal, quoted
from quality.duplicates import duplicates, shares_its_key
from quality.plan import Plan
from quality.sql import in_order, parquet

# Nobody looks single values up in the private table, so it carries no bloom filters, and columns of
# many values are not tried as dictionaries first: saving a sixth of the writing.
_WRITTEN = (
    "format parquet, compression zstd, compression_level 1, parquet_version v2, "
    "write_bloom_filter false, dictionary_size_limit 20000"
)
ROWS_PER_GROUP = 122_880
_REPAIRED = "repaired_rows"
_SET_ASIDE = "cast('-9223372036854775808' as bigint)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was done about 问题数据: rows by ``_row``, and the SHA-256 of each delivery read.

    ``repaired`` has the rules a row broke before its cells were corrected, ``waived`` the rows that
    a rule's 例外处理 lets pass, by rule. Without ``deliveries`` rows lie in no one file.
    """

    deliveries: Sequence[str] = ()
    rows_a_delivery: int = 1
    repaired: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    waived: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


NOTHING_SETTLED = Settled()


def standardise(  # noqa: PLR0913 - the table, its rules, and who is let pass
    con: duckdb.DuckDBPyConnection,
    model_sql: str,
    fields: tuple[str, ...],
    plan: Plan,
    out: Path,
    *,
    settled: Settled = NOTHING_SETTLED,
) -> None:
    """Write the model's rows with their flags to ``out``, in the model's order, in one pass.

    ``out`` appears complete or not at all. The table is written a second time only when keys turn
    out to be duplicated. A waived row keeps its flags, and is not 问题数据 for them.

    Raises:
        ModelError: the model fails while it runs.
    """
    columns = ", ".join(map(quoted, (*fields, "_row")))
    aside = _set_aside(plan, settled.waived)
    _write(con, _marked(model_sql, columns, plan), plan, aside, out)
    found = duplicates(con, out, plan.unique_rules)
    if not found:
        return
    marks = {word: quoted(word) for word in plan.words}
    for rule, shared in found:
        bit = rule.row_rule.bit
        marks[bit.word] += f" | {shares_its_key(rule, shared)}::bigint * {bit.value}"
    # Looking keys up is a join, and a join keeps no order: the file's own is asked for.
    again = f"select {columns}, {_named(marks)}, file_row_number from {in_order(out)}"
    ordered = f"select * exclude (file_row_number) from ({again}) order by file_row_number"
    _write(con, ordered, plan, aside, out)


def clean_relation(flagged: Path) -> str:
    """The rows that broke no ``drop`` rule, as the text of a relation (usable after FROM)."""
    return f"(select * from {parquet(flagged)} where _dq >= 0)"


def write_quarantine(
    con: duckdb.DuckDBPyConnection,
    flagged: Path,
    plan: Plan,
    out: Path,
    *,
    settled: Settled = NOTHING_SETTLED,
) -> int:
    """Write the 问题数据 with every reason (``_reasons``, rule ids) to ``out``; how many there are.

    Each row has its ``_state`` and lies in ``_delivery`` (SHA-256) at ``_record``, null where no
    file holds it. Rows that were repaired or waived are there too, and not counted. They are as raw
    as the standardised table: ``out`` belongs under ``restricted/``.
    """
    ids = ", ".join(
        f"if({rule.bit.is_set}, {literal(rule.expectation.id)}, null)"
        for rule in plan.row_rules
        if rule.drops
    )
    reasons = f"list_filter([{ids}]::varchar[], lambda each: each is not null)"
    table, broken = parquet(flagged), plan.dropping
    kept = [_kept(plan, settled, reasons, "pending", f"{table} where _dq < 0")]
    if settled.waived:
        waived = f"{table} where _dq >= 0 and {broken}"
        kept.append(_kept(plan, settled, reasons, "waived", waived))
    if settled.repaired:
        _tell_repaired(con, settled.repaired)
        repaired = f"{table} join {_REPAIRED} using (_row) where _dq >= 0 and not {broken}"
        kept.append(_kept(plan, settled, "_rules", "repaired", repaired))
    _copy(con, " union all by name ".join(kept), out)
    counted = con.execute(
        f"select count(*) from {parquet(out)} where _state = 'pending'"
    ).fetchone()
    return int(counted[0]) if counted else 0


def _kept(plan: Plan, settled: Settled, reasons: str, state: str, rows: str) -> str:
    hidden = ", ".join((*map(quoted, plan.words), *(["_rules"] if reasons == "_rules" else [])))
    each = settled.rows_a_delivery
    hashes = ", ".join(map(literal, settled.deliveries))
    delivery = f"([{hashes}]::varchar[])[_row // {each} + 1]" if hashes else "null::varchar"
    record = f"_row % {each}" if hashes else "null::bigint"
    return (
        f"select * exclude ({hidden}), {reasons} as _reasons, {literal(state)} as _state, "
        f"{delivery} as _delivery, {record} as _record from {rows}"
    )


def _tell_repaired(con: duckdb.DuckDBPyConnection, repaired: Mapping[int, tuple[str, ...]]) -> None:
    con.execute(f"create or replace temp table {_REPAIRED} (_row bigint, _rules varchar[])")
    rows = [(row, list(rules)) for row, rules in repaired.items()]
    con.executemany(f"insert into {_REPAIRED} values (?, ?)", rows)


def _marked(model_sql: str, columns: str, plan: Plan) -> str:
    steps = {
        name: sql
        for rule in plan.row_rules
        if rule.condition is not None
        for name, sql in rule.condition.steps
    }
    stepped = f"select *, {_named(steps)} from ({model_sql})" if steps else model_sql
    masks = _named({word: plan.mask(word) for word in plan.words})
    return f"select {columns}, {masks} from ({stepped})"


def _named(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} as {quoted(name)}" for name, sql in expressions.items())


def _set_aside(plan: Plan, waived: Mapping[str, tuple[int, ...]]) -> str:
    """Whether a row is 问题数据: it breaks a ``drop`` rule that is not waived for it."""
    if not waived:
        return plan.dropping
    tests = [
        f"({rule.bit.is_set}{_unless(waived.get(rule.expectation.id, ()))})"
        for rule in plan.row_rules
        if rule.drops
    ]
    return f"({' or '.join(tests) or 'false'})"


def _unless(rows: Sequence[int]) -> str:
    return f" and _row not in ({', '.join(map(str, rows))})" if rows else ""


def _write(con: duckdb.DuckDBPyConnection, marked: str, plan: Plan, aside: str, out: Path) -> None:
    words = ", ".join(map(quoted, plan.words))
    signed = f"if({aside}, _dq | {_SET_ASIDE}, _dq) as _dq"
    others = "".join(f", {quoted(word)}" for word in plan.words[1:])
    _copy(con, f"select * exclude ({words}), {signed}{others} from ({marked})", out)


def _copy(con: duckdb.DuckDBPyConnection, rows: str, out: Path) -> None:
    """Write beside, then rename: a reader sees the old file or the whole new one."""
    beside = out.with_name(f".{out.name}.part")
    settings = f"{_WRITTEN}, row_group_size {ROWS_PER_GROUP}"
    try:
        con.execute(f"copy ({rows}) to {literal(str(beside))} ({settings})").fetchall()
    except duckdb.Error as error:
        beside.unlink(missing_ok=True)
        # DuckDB quotes the value it choked on, so its text stops here.
        raise ModelError(
            f"{out.name} could not be written: the model or a rule fails while it runs "
            f"({type(error).__name__}); use try_cast and try_strptime where values may be wrong"
        ) from None
    beside.replace(out)
