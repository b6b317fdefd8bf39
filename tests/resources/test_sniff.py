"""Containers are told by content; a name proves nothing."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from opendata.errors import SourceError
from resources import sniff
from resources.sniff import Container, container_of

ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "container"),
    [
        ("编号,名称\n".encode("gbk"), Container.TEXT),
        (b"[1],[2]\n", Container.TEXT),
        (gzip.compress(b"a,b\n"), Container.GZIP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", Container.XLS),
        (zipped(xl__workbook=b"x"), Container.XLSX),
        (zipped(mimetype=ODS, **{"content.xml": b"x"}), Container.ODS),
        (zipped(data=b"a,b"), Container.ZIP),
        ("PK,名称\n".encode(), Container.TEXT),
        (b"PAR1....", Container.PARQUET),
        (b'{"a": 1}', Container.JSON),
        (b'\xef\xbb\xbf [ {"a": 1} ]', Container.JSON),
        ('[{"a": 1}]'.encode("utf-16"), Container.JSON),
        (b"[]", Container.JSON),
    ],
    ids=[
        "gbk text",
        "bracketed headings",
        "gzip",
        "ole",
        "xlsx",
        "ods",
        "zip",
        "a heading called PK",
        "parquet",
        "json",
        "json with mark",
        "json in utf-16",
        "empty list",
    ],
)
def test_the_content_tells_the_container(
    tmp_path: Path, content: bytes, container: Container
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)

    assert container_of(path, name="data.csv") is container


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"PARE....", "encrypted Parquet"),
        (b"<html><table>", "HTML or XML"),
        (b"%PDF-1.7", "PDF"),
        (zipped(**{"content.xml": b"x"}), "OpenDocument without a spreadsheet"),
        (zipped(word__document=b"x"), "Word or PowerPoint"),
        (b"a" * 257 + b"ustar\0", "TAR"),
        (b"PK\x03\x04 cut short", "damaged ZIP"),
    ],
    ids=["encrypted parquet", "html", "pdf", "odt", "docx", "tar", "cut zip"],
)
def test_a_stranger_is_refused_by_what_it_is(tmp_path: Path, content: bytes, title: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)

    with pytest.raises(SourceError, match=f"its content is {title}") as refusal:
        container_of(path, name="data.csv")

    assert "are accepted" in str(refusal.value)
    assert title in refusal.value.reason


def test_a_workbook_that_unpacks_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniff, "MAX_INFLATED", 10)
    path = tmp_path / "data.xlsx"
    path.write_bytes(zipped(xl__sheet=b"0" * 11))

    with pytest.raises(SourceError, match="unpacks to more than"):
        container_of(path, name="data.xlsx")
