"""Rows of the workbook made into entries, on top of what the catalog says already.

A cell changes an entry only when it says something else than exporting would write there: what the
workbook does not show stays as it is. Whether the result is right is ``judging.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opendata.entry import NAME
from pipelines.authoring.cells import Fault, Taken, from_cell, half_width, to_cell
from pipelines.authoring.columns import DATASETS, FIELDS, Column, column_of, columns
from pipelines.authoring.complaints import Complaint, cell_name, complaint
from pipelines.authoring.shelf import Shelf, Values, value_at, with_value
from pipelines.authoring.workbook import Cell, Filled, Place, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One dataset as the workbook states it: where its entry belongs, and the whole of it."""

    id: str
    path: str
    values: Values
    row: Row
    field_rows: Mapping[str, Row]


@dataclass(slots=True)
class Statements:
    """Everything the workbook states, and what cannot be taken from it."""

    shelf: Shelf
    entries: dict[str, Stated] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    read_as: list[str] = field(default_factory=list)


def state(filled: Filled, shelf: Shelf) -> Statements:
    """What a filled-in workbook makes of the catalog's entries."""
    made = Statements(shelf)
    made.complaints += [complaint(each, each.fault) for each in filled.faults if each.fault]
    by_dataset = _fields_by_dataset(filled, made)
    for row in filled.rows[DATASETS]:
        name = _name(row, "id")
        if fault := _row_fault(row, name, made):
            made.complaints.append(complaint(_cell(row, DATASETS, "id"), fault))
        elif body := _body(row, made):
            made.entries[name] = _stated(row, by_dataset.get(name, ()), made, body=body)
    _stray_fields(filled, by_dataset, made)
    return made


def _row_fault(row: Row, name: str, made: Statements) -> Fault | None:
    cell = row.cells.get(("id",))
    if cell and cell.fault:
        return cell.fault
    if not name:
        return Fault("no_id")
    if not NAME.fullmatch(name):
        return Fault("id_is_the_file_name")
    if name in made.shelf.unreadable:
        return Fault("unreadable", {"path": made.shelf.unreadable[name]})
    return Fault("repeated_row") if name in made.entries else None


def _body(row: Row, made: Statements) -> str | None:
    """The body of a row, from its id or its name."""
    titles = {each.title: each.id for each in made.shelf.reading.catalog.bodies}
    given, title = _name(row, "body"), row.text("body_title")
    named = titles.get(title)
    cell = _cell(row, DATASETS, "body")
    entry = made.shelf.entries.get(_name(row, "id"))
    if not given and not title and entry and ("body",) not in row.cells:
        return str(entry.values["body"])
    if cell.fault or not (given or named):
        made.complaints.append(complaint(cell, cell.fault or Fault("no_body")))
        return None
    if given and title and named != given and (named or given in titles.values()):
        made.complaints.append(
            complaint(_cell(row, DATASETS, "body_title"), Fault("body_mismatch"))
        )
        return None
    if entry and entry.values["body"] != (given or named):
        fault = Fault("moved", {"path": entry.path})
        made.complaints.append(complaint(_cell(row, DATASETS, "id"), fault))
        return None
    return _declared(given or named or "", cell, made)


def _declared(body: str, cell: Cell, made: Statements) -> str | None:
    """The body if the catalog has it: its id is part of a path, so nothing else goes further."""
    known = [each.id for each in made.shelf.reading.catalog.bodies]
    if body in known:
        return body
    fault = Fault("bodies_are_declared", {"bodies": "、".join(known) or "无"})
    made.complaints.append(complaint(cell, fault, column=column_of(DATASETS, ("body",))))
    return None


def _stated(row: Row, rows: Sequence[Row], made: Statements, *, body: str) -> Stated:
    name = _name(row, "id")
    entry = made.shelf.entries.get(name)
    values: Values = dict(entry.values) if entry else {}
    values = {"id": name, **_taken(values, row, columns(DATASETS), made)}
    values |= {"body": body}
    by_name = _fields_by_name(rows, made)
    if by_name:
        known = values.get("fields") or {}
        values["fields"] = {
            each: _taken(known.get(each, {}), field_row, columns(FIELDS), made)
            for each, field_row in by_name.items()
        }
    path = entry.path if entry else f"catalog/{body}/{name}.yaml"
    return Stated(id=name, path=path, values=values, row=row, field_rows=by_name)


def _taken(
    values: Mapping[str, Any], row: Row, sheet: Sequence[Column], made: Statements
) -> Values:
    """The values with everything the row says differently."""
    taken = dict(values)
    for column in sheet:
        cell = row.cells.get(column.key)
        if cell is None or not column.of_the_entry or column.key in {("id",), ("body",)}:
            continue
        now = value_at(values, column.key)
        if not cell.fault and cell.text == to_cell(now, column).strip():
            continue
        said = cell.fault or from_cell(cell.text, column)
        if isinstance(said, Fault):
            made.complaints.append(complaint(cell, said, column=column))
        elif said.value != now:
            _note(cell, said, column, made)
            taken = with_value(taken, column.key, said.value)
    return taken


def _note(cell: Cell, said: Taken, column: Column, made: Statements) -> None:
    if said.read_as:
        made.read_as.append(f"{cell_name(cell.place)} {column.heading}: read as {said.read_as}")


def _fields_by_dataset(filled: Filled, made: Statements) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in filled.rows[FIELDS]:
        cell = _cell(row, FIELDS, "dataset")
        if cell.fault:
            made.complaints.append(complaint(cell, cell.fault))
        else:
            found.setdefault(_name(row, "dataset"), []).append(row)
    return found


def _stray_fields(
    filled: Filled, by_dataset: Mapping[str, Sequence[Row]], made: Statements
) -> None:
    """Rows of fields whose dataset has no row; rows of a dataset complained of say nothing more."""
    there = {_name(row, "id") for row in filled.rows[DATASETS]}
    for name, rows in by_dataset.items():
        if name not in there:
            made.complaints += [
                complaint(_cell(row, FIELDS, "dataset"), Fault("stray_field")) for row in rows
            ]


def _fields_by_name(rows: Sequence[Row], made: Statements) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        cell, name = _cell(row, FIELDS, "name"), _name(row, "name")
        fault = cell.fault or (Fault("no_name") if not name else None)
        fault = fault or (Fault("repeated_field") if name in found else None)
        if fault:
            made.complaints.append(complaint(cell, fault))
        else:
            found[name] = row
    return found


def _name(row: Row, key: str) -> str:
    """An id as it was meant: half-width, without blanks around it."""
    return half_width(row.text(key))


def _cell(row: Row, sheet: Any, key: str) -> Cell:
    """The cell of a row under a column; the first cell where the sheet has no such column."""
    return row.cells.get((key,)) or Cell(Place(sheet, row.number, 1), "")
