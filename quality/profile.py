"""The profile of a version: its rows, how much of each field is empty, how categories divide.

Counts only; a value is there as a keyed digest.
Rows and empty fields are read off the file's footer and cost nothing; the footer also tells which
fields have few values, so that only those are looked at. Comparing profiles is ``drift.py``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from opendata.catalog import Dataset, Field
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.sql_text import literal, quoted
from opendata.vocabulary import FieldType, Role
from quality.sql import parquet

ROWS_A_VALUE = 10
"""Where a value stands for fewer rows on average it is no category, however few there are."""

Digest = Callable[[str], str]
_WHOLE = (
    "starts_with(type, 'INT') and regexp_full_match(stats_min_value, '-?[0-9]+') "
    "and regexp_full_match(stats_max_value, '-?[0-9]+')"
)
"""Whether a row group tells the bounds of a column of whole numbers; dates are text there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Counts of one version: ``nulls`` by field, ``categories`` by field and digest of a value."""

    rows: int
    nulls: Mapping[str, int]
    categories: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What a file's footer tells: rows, empty values by column, and the columns of few values.

    ``distinct`` is the most that occur in one row group, of columns written as dictionaries;
    ``bounds`` are the least and the greatest value of whole numbers.
    """

    rows: int
    nulls: Mapping[str, int]
    distinct: Mapping[str, int]
    bounds: Mapping[str, tuple[int, int]]

    @property
    def filled(self) -> Mapping[str, int]:
        """How many values the columns have whose nulls are counted."""
        return {name: self.rows - nulls for name, nulls in self.nulls.items()}


def profile(
    con: duckdb.DuckDBPyConnection, flagged: Path, dataset: Dataset, digest: Digest | None
) -> Profile:
    """The profile of a dataset's flagged table; without ``digest`` it has no categories."""
    footer = read_footer(con, flagged)
    nulls = {
        each.name: footer.nulls[each.name] for each in dataset.fields if each.name in footer.nulls
    }
    if digest is None or not dataset.quality.drift.categories.judged:
        return Profile(rows=footer.rows, nulls=nulls, categories={})
    categories = {
        name: {digest(value): rows for value, rows in counted}
        for name, most in _categorical(dataset, footer).items()
        if len(counted := _histogram(con, flagged, name, limit=most + 1)) <= most
    }
    return Profile(rows=footer.rows, nulls=nulls, categories=categories)


def distinct_values(con: duckdb.DuckDBPyConnection, table: Path, name: str) -> Iterator[str]:
    """The values of a column as text, as they are digested; the column must be there."""
    told = con.execute(
        f"select distinct {quoted(name)}::varchar from {parquet(table)} "
        f"where {quoted(name)} is not null"
    ).fetchall()
    return (value for (value,) in told)


def read_footer(con: duckdb.DuckDBPyConnection, table: Path) -> Footer:
    """The counts a Parquet file keeps of itself; no page of it is read.

    A column whose nulls some row group does not count is left out of ``nulls``.
    """
    told = con.execute(
        "select path_in_schema, sum(num_values), sum(stats_null_count), "
        "bool_and(stats_null_count is not null), max(stats_distinct_count), "
        "bool_and(stats_distinct_count is not null or num_values = stats_null_count), "
        f"bool_and({_WHOLE}), min(try_cast(stats_min_value as bigint)), "
        "max(try_cast(stats_max_value as bigint)) "
        f"from parquet_metadata({literal(str(table))}) group by path_in_schema"
    ).fetchall()
    return Footer(
        rows=max((int(rows) for _, rows, *_ in told), default=0),
        nulls={name: int(nulls) for name, _, nulls, counted, *_ in told if counted},
        distinct={name: int(most or 0) for name, *_, most, known, _, _, _ in told if known},
        bounds={name: (low, high) for name, *_, whole, low, high in told if whole},
    )


def _categorical(dataset: Dataset, footer: Footer) -> Mapping[str, int]:
    """The fields to divide, with the most values each may have: those named, or those of few."""
    asked = dataset.quality.drift.categories
    if asked.fields:
        return dict.fromkeys(asked.fields, asked.max_values)
    most = min(asked.max_values, footer.rows // ROWS_A_VALUE)
    return {
        each.name: most
        for each in dataset.fields
        if _may_hold(each) and 0 < footer.distinct.get(each.name, 0) <= most
    }


def _may_hold(field: Field) -> bool:
    """Codes and text; a date moves with every version, and a person is no category."""
    coded = field.code_table is not None or field.type is FieldType.TEXT
    return coded and field.role is not Role.DIRECT and field.semantic not in PERSONAL_SEMANTICS


def _histogram(
    con: duckdb.DuckDBPyConnection, flagged: Path, name: str, *, limit: int
) -> list[tuple[str, int]]:
    return con.execute(
        f"select {quoted(name)}::varchar, count(*) from {parquet(flagged)} "
        f"where {quoted(name)} is not null group by {quoted(name)} limit {limit}"
    ).fetchall()
