"""Workbooks: cells as a clerk reads the numbers in them, rows where Excel shows them."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
import xlwt

from opendata.errors import SourceError
from opendata.source import Source
from resources.landing import LandedFile
from resources.sources import open_source
from tests.support import a_source

COLUMNS = (("code", "代码"), ("amount", "金额"), ("day", "日期"))


def landed(path: Path) -> LandedFile:
    return LandedFile(
        source_id="main",
        original_name="合同.csv",
        path=path,
        sha256="0",
        size=path.stat().st_size,
        received_at=datetime(2026, 1, 5, tzinfo=UTC),
    )


def rows_of(path: Path, **contract: Any) -> list[tuple[Any, ...]]:
    con = duckdb.connect()
    source: Source = a_source(columns=COLUMNS, **contract)
    with open_source(con, landed(path), source, relation="r", scratch=path.parent / "s") as table:
        rows = con.execute('select * from "r"').fetchall()
        assert table.rows == len(rows)
        assert table.encoding is None
    return rows


def xlsx(path: Path, *records: list[Any], sheet: str = "表", above: int = 0) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("空")
        page = book.add_worksheet(sheet)
        formats = {date: "yyyy-mm-dd", datetime: "yyyy/m/d h:mm", time: "h:mm"}
        for at, record in enumerate(records):
            for column, cell in enumerate(record):
                look = formats.get(type(cell))
                style = [book.add_format({"num_format": look})] if look else []
                page.write(above + at, column, cell, *style)
    return path


def test_an_old_workbook_called_csv_is_read_below_its_title(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("SQL Results")
    records: list[list[Any]] = [["合同表"], ["单位：元"], ["代码", "金额", "日期"], ["A", 7, "x"]]
    for row, record in enumerate(records):
        for column, cell in enumerate(record):
            page.write(row, column, cell)
    book.save(str(tmp_path / "x"))

    assert rows_of(tmp_path / "x", header_row=3) == [("A", "7", "x", 4)]


def test_numbers_lose_nothing_and_gain_no_decimals(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "x",
        ["代码", "金额", "日期"],
        ["007", 45356.0, 0.1],
        ["[null]", 123456789.125, -3],
        ["9.11E+17", 911101080000000, True],
    )

    assert [row[:3] for row in rows_of(path)] == [
        ("007", "45356", "0.1"),
        ("[null]", "123456789.125", "-3"),
        ("9.11E+17", "911101080000000", "true"),
    ]


def test_dates_and_times_come_in_iso_spelling(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "x",
        ["代码", "金额", "日期"],
        [date(2023, 5, 1), datetime(2023, 5, 1, 10, 20, 30), time(12, 0)],  # noqa: DTZ001
    )

    assert rows_of(path) == [("2023-05-01", "2023-05-01 10:20:30", "12:00:00", 2)]


def test_row_numbers_are_those_excel_shows_even_below_empty_rows(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "x", ["代码", "金额", "日期"], ["A", 1, "x"], above=4)

    assert rows_of(path, header_row=5) == [("A", "1", "x", 6)]


def test_the_first_sheet_that_holds_something_is_taken(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "x", ["代码", "金额", "日期"], ["A", 1, "x"])

    assert rows_of(path) == rows_of(path, sheet="表")


def test_a_merged_range_holds_its_text_once(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["代码", "金额", "日期"])
        page.merge_range(1, 0, 2, 1, "甲")
        page.write(3, 0, "乙")

    assert rows_of(tmp_path / "x") == [
        ("甲", None, None, 2),
        (None, None, None, 3),
        ("乙", None, None, 4),
    ]


def test_footers_and_blank_rows_of_a_workbook_are_set_aside(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "x", ["代码", "金额", "日期"], ["A", 1, "x"], [" ", "", ""], ["注：略", "", ""]
    )

    assert rows_of(path, footer_rows=1, blank_rows=True) == [("A", "1", "x", 2)]


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ({"sheet": "明细"}, "no sheet '明细' but 空、表"),
        ({"sheet": "空"}, "hold nothing"),
        ({"header_row": 9}, "it has 2 records"),
        ({"header_row": 2}, "missing 代码、金额、日期"),
    ],
    ids=["no sheet", "empty sheet", "too short", "wrong headings"],
)
def test_a_workbook_unlike_its_contract_is_refused(
    tmp_path: Path, contract: dict[str, Any], message: str
) -> None:
    path = xlsx(tmp_path / "x", ["代码", "金额", "日期"], ["A", 1, "x"])

    with pytest.raises(SourceError, match=message):
        rows_of(path, **contract)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))

    with pytest.raises(SourceError, match="damaged or protected"):
        rows_of(tmp_path / "x")
