"""What the evidence of one column amounts to: one judge a kind, and a finding that blocks or not.

A single valid ID in a text blocks; a column of numbers is judged as a whole. A finding that does
not block is for a steward to look at. The evidence itself is gathered in ``leak_evidence.py``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from opendata.findings import LeakFinding
from opendata.vocabulary import Semantic
from resources.leak_evidence import (
    ENOUGH,
    SPEAKS_OF_ID,
    SPEAKS_OF_PHONE,
    Evidence,
    Sighting,
    at_most,
)
from resources.vault import SecretKey

_CHANCE_ID = 1 / 11
_CHANCE_CARD = 1 / 10
_DATED_BY_CHANCE = {True: 1 / 3_000, False: 1 / 25_000}
"""How often a random number with a province's prefix is a whole ID, by whether its date is old."""
_UNDECIDED = "（待核定）"
_BLURRED = "（浮点数，末位已失真）"
_HALF_MASKED = "（遮盖后仍见出生日期）"
_SPEAKS_OF_PLATE = re.compile("车牌|号牌|牌照|(?i:plate)")
_SPEAKS_OF_HOST = re.compile("(?i:ip)|网络地址|登录地址|访问地址")


@dataclass(frozen=True, slots=True)
class _Verdict:
    sighting: Sighting
    kind: Semantic
    blocks: bool
    undecided: bool = False
    remark: str = ""


def _citizen_ids(seen: Evidence) -> _Verdict | None:
    found = seen.seen.get(Semantic.CITIZEN_ID)
    if found is None:
        return None
    if seen.is_meant_as(Semantic.USCC, Semantic.FREE_TEXT):
        return _Verdict(found, Semantic.CITIZEN_ID, blocks=True)
    suspect = [old for old in (True, False) if not _are_serials(seen, old=old)]
    undecided = bool(suspect) and not any(seen.shaped[old].is_most for old in suspect)
    return _Verdict(found, Semantic.CITIZEN_ID, bool(suspect), undecided)


def _are_serials(seen: Evidence, *, old: bool) -> bool:
    """Whether the valid ones among these 18-digit numbers are there by chance."""
    shaped, numbers = seen.shaped[old], seen.numbers[old]
    if shaped.passing == 0 or shaped.is_by_chance(_CHANCE_ID):
        return True
    expected = at_most(shaped.tried, _CHANCE_ID), at_most(numbers.tried, _DATED_BY_CHANCE[old])
    return numbers.is_by_chance(_CHANCE_ID) and shaped.passing <= max(1, *expected)


def _old_ids(seen: Evidence) -> _Verdict | None:
    if not seen.old_ids.rows:
        return None
    told = seen.is_meant_as(Semantic.CITIZEN_ID, Semantic.FREE_TEXT, Semantic.USCC)
    most = seen.fifteens.passing * 2 >= seen.fifteens.tried
    return _Verdict(seen.old_ids, Semantic.CITIZEN_ID, told or seen.is_called(SPEAKS_OF_ID) or most)


def _mobiles(seen: Evidence) -> _Verdict | None:
    found = seen.seen.get(Semantic.MOBILE)
    if found is None:
        return None
    told = seen.is_meant_as(Semantic.MOBILE, Semantic.LANDLINE, Semantic.FREE_TEXT)
    announced = seen.announced_mobiles > 0 or seen.is_called(SPEAKS_OF_PHONE)
    numbers = seen.elevens.tried >= ENOUGH and seen.elevens.is_most
    most = numbers or seen.mobiles * 2 >= seen.distinct > 0
    most = most and not seen.is_meant_as(Semantic.SERIAL)
    return _Verdict(found, Semantic.MOBILE, blocks=told or announced or most)


def _bank_cards(seen: Evidence) -> _Verdict | None:
    found = seen.seen.get(Semantic.BANK_CARD)
    if found is None:
        return None
    told = seen.is_meant_as(Semantic.BANK_CARD, Semantic.FREE_TEXT)
    chance = seen.cards.is_by_chance(_CHANCE_CARD) and not told
    undecided = not (told or chance or seen.cards.is_most)
    return _Verdict(found, Semantic.BANK_CARD, blocks=not chance, undecided=undecided)


