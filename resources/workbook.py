"""Workbooks: the cells of one sheet as text, the way a clerk reads what is in them.

calamine reads .xls, .xlsx and .ods. Numbers come as the shortest decimals that stand for what the
file holds, without an exponent and whole ones without ``.0``, dates and times in ISO spelling
(2023-05-01, 2023-05-01 10:20:30, 12:00:00, elapsed 30:00:01), truth values as true and false,
formulas as their last result. A merged range holds its text in its first cell, errors such as
#DIV/0! are empty, and what a number format adds (leading zeros, %) is not in the file's values and
therefore not in the text.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from opendata.source import Source
from resources.headings import joined
from resources.rows import Record
from resources.sniff import Container
from resources.source_errors import cannot_land
from resources.workbook_guard import cannot_open, refuse_unsafe

_MOST_EXACT = 2.0**53  # beyond, a float does not tell neighbouring whole numbers apart

Value = int | float | str | bool | datetime | date | time | timedelta


class Sheet:
    """The records of one sheet, from row 1 as Excel counts them; may be gone through repeatedly."""

    def __init__(self, cells: CalamineSheet) -> None:
        self._cells = cells
        bottom, right = cells.end or (-1, -1)
        self.width = right + 1
        self._height = bottom + 1
        # NOTE: calamine gives empty rows above the first cell, but no empty columns before it.
        self._before = [None] * (cells.start or (0, 0))[1]

    def __len__(self) -> int:
        return self._height

    def __iter__(self) -> Iterator[Record]:
        for record in self._cells.iter_rows():
            cells = [cell or None if isinstance(cell, str) else _as_text(cell) for cell in record]
            yield [*self._before, *cells] if self._before else cells

    def headings(self, above: Sequence[Record], source: Source) -> Sequence[str | None]:
        """The headings among the records up to ``heading_end``.

        Merged cells count where they are merged; where nothing is merged (or it is .ods, which
        does not tell), a heading counts for the blank cells to its right, as in text.
        """
        if source.header_rows == 1:
            return above[-1]
        records = [list(record) for record in above]
        first = source.header_row - 1
        merged = [
            (top, left, min(bottom, len(records) - 1), right)
            for (top, left), (bottom, right) in self._cells.merged_cell_ranges or ()
            if first <= top < len(records)
        ]
        for top, left, bottom, right in merged:
            for row in range(top, bottom + 1):
                records[row][left : right + 1] = [records[top][left]] * (right + 1 - left)
        return joined(records[first:], spread=not merged)


def open_sheet(path: Path, container: Container, source: Source, *, name: str) -> Sheet:
    """The contract's sheet; when it names none, the first that is not empty.

    Raises:
        SourceError: it is no readable workbook, or has no such sheet, or nothing in it.
    """
    refuse_unsafe(path, container, name=name)
    try:
        return _sheet(CalamineWorkbook.from_path(str(path)), source, name)
    except CalamineError:
        raise cannot_open(path, name=name) from None


def _sheet(book: CalamineWorkbook, source: Source, name: str) -> Sheet:
    sheets = tuple(book.sheet_names)
    listed = "、".join(sheets)
    if source.sheet and source.sheet not in sheets:
        raise cannot_land(
            name,
            f"it has no sheet {source.sheet!r} but {listed}; correct `sheet` or the workbook",
            reason=f"没有名为“{source.sheet}”的工作表（现有：{listed}），请核对。",
        )
    for called in (source.sheet,) if source.sheet else sheets:
        if len(sheet := Sheet(book.get_sheet_by_name(called))):
            return sheet
    raise cannot_land(
        name,
        f"its sheets ({listed}) hold nothing; ask the body for it again",
        reason=f"的工作表（{listed}）没有内容，请重新报送。",
    )


def _as_text(cell: Value) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        day_only = cell.time() == time.min
        return str(cell.date()) if day_only else cell.isoformat(" ", timespec=_precision(cell))
    if isinstance(cell, time):
        return cell.isoformat(timespec=_precision(cell))
    return _elapsed(cell) if isinstance(cell, timedelta) else str(cell)


def _number(number: float) -> str:
    """Digits only: an exponent would hide an identifier that was typed as a number."""
    if number.is_integer() and abs(number) < _MOST_EXACT:
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def _precision(moment: datetime | time) -> str:
    if not moment.microsecond:
        return "seconds"
    return "microseconds" if moment.microsecond % 1000 else "milliseconds"


def _elapsed(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else ''}{hours:02}:{rest // 60:02}:{rest % 60:02}"
