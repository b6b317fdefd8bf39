"""Files as bodies hand them over: text in several encodings, workbooks that call themselves .csv.

Bytes only, the same for the same rows on every day and machine. What stands in the rows belongs to
the ``tables_*.py`` modules.
"""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import xlsxwriter
import xlwt

Row = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One file in one body's inbox, or in ``exchange/``, where databases of the demo lie."""

    body: str
    name: str
    content: bytes
    exchange: bool = False

    @property
    def place(self) -> PurePosixPath:
        """Where in the home it lies."""
        folder = "exchange" if self.exchange else f"inbox/{self.body}"
        return PurePosixPath(folder) / self.name


def csv_bytes(rows: Iterable[Row], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as delimited text with Windows line ends."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xls_bytes(rows: Iterable[Row]) -> bytes:
    """Rows as an Excel 97 workbook; every cell is text."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xlsx_bytes(rows: Iterable[Row], *, sheet: str) -> bytes:
    """Rows as an Excel workbook with an empty sheet in front; every cell is text."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 5, tzinfo=UTC)})
    book.add_worksheet("说明")
    target = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        target.write_row(at, 0, list(row))
    book.close()
    return stream.getvalue()


def json_bytes(rows: Iterable[Row], *, records: str) -> bytes:
    """Rows under their headings as the records of a JSON answer, below a path of keys."""
    headings, *rest = rows
    document: object = [dict(zip(headings, row, strict=True)) for row in rest]
    for key in reversed(records.split(".")):
        document = {key: document}
    return json.dumps(document, ensure_ascii=False).encode()


def sqlite_bytes(rows: Iterable[Row], *, table: str) -> bytes:
    """Rows as the one table of a database; every column is text."""
    headings, *rest = rows
    columns = ", ".join(f'"{each}" text' for each in headings)
    marks = ", ".join("?" for _ in headings)
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f'create table "{table}" ({columns})')
        database.executemany(f'insert into "{table}" values ({marks})', rest)
        database.commit()
        return database.serialize()


def put(path: Path, content: bytes) -> None:
    """Write a file unless it holds these bytes already, so that its time stays as it is."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
