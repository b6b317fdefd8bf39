"""Corrections: what clerks answered to 问题数据整改单, one file a sheet, and how they apply.

A sheet that came back is a delivery of its own: it is kept under ``restricted/`` and changes no
byte of the file it is about. Answers are raw values. The sheet itself is ``correction_sheet.py``.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from opendata.plain import plain
from opendata.quarantine import Answer, Reply, Spot
from opendata.sql_text import literal, quoted
from resources.fsio import PRIVATE_FOLDER, locked, write_durably


@dataclass(frozen=True)
class Corrections:
    """The answers about one dataset; ``folder`` is its own, and absent where there are none."""

    folder: Path

    @property
    def number(self) -> int:
        """How many sheets were taken."""
        return len(self._files)

    @property
    def digest(self) -> str | None:
        """SHA-256 over the sheets that were taken; None where there are none."""
        names = "\n".join(each.name for each in self._files)
        return hashlib.sha256(names.encode()).hexdigest() if names else None

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer, oldest first."""
        return tuple(answer for path in self._files for answer in _read(path))

    @property
    def latest(self) -> dict[Spot, Answer]:
        """The last answer to each spot."""
        return {each.spot: each for each in self.answers}

    @property
    def in_force(self) -> dict[Spot, Answer]:
        """The last correction of each spot."""
        return {each.spot: each for each in self.answers if each.reply is Reply.CORRECTED}

    def of(self, sha256: str) -> tuple[Answer, ...]:
        """The values that are to stand in the file with these bytes, by record."""
        found = self.in_force
        return tuple(found[each] for each in sorted(found) if each.sha256 == sha256)

    def strikes(self, sha256: str) -> tuple[Answer, ...]:
        """Answers that strike a row out of the file with these bytes, one a record.

        What was answered last for any cell of a row counts: a row is struck out until somebody
        answers otherwise for it.
        """
        last = {each.spot.record: each for each in self.answers if each.spot.sha256 == sha256}
        return tuple(last[each] for each in sorted(last) if last[each].reply is Reply.STRUCK)

    def locked(self) -> AbstractContextManager[None]:
        """Hold the answers while a sheet is looked at and taken."""
        self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        return locked(self.folder / ".lock")

    def take(self, sheet: str, answers: Sequence[Answer], *, at: datetime, by: str) -> int:
        """Keep the answers of a sheet with these bytes (SHA-256); its number."""
        number = self.number + 1
        facts = {
            "sheet": sheet,
            "received_at": at.isoformat(),
            "by": by,
            "answers": [plain(replace(each, number=number)) for each in answers],
        }
        path = self.folder / f"{number:06}-{sheet[:16]}.json"
        write_durably(path, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
        self.__dict__.pop("answers", None)
        self.__dict__.pop("_files", None)
        return number

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        return tuple(sorted(self.folder.glob("[0-9]*.json")))


def correct(
    con: duckdb.DuckDBPyConnection,
    received: str,
    relation: str,
    columns: Sequence[str],
    corrections: Iterable[Answer],
) -> None:
    """Make ``relation`` the rows of ``received`` with the corrections in, in the order of the file.

    A cell is changed only where it still holds what the correction was made for: the same bytes may
    be read otherwise once their entry was changed.
    """
    told = f"{relation}__corrections"
    rows = [
        (each.spot.record, each.spot.field, each.was, each.value)
        for each in corrections
        if each.spot.field in columns
    ]
    con.execute(f"create or replace temp table {quoted(told)} ({_TOLD})").fetchall()
    if rows:
        con.executemany(f"insert into {quoted(told)} values (?, ?, ?, ?)", rows)
    fields = dict.fromkeys(field for _, field, _, _ in rows)
    joins = "".join(
        f" left join (from {quoted(told)} where field = {literal(each)}) as {quoted(f'_{at}')}"
        f" on received._row = {quoted(f'_{at}')}.record"
        for at, each in enumerate(fields)
    )
    replaced = ", ".join(_replaced(each, f"_{at}") for at, each in enumerate(fields))
    star = f"received.* replace ({replaced})" if fields else "received.*"
    # A join keeps no order, and the rows of a file have one.
    con.execute(
        f"create or replace temp view {quoted(relation)} as select {star} "
        f"from {quoted(received)} as received{joins} order by received._row"
    ).fetchall()


def still_as_struck(
    con: duckdb.DuckDBPyConnection,
    received: str,
    columns: Sequence[str],
    strikes: Iterable[Answer],
) -> tuple[Answer, ...]:
    """Those of the strikes whose row still holds, in the cell they were given for, what it held."""
    struck = tuple(each for each in strikes if each.spot.field in columns)
    if not struck:
        return ()
    fields = sorted({each.spot.field for each in struck})
    found = con.execute(
        f"select _row, {', '.join(map(quoted, fields))} from {quoted(received)} "
        "where _row in (select unnest(?::bigint[]))",
        [[each.spot.record for each in struck]],
    ).fetchall()
    held = {int(row): dict(zip(fields, cells, strict=True)) for row, *cells in found}
    return tuple(
        each
        for each in struck
        if each.spot.record in held and held[each.spot.record][each.spot.field] == each.was
    )


def rules_by_record(corrections: Iterable[Answer]) -> dict[int, tuple[str, ...]]:
    """The rules that corrected or struck records broke before, each once."""
    found: dict[int, tuple[str, ...]] = {}
    for each in corrections:
        before = found.get(each.spot.record, ())
        found[each.spot.record] = tuple(dict.fromkeys((*before, *each.rules)))
    return found


def _replaced(field: str, alias: str) -> str:
    received, told = f"received.{quoted(field)}", quoted(alias)
    applies = f"{told}.record is not null and {told}.was is not distinct from {received}"
    return f"if({applies}, {told}.value, {received}) as {quoted(field)}"


_TOLD = "record bigint, field varchar, was varchar, value varchar"


def _read(path: Path) -> Iterable[Answer]:
    facts: dict[str, Any] = json.loads(path.read_bytes())
    for each in facts["answers"]:
        given = dict(each)
        yield Answer(
            spot=Spot(**given.pop("spot")),
            reply=Reply[given.pop("reply").upper()],
            rules=tuple(given.pop("rules")),
            **given,
        )
