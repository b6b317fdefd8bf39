"""The XLSX itself: two sheets of rows written for stewards, and read back cell by cell.

Knows columns and cells, not what an entry is. Nothing is believed that is not plainly typed:
formulas, merged cells and error values are faults of their cells.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from opendata.errors import CatalogError, Problem
from pipelines.authoring.cells import Fault
from pipelines.authoring.columns import DATASETS, FIELDS, Column, Sheet, columns
from resources.filled_workbook import NotFilled, open_filled

MAX_ROWS = 50_000
PROBLEMS_SHEET = "问题清单"
SHEETS: tuple[Sheet, ...] = (DATASETS, FIELDS)


Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A cell: row and column counted from 1."""

    sheet: Sheet
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, or why that cannot be told."""

    place: Place
    text: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, by the key of their column."""

    number: int
    cells: Mapping[Key, Cell]

    def text(self, *key: str) -> str:
        """What stands under a column; empty where the sheet has no such column."""
        cell = self.cells.get(key)
        return cell.text if cell else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A workbook as it was filled in. ``book`` is openpyxl's, to be marked and saved again."""

    rows: Mapping[Sheet, Sequence[Row]]
    headings: Mapping[Sheet, Mapping[Key, int]]
    faults: Sequence[Cell] = field(default_factory=tuple)
    book: Any


def read_workbook(path: Path) -> Filled:
    """Read both sheets; columns are found by their headings, in whatever order they stand.

    Raises:
        CatalogError: it is no XLSX workbook, lacks a sheet, or is larger than any catalog.
    """
    book = _opened(path)
    missing = [each for each in SHEETS if each not in book.sheetnames]
    if missing:
        listed = "、".join(missing)
        raise _wrong(path, f"it has no sheet {listed}; start from `opendata catalog export`.")
    rows: dict[Sheet, Sequence[Row]] = {}
    headings: dict[Sheet, Mapping[Key, int]] = {}
    faults: list[Cell] = []
    for name in SHEETS:
        if book[name].max_row > MAX_ROWS:
            raise _wrong(path, f"{name} has more than {MAX_ROWS} rows; delete what is empty.")
        headings[name], wrong = _headings(name, book[name])
        rows[name] = tuple(_rows(name, book[name], headings[name]))
        faults += wrong
    return Filled(rows=rows, headings=headings, faults=tuple(faults), book=book)


def _opened(path: Path) -> Any:
    try:
        return open_filled(path)
    except NotFilled as error:
        raise _wrong(path, f"{error}.") from None


def _headings(name: Sheet, sheet: Any) -> tuple[dict[Key, int], list[Cell]]:
    known = {_plain(each.heading): each.key for each in columns(name)}
    found: dict[Key, int] = {}
    faults = []
    for cell in sheet[1]:
        if cell.value is None:
            continue
        key = known.get(_plain(str(cell.value)))
        if key is None or key in found:
            kind = "unknown_heading" if key is None else "repeated_heading"
            place = Place(name, 1, cell.column)
            faults.append(Cell(place, str(cell.value), Fault(kind)))
        else:
            found[key] = cell.column
    return found, faults


def _rows(name: Sheet, sheet: Any, headings: Mapping[Key, int]) -> Iterator[Row]:
    merged = _merged(sheet, max(headings.values(), default=0))
    if not headings:
        return
    for cells in sheet.iter_rows(min_row=2, max_col=max(headings.values())):
        number = cells[0].row
        read = {
            key: _cell(Place(name, number, column), cells[column - 1], merged)
            for key, column in headings.items()
        }
        if any(each.text or each.fault for each in read.values()):
            yield Row(number, read)


def _merged(sheet: Any, width: int) -> frozenset[tuple[int, int]]:
    return frozenset(
        (row, column)
        for each in sheet.merged_cells.ranges
        for row in range(max(each.min_row, 2), min(each.max_row, sheet.max_row) + 1)
        for column in range(each.min_col, min(each.max_col, width) + 1)
    )


def _cell(place: Place, cell: Any, merged: frozenset[tuple[int, int]]) -> Cell:
    if (place.row, place.column) in merged:
        return Cell(place, "", Fault("merged"))
    kind = {"f": "formula", "e": "error_value"}.get(cell.data_type)
    if kind and cell.value is not None:
        return Cell(place, "", Fault(kind))
    return Cell(place, _typed(cell.value))


