"""Every desensitising action as a Presidio operator, with its SQL twin where there is one.

The operator is the meaning; ``sql`` is the same meaning, vectorised, and a property test holds the
two together. Which action a field gets belongs to ``opendata/desensitise.py``; running over a table
belongs to ``masker.py``; finding identifiers in text belongs to ``recognisers.py``.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.operators import Operator, OperatorType, Replace

from opendata.identifiers import citizen_id_check
from opendata.presets import HIDDEN, generalisation, mask
from opendata.sql_text import literal
from opendata.vocabulary import FieldType, Semantic
from resources.reading import INVISIBLE, Span
from resources.recognisers import find
from resources.vault import SecretKey

Params = Mapping[str, Any] | None


class _Anonymising(Operator):  # type: ignore[misc]
    """What Presidio asks of every operator; ``operate`` is what differs."""

    name = ""

    def operator_name(self) -> str:
        """How an ``OperatorConfig`` calls this operator."""
        return self.name

    def operator_type(self) -> OperatorType:
        """All of ours are one-way."""
        return OperatorType.Anonymize

    def validate(self, params: Params = None) -> None:
        """Presets are checked by the plan; only ``Pseudonymise`` has more to ask."""


class MaskByPreset(_Anonymising):
    """遮盖 by ``params["preset"]``; a value of another shape becomes ``****``."""

    name = "mask_by_preset"

    def operate(self, text: str, params: Params = None) -> str:
        """The masked text.

        >>> MaskByPreset().operate("13800138000", {"preset": "手机号"})
        '138****8000'
        >>> MaskByPreset().operate("123", {"preset": "手机号"})
        '****'
        """
        preset = mask((params or {})["preset"])
        if not _compiled(preset.shape).fullmatch(text):
            return HIDDEN
        tail = text.index(preset.tail_from) if preset.tail_from else len(text) - preset.tail
        return text[: preset.head] + preset.fill + text[tail:]

    @staticmethod
    def sql(column: str, preset_name: str) -> str:
        """The same as a DuckDB expression over a VARCHAR expression ``column``; null stays null."""
        preset = mask(preset_name)
        tail = f"right({column}, {preset.tail})" if preset.tail else "''"
        if preset.tail_from:
            tail = f"substr({column}, strpos({column}, {literal(preset.tail_from)}))"
        return (
            f"case when regexp_full_match({column}, {literal(preset.shape)}) "
            f"then left({column}, {preset.head}) || {literal(preset.fill)} || {tail} "
            f"when {column} is not null then {literal(HIDDEN)} end"
        )


class Generalise(_Anonymising):
    """泛化 by ``params["preset"]``; "" (null in a table) when nothing of the value may survive."""

    name = "generalise"

    def operate(self, text: str, params: Params = None) -> str:
        """The generalised text.

        >>> Generalise().operate("1988-02-29", {"preset": "年"})
        '1988'
        >>> Generalise().operate("陕西省西安市雁塔区科技路1号", {"preset": "区县"})
        '陕西省西安市雁塔区'
        """
        found = _compiled(generalisation((params or {})["preset"]).shape).fullmatch(text)
        return found[1] if found else ""

    @staticmethod
    def sql(column: str, preset_name: str, *, type: FieldType = FieldType.TEXT) -> str:
        """The same over a column of ``type``; real dates need no pattern, only a plausible year."""
        preset = generalisation(preset_name)
        if preset.iso_width and type in (FieldType.DATE, FieldType.DATETIME):
            kept = f"left(cast({column} as varchar), {preset.iso_width})"
            return f"case when year({column}) between 1000 and 9999 then {kept} end"
        text = column if type is FieldType.TEXT else f"cast({column} as varchar)"
        return f"nullif(regexp_extract({text}, {literal(f'^(?:{preset.shape})$')}, 1), '')"


class Pseudonymise(_Anonymising):
    """假名: HMAC-SM3 over the canonical value; no SQL twin, for a key never enters SQL.

    ``params`` are ``key`` (a :class:`resources.vault.SecretKey`) and ``semantic`` (the domain: the
    same digits as a mobile number and as an account are two subjects).
    """

    name = "pseudonymise"

    def operate(self, text: str, params: Params = None) -> str:
        """26 characters of base32 (128 bits), or "" where the value is not of its semantic."""
        given = params or {}
        canonical = canonical_of(given["semantic"])(text)
        if canonical is None:
            return ""
        (made,) = pseudonyms([canonical], given["key"], given["semantic"]).to_pylist()
        return str(made)

    def validate(self, params: Params = None) -> None:
        """A key and a semantic must be there; the message never shows either."""
        if not isinstance((params or {}).get("key"), SecretKey) or "semantic" not in (params or {}):
            raise InvalidParamError("pseudonymise needs a SecretKey as key, and a semantic")


class RedactSpans(_Anonymising):
    """抹除文中标识: every identifier in the text is replaced by the name of its kind."""

    name = "redact_spans"
    _replace = Replace()

    def operate(self, text: str, params: Params = None) -> str:
        """The text with each span put through Presidio's ``replace`` on its own.

        Spans are never merged: Presidio's engine by default joins neighbours of one kind, and a
        mask over the joined span shows the first of them.

        >>> RedactSpans().operate("联系电话13800138000。")
        '联系电话〔手机号码〕。'
        """
        pieces, after = [], 0
        for span in find(text):
            pieces += [text[after : span.start], self._named(text, span)]
            after = span.end
        return "".join((*pieces, text[after:]))

    def _named(self, text: str, span: Span) -> str:
        new = {"new_value": f"〔{span.kind.value}〕"}
        replaced: str = self._replace.operate(text[span.start : span.end], new)
        return replaced


OPERATORS = (MaskByPreset, Generalise, Pseudonymise, RedactSpans)
"""Every operator, as ``AnonymizerEngine.add_anonymizer`` takes them."""

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


@cache
def _compiled(shape: str) -> re.Pattern[str]:
    return re.compile(shape)
