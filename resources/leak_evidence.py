"""What the values of one released column show of people: sightings, and shares of look-alikes.

In a column of permit or serial numbers one in eleven passes the check of an ID by chance, so what
does not pass is counted too. Reading the file belongs to ``leak_scan.py``; what the evidence
amounts to, to ``leak_verdicts.py``; knowing an identifier when it is seen, to ``recognisers.py``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from operator import mul

import polars as pl

from opendata.catalog import Field
from opendata.identifiers import is_mobile
from opendata.vocabulary import Action, Semantic
from resources.reading import Run, Span, skim
from resources.recognisers import beside_numbers
from resources.recognisers_documents import documents, paper_called
from resources.recognisers_marks import credit_codes, is_half_masked
from resources.recognisers_numbers import (
    bank_cards,
    is_old_id,
    looks_like_id,
    run_by_run,
    starts_like_id,
)
from resources.vault import SecretKey

ENOUGH = 22
"""Below this many numbers a share says nothing, and a single valid one counts."""

SPEAKS_OF_PHONE = re.compile("手机|电话|联系|致电|拨打|(?i:tel|mobile|phone)")
SPEAKS_OF_ID = re.compile("身份证|身份号|证件|(?i:id_?card|sfz)")
SPEAKS_OF_NAME = re.compile(
    "姓名|名字|联系人|法人|代表|负责人|户主|申请人|当事人|经办人|检查人|人员"
)
_SPEAKS_OF_CODE = re.compile("信用代码|税号|纳税人识别号|执照注册号")
_LONGEST_NUMBER = 19
_EXACT = 15
"""Digits a float keeps."""


@dataclass(slots=True)
class Sighting:
    """Distinct identifiers of one kind and the rows that hold them.

    ``columns`` are those that came as a whole column of bare numbers: they stay native.
    """

    values: set[str] = field(default_factory=set)
    columns: list[pl.Series] = field(default_factory=list)
    rows: int = 0

    def add(self, value: str, rows: int) -> None:
        """One identifier seen in so many rows."""
        self.values.add(value)
        self.rows += rows

    def digest(self, key: SecretKey) -> str:
        """The keyed digest of the distinct values, however they came."""
        if len(self.columns) == 1 and not self.values:
            return digest_of(self.columns[0], key)
        values = pl.concat([pl.Series([*self.values], dtype=pl.String), *self.columns])
        return digest_of(values.unique(), key)


def digest_of(values: pl.Series, key: SecretKey) -> str:
    """The key's digest of distinct values, sorted and joined natively: columns are long."""
    return key.digest([values.sort().str.join("\0").item()])


def at_most(tried: int, chance: float) -> float:
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
        return self.tried >= ENOUGH and self.passing <= at_most(self.tried, chance)

    def add(self, *, tried: int, passing: int) -> None:
        """So many distinct numbers more."""
        self.tried += tried
        self.passing += passing

    @property
    def is_most(self) -> bool:
        """Whether at least half pass, or there are too few to say."""
        return self.tried < ENOUGH or self.passing * 2 >= self.tried


