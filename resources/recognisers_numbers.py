"""Identifiers that are runs of digits: citizen IDs, cards, mobiles and landlines.

Digits are taken in whole runs and then tried, never matched by a pattern with borders: borders miss
neighbours and stumble over abutting letters. How a text is read belongs to ``reading.py``; kinds
with letters in them to the other ``recognisers_*.py``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from opendata.identifiers import (
    is_bank_card,
    is_citizen_id,
    is_foreign_resident_id,
    is_mobile,
)
from opendata.vocabulary import Semantic
from resources.reading import (
    SHORTEST,
    TEN_NUMERALS,
    Run,
    Span,
    is_apart,
    is_code_around,
    run_at,
    spelled,
    unsettled_runs,
)

PROVINCES = frozenset(
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 84))
    for code in range(*codes)
)
"""The first two digits of every division; 81 to 83 stand in the permits of those from outside."""

_ID, _MOBILE = Semantic.CITIZEN_ID, Semantic.MOBILE
_CENTURIES = frozenset(("19", "20"))
_CARD_CUE = re.compile("卡|账|帐|银行")
_PHONE_CUE = re.compile("电话|座机|传真|热线|手机|联系|致电|拨打|(?i:tel|mobile|phone)")
_LANDLINE = re.compile("0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")
_SERIAL_CUE = re.compile(
    "(?:订单|流水|运单|快递|合同|发票|编号|序号|批号|批次|项目|案号|文号|许可证|工单|档案|字第)"
    "[号码编为是]{0,3}[:： ]{0,2}$"
)
"""What stands straight before a number that is nobody's."""

_PERMIT_CUE = re.compile(
    "(?:订单|流水|运单|合同|发票|案号|文号|许可证|工程|项目|字第)[号码编为是]{0,3}[:： ]{0,2}$"
)
_ENDS_OF_CUES = frozenset("单水递同票号批次目案证工第码编为是:： ")
_PERMITS_SINCE = "2005"


def citizen_ids(run: Run) -> Iterator[Span]:
    """18 characters with province, birth date and check right, wherever in the run they start.

    One in eleven permit numbers passes too: straight after a word for permits, orders or cases a
    number whose date is recent is left alone.
    """
    start = 0
    while start + 18 <= len(run.digits):
        token = run.digits[start : start + 18]
        kind = _kind_of_id(token) if run.is_free(start, start + 18) else None
        if kind and not (start == 0 and _is_permit(token, run.before)):
            yield run.take(start, start + 18, kind)
            start += 18
        else:
            start += 1


def _kind_of_id(token: str) -> Semantic | None:
    if is_plausible_id(token):
        return Semantic.CITIZEN_ID
    if token[0] == "9" and token[1:3] in PROVINCES and _is_century(token):
        return Semantic.FOREIGN_RESIDENT_ID if is_foreign_resident_id(token) else None
    return None


def _is_permit(token: str, before: str) -> bool:
    return token[6] == "2" and token[6:10] >= _PERMITS_SINCE and bool(_PERMIT_CUE.search(before))


def _is_century(token: str) -> bool:
    """Whether somebody alive can be born in the year, or may be before 2040."""
    return token[6:8] in _CENTURIES and (token[6] == "1" or token[8] < "4")


def is_plausible_id(token: str) -> bool:
    """Whether 18 characters are a citizen ID by province, birth date and check character.

    >>> is_plausible_id("11010519491231002X"), is_plausible_id("910105194912310027")
    (True, False)
    """
    return token[:2] in PROVINCES and _is_century(token) and is_citizen_id(token)


def starts_like_id(token: str) -> bool:
    """Whether the first two digits are a province's."""
    return token[:2] in PROVINCES


def looks_like_id(token: str) -> bool:
    """Whether 18 characters have an ID's province and birth date, whatever their check character.

    >>> looks_like_id("110105194912310021"), looks_like_id("110105194913310021")
    (True, False)
    """
    shaped = token[:2] in PROVINCES and token[:17].isdigit() and _is_century(token)
    return shaped and _is_day(token[6:14])


def is_old_id(token: str) -> bool:
    """Whether 15 digits have the shape of a first-generation ID (it had no check digit).

    >>> is_old_id("110105491231002"), is_old_id("110105491331002")
    (True, False)
    """
    return token[:2] in PROVINCES and token.isdigit() and _is_day(f"19{token[6:12]}")


def _is_day(digits: str) -> bool:
    try:
        date.fromisoformat(digits)
    except ValueError:
        return False
    return True


def old_ids(run: Run) -> Iterator[Span]:
    """15 digits between two edges that could be a first-generation ID."""
    for start, end in tuple(run.windows(15)):
        if is_old_id(run.digits[start:end]) and not _SERIAL_CUE.search(run.before):
            yield run.take(start, end, Semantic.CITIZEN_ID)


def long_cards(run: Run) -> Iterator[Span]:
    """UnionPay's 19 digits between edges: 622202 is a division's code too, so before any ID."""
    for start, end in tuple(run.windows(19)):
        token = run.digits[start:end]
        if token.startswith("62") and is_bank_card(token) and not _SERIAL_CUE.search(run.before):
            yield run.take(start, end, Semantic.BANK_CARD)


def bank_cards(run: Run) -> Iterator[Span]:
    """16 to 19 digits between edges that pass Luhn: UnionPay's 62, others beside a word for card.

    18 digits are the length of permits, serial numbers and IDs: those too need the word.
    """
    if len(run.digits) < 16:
        return
    for width in (19, 18, 17, 16):
        for start, end in tuple(run.windows(width)):
            token = run.digits[start:end]
            if is_bank_card(token) and _is_card_like(token, run.before):
                yield run.take(start, end, Semantic.BANK_CARD)


