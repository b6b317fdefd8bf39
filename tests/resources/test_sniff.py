"""Containers are told by content; a name proves nothing."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from opendata.errors import SourceError
from resources import sniff
from resources.sniff import Container, container_of


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
    ],
    ids=["gbk text", "bracketed headings", "gzip", "ole", "xlsx"],
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
        (b"PAR1....", "Parquet"),
        (b'{"a": 1}', "JSON"),
        (b'\xef\xbb\xbf [ {"a": 1} ]', "JSON"),
        (b"<html><table>", "HTML or XML"),
        (b"%PDF-1.7", "PDF"),
        (zipped(**{"content.xml": b"x"}), "OpenDocument"),
        (zipped(word__document=b"x"), "ZIP"),
        (b"PK\x03\x04 cut short", "damaged ZIP"),
    ],
    ids=["parquet", "json", "json with mark", "html", "pdf", "ods", "docx", "cut zip"],
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
