"""Whole columns of bare numbers, looked at all at once: what one value after another would show.

Columns of IDs, mobiles, cards and permit numbers are the long ones. The same is counted here over
digits in arrays as ``leak_evidence.py`` counts value by value; a property test holds the two
together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from opendata.vocabulary import Semantic
from resources.leak_evidence import Evidence
from resources.recognisers_numbers import PROVINCES

_WEIGHTS = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), dtype=np.uint16)
_DOUBLED = np.array((0, 2, 4, 6, 8, 1, 3, 5, 7, 9, 0), dtype=np.uint8)
"""What Luhn makes of every other digit, and of an X, which is none."""

_X = 10
_CHECKS = np.array((1, 0, _X, 9, 8, 7, 6, 5, 4, 3, 2), dtype=np.uint8)
_DAYS = np.array((0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
_IS_PROVINCE = np.array([f"{each:02}" in PROVINCES for each in range(100)])
_FOUR = np.stack([np.arange(10_000) // 10**each % 10 for each in (3, 2, 1, 0)], 1).astype(np.uint8)
_ID_WIDTH = 18

_Digits = NDArray[np.uint8]
_Mask = NDArray[np.bool_]
_Keys = NDArray[np.uint64]
_Rows = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class BareNumbers:
    """The values of a column that are nothing but one number of 11 or 16 to 19 digits, by width.

    Each is held as an integer that sorts as it is written, beside its rows: sorting integers finds
    the distinct ones in a tenth of the time that hashing texts takes.
    """

    held: dict[int, list[tuple[_Keys, _Rows]]] = field(default_factory=dict)

    def hold(self, counted: pl.DataFrame) -> pl.DataFrame:
        """Keep the bare numbers among values (with their rows); the rest is handed back."""
        value, rows = counted.columns
        width = pl.col(value).str.len_bytes()
        if not counted.select(width.is_in([*_BY_WIDTH]).any()).item():
            return counted
        left = [counted.filter(~width.is_in([*_BY_WIDTH]))]
        for each in _BY_WIDTH:
            those = counted.filter(width == each)
            if those.is_empty():
                continue
            keys = _keys(those.get_column(value), each)
            if keys.null_count():
                left.append(those.filter(keys.is_null()))
                those, keys = those.filter(keys.is_not_null()), keys.drop_nulls()
            if those.height:
                part = _summed(keys.to_numpy(), those.get_column(rows).to_numpy())
                self.held.setdefault(each, []).append(part)
        return pl.concat(left)

    def show(self, evidence: Evidence) -> pl.DataFrame:
        """Show the evidence all of them; what is still to be looked at one by one, with rows."""
        left = [pl.DataFrame(schema={"value": pl.String, "count": pl.UInt32})]
        for width, parts in self.held.items():
            keys, rows = parts[0]
            if len(parts) > 1:
                keys, rows = _summed(*map(np.concatenate, zip(*parts, strict=True)))
            digits = _digits(keys, width)
            texts = _texts(digits)
            open_ = _BY_WIDTH[width](evidence, digits, texts, rows)
            if open_.any():
                counted = pl.DataFrame({"value": texts, "count": pl.Series(rows, dtype=pl.UInt32)})
                left.append(counted.filter(pl.Series(open_)))
        return pl.concat(left)


def _keys(texts: pl.Series, width: int) -> pl.Series:
    """Each number as an integer, null for what is none; the last place of an ID has eleven."""
    signed = texts.str.starts_with("+") | texts.str.starts_with("-")
    whole = texts.cast(pl.UInt64, strict=False).set(signed, None)
    if width != _ID_WIDTH:
        return whole
    keys = whole // 10 * 11 + whole % 10
    last_x = ((texts.str.ends_with("X") | texts.str.ends_with("x")) & ~signed).arg_true()
    body = texts.gather(last_x).str.head(width - 1).cast(pl.UInt64, strict=False)
    return keys.scatter(last_x, body * 11 + _X)


def _summed(keys: _Keys, rows: _Rows) -> tuple[_Keys, _Rows]:
    """The distinct keys in order, each with all its rows."""
    if (rows == 1).all():
        found, count = np.unique(keys, return_counts=True)
        return found, count.astype(np.uint32)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[starts], np.add.reduceat(rows[order], starts)


def _digits(keys: _Keys, width: int) -> _Digits:
    """The digits of keys, a row each; an X is a ten."""
    digits = np.empty((len(keys), width), dtype=np.uint8, order="F")  # it is read by the column
    if width == _ID_WIDTH:
        digits[:, width - 1] = keys % 11
        keys, width = keys // 11, width - 1
    for end in range(width, 0, -4):
        start = max(0, end - 4)
        digits[:, start:end] = _FOUR[keys % 10_000, start - end :]
        keys = keys // 10_000
    return digits


def _texts(digits: _Digits) -> pl.Series:
    """The numbers as they are written, in the order of the digits."""
    written = np.ascontiguousarray(digits) + np.uint8(ord("0"))
    written[written > ord("9")] = ord("X")
    count, width = digits.shape
    ends = pa.py_buffer(np.arange(0, (count + 1) * width, width, dtype=np.int64))
    texts = pl.Series(pa.LargeStringArray.from_buffers(count, ends, pa.py_buffer(written)))
    return texts.set_sorted()


def _mobiles(evidence: Evidence, digits: _Digits, texts: pl.Series, rows: _Rows) -> _Mask:
    are = (digits[:, 0] == 1) & (digits[:, 1] >= 3)
    evidence.elevens.add(tried=len(are), passing=int(are.sum()))
    _see(evidence, Semantic.MOBILE, texts, rows, are)
    return np.zeros(len(are), dtype=bool)


def _ids(evidence: Evidence, digits: _Digits, texts: pl.Series, rows: _Rows) -> _Mask:
    """18 characters; what begins like a card or a foreigner's number is left to be looked at."""
    looks, passing = _looks(digits), _passes(digits)
    are = looks & passing
    open_ = ~are & np.isin(digits[:, 0], (4, 5, 6, 9))
    open_[open_] = _luhn(digits[open_]) | (digits[open_, 0] == 9)
    _count_ids(evidence, digits, looks & ~open_, passing, ~open_)
    cards = np.isin(digits[:, 0], (4, 5, 6)) & ~open_
    evidence.cards.add(tried=int(cards.sum()), passing=0)
    _see(evidence, Semantic.CITIZEN_ID, texts, rows, are)
    return open_