def _emails(seen: Evidence) -> _Verdict | None:
    found = seen.seen.get(Semantic.EMAIL)
    if found is None:
        return None
    told = seen.is_meant_as(Semantic.EMAIL, Semantic.FREE_TEXT)
    return _Verdict(found, Semantic.EMAIL, blocks=told)


def _half_masked(seen: Evidence) -> _Verdict | None:
    found = seen.half_masked
    return (
        _Verdict(found, Semantic.CITIZEN_ID, blocks=True, remark=_HALF_MASKED)
        if found.rows
        else None
    )


def _blurred(seen: Evidence) -> _Verdict | None:
    """IDs a float has rounded keep district and birth date; permit numbers have recent dates."""
    if not seen.blurred_ids.rows:
        return None
    blocks = seen.is_called(SPEAKS_OF_ID) or (seen.blurred.passing * 2 >= seen.blurred.tried)
    return _Verdict(seen.blurred_ids, Semantic.CITIZEN_ID, blocks, remark=_BLURRED)


def _plates(seen: Evidence) -> _Verdict | None:
    told = seen.is_meant_as(Semantic.PLATE, Semantic.FREE_TEXT) or seen.is_called(_SPEAKS_OF_PLATE)
    return _simple(seen, Semantic.PLATE, blocks=told)


def _ip_addresses(seen: Evidence) -> _Verdict | None:
    told = seen.is_meant_as(Semantic.IP_ADDRESS, Semantic.FREE_TEXT)
    return _simple(seen, Semantic.IP_ADDRESS, blocks=told or seen.is_called(_SPEAKS_OF_HOST))


def _foreign_residents(seen: Evidence) -> _Verdict | None:
    found = seen.seen.get(Semantic.FOREIGN_RESIDENT_ID)
    told = seen.is_meant_as(Semantic.FOREIGN_RESIDENT_ID, Semantic.CITIZEN_ID, Semantic.FREE_TEXT)
    lettered = found is not None and any(each[:3].isalpha() for each in found.values)
    blocks = told or lettered or seen.is_called(SPEAKS_OF_ID)
    return _simple(seen, Semantic.FOREIGN_RESIDENT_ID, blocks=blocks)


def _papers(kind: Semantic) -> Callable[[Evidence], _Verdict | None]:
    """The word for the paper stood beside it, or over the column: that is as sure as it gets."""
    return lambda seen: _simple(seen, kind, blocks=True)


def _for_review(kind: Semantic) -> Callable[[Evidence], _Verdict | None]:
    return lambda seen: _simple(seen, kind, blocks=False)


def _homes(seen: Evidence) -> _Verdict | None:
    told = seen.is_meant_as(Semantic.ADDRESS, Semantic.FREE_TEXT)
    return _simple(seen, Semantic.ADDRESS, blocks=told)


def _simple(seen: Evidence, kind: Semantic, *, blocks: bool) -> _Verdict | None:
    found = seen.seen.get(kind)
    return _Verdict(found, kind, blocks) if found else None


VERDICTS: tuple[Callable[[Evidence], _Verdict | None], ...] = (
    _citizen_ids,
    _old_ids,
    _half_masked,
    _blurred,
    _mobiles,
    _bank_cards,
    _foreign_residents,
    _papers(Semantic.PASSPORT),
    _papers(Semantic.TRAVEL_PERMIT),
    _papers(Semantic.MILITARY_ID),
    _papers(Semantic.SOCIAL_SECURITY),
    _emails,
    _plates,
    _ip_addresses,
    _homes,
    _for_review(Semantic.LANDLINE),
    _for_review(Semantic.SOLE_TRADER_CODE),
    _for_review(Semantic.COORDINATES),
    _for_review(Semantic.PERSON_NAME),
)
"""One judge per kind; a finding that does not block is for a steward to look at."""


def findings_of(seen: Evidence, *, digest_key: SecretKey) -> tuple[LeakFinding, ...]:
    """The findings of one column: kind, rows, a keyed digest of the distinct values, no value."""
    verdicts = [verdict for judge in VERDICTS if (verdict := judge(seen))]
    return tuple(
        LeakFinding(
            column=seen.column,
            semantic=each.kind.value + (_UNDECIDED if each.undecided else each.remark),
            count=each.sighting.rows,
            digest=each.sighting.digest(digest_key),
            blocks=each.blocks and not seen.is_kept_on_a_ground(each.kind),
        )
        for each in verdicts
    )
