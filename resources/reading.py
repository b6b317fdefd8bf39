"""Reading text as people write it: every spelling of a digit made plain, and the runs of digits.

The table keeps the length, so that a place in the reading is a place in the text. Knowing what a
run of digits means belongs to ``recognisers.py``.
"""

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from opendata.identifiers import is_citizen_id, is_uscc
from opendata.vocabulary import Semantic

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters that separate digits without being seen."""

_VISIBLE = " \t\u2010-\u2015\\-"
_LATIN = frozenset(string.ascii_letters + string.digits)
_SEPARATING = frozenset(f" \t-\u2010\u2011\u2012\u2013\u2014\u2015{INVISIBLE}")
_NUMERALS = dict(
    zip("〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖", "000" + "123456789" * 2, strict=True)
)


class Span(NamedTuple):
    """``text[start:end]`` is of this kind."""

    start: int
    end: int
    kind: Semantic


@dataclass(slots=True)
class Run:
    """A run of digits (and the X of an ID), its separators taken out.

    ``at`` says where in the text each digit stands; ``edges`` are the places in ``digits`` where
    something visible stood between two of them, the two ends, and the borders of what is found.
    """

    digits: str
    at: Sequence[int]
    edges: set[int]
    before: str = ""
    taken: list[tuple[int, int]] = field(default_factory=list)

    def windows(self, width: int) -> Iterator[tuple[int, int]]:
        """Stretches of ``width`` between two edges that nothing has taken yet."""
        if width > len(self.digits):
            return
        for start in sorted(self.edges):
            if start + width in self.edges and self.is_free(start, start + width):
                yield start, start + width

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing found so far overlaps."""
        return all(end <= first or last <= start for first, last in self.taken)

    def take(self, start: int, end: int, kind: Semantic) -> Span:
        """Claim a stretch: its borders are edges for whoever looks next."""
        self.taken.append((start, end))
        self.edges |= {start, end}
        return Span(self.at[start], self.at[end - 1] + 1, kind)


def _same_length_table() -> dict[int, str]:
    """Characters that compatibility decomposition turns into one ASCII character."""
    blocks = (range(0xA0, 0x3001), range(0xFF01, 0xFF5F), range(0x1D400, 0x1D800))
    return {
        code: plain
        for block in blocks
        for code in block
        if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1 and plain.isascii()
    }


_PLAIN = _same_length_table()
_PUNCTUATION = "，：；！？（）"
"""Full-width signs that stand in nearly every text and in no identifier."""

_ODD = (
    "["
    + "".join(
        rf"\u{each:04x}" for each in _PLAIN if each < 0x1D400 and chr(each) not in _PUNCTUATION
    )
    + "\U0001d400-\U0001d7ff]"
)
_SPELT = re.compile(_ODD)
_NUMERAL_RUN = re.compile(f"[{''.join(_NUMERALS)}]{{10,}}")
_RUN = re.compile(f"[0-9][0-9Xx]*+(?:[{_VISIBLE}{INVISIBLE}]{{1,3}}[0-9Xx]++)*+")
SHORTEST = 10
"""Digits that a run needs to be looked at."""

