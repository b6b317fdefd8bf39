"""The flagged table: one standardised Parquet in which every row says which rules it breaks.

``_dq`` has bit *i* set where the row breaks the *i*-th row rule, and is negative exactly where one
of those rules makes the row 问题数据: the file says by itself which of its rows are clean, without
the suite that judged it. Counting what is flagged is ``judge.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
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
WRITTEN = (
    "format parquet, compression zstd, compression_level 1, parquet_version v2, "
    "write_bloom_filter false, dictionary_size_limit 20000"
)
ROWS_PER_GROUP = 122_880
_SET_ASIDE = "cast('-9223372036854775808' as bigint)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was done about 问题数据: rows by ``_row``, and the SHA-256 of each delivery read.

    ``repaired`` has the rules a row broke before its cells were corrected, ``struck`` those a row
    broke before it was struck out (作废). ``waived`` are the rows that a rule's 例外处理 lets pass,
    by rule, ``waived_rules`` the rules it lets every row pass. Without ``deliveries`` rows lie in
    no one file.
    """

    deliveries: Sequence[str] = ()
    rows_a_delivery: int = 1
    repaired: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    struck: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    waived: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    waived_rules: frozenset[str] = frozenset()


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
    aside = _set_aside(plan, settled)
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


def remaining(model_sql: str, settled: Settled) -> str:
    """The model's rows without those that were struck out (作废), in the order of ``_row``."""
    if not settled.struck:
        return model_sql
    return (
        f"select * from ({model_sql}) where _row not in ({_listed(settled.struck)}) order by _row"
    )


def struck_out(model_sql: str, fields: tuple[str, ...], settled: Settled) -> str:
    """The rows of the model that were struck out, as they would stand; for ``write_quarantine``."""
    columns = ", ".join(map(quoted, (*fields, "_row")))
    rows = f"_row in ({_listed(settled.struck)})" if settled.struck else "false"
    return f"select {columns} from ({model_sql}) where {rows}"


def clean_relation(flagged: Path) -> str:
    """The rows that broke no ``drop`` rule, as the text of a relation (usable after FROM)."""
    return f"(select * from {parquet(flagged)} where _dq >= 0)"


def write_quarantine(  # noqa: PLR0913 - the table, its rules, and what was settled
    con: duckdb.DuckDBPyConnection,
    flagged: Path,
    plan: Plan,
    out: Path,
    *,
    settled: Settled = NOTHING_SETTLED,
    struck: str = "",
) -> int:
    """Write the 问题数据 with every reason (``_reasons``, rule ids) to ``out``; how many there are.

    Each row has its ``_state`` and lies in ``_delivery`` (SHA-256) at ``_record``, null where no
    file holds it. Rows that were repaired, waived or struck out (those of the SELECT ``struck``)
    are there too, and not counted. They are as raw as the standardised table: ``out`` belongs under
    ``restricted/``.
    """
    ids = ", ".join(
        f"if({rule.bit.is_set}, {literal(rule.expectation.id)}, null)"
        for rule in plan.row_rules
        if rule.drops
    )
    reasons = f"list_filter([{ids}]::varchar[], lambda each: each is not null)"
    table, broken, words = parquet(flagged), plan.dropping, tuple(map(quoted, plan.words))
    kept = [_kept(settled, words, reasons, "pending", f"{table} where _dq < 0")]
    if settled.waived or settled.waived_rules:
        waived = f"{table} where _dq >= 0 and {broken}"
        kept.append(_kept(settled, words, reasons, "waived", waived))
    if settled.repaired:
        before = _told(con, "repaired", settled.repaired)
        repaired = f"{table} join {before} using (_row) where _dq >= 0 and not {broken}"
        kept.append(_kept(settled, (*words, "_rules"), "_rules", "repaired", repaired))
    if settled.struck:
        rows = f"({struck}) join {_told(con, 'struck', settled.struck)} using (_row)"
        kept.append(_kept(settled, ("_rules",), "_rules", "struck", rows))
    _copy(con, " union all by name ".join(kept), out)
    counted = con.execute(
        f"select count(*) from {parquet(out)} where _state = 'pending'"
    ).fetchone()
    return int(counted[0]) if counted else 0


def _kept(settled: Settled, hidden: Sequence[str], reasons: str, state: str, rows: str) -> str:
    each = settled.rows_a_delivery
    hashes = ", ".join(map(literal, settled.deliveries))
    delivery = f"([{hashes}]::varchar[])[_row // {each} + 1]" if hashes else "null::varchar"
    record = f"_row % {each}" if hashes else "null::bigint"
    return (
        f"select * exclude ({', '.join(hidden)}), "
        f"{reasons} as _reasons, {literal(state)} as _state, "
        f"{delivery} as _delivery, {record} as _record from {rows}"
    )


def _told(
    con: duckdb.DuckDBPyConnection, state: str, settled: Mapping[int, tuple[str, ...]]
) -> str:
    """A temporary table of rows with the rules they broke before."""
    name = f"{state}_rows"
    con.execute(f"create or replace temp table {name} (_row bigint, _rules varchar[])")
    rows = [(row, list(rules)) for row, rules in settled.items()]
    con.executemany(f"insert into {name} values (?, ?)", rows)
    return name


def _listed(rows: Iterable[int]) -> str:
    return ", ".join(map(str, rows))


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


def _set_aside(plan: Plan, settled: Settled) -> str:
    """Whether a row is 问题数据: it breaks a ``drop`` rule that is not waived for it."""
    if not settled.waived and not settled.waived_rules:
        return plan.dropping
    tests = [
        f"({rule.bit.is_set}{_unless(settled.waived.get(rule.expectation.id, ()))})"
        for rule in plan.row_rules
        if rule.drops and rule.expectation.id not in settled.waived_rules
    ]
    return f"({' or '.join(tests) or 'false'})"


def _unless(rows: Sequence[int]) -> str:
    return f" and _row not in ({_listed(rows)})" if rows else ""


def _write(con: duckdb.DuckDBPyConnection, marked: str, plan: Plan, aside: str, out: Path) -> None:
    words = ", ".join(map(quoted, plan.words))
    signed = f"if({aside}, _dq | {_SET_ASIDE}, _dq) as _dq"
    others = "".join(f", {quoted(word)}" for word in plan.words[1:])
    _copy(con, f"select * exclude ({words}), {signed}{others} from ({marked})", out)


def _copy(con: duckdb.DuckDBPyConnection, rows: str, out: Path) -> None:
    """Write beside, then rename: a reader sees the old file or the whole new one."""
    beside = out.with_name(f".{out.name}.part")
    settings = f"{WRITTEN}, row_group_size {ROWS_PER_GROUP}"
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
