"""Inputs: what a model reads, as relations of one connection: landed deliveries, upstream rows.

A source that adds (追加, 按主键更新) is every delivery that still counts, oldest first; ``_row`` of
the n-th delivery counts from ``n * ROWS_A_DELIVERY``, so that a row can be found in its file.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import duckdb

from assets.landed import Landed
from assets.workshop import Workshop
from dbt_like_sql.project import ref_relation, source_relation
from dbt_like_sql.upsert import newest_rows, replaced_rows
from opendata.catalog import Dataset
from opendata.errors import SourceError
from opendata.source import Source
from opendata.sql_text import quoted
from opendata.vocabulary import Load
from quality.flags import clean_relation
from resources.landing import LandedFile
from resources.sources import open_source

ROWS_A_DELIVERY = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was opened: ``rows`` are those landed."""

    rows: int


@dataclass(frozen=True, slots=True)
class _Opening:
    workshop: Workshop
    con: duckdb.DuckDBPyConnection
    stack: ExitStack
    dataset: Dataset


def open_inputs(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, stack: ExitStack, landed: Landed
) -> Inputs:
    """Register every relation the dataset's model reads; they live as long as ``stack``.

    Raises:
        SourceError: a delivery is not as the contract says, and none before it can stand in.
    """
    opening = _Opening(workshop, con, stack, landed.dataset)
    found = [
        _open_source(opening, source, file)
        for source, file in zip(landed.dataset.sources, landed.files, strict=True)
    ]
    for upstream in landed.dataset.reads:
        clean = clean_relation(workshop.flagged(upstream))
        view = quoted(ref_relation(upstream))
        con.execute(f"create view {view} as from {clean}").fetchall()
    return Inputs(rows=sum(each.rows for each in found))


def newest(con: duckdb.DuckDBPyConnection, dataset: Dataset, sql: str) -> tuple[str, int]:
    """The model's SQL without the rows a later delivery replaced, and how many those are."""
    if dataset.load is not Load.UPSERT:
        return sql, 0
    told = {"rows_a_delivery": ROWS_A_DELIVERY}
    ((replaced,),) = con.execute(replaced_rows(sql, dataset.keys, **told)).fetchall()
    return newest_rows(sql, dataset.keys, **told), replaced


def _open_source(opening: _Opening, source: Source, newest: LandedFile) -> Inputs:
    relation = source_relation(opening.dataset.id, source.id)
    if opening.dataset.load is Load.SNAPSHOT:
        return _open(opening, source, newest, relation)
    opening.stack.push(_out_of_the_way(opening, newest))
    found = []
    parts = []
    for number, file in enumerate(opening.workshop.landing.deliveries(opening.dataset, source)):
        part = f"{relation}__{number}"
        found.append(_open(opening, source, file, part))
        offset = number * ROWS_A_DELIVERY
        parts.append(f"select * replace (_row + {offset} as _row) from {quoted(part)}")
    union = " union all ".join(parts)
    opening.con.execute(f"create temp view {quoted(relation)} as {union}").fetchall()
    return Inputs(rows=sum(each.rows for each in found))


def _out_of_the_way(opening: _Opening, newest: LandedFile) -> Callable[..., None]:
    """What leaves a stack with a SourceError: the newest delivery must not bar the next one.

    Its bytes still lie in the inbox, so nothing is lost if it was not the one to blame.
    """

    def leave(_kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, SourceError):
            opening.workshop.landing.set_aside(opening.dataset, newest)

    return leave


def _open(opening: _Opening, source: Source, file: LandedFile, relation: str) -> Inputs:
    dataset, con = opening.dataset, opening.con
    derived = dataset.model is None
    table = opening.stack.enter_context(
        open_source(
            con,
            file,
            source,
            relation=relation,
            scratch=opening.workshop.home.scratch,
            once=derived and dataset.load is not Load.UPSERT,
        )
    )
    if not derived:  # SQL of the city's own may leave rows out, so nothing counts them later
        table.recount(con)
    opening.stack.enter_context(table.reading())
    return Inputs(rows=table.rows)