def _typed(value: Any) -> str:
    """What a person sees in the cell, more or less: days without a midnight, 5 and not 5.0."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _plain(heading: str) -> str:
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", heading))


def _wrong(path: Path, message: str) -> CatalogError:
    return CatalogError([Problem(where=path.name, message=message)])


# --- Writing -------------------------------------------------------------------------------

_COLOURS = ("#DDEBF7", "#E2EFDA", "#FFF2CC", "#FCE4D6", "#EDEDED")
_SPARE_ROWS = 1000
_LISTS = "词表"
_GUIDE = "填写说明"

Lists = Mapping[str, Sequence[str]]


def write_workbook(
    path: Path, rows: Mapping[Sheet, Sequence[Mapping[Key, str]]], *, lists: Lists, guide: str
) -> None:
    """Write a workbook to fill in: texts by column key, lists for dropdowns, the guide's lines.

    Every cell is formatted as text, so that Excel turns no code into a number.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheets = {name: book.add_worksheet(name) for name in SHEETS}
        guide_sheet = book.add_worksheet(_GUIDE)
        lists_sheet = book.add_worksheet(_LISTS)
        _write_guide(book, guide_sheet, guide)
        ranges = _write_lists(lists_sheet, lists)
        lists_sheet.hide()
        for name, sheet in sheets.items():
            _write_headings(book, sheet, columns(name))
            _write_rows(book, sheet, columns(name), rows[name])
            _write_dropdowns(sheet, columns(name), ranges, len(rows[name]))
            sheet.freeze_panes(1, 3 if name == FIELDS else 2)


def _write_headings(book: Any, sheet: Any, each: Sequence[Column]) -> None:
    groups = list(dict.fromkeys(column.group for column in each))
    typed = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for place, column in enumerate(each):
        style = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"}
        style["bg_color"] = _COLOURS[groups.index(column.group) % len(_COLOURS)]
        if column.required:
            style["font_color"] = "#C00000"
        sheet.set_column(place, place, column.width, typed)
        sheet.write_string(0, place, _heading(column), book.add_format(style))
        sheet.write_comment(0, place, _note(column), {"x_scale": 2.2, "y_scale": 1.4})
    sheet.set_row(0, 32)


def _heading(column: Column) -> str:
    return f"{column.heading}*" if column.required else column.heading


def _note(column: Column) -> str:
    required = "必填。" if column.required else ""
    return f"【{column.group}】{required}{column.note}"


def _write_rows(
    book: Any, sheet: Any, each: Sequence[Column], rows: Sequence[Mapping[Key, str]]
) -> None:
    grey = book.add_format({"num_format": "@", "font_color": "#7F7F7F", "valign": "top"})
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(each):
            if text := row.get(column.key):
                sheet.write_string(number, place, text, *([grey] if column.derived else []))


def _write_lists(sheet: Any, lists: Lists) -> dict[str, str]:
    """One column a list; gives the range of each, for those that are not empty."""
    from xlsxwriter.utility import xl_col_to_name

    ranges = {}
    for place, (name, values) in enumerate(lists.items()):
        sheet.write_column(0, place, [name, *values])
        letter = xl_col_to_name(place)
        if values:
            ranges[name] = f"={_LISTS}!${letter}$2:${letter}${len(values) + 1}"
    return ranges


def _write_dropdowns(
    sheet: Any, each: Sequence[Column], ranges: Mapping[str, str], rows: int
) -> None:
    for place, column in enumerate(each):
        source = ranges.get(choices_of(column) or "")
        if source:
            rule = {"validate": "list", "source": source, "error_title": "不在下拉列表中"}
            rule |= {"error_message": "请从下拉列表中选择。"}
            rule |= {"error_type": "information" if column.open else "stop"}
            sheet.data_validation(1, place, rows + _SPARE_ROWS, place, rule)


def choices_of(column: Column) -> str | None:
    """The list of the sheet 词表 that a column takes its values from."""
    if column.choices or column.kind == "bool":
        return column.choices or "bool"
    return column.vocabulary.__name__ if column.vocabulary else None


def _write_guide(book: Any, sheet: Any, guide: str) -> None:
    heading, plain = (book.add_format({"text_wrap": True, "bold": bold}) for bold in (True, False))
    sheet.set_column(0, 0, 110)
    for number, line in enumerate(guide.splitlines()):
        style = heading if line.startswith("#") else plain
        sheet.write_string(number, 0, line.lstrip("# "), style)
