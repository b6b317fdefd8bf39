"""Finding people in text: every recogniser there is, in the order of their claims, and ``find``.

To add a kind: write a function from a reading to spans in the ``recognisers_*.py`` of its noun, and
give it a row in ``RECOGNISERS`` with a pattern that chooses the texts worth showing to it. Nothing
else knows the kinds: redaction, the leak scan, drafting and the published table read this tuple.

How a text is read belongs to ``reading.py``, what to do with a span to ``operators.py``, judging a
whole column to ``leak_scan.py``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

import polars as pl

from opendata.presets import PLATE_REGIONS
from opendata.vocabulary import Semantic
from resources.reading import SPELT, Span, any_spelling, reading, skim
from resources.recognisers_documents import DOCUMENT_CANDIDATE, documents
from resources.recognisers_marks import (
    IP_CANDIDATE,
    emails,
    encoded,
    half_masked_ids,
    ip_addresses,
    plates,
    sole_traders,
)
from resources.recognisers_names import NAME_CANDIDATE, names
from resources.recognisers_numbers import NUMBER_CANDIDATE, numbers
from resources.recognisers_places import (
    DOOR_CANDIDATE,
    PAIR_CANDIDATE,
    home_coordinates,
    homes,
)

_WIDE = "\uff21-\uff3a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """One way of finding people: ``look`` takes a reading and gives the spans of its ``kinds``.

    ``candidate`` is a pattern for Rust's and RE2's engines that matches every text, as it was
    written, in which ``look`` can find anything. It is what makes clean columns cheap: a rough one
    with few states is better than a close one, because all are joined into one automaton. What is
    found often, or is dear to look for, is worth a native pass of its own (``apart``).
    """

    look: Callable[[str], list[Span]]
    kinds: tuple[Semantic, ...]
    candidate: str
    apart: bool = False


RECOGNISERS: tuple[Recogniser, ...] = (
    Recogniser(
        look=documents,
        kinds=(
            Semantic.PASSPORT,
            Semantic.TRAVEL_PERMIT,
            Semantic.FOREIGN_RESIDENT_ID,
            Semantic.MILITARY_ID,
            Semantic.SOCIAL_SECURITY,
        ),
        candidate=DOCUMENT_CANDIDATE,
    ),
    Recogniser(
        look=numbers,
        kinds=(
            Semantic.CITIZEN_ID,
            Semantic.FOREIGN_RESIDENT_ID,
            Semantic.BANK_CARD,
            Semantic.MOBILE,
            Semantic.LANDLINE,
        ),
        candidate=NUMBER_CANDIDATE,
        apart=True,
    ),
    Recogniser(look=emails, kinds=(Semantic.EMAIL,), candidate="[@\ufe6b\uff20]", apart=True),
    Recogniser(
        look=plates,
        kinds=(Semantic.PLATE,),
        candidate=f"[{PLATE_REGIONS}][ \u200b]?[A-HJ-NP-Z{_WIDE}]",
        apart=True,
    ),
    Recogniser(
        look=sole_traders,
        kinds=(Semantic.SOLE_TRADER_CODE,),
        candidate="[9\uff19][2\uff12](?:[^0-9A-Za-z]{0,3}[0-9\uff10-\uff19]){6}(?s:.){10}",
    ),
    Recogniser(
        look=encoded,
        kinds=(Semantic.CITIZEN_ID, Semantic.MOBILE),
        candidate="(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){3}",
    ),
    Recogniser(
        look=half_masked_ids,
        kinds=(Semantic.CITIZEN_ID,),
        candidate="[0-9]{8}[*\uff0axX]{3}",
    ),
    Recogniser(
        look=ip_addresses,
        kinds=(Semantic.IP_ADDRESS,),
        candidate=IP_CANDIDATE,
    ),
    Recogniser(look=homes, kinds=(Semantic.ADDRESS,), candidate=DOOR_CANDIDATE),
    Recogniser(look=home_coordinates, kinds=(Semantic.COORDINATES,), candidate=PAIR_CANDIDATE),
    Recogniser(look=names, kinds=(Semantic.PERSON_NAME,), candidate=NAME_CANDIDATE, apart=True),
)
"""Everything that is looked for; an earlier one has the first claim on a stretch."""


def find(text: str) -> tuple[Span, ...]:
    """Every identifier in ``text``, left to right, none overlapping.

    >>> [(each.kind.code, each.start, each.end) for each in find("张三 13800138000")]
    [('mobile', 3, 14)]
    """
    return found_in(skim(text))


def found_in(read: str) -> tuple[Span, ...]:
    """The same over what has been read already."""
    return _claimed(read, RECOGNISERS)


def beside_numbers(read: str, claimed: list[Span]) -> list[Span]:
    """What a reading holds beside the numbers found in it already, which keep their claims."""
    found = list(claimed)
    for each in RECOGNISERS:
        if each.look is not numbers and (spans := each.look(read)):
            found += [span for span in spans if not _overlaps(span, found)]
    return found[len(claimed) :]


def find_each(texts: pl.Series) -> Iterator[tuple[int, str, tuple[Span, ...]]]:
    """``find`` over many texts: place, text and spans of those that hold anything.

    The same answers four times as fast: which recognisers a text is shown to, and whether it is
    its own reading, is decided natively.
    """
    hit = texts.str.contains(CANDIDATE_TEXT).fill_null(value=False).arg_true()
    chosen = texts.gather(hit)
    odd = chosen.str.contains(SPELT).to_list()
    flags = zip(*(chosen.str.contains(shown).to_list() for shown, _ in _GROUPS), strict=True)
    for place, text, spelt, flagged in zip(hit, chosen.to_list(), odd, flags, strict=True):
        spans = _claimed(reading(text) if spelt else text, _shown(flagged))
        if spans:
            yield place, text, spans


@cache
def _shown(flagged: tuple[bool, ...]) -> tuple[Recogniser, ...]:
    """The recognisers of the groups flagged, in the order of their claims."""
    groups = [group for (_, group), flag in zip(_GROUPS, flagged, strict=True) if flag]
    return tuple(each for each in RECOGNISERS if any(each in group for group in groups))


def _claimed(read: str, recognisers: tuple[Recogniser, ...]) -> tuple[Span, ...]:
    found = recognisers[0].look(read) if recognisers else []
    for each in recognisers[1:]:
        spans = each.look(read)
        if spans:
            found += [span for span in spans if not _overlaps(span, found)] if found else spans
    if len(found) > 1:
        found.sort(key=_START)
    return tuple(found)


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(span.start < each.end and each.start < span.end for each in others)


def _any(recognisers: Iterable[Recogniser]) -> str:
    return "|".join(dict.fromkeys(each.candidate for each in recognisers))


_REST = tuple(each for each in RECOGNISERS if not each.apart)
_GROUPS: tuple[tuple[str, tuple[Recogniser, ...]], ...] = (
    *((each.candidate, (each,)) for each in RECOGNISERS if each.apart),
    (_any(_REST), _REST),
)

_START = itemgetter(0)

CANDIDATE_TEXT = _any(RECOGNISERS)
"""What a text matches in which ``find`` can find anything."""

SCANNED = "|".join(
    (
        any_spelling(digits=11),
        *(each.candidate for each in RECOGNISERS if each.look not in (homes, numbers)),
    )
)
"""The same for the leak scan: it counts numbers that are nobody's too, and judges columns of
addresses by their look."""
