"""Grains: the columns of a released table, each as coarsely as it can be told, in small samples.

A month is also a year, an address also a city: whoever joins two tables makes the finer one coarse.
Of every column and grain the least digests of its values are kept, so that those of two columns can
be compared without reading either again; they are not keyed, for whoever may read the state may
read the released files themselves. What meets is joined in ``linkage.py``.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from opendata.catalog import Dataset, Field
from opendata.sql_text import literal, quoted
from opendata.vocabulary import FieldType, Semantic
from resources.operators import Generalise

KEPT = 512
"""Digests kept of a column's values: the smallest, so that those of two columns meet."""

_PLAIN = "原值"
_SPARE = 4
_LARGEST = (1 << 64) - 1
_DATES = (("日", 10), ("月", 7), ("年", 4))
_DIVISIONS = ((_PLAIN, 12), ("地市", 4), ("省份", 2))


@dataclass(frozen=True, slots=True, eq=False)
class Grain:
    """One column told at one grain: how many values it has, and digests of the least of them."""

    field: str
    grain: str
    distinct: int
    least: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A released table: its entry, its file, how small its groups may be, and its grains."""

    dataset: Dataset
    path: Path
    required_k: int
    rows: int
    grains: tuple[Grain, ...]


def opened(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path, *, required_k: int
) -> Opened:
    """Sketch a released file: one pass over all columns, and one for the samples of each."""
    there = columns_of(con, path)
    fields = [each for each in dataset.released_fields if each.name in there]
    told = [(each.name, name, sql) for each in fields for name, sql in grains(each)]
    counted = ", ".join(["count(*)", *(f"approx_count_distinct({sql})" for _, _, sql in told)])
    ((rows, *counts),) = con.execute(f"select {counted} from {table_of(path)}").fetchall()
    return Opened(
        dataset=dataset,
        path=path,
        required_k=required_k,
        rows=int(rows),
        grains=tuple(
            _grain(con, path, each, about=int(count))
            for each, count in zip(told, counts, strict=True)
        ),
    )


def register_text(table: Opened) -> str:
    """The table's line in the register of what is open: its rows and its grains, no value."""
    told = [
        (each.field, each.grain, each.distinct, [int(h) for h in each.least])
        for each in table.grains
    ]
    return json.dumps({"rows": table.rows, "grains": told})


def from_register(text: str, dataset: Dataset, path: Path, *, required_k: int) -> Opened:
    """The table that :func:`register_text` noted; ValueError or KeyError for anything else."""
    told = json.loads(text)
    return Opened(
        dataset=dataset,
        path=path,
        required_k=required_k,
        rows=told["rows"],
        grains=tuple(
            Grain(field, grain, distinct, np.array(least, np.uint64))
            for field, grain, distinct, least in told["grains"]
        ),
    )


def grains(field: Field) -> Iterator[tuple[str, str]]:
    """The grains a released field can be told at, finest first, as SQL over its column."""
    text = f"{quoted(field.name)}::varchar"
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        yield from ((name, f"left({text}, {width})") for name, width in _DATES)
    elif field.semantic is Semantic.DIVISION:
        yield from ((name, f"left({text}, {width})") for name, width in _DIVISIONS)
    elif field.semantic is Semantic.ADDRESS:
        yield _PLAIN, text
        yield from ((each, Generalise.sql(text, each)) for each in ("区县", "地市"))
    else:
        yield _PLAIN, text


def contained(one: Grain, other: Grain) -> float:
    """About how many of one's values are the other's: of those both samples can tell."""
    if not len(one.least) or not len(other.least):
        return 0.0
    ends = [each.least[-1] for each in (one, other) if each.distinct > KEPT]
    mine = one.least[one.least <= min(ends)] if ends else one.least
    met = np.isin(mine, other.least, assume_unique=True).sum()
    return float(met) / max(len(mine), 1)


def _grain(
    con: duckdb.DuckDBPyConnection, path: Path, told: tuple[str, str, str], *, about: int
) -> Grain:
    """The least digests: of many values only those are told apart that can be among them."""
    field, grain, sql = told
    share = min(1.0, _SPARE * KEPT / about) if about else 1.0
    below = f"where _h <= {int(share * _LARGEST)}" if share < 1 else ""
    found = con.execute(
        f"with hashed as (select hash({sql}) as _h from {table_of(path)} where ({sql}) is not null)"
        f", told as (select distinct _h from hashed {below}) "
        f"select count(*), (select list(_h) from (select _h from told order by _h limit {KEPT})) "
        "from told"
    ).fetchall()
    distinct, least = found[0]
    return Grain(field, grain, about if below else int(distinct), np.array(least or (), np.uint64))


def table_of(path: Path) -> str:
    """A released file as SQL reads it."""
    return f"read_parquet({literal(str(path))})"


def columns_of(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, ...]:
    """The names of its columns."""
    found = con.execute(f"select name from parquet_schema({literal(str(path))})").fetchall()
    return tuple(str(each[0]) for each in found[1:])
