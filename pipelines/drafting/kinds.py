"""Which type a column has: by how its values are written, and never for an identifier.

Small functions in ``KINDS``, the first that knows speaks; whether the standard casts really read
the values is proven afterwards over the whole file (``proving.py``).
"""

from collections.abc import Callable
from dataclasses import dataclass

from opendata.vocabulary import FieldType
from pipelines.drafting.meanings import Meaning
from pipelines.drafting.naming import has_ending, has_word
from pipelines.drafting.seen import Column, Confidence

SURE, LIKELY, OPEN = Confidence.SURE, Confidence.LIKELY, Confidence.OPEN

_BY_DEFAULT = ("iso", "slash", "dot", "han")
_NEED_A_WORD = ("compact", "serial")
_DECLARED = (
    ("day_first_slash", "month_first_slash", "%d/%m/%Y", "%m/%d/%Y"),
    ("day_first_dash", "month_first_dash", "%d-%m-%Y", "%m-%d-%Y"),
    ("day_first_dot", "", "%d.%m.%Y", ""),
)
_CLOCKS = {"": "", "+midnight": " %H:%M:%S", "+time": " %H:%M:%S", "+minutes": " %H:%M"}
_SPELLINGS = {
    "iso": "年-月-日",
    "slash": "年/月/日",
    "dot": "年.月.日",
    "han": "年月日汉字",
    "compact": "8 位或 14 位数字",
    "serial": "表格序列日",
    "day_first_slash": "日/月/年",
    "month_first_slash": "月/日/年",
    "day_first_dash": "日-月-年",
    "month_first_dash": "月-日-年",
    "day_first_dot": "日.月.年",
}
_MOST = 0.95
_FLOAT_NOISE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type other than text, and what it rests on."""

    type: FieldType
    confidence: Confidence
    evidence: str
    scale: int | None = None
    formats: tuple[str, ...] = ()
    kept_when_bad: bool = False
    loud: bool = False


def kind_of_column(column: Column, meaning: Meaning | None) -> Kind | None:
    """The type proposed; None for text."""
    if not column.filled or (meaning and meaning.semantic):
        return None
    return next((found for find in KINDS if (found := find(column))), None)


def _days(column: Column) -> Kind | None:
    dated = has_word(column.heading, "date", "birth", "best_data_time", "good_data_time")
    dated = dated or has_word(column.heading, "no_data_time")
    plain = _written(column, _BY_DEFAULT)
    counted = plain + (_written(column, _NEED_A_WORD) if dated or plain else 0)
    declared = _declared(column)
    if plain + sum(count for count, _, _ in declared) == 0 and not dated:
        return None
    total = counted + sum(count for count, _, _ in declared)
    if total < _MOST * column.filled:
        return _damaged_days(column) if dated else None
    formats = tuple(each for _, spelled, _ in declared for each in spelled)
    unclear = any(doubt for _, _, doubt in declared)
    said = f"{total:,}／{column.filled:,} 个值为日期（{_spelled(column)}）"
    return Kind(
        type=FieldType.DATETIME if _has_time(column) else FieldType.DATE,
        confidence=OPEN if unclear else SURE if total == column.filled else LIKELY,
        evidence=said + ("；日与月的先后无从判断，请核对" if unclear else ""),
        formats=formats,
        loud=unclear,
    )


def _damaged_days(column: Column) -> Kind | None:
    damaged = column.count("scientific")
    if damaged < 0.5 * column.filled:
        return None
    said = f"标题为时间，但 {damaged:,}／{column.filled:,} 个值成了科学计数法，已损坏，须重新报送"
    return Kind(
        type=FieldType.DATETIME, confidence=OPEN, evidence=said, kept_when_bad=True, loud=True
    )


def _written(column: Column, spellings: tuple[str, ...]) -> int:
    return sum(
        count for name, count in column.formats.items() if name.partition("+")[0] in spellings
    )


def _declared(column: Column) -> list[tuple[int, tuple[str, ...], bool]]:
    """For each ambiguous family: how many values, the formats to declare, whether it is unclear."""
    found = []
    for day, month, day_format, month_format in _DECLARED:
        days, months = _written(column, (day,)), _written(column, (month,))
        if not days and not months:
            continue
        first, spelled = (day, day_format) if days >= months else (month, month_format)
        clocks = {name.removeprefix(first) for name in column.formats if name.startswith(first)}
        formats = tuple(dict.fromkeys(spelled + _CLOCKS[each] for each in sorted(clocks)))
        found.append((max(days, months), formats, bool(month) and days == months))
    return found


def _spelled(column: Column) -> str:
    shown: dict[str, int] = {}
    for name, count in column.formats.items():
        title = _SPELLINGS[name.partition("+")[0]]
        shown[title] = shown.get(title, 0) + count
    return "、".join(f"{title} {count:,}" for title, count in shown.items())


def _has_time(column: Column) -> bool:
    if any(name.endswith(("+time", "+minutes")) for name in column.formats):
        return True
    return bool(column.count("long_digits")) and bool(_written(column, ("compact",)))


def _codes_stay_text(column: Column) -> Kind | None:
    """Never a type: what is a code by heading, or would lose zeros, is left to be text."""
    coded = has_word(column.heading, "identity", "one_of_few", "division")
    coded = coded or has_ending(column.heading, "unit")
    if column.share("scientific") > 0.05 and not has_word(column.heading, "figure"):
        coded = True
    zeros = column.count("leading_zero")
    long = column.share("long_digits") > 0.2
    sequence = has_word(column.heading, "sequence")
    if not sequence and (coded or zeros or long):
        return Kind(type=FieldType.TEXT, confidence=SURE, evidence="代码或带前导零，保留为文本")
    return None


def _whole_numbers(column: Column) -> Kind | None:
    if column.share("integer") < _MOST:
        return None
    said = f"{column.count('integer'):,}／{column.filled:,} 个值为整数"
    sure = LIKELY if column.count("integer") < column.filled else SURE
    if has_word(column.heading, "figure") and not has_word(column.heading, "count"):
        return Kind(type=FieldType.DECIMAL, confidence=LIKELY, evidence=f"{said}，度量按小数登记")
    if not column.heading or (column.distinct <= 9 and column.longest == 1):
        return None  # one digit each, or no heading that says it is a number: a code until known
    return Kind(type=FieldType.INTEGER, confidence=sure, evidence=said)


def _decimals(column: Column) -> Kind | None:
    if column.share("decimal") < _MOST:
        return None
    noisy = column.scale > _FLOAT_NOISE
    scale = _FLOAT_NOISE if noisy else max(column.scale, 2)
    said = f"{column.count('decimal'):,}／{column.filled:,} 个值为数字，小数至多 {column.scale} 位"
    return Kind(
        type=FieldType.DECIMAL,
        confidence=LIKELY if noisy or column.count("decimal") < column.filled else SURE,
        evidence=said + (f"（像浮点误差，按 {scale} 位）" if noisy else ""),
        scale=scale if scale != 2 else None,
    )


Finder = Callable[[Column], Kind | None]
KINDS: tuple[Finder, ...] = (_days, _codes_stay_text, _whole_numbers, _decimals)
