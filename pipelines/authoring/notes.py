"""A workbook handed back: every offending cell coloured and explained, and a list of them all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.authoring.complaints import Complaint, cell_name
from pipelines.authoring.workbook import PROBLEMS_SHEET, SHEETS, Place

ENDING = ".待修改"
_COLOUR = "FFFFC7CE"
_AUTHOR = "目录导入"
_HEADINGS = ("工作表", "单元格", "问题", "类别")
_WIDTHS = (12, 12, 100, 26)


def marked_path(path: Path) -> Path:
    """Where the marked copy goes: beside the workbook, never over one that is being mended."""
    stem = path.stem.partition(ENDING)[0] + ENDING
    candidates = (path.with_name(f"{stem}{number or ''}.xlsx") for number in range(10_000))
    return next(each for each in candidates if not each.exists())


def write_marked(book: Any, complaints: Sequence[Complaint], path: Path) -> None:
    """Save openpyxl's ``book`` at ``path`` with a note on every cell that is complained of."""
    _unmark(book)
    by_place: dict[Place, list[str]] = {}
    for each in complaints:
        if each.place:
            by_place.setdefault(each.place, []).append(each.chinese)
    _mark(book, by_place)
    _list(book, complaints)
    book.save(path)


def _unmark(book: Any) -> None:
    """Take away what an earlier import left on the cells."""
    from openpyxl.styles import PatternFill

    if PROBLEMS_SHEET in book.sheetnames:
        del book[PROBLEMS_SHEET]
    for name in SHEETS:
        for row in book[name].iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == _AUTHOR:
                    cell.comment = None
                if cell.fill.fgColor.rgb == _COLOUR:
                    cell.fill = PatternFill()


def _mark(book: Any, by_place: Mapping[Place, Sequence[str]]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    fill = PatternFill(fill_type="solid", fgColor=_COLOUR)
    for place, said in by_place.items():
        cell = book[place.sheet].cell(place.row, place.column)
        if not hasattr(cell, "comment") or _is_inside_a_merge(cell):
            continue
        text = "\n".join(dict.fromkeys(said))
        cell.comment = Comment(text, _AUTHOR, width=360, height=40 + 18 * (len(text) // 24 + 2))
        cell.fill = fill


def _is_inside_a_merge(cell: Any) -> bool:
    """Only the first cell of a merged range can carry anything."""
    from openpyxl.cell.cell import MergedCell

    return isinstance(cell, MergedCell)


def _list(book: Any, complaints: Sequence[Complaint]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(PROBLEMS_SHEET, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    sheet.append([f"共 {len(complaints)} 处问题：目录未作任何改动。改好后保存，再导入本文件。"])
    sheet.append(_HEADINGS)
    for each in complaints:
        name = cell_name(each.place).partition("!")[2] if each.place else ""
        where = each.place.sheet if each.place else "目录"
        sheet.append([where, name, each.chinese, each.kind])
        if each.place:
            link = sheet.cell(sheet.max_row, 2)
            link.hyperlink = f"#'{each.place.sheet}'!{name}"
            link.font = Font(underline="single", color="FF0563C1")
    for number, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCD"[number]].width = width
    for row in sheet.iter_rows(min_row=3, min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True, vertical="top")
    for cell in (*sheet[1], *sheet[2]):
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A3"
