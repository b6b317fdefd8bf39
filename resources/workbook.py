"""Workbooks: the cells of one sheet as text, the way a clerk reads the numbers in them.

calamine reads both formats. Whole numbers come without ``.0``, dates and times in ISO spelling
(2023-05-01, 2023-05-01 10:20:30, 12:00:00), truth values as true and false, formulas as their last
result. A merged range holds its text in its first cell, errors such as #DIV/0! are empty, and what
a number format adds (leading zeros, %) is not in the file's values and therefore not in the text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import pyarrow as pa

from opendata.source import Source
from resources.rows import Record
from resources.source_errors import cannot_land

_BATCH = 8192
_NO_DATE = "1899-12-31 "
_NO_TIME = " 00:00:00"
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d 00:00:00")


class Sheet:
    """The records of one sheet, from row 1 as Excel counts them; may be gone through repeatedly."""

    def __init__(self, cells: pa.RecordBatch) -> None:
        self._cells = cells
        self.width = int(cells.num_columns)

    def __len__(self) -> int:
        return int(self._cells.num_rows)

    def __iter__(self) -> Iterator[Record]:
        for start in range(0, len(self), _BATCH):
            part = self._cells.slice(start, _BATCH)
            columns = [map(_as_read, column.to_pylist()) for column in part.columns]
            yield from zip(*columns, strict=True)


def open_sheet(path: Path, source: Source, *, name: str) -> Sheet:
    """The contract's sheet; when it names none, the first that is not empty.

    Raises:
        SourceError: it is no readable workbook, or has no such sheet, or nothing in it.
    """
    try:
        book = fastexcel.read_excel(str(path))
        sheet = _sheet(book, source, name)
        # NOTE: without skip_rows=0 the empty rows above the table vanish and every _row is wrong.
        return Sheet(
            book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_arrow()
        )
    except fastexcel.FastExcelError:
        raise cannot_land(
            name,
            "it looks like an Excel workbook but cannot be opened: it is damaged or protected by "
            "a password; save it again without one",
            reason="无法打开，工作簿已损坏或设有密码，请去除密码后重新保存报送。",
        ) from None


def _sheet(book: fastexcel.ExcelReader, source: Source, name: str) -> str:
    sheets: tuple[str, ...] = tuple(book.sheet_names)
    listed = "、".join(sheets)
    if source.sheet and source.sheet not in sheets:
        raise cannot_land(
            name,
            f"it has no sheet {source.sheet!r} but {listed}; correct `sheet` or the workbook",
            reason=f"没有名为“{source.sheet}”的工作表（现有：{listed}），请核对。",
        )
    for sheet in (source.sheet,) if source.sheet else sheets:
        if _height(book, sheet):
            return sheet
    raise cannot_land(
        name,
        f"its sheets ({listed}) hold nothing; ask the body for it again",
        reason=f"的工作表（{listed}）没有内容，请重新报送。",
    )


def _height(book: fastexcel.ExcelReader, sheet: str) -> int:
    sheet_of_text = book.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=1, dtypes="string")
    return int(sheet_of_text.total_height)


def _as_read(cell: str | None) -> str | None:
    if cell is None or (not cell.endswith(":00") and not cell.startswith(_NO_DATE)):
        return cell
    if _MIDNIGHT.fullmatch(cell):
        return cell.removesuffix(_NO_TIME)
    return cell.removeprefix(_NO_DATE)
