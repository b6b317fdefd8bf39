"""Inputs: what a model reads, as relations of one connection: landed deliveries, upstream rows.

A source that adds (追加, 按主键更新) is every delivery that counts, oldest first, and the newest;
``_row`` of the n-th counts from ``n * ROWS_A_DELIVERY``, so that a row can be found in its file. A
delivery counts once it was read to its end: one that cannot be read bars nothing after it, and one
that a crash left unread is read with the next.
"""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import duckdb

from assets.corrections import corrections_of
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
from resources.corrections import Corrections, correct, rules_by_record, still_as_struck
from resources.received import LandedFile
from resources.sources import open_source

ROWS_A_DELIVERY = 1_000_000_000
_ALONE = "read_alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was opened: the deliveries read with their ``rows``, and how headings differ.

    ``set_aside`` are deliveries that are kept and not read: because of their headings (隔离), or
    because an earlier passage broke off before them and they cannot be read. ``corrected`` are the
    rows a correction was applied to (``_row``), each with the ids of the rules it broke, ``struck``
    those that clerks struck out: they are among what was opened.
    """

    rows: int
    read: tuple[LandedFile, ...] = ()
    corrected: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    struck: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    changes: tuple[StructureDiff, ...] = ()
    set_aside: tuple[LandedFile, ...] = ()

    @classmethod
    def together(cls, parts: Iterable["Inputs"]) -> "Inputs":
        """Everything that was opened for one model."""
        found = tuple(parts)
        return cls(
            rows=sum(each.rows for each in found),
            read=tuple(file for each in found for file in each.read),
            corrected={row: rules for each in found for row, rules in each.corrected.items()},
            struck={row: rules for each in found for row, rules in each.struck.items()},
            changes=tuple(diff for each in found for diff in each.changes),
            set_aside=tuple(file for each in found for file in each.set_aside),
        )

    def count(self, workshop: Workshop, dataset: Dataset) -> None:
        """Let what was read to its end count from now on."""
        received = workshop.landing.received(dataset)
        for each in self.read:
            received.count(each, dataset.load)


@dataclass(frozen=True, slots=True)
class _Opening:
    workshop: Workshop
    con: duckdb.DuckDBPyConnection
    stack: ExitStack
    dataset: Dataset
    corrections: Corrections


def open_inputs(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, stack: ExitStack, landed: Landed
) -> Inputs:
    """Register every relation the dataset's model reads; they live as long as ``stack``.

    Raises:
        SourceError: a delivery is not as the contract says, and none before it can stand in.
    """
    corrections = corrections_of(workshop, landed.dataset)
    opening = _Opening(workshop, con, stack, landed.dataset, corrections)
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
    """The source as one relation: its newest delivery, with those it adds to."""
    dataset, relation = opening.dataset, source_relation(opening.dataset.id, source.id)
    counting = opening.workshop.landing.received(dataset).counting(source.id, dataset.load)
    if dataset.load is not Load.SNAPSHOT:
        return _open_together(opening, source, newest, counting)
    try:
        return _open(opening, source, newest, relation)
    except StructureChanged as changed:
        before = tuple(each for each in counting if each.sha256 != newest.sha256)
        if dataset.on_change is not OnChange.QUARANTINE or not before:
            raise
        aside = Inputs(rows=0, changes=(changed.diff,), set_aside=(newest,))
        return Inputs.together([_open(opening, source, before[-1], relation), aside])


def _open_together(
    opening: _Opening, source: Source, newest: LandedFile, counting: tuple[LandedFile, ...]
) -> Inputs:
    relation = source_relation(opening.dataset.id, source.id)
    readable, aside = _waiting(opening, source, newest, alone=not counting)
    parts = [f"{relation}__{number}" for number in range(len(counting) + len(readable))]
    found = [
        _open(opening, source, file, part, first=number * ROWS_A_DELIVERY)
        for number, (file, part) in enumerate(zip((*counting, *readable), parts, strict=True))
    ]
    union = " union all ".join(
        f"select * replace (_row + {number * ROWS_A_DELIVERY} as _row) from {quoted(part)}"
        for number, part in enumerate(parts)
    )
    opening.con.execute(f"create temp view {quoted(relation)} as {union}").fetchall()
    return Inputs.together([*found, aside])


def _waiting(
    opening: _Opening, source: Source, newest: LandedFile, *, alone: bool
) -> tuple[tuple[LandedFile, ...], Inputs]:
    """What is to be added and can be read, oldest first, and what is given up.

    The newest, and with it what an earlier passage broke off before. Each is read by itself first,
    so that one that cannot be read bars nothing after it.

    Raises:
        SourceError: the newest cannot be read; with 隔离 it is set aside unless it is ``alone``.
    """
    dataset, received = opening.dataset, opening.workshop.landing.received(opening.dataset)
    readable: list[LandedFile] = []
    aside = []
    for file in received.waiting(source.id, dataset.load):
        try:
            _read_through(opening, source, file)
            readable.append(file)
        except SourceError as error:
            received.give_up(file, dataset.load)
            diff = error.diff if isinstance(error, StructureChanged) else None
            can_go_on = bool(readable) or not alone
            is_borne = diff is not None and dataset.on_change is OnChange.QUARANTINE and can_go_on
            if file.sha256 == newest.sha256 and not is_borne:
                raise
            opening.workshop.progress(f"{dataset.title}（{dataset.id}）：{error}")
            aside.append(Inputs(rows=0, changes=(diff,) if diff else (), set_aside=(file,)))
    return tuple(readable), Inputs.together(aside)


def _read_through(opening: _Opening, source: Source, file: LandedFile) -> None:
    with ExitStack() as stack:
        _open(replace(opening, stack=stack), source, file, _ALONE)
        opening.con.execute(f"select count(*) from {_ALONE}").fetchall()


def _open(
    opening: _Opening, source: Source, file: LandedFile, relation: str, *, first: int = 0
) -> Inputs:
    dataset, con = opening.dataset, opening.con
    received = opening.workshop.landing.received(dataset)
    corrections = opening.corrections.of(file.sha256)
    derived = dataset.model is None
    strikes = opening.corrections.strikes(file.sha256) if derived else ()
    try:
        table = opening.stack.enter_context(
            open_source(
                con,
                file,
                source.as_collected,
                relation=f"{relation}__received" if corrections else relation,
                scratch=opening.workshop.home.scratch,
                once=derived and dataset.load is not Load.UPSERT and not (corrections or strikes),
                on_change=dataset.on_change,
                required=frozenset(x.name for x in dataset.fields if x.required or x.key),
            )
        )
    except StructureChanged as changed:
        if _holds_unlisted(source, changed.diff):
            received.note_unlisted(file)
        raise
    if not derived:  # SQL of the city's own may leave rows out, so nothing counts them later
        table.recount(con)
    opening.stack.enter_context(table.reading())
    columns = [name for name, _ in source.columns]
    if corrections:
        correct(con, table.relation, relation, columns, corrections)
    if _holds_unlisted(source, table.changes):
        received.note_unlisted(file)
    changes = (table.changes,) if table.changes else ()
    struck = rules_by_record(still_as_struck(con, table.relation, columns, strikes))
    corrected = rules_by_record(x for x in corrections if x.spot.record not in struck)
    return Inputs(
        rows=table.rows,
        read=(file,),
        corrected={first + record: rules for record, rules in corrected.items()},
        struck={first + record: rules for record, rules in struck.items()},
        changes=changes,
    )


def _holds_unlisted(source: Source, diff: StructureDiff | None) -> bool:
    """Whether a delivery holds columns nobody listed: a capture has what was asked of it alone."""
    return not source.exchange and bool(source.ignored_headings or (diff and diff.new))