def _is_card_like(token: str, before: str) -> bool:
    if _CARD_CUE.search(before):
        return True
    return token.startswith("62") and len(token) != 18 and not _SERIAL_CUE.search(before)


def mobiles(run: Run) -> Iterator[Span]:
    """Eleven digits between edges, with or without the country's code, grouped as people write.

    Straight after a word for orders or serial numbers they are none.
    """
    if len(run.digits) < 11 or is_serial(run.before):
        return
    for start in sorted(run.edges):
        for prefix in ("", "86", "0086"):
            first, last = start + len(prefix), start + len(prefix) + 11
            if (
                run.digits.startswith(prefix, start)
                and last in run.edges
                and is_mobile(run.digits[first:last])
                and not run.edges & {first + 1, first + 2}
                and run.is_free(first, last)
            ):
                yield run.take(first, last, Semantic.MOBILE)


def is_serial(before: str) -> bool:
    """Whether what stands before a number says it is an order's or a file's, and no telephone's."""
    if before[-1:] not in _ENDS_OF_CUES:
        return False
    return bool(_SERIAL_CUE.search(before)) and not _PHONE_CUE.search(before)


def landlines(run: Run) -> Iterator[Span]:
    """An area code and a subscriber's number, set apart or beside a word for telephone."""
    if run.digits[0] != "0" and len(run.edges) == 2:
        return
    for width in (12, 11, 10):
        for start, end in tuple(run.windows(width)):
            split = {start + 3, start + 4} & run.edges
            token = run.digits[start:end]
            if _LANDLINE.fullmatch(token) and (split or _PHONE_CUE.search(run.before)):
                yield run.take(start, end, Semantic.LANDLINE)


def mobile_borders(run: Run) -> Iterator[Span]:
    """The edge where a mobile number abuts another number without anything between; cards there.

    Only where what is left is itself a card, a first-generation ID or a mobile number.
    """
    width = len(run.digits)
    if width - 11 not in _WIDTHS_BESIDE_MOBILE or len(run.edges) > 2:
        return
    for start, end in ((11, width), (0, width - 11)):
        other = run.digits[start:end]
        phone = run.digits[:11] if start else run.digits[end:]
        if is_mobile(phone) and _stands_alone(other) and run.is_free(start, end):
            run.edges |= {start, end}
            if other.startswith("62") and len(other) > 15 and len(other) != 18:
                yield run.take(start, end, Semantic.BANK_CARD)


def _stands_alone(digits: str) -> bool:
    if len(digits) == 11:
        return is_mobile(digits)
    return is_old_id(digits) if len(digits) == 15 else is_bank_card(digits)


_WIDTHS_BESIDE_MOBILE = frozenset((11, 15, 16, 17, 18, 19))

IN_RUNS: tuple[Callable[[Run], Iterator[Span]], ...] = (
    mobile_borders,
    long_cards,
    citizen_ids,
    bank_cards,
    old_ids,
    mobiles,
    landlines,
)
"""Recognisers over digit runs; an earlier one has the first claim."""

NUMBER_CANDIDATE = "|".join(
    (
        spelled("", digits=15),
        spelled("1", digits=11, at_edge=True),
        spelled("861", digits=13, at_edge=True),
        spelled("0", digits=10, at_edge=True),
        TEN_NUMERALS,
    )
)
"""What a text matches in which there is a number to find: shorter ones begin where a run does."""


def numbers(read: str) -> list[Span]:
    """Every identifier among the digit runs of a reading, left to right within a kind."""
    found: list[Span] = []
    for match in unsettled_runs(read):
        settled = _settled(read, match)
        if settled is not None:
            found += settled
        elif not is_code_around(read, match):
            run = run_at(read, match)
            for look in IN_RUNS:
                found += look(run)
    return found


def run_by_run(read: str) -> Iterator[tuple[str, Sequence[Span]]]:
    """The digits of every run that is part of no code, and what they hold: ``numbers``, counted."""
    for match in unsettled_runs(read):
        if is_code_around(read, match):
            continue
        settled = _settled(read, match) if match[0].isdigit() else None
        run = run_at(read, match)
        if settled is not None:
            yield run.digits, settled
        elif len(run.digits) >= SHORTEST:
            yield run.digits, [span for look in IN_RUNS for span in look(run)]


def _settled(read: str, match: re.Match[str]) -> tuple[Span, ...] | None:
    """What a run amounts to that is one plain number standing apart, as most are; None: look.

    It says in a glance what ``IN_RUNS`` would; a property test holds the two together.
    """
    whole, (start, end) = match[0], match.span()
    width = end - start
    if width > 18 or not is_apart(read, start, end):
        return () if _is_too_short(whole) else None
    if width == 18 and is_plausible_id(whole):
        before = read[max(0, start - 12) : start]
        return None if _is_permit(whole, before) else (Span(start, end, _ID),)
    if width == 11 and is_mobile(whole):
        before = read[max(0, start - 12) : start]
        return () if is_serial(before) else (Span(start, end, _MOBILE),)
    if whole.isdigit() or (width == 18 and whole[:17].isdigit()):
        return None if whole[0] in _MAY_BE_MORE.get(width, "") else ()
    return () if _is_too_short(whole) else None


def _is_too_short(whole: str) -> bool:
    """Whether separators make a short number look long: a date with its hour has ten digits."""
    if whole.isalnum():
        return False
    characters = sum(map(str.isalnum, whole))
    return characters < 11 and (characters < 10 or whole[0] != "0")


_MAY_BE_MORE = {
    **dict.fromkeys((10, 11, 12), "0"),
    13: "8",
    15: "012345678",
    **dict.fromkeys((16, 17), "456"),
    18: "4569",
}
"""First digits with which a plain number of so many digits can be an identifier at all."""