_DIGEST = re.compile(
    "(?<![0-9A-Za-z])(?=[0-9a-f]{24,128}(?![0-9A-Za-z]))(?:[0-9]*[a-f]+){4,}[0-9]*"
    "|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
"""Hexadecimal of 24 characters or more, its letters in four places at least, and the identifiers of
rows (GUID): nobody's number."""

_CODE_TOKEN = re.compile("(?<![0-9A-Z])[159AY][0-9A-HJ-NPQRTUWXY]{17}(?![0-9A-Z])")


def reading(text: str) -> str:
    """``text`` with every spelling of digits, Latin letters and signs made ASCII, length kept.

    >>> reading("电话：１３８"), reading("一三八〇〇一三八〇〇〇")
    ('电话:138', '13800138000')
    """
    plain = text.translate(_PLAIN)
    return _NUMERAL_RUN.sub(lambda found: "".join(_NUMERALS[each] for each in found[0]), plain)


def skim(text: str) -> str:
    """The reading of ``text``, but full-width punctuation may stay: what recognisers look at.

    Most texts are their own reading then, and translating one costs more than all that follows.

    >>> skim("电话：138"), skim("电话：１３８")
    ('电话：138', '电话:138')
    """
    if _SPELT.search(text) or _NUMERAL_RUN.search(text):
        return reading(text)
    return text


TEN_NUMERALS = f"[{''.join(_NUMERALS)}]{{10}}"
"""So many numerals in a row are digits, fewer are words."""

SPELT = f"{_ODD}|{TEN_NUMERALS}"
"""What a text matches that is not its own skim."""


def squeezed(read: str, start: int, end: int) -> tuple[str, Sequence[int]]:
    """``read[start:end]`` without what may separate the characters of a code, and their places.

    >>> squeezed("护照 E 1234-5678", 0, 14)
    ('护照E12345678', [0, 1, 3, 5, 6, 7, 8, 10, 11, 12, 13])
    """
    at = [place for place in range(start, min(end, len(read))) if read[place] not in _SEPARATING]
    return "".join([read[place] for place in at]), at


def unsettled_runs(read: str) -> Iterator[re.Match[str]]:
    """Where digits enough for an identifier stand, separators between, part of a code or not.

    That is eleven, or ten after an area code's 0: a date with its hour is none.
    """
    for found in _RUN.finditer(read):
        start, end = found.span()
        if end - start > SHORTEST or (end - start == SHORTEST and read[start] == "0"):
            yield found


def run_at(read: str, found: re.Match[str]) -> Run:
    """The run matched there, with the twelve characters before it."""
    whole, start = found[0], found.start()
    before = read[max(0, start - 12) : start]
    if whole.isdigit():
        return Run(whole, range(start, found.end()), {0, len(whole)}, before)
    at = [place for place, each in enumerate(whole, start) if each in "0123456789Xx"]
    return Run("".join([read[place] for place in at]), at, _edges(read, at), before)


def is_code_around(read: str, found: re.Match[str]) -> bool:
    """Whether a unified social credit code or a digest stands around or in the run."""
    start, end = max(0, found.start() - 18), found.end() + 18
    for each in _CODE_TOKEN.finditer(read, start, end):
        if each.start() < found.end() and found.start() < each.end() and _is_public_code(each[0]):
            return True
    return any(
        each.start() <= found.start() and found.end() <= each.end()
        for each in _DIGEST.finditer(read)
    )


def is_apart(read: str, start: int, end: int) -> bool:
    """Whether neither neighbour of ``read[start:end]`` is a Latin letter or digit."""
    return (start == 0 or read[start - 1] not in _LATIN) and (
        end == len(read) or read[end] not in _LATIN
    )


def _edges(read: str, at: Sequence[int]) -> set[int]:
    seen = {
        place
        for place in range(1, len(at))
        if at[place] - at[place - 1] > 1 and read[at[place - 1] + 1 : at[place]].strip(INVISIBLE)
    }
    return seen | {0, len(at)}


def _is_public_code(token: str) -> bool:
    return is_uscc(token) and not is_citizen_id(token)


def any_spelling(*, digits: int) -> str:
    """A pattern for Rust's and RE2's engines: so many digits however written, or one less after 0.

    It chooses the texts worth reading: an area code's 0 begins a landline, and a date with its hour
    has ten digits. Of the rarest spellings (circled, superscript, mathematical) four in a row are
    enough for it.
    """
    one, numeral, between = "[0-9\uff10-\uff19]", f"[{''.join(_NUMERALS)}]", _between()
    rare = _spellings("0123456789")
    return (
        f"{one}(?:{between}{one}){{{digits - 1}}}|[0\uff10](?:{between}{one}){{{digits - 2}}}"
        f"|[{rare}]{{4}}|{numeral}{{{digits - 1}}}"
    )


def spelled(first: str, *, digits: int, at_edge: bool = False) -> str:
    """A pattern for the same engines: so many digits however written, beginning with ``first``.

    With ``at_edge`` no digit stands straight before. Numerals are no spelling here.

    >>> pattern = re.compile(spelled("1", digits=3))
    >>> bool(pattern.search("２１-2３")), bool(pattern.search("213"))
    (True, False)
    """
    between, one = _between(), f"0-9\uff10-\uff19{_spellings('0123456789')}"
    begins = between.join(f"[{each}{chr(0xFF10 + int(each))}{_spellings(each)}]" for each in first)
    more = f"(?:{between}[{one}]){{{digits - len(first)}}}"
    return f"{f'(?:^|[^{one}])' if at_edge else ''}{begins}{more}"


def _between() -> str:
    return f"[{_spellings(' ')}{_spellings('-')}\t\u2010-\u2015{INVISIBLE}]{{0,3}}"


def _spellings(plain: str) -> str:
    """Other characters that read as one of these, for a class; full-width digits apart."""
    others = (chr(code) for code, each in _PLAIN.items() if each in plain)
    ascii_too = "".join(f"\\{each}" for each in plain if each in " -")
    return ascii_too + "".join(each for each in others if not "\uff10" <= each <= "\uff19")
