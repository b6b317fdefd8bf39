"""Actions on numbers and dates, and generalising by a hierarchy, as Presidio operators.

Each ``operate`` takes a value as text, the way a standardised column is cast, and is the meaning;
``sql`` is the same over a column of the field's type. What is no value of the type gives "".
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from itertools import pairwise
from typing import Any

from opendata.sql_text import literal
from opendata.vocabulary import FieldType
from resources.operators import Anonymising, Params

_FITS = {
    FieldType.INTEGER: (-(2**63), 2**63 - 1),
    FieldType.DECIMAL: (1 - 10**18, 10**18 - 1),
}
"""What fits a column, of a decimal without its point: a rounded value may not."""


class Bin(Anonymising):
    """分段 by ``params["edges"]``, which rise: a value belongs to the range it begins."""

    name = "bin"

    def operate(self, text: str, params: Params = None) -> str:
        """The range the number lies in.

        >>> [Bin().operate(each, {"edges": ("0", "500")}) for each in ("-1", "0", "500", "无")]
        ['<0', '[0,500)', '>=500', '']
        """
        edges: Sequence[str] = (params or {})["edges"]
        number = _decimal(text)
        if number is None:
            return ""
        above = sum(number >= Decimal(each) for each in edges)
        return _ranges(edges)[above]

    @staticmethod
    def sql(column: str, edges: Sequence[str]) -> str:
        """The same over a column of numbers; null stays null."""
        names = _ranges(edges)
        whens = " ".join(
            f"when {column} < {edge} then {literal(name)}"
            for edge, name in zip(edges, names, strict=False)
        )
        return f"case {whens} when {column} is not null then {literal(names[-1])} end"


class Round(Anonymising):
    """取整 to the nearest multiple of ``params["unit"]``, halves away from nought.

    ``scale`` is how many decimals the column has; 0 with ``type`` integer.
    """

    name = "round"

    def operate(self, text: str, params: Params = None) -> str:
        """The rounded number.

        >>> Round().operate("149.50", {"unit": "100", "scale": 2, "type": FieldType.DECIMAL})
        '100.00'
        """
        given = params or {}
        number = _decimal(text)
        if number is None:
            return ""
        with localcontext(prec=60):
            unit = Decimal(given["unit"])
            times = (number / unit).quantize(Decimal(1), ROUND_HALF_UP)
            made = (times * unit).quantize(Decimal(1).scaleb(-given["scale"]))
            low, high = _FITS[given["type"]]
            fits = low <= made.scaleb(given["scale"]) <= high
        return f"{made + 0:f}" if fits else ""

    @staticmethod
    def sql(column: str, unit: str, *, scale: int, type: FieldType) -> str:
        """The same over an integer, or a decimal of ``scale``: integer arithmetic throughout."""
        kind = sql_type(type, scale)
        places = scale if type is FieldType.DECIMAL else 0
        step = int(Decimal(unit).scaleb(places))
        wide = column if places == 0 else f"cast({column} as decimal(38,{places})) * {10**places}"
        whole = f"cast({wide} as hugeint)"
        times = f"((abs({whole}) * 2 + {step}) // {2 * step})"
        made = f"sign({column})::hugeint * {times} * {step}"
        if type is FieldType.INTEGER:
            return f"try_cast({made} as {kind})"
        last_place = literal(f"{Decimal(1).scaleb(-places):f}")
        shift = f"cast({last_place} as decimal({places + 1},{places}))"
        return f"try_cast(cast({made} as decimal({37 - places},0)) * {shift} as {kind})"


class Clamp(Anonymising):
    """封顶保底: what lies beyond ``params["bottom"]`` or ``["top"]`` is told as that bound."""

    name = "clamp"

    def operate(self, text: str, params: Params = None) -> str:
        """The number or time within the bounds.

        >>> Clamp().operate("97", {"top": "90", "bottom": None, "type": FieldType.INTEGER})
        '90'
        """
        given = params or {}
        made = value = _typed(text, given["type"])
        if value is None:
            return ""
        if given["bottom"] is not None:
            made = max(made, _typed(given["bottom"], given["type"]))
        if given["top"] is not None:
            made = min(made, _typed(given["top"], given["type"]))
        scale = given["scale"] if given["type"] is FieldType.DECIMAL else 0
        return text if made == value else _spelled(made, scale)

    @staticmethod
    def sql(
        column: str, bottom: str | None, top: str | None, *, scale: int, type: FieldType
    ) -> str:
        """The same over a column of ``type``; null stays null."""
        kind = sql_type(type, scale)
        bounds = (("<", bottom), (">", top))
        ends = [(sign, f"cast({literal(each)} as {kind})") for sign, each in bounds if each]
        whens = " ".join(f"when {column} {sign} {end} then {end}" for sign, end in ends)
        return f"case {whens} else {column} end"


class Climb(Anonymising):
    """泛化 by a hierarchy: ``params["levels"]`` says what each value becomes; others nothing.

    Its twin in a table is a join with the hierarchy itself (``masker.py``).
    """

    name = "climb"

    def operate(self, text: str, params: Params = None) -> str:
        """What the value becomes.

        >>> Climb().operate("小学", {"levels": {"小学": "中等以下"}})
        '中等以下'
        """
        return str((params or {})["levels"].get(text, ""))


def sql_type(type: FieldType, scale: int) -> str:
    """The DuckDB type of a standardised column."""
    kinds = {
        FieldType.TEXT: "varchar",
        FieldType.INTEGER: "bigint",
        FieldType.DECIMAL: f"decimal(18,{scale})",
        FieldType.DATE: "date",
        FieldType.DATETIME: "timestamp",
    }
    return kinds[type]


def _ranges(edges: Sequence[str]) -> list[str]:
    between = [f"[{low},{high})" for low, high in pairwise(edges)]
    return [f"<{edges[0]}", *between, f">={edges[-1]}"]


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if text.isascii() else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _typed(text: str, type: FieldType) -> Any:
    if type in (FieldType.INTEGER, FieldType.DECIMAL):
        return _decimal(text)
    try:
        return (datetime if type is FieldType.DATETIME else date).fromisoformat(text)
    except ValueError:
        return None


def _spelled(value: Any, scale: int) -> str:
    """As DuckDB casts such a value to text."""
    if isinstance(value, Decimal):
        return f"{value:.{scale}f}"
    return str(value)