def _cards(evidence: Evidence, digits: _Digits, texts: pl.Series, rows: _Rows) -> _Mask:
    """16, 17 or 19 digits; what has an ID in it is left to be looked at."""
    windows = [digits[:, start : start + 18] for start in range(digits.shape[1] - 17)]
    judged = [(each, _looks(each), _passes(each)) for each in windows]
    inside = np.zeros(len(digits), dtype=bool)
    for _, looks, passing in judged:
        inside |= looks & passing
    starts = np.isin(digits[:, 0], (4, 5, 6)) & ~inside
    are = starts & (digits[:, 0] == 6) & (digits[:, 1] == 2) & _luhn(digits)
    for each, looks, passing in judged:
        _count_ids(evidence, each, looks & ~inside, passing, ~inside)
    evidence.cards.add(tried=int(starts.sum()), passing=int(are.sum()))
    _see(evidence, Semantic.BANK_CARD, texts, rows, are)
    return inside


_Take = Callable[[Evidence, _Digits, pl.Series, _Rows], _Mask]
_BY_WIDTH: dict[int, _Take] = {11: _mobiles, 16: _cards, 17: _cards, 18: _ids, 19: _cards}
"""What takes numbers of a width: it says which of them are still to be looked at one by one."""


def _count_ids(
    evidence: Evidence, digits: _Digits, looks: _Mask, passing: _Mask, tried_at_all: _Mask
) -> None:
    """Enter 18-digit stretches into the shares: with a province, with a birth date too."""
    old = _number(digits, 6, 10) < 2005
    for shares, like in (
        (evidence.numbers, _is_province(digits) & tried_at_all),
        (evidence.shaped, looks),
    ):
        for era, of_era in ((True, old), (False, ~old)):
            tried = like & of_era
            shares[era].add(tried=int(tried.sum()), passing=int((tried & passing).sum()))


def _is_province(digits: _Digits) -> _Mask:
    found: _Mask = _IS_PROVINCE[_number(digits, 0, 2) % 100]
    return found


def _looks(digits: _Digits) -> _Mask:
    """``looks_like_id`` over rows."""
    year, month, day = _number(digits, 6, 10), _number(digits, 10, 12), _number(digits, 12, 14)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    dated = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _DAYS[np.clip(month, 0, 12)])
    dated &= (month != 2) | (day <= 28) | leap
    found: _Mask = _is_province(digits) & dated & (year >= 1900) & (year < 2040)
    return found


def _number(digits: _Digits, start: int, end: int) -> NDArray[np.int16]:
    """Up to four digits of each row as a number."""
    value = np.zeros(len(digits), dtype=np.int16)
    for place in range(start, end):
        value = value * 10 + digits[:, place]
    return value


def _passes(digits: _Digits) -> _Mask:
    """MOD 11-2 over rows."""
    sums = np.zeros(len(digits), dtype=np.uint16)
    for place, weight in enumerate(_WEIGHTS):
        sums += digits[:, place] * weight
    found: _Mask = _CHECKS[sums % 11] == digits[:, 17]
    return found


def _luhn(digits: _Digits) -> _Mask:
    """Luhn over rows."""
    width = digits.shape[1]
    sums = np.zeros(len(digits), dtype=np.uint8)
    for place in range(width):
        sums += digits[:, place] if (width - place) % 2 else _DOUBLED[digits[:, place]]
    found: _Mask = sums % 10 == 0
    return found


def _see(evidence: Evidence, kind: Semantic, texts: pl.Series, rows: _Rows, are: _Mask) -> None:
    if are.any():
        evidence.see_all(kind, texts.filter(pl.Series(are)), int(rows[are].sum()))
