"""Signs that bytes are not the text they pass for, and how such a text is refused.

A strict decoder finds bytes that cannot be; found here is what can be and yet is wrong: a second
encoding, control characters, a line without end. Decoding is ``transcode.py``.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from opendata.errors import SourceError
from resources.source_errors import cannot_land

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_RECORD = 16 * 1024**2
"""Characters one record may have: beyond lies a text without line breaks, or a quote left open."""

GB = frozenset({"gb18030", "gbk", "gb2312"})
"""Encodings in which UTF-8 passes for text: half of it for rare characters, without any error."""

# Four characters that read as UTF-8 behind an ASCII byte are six of GBK that begin with a rare one
# each second byte in a narrow range: about once in 10**11 cells.
_FIRST_OF_THREE = bytes((*range(0xE3, 0xEA), 0xEF))  # Chinese characters and punctuation
_LATER = bytes(range(0x80, 0xC0))
_UTF8_IN_GB = (_FIRST_OF_THREE, _LATER, _LATER) * 4

# C1 control characters as they are encoded, and a byte without which there is none of them.
_UTF8_CONTROLS = (0xC2, re.compile(rb"\xc2[\x80-\x9f]"))
_CONTROLS: dict[str, tuple[int | None, re.Pattern[bytes]]] = {
    "ascii": (None, re.compile(rb"(?!)")),
    "utf-8": _UTF8_CONTROLS,
    "utf-8-sig": _UTF8_CONTROLS,
    "gb18030": (0x81, re.compile(rb"\x810(?:[\x81-\x83][0-9]|\x84[01])")),
    "iso8859-1": (None, re.compile(rb"[\x80-\x9f]")),
}


class Mixed(Exception):
    """UTF-8 in the midst of another encoding, and at which byte it was noticed."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(offset)


def without_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a text in one of ``GB`` as they come.

    Raises:
        Mixed: as soon as UTF-8 shows in them.
    """
    start, rest = 0, b""
    for chunk in chunks:
        seen = rest + chunk
        if (at := _utf8_behind_ascii(seen)) is not None:
            raise Mixed(start - len(rest) + at + 1)
        start += len(chunk)
        rest = seen[-len(_UTF8_IN_GB) :]
        yield chunk


def _utf8_behind_ascii(text: bytes) -> int | None:
    """Where the first ASCII byte stands that ``_UTF8_IN_GB`` follows."""
    import numpy as np  # half the cost of a table and a search, a fiftieth of a pattern

    codes = np.frombuffer(text, np.uint8)
    last = len(codes) - len(_UTF8_IN_GB)
    if last <= 0:
        return None
    found = np.flatnonzero((codes[:last] < 0x80) & (codes[1 : last + 1] >= min(_FIRST_OF_THREE)))
    for place, wanted in enumerate(_UTF8_IN_GB, start=1):
        found = found[_among(wanted)[codes[found + place]]]
    return int(found[0]) if len(found) else None


@cache
def _among(wanted: bytes) -> "NDArray[np.bool_]":
    """For each byte whether it is one of these: read by place, where a set is searched."""
    import numpy as np

    among = np.zeros(256, np.bool_)
    among[list(wanted)] = True
    return among


def shows_controls(chunk: bytes, encoding: str) -> bool:
    """Whether U+0080 to U+009F stand in it: text of another encoding was taken for Latin-1."""
    if encoding not in _CONTROLS:
        return False
    sign, pattern = _CONTROLS[encoding]
    return (sign is None or sign in chunk) and pattern.search(chunk) is not None


def not_text(name: str, encoding: str, offset: int | None) -> SourceError:
    """The refusal of bytes that are not text in ``encoding``."""
    where = "somewhere" if offset is None else f"at byte {offset}"
    place = "中有" if offset is None else f"第 {offset} 字节处有"
    return cannot_land(
        name,
        f"it is not {encoding} text {where}; it may be cut short or damaged: export it again, "
        "or declare its `encoding`",
        reason=f"{place}无法按 {encoding} 解码的内容，文件可能被截断或损坏，请重新导出。",
    )


def mixes(name: str, encoding: str, offset: int) -> SourceError:
    """The refusal of a text in one encoding that goes on in UTF-8."""
    return cannot_land(
        name,
        f"it is {encoding} text but goes on in UTF-8 at byte {offset}: two files in different "
        "encodings were put together; export it again in one",
        reason=f"从第 {offset} 字节起混入 UTF-8 编码的内容（其余为 {encoding}），请统一编码后"
        "重新导出。",
    )


def holds_nul(name: str) -> SourceError:
    """The refusal of a text with NUL characters."""
    return cannot_land(
        name,
        "it holds NUL characters, so it is damaged, or UTF-16 without a byte-order mark; export "
        "it again, or declare `encoding: utf-16-le`",
        reason="含有空字符（NUL），文件已损坏或编码不符，请重新导出为 UTF-8 或 GB18030 文本。",
    )


def holds_controls(name: str) -> SourceError:
    """The refusal of a text with C1 control characters."""
    return cannot_land(
        name,
        "it holds control characters (U+0080 to U+009F) that no text has: text of another "
        "encoding was taken for Latin-1 when it was exported; export it again as UTF-8",
        reason="含有文本中不应出现的控制字符（U+0080 至 U+009F），导出时编码有误，"
        "请重新导出为 UTF-8 文本。",
    )


def endless(name: str, number: int) -> SourceError:
    """The refusal of a record longer than ``MAX_RECORD`` characters."""
    return cannot_land(
        name,
        f"record {number} is longer than {MAX_RECORD} characters: a quotation mark is never "
        "closed, or there are no line breaks; export it again with both",
        reason=f"第 {number} 条记录超过 {MAX_RECORD} 个字符，引号未闭合或缺少换行，请重新导出。",
    )
