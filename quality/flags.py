"""The flagged table: one standardised Parquet in which every row says which rules it breaks.

``_dq`` has bit *i* set where the row breaks the *i*-th row rule, and is negative exactly where one
of those rules makes the row 问题数据: the file says by itself which of its rows are clean, without
the suite that judged it. Counting what is flagged is ``judge.py``.
"""

from collections.abc import Mapping
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
_SET_ASIDE = "cast('-9223372036854775808' as bigint)"


def standardise(
    con: duckdb.DuckDBPyConnection, model_sql: str, fields: tuple[str, ...], plan: Plan, out: Path
) -> None:
    """Write the model's rows with their flags to ``out``, in the model's order, in one pass.

    ``out`` appears complete or not at all. The table is written a second time only when keys turn
    out to be duplicated.

    Raises:
        ModelError: the model fails while it runs.
    """
    columns = ", ".join(map(quoted, (*fields, "_row")))
    _write(con, _marked(model_sql, columns, plan), plan, out)
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
    _write(con, ordered, plan, out)


def clean_relation(flagged: Path) -> str:
    """The rows that broke no ``drop`` rule, as the text of a relation (usable after FROM)."""
    return f"(select * from {parquet(flagged)} where _dq >= 0)"


def write_quarantine(con: duckdb.DuckDBPyConnection, flagged: Path, plan: Plan, out: Path) -> int:
    """Write the 问题数据 with every reason (``_reasons``, rule ids) to ``out``; how many there are.

    The rows are as raw as the standardised table: ``out`` belongs under ``restricted/``.
    """
    ids = ", ".join(
        f"if({rule.bit.is_set}, {literal(rule.expectation.id)}, null)"
        for rule in plan.row_rules
        if rule.drops
    )
    reasons = f"list_filter([{ids}]::varchar[], lambda each: each is not null)"
    hidden = ", ".join(map(quoted, plan.words))
    rows = f"select * exclude ({hidden}), {reasons} as _reasons from {parquet(flagged)}"
    _copy(con, f"{rows} where _dq < 0", out)
    counted = con.execute(f"select count(*) from {parquet(out)}").fetchone()
    return int(counted[0]) if counted else 0


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


def _write(con: duckdb.DuckDBPyConnection, marked: str, plan: Plan, out: Path) -> None:
    words = ", ".join(map(quoted, plan.words))
    signed = f"if({plan.dropping}, _dq | {_SET_ASIDE}, _dq) as _dq"
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
