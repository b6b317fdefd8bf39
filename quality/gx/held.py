"""What rules are held against, which no argument can carry: other tables and earlier versions.

Taken anew for every order, by the names the rules have for it. Great Expectations hands a rule its
batch and its arguments and nothing else, so this is kept by the module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from opendata.findings import Expectation
from opendata.sql_text import quoted
from quality.agreement import AGREES
from quality.drift import DRIFT_TYPES
from quality.earlier import OF_ROWS, Earlier
from quality.references import REFERENCE_TYPES, held_values
from quality.sql import parquet

_VALUES: dict[tuple[str, str], frozenset[Any]] = {}
_AUTHORITIES: dict[str, Any] = {}
_BEFORE: dict[str, "Before"] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is kept of earlier versions, with the rows of the last as text, where they are."""

    kept: Earlier
    rows: Any = None


def look_up(
    con: duckdb.DuckDBPyConnection,
    expectations: Sequence[Expectation],
    *,
    beside: Path | None,
    earlier: Earlier | None,
) -> None:
    """Take what these rules are held against as pandas has it."""
    for each in expectations:
        if each.type in REFERENCE_TYPES and beside is not None:
            held = held_values(beside, each) or "select null as held where false"
            key = (each.kwargs["dataset"], each.kwargs["field"])
            _VALUES[key] = frozenset(frame_of(con, f"({held})")["held"])
        if each.type == AGREES and beside is not None:
            _AUTHORITIES[_meeting(each.kwargs)] = frame_of(con, _authority(beside, each.kwargs))
    if earlier is not None:
        by_rows = any(each.type in OF_ROWS for each in expectations)
        _BEFORE[earlier.release] = _before(con, earlier, by_rows=by_rows)


def values_of(dataset: str, field: str) -> frozenset[Any]:
    """The values another dataset has of a field."""
    return _VALUES[dataset, field]


def authority_of(kwargs: Mapping[str, Any]) -> Any:
    """An authority's clean rows: its keys, in the order of the rule's, then the value."""
    return _AUTHORITIES[_meeting(kwargs)]


def before(release: str) -> Before:
    """The version a rule on what changed names, and those before it."""
    return _BEFORE[release]


def held_apart(
    table: str, columns: Sequence[str], rules: Sequence[Expectation]
) -> tuple[tuple[str, Sequence[Expectation]], ...]:
    """Rules on a flagged table with the relation each kind of them is about.

    Those held beside another table take text, in which no number loses a digit, and those held
    beside an authority the clean rows alone.
    """
    as_is = ", ".join(map(quoted, columns))
    as_text = ", ".join(f"{quoted(each)}::varchar as {quoted(each)}" for each in columns)
    alike = ", ".join(f"{_alike(each)} as {quoted(each)}" for each in columns)
    changes = [each for each in rules if each.type in DRIFT_TYPES]
    agreed = [each for each in rules if each.type == AGREES]
    rest = [each for each in rules if each not in changes and each not in agreed]
    kinds = (
        (f"(select {as_is} from {table})", rest),
        (f"(select {as_text} from {table})", changes),
        (f"(select {alike} from {table} where _dq >= 0)", agreed),
    )
    return tuple((relation, asked) for relation, asked in kinds if asked)


def frame_of(con: duckdb.DuckDBPyConnection, relation: str) -> Any:
    """The relation as pandas, in the types Great Expectations can compare.

    Text bounds compare with nanoseconds only, pandas' own missing integers with nothing, and a
    column without values is not text until it is told so.
    """
    frame = con.execute(f"select * from {relation}").df()
    for kind, wanted in (("datetime", "datetime64[ns]"), ("number", "float64")):
        for column in frame.select_dtypes(kind).columns:
            frame[column] = frame[column].astype(wanted)
    without_values = [column for column in frame.columns if frame[column].dtype.kind == "O"]
    return frame.astype(dict.fromkeys(without_values, "str"))


def _before(con: duckdb.DuckDBPyConnection, earlier: Earlier, *, by_rows: bool) -> Before:
    if earlier.table is None or not by_rows:
        return Before(kept=earlier)
    columns = ", ".join(f"{quoted(each)}::varchar as {quoted(each)}" for each in earlier.shared)
    rows = frame_of(con, f"(select {columns or '1'} from {parquet(Path(earlier.table))})")
    return Before(kept=earlier, rows=rows)


def _authority(beside: Path, kwargs: Mapping[str, Any]) -> str:
    dataset, _, column = kwargs["authority"].partition(".")
    keys = [f"{_alike(key)} as k{at}" for at, key in enumerate(kwargs["authority_keys"])]
    columns = ", ".join([*keys, f"{_alike(column)} as theirs"])
    return f"(select {columns} from {parquet(beside / f'{dataset}.parquet')} where _dq >= 0)"


def _alike(column: str) -> str:
    """A value as text that is the same for equal ones of two tables: 1 and 1.00, a day and 0:00."""
    name = quoted(column)
    return (
        f"case when regexp_matches(typeof({name}), 'INT|DECIMAL') "
        f"then try_cast({name} as decimal(38, 9))::varchar "
        f"when regexp_matches(typeof({name}), 'DATE|TIMESTAMP') "
        f"then try_cast({name} as timestamp)::varchar else {name}::varchar end"
    )


def _meeting(kwargs: Mapping[str, Any]) -> str:
    return f"{kwargs['authority']} by {', '.join(kwargs['authority_keys'])}"
