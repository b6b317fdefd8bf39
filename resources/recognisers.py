"""Finding people in text: identifiers in every spelling, and names that a cue word announces.

A recogniser knows one kind. Digits are taken in whole runs and then tried, never matched by a
pattern with borders: borders miss neighbours and stumble over abutting letters. How a text is read
belongs to ``reading.py``, what to do with a span to ``operators.py``, judging a whole column to
``leak_scan.py``.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from opendata.identifiers import is_bank_card, is_citizen_id, is_mobile
from opendata.presets import PLATE_REGIONS
from opendata.vocabulary import Semantic
from resources.reading import Run, Span, any_spelling, reading, runs

_PROVINCES = frozenset(
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 84))
    for code in range(*codes)
)


def citizen_ids(run: Run) -> Iterator[Span]:
    """18 characters with province, birth date and check right, wherever in the run they start."""
    start = 0
    while start + 18 <= len(run.digits):
        if is_plausible_id(run.digits[start : start + 18]):
            yield run.take(start, start + 18, Semantic.CITIZEN_ID)
            start += 18
        else:
            start += 1


def is_plausible_id(token: str) -> bool:
    """Whether 18 characters are a citizen ID by province, birth date and check character.

    >>> is_plausible_id("11010519491231002X"), is_plausible_id("910105194912310027")
    (True, False)
    """
    return token[:2] in _PROVINCES and token[6:8] in ("18", "19", "20") and is_citizen_id(token)


def starts_like_id(token: str) -> bool:
    """Whether the first two digits are a province's."""
    return token[:2] in _PROVINCES


def looks_like_id(token: str) -> bool:
    """Whether 18 characters have an ID's province and birth date, whatever their check character.

    >>> looks_like_id("110105194912310021"), looks_like_id("110105194913310021")
    (True, False)
    """
    shaped = token[:2] in _PROVINCES and token[6:8] in ("18", "19", "20") and token[:17].isdigit()
    return shaped and _is_day(token[6:14])


def is_old_id(token: str) -> bool:
    """Whether 15 digits have the shape of a first-generation ID (it had no check digit).

    >>> is_old_id("110105491231002"), is_old_id("110105491331002")
    (True, False)
    """
    return token[:2] in _PROVINCES and token.isdigit() and _is_day(f"19{token[6:12]}")


def _is_day(digits: str) -> bool:
    try:
        date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}")
    except ValueError:
        return False
    return True


def old_ids(run: Run) -> Iterator[Span]:
    """15 digits between two edges that could be a first-generation ID."""
    for start, end in tuple(run.windows(15)):
        if is_old_id(run.digits[start:end]):
            yield run.take(start, end, Semantic.CITIZEN_ID)


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
    return token.startswith("62") and len(token) != 18


def mobiles(run: Run) -> Iterator[Span]:
    """Eleven digits between edges, with or without the country's code, grouped as people write."""
    if len(run.digits) < 11:
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


_CARD_CUE = re.compile("卡|账|帐|银行")
_PHONE_CUE = re.compile("电话|座机|传真|热线|(?i:tel)")
_LANDLINE = re.compile("0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")

IN_RUNS: tuple[Callable[[Run], Iterator[Span]], ...] = (
    citizen_ids,
    bank_cards,
    old_ids,
    mobiles,
    landlines,
)
"""Recognisers over digit runs; an earlier one has the first claim."""

_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}"
)
_PLATE = re.compile(
    rf"[{PLATE_REGIONS}][A-HJ-NP-Z][·•. -]?(?=[A-HJ-NP-Z0-9]{{0,5}}[0-9])"
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"
)


def emails(read: str) -> Iterator[Span]:
    """Addresses with a top-level domain."""
    for found in _EMAIL.finditer(read):
        yield Span(*found.span(), Semantic.EMAIL)


def plates(read: str) -> Iterator[Span]:
    """Licence plates of seven or eight characters, at least one of them a digit."""
    for found in _PLATE.finditer(read):
        yield Span(*found.span(), Semantic.PLATE)


_CUES = "|".join(
    (
        "申请人|联系人|经办人|当事人|被处罚人|投诉人|举报人|持卡人",
        "负责人|法定代表人|法人|户主|驾驶员|车主|患者|姓名",
    )
)
_SURNAMES = (
    "王李张刘陈钱杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范廖贾夏韦付白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万严覃武戴莫孔向汤高金方石"
    "欧宁葛齐康伍余施殷庞章洪祝温倪阮童颜柯翁季俞鲁芦柳岳梅辛管蓝耿关兰焦左涂鲍霍冉喻卞舒聂游鞠骆翟苗邢窦桑蒙匡"
)
_DOUBLE_SURNAMES = "欧阳|司马|上官|诸葛|东方|慕容|司徒|夏侯|皇甫|尉迟|令狐|宇文|长孙|公孙"
PERSON_SHAPE = f"(?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])[一-鿿]{{1,2}}"
"""A surname and one or two characters: what most, not all, Han names look like."""

_CUED_NAME = re.compile(
    rf"(?:{_CUES})[:;,为是系叫 ]{{0,2}}((?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])[一-鿿])([一-鿿]?)"
)
_NOT_GIVEN = frozenset(
    "已为于的在与和及因向将称系住现经同应须未不当自是有均等并其所按可以到从无申身联电提驾签办拨缴携领"
)
_NOT_NAMES = re.compile(
    "金额|高新|方案|方式|方法|方面|程序|程度|安全|石油|江苏|任务|任职|万元|高中|许可|曾经|同意"
)


_NAME_BY_CONTEXT = re.compile(
    rf"(?:{_CUES})[:;,为是系叫 ]{{0,2}}([一-鿿]{{2,4}}?)"
    "(?=[(),、 ]{1,2}(?:身份证|公民身份|证件号|联系电话|电话|手机))"
)


def names(read: str) -> Iterator[Span]:
    """A name straight after a cue word: by its surname, or because a number of its owner follows.

    Without a cue nothing is promised.
    """
    for found in _NAME_BY_CONTEXT.finditer(read):
        yield Span(*found.span(1), Semantic.PERSON_NAME)
    for found in _CUED_NAME.finditer(read):
        if _NOT_NAMES.match(found[1]) or found[1][-1] in _NOT_GIVEN:
            continue
        end = found.end(1 if found[2] in _NOT_GIVEN else 2)
        yield Span(found.start(1), end, Semantic.PERSON_NAME)


IN_TEXT: tuple[Callable[[str], Iterator[Span]], ...] = (emails, plates, names)
"""Recognisers over the whole reading."""


def find(text: str) -> tuple[Span, ...]:
    """Every identifier in ``text``, left to right, none overlapping.

    >>> [(each.kind.code, each.start, each.end) for each in find("张三 13800138000")]
    [('mobile', 3, 14)]
    """
    read = reading(text)
    found = [span for run in runs(read) for look in IN_RUNS for span in look(run)]
    for look_through in IN_TEXT:
        for span in look_through(read):
            if not _overlaps(span, found):
                found.append(span)
    return tuple(sorted(found, key=lambda each: each.start))


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(span.start < each.end and each.start < span.end for each in others)


CANDIDATE = any_spelling(digits=11)
"""What a value matches that holds an ID, a card, a mobile or an e-mail address."""

CANDIDATE_TEXT = f"{any_spelling(digits=10)}|[{PLATE_REGIONS}][A-Z\uff21-\uff3a]|{_CUES}"
"""What a text matches in which ``find`` can find anything."""
