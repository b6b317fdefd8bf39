"""The 问题数据整改单 as XLSX: written for a clerk, printed on A4, read back cell by cell.

Knows lines and cells, not what an answer means. What was filled in is believed only where it is
plainly typed: formulas, merged cells and error values are faults of their cells.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from opendata.errors import DecisionError
from opendata.quarantine import EMPTY_SHAPE, Fault, Line, Reply
from resources.filled_workbook import NotFilled, open_filled

SHEET = "问题数据整改单"
MAX_LINES = 100_000
CODE_ROW, HEADING_ROW, FIRST_ROW = 2, 4, 5

_COLUMNS: Mapping[str, tuple[str, int]] = {
    "number": ("序号", 5),
    "file": ("原文件", 16),
    "sheet": ("工作表", 9),
    "row": ("原行号", 7),
    "heading": ("列名", 12),
    "shape": ("现值（已遮盖）", 15),
    "broken": ("不符合的规则", 24),
    "mend": ("怎样改正", 24),
    "reply": ("回复", 12),
    "value": ("改正后的值", 16),
    "said": ("说明", 16),
    "key": ("核对码（勿改）", 12),
}
PRINTED = ("file", "sheet", "row", "heading", "shape", "broken", "mend")
"""The columns of ``Line.printed``."""

FILLED_IN = ("reply", "value", "said")
_PLACE = {name: number for number, name in enumerate(_COLUMNS, start=1)}
_GUIDE = (
    "填写办法：对照原文件的行号和列名逐项核实，在“回复”列选择。选“已改正”的，在“改正后的值”列填写"
    f"正确的值（应为空白的填“{EMPTY_SHAPE}”）；整行不应存在的（重复登记、测试数据等），在该行任一处选"
    "“作废本行”；选“作废本行”“确认无误申请例外”或者“无法核实”的，在“说明”列写明原因。其余各列请勿改动；"
    "“现值”只显示样子：数字为 9，字母为 A，汉字等为 X，空格为 ␣。"
)
_AUTHOR = "整改单导入"
_COLOUR = "FFFFC7CE"
_FAULTS = {"f": "此格是公式，请改为直接填写的内容。", "e": "此格是错误值，请改正。"}
_MERGED = "此格与别的格合并了，请取消合并后分别填写。"


@dataclass(frozen=True, slots=True)
class Filled:
    """One line as it came back: its row in the sheet, the text of its cells, what is wrong there.

    ``cells`` and ``faults`` are by the name of the column.
    """

    row: int
    cells: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it came back; ``code`` is its 编号. ``book`` is openpyxl's, to be marked."""

    code: str
    lines: Sequence[Filled]
    book: Any


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with one cell of a sheet, for whoever filled it in; ``kind`` for the record."""

    row: int
    column: str
    text: str
    kind: Fault

    @property
    def cell(self) -> str:
        """``I7``: as Excel names it."""
        return f"{chr(64 + _PLACE[self.column])}{self.row}"


CODE_CELL = Remark(
    CODE_ROW,
    "key",
    "整改单编号不属于本系统现行版本的整改单，或者被改动，请重新导出后填写。",
    Fault.FOREIGN,
)
"""What is said of a sheet of another version, or of another home."""


# --- Writing -------------------------------------------------------------------------------


def write_sheet(path: Path, lines: Sequence[Line], *, about: str, code: str) -> None:
    """Write the sheet: ``about`` says whose data it is, ``code`` is what tells the sheet again.

    Every cell is text, whatever it begins with, and only the columns to fill in are unlocked.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        sheet = book.add_worksheet(SHEET)
        _write_head(book, sheet, about=about, code=code)
        _write_lines(book, sheet, lines)
        _write_dropdowns(sheet, len(lines))
        _set_up_page(sheet, len(lines))


def _write_head(book: Any, sheet: Any, *, about: str, code: str) -> None:
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    heading = book.add_format({**_BORDERED, "bold": True, "bg_color": "#DDEBF7"})
    last = len(_COLUMNS) - 2  # the key is not printed
    sheet.merge_range(0, 0, 0, last, SHEET, title)
    sheet.merge_range(CODE_ROW - 1, 0, CODE_ROW - 1, last, about, plain)
    sheet.write_string(CODE_ROW - 1, last + 1, code, book.add_format(_SMALL))
    sheet.merge_range(2, 0, 2, last, _GUIDE, plain)
    sheet.set_row(2, 62)
    for place, (called, width) in enumerate(_COLUMNS.values()):
        sheet.set_column(place, place, width)
        sheet.write_string(HEADING_ROW - 1, place, called, heading)


