"""The dirt of real files: how clean values come to look the way bodies send them.

Taken from 315 published municipal files. Values come in clean and leave as text; what is damaged
beyond repair (``scientific``) is meant to end among the 问题数据.
"""

from collections.abc import Callable
from datetime import date, datetime
from random import Random
from string import ascii_letters, digits

_FULL_WIDTH = {ord(each): ord(each) + 0xFEE0 for each in digits + ascii_letters + ",."}
_EPOCH = date(1899, 12, 30)

DateSpelling = Callable[[date], str]

MIXED_DATES: tuple[DateSpelling, ...] = (
    lambda day: f"{day:%Y-%m-%d} 11:46:00",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day:%Y.%m.%d}",
    lambda day: f"{day:%Y年%m月%d日}",
    lambda day: f"{day:%Y%m%d}",
)
"""Spellings that say year, month and day in this order."""


def mixed_date(rng: Random, day: date) -> str:
    """A day in one of the five common spellings."""
    return rng.choice(MIXED_DATES)(day)


def day_first(rng: Random, day: date) -> str:
    """``26/10/2023``, sometimes with a time: ambiguous unless the contract declares it."""
    return f"{day:%d/%m/%Y}" + rng.choice(("", " 10:00:00"))


def serial_day(rng: Random, day: date) -> str:
    """A spreadsheet's serial day: ``44744`` or ``44744.0``."""
    return str((day - _EPOCH).days) + rng.choice(("", ".0"))


def mixed_moment(rng: Random, moment: datetime) -> str:
    """A moment with dashes, slashes or Chinese units."""
    return rng.choice(
        (
            f"{moment:%Y-%m-%d %H:%M:%S}",
            f"{moment:%Y/%m/%d %H:%M}",
            f"{moment:%Y年%m月%d日 %H:%M}",
        )
    )


def full_width(text: str) -> str:
    """Digits and letters as typed with a Chinese keyboard: ``１２００``."""
    return text.translate(_FULL_WIDTH)


def thousands(value: float) -> str:
    """``12,000`` or ``12,000.50``."""
    return f"{value:,.2f}".removesuffix(".00")


def scientific(code: str) -> str:
    """What a spreadsheet leaves of a long code: ``9.11E+17``; it cannot be undone."""
    return f"{float(''.join(each if each.isdigit() else '0' for each in code)):.2E}"


def mistyped(code: str) -> str:
    """A code whose check character is wrong."""
    return code[:-1] + ("1" if code[-1] == "0" else "0")


def half_masked(name: str) -> str:
    """``栾*然``: masked by the sender, in a way no other sender uses."""
    return f"{name[0]}*{name[-1]}"


def sometimes(rng: Random, share: float, dirty: str, clean: str) -> str:
    """``dirty`` in this share of rows, ``clean`` otherwise."""
    return dirty if rng.random() < share else clean
