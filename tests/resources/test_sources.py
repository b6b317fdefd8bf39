"""Opening sources: the rows are exactly those of Python's csv reader, or the file is refused."""

import csv
import gzip
import io
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opendata.errors import SourceError
from opendata.source import Source
from resources import fast_lane, transcode
from resources.received import LandedFile
from resources.source_table import SourceTable
from resources.sources import open_source
from tests.support import a_source

COLUMNS = (("code", "编号"), ("name", "名称"))
TEXT = '编号,名称\n007,甲\n008,"乙，\n㐀"\n009,\n'
ROWS = [("007", "甲", 2), ("008", "乙，\n㐀", 3), ("009", None, 4)]
CANARY = "11010519491231002X"

Opened = tuple[SourceTable, list[tuple[Any, ...]]]


def contract(**changes: Any) -> Source:
    return a_source(**{"columns": COLUMNS} | changes)


def landed(tmp_path: Path, content: bytes) -> LandedFile:
    (tmp_path / "landed").write_bytes(content)
    return LandedFile(
        source_id="main",
        original_name="许可.csv",
        path=tmp_path / "landed",
        sha256="0",
        size=len(content),
        received_at=datetime(2026, 1, 5, tzinfo=UTC),
    )


def opened(tmp_path: Path, content: bytes, *, once: bool = False, **changes: Any) -> Opened:
    """Open, scan and close; whatever the test, the counts hold and nothing is left behind."""
    con, scratch, file = duckdb.connect(), tmp_path / "scratch", landed(tmp_path, content)
    try:
        with open_source(
            con, file, contract(**changes), relation="r", scratch=scratch, once=once
        ) as table:
            with table.reading():
                rows = con.execute('select * from "r"').fetchall()
            assert table.rows == len(rows)
            return table, rows
    finally:
        con.close()
        assert not scratch.exists() or list(scratch.iterdir()) == []


@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_the_same_rows_come_from_every_encoding(
    tmp_path: Path, codec: str, line_break: str
) -> None:
    text = ("\ufeff" if codec == "utf-16-be" else "") + TEXT.replace("\n", line_break)

    _, rows = opened(tmp_path, text.encode(codec))

    assert rows == [
        tuple(cell.replace("\n", line_break) if isinstance(cell, str) else cell for cell in row)
        for row in ROWS
    ]


def test_gbk_without_characters_of_gb18030_is_read_as_declared(tmp_path: Path) -> None:
    table, rows = opened(tmp_path, "编号,名称\n007,甲\n".encode("gbk"), encoding="gbk")

    assert (table.encoding, rows) == ("gbk", [("007", "甲", 2)])


def test_a_gzipped_text_is_read_through(tmp_path: Path) -> None:
    table, rows = opened(tmp_path, gzip.compress(TEXT.encode("gb18030")))

    assert (table.encoding, rows) == ("gb18030", ROWS)


def test_what_is_packed_must_not_be_packed_again(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="packed twice"):
        opened(tmp_path, gzip.compress(gzip.compress(TEXT.encode())))


@pytest.mark.parametrize("above", ["标题\n单位：元\n", '"标\n题",,\n\n'], ids=["plain", "quoted"])
def test_headings_stand_in_the_record_the_contract_names(tmp_path: Path, above: str) -> None:
    _, rows = opened(tmp_path, (above + TEXT).encode(), header_row=3)

    assert rows == [(code, name, number + 2) for code, name, number in ROWS]


def test_headings_may_hold_zero_width_characters_and_line_breaks(tmp_path: Path) -> None:
    _, rows = opened(tmp_path, '\u200b编号," 名\n称"\n1,甲\n'.encode())

    assert rows == [("1", "甲", 2)]


def test_without_headings_columns_are_positional(tmp_path: Path) -> None:
    _, rows = opened(tmp_path, b"1,x\n2,y\n", header_row=0)

    assert rows == [("1", "x", 1), ("2", "y", 2)]


def test_columns_nobody_collects_are_left_in_the_file(tmp_path: Path) -> None:
    content = "备注,名称,,编号\n略,甲,,1\n".encode()

    _, rows = opened(tmp_path, content, ignored_headings=("备注", ""))

    assert rows == [("1", "甲", 2)]


