"""The skeleton of a delimited text: its delimiters and line breaks outside quotes.

A file of N complete records of n columns has one skeleton only: n - 1 delimiters and a line break,
N times. Whoever finds it, and finds every quoted cell between delimiters or line breaks, has
counted the records and proven that none is ragged, blank or cut short, at the cost of a few byte
scans and without any parser. What is irregular is not judged here: it goes to the exact reader.
"""

import re
from collections.abc import Iterable, Iterator


class Skeleton:
    r"""Feed it the bytes of the records, then ask it for their number.

    Works on any encoding whose delimiter, quote and line break bytes stand for nothing else.
    ``line_break`` is the one all records must have; empty takes that of the first record. A line
    that begins as ``headings`` do is irregular: several tables may have been put together.

    >>> bones = Skeleton(columns=2, delimiter=b",", quote=b'"', line_break=b"")
    >>> bones.feed(b'a,"b,\nc"\nd,')
    >>> bones.feed(b'e\n')
    >>> bones.records()
    2
    """

    def __init__(
        self,
        *,
        columns: int,
        delimiter: bytes,
        quote: bytes,
        line_break: bytes,
        headings: bytes = b"",
    ) -> None:
        self.sound = True
        self._quote = quote
        self._bars = delimiter * (columns - 1)
        self._rib = self._bars + line_break if line_break else b""
        self._flesh = _all_but(delimiter + b"\r\n")
        self._stray = _stray_quotes(delimiter, quote) if quote else ()
        self._quoted = False
        self._shell = b"\n"  # the last two bytes outside quotes, a quoted cell being one quote
        self._rest = b""
        self._count = 0
        self._last = b""
        self._again = b"\n" + headings if headings else b""
        self._tail = b"\n"

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; of no use once ``sound`` is false."""
        before = self._shell[-1:]
        if self._again:
            self._look_for_headings(chunk)
        outside = self._outside_quotes(chunk)
        self._last = chunk[-1:]
        self._match(self._rest + outside.translate(None, self._flesh))
        if b"\r" in self._rib:  # without its flesh, a break and text and a break look like one
            whole = outside.count(b"\r\n") + (before == b"\r" and outside.startswith(b"\n"))
            self.sound = self.sound and outside.count(b"\n") == whole

    def records(self) -> int | None:
        """The number of records, once everything was fed; None when something is irregular."""
        ended = self._last in {b"", b"\n"}
        whole = not self._rest if ended else self._rest == self._bars
        if not self.sound or self._quoted or not whole:
            return None
        return self._count + (not ended)

    def _look_for_headings(self, chunk: bytes) -> None:
        length = len(self._again)
        if self._again in chunk or self._again in self._tail + chunk[:length]:
            self.sound = False
        self._tail = (self._tail + chunk)[-length:] if len(chunk) < length else chunk[-length:]

    def _outside_quotes(self, chunk: bytes) -> bytes:
        if not self._quote or not (
            self._quoted or self._quote in chunk or self._quote in self._shell
        ):
            self._shell = chunk[-2:]
            return chunk
        pieces = chunk.split(self._quote)
        outside = pieces[int(self._quoted) :: 2]
        self._quoted ^= len(pieces) % 2 == 0
        text = self._quote.join(outside)
        opened = self._quote if self._quoted and outside else b""
        shell = self._shell + text + opened
        self.sound = self.sound and not any(stray.search(shell) for stray in self._stray)
        self._shell = shell[-2:]
        return text

    def _match(self, bones: bytes) -> None:
        self._rib = self._rib or self._first_rib(bones)
        if not self._rib:
            self._rest = bones
            self.sound = self.sound and len(bones) <= len(self._bars) + 1
            return
        whole = len(bones) // len(self._rib)
        end = whole * len(self._rib)
        self.sound = self.sound and bones[:end] == self._rib * whole
        self._count += whole
        self._rest = bones[end:]

    def _first_rib(self, bones: bytes) -> bytes:
        for line_break in (b"\n", b"\r\n"):
            if bones.startswith(self._bars + line_break):
                return self._bars + line_break
        return b""


def count_records(chunks: Iterable[bytes], skeleton: Skeleton, *, skip_lines: int) -> int | None:
    """Count the records after the first ``skip_lines`` line feeds; None when any is irregular.

    The chunks are always drained, so that a reader writing them elsewhere sees all of them.
    """
    for chunk in _after_lines(chunks, skip_lines):
        if skeleton.sound:
            skeleton.feed(chunk)
    return skeleton.records()


def _after_lines(chunks: Iterable[bytes], lines: int) -> Iterator[bytes]:
    for number, chunk in enumerate(chunks):
        left = chunk.removeprefix(b"\xef\xbb\xbf") if number == 0 else chunk
        while lines and (end := left.find(b"\n") + 1):
            left = left[end:]
            lines -= 1
        if left and not lines:
            yield left


def _all_but(kept: bytes) -> bytes:
    return bytes(each for each in range(256) if each not in kept)


def _stray_quotes(delimiter: bytes, quote: bytes) -> tuple[re.Pattern[bytes], ...]:
    """A quote before or behind other text; both begin with the quote, which is found fast."""
    mark, text = re.escape(quote), b"[^" + re.escape(delimiter + quote) + rb"\r\n]"
    return (
        re.compile(mark + b"(?=" + text + b")"),
        re.compile(mark + b"(?<=" + text + mark + b")"),
    )
