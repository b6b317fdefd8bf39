"""Ladders over a table: every row's quasi-identifiers as codes, at every rung at once.

One pass groups the rows by all quasi-identifiers (and a sensitive field); everything the search of
``lattice.py`` asks for after that is arithmetic on the codes of these classes. What a rung makes of
a value is what the masker would: the operators' own SQL, or the hierarchy file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from opendata.catalog import Catalog, Dataset, Field
from opendata.ladders import Ladder, Rung, ladder_of
from opendata.sql_text import quoted
from opendata.vocabulary import Action, FieldType
from resources.number_operators import Bin
from resources.operators import Generalise

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A quasi-identifier at every rung: ``codes[rung][value]``, and how many codes a rung has."""

    codes: tuple[Codes, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Rows that agree in all quasi-identifiers, and in one sensitive field where there is one.

    ``values[field]`` numbers the value of each class in :class:`Steps`; ``counts`` are rows,
    ``sensitive`` the rank of the sensitive value (one rank where there is none) out of ``ranks``.
    """

    values: tuple[Codes, ...]
    counts: Codes
    sensitive: Codes
    ranks: int
    ordered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """A table made ready for the search: ladders, and its classes once for each sensitive field."""

    ladders: tuple[Ladder, ...]
    steps: tuple[Steps, ...]
    classes: tuple[Classes, ...]
    rows: int


def base_of(
    con: duckdb.DuckDBPyConnection, relation: str, catalog: Catalog, dataset: Dataset
) -> Base:
    """Read ``relation`` (a SELECT of standardised rows) once for each sensitive field."""
    fields = [dataset.field(each) for each in dataset.quasi_identifiers]
    found = [_ladder(con, relation, catalog, each) for each in fields]
    steps = [
        _steps(con, relation, catalog, field, ladder)
        for field, ladder in zip(fields, found, strict=True)
    ]
    names = [f"_steps_{place}" for place in range(len(fields))]
    for name, (table, _) in zip(names, steps, strict=True):
        con.register(name, table)
    try:
        classes = tuple(
            _classes(con, relation, fields, sensitive)
            for sensitive in dataset.sensitive_fields or (None,)
        )
    finally:
        for name in names:
            con.unregister(name)
    return Base(
        ladders=tuple(found),
        steps=tuple(each for _, each in steps),
        classes=classes,
        rows=int(classes[0].counts.sum()),
    )


def _ladder(
    con: duckdb.DuckDBPyConnection, relation: str, catalog: Catalog, field: Field
) -> Ladder:
    if field.type not in (FieldType.INTEGER, FieldType.DECIMAL):
        return ladder_of(catalog, field)
    name = quoted(field.name)
    ((low, high),) = con.execute(f"select min({name}), max({name}) from ({relation})").fetchall()
    span = None if low is None else (Decimal(low), Decimal(high))
    return ladder_of(catalog, field, span=span)


def _steps(
    con: duckdb.DuckDBPyConnection, relation: str, catalog: Catalog, field: Field, ladder: Ladder
) -> tuple[pa.Table, Steps]:
    """The distinct values, numbered, and what each is at every rung, numbered by rung."""
    distinct = f"select distinct {quoted(ladder.field)} as _v from ({relation})"
    told = [
        _told(con, catalog, rung, field.type, f"_level_{place}")
        for place, rung in enumerate(ladder.rungs)
    ]
    columns = ", ".join(
        f"dense_rank() over (order by {expression}) - 1 as _r{place}"
        for place, (expression, _) in enumerate(told)
    )
    joins = "".join(join for _, join in told)
    found = con.sql(
        f"select _v, row_number() over () - 1 as _n, {columns} from ({distinct}) d{joins} "
        "order by _n"
    ).to_arrow_table()
    codes = [found[f"_r{place}"].to_numpy().astype(np.int64) for place in range(len(ladder.rungs))]
    sizes = tuple(int(each.max(initial=-1)) + 1 for each in codes)
    return found.select(["_v", "_n"]), Steps(codes=tuple(codes), sizes=sizes)


def _told(
    con: duckdb.DuckDBPyConnection, catalog: Catalog, rung: Rung, kind: FieldType, name: str
) -> tuple[str, str]:
    """What the rung makes of ``_v`` as SQL, and the join that needs."""
    asked = rung.treatment
    if asked.action is Action.DROP:
        return "0", ""
    if asked.hierarchy:
        levels = catalog.hierarchy(asked.hierarchy).at(asked.level or 1)
        table = pa.table({"value": [*levels], "becomes": [*levels.values()]})
        con.register(name, table)
        join = f" left join {name} on {name}.value = d._v::varchar"
        return f"{name}.becomes", join
    if asked.action is Action.BIN:
        return Bin.sql("_v", asked.edges), ""
    if asked.preset:
        return Generalise.sql("_v", asked.preset, type=kind), ""
    return "_v", ""


def _classes(
    con: duckdb.DuckDBPyConnection, relation: str, fields: Sequence[Field], sensitive: str | None
) -> Classes:
    numbers = ", ".join(f"_steps_{place}._n as _q{place}" for place in range(len(fields)))
    joins = " ".join(
        f"join _steps_{place} on r.{quoted(each.name)} is not distinct from _steps_{place}._v"
        for place, each in enumerate(fields)
    )
    value = f"r.{quoted(sensitive)}" if sensitive else "0"
    found = con.sql(
        f"with counted as (select {numbers}, {value} as _v, count(*) as _c from ({relation}) r "
        f"{joins} group by all) "
        "select *, dense_rank() over (order by _v nulls first) - 1 as _rank from counted"
    ).to_arrow_table()
    ranks = found["_rank"].to_numpy().astype(np.int64)
    kind = found.schema.field("_v").type
    return Classes(
        values=tuple(
            found[f"_q{place}"].to_numpy().astype(np.int64) for place in range(len(fields))
        ),
        counts=found["_c"].to_numpy().astype(np.int64),
        sensitive=ranks,
        ranks=int(ranks.max(initial=0)) + 1,
        ordered=bool(
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_temporal(kind)
        ),
    )