@pytest.mark.parametrize("delimiter", ["\t", "|", ";", "，"], ids=["tab", "bar", "semi", "wide"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_other_delimiters_are_read_too(tmp_path: Path, delimiter: str, codec: str) -> None:
    content = f"编号{delimiter}名称\n1{delimiter}甲,亅\n".encode(codec)

    assert opened(tmp_path, content, delimiter=delimiter)[1] == [("1", "甲,亅", 2)]


def test_without_quotes_a_quotation_mark_is_text(tmp_path: Path) -> None:
    assert opened(tmp_path, '编号,名称\n5",""甲\n'.encode(), quote="")[1] == [('5"', '""甲', 2)]


def test_cells_keep_their_blanks_and_spelling(tmp_path: Path) -> None:
    _, rows = opened(tmp_path, '编号,名称\n 007 ,"  甲\u3000"\nNULL, \n'.encode())

    assert rows == [(" 007 ", "  甲\u3000", 2), ("NULL", " ", 3)]


def test_blank_lines_are_rows_of_nulls_that_no_reader_may_swallow(tmp_path: Path) -> None:
    _, rows = opened(tmp_path, "编号,名称\n1,甲\n\n2,乙\n\n".encode())

    assert rows == [("1", "甲", 2), (None, None, 3), ("2", "乙", 4), (None, None, 5)]


def test_blank_records_are_skipped_and_counted_when_the_contract_says_so(tmp_path: Path) -> None:
    table, rows = opened(tmp_path, "编号,名称\n1,甲\n , \n\n2,乙\n".encode(), blank_rows=True)

    assert rows == [("1", "甲", 2), ("2", "乙", 5)]
    assert table.blank_rows == 2


def test_footers_are_dropped_from_the_end(tmp_path: Path) -> None:
    _, rows = opened(tmp_path, "编号,名称\n1,甲\n合计：1\n".encode(), footer_rows=1)

    assert rows == [("1", "甲", 2)]


def test_ragged_rows_are_refused_or_padded_by_contract(tmp_path: Path) -> None:
    content = "编号,名称\n1,甲\n2\n3,丙\n".encode()

    with pytest.raises(SourceError, match=r"1 records .* records 3\)"):
        opened(tmp_path, content)
    assert opened(tmp_path, content, padded=True)[1][1] == ("2", None, 3)


def test_stray_quotation_marks_are_kept_by_the_exact_reader(tmp_path: Path) -> None:
    _, rows = opened(tmp_path, '编号,名称\n5","a"\n5","a,b"\n x "y",\n'.encode())

    assert rows == [('5"', "a", 2), ('5"', "a,b", 3), (' x "y"', None, 4)]


def test_line_breaks_may_be_mixed_or_ancient(tmp_path: Path) -> None:
    assert len(opened(tmp_path, "编号,名称\r\n1,甲\n2,乙\r\n".encode())[1]) == 2
    assert len(opened(tmp_path, "编号,名称\r1,甲\r2,乙\r".encode())[1]) == 2


def test_a_table_of_headings_only_has_no_rows(tmp_path: Path) -> None:
    assert opened(tmp_path, "编号,名称".encode())[0].rows == 0


def test_very_wide_and_very_long_records_are_read(tmp_path: Path) -> None:
    headings = "编号,名称" + "," * 16_000
    content = f"{headings}\n1,{'甲' * 200_000}{',' * 16_000}\n".encode()

    (row,) = opened(tmp_path, content, ignored_headings=("",))[1]

    assert row == ("1", "甲" * 200_000, 2)


def test_row_numbers_follow_the_file_however_many_threads_read_it(tmp_path: Path) -> None:
    body = "".join(f"{number},{'名' * 30}\n" for number in range(2, 400_002))
    file = landed(tmp_path, f"编号,名称\n{body}".encode())
    con = duckdb.connect(config={"threads": 4})

    with open_source(con, file, contract(), relation="r", scratch=tmp_path / "s") as table:
        wrong = con.execute("select count(*) from r where code <> _row::varchar").fetchall()
        table.recount(con)

    assert (table.rows, wrong) == (400_000, [(0,)])


def large_gb18030(tail: bytes = b"") -> bytes:
    return "编号,名称\n".encode("gb18030") + '1,"甲，\n乙"\n'.encode("gb18030") * 20_000 + tail


def test_a_large_foreign_text_scanned_once_is_streamed_without_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_lane, "MAX_SCRATCH", 1000)
    con, file = duckdb.connect(), landed(tmp_path, large_gb18030())

    with open_source(
        con, file, contract(), relation="r", scratch=tmp_path / "s", once=True
    ) as table:
        assert table.scannable_once
        assert [each.suffix for each in (tmp_path / "s").iterdir()] == [".fifo"]
        with table.reading():
            found = con.execute("select count(*), max(_row), min(name) from r").fetchall()
        with pytest.raises(duckdb.IOException):
            con.execute("select count(*) from r").fetchall()

    assert found == [(20_000, 20_001, "甲，\n乙")]


def test_undecodable_bytes_fail_a_stream_instead_of_ending_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_lane, "MAX_SCRATCH", 1000)

    with pytest.raises(SourceError, match=r"not gb18030 text at byte \d+"):
        opened(tmp_path, large_gb18030(b"1,\xff\xff\n"), once=True)


