"""Pseudonyms: the one spelling a subject is known by, and HMAC-SM3 over it under a scoped key.

Only values in and names out. Which field gets one belongs to the plan, the key to ``vault.py``,
running over a table to ``masker.py``.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

import numpy as np
import polars as pl
import pyarrow as pa

from opendata.identifiers import citizen_id_check
from opendata.vocabulary import Semantic
from resources.reading import INVISIBLE
from resources.vault import SecretKey

_ID_18 = re.compile(r"[1-9][0-9]{16}[0-9X]")
_ID_15 = re.compile(r"[1-9][0-9]{14}")
_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_SEPARATORS = re.compile(rf"[\s{INVISIBLE}'’`\u2010-\u2015-]")
_UNSEEN = re.compile(f"[{INVISIBLE}]")
_DIGITS: dict[Semantic | None, re.Pattern[str]] = {
    Semantic.MOBILE: re.compile(r"1[3-9][0-9]{9}"),
    Semantic.BANK_CARD: re.compile(r"[0-9]{12,19}"),
}


def canonical_of(semantic: Semantic | None) -> Callable[[str], str | None]:
    """The one spelling under which a subject is known, as a function; None when it is not one.

    Full-width, spaced, hyphenated, quoted and 15-digit spellings of one ID give one pseudonym; an
    ID that a spreadsheet turned into a float names nobody and gives none.
    """
    if semantic is Semantic.CITIZEN_ID:
        return _canonical_id
    if semantic in _DIGITS:
        return lambda text: _canonical_digits(text, _DIGITS[semantic])
    return _canonical_text


def all_canonical(values: pa.Array, semantic: Semantic | None) -> bool:
    """Whether every one of these strings is its own canonical spelling, told by shape alone."""
    shape = _ID_18 if semantic is Semantic.CITIZEN_ID else _DIGITS.get(semantic)
    if shape is None:
        return False
    return bool(pl.Series(values).str.contains(f"^(?:{shape.pattern})$").all())


def _canonical_text(text: str) -> str | None:
    bare = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).strip()
    return unicodedata.normalize("NFKC", bare) or None


def _canonical_id(text: str) -> str | None:
    if _ID_18.fullmatch(text):
        return text
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if _ID_15.fullmatch(bare):
        body = f"{bare[:6]}19{bare[6:]}"
        return body + citizen_id_check(body)
    return bare if _ID_18.fullmatch(bare) else None


def _canonical_digits(text: str, shape: re.Pattern[str]) -> str | None:
    if shape.fullmatch(text):
        return text
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    return bare if shape.fullmatch(bare) else None


def pseudonyms(canonical: Iterable[str], key: SecretKey, semantic: Semantic | None) -> pa.Array:
    """The pseudonyms (strings) of canonical values, in order, under one key and one domain."""
    keyed, digests = key.keyed(semantic.code if semantic else "value"), []
    for each in canonical:
        code = keyed.copy()
        code.update(each.encode())
        digests.append(code.finalize())
    return _base32(digests)


def _base32(digests: list[bytes]) -> pa.Array:
    """Lower-case RFC 4648 of the first 16 bytes of each, unpadded: 26 letters of five bits.

    The library's own, value by value, costs twice the HMAC.
    """
    count = len(digests)
    words = np.frombuffer(b"".join(digests), dtype=">u8").reshape(count, 4)
    high, low = words[:, 0].astype(np.uint64), words[:, 1].astype(np.uint64)
    fives = np.empty((count, 26), dtype=np.uint8)
    for at in range(12):
        fives[:, at] = high >> np.uint64(59 - 5 * at) & 31
        fives[:, 13 + at] = low >> np.uint64(58 - 5 * at) & 31
    fives[:, 12] = (high & 15) << np.uint64(1) | low >> np.uint64(63)
    fives[:, 25] = (low & 7) << np.uint64(2)
    ends = np.arange(0, 26 * count + 1, 26, dtype=np.int32)
    text = (pa.py_buffer(each) for each in (ends, _LETTERS[fives]))
    return pa.StringArray.from_buffers(count, *text)
