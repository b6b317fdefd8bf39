"""Packed deliveries: one file inside, whatever it is; everything else is refused in words."""

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from resources import archive
from tests.resources.deliveries import opened, refused, xlsx, zipped

TEXT = "编号,名称\n007,甲\n".encode("gb18030")
ROWS = [("007", "甲", 2)]
BOMB = "it unpacks to more than 1000 bytes, which is the most accepted; split it"
TOO_LARGE = (
    "it unpacks to more than 2147483648 bytes, which is the most accepted; split it",
    "解压后超过 2 GiB 上限，请拆分后重新报送。",
)
DAMAGED = (
    "its ZIP archive is cut short or damaged, or unpacks to something else than it says; "
    "transfer it again",
    "压缩包不完整或已损坏，请重新传输。",
)


@pytest.mark.parametrize(
    "inside",
    [TEXT, xlsx(["编号", "名称"], ["007", "甲"]), '{"编号": "007", "名称": "甲"}'.encode()],
    ids=["text", "workbook", "json"],
)
@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"表.csv": content})])
def test_what_is_packed_is_read_as_if_it_were_not(tmp_path: Path, pack, inside: bytes) -> None:  # type: ignore[no-untyped-def]
    assert [row[:2] for row in opened(tmp_path, pack(inside))[1]] == [("007", "甲")]


def test_folders_in_an_archive_do_not_count(tmp_path: Path) -> None:
    assert opened(tmp_path, zipped({"数据/": b"", "数据/表.csv": TEXT}))[1] == ROWS


@pytest.mark.parametrize("count", [0, 2])
def test_an_archive_of_none_or_several_files_is_refused(tmp_path: Path, count: int) -> None:
    content = zipped({f"{number}.csv": TEXT for number in range(count)})

    with refused(
        f"its ZIP archive holds {count} files, but exactly one is accepted; hand each over by "
        "itself",
        f"压缩包内有 {count} 个文件，只能有一个，请分别报送。",
    ):
        opened(tmp_path, content)


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": TEXT}))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1

    with refused(
        "its ZIP archive is protected by a password; pack it again without one",
        "压缩包设有密码，请去除密码后重新报送。",
    ):
        opened(tmp_path, bytes(content))


@pytest.mark.parametrize(
    "member", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a"]
)
def test_a_path_that_leads_out_of_the_archive_is_refused(tmp_path: Path, member: str) -> None:
    with refused(
        "the file in its ZIP archive has a path that leads out of it; pack the file alone",
        "压缩包内的文件路径指向包外，请只压缩文件本身后重新报送。",
    ):
        opened(tmp_path, zipped({member: TEXT}))


def test_a_method_nobody_reads_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as book:
        book.writestr("a.csv", TEXT)

    with refused(
        "its ZIP archive is packed by a method that is not read; pack it again as plain ZIP",
        "压缩包的压缩方式不受支持，请用普通 ZIP 方式重新压缩。",
    ):
        opened(tmp_path, packed.getvalue())


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"a.csv": content})])
def test_a_bomb_is_refused_before_it_is_unpacked(  # type: ignore[no-untyped-def]
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack
) -> None:
    monkeypatch.setattr(archive, "MAX_INFLATED", 1000)

    with refused(*TOO_LARGE):
        opened(tmp_path, pack(b"0" * 1001))


def test_a_size_that_an_archive_lies_about_is_found_out(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": TEXT + b"0" * 10_000}))
    place = content.find(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 20)

    with refused(*DAMAGED):
        opened(tmp_path, bytes(content))


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": TEXT * 100}))
    content[60] ^= 0xFF

    with refused(*DAMAGED):
        opened(tmp_path, bytes(content))


def test_a_gzip_stream_cut_short_is_refused(tmp_path: Path) -> None:
    with refused(
        "its gzip stream is cut short or damaged after 0 bytes; transfer it again",
        "压缩包不完整或已损坏，请重新传输。",
    ):
        opened(tmp_path, gzip.compress(TEXT)[:-5])


@pytest.mark.parametrize(
    "content",
    [gzip.compress(gzip.compress(TEXT)), zipped({"a.gz": gzip.compress(TEXT)})],
    ids=["gzip in gzip", "gzip in zip"],
)
def test_what_is_packed_twice_is_refused(tmp_path: Path, content: bytes) -> None:
    with refused(
        "it is packed twice: what it unpacks to is packed again; hand the file over packed once, "
        "or unpacked",
        "是多层压缩包，请只压缩一次，或直接报送原文件。",
    ):
        opened(tmp_path, content)
