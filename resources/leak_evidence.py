"""What one released column shows of people, and what to make of it: evidence, then verdicts.

A single valid ID in a text blocks; in a column of permit or serial numbers one in eleven passes the
check by chance, so there the column is judged as a whole. Reading the file belongs to
``leak_scan.py``; knowing an identifier when it is seen, to ``recognisers.py``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt
from operator import mul

from opendata.catalog import Field
from opendata.findings import LeakFinding
from opendata.identifiers import is_mobile
from opendata.vocabulary import Action, Semantic
from resources.reading import Run, Span, reading, runs
from resources.recognisers import (
    bank_cards,
    citizen_ids,
    emails,
    is_old_id,
    looks_like_id,
    mobiles,
    old_ids,
    starts_like_id,
)
from resources.vault import SecretKey

_CHANCE_ID = 1 / 11
_CHANCE_CARD = 1 / 10
_DATED_BY_CHANCE = {True: 1 / 3_000, False: 1 / 25_000}
"""How often a random number with a province's prefix is a whole ID, by whether its date is old."""
_ENOUGH = 22
"""Below this many numbers a share says nothing, and a single valid one counts."""
_UNDECIDED = "（待核定）"

_SPEAKS_OF_PHONE = re.compile("手机|电话|联系|致电|拨打|(?i:tel|mobile|phone)")
_SPEAKS_OF_ID = re.compile("身份证|身份号|证件|(?i:id_?card|sfz)")
SPEAKS_OF_NAME = re.compile(
    "姓名|名字|联系人|法人|代表|负责人|户主|申请人|当事人|经办人|检查人|人员"
)


@dataclass(slots=True)
class Sighting:
    """Distinct identifiers of one kind and the rows that hold them."""

    values: set[str] = field(default_factory=set)
    rows: int = 0

    def add(self, value: str, rows: int) -> None:
        """One identifier seen in so many rows."""
        self.values.add(value)
        self.rows += rows


def _at_most(tried: int, chance: float) -> float:
    """What chance lets pass: the mean and three standard deviations."""
    return tried * chance + 3 * sqrt(tried * chance * (1 - chance))


@dataclass(slots=True)
class Share:
    """How many of the numbers that could be identifiers pass the check."""

    passing: int = 0
    tried: int = 0

    def count(self, *, passes: bool) -> None:
        """One more distinct number tried."""
        self.tried += 1
        self.passing += passes

    def is_by_chance(self, chance: float) -> bool:
        """Whether there are enough numbers, and no more pass than chance lets."""
        return self.tried >= _ENOUGH and self.passing <= _at_most(self.tried, chance)

    @property
    def is_most(self) -> bool:
        """Whether at least half pass, or there are too few to say."""
        return self.tried < _ENOUGH or self.passing * 2 >= self.tried


@dataclass(slots=True)
class Evidence:
    """What the values of one column hold. ``told`` is the field, where the entry has one.

    ``distinct`` counts all the column's values, those that were not worth taking included.

    ``numbers`` are the 18-digit stretches with a province, ``shaped`` those with a birth date too.
    Both are kept apart by whether that date is old: permit numbers carry recent dates, so that IDs
    of adults hidden among them stand out.
    """

    column: str
    told: Field | None
    seen: dict[Semantic, Sighting] = field(default_factory=dict)
    old_ids: Sighting = field(default_factory=Sighting)
    shaped: dict[bool, Share] = field(default_factory=lambda: {True: Share(), False: Share()})
    numbers: dict[bool, Share] = field(default_factory=lambda: {True: Share(), False: Share()})
    fifteens: Share = field(default_factory=Share)
    elevens: Share = field(default_factory=Share)
    cards: Share = field(default_factory=Share)
    mobiles: int = 0
    announced_mobiles: int = 0
    distinct: int = 0

    def take(self, text: str, rows: int) -> None:
        """Look at one distinct value that stands in so many rows."""
        if text.isascii() and text.isdigit() and len(text) in _BARE:
            self._take_number(text, rows)
            return
        read = reading(text)
        for run in runs(read, shortest=11):
            spans = [span for look in _IN_RUNS for span in look(run)]
            self._count(run.digits, cards=sum(each.kind is Semantic.BANK_CARD for each in spans))
            for span in spans:
                self._see(read, span, rows)
        for span in emails(read):
            self._see(read, span, rows)

    def _take_number(self, digits: str, rows: int) -> None:
        """The same for a value that is nothing but one number: columns of them are long."""
        cards = [*bank_cards(Run(digits, range(len(digits)), {0, len(digits)}))]
        passing = self._count(digits, cards=len(cards))
        if passing:
            self._add(passing, digits, rows)
        elif cards:
            self._see(digits, cards[0], rows)

    def _count(self, digits: str, *, cards: int) -> Semantic | None:
        """Enter a run of digits into the shares; the kind it is as a whole, if it is one."""
        whole: Semantic | None = None
        width = len(digits)
        for start in range(width - 17):
            token = digits[start : start + 18]
            if not starts_like_id(token):
                continue
            passes, old = passes_check(token), token[6:10] < "2005"
            self.numbers[old].count(passes=passes)
            if looks_like_id(token):
                self.shaped[old].count(passes=passes)
                whole = Semantic.CITIZEN_ID if passes and width == 18 else whole
        if width == 15:
            self.fifteens.count(passes=is_old_id(digits))
        elif width == 11:
            whole = Semantic.MOBILE if is_mobile(digits) else None
            self.elevens.count(passes=whole is not None)
        if width >= 16 and digits[0] in "456":
            self.cards.count(passes=cards > 0)
        return whole

    def _see(self, read: str, span: Span, rows: int) -> None:
        value = "".join(each for each in read[span.start : span.end] if each.isalnum())
        if span.kind is Semantic.CITIZEN_ID and len(value) == 15:
            self.old_ids.add(value, rows)
            return
        self._add(span.kind, value.upper(), rows)
        if span.kind is Semantic.MOBILE:
            before = read[max(0, span.start - 12) : span.start]
            self.announced_mobiles += bool(_SPEAKS_OF_PHONE.search(before))

    def _add(self, kind: Semantic, value: str, rows: int) -> None:
        self.seen.setdefault(kind, Sighting()).add(value, rows)
        self.mobiles += kind is Semantic.MOBILE

    def is_meant_as(self, *meant: Semantic) -> bool:
        """Whether the entry says the column holds one of these."""
        return self.told is not None and self.told.semantic in meant

    def is_called(self, words: re.Pattern[str]) -> bool:
        """Whether the column's name, title or heading has such a word."""
        names = (self.column, self.told.title, self.told.heading) if self.told else (self.column,)
        return any(words.search(each) for each in names)

    def is_kept_on_a_ground(self, kind: Semantic) -> bool:
        """Whether the entry publishes this very kind knowingly: the gate judges the ground then."""
        if self.told is None or self.told.semantic is not kind:
            return False
        return self.told.treatment.action is Action.KEEP and bool(self.told.treatment.ground)