@dataclass(slots=True)
class Evidence:
    """What the values of one column hold. ``told`` is the field, where the entry has one.

    ``distinct`` counts all the column's values, those that were not worth taking included.

    ``numbers`` are the 18-digit stretches with a province, ``shaped`` those with a birth date too.
    Both are kept apart by whether that date is old: permit numbers carry recent dates, so that IDs
    of adults hidden among them stand out. ``blurred`` are 18-digit numbers a float has rounded,
    ``half_masked`` IDs whose mask leaves the birth date in sight.
    """

    column: str
    told: Field | None
    seen: dict[Semantic, Sighting] = field(default_factory=dict)
    old_ids: Sighting = field(default_factory=Sighting)
    half_masked: Sighting = field(default_factory=Sighting)
    blurred_ids: Sighting = field(default_factory=Sighting)
    shaped: dict[bool, Share] = field(default_factory=lambda: {True: Share(), False: Share()})
    numbers: dict[bool, Share] = field(default_factory=lambda: {True: Share(), False: Share()})
    fifteens: Share = field(default_factory=Share)
    elevens: Share = field(default_factory=Share)
    cards: Share = field(default_factory=Share)
    blurred: Share = field(default_factory=Share)
    mobiles: int = 0
    announced_mobiles: int = 0
    distinct: int = 0

    def take(self, text: str, rows: int) -> None:
        """Look at one distinct value that stands in so many rows."""
        if len(text) <= _LONGEST_NUMBER and text[:-1].isdigit() and text.isascii():
            self._take_number(text.upper(), rows)
        else:
            self._take_text(skim(text), rows)

    def take_rounded(self, digits: str, rows: int) -> None:
        """The same for the whole part of a float: beyond 15 digits it is rounded, not lost."""
        if len(digits) <= _EXACT:
            self._take_number(digits, rows)
        elif len(digits) == 18:
            is_id = looks_like_id(digits)
            self.blurred.count(passes=is_id and digits[6:10] < "2005")
            if is_id:
                self.blurred_ids.add(digits, rows)

    def take_paper(self, text: str, rows: int) -> None:
        """The same where the column's heading is the word that announces a paper's number."""
        read = f"{self.paper}号：{skim(text)}"
        for span in documents(read):
            self._see(read, span, rows)

    @property
    def paper(self) -> str | None:
        """The paper whose numbers the heading announces, as a recogniser knows it."""
        return next((found for each in self._names if (found := paper_called(each))), None)

    def _take_text(self, read: str, rows: int) -> None:
        spans: list[Span] = []
        for digits, found in run_by_run(read):
            self._count(digits, cards=sum(each.kind is Semantic.BANK_CARD for each in found))
            spans += found
        if self.holds_codes:
            spans += [each for each in credit_codes(read) if each.kind is Semantic.SOLE_TRADER_CODE]
        for span in (*spans, *beside_numbers(read, spans)):
            self._see(read, span, rows)

    def _take_number(self, digits: str, rows: int) -> None:
        """The same for a value that is nothing but one number: columns of them are long."""
        width = len(digits)
        if width < 11:
            return
        if width not in (11, 18):
            self._take_text(digits, rows)
            return
        cards = width == 18 and digits[0] in "456" and self._cards_in(digits)
        passing = self._count(digits, cards=len(cards or ()))
        if passing:
            self._add(passing, digits, rows)
        elif cards:
            self._see(digits, cards[0], rows)
        elif digits[0] == "9":
            self._take_text(digits, rows)

    def _cards_in(self, digits: str) -> list[Span]:
        return [*bank_cards(Run(digits, range(len(digits)), {0, len(digits)}))]

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
        written = read[span.start : span.end]
        if is_half_masked(written):
            self.half_masked.add(written, rows)
            return
        value = written if written.isalnum() else "".join(filter(str.isalnum, written))
        if span.kind is Semantic.CITIZEN_ID and len(value) == 15:
            self.old_ids.add(value, rows)
            return
        self._add(span.kind, value.upper(), rows)
        if span.kind is Semantic.MOBILE:
            before = read[max(0, span.start - 12) : span.start]
            self.announced_mobiles += bool(SPEAKS_OF_PHONE.search(before))

    def see_all(self, kind: Semantic, values: pl.Series, rows: int) -> None:
        """Distinct identifiers of one kind, each its column's value, in so many rows together."""
        sighting = self.seen.setdefault(kind, Sighting())
        sighting.columns.append(values)
        sighting.rows += rows
        self.mobiles += len(values) if kind is Semantic.MOBILE else 0

    def _add(self, kind: Semantic, value: str, rows: int) -> None:
        self.seen.setdefault(kind, Sighting()).add(value, rows)
        self.mobiles += kind is Semantic.MOBILE

    @property
    def holds_codes(self) -> bool:
        """Whether the column is one of credit codes, so that 92 needs no word beside it."""
        return self.is_meant_as(Semantic.USCC) or self.is_called(_SPEAKS_OF_CODE)

    @property
    def _names(self) -> Iterable[str]:
        if self.told is None:
            return (self.column,)
        return (self.column, self.told.title, self.told.heading)

    def is_meant_as(self, *meant: Semantic) -> bool:
        """Whether the entry says the column holds one of these."""
        return self.told is not None and self.told.semantic in meant

    def is_called(self, words: re.Pattern[str]) -> bool:
        """Whether the column's name, title or heading has such a word."""
        return any(words.search(each) for each in self._names)

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