def _write_lines(book: Any, sheet: Any, lines: Sequence[Line]) -> None:
    said = book.add_format({**_BORDERED, "quote_prefix": True})
    open_ = book.add_format({**_BORDERED, "locked": False, "bg_color": "#FFF2CC"})
    key = book.add_format({**_SMALL, "quote_prefix": True})
    for number, line in enumerate(lines, start=1):
        row = FIRST_ROW + number - 2
        sheet.write_string(row, 0, str(number), said)
        for place, text in enumerate(line.printed, start=1):
            sheet.write_string(row, place, text, said)
        for name in FILLED_IN:
            sheet.write_blank(row, _PLACE[name] - 1, None, open_)
        sheet.write_string(row, _PLACE["key"] - 1, line.key, key)


def _write_dropdowns(sheet: Any, lines: int) -> None:
    rule = {
        "validate": "list",
        "source": [each.value for each in Reply],
        "error_title": "不在下拉列表中",
        "error_message": "请从下拉列表中选择。",
        "error_type": "stop",
    }
    place = _PLACE["reply"] - 1
    sheet.data_validation(FIRST_ROW - 1, place, FIRST_ROW - 1 + max(lines - 1, 0), place, rule)


def _set_up_page(sheet: Any, lines: int) -> None:
    last = FIRST_ROW - 1 + max(lines - 1, 0)
    sheet.freeze_panes(HEADING_ROW, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADING_ROW - 1)
    sheet.print_area(0, 0, last, len(_COLUMNS) - 2)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})


_BORDERED = {"num_format": "@", "border": 1, "text_wrap": True, "valign": "top"}
_SMALL = {"num_format": "@", "font_size": 6, "font_color": "#7F7F7F", "text_wrap": True}


# --- Reading -------------------------------------------------------------------------------


def read_sheet(path: Path) -> Sheet:
    """Read a sheet that came back; rows without a word are left out.

    Raises:
        DecisionError: it is no 问题数据整改单.
    """
    book = _opened(path)
    if SHEET not in book.sheetnames or not hasattr(book[SHEET], "iter_rows"):
        raise _wrong(path, f"it has no sheet {SHEET}; hand in what `quarantine export` wrote")
    sheet = book[SHEET]
    if sheet.max_row > MAX_LINES:
        raise _wrong(path, f"it has more than {MAX_LINES} rows; delete what is empty")
    heads = [_plain(_typed(cell.value)) for cell in sheet[HEADING_ROW][: len(_COLUMNS)]]
    if heads != [_plain(called) for called, _ in _COLUMNS.values()]:
        raise _wrong(path, f"row {HEADING_ROW} has not the headings it was given; undo the change")
    code = _typed(sheet.cell(CODE_ROW, _PLACE["key"]).value)
    return Sheet(code=code, lines=tuple(_lines(sheet)), book=book)


def write_marked(sheet: Sheet, remarks: Iterable[Remark], path: Path) -> None:
    """Save the sheet at ``path``, for its owner, with a note on every cell that is wrong."""
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    fill = PatternFill(fill_type="solid", fgColor=_COLOUR)
    page = sheet.book[SHEET]
    for row in page.iter_rows():
        for cell in row:
            if not isinstance(cell, MergedCell) and cell.comment and cell.comment.author == _AUTHOR:
                cell.comment = None
                cell.fill = PatternFill()
    for each in remarks:
        cell = page[each.cell]
        if not isinstance(cell, MergedCell):
            height = 40 + 18 * (len(each.text) // 24 + 2)
            cell.comment = Comment(each.text, _AUTHOR, width=360, height=height)
            cell.fill = fill
    path.touch(mode=0o600)
    sheet.book.save(path)


def _opened(path: Path) -> Any:
    try:
        return open_filled(path)
    except NotFilled as error:
        raise _wrong(path, str(error)) from None


def _lines(sheet: Any) -> Iterator[Filled]:
    merged = {
        (row, column)
        for each in sheet.merged_cells.ranges
        if each.max_row >= FIRST_ROW
        for row in range(max(each.min_row, FIRST_ROW), min(each.max_row, sheet.max_row) + 1)
        for column in range(each.min_col, min(each.max_col, len(_COLUMNS)) + 1)
    }
    for cells in sheet.iter_rows(min_row=FIRST_ROW, max_col=len(_COLUMNS)):
        named = dict(zip(_COLUMNS, cells, strict=True))
        texts = {name: _typed(cell.value) for name, cell in named.items()}
        faults = {
            name: said
            for name, cell in named.items()
            if (said := _MERGED if (cell.row, cell.column) in merged else _fault(cell))
        }
        if faults or any(texts[each] for each in (*PRINTED, *FILLED_IN, "key")):
            yield Filled(cells[0].row, texts, faults)


def _fault(cell: Any) -> str | None:
    return _FAULTS.get(cell.data_type) if cell.value is not None else None


def _typed(value: Any) -> str:
    """What a person sees in the cell, more or less: days without a midnight, 5 and not 5.0."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date | time):
        return value.isoformat(*([" "] if isinstance(value, datetime) else []))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _plain(heading: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", heading))


def _wrong(path: Path, message: str) -> DecisionError:
    return DecisionError(f"{path.name}: {message}.")
