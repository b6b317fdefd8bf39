"""Quarantine: how a dataset's 问题数据 stand, and the lines that go back to the maker of a file.

Which rows are set aside is decided while a dataset is standardised; here they are counted and put
into words. A line holds a masked shape and never a value.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from assets.corrections import corrections_of
from assets.inputs import ROWS_A_DELIVERY, Inputs
from assets.looking import looked_at
from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import DecisionError, HomeError
from opendata.findings import Expectation
from opendata.quarantine import (
    EMPTY_SHAPE,
    AskedFor,
    Line,
    RowState,
    Spot,
    asked_for,
    fields_of,
    granted,
    may_be_waived,
    mend_of,
)
from opendata.sql_text import quoted
from quality.flags import NOTHING_SETTLED, Settled
from quality.shapes import shape_of
from quality.sql import parquet
from quality.suite import expectations_for
from resources.fsio import sha256_of_file
from resources.received import LandedFile

MOST_ROWS = 5_000
"""Rows one sheet asks about; the rest is asked once these are mended."""

_WORKBOOKS = frozenset({".xls", ".xlsx", ".xlsm", ".et", ".ods"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The 问题数据 of one dataset: rows by state, rows still waiting by rule, since when.

    ``reasons`` maps rule ids to rows; ``since`` is when the oldest file with waiting rows came in,
    None where rows lie in no one file. ``asked`` are exceptions clerks asked for.
    """

    dataset: Dataset
    states: Mapping[RowState, int]
    reasons: Mapping[str, int]
    descriptions: Mapping[str, str]
    since: datetime | None
    asked: tuple[AskedFor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The lines of a sheet, about ``rows`` of the ``waiting`` rows of 问题数据."""

    lines: tuple[Line, ...]
    rows: int
    waiting: int


def lies_in_files(dataset: Dataset) -> bool:
    """Whether each row of the dataset is one record of one delivery: no SQL stands between."""
    return dataset.model is None and len(dataset.sources) == 1


def files_of(workshop: Workshop, dataset: Dataset) -> Mapping[str, LandedFile]:
    """The deliveries that count, oldest first, by SHA-256; none where rows lie in no one file."""
    if not lies_in_files(dataset):
        return {}
    (source,) = dataset.sources
    received = workshop.landing.received(dataset)
    return {each.sha256: each for each in received.counting(source.id, dataset.load)}


def settled_of(workshop: Workshop, inputs: Inputs, dataset: Dataset) -> Settled:
    """What was corrected and waived of the rows that are about to be judged."""
    if not lies_in_files(dataset):
        return NOTHING_SETTLED
    files = {each.sha256: each.original_name for each in inputs.read}
    place = {sha256: number * ROWS_A_DELIVERY for number, sha256 in enumerate(files)}
    waived: dict[str, tuple[int, ...]] = {}
    for each in exceptions_of(workshop, dataset, files):
        if each.granted:
            row = place[each.spot.sha256] + each.spot.record
            waived[each.rule] = (*waived.get(each.rule, ()), row)
    return Settled(
        deliveries=tuple(files),
        rows_a_delivery=ROWS_A_DELIVERY,
        repaired=inputs.corrected,
        waived=waived,
    )


def exceptions_of(
    workshop: Workshop, dataset: Dataset, files: Mapping[str, str]
) -> tuple[AskedFor, ...]:
    """The exceptions asked for rows of these files, each with whether it is granted today."""
    answers = corrections_of(workshop, dataset).answers
    if not answers:
        return ()
    asked = asked_for(dataset, answers, _rules(workshop, dataset), files)
    waivers = workshop.decided.waivers_of(dataset.id)
    return tuple(granted(asked, waivers, workshop.clock.as_of))


def held_of(workshop: Workshop, dataset: Dataset) -> Held | None:
    """How the dataset's 问题数据 stand; None where it has none, or was never standardised."""
    path = workshop.quarantined(dataset.id)
    if not path.exists():
        return None
    files = files_of(workshop, dataset)
    with workshop.connection() as con:
        states = _states(con, path, dataset)
        if not states:
            return None
        reasons = _counted(con, path, "unnest(_reasons)", "where _state = 'pending'")
        deliveries = _counted(con, path, "_delivery", "where _state = 'pending'")
    if RowState.REPAIRED in states and _is_open(workshop, dataset):
        states[RowState.REPUBLISHED] = states.pop(RowState.REPAIRED)
    rules = _rules(workshop, dataset)
    names = {sha256: each.original_name for sha256, each in files.items()}
    return Held(
        dataset=dataset,
        states=states,
        reasons=reasons,
        descriptions={each: rules[each].description for each in reasons if each in rules},
        since=min((files[x].received_at for x in deliveries if x in files), default=None),
        asked=exceptions_of(workshop, dataset, names),
    )


def lines_of(workshop: Workshop, dataset: Dataset, *, most: int = MOST_ROWS) -> Asked:
    """What the clerks of a dataset are to be asked, file by file in the order of the rows.

    Raises:
        DecisionError: its rows are made by SQL, so that no file holds them.
        SourceError: a received file cannot be read any more.
    """
    if not lies_in_files(dataset):
        raise DecisionError(
            f"{dataset.id} is made by SQL of its own, so that its rows are in no one file; mend "
            "the datasets and sources it reads"
        )
    path = workshop.quarantined(dataset.id)
    if not path.exists():
        return Asked(lines=(), rows=0, waiting=0)
    rules, rows = _rules(workshop, dataset), 0
    lines: list[Line] = []
    with workshop.connection() as con:
        waiting = _states(con, path, dataset).get(RowState.PENDING, 0)
        for file in files_of(workshop, dataset).values():
            broken = _broken(con, path, file, rules, limit=most - rows)
            rows += len(broken)
            lines += _lines(workshop, dataset, file, broken)
    return Asked(lines=tuple(lines), rows=rows, waiting=waiting)


def lines_about(
    workshop: Workshop, dataset: Dataset, file: LandedFile, records: Collection[int]
) -> dict[Spot, Line]:
    """The lines there would be now about these records of a delivery that counts."""
    path = workshop.quarantined(dataset.id)
    if not path.exists():
        return {}
    with workshop.connection() as con:
        found = _broken(con, path, file, _rules(workshop, dataset), limit=None, among=records)
    return {each.spot: each for each in _lines(workshop, dataset, file, found)}


def _rules(workshop: Workshop, dataset: Dataset) -> dict[str, Expectation]:
    return {each.id: each for each in expectations_for(dataset, workshop.catalog)}


def _states(con: duckdb.DuckDBPyConnection, path: Path, dataset: Dataset) -> dict[RowState, int]:
    described = con.execute(f"describe from {parquet(path)}").fetchall()
    if "_state" not in {name for name, *_ in described}:
        raise HomeError(
            f"the quarantine of {dataset.id} was written by another version; run "
            f"`opendata run {dataset.id}` first"
        )
    found = _counted(con, path, "_state", "")
    return {state: found[state.code] for state in RowState if state.code in found}


def _counted(con: duckdb.DuckDBPyConnection, path: Path, what: str, where: str) -> dict[str, int]:
    """Rows by something, the most frequent first."""
    rows = f"select {what} as told from {parquet(path)} {where}"
    counted = con.execute(
        f"select told, count(*) from ({rows}) where told is not null group by told "
        "order by count(*) desc, told"
    ).fetchall()
    return {str(told): int(rows) for told, rows in counted}


def _is_open(workshop: Workshop, dataset: Dataset) -> bool:
    """Whether what is open now was made from the rows as they are."""
    dossier = last_dossier(workshop, dataset.id)
    return (
        dossier is not None
        and dossier.released_sha256 is not None
        and dossier.standardised_sha256 == sha256_of_file(workshop.flagged(dataset.id))
        and dataset.id in workshop.store_of(dataset).current().datasets
    )


Broken = Mapping[int, Sequence[Expectation]]


def _broken(  # noqa: PLR0913 - which records of which file break which rules
    con: duckdb.DuckDBPyConnection,
    path: Path,
    file: LandedFile,
    rules: Mapping[str, Expectation],
    *,
    limit: int | None,
    among: Collection[int] | None = None,
) -> Broken:
    """The waiting records of a file, all or ``among`` some, each with the rules it breaks."""
    chosen = "" if among is None else "and _record in (select unnest($records::bigint[])) "
    told: dict[str, object] = {"sha256": file.sha256}
    told |= {} if among is None else {"records": list(among)}
    found = con.execute(
        f"select _record, _reasons from {parquet(path)} "
        f"where _state = 'pending' and _delivery = $sha256 {chosen}order by _record"
        + ("" if limit is None else f" limit {max(limit, 0)}"),
        told,
    ).fetchall()
    return {
        int(record): [rules[each] for each in reasons if each in rules] for record, reasons in found
    }


def _lines(
    workshop: Workshop,
    dataset: Dataset,
    file: LandedFile,
    broken: Broken,
) -> Iterator[Line]:
    if not broken:
        return
    source = dataset.sources[0]
    headings = dict(source.columns)
    is_book = Path(file.original_name).suffix.lower() in _WORKBOOKS
    shapes = _shapes(workshop, dataset, file, broken)
    for record, expectations in broken.items():
        for field, about in _by_field(expectations):
            yield Line(
                spot=Spot(sha256=file.sha256, record=record, field=field),
                file=file.original_name,
                sheet=(source.sheet or "首个有内容的工作表") if is_book else "",
                row=record,
                heading=headings[field] or dataset.field(field).title,
                shape=shapes[record, field],
                rules=tuple(each.id for each in about),
                broken="；".join(each.description for each in about),
                mend=mend_of(about),
                waivable=may_be_waived(about),
            )


def _by_field(
    expectations: Iterable[Expectation],
) -> Iterable[tuple[str, tuple[Expectation, ...]]]:
    found: dict[str, tuple[Expectation, ...]] = {}
    for each in expectations:
        for field in fields_of(each):
            found[field] = (*found.get(field, ()), each)
    return found.items()


def _shapes(
    workshop: Workshop,
    dataset: Dataset,
    file: LandedFile,
    broken: Broken,
) -> dict[tuple[int, str], str]:
    """What the cells look like as they stand in the file, corrections so far included."""
    fields = tuple(dict.fromkeys(field for each in broken.values() for field, _ in _by_field(each)))
    shown = ", ".join(f"{shape_of(each)} as {quoted(each)}" for each in fields)
    with looked_at(workshop, dataset, file) as (con, relation):
        found = con.execute(
            f"select _row, {shown} from {relation} where _row in (select unnest(?::bigint[]))",
            [list(broken)],
        ).fetchall()
    return {
        (int(record), field): shape.replace(" ", "␣") if shape else EMPTY_SHAPE
        for record, *cells in found
        for field, shape in zip(fields, cells, strict=True)
    }
