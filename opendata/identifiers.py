"""Mainland identifiers and their check characters: citizen IDs, credit codes, bank cards.

Pure arithmetic on canonical spellings (half-width, upper-case, no separators). Finding identifiers
in text is a recogniser's business; writing these checks in SQL is the quality room's.
"""

from datetime import date
from operator import mul

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = ord("0") * sum(_ID_WEIGHTS)
_ID_CHECKS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def citizen_id_check(body: str) -> str:
    """The check character of the first 17 digits of a citizen ID (GB 11643-1999, MOD 11-2).

    >>> citizen_id_check("11010519491231002")
    'X'
    """
    # Over bytes, the zeros taken off at the end: millions of numbers are checked this way.
    total = sum(map(mul, body[:17].encode("ascii"), _ID_WEIGHTS)) - _ZEROS
    return _ID_CHECKS[total % 11]


def is_citizen_id(text: str) -> bool:
    """Whether ``text`` is an 18-character citizen ID: a plausible birth date and a right check.

    >>> is_citizen_id("11010519491231002X"), is_citizen_id("110105194912310021")
    (True, False)
    """
    if len(text) != 18 or not text[:17].isascii() or not text[:17].isdigit() or text[0] == "0":
        return False
    if citizen_id_check(text) != text[17].upper():
        return False
    try:
        return date.fromisoformat(text[6:14]).year >= 1880
    except ValueError:
        return False


def uscc_check(body: str) -> str:
    """The check character of the first 17 characters of a credit code (GB 32100-2015, MOD 31).

    >>> uscc_check("91350100M000100Y4")
    '3'
    """
    total = sum(
        _USCC_ALPHABET.index(each) * weight
        for each, weight in zip(body[:17], _USCC_WEIGHTS, strict=True)
    )
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def is_uscc(text: str) -> bool:
    """Whether ``text`` is an 18-character unified social credit code with a right check character.

    >>> is_uscc("91350100M000100Y43"), is_uscc("91350100M000100Y44")
    (True, False)
    """
    if len(text) != 18 or any(each not in _USCC_ALPHABET for each in text):
        return False
    return text[2:8].isdigit() and uscc_check(text) == text[17]


def is_foreign_resident_id(text: str) -> bool:
    """Whether ``text`` is a foreigner's permanent residence number as issued since December 2023.

    A 9, the province, the country as three digits, then birth date, serial and check as in a
    citizen ID (国家移民管理局, 新版外国人永久居留身份证机读信息规则).

    >>> is_foreign_resident_id("911840198601010076"), is_foreign_resident_id("911840198601010077")
    (True, False)
    """
    return text[:1] == "9" and is_citizen_id(text)


def is_bank_card(text: str) -> bool:
    """Whether ``text`` is a 16-19 digit card number that starts like one and passes Luhn.

    >>> is_bank_card("6222021234567890128"), is_bank_card("6222021234567890120")
    (True, False)
    """
    if not (16 <= len(text) <= 19 and text.isascii() and text.isdigit() and text[0] in "456"):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_mobile(text: str) -> bool:
    """Whether ``text`` has the shape of a mainland mobile number (no check digit exists).

    >>> is_mobile("13800138000"), is_mobile("12800138000")
    (True, False)
    """
    return (
        len(text) == 11
        and text.isascii()
        and text.isdigit()
        and text[0] == "1"
        and text[1] in "3456789"
    )
