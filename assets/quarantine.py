"""Quarantine: how a dataset's 问题数据 stand, and the lines that go back to the maker of a file.

Which rows are set aside is decided while a dataset is standardised; here they are counted and put
into words. A line holds a masked shape and never a value.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from assets.looking import looked_at
from assets.probe import last_dossier
from assets.settled import exceptions_of, files_of, lies_in_files, rules_of, rules_waived
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
    fields_of,
    may_be_waived,
    mend_of,
)
from opendata.sql_text import quoted
from opendata.waivers import Waiver
from quality.shapes import shape_of
from quality.sql import parquet
from resources.fsio import sha256_of_file
from resources.received import LandedFile

MOST_ROWS = 5_000
"""Rows one sheet asks about; the rest is asked once these are mended."""

_WORKBOOKS = frozenset({".xls", ".xlsx", ".xlsm", ".et", ".ods"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The 问题数据 of one dataset: rows by state, rows still waiting by rule, since when.

    ``reasons`` maps rule ids to rows; ``since`` is when the oldest file with waiting rows came in,
    None where rows lie in no one file. ``asked`` are exceptions clerks asked for, ``waived`` the
    rules that are waived as a whole.
    """

    dataset: Dataset
    states: Mapping[RowState, int]
    reasons: Mapping[str, int]
    descriptions: Mapping[str, str]
    since: datetime | None
    asked: tuple[AskedFor, ...]
    waived: Mapping[str, Waiver]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The lines of a sheet, about ``rows`` of the ``waiting`` rows of 问题数据."""

    lines: tuple[Line, ...]
    rows: int
    waiting: int


def judged_rules(workshop: Workshop, dataset: Dataset) -> dict[str, Expectation]:
    """Every rule the dataset is judged by, by id: its suite, and what was judged beside it last."""
    dossier = last_dossier(workshop, dataset.id)
    last = dossier.quality.results if dossier and dossier.quality else ()
    return {each.expectation.id: each.expectation for each in last} | rules_of(workshop, dataset)


def held_of(workshop: Workshop, dataset: Dataset) -> Held | None:
    """How the dataset's 问题数据 stand; None where it has none, or was never standardised.

    A dataset with a rule that is waived as a whole is told, 问题数据 or not.
    """
    path = workshop.quarantined(dataset.id)
    if not path.exists():
        return None
    files, rules = files_of(workshop, dataset), judged_rules(workshop, dataset)
    waived = rules_waived(workshop, dataset, rules.values())
    with workshop.connection() as con:
        states = _states(con, path, dataset)
        if not states and not waived:
            return None
        reasons = _counted(con, path, "unnest(_reasons)", "where _state = 'pending'")
        deliveries = _counted(con, path, "_delivery", "where _state = 'pending'")
    if RowState.REPAIRED in states and _is_open(workshop, dataset):
        states[RowState.REPUBLISHED] = states.pop(RowState.REPAIRED)
    names = {sha256: each.original_name for sha256, each in files.items()}
    return Held(
        dataset=dataset,
        states=states,
        reasons=reasons,
        descriptions={each: rules[each].description for each in {*reasons, *waived} & set(rules)},
        since=min((files[x].received_at for x in deliveries if x in files), default=None),
        asked=exceptions_of(workshop, dataset, names),
        waived=waived,
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
    rules, rows = _rules_asked(workshop, dataset), 0
    lines: list[Line] = []
    with workshop.connection() as con:
        waiting = _waiting(con, path, dataset, rules)
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
        rules = _rules_asked(workshop, dataset)
        found = _broken(con, path, file, rules, limit=None, among=records)
    return {each.spot: each for each in _lines(workshop, dataset, file, found)}


def _rules_asked(workshop: Workshop, dataset: Dataset) -> dict[str, Expectation]:
    """The rules a clerk is asked about: those that are not waived as a whole."""
    rules = rules_of(workshop, dataset)
    waived = rules_waived(workshop, dataset, rules.values())
    return {name: each for name, each in rules.items() if name not in waived}


def _waiting(
    con: duckdb.DuckDBPyConnection, path: Path, dataset: Dataset, rules: Collection[str]
) -> int:
    """Rows there is something to ask about."""
    if RowState.PENDING not in _states(con, path, dataset):
        return 0
    found = con.execute(
        f"select count(*) from {parquet(path)} where {_OPEN}", {"rules": list(rules)}
    ).fetchone()
    return int(found[0]) if found else 0


_OPEN = "_state = 'pending' and list_has_any(_reasons, $rules::varchar[])"


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
    told: dict[str, object] = {"sha256": file.sha256, "rules": list(rules)}
    told |= {} if among is None else {"records": list(among)}
    found = con.execute(
        f"select _record, _reasons from {parquet(path)} "
        f"where {_OPEN} and _delivery = $sha256 {chosen}order by _record"
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
