"""Sheets: tables as the bytes of an XLSX workbook, with nothing in it that a program would run."""

import io
from collections.abc import Sequence
from typing import Any

from opendata.pages.tables import Cell, Table, safe

_WIDEST = 60


def workbook_of(tables: Sequence[Table]) -> bytes:
    """A workbook of one sheet a table: headings frozen and filterable, text written as text.

    The first table is always there; others only where they have rows.
    """
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E6EAEF", "border": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for table in (tables[0], *(each for each in tables[1:] if each.rows)):
            _write(book.add_worksheet(table.name), table, heading, wrapped)
    return stream.getvalue()


def _write(sheet: Any, table: Table, heading: Any, wrapped: Any) -> None:
    for place, title in enumerate(table.headings):
        sheet.write_string(0, place, title, heading)
        width = max((_width(row[place]) for row in table.rows), default=0)
        sheet.set_column(place, place, min(_WIDEST, max(_width(title), width) + 2), wrapped)
    for number, row in enumerate(table.rows, start=1):
        for place, cell in enumerate(row):
            _write_cell(sheet, number, place, safe(cell))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), len(table.headings) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_cell(sheet: Any, number: int, place: int, cell: Cell) -> None:
    if isinstance(cell, str):
        sheet.write_string(number, place, cell)
    elif cell is not None:
        sheet.write_number(number, place, cell)


def _width(cell: Cell) -> int:
    """Columns of a fixed-width font: a Chinese character takes two."""
    return sum(1 if each.isascii() else 2 for each in str("" if cell is None else cell))
