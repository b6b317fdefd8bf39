"""Text sources as bytes, characters and UTF-8: decoded strictly, or refused by byte offset.

Every reader of a text source gets its characters here, so that nothing is ever replaced, guessed
or printed. What the characters mean (records, headings) is ``delimited.py``.
"""

import codecs
import gzip
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.sniff import MAX_INFLATED, too_large
from resources.source_errors import cannot_land

CHUNK = 1 << 18
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# GBK text holds so long a run of well-formed UTF-8 sequences about once in 10**12 files, whereas
# damaged UTF-8 read as GB18030 becomes plausible nonsense without any error.
_SURELY_UTF8 = 32


class _Undecodable(Exception):
    """Bytes that are not text in the encoding: where, and how much foreign text came before."""

    def __init__(self, offset: int, foreign: int) -> None:
        self.offset = offset
        self.foreign = foreign
        super().__init__(offset)


class _HoldsNul(Exception):
    """A NUL character where there should be text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file of text in a known encoding; ``name`` is how messages call it."""

    path: Path
    name: str
    encoding: str

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes are UTF-8 as they lie."""
        return self.encoding in {"utf-8", "utf-8-sig", "ascii"}

    def raw(self) -> Iterator[bytes]:
        """The bytes as received, in chunks."""
        return _chunks(self.path)

    def decoded(self) -> Iterator[str]:
        """The characters, without a byte-order mark.

        Raises:
            SourceError: a byte is not text in this encoding, or a NUL character stands in it.
        """
        try:
            yield from _decode(self.raw(), self.encoding)
        except _HoldsNul:
            raise _holds_nul(self.name) from None
        except _Undecodable as error:
            raise _not_text(self.name, self.encoding, error.offset) from None

    def utf8(self) -> Iterator[bytes]:
        """The characters as UTF-8; raises as ``decoded`` does."""
        for text in self.decoded():
            try:
                yield text.encode()
            except UnicodeEncodeError:
                raise _not_text(self.name, self.encoding, None) from None


def open_text(path: Path, *, name: str, declared: str | None) -> TextFile:
    """Settle the encoding of ``path``: as declared, by its byte-order mark, or by strict trial.

    UTF-8 is proven here over the whole file; any other encoding is proven while it is read.

    Raises:
        SourceError: the declared encoding is unknown, or the file is damaged UTF-8.
    """
    if settled := _known(declared, name) if declared else _by_mark(path):
        file = TextFile(path=path, name=name, encoding=settled)
        if file.is_utf8:
            deque(file.decoded(), maxlen=0)
        return file
    return TextFile(path=path, name=name, encoding=_by_trial(path, name))


def inflate(path: Path, target: Path, *, name: str) -> None:
    """Unpack the gzip file ``path`` into ``target``.

    Raises:
        SourceError: it is cut short, damaged, or unpacks to more than ``MAX_INFLATED`` bytes.
    """
    size = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while chunk := packed.read(CHUNK):
                size += len(chunk)
                if size > MAX_INFLATED:
                    raise too_large(name)
                plain.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise cannot_land(
            name,
            f"its gzip stream is cut short or damaged after {size} bytes; transfer it again",
            reason="压缩包不完整或已损坏，请重新传输。",
        ) from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _decode(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    start = foreign = 0
    for chunk in chunks:
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk)
        except UnicodeError as error:
            raise _undecodable(error, start - pending, foreign) from None
        start += len(chunk)
        foreign += len(chunk) - len(text)
        # NOTE: bytes are searched first because that is ten times as fast as searching the text.
        if 0 in chunk and "\0" in text:
            raise _HoldsNul
        yield text
    pending = len(decoder.getstate()[0])
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _undecodable(error, start - pending, foreign) from None


def _undecodable(error: UnicodeError, start: int, foreign: int) -> _Undecodable:
    at = error.start if isinstance(error, UnicodeDecodeError) else 0
    good = error.object[:at] if isinstance(error, UnicodeDecodeError) else b""
    return _Undecodable(start + at, foreign + sum(byte > 0x7F for byte in good) * 2 // 3)


def _known(declared: str, name: str) -> str:
    try:
        return codecs.lookup(declared).name
    except LookupError:
        raise cannot_land(
            name,
            f"the contract declares encoding {declared!r}, which does not exist; "
            "use utf-8, gb18030, gbk or utf-16",
            reason=f"登记的字符编码“{declared}”不存在，请改为 utf-8、gb18030、gbk 或 utf-16。",
        ) from None


def _by_mark(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(3)
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)


def _by_trial(path: Path, name: str) -> str:
    try:
        deque(_decode(_chunks(path), "utf-8"), maxlen=0)
    except _HoldsNul:
        raise _holds_nul(name) from None
    except _Undecodable as error:
        if error.foreign >= _SURELY_UTF8:
            raise _not_text(name, "utf-8", error.offset) from None
        return "gb18030"
    return "utf-8"


def _not_text(name: str, encoding: str, offset: int | None) -> Exception:
    where = "somewhere" if offset is None else f"at byte {offset}"
    place = "中有" if offset is None else f"第 {offset} 字节处有"
    return cannot_land(
        name,
        f"it is not {encoding} text {where}; it may be cut short or damaged: export it again, "
        "or declare its `encoding`",
        reason=f"{place}无法按 {encoding} 解码的内容，文件可能被截断或损坏，请重新导出。",
    )


def _holds_nul(name: str) -> Exception:
    return cannot_land(
        name,
        "it holds NUL characters, so it is damaged, or UTF-16 without a byte-order mark; export "
        "it again, or declare `encoding: utf-16-le`",
        reason="含有空字符（NUL），文件已损坏或编码不符，请重新导出为 UTF-8 或 GB18030 文本。",
    )
