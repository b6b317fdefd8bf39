"""Papers whose numbers have no check digit: only beside the word for the paper are they known.

A letter and eight digits is a passport, an order and a part number. Each paper is one row of
``PAPERS``: the word, and what its number looks like once separators are taken out.
"""

import re
from dataclasses import dataclass

from opendata.vocabulary import Semantic
from resources.reading import Span, squeezed

_REACH = 40
_GAP = "[^0-9A-Za-z]{0,10}"
_NUMBERED = "[^0-9A-Za-z]{0,3}(?:号|编码)[^0-9A-Za-z]{0,6}"
_END = "(?![0-9A-Za-z])"


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper: the words that announce it, and its number (group 1) after them."""

    kind: Semantic
    words: tuple[str, ...]
    number: re.Pattern[str]


PAPERS = (
    Paper(
        Semantic.PASSPORT,
        ("护照",),
        re.compile(
            f"{_GAP}([A-Za-z]{{1,2}}[0-9]{{7,8}}|1[45][0-9]{{7}}|[A-Za-z]?[0-9]{{8,9}}){_END}"
        ),
    ),
    Paper(
        Semantic.TRAVEL_PERMIT,
        ("来往内地通行证", "来往大陆通行证", "往来港澳通行证", "港澳通行证", "台湾通行证"),
        re.compile(
            f"{_GAP}([HMhm][0-9]{{8}}(?:[0-9]{{2}})?|[0-9]{{8}}(?:[0-9]{{2}}[A-Za-z])?"
            f"|[CWTLcwtl][A-Za-z]?[0-9]{{7,8}}){_END}"
        ),
    ),
    Paper(
        Semantic.TRAVEL_PERMIT,
        ("回乡证", "台胞证"),
        re.compile(f"{_GAP}([HMhm]?[0-9]{{8}}(?:[0-9]{{2}}[A-Za-z]?)?){_END}"),
    ),
    Paper(
        Semantic.FOREIGN_RESIDENT_ID,
        ("永久居留", "永居证"),
        re.compile(f"{_GAP}([A-Za-z]{{3}}[0-9]{{12}}){_END}"),
    ),
    Paper(
        Semantic.MILITARY_ID,
        ("军官证", "士兵证", "文职干部证", "军人证", "军人身份证", "学员证", "警官证"),
        re.compile(f"{_GAP}([0-9]{{6,10}}){_END}"),
    ),
    Paper(Semantic.MILITARY_ID, ("军字第", "士字第"), re.compile(f"([0-9]{{6,10}}){_END}")),
    Paper(
        Semantic.SOCIAL_SECURITY,
        ("社保", "社会保障", "社会保险", "医保"),
        re.compile(f"{_NUMBERED}([A-Za-z]?[0-9]{{8,12}}[A-Za-z]?){_END}"),
    ),
)
"""Every paper known. The residence permits 81 to 83 of those from Hong Kong, Macau and Taiwan and
the foreigners' cards of 2023 have check characters: they are found as digit runs."""

_BY_WORD = {word: paper for paper in PAPERS for word in paper.words}
_WORDS = "|".join(sorted(_BY_WORD, key=len, reverse=True))
_WORD = re.compile(_WORDS)
_NUMBER_OF = re.compile("[^0-9]{0,4}(?:号|编码)")


def paper_called(title: str) -> str | None:
    """The word in a column's title that announces a paper's numbers.

    >>> paper_called("申请人护照号"), paper_called("护照数量")
    ('护照', None)
    """
    found = _WORD.search(title)
    if found and (_NUMBER_OF.match(title, found.end()) or found.end() == len(title)):
        return found[0]
    return None


def documents(read: str) -> list[Span]:
    """Numbers of papers, each straight after the word for its paper."""
    if "证" not in read and "护照" not in read and "保" not in read and "字第" not in read:
        return []
    found: list[Span] = []
    for word in _WORD.finditer(read):
        paper = _BY_WORD[word[0]]
        tight, at = squeezed(read, word.end(), word.end() + _REACH)
        if number := paper.number.match(tight):
            first, last = at[number.start(1)], at[number.end(1) - 1]
            if not found or found[-1].end <= first:  # 军官证号是军字第…: two words, one number
                found.append(Span(first, last + 1, paper.kind))
    return found


DOCUMENT_CANDIDATE = f"(?:{_WORDS})"
"""What a text matches in which a paper's number may stand, by the words alone."""
