"""Bad deliveries: each is landed exactly or refused with these very sentences."""

import gzip
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resources import delimited, fast_lane
from resources.landing import Landing
from resources.text_damage import MAX_RECORD
from tests.resources.deliveries import opened, refused
from tests.support import a_dataset

ENDLESS = (
    f"record {{}} is longer than {MAX_RECORD} characters: a quotation mark is never closed, or "
    "there are no line breaks; export it again with both",
    f"第 {{}} 条记录超过 {MAX_RECORD} 个字符，引号未闭合或缺少换行，请重新导出。",
)
NUL = (
    "it holds NUL characters, so it is damaged, or UTF-16 without a byte-order mark; export it "
    "again, or declare `encoding: utf-16-le`",
    "含有空字符（NUL），文件已损坏或编码不符，请重新导出为 UTF-8 或 GB18030 文本。",
)
CONTROLS = (
    "it holds control characters (U+0080 to U+009F) that no text has: text of another encoding was "
    "taken for Latin-1 when it was exported; export it again as UTF-8",
    "含有文本中不应出现的控制字符（U+0080 至 U+009F），导出时编码有误，请重新导出为 UTF-8 文本。",
)


def test_an_empty_file_is_refused_when_it_is_landed(tmp_path: Path) -> None:
    inbox, dataset = tmp_path / "inbox", a_dataset()
    (inbox / dataset.body).mkdir(parents=True)
    (inbox / dataset.body / "许可.csv").touch()
    landing = Landing(inbox, tmp_path / "landed", tmp_path / "collected")

    with refused("it is empty; ask the body for it again", "是空文件，请重新报送。"):
        landing.land(dataset, dataset.sources[0], received_at=datetime(2026, 1, 5, tzinfo=UTC))


def test_a_file_that_grows_while_it_is_copied_is_left_for_later(tmp_path: Path) -> None:
    inbox, dataset, done = tmp_path / "inbox", a_dataset(), threading.Event()
    path = inbox / dataset.body / "许可.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1,2\n" * 2_000_000)

    def arrive() -> None:
        with path.open("ab", buffering=0) as file:
            while not done.wait(0.0001):
                file.write(b"1,2\n")

    sender = threading.Thread(target=arrive)
    sender.start()
    try:
        with refused(
            "it changed while it was copied; run again once it has arrived completely",
            "在读取时仍在变化，请待传输完成后重新处理。",
        ):
            Landing(inbox, tmp_path / "landed", tmp_path / "collected").land(
                dataset, dataset.sources[0], received_at=datetime(2026, 1, 5, tzinfo=UTC)
            )
    finally:
        done.set()
        sender.join()
    assert list((tmp_path / "landed" / dataset.id).iterdir()) == []


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_of_headings_lands_with_no_rows(tmp_path: Path, codec: str) -> None:
    assert opened(tmp_path, "编号,名称\n".encode(codec))[1] == []


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_ragged_rows_are_counted_and_refused(tmp_path: Path, codec: str) -> None:
    with refused(
        "2 records do not have 2 cells as the headings do (first: records 3, 4); export it again "
        "with proper quoting, or declare `padded: true` if only empty cells at the end of records "
        "are left out",
        "有 2 行的列数与表头的 2 列不符（首见于第 3、4 行），请重新导出。",
    ):
        opened(tmp_path, "编号,名称\n1,甲\n2\n3,丙,x\n4,丁\n".encode(codec))


@pytest.mark.parametrize(
    "content",
    ["编号,名称\n1,\0\n".encode(), "编号,名称\n1,甲\n".encode("utf-16-le"), b"\0" * 2000],
    ids=["one", "utf-16 without mark", "nothing else"],
)
def test_nul_characters_are_refused(tmp_path: Path, content: bytes) -> None:
    with refused(*NUL):
        opened(tmp_path, content)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_when_it_is_declared(tmp_path: Path, codec: str) -> None:
    content = "编号,名称\n1,甲\n".encode(codec)

    assert opened(tmp_path, content, encoding=codec)[1] == [("1", "甲", 2)]


def test_utf_8_that_goes_on_as_gbk_is_refused(tmp_path: Path) -> None:
    content = ("编号,名称\n" + "1,许可事项名称\n" * 9).encode() + "2,乙\n".encode("gbk")

    with refused(
        "it is not utf-8 text at byte 205; it may be cut short or damaged: export it again, or "
        "declare its `encoding`",
        "第 205 字节处有无法按 utf-8 解码的内容，文件可能被截断或损坏，请重新导出。",
    ):
        opened(tmp_path, content)


