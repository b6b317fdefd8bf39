"""What a file really is, told by its bytes and never by its name.

A tenth of published ``.csv`` files are workbooks. Add a container here when the city may hand it
over; add a stranger when clerks keep sending something else. Text encodings are ``transcode.py``.
"""

import codecs
import re
import zipfile
from enum import Enum
from pathlib import Path

from resources.source_errors import cannot_land

MAX_INFLATED = 2 * 1024**3
"""Bytes a compressed container may hold once unpacked: beyond lies a bomb or a mistake."""

_ACCEPTED = (
    "delimited text, JSON, Parquet, .xls, .xlsx and .ods workbooks are accepted, also packed by "
    "gzip or as a ZIP archive of one file"
)
_REMEDY = (
    "请改报 CSV 文本、JSON、Parquet 或表格工作簿（xls、xlsx、ods、et），可用 gzip 或 ZIP 压缩。"
)

_STRANGERS = (
    (b"PARE", "encrypted Parquet"),
    (b"%PDF-", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3\0", "SQLite"),
    (b"ARROW1\0\0", "Arrow"),
    (b"Obj\x01", "Avro"),
)
_TAR = (257, b"ustar")
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_JSON = re.compile(rb'\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$)')


class Container(Enum):
    """The wrappings a source may come in."""

    TEXT = "text"
    GZIP = "gzip"
    ZIP = "zip"
    XLS = "xls"
    XLSX = "xlsx"
    ODS = "ods"
    PARQUET = "parquet"
    JSON = "json"


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
    if head.startswith(b"PAR1"):
        return Container.PARQUET
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(path, name)
    if stranger := _stranger(head):
        raise _refused(name, stranger)
    return Container.JSON if _looks_like_json(head) else Container.TEXT


def _in_zip(path: Path, name: str) -> Container:
    """A workbook, or an archive of files, which ``archive.py`` looks into."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {each.filename for each in members}
            kind = b""
            if "mimetype" in names:
                with archive.open("mimetype") as said:
                    kind = said.read(len(_ODS))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        raise _refused(name, "damaged ZIP") from None
    if "content.xml" in names and kind != _ODS:
        raise _refused(name, "OpenDocument without a spreadsheet")
    if any(each.startswith(("word/", "ppt/")) for each in names):
        raise _refused(name, "Word or PowerPoint")
    is_workbook = any(each.startswith("xl/") for each in names)
    if not is_workbook and "content.xml" not in names:
        return Container.ZIP
    if sum(each.file_size for each in members) > MAX_INFLATED:
        raise too_large(name)
    return Container.XLSX if is_workbook else Container.ODS


def _stranger(head: bytes) -> str | None:
    for magic, title in _STRANGERS:
        if head.startswith(magic):
            return title
    at, magic = _TAR
    if head[at:].startswith(magic):
        return "TAR"
    start = _plain(head).lower()
    return "HTML or XML" if start.startswith(_MARKUP) else None


def _looks_like_json(head: bytes) -> bool:
    """Whether a JSON document begins here: headings in brackets are no such thing."""
    return _JSON.match(_plain(head)) is not None


def _plain(head: bytes) -> bytes:
    """The first characters as ASCII, whichever way the text is encoded."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", errors="ignore").encode("ascii", errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


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