def test_a_stream_nobody_scanned_is_closed_without_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_lane, "MAX_SCRATCH", 1000)
    file = landed(tmp_path, large_gb18030())

    open_source(
        duckdb.connect(), file, contract(), relation="r", scratch=tmp_path / "s", once=True
    ).close()

    assert list((tmp_path / "s").iterdir()) == []
    assert not any(each.name == "source feed" for each in threading.enumerate())


REFUSED = {
    "short row": (f"编号,名称\n{CANARY}\n", {}, "1 records"),
    "long row": (f"编号,名称\n1,{CANARY},\n", {}, "1 records"),
    "cut in quotes": (f'编号,名称\n1,"{CANARY}\n', {}, "never closed: .* at record 2"),
    "text behind quote": (f'编号,名称\n1,"{CANARY}"x\n', {}, "stands where none can, at record 2"),
    "bad bytes": (f"编号,名称\n1,{CANARY}\udcff\n", {}, "not .* text at byte"),
    "nul": (f"编号,名称\n1,{CANARY}\0\n", {}, "NUL"),
    "headings": (f"编号,姓名\n1,{CANARY}\n", {}, "missing 名称; unknown in column 2"),
    "no headings": (f"编号,名称\n1,{CANARY}\n", {"header_row": 4}, "it has 2 records"),
    "positional": (f"1,{CANARY},2\n", {"header_row": 0}, "it has 3 columns"),
    "dialect": (f"编号,名称\n1,{CANARY}\n", {"delimiter": "||"}, "single and different"),
    "encoding": (f"编号,名称\n1,{CANARY}\n", {"encoding": "utf-16"}, "text"),
    "json": (f'{{"编号": "{CANARY}"}}', {}, "missing 名称"),
}


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
@pytest.mark.parametrize(("text", "changes", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_names_the_file_and_never_shows_a_cell(
    tmp_path: Path, text: str, changes: dict[str, Any], message: str, codec: str
) -> None:
    content = b"\xff".join(part.encode(codec) for part in text.split("\udcff"))

    with pytest.raises(SourceError, match=message) as refusal:
        opened(tmp_path, content, **changes)

    assert "许可.csv" in str(refusal.value)
    assert CANARY not in f"{refusal.value} {refusal.value.reason}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_what_duckdb_says_about_a_record_stays_inside(tmp_path: Path) -> None:
    content = f"编号,名称\n1,{CANARY}{'x' * 3_000_000}\n".encode()

    with pytest.raises(SourceError, match="longer than 2000000 bytes, near line 2") as refusal:
        opened(tmp_path, content)

    assert CANARY not in str(refusal.value) + refusal.value.reason
    assert refusal.value.__suppress_context__


def test_a_recount_that_differs_refuses_the_file(tmp_path: Path) -> None:
    con, file = duckdb.connect(), landed(tmp_path, TEXT.encode())
    with open_source(con, file, contract(), relation="r", scratch=tmp_path / "s") as table:
        con.execute("create or replace temp view r as select 1")

        with pytest.raises(SourceError, match="3 records but 1 were read"):
            table.recount(con)


CELLS = st.sampled_from(
    ["", "a", '"a"', '"a,b"', '"a\nb"', '"a""b"', ' "a"', 'a"b', '"a"b', " ", "中"]
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([1, 3, 64]),
)
def test_rows_are_those_of_the_csv_module_or_the_file_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    records: list[list[str]],
    line_break: str,
    chunk: int,
) -> None:
    monkeypatch.setattr(transcode, "CHUNK", chunk)
    lines = ["编号,名称", *(",".join(record) for record in records)]
    text = line_break.join(lines) + line_break
    try:
        parsed = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        parsed = [["unreadable"]] * 2

    if any(len(record) != 2 and any(map(str.strip, record)) for record in parsed):
        with pytest.raises(SourceError):
            opened(tmp_path, text.encode())
        return
    _, rows = opened(tmp_path, text.encode())
    padded = [[*record, "", ""][:2] for record in parsed]
    assert rows == [
        (code or None, name or None, number)
        for number, (code, name) in enumerate(padded, start=1)
        if number > 1
    ]
