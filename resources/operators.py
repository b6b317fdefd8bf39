"""Every desensitising action as a Presidio operator, with its SQL twin where there is one.

The operator is the meaning; ``sql`` is the same meaning, vectorised, and a property test holds the
two together. Which action a field gets belongs to ``opendata/desensitise.py``; running over a table
belongs to ``masker.py``; finding identifiers in text belongs to ``recognisers.py``.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.operators import Operator, OperatorType, Replace

from opendata.identifiers import is_bank_card, is_citizen_id, is_uscc
from opendata.presets import HIDDEN, generalisation, mask
from opendata.sql_text import literal
from opendata.vocabulary import FieldType, Semantic
from resources.pseudonyms import canonical_of, pseudonyms
from resources.reading import Span
from resources.recognisers import find
from resources.vault import SecretKey

Params = Mapping[str, Any] | None


class Anonymising(Operator):  # type: ignore[misc]
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


class Redact(Anonymising):
    """整值抹除: any value becomes ``****``, so that only whether there was one survives."""

    name = "redact_whole"

    def operate(self, text: str, params: Params = None) -> str:
        """The stars, whatever was there.

        >>> Redact().operate("甲")
        '****'
        """
        return HIDDEN

    @staticmethod
    def sql(column: str) -> str:
        """The same as a DuckDB expression over a column of any type; null stays null."""
        return f"case when {column} is not null then {literal(HIDDEN)} end"


class MaskByPreset(Anonymising):
    """遮盖 by ``params["preset"]``; a value of another shape becomes ``****``.

    With ``params["semantic"]`` so does a value that is no such identifier: a mask over a number
    with a wrong check digit shows part of nobody knows what.
    """

    name = "mask_by_preset"

    def operate(self, text: str, params: Params = None) -> str:
        """The masked text.

        >>> MaskByPreset().operate("13800138000", {"preset": "手机号"})
        '138****8000'
        >>> MaskByPreset().operate("123", {"preset": "手机号"})
        '****'
        """
        given = params or {}
        preset, valid = mask(given["preset"]), _VALID.get(given.get("semantic"))
        if preset.opens:
            found = _compiled(preset.shape).match(text)
            return found[0] + preset.fill if found else HIDDEN
        if not _compiled(preset.shape).fullmatch(text) or (valid and not valid(text)):
            return HIDDEN
        tail = text.index(preset.tail_from) if preset.tail_from else len(text) - preset.tail
        return text[: preset.head] + preset.fill + text[tail:]

    @staticmethod
    def sql(column: str, preset_name: str, *, broken: str | None = None) -> str:
        """The same as a DuckDB expression over a VARCHAR expression ``column``; null stays null.

        ``broken`` is SQL that is true where the text is no identifier of the field's semantic.
        """
        preset = mask(preset_name)
        if preset.opens:
            begins = f"regexp_extract({column}, {literal(f'^(?:{preset.shape})')})"
            made = f"coalesce(nullif({begins}, '') || {literal(preset.fill)}, {literal(HIDDEN)})"
            return f"if({column} is null, null, {made})"
        tail = f"right({column}, {preset.tail})" if preset.tail else "''"
        if preset.tail_from:
            tail = f"substr({column}, strpos({column}, {literal(preset.tail_from)}))"
        sound = f"and not {broken} " if broken else ""
        return (
            f"case when regexp_full_match({column}, {literal(preset.shape)}) {sound}"
            f"then left({column}, {preset.head}) || {literal(preset.fill)} || {tail} "
            f"when {column} is not null then {literal(HIDDEN)} end"
        )


class Generalise(Anonymising):
    """泛化 by ``params["preset"]``; "" (null in a table) when nothing of the value may survive."""

    name = "generalise"

    def operate(self, text: str, params: Params = None) -> str:
        """The generalised text.

        >>> Generalise().operate("1988-02-29", {"preset": "年"})
        '1988'
        >>> Generalise().operate("陕西省西安市雁塔区科技路1号", {"preset": "区县"})
        '陕西省西安市雁塔区'
        """
        preset = generalisation((params or {})["preset"])
        shape = _compiled(preset.shape)
        found = shape.match(text) if preset.opens else shape.fullmatch(text)
        if not found:
            return ""
        kept = found[0] if preset.opens else found[1]
        return kept if preset.years == 1 else _span(int(kept), preset.years)

    @staticmethod
    def sql(column: str, preset_name: str, *, type: FieldType = FieldType.TEXT) -> str:
        """The same over a column of ``type``; real dates need no pattern, only a plausible year."""
        preset = generalisation(preset_name)
        if preset.iso_width and type in (FieldType.DATE, FieldType.DATETIME):
            kept = f"left(cast({column} as varchar), {preset.iso_width})"
            if preset.years > 1:
                kept = _span_sql(f"year({column})", preset.years)
            return f"case when year({column}) between 1000 and 9999 then {kept} end"
        text = column if type is FieldType.TEXT else f"cast({column} as varchar)"
        if preset.opens:  # without a group the regex engine needs no backtracking: 20 times faster
            return f"nullif(regexp_extract({text}, {literal(f'^(?:{preset.shape})')}), '')"
        kept = f"nullif(regexp_extract({text}, {literal(f'^(?:{preset.shape})$')}, 1), '')"
        return kept if preset.years == 1 else _span_sql(f"cast({kept} as integer)", preset.years)


def _span(year: int, years: int) -> str:
    first = year - year % years
    return f"{first}-{first + years - 1}"


def _span_sql(year: str, years: int) -> str:
    first = f"({year} - {year} % {years})"
    return f"{first} || '-' || ({first} + {years - 1})"


class Pseudonymise(Anonymising):
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


class RedactSpans(Anonymising):
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


_VALID: Mapping[Semantic | None, Callable[[str], bool]] = {
    Semantic.CITIZEN_ID: is_citizen_id,
    Semantic.USCC: is_uscc,
    Semantic.BANK_CARD: is_bank_card,
}


@cache
def _compiled(shape: str) -> re.Pattern[str]:
    return re.compile(shape)
