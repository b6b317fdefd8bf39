"""Identifiers are found in every spelling, and what merely looks like one is left alone.

The corpus is made here from a seed: invented people of an unassigned division (110199), mobiles of
the unallocated 163 prefix.
"""

import random
import re
from collections.abc import Callable

import duckdb
import polars as pl
import pytest

from opendata.identifiers import citizen_id_check, is_bank_card
from opendata.sql_text import literal
from opendata.vocabulary import Semantic
from resources.reading import reading
from resources.recognisers import CANDIDATE, CANDIDATE_TEXT, find

WIDE = {ord(each): ord(each) + 0xFEE0 for each in "0123456789X"}
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")


def citizen_id(chance: random.Random) -> str:
    day = f"{chance.randint(1940, 2015)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    body = f"110199{day}{chance.randint(1, 999):03}"
    return body + citizen_id_check(body)


def old_citizen_id(chance: random.Random) -> str:
    whole = citizen_id(chance)
    return whole[:6] + "55" + whole[10:17]


def mobile(chance: random.Random) -> str:
    return f"163{chance.randrange(10**8):08}"


def bank_card(chance: random.Random) -> str:
    body = f"622202{chance.randrange(10**12):012}"
    return next(body + check for check in "0123456789" if is_bank_card(body + check))


def email(chance: random.Random) -> str:
    return f"name{chance.randrange(10**6)}@example{chance.randrange(99)}.com"


def plate(chance: random.Random) -> str:
    return f"京A{chance.randrange(10**5):05}"


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda each: each,
    "lower": str.lower,
    "full_width": lambda each: each.translate(WIDE),
    "grouped": lambda each: f"{each[:6]} {each[6:10]} {each[10:14]} {each[14:]}",
    "hyphens": lambda each: f"{each[:6]}-{each[6:14]}-{each[14:]}",
    "dashes": lambda each: f"{each[:6]}—{each[6:14]}—{each[14:]}",
    "zero_width": lambda each: f"{each[:6]}\u200b{each[6:]}",
    "no_break_space": lambda each: f"{each[:6]}\u00a0{each[6:]}",
    "letters_around": lambda each: f"ID{each}No",
    "apostrophe": lambda each: f"'{each}",
    "in_address": lambda each: f"http://x.gov.cn/q?id={each}&t=1",
    "float": lambda each: f"{each}.0",
    "before_mobile": lambda each: f"{each}16300000001",
    "after_mobile": lambda each: f"16300000001{each}",
    "chinese_digits": lambda each: each.translate(CHINESE),
}


def kinds(text: str) -> list[Semantic]:
    return [each.kind for each in find(text)]


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_citizen_id_is_found_in_every_spelling(spelling: Callable[[str], str]) -> None:
    chance = random.Random(20260101)
    texts = [f"备注：{spelling(citizen_id(chance))}，已办" for _ in range(300)]

    missed = [text for text in texts if Semantic.CITIZEN_ID not in kinds(text)]

    assert missed == []


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_the_whole_of_it_is_covered(spelling: Callable[[str], str]) -> None:
    number = citizen_id(random.Random(5))
    text = f"证{spelling(number)}号"

    (span,) = [each for each in find(text) if each.kind is Semantic.CITIZEN_ID]

    covered = re.sub("[^0-9X]", "", reading(text[span.start : span.end]).upper())
    assert covered == number


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (mobile, Semantic.MOBILE),
        (old_citizen_id, Semantic.CITIZEN_ID),
        (bank_card, Semantic.BANK_CARD),
        (email, Semantic.EMAIL),
        (plate, Semantic.PLATE),
        (lambda _: "029-88881234", Semantic.LANDLINE),
        (lambda _: "138 1234 5678", Semantic.MOBILE),
        (lambda _: "+86 138-1234-5678", Semantic.MOBILE),
        (lambda _: "8613812345678", Semantic.MOBILE),
    ],
    ids=["mobile", "fifteen", "card", "email", "plate", "landline", "spaced", "plus86", "bare86"],
)
def test_every_other_identifier_is_found(
    make: Callable[[random.Random], str], kind: Semantic
) -> None:
    chance = random.Random(7)
    texts = [f"请联系{make(chance)}办理" for _ in range(200)]

    assert all(kinds(text) == [kind] for text in texts)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("申请人王伟，已核验", "王伟"),
        ("申请人王小明已核验", "王小明"),
        ("联系人：欧阳娜娜（女）", "欧阳娜娜"),
        ("法定代表人为李强", "李强"),
        ("姓名 张三丰", "张三丰"),
        ("申请人佘诗曼（身份证号见附件）", "佘诗曼"),
    ],
    ids=["two", "three", "double", "joined", "spaced", "rare"],
)
def test_a_name_after_a_cue_is_found(text: str, name: str) -> None:
    assert [text[each.start : each.end] for each in find(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "申请人应当提交材料",
        "联系人方式见附件",
        "姓名和性别",
        "金额500元，安全石油方案",
        "复查日期2024-05-06 12:30:00",
        "108.940174,34.341568",
        "统一社会信用代码91350100M000100Y43",
        "流水号202405061230001234",
        "面积100m²",
        "13位时间戳1700000000000",
        "手机138****5678",
        "身份证6****************1",
        "user@localhost",
        "津B级、京A座",
    ],
    ids=[f"trap{place}" for place in range(14)],
)  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert find(text) == ()


def test_random_18_digit_serials_are_left_alone() -> None:
    chance = random.Random(11)
    serials = [f"编号{chance.randrange(10**17, 10**18)}" for _ in range(20_000)]

    assert sum(bool(find(each)) for each in serials) <= 2  # measured: 1.6 in 100,000


def test_permit_numbers_with_a_wrong_check_are_left_alone() -> None:
    chance = random.Random(13)
    numbers = [citizen_id(chance) for _ in range(2_000)]
    permits = [each[:17] + ("0" if each[17] != "0" else "1") for each in numbers]

    assert [each for each in permits if find(each)] == []


def test_what_is_found_is_never_kept_from_being_read() -> None:
    """The cheap patterns must match whatever the recognisers would find, in both engines."""
    chance = random.Random(17)
    makers = (citizen_id, mobile, bank_card, email)
    texts = [
        f"备注{spelling(make(chance))}。" for make in makers for spelling in SPELLINGS.values()
    ]
    held = [text for text in texts if find(text)]
    cued = ["申请人王伟", "车辆京A12345", "电话029-8888123"]

    con = duckdb.connect()
    con.register("t", pl.DataFrame({"v": held}).to_arrow())
    con.register("c", pl.DataFrame({"v": held + cued}).to_arrow())
    missed = f"select count(*) from t where not regexp_matches(v, {literal(CANDIDATE)})"
    missed_text = f"select count(*) from c where not regexp_matches(v, {literal(CANDIDATE_TEXT)})"

    assert con.execute(missed).fetchall() == [(0,)]
    assert con.execute(missed_text).fetchall() == [(0,)]
    assert pl.Series(held).str.contains(CANDIDATE).all()


def test_reading_keeps_every_place() -> None:
    text = "（１３８）²③𝟗\u3000ﬁ㎏"

    assert len(reading(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [("驾驶员张三驾驶车辆", "张三"), ("负责人张伟签字", "张伟"), ("经办人欧阳明办理", "欧阳明")],
    ids=["drives", "signs", "double_surname"],
)
def test_the_verb_after_a_name_is_left_alone(text: str, name: str) -> None:
    (span,) = find(text)

    assert text[span.start : span.end] == name
