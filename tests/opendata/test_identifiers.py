import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata.identifiers import (
    citizen_id_check,
    is_bank_card,
    is_citizen_id,
    is_mobile,
    is_uscc,
    uscc_check,
)

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DIGITS = st.text("0123456789", min_size=1, max_size=24)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("11010519491231002X", True),
        ("440524188001010014", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("11010518791231002X", False),
        ("01010519491231002X", False),
        ("1101051949123100", False),
        ("１１０１０５19491231002X", False),
        ("11010519491231 02X", False),
        ("", False),
    ],
    ids=[
        "standards_example_x",
        "standards_example_digit",
        "lower_case_x",
        "wrong_check",
        "month_13",
        "born_before_1880",
        "division_begins_with_0",
        "too_short",
        "full_width_digits",
        "blank_inside",
        "empty",
    ],
)
def test_a_citizen_id_has_a_birth_date_and_its_check(text: str, is_one: bool) -> None:
    assert is_citizen_id(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100I000100Y43", False),
        ("9135O100M000100Y43", False),
        ("91350100m000100y43", False),
        ("9135A100M000100Y43", False),
        ("91350100M000100Y4", False),
        ("", False),
    ],
    ids=[
        "standards_example",
        "wrong_check",
        "letter_i_is_never_used",
        "letter_o_is_never_used",
        "lower_case",
        "letter_in_the_division",
        "too_short",
        "empty",
    ],
)
def test_a_credit_code_has_its_alphabet_and_its_check(text: str, is_one: bool) -> None:
    assert is_uscc(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("6222021234567890128", True),
        ("6222021234567890120", False),
        ("4111111111111111", True),
        ("1111111111111117", False),
        ("622202123456789", False),
        ("62220212345678901280", False),
        ("6222 0212 3456 7890 128", False),
    ],
    ids=[
        "nineteen_digits",
        "wrong_check",
        "sixteen_digits",
        "no_card_begins_with_1",
        "too_short",
        "too_long",
        "blanks",
    ],
)
def test_a_bank_card_passes_luhn(text: str, is_one: bool) -> None:
    assert is_bank_card(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("13800138000", True),
        ("19900000000", True),
        ("12800138000", False),
        ("1380013800", False),
        ("138001380000", False),
        ("+8613800138000", False),
        ("１３８００１３８０００", False),
    ],
    ids=["old_range", "new_range", "no_such_range", "short", "long", "prefixed", "full_width"],
)
def test_a_mobile_number_has_eleven_digits_of_a_known_range(text: str, is_one: bool) -> None:
    assert is_mobile(text) is is_one


@given(st.text("0123456789", min_size=17, max_size=17))
def test_exactly_one_check_character_fits_a_citizen_id(body: str) -> None:
    fitting = [each for each in "0123456789X" if is_citizen_id(body + each)]

    assert fitting in ([], [citizen_id_check(body)])


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_exactly_one_check_character_fits_a_credit_code(body: str) -> None:
    body = body[:2] + re.sub(r"[^0-9]", "0", body[2:8]) + body[8:]

    assert [each for each in USCC_ALPHABET if is_uscc(body + each)] == [uscc_check(body)]


@given(DIGITS, st.integers(0, 23), st.integers(1, 9))
def test_one_mistyped_digit_never_makes_another_card(card: str, place: int, by: int) -> None:
    place %= len(card)
    mistyped = card[:place] + str((int(card[place]) + by) % 10) + card[place + 1 :]

    assert not (is_bank_card(card) and is_bank_card(mistyped))


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    asked = (is_citizen_id(text), is_uscc(text), is_bank_card(text), is_mobile(text))

    assert set(asked) <= {True, False}
