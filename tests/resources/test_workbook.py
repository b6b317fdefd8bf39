"""Workbooks: cells as a clerk reads the numbers in them, rows where Excel shows them."""

import io
import struct
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
import xlwt

from opendata.errors import SourceError
from opendata.source import Source
from resources.received import LandedFile
from resources.sources import open_source
from tests.resources.deliveries import cell, compound, ods, refused
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
    source: Source = a_source(**{"columns": COLUMNS} | contract)
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
        for column, value in enumerate(record):
            page.write(row, column, value)
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

    with pytest.raises(SourceError, match="cannot be opened: it is damaged"):
        rows_of(tmp_path / "x")


def refused_workbook(tmp_path: Path, content: bytes, english: str, chinese: str) -> None:
    with refused(english, chinese, name="合同.csv"):
        (tmp_path / "x").write_bytes(content)
        rows_of(tmp_path / "x")


PASSWORD = (
    "it is a workbook protected by a password; save it again without one",
    "设有密码，无法读取，请去除密码后重新保存报送。",
)
DAMAGED = (
    "it looks like a workbook but cannot be opened: it is damaged; save it again",
    "无法打开，工作簿已损坏，请重新保存报送。",
)


def old_workbook(*records: list[Any]) -> bytes:
    book, packed = xlwt.Workbook(), io.BytesIO()
    page = book.add_sheet("表")
    for row, record in enumerate(records):
        for column, value in enumerate(record):
            page.write(row, column, value)
    book.save(packed)
    return packed.getvalue()


def test_a_new_workbook_with_a_password_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    locked = compound(EncryptionInfo=b"\4\0\4\0", EncryptedPackage=b"secret" * 900)

    refused_workbook(tmp_path, locked, *PASSWORD)
    refused_workbook(tmp_path, compound(Data=b"x"), *DAMAGED)


def test_an_old_workbook_with_a_password_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    book = old_workbook(["代码", "金额", "日期"])
    at = book.find(struct.pack("<HH", 0xE1, 2))  # the first record after the beginning
    locked = book[:at] + struct.pack("<HH", 0x2F, 2) + book[at + 4 :]  # becomes FILEPASS

    refused_workbook(tmp_path, locked, *PASSWORD)
    refused_workbook(tmp_path, book[:700], *DAMAGED)


def test_an_open_document_with_a_password_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    entry = (
        '<manifest:file-entry manifest:full-path="content.xml">'
        "<manifest:encryption-data/></manifest:file-entry>"
    )

    refused_workbook(tmp_path, ods(cell("代码"), manifest=entry), *PASSWORD)
    refused_workbook(tmp_path, ods("<table:"), *DAMAGED)


def test_a_workbook_whose_bytes_are_damaged_is_refused(tmp_path: Path) -> None:
    content = bytearray(xlsx(tmp_path / "x", ["代码", "金额", "日期"], ["A", 1, "x"]).read_bytes())
    content[content.find(b"xl/worksheets/sheet2.xml") + 60] ^= 0xFF

    refused_workbook(tmp_path, bytes(content), *DAMAGED)


def test_an_open_document_is_read_with_its_times_of_day(tmp_path: Path) -> None:
    heads = cell("代码") + cell("金额") + cell("日期")
    rows = [
        cell("7.5", "float", office__value="7.50")
        + cell("TRUE", "boolean", office__boolean_value="true"),
        cell("50%", "percentage", office__value="0.5")
        + cell("12:00", "time", office__time_value="PT12H00M05S"),
        cell("007") + cell("甲\n乙"),
    ]
    days = [
        cell("23", "date", office__date_value="2023-05-01"),
        cell("23", "date", office__date_value="2023-05-01T10:20:30"),
        cell("45356", "float", office__value="45356"),
    ]
    (tmp_path / "x").write_bytes(ods(heads, *map("".join, zip(rows, days, strict=True))))

    assert rows_of(tmp_path / "x") == [
        ("7.5", "true", "2023-05-01", 2),
        ("0.5", "12:00:05", "2023-05-01 10:20:30", 3),
        ("007", "甲\n乙", "45356", 4),
    ]


def test_a_workbook_of_wps_is_one_of_the_others_inside(tmp_path: Path) -> None:
    (tmp_path / "表.et").write_bytes(old_workbook(["代码", "金额", "日期"], ["A", 7, "x"]))

    assert rows_of(tmp_path / "表.et") == [("A", "7", "x", 2)]


