"""What a file really is, told by its bytes and never by its name.

A tenth of published ``.csv`` files are workbooks. Add a container here when the city may hand it
over; add a stranger when clerks keep sending something else. Text encodings are ``transcode.py``.
"""

import zipfile
from enum import Enum
from pathlib import Path

from resources.source_errors import cannot_land

MAX_INFLATED = 2 * 1024**3
"""Bytes a compressed container may hold once unpacked: beyond lies a bomb or a mistake."""

_ACCEPTED = "delimited text, gzipped delimited text, .xls and .xlsx workbooks are accepted"
_REMEDY = "请改报 CSV 文本、gzip 压缩的 CSV 文本或 Excel 工作簿（xls、xlsx）。"

_STRANGERS = (
    (b"PAR1", "Parquet"),
    (b"%PDF-", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")


class Container(Enum):
    """The wrappings a source may come in."""

    TEXT = "text"
    GZIP = "gzip"
    XLS = "xls"
    XLSX = "xlsx"


def container_of(path: Path, *, name: str) -> Container:
    """Tell the container by content; ``name`` is only how messages call the file.

    Raises:
        SourceError: the content is something this product does not read; the message says what.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"\x1f\x8b"):
        return Container.GZIP
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Container.XLS
    if head.startswith(b"PK"):
        return _workbook_in_zip(path, name)
    if stranger := _stranger(head):
        raise _refused(name, stranger)
    return Container.TEXT


def _workbook_in_zip(path: Path, name: str) -> Container:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise _refused(name, "damaged ZIP") from None
    names = {each.filename for each in members}
    if "content.xml" in names:
        raise _refused(name, "OpenDocument")
    if not any(each.startswith("xl/") for each in names):
        raise _refused(name, "ZIP")
    if sum(each.file_size for each in members) > MAX_INFLATED:
        raise too_large(name)
    return Container.XLSX


def _stranger(head: bytes) -> str | None:
    for magic, title in _STRANGERS:
        if head.startswith(magic):
            return title
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_MARKUP):
        return "HTML or XML"
    looks_like_json = start.startswith((b"{", b"[")) and start[1:].lstrip()[:1] in b'{"[]}'
    return "JSON" if looks_like_json else None


def _refused(name: str, what: str) -> Exception:
    return cannot_land(
        name,
        f"its content is {what}, whatever its name says; {_ACCEPTED}; hand it over as one of these",
        reason=f"的内容是 {what}，不是表格文本。{_REMEDY}",
    )


def too_large(name: str) -> Exception:
    """The refusal of a container that unpacks to more than ``MAX_INFLATED`` bytes."""
    return cannot_land(
        name,
        f"it unpacks to more than {MAX_INFLATED} bytes, which is the most accepted; split it",
        reason="解压后超过 2 GiB 上限，请拆分后重新报送。",
    )
