"""Text sources as bytes, characters and UTF-8: decoded strictly, or refused by byte offset.

Every reader of a text source gets its characters here, so that nothing is ever replaced, guessed
or printed. What the characters mean (records, headings) is ``delimited.py``.
"""

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.source_errors import cannot_land
from resources.text_damage import (
    GB,
    MAX_RECORD,
    Mixed,
    endless,
    holds_controls,
    holds_nul,
    mixes,
    not_text,
    shows_controls,
    without_utf8,
)
from resources.utf8_proof import is_clean_utf8

CHUNK = 1 << 17  # with what it decodes to still in the second-level cache
_LONGEST_LINE = 4 * MAX_RECORD  # bytes; no encoding takes more for a character
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


class _HoldsControls(Exception):
    """C1 control characters, which only come from text decoded as Latin-1 by mistake."""


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
            SourceError: a byte is not text in this encoding, a NUL character stands in it, or a
                text of GB18030 goes on in UTF-8.
        """
        chunks = without_utf8(self.raw()) if self.encoding in GB else self.raw()
        try:
            yield from _decode(chunks, self.encoding)
        except Mixed as error:
            raise mixes(self.name, self.encoding, error.offset) from None
        except _HoldsNul:
            raise holds_nul(self.name) from None
        except _HoldsControls:
            raise holds_controls(self.name) from None
        except _Undecodable as error:
            raise not_text(self.name, self.encoding, error.offset) from None

    def utf8(self) -> Iterator[bytes]:
        """The characters as UTF-8; raises as ``decoded`` does."""
        for text in self.decoded():
            try:
                yield text.encode()
            except UnicodeEncodeError:
                raise not_text(self.name, self.encoding, None) from None


def open_text(path: Path, *, name: str, declared: str | None, lined: bool = True) -> TextFile:
    """Settle the encoding of ``path``: as declared, by its byte-order mark, or by strict trial.

    UTF-8 is proven here over the whole file; any other encoding is proven while it is read.
    ``lined`` says that a text without line breaks cannot be right.

    Raises:
        SourceError: the declared encoding is unknown, the file is damaged UTF-8, or it begins with
            a line that has no end.
    """
    if lined:
        _refuse_endless(path, name)
    if settled := _known(declared, name) if declared else _by_mark(path):
        file = TextFile(path=path, name=name, encoding=settled)
        if file.is_utf8 and not is_clean_utf8(file.raw()):
            deque(file.decoded(), maxlen=0)
        return file
    return TextFile(path=path, name=name, encoding=_by_trial(path, name))


def _shows_utf8(path: Path, before: int) -> bool:
    """Whether UTF-8 shows before this byte, as it does in a file that is UTF-8 and damaged."""
    start = 0
    try:
        for chunk in without_utf8(_chunks(path)):
            start += len(chunk)
            if start > before:
                return False
    except Mixed as error:
        return error.offset < before
    return False


def _refuse_endless(path: Path, name: str) -> None:
    """Refuse at once what would be refused after gigabytes of it had been decoded."""
    if path.stat().st_size <= _LONGEST_LINE:
        return
    with path.open("rb", buffering=0) as file:
        for _ in range(_LONGEST_LINE // CHUNK):
            chunk = file.read(CHUNK)
            if b"\n" in chunk or b"\r" in chunk or 0 in chunk:
                return
    raise endless(name, 1)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _decode(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = _GbDecoder() if encoding == "gb18030" else codecs.getincrementaldecoder(encoding)()
    start = foreign = 0
    for chunk in chunks:
        waiting = decoder.getstate()[0]
        pending = len(waiting)
        try:
            text = decoder.decode(chunk)
        except UnicodeError as error:
            raise _undecodable(error, start - pending, foreign) from None
        start += len(chunk)
        foreign += len(chunk) - len(text)
        # NOTE: bytes are searched first because that is ten times as fast as searching the text.
        if 0 in chunk and "\0" in text:
            raise _HoldsNul
        if shows_controls(chunk, encoding) or (
            waiting and shows_controls(waiting + chunk[:4], encoding)
        ):
            raise _HoldsControls
        yield text
    pending = len(decoder.getstate()[0])
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _undecodable(error, start - pending, foreign) from None


class _GbDecoder:
    """GB18030, read as GBK until a character is not in it: the same text for a tenth less CPU."""

    def __init__(self) -> None:
        self._is_wide = False
        self._decoder = codecs.getincrementaldecoder("gbk")()

    def getstate(self) -> tuple[bytes, int]:
        """The bytes of an unfinished character, and what else the decoder keeps."""
        return self._decoder.getstate()

    def decode(self, given: bytes, *, final: bool = False) -> str:
        """The next characters."""
        waiting = self._decoder.getstate()[0]
        try:
            return self._decoder.decode(given, final)
        except UnicodeDecodeError:
            if self._is_wide:
                raise
        self._is_wide = True
        self._decoder = codecs.getincrementaldecoder("gb18030")()
        return self._decoder.decode(waiting + given, final)


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
    if is_clean_utf8(_chunks(path)):
        return "utf-8"
    try:
        deque(_decode(_chunks(path), "utf-8"), maxlen=0)
    except _HoldsNul:
        raise holds_nul(name) from None
    except _HoldsControls:
        raise holds_controls(name) from None
    except _Undecodable as error:
        if error.foreign >= _SURELY_UTF8 or _shows_utf8(path, error.offset):
            raise not_text(name, "utf-8", error.offset) from None
        return "gb18030"
    return "utf-8"
