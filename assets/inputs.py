"""Inputs: what a model reads, as relations of one connection: landed deliveries, upstream rows.

A source that adds (追加, 按主键更新) is every delivery that still counts, oldest first; ``_row`` of
the n-th delivery counts from ``n * ROWS_A_DELIVERY``, so that a row can be found in its file.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass

import duckdb

from assets.landed import Landed
from assets.workshop import Workshop
from dbt_like_sql.project import ref_relation, source_relation
from dbt_like_sql.upsert import newest_rows, replaced_rows
from opendata.catalog import Dataset
from opendata.errors import SourceError, StructureChanged
from opendata.source import Source
from opendata.sql_text import quoted
from opendata.structure import StructureDiff
from opendata.vocabulary import Load, OnChange
from quality.flags import clean_relation
from resources.received import LandedFile
from resources.sources import open_source

ROWS_A_DELIVERY = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was opened: ``rows`` landed, and how headings differ from the contract.

    ``set_aside`` are deliveries that do not count because of that (隔离).
    """

    rows: int
    changes: tuple[StructureDiff, ...] = ()
    set_aside: tuple[LandedFile, ...] = ()

    @classmethod
    def together(cls, parts: Iterable["Inputs"]) -> "Inputs":
        """Everything that was opened for one model."""
        found = tuple(parts)
        return cls(
            rows=sum(each.rows for each in found),
            changes=tuple(diff for each in found for diff in each.changes),
            set_aside=tuple(file for each in found for file in each.set_aside),
        )


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
    return Inputs.together(found)


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
        return _open_or_stand_in(opening, source, newest, relation)
    opening.stack.push(_out_of_the_way(opening, newest))
    found = []
    parts = []
    received = opening.workshop.landing.received(opening.dataset)
    for number, file in enumerate(received.deliveries(source.id)):
        part = f"{relation}__{number}"
        opened = _open_or_stand_in(opening, source, file, part)
        found.append(opened)
        if opened.set_aside:
            continue
        offset = number * ROWS_A_DELIVERY
        parts.append(f"select * replace (_row + {offset} as _row) from {quoted(part)}")
    union = " union all ".join(parts)
    opening.con.execute(f"create temp view {quoted(relation)} as {union}").fetchall()
    return Inputs.together(found)


def _out_of_the_way(opening: _Opening, newest: LandedFile) -> Callable[..., None]:
    """What leaves a stack with a SourceError: the newest delivery must not bar the next one.

    Its bytes still lie in the inbox, so nothing is lost if it was not the one to blame.
    """

    def leave(_kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, SourceError):
            opening.workshop.landing.received(opening.dataset).set_aside(newest)

    return leave


def _open_or_stand_in(opening: _Opening, source: Source, file: LandedFile, relation: str) -> Inputs:
    """Open a delivery; where its structure is to be quarantined, the one before it stands in."""
    dataset, received = opening.dataset, opening.workshop.landing.received(opening.dataset)
    try:
        return _open(opening, source, file, relation)
    except StructureChanged as changed:
        before = received.last(source.id, before=file)
        if dataset.on_change is not OnChange.QUARANTINE or before is None:
            raise
        received.set_aside(file)
        aside = Inputs(rows=0, changes=(changed.diff,), set_aside=(file,))
        if dataset.load is not Load.SNAPSHOT:
            return aside
        return Inputs.together([_open(opening, source, before, relation), aside])


def _open(opening: _Opening, source: Source, file: LandedFile, relation: str) -> Inputs:
    dataset, con = opening.dataset, opening.con
    derived = dataset.model is None
    table = opening.stack.enter_context(
        open_source(
            con,
            file,
            source.as_collected,
            relation=relation,
            scratch=opening.workshop.home.scratch,
            once=derived and dataset.load is not Load.UPSERT,
            on_change=dataset.on_change,
            required=frozenset(each.name for each in dataset.fields if each.required or each.key),
        )
    )
    if not derived:  # SQL of the city's own may leave rows out, so nothing counts them later
        table.recount(con)
    opening.stack.enter_context(table.reading())
    if source.ignored_headings or (table.changes and table.changes.new):
        opening.workshop.landing.received(dataset).note_unlisted(file)
    return Inputs(rows=table.rows, changes=(table.changes,) if table.changes else ())
