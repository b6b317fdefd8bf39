"""Characters: decoded strictly and in a fixed order, or refused by byte offset."""

import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata.errors import SourceError
from resources import archive, transcode
from resources.archive import inflate
from resources.text_damage import Mixed, without_utf8
from resources.transcode import open_text

TEXT = "编号,名称\n1,北京市公安局㐀\U00020000é\n"


@pytest.mark.parametrize(
    ("codec", "settled"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_settled_without_being_declared(
    tmp_path: Path, codec: str, settled: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(TEXT.encode(codec))

    text = open_text(path, name="x", declared=None)

    assert text.encoding == settled
    assert "".join(text.decoded()) == TEXT


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_characters_may_lie_across_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, size: int
) -> None:
    monkeypatch.setattr(transcode, "CHUNK", size)
    path = tmp_path / "x"
    path.write_bytes(TEXT.encode(codec))

    text = open_text(path, name="x", declared=codec)

    assert b"".join(text.utf8()).decode() == TEXT


def test_bytes_that_are_no_text_are_refused_by_offset(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("编号,秘密".encode("gb18030") + b"\xff\xff")
    text = open_text(path, name="x", declared=None)

    with pytest.raises(SourceError, match=r"not gb18030 text at byte 9") as refusal:
        list(text.decoded())

    assert "秘密" not in str(refusal.value)
    assert "第 9 字节" in refusal.value.reason


def test_utf8_cut_inside_a_character_is_refused_and_never_read_as_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "x"
    content = ("统一社会信用代码" * 20).encode()
    path.write_bytes(content[:-1])

    with pytest.raises(SourceError, match=f"not utf-8 text at byte {len(content) - 3}"):
        open_text(path, name="x", declared=None)


def test_text_in_another_encoding_than_declared_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("编号".encode("gb18030"))

    with pytest.raises(SourceError, match="not utf-8 text at byte 0"):
        open_text(path, name="x", declared="utf-8")


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a")

    with pytest.raises(SourceError, match="utf-99"):
        open_text(tmp_path / "x", name="x", declared="utf-99")


def test_nul_characters_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("编号,名称\n".encode("utf-16-le"))
    (tmp_path / "y").write_bytes(b"a,b\n1,\x00\n")

    for name in ("x", "y"):
        with pytest.raises(SourceError):
            list(open_text(tmp_path / name, name=name, declared=None).decoded())


def test_gzip_is_inflated_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"one") + gzip.compress(b"two"))

    inflate(tmp_path / "x.gz", tmp_path / "x", name="x.gz")

    assert (tmp_path / "x").read_bytes() == b"onetwo"


@pytest.mark.parametrize("damage", [slice(None, -5), slice(None, 20)], ids=["trailer", "stream"])
def test_a_gzip_file_cut_short_is_refused(tmp_path: Path, damage: slice) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(bytes(range(256)) * 9)[damage])

    with pytest.raises(SourceError, match="cut short"):
        inflate(tmp_path / "x.gz", tmp_path / "x", name="x.gz")


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_INFLATED", 1000)
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"0" * 1001))

    with pytest.raises(SourceError, match="unpacks to more than"):
        inflate(tmp_path / "x.gz", tmp_path / "x", name="x.gz")


CHARACTERS = st.text(st.sampled_from("a1,\n中文龖𠀀ßáé€"), max_size=6)
PIECES = st.lists(
    st.one_of(CHARACTERS.map(lambda each: each.encode("gb18030")), st.binary(max_size=3)),
    max_size=12,
)


def as_python_reads(given: bytes) -> str | int:
    """The text of GB18030, or the byte at which it ends."""
    try:
        return given.decode("gb18030")
    except UnicodeDecodeError as error:
        return error.start


@settings(max_examples=300, deadline=None)
@given(PIECES, st.integers(1, 7))
def test_gb18030_is_read_or_refused_as_python_reads_it_however_it_is_cut(
    pieces: list[bytes], size: int
) -> None:
    given = b"".join(pieces)
    expected = as_python_reads(given)
    if set(given) & {0, 0x81}:
        return  # NUL and control characters are refused for themselves
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcode, "CHUNK", size)
        path = Path(folder, "x")
        path.write_bytes(given)
        text = transcode.TextFile(path=path, name="x", encoding="gb18030")
        if isinstance(expected, str):
            assert "".join(text.decoded()) == expected
        else:
            with pytest.raises(SourceError, match=f"at byte {expected};"):
                list(text.decoded())


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([b",", "北京市海淀区".encode(), "，。".encode(), "中".encode("gbk")]),
            st.binary(max_size=4),
        ),
        max_size=14,
    ),
    st.integers(1, 9),
)
def test_utf8_in_gbk_is_noticed_where_a_pattern_finds_it(pieces: list[bytes], size: int) -> None:
    given = b"".join(pieces)
    shape = re.compile(rb"[\x00-\x7f](?:[\xe3-\xe9\xef][\x80-\xbf]{2}){4}")
    found = shape.search(given)
    chunks = [given[at : at + size] for at in range(0, len(given), size)]

    if found is None:
        assert b"".join(without_utf8(chunks)) == given
        return
    with pytest.raises(Mixed) as noticed:
        list(without_utf8(chunks))
    assert noticed.value.offset == found.start() + 1