@pytest.mark.parametrize("declared", [None, "gb18030", "gbk"])
@pytest.mark.parametrize("limit", [fast_lane.MAX_SCRATCH, 100], ids=["copied", "streamed"])
def test_gbk_that_goes_on_as_utf_8_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str | None, limit: int
) -> None:
    monkeypatch.setattr(fast_lane, "MAX_SCRATCH", limit)
    content = "编号,名称\n1,某某有限公司\n".encode("gbk") + "2,行政许可\n".encode()

    with refused(
        f"it is {declared or 'gb18030'} text but goes on in UTF-8 at byte 27: two files in "
        "different encodings were put together; export it again in one",
        f"从第 27 字节起混入 UTF-8 编码的内容（其余为 {declared or 'gb18030'}），"
        "请统一编码后重新导出。",
    ):
        opened(tmp_path, content, once=True, encoding=declared)


def test_a_mixture_is_found_wherever_a_chunk_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.transcode.CHUNK", 5)
    content = "编号,名称\n1,某某\n".encode("gbk") + "2,行政许可\n".encode()

    with pytest.raises(Exception, match="goes on in UTF-8 at byte 19"):
        opened(tmp_path, content)


def test_rare_characters_of_gbk_are_not_taken_for_utf_8(tmp_path: Path) -> None:
    rows = [("1", "浠浙溇滢", 2), ("2", "锟斤拷烫烫烫", 3), ("3", "联通", 4)]
    text = "编号,名称\n" + "".join(f"{code},{name}\n" for code, name, _ in rows)

    assert opened(tmp_path, text.encode("gb18030"), encoding="gb18030")[1] == rows


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        ("编号,名称\n1,d\x92Estournel\n".encode(), None),
        ("编号,名称\n1,d\x92Estournel\n".encode("gb18030"), "gb18030"),
    ],
    ids=["utf-8", "gb18030"],
)
def test_characters_that_were_decoded_wrongly_before_are_refused(
    tmp_path: Path, content: bytes, declared: str | None
) -> None:
    with refused(*CONTROLS):
        opened(tmp_path, content, encoding=declared)


def test_control_characters_are_found_across_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.transcode.CHUNK", 17)

    with refused(*CONTROLS):
        opened(tmp_path, b"abc,name\n1234567\xc2\x92,x\n")


def test_formulas_are_text_and_nothing_else(tmp_path: Path) -> None:
    cells = ["=CMD|' /C calc'!A0", "+1-1", "-2+3", "@SUM(A1)", "\t=1", "%0A-3+3"]
    text = "编号,名称\n" + "".join(f'{at},"{cell}"\n' for at, cell in enumerate(cells))

    assert [row[1] for row in opened(tmp_path, text.encode())[1]] == cells


def test_a_table_of_16378_columns_of_which_two_are_used_is_read(tmp_path: Path) -> None:
    spare = "," * 16_376
    content = f"{spare}\n标题{spare}\n编号{spare}名称\n1{spare}甲\n2{spare}乙\n".encode()

    _, rows = opened(tmp_path, content, header_row=3, ignored_headings=("",))

    assert rows == [("1", "甲", 4), ("2", "乙", 5)]


def test_a_line_of_gigabytes_is_refused_without_reading_on(tmp_path: Path) -> None:
    content = b"a," * (2 * MAX_RECORD + 1)

    with refused(*(each.format(1) for each in ENDLESS)):
        opened(tmp_path, content)


@pytest.mark.parametrize(
    ("start", "line"),
    [(b"1,", b"x" * 65_536), (b'1,"', b"x" * 65_535 + b"\n"), (b'"a\n",' * 3, b'"a\nb",' * 8192)],
    ids=["no line breaks", "a quote left open", "a record of many lines"],
)
def test_a_record_without_end_is_refused(tmp_path: Path, start: bytes, line: bytes) -> None:
    content = "编号,名称\n".encode() + start + line * (MAX_RECORD // len(line) + 2)

    with refused(*(each.format(2) for each in ENDLESS)):
        opened(tmp_path, content, blank_rows=True)


def test_a_cell_just_within_the_limit_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MAX_RECORD", 1000)
    cell = "x" * 990

    assert opened(tmp_path, f"编号,名称\n1,{cell}\n".encode(), blank_rows=True)[1] == [
        ("1", cell, 2)
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("lane", [{}, {"blank_rows": True}], ids=["fast", "exact"])
def test_headings_that_come_again_are_two_tables(tmp_path: Path, pack, lane) -> None:  # type: ignore[no-untyped-def]
    content = "编号,名称\n1,甲\n编号,名称\n2,乙\n".encode()

    with refused(
        "record 3 is the headings once more: several tables or files were put together; hand over "
        "one table under one heading",
        "第 3 行重复了表头，疑为多个表格或文件拼接而成，请只保留一个表格后重新报送。",
    ):
        opened(tmp_path, pack(content), **lane)


def test_a_row_that_only_begins_like_the_headings_is_a_row(tmp_path: Path) -> None:
    content = "编号,名称\n1,甲\n编号,名称二\n".encode()

    assert opened(tmp_path, content)[1][1] == ("编号", "名称二", 3)