def test_a_stray_cell_far_away_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "x", ["代码", "金额", "日期"])
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["代码", "金额", "日期"])
        page.write(1_048_575, 16_383, "x")

    refused_workbook(
        tmp_path,
        path.read_bytes(),
        "a sheet of it spans 1048576 rows and 16384 columns, more than 33554432 cells; delete "
        "stray cells far from the table, or hand it over as CSV",
        "的工作表范围达 1048576 行 16384 列，超过 33554432 个单元格上限，"
        "请删除表外的零散单元格，或改报 CSV。",
    )


def test_cells_that_only_look_like_something_do_not_count(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["代码", "金额", "日期"])
        page.write_row(1, 0, ["A", 1, "x"])
        page.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert rows_of(tmp_path / "x") == [("A", "1", "x", 2)]


def test_a_repeated_cell_of_an_open_document_is_counted_as_often(tmp_path: Path) -> None:
    repeated = cell("1", "float", office__value="1", table__number_columns_repeated="16384")
    next_row = "</table:table-row><table:table-row table:number-rows-repeated='1048575'>"
    content = ods(f"{repeated}{next_row}{repeated}")

    with refused(
        "a sheet of it spans 1048576 rows and 16384 columns, more than 33554432 cells; delete "
        "stray cells far from the table, or hand it over as CSV",
        "的工作表范围达 1048576 行 16384 列，超过 33554432 个单元格上限，"
        "请删除表外的零散单元格，或改报 CSV。",
        name="合同.csv",
    ):
        (tmp_path / "x").write_bytes(content)
        rows_of(tmp_path / "x")


def test_a_sheet_of_16378_columns_of_which_two_are_used_is_read(tmp_path: Path) -> None:
    heads = ["代码", *[""] * 16_375, "金额", "日期"]
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        for row, record in enumerate([heads, ["A", *["x"] * 16_375, 1, "y"]]):
            page.write_row(row, 0, record)

    assert rows_of(tmp_path / "x", ignored_headings=("",)) == [("A", "1", "y", 2)]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (26357580.19, "26357580.19"),
        (123456789012.34, "123456789012.34"),
        (1 / 3, "0.3333333333333333"),
        (1.5e-9, "0.0000000015"),
        (-0.0, "0"),
        (110105194912310020.0, "110105194912310020"),
        (1e21, "1000000000000000000000"),
    ],
)
def test_a_number_is_the_shortest_that_stands_for_it(
    tmp_path: Path, number: float, text: str
) -> None:
    (tmp_path / "x").write_bytes(old_workbook(["代码", "金额", "日期"], ["A", number, "x"]))

    assert rows_of(tmp_path / "x") == [("A", text, "x", 2)]


def test_elapsed_time_and_parts_of_seconds_are_as_a_clerk_reads_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["代码", "金额", "日期"])
        for row, spent in enumerate((timedelta(hours=30, seconds=1), timedelta(minutes=5)), 1):
            page.write_string(row, 0, "A")
            page.write_datetime(row, 1, spent, book.add_format({"num_format": "[h]:mm:ss"}))
        when = datetime(2023, 5, 1, 10, 20, 30, 500000)  # noqa: DTZ001
        page.write_datetime(1, 2, when, book.add_format({"num_format": "yyyy-mm-dd h:mm:ss.000"}))

    assert rows_of(tmp_path / "x") == [
        ("A", "30:00:01", "2023-05-01 10:20:30.500", 2),
        ("A", "00:05:00", None, 3),
    ]


def test_a_table_may_begin_in_any_column(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        page.write_row(2, 3, ["代码", "金额", "日期"])
        page.write_row(3, 3, ["A", 1, "x"])

    assert rows_of(tmp_path / "x", header_row=3, ignored_headings=("",)) == [("A", "1", "x", 4)]


@pytest.mark.parametrize("left", [0, 2])
def test_merged_headings_count_for_the_columns_they_cover_and_no_more(
    tmp_path: Path, left: int
) -> None:
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        page.merge_range(0, left, 1, left, "代码")
        page.merge_range(0, left + 1, 0, left + 2, "合同")
        page.write_row(1, left + 1, ["金额", "期限", "日期"])
        page.write_row(2, left, ["A", 1, "年", "x"])

    found = rows_of(
        tmp_path / "x",
        columns=(("code", "代码"), ("amount", "合同/金额"), ("day", "日期")),
        ignored_headings=("合同/期限", ""),
        header_rows=2,
    )

    assert found == [("A", "1", "x", 3)]