def passes_check(token: str) -> bool:
    """Whether 18 characters pass MOD 11-2, whatever region and date they hold.

    >>> passes_check("11010519491231002X"), passes_check("110105194912310021")
    (True, False)
    """
    if not token[:17].isdigit():
        return False
    total = sum(map(mul, map(int, token[:17]), _WEIGHTS))
    return token[17] in _CHECKS[total % 11]


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = ("1", "0", "Xx", "9", "8", "7", "6", "5", "4", "3", "2")
_BARE = (11, 18)
_IN_RUNS = (citizen_ids, bank_cards, old_ids, mobiles)


@dataclass(frozen=True, slots=True)
class _Verdict:
    sighting: Sighting
    kind: Semantic
    blocks: bool
    undecided: bool = False


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
    expected = _at_most(shaped.tried, _CHANCE_ID), _at_most(numbers.tried, _DATED_BY_CHANCE[old])
    return numbers.is_by_chance(_CHANCE_ID) and shaped.passing <= max(1, *expected)


def _old_ids(seen: Evidence) -> _Verdict | None:
    if not seen.old_ids.rows:
        return None
    told = seen.is_meant_as(Semantic.CITIZEN_ID, Semantic.FREE_TEXT, Semantic.USCC)
    most = seen.fifteens.passing * 2 >= seen.fifteens.tried
    return _Verdict(
        seen.old_ids, Semantic.CITIZEN_ID, told or seen.is_called(_SPEAKS_OF_ID) or most
    )


def _mobiles(seen: Evidence) -> _Verdict | None:
    found = seen.seen.get(Semantic.MOBILE)
    if found is None:
        return None
    told = seen.is_meant_as(Semantic.MOBILE, Semantic.LANDLINE, Semantic.FREE_TEXT)
    announced = seen.announced_mobiles > 0 or seen.is_called(_SPEAKS_OF_PHONE)
    numbers = seen.elevens.tried >= _ENOUGH and seen.elevens.is_most
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


VERDICTS: tuple[Callable[[Evidence], _Verdict | None], ...] = (
    _citizen_ids,
    _old_ids,
    _mobiles,
    _bank_cards,
    _emails,
)
"""One judge per kind; a finding that does not block is for a steward to look at."""


def findings_of(seen: Evidence, *, digest_key: SecretKey) -> tuple[LeakFinding, ...]:
    """The findings of one column: kind, rows, a keyed digest of the distinct values, no value."""
    verdicts = [verdict for judge in VERDICTS if (verdict := judge(seen))]
    return tuple(
        LeakFinding(
            column=seen.column,
            semantic=each.kind.value + (_UNDECIDED if each.undecided else ""),
            count=each.sighting.rows,
            digest=digest_key.digest(each.sighting.values),
            blocks=each.blocks and not seen.is_kept_on_a_ground(each.kind),
        )
        for each in verdicts
    )
