"""Reading text as people write it: every spelling of a digit made plain, and the runs of digits.

The table keeps the length, so that a place in the reading is a place in the text. Knowing what a
run of digits means belongs to ``recognisers.py``.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from opendata.identifiers import is_citizen_id, is_uscc
from opendata.vocabulary import Semantic

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters that separate digits without being seen."""

_VISIBLE = " \t\u2010-\u2015\\-"
_NUMERALS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))


@dataclass(frozen=True, slots=True)
class Span:
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
_NUMERAL_RUN = re.compile(f"[{''.join(_NUMERALS)}]{{10,}}")
_RUN = re.compile(f"[0-9](?:[{_VISIBLE}{INVISIBLE}]{{0,3}}[0-9Xx])*")
_CODE_TOKEN = re.compile("(?<![0-9A-Z])[159AY][0-9A-HJ-NPQRTUWXY]{17}(?![0-9A-Z])")


def reading(text: str) -> str:
    """``text`` with every spelling of digits, Latin letters and signs made ASCII, length kept.

    >>> reading("电话：１３８"), reading("一三八〇〇一三八〇〇〇")
    ('电话:138', '13800138000')
    """
    plain = text.translate(_PLAIN)
    return _NUMERAL_RUN.sub(lambda found: "".join(_NUMERALS[each] for each in found[0]), plain)


def runs(read: str, *, shortest: int = 10) -> Iterator[Run]:
    """The digit runs of a reading with at least ``shortest`` digits; credit codes are none."""
    for found in _RUN.finditer(read):
        run = _run(read, found)
        if len(run.digits) >= shortest and not _is_in_public_code(read, found):
            yield run


def _run(read: str, found: re.Match[str]) -> Run:
    whole, start = found[0], found.start()
    before = read[max(0, start - 12) : start]
    if whole.isdigit():
        return Run(whole, range(start, found.end()), {0, len(whole)}, before)
    at = [place for place, each in enumerate(whole, start) if each in "0123456789Xx"]
    return Run("".join(read[place] for place in at), at, _edges(read, at), before)


def _is_in_public_code(read: str, found: re.Match[str]) -> bool:
    """Whether a unified social credit code stands around or in the run."""
    nearby = _CODE_TOKEN.finditer(read, max(0, found.start() - 18), found.end() + 18)
    return any(
        each.start() < found.end() and found.start() < each.end() and _is_public_code(each[0])
        for each in nearby
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
    """A pattern for Rust's and RE2's engines: this many digits however written, or an at sign.

    It chooses the texts worth reading. Of the rarest spellings (circled, superscript, mathematical)
    four in a row are enough for it.
    """
    one, numeral = "[0-9\uff10-\uff19]", f"[{''.join(_NUMERALS)}]"
    between = f"[{_spellings(' ')}{_spellings('-')}\t\u2010-\u2015{INVISIBLE}]{{0,3}}"
    rare = _spellings("0123456789")
    return (
        f"{one}(?:{between}{one}){{{digits - 1}}}|[{rare}]{{4}}|{numeral}{{{digits}}}"
        f"|[{_spellings('@')}@]"
    )


def _spellings(plain: str) -> str:
    """Other characters that read as one of these, for a class; full-width digits apart."""
    others = (chr(code) for code, each in _PLAIN.items() if each in plain)
    ascii_too = "".join(f"\\{each}" for each in plain if each in " -")
    return ascii_too + "".join(each for each in others if not "\uff10" <= each <= "\uff19")
