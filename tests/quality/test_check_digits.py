"""The SQL arithmetic says exactly what ``opendata/identifiers.py`` says."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pytest

from opendata.check_digits import (
    Steps,
    bank_card_broken,
    citizen_id_broken,
    mobile_broken,
    uscc_broken,
)
from opendata.identifiers import (
    citizen_id_check,
    is_bank_card,
    is_citizen_id,
    is_mobile,
    is_uscc,
    uscc_check,
)

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ANYTHING = USCC_ALPHABET + "IOSVZaxX １Ａ张\n-"
ODD = ["", "1", " " * 18, "张" * 18, "𠮷" * 8, "１" * 18, "\n", "0" * 18, "X" * 18]


def agrees(
    con: duckdb.DuckDBPyConnection,
    texts: list[str],
    broken: Callable[[str], Steps],
    valid: Callable[[str], bool],
) -> int:
    steps = broken("t")
    listed = ", ".join(f"{sql} as {name}" for name, sql in steps)
    given = "select unnest(?::varchar[]) as t"
    found = con.execute(
        f"select t, {steps[-1][0]} from (select t, {listed} from ({given}))", [texts]
    ).fetchall()
    assert [(text, flag) for text, flag in found] == [(text, not valid(text)) for text in texts]
    return sum(valid(text) for text in texts)


def mangled(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text))
    kind = chance.randrange(4)
    if kind == 0:
        return text
    if kind == 1:
        return text[:place] + chance.choice(ANYTHING) + text[place + 1 :]
    return text[:place] + text[place + 1 :] if kind == 2 else text + chance.choice(ANYTHING)


def test_credit_codes_are_judged_as_the_standard_judges_them(
    con: duckdb.DuckDBPyConnection,
) -> None:
    chance = random.Random(1)
    texts = list(ODD)
    for _ in range(4000):
        body = "".join(chance.choices(USCC_ALPHABET, k=2)) + f"{chance.randrange(10**6):06d}"
        body += "".join(chance.choices(USCC_ALPHABET, k=9))
        texts.append(mangled(chance, body + uscc_check(body)))

    assert agrees(con, texts, uscc_broken, is_uscc) > 900


def test_citizen_ids_are_judged_as_the_standard_judges_them(con: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(2)
    texts = list(ODD)
    for _ in range(4000):
        born = date(1870, 1, 1) + timedelta(days=chance.randrange(60000))
        body = f"{chance.randrange(10**6):06d}{born:%Y%m%d}{chance.randrange(1000):03d}"
        text = mangled(chance, body + citizen_id_check(body))
        texts.append(text.lower() if chance.random() < 0.1 else text)

    assert agrees(con, texts, citizen_id_broken, is_citizen_id) > 700


def test_every_day_and_no_other_is_a_birth_date(con: duckdb.DuckDBPyConnection) -> None:
    texts = []
    for year in (1879, 1880, 1899, 1900, 1904, 2000, 2023, 2024, 2100, 2400, 9999):
        for month in range(14):
            for day in range(33):
                body = f"110105{year}{month:02d}{day:02d}002"
                texts.append(body + citizen_id_check(body))

    assert agrees(con, texts, citizen_id_broken, is_citizen_id) == sum(
        366 if year in (1880, 1904, 2000, 2024, 2400) else 365
        for year in (1880, 1899, 1900, 1904, 2000, 2023, 2024, 2100, 2400, 9999)
    )


@pytest.mark.parametrize(
    ("broken", "valid", "length"),
    [(mobile_broken, is_mobile, 11), (bank_card_broken, is_bank_card, 17)],
    ids=["mobile", "bank_card"],
)
def test_digit_strings_are_judged_as_in_python(
    con: duckdb.DuckDBPyConnection,
    broken: Callable[[str], Steps],
    valid: Callable[[str], bool],
    length: int,
) -> None:
    chance = random.Random(3)
    first = "1" if length == 11 else "6"
    texts = ODD + [
        mangled(
            chance,
            first + "".join(chance.choices("0123456789", k=length + chance.randrange(2) - 1)),
        )
        for _ in range(3000)
    ]

    assert agrees(con, texts, broken, valid) > 50


def test_a_missing_value_is_neither_right_nor_wrong(con: duckdb.DuckDBPyConnection) -> None:
    name, sql = mobile_broken("t")[-1]

    assert con.execute(f"select {sql} as {name} from (select null::varchar as t)").fetchone() == (
        None,
    )
