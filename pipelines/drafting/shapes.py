"""What one value looks like: shapes by form and check digit, and the spelling of a date.

Pure; a value is looked at and forgotten. What a column of shapes means is ``meanings.py`` and
``kinds.py``.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from opendata.identifiers import is_bank_card, is_mobile, is_uscc
from opendata.presets import PLATE_REGIONS
from resources.reading import reading
from resources.recognisers import find
from resources.recognisers_names import PERSON_SHAPE
from resources.recognisers_numbers import is_old_id, is_plausible_id, looks_like_id

NOTHING = (
    *("/", "//", "\\", "-", "--", "—", "——", "\uff0d", "*", "空"),
    *("无", "暂无", "无信息", "未知", "不详", "不明"),
    *("null", "NULL", "Null", "[null]", "\\N", "N/A", "n/a", "NA", "#N/A"),
    *("None", "none", "nan", "NaN"),
)
"""Spellings of nothing that departments use."""

_HIDDEN = "*\uff0a"
_ORGANISATION = "公司|厂|店|局|委|院|中心|合作社|学校|协会|部|所|集团|社|户|站|场|园|大学|医院|行"
_STREET = "[省市区县镇乡村路街巷]"
_DOOR = "[号室层院幢楼组弄]"
_Test = Callable[[str], bool]


def _matches(pattern: str) -> _Test:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_LONGEST_CODE = 40
_HAN = re.compile("[一-鿿]")
_SHAPES: tuple[tuple[str, _Test], ...] = (
    ("integer", _matches(r"[+-]?(0|[1-9]\d{0,17})(\.0*)?|[+-]?[1-9]\d{0,2}(,\d{3})+(\.0*)?")),
    ("decimal", _matches(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)|[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")),
    ("negative", lambda text: text.startswith("-") and text[1:2].isdigit()),
    ("leading_zero", _matches(r"0\d+")),
    ("scientific", _matches(r"[+-]?\d(\.\d+)?[eE]\+?\d{1,2}")),
    ("long_digits", _matches(r"\d{12,}")),
    ("digits", _matches(r"\d+")),
    ("code", _matches(r"(?=.*\d)[0-9A-Za-z_.()（）〔〕\[\]/#*-]{3,}")),
    ("numbered", _matches(r"(?=.*\d).*[〔\[(（]\d{4}[〕\])）].*|(?=.*\d{3}).*[第字]?.*号")),
    ("masked", lambda text: any(each in text for each in _HIDDEN)),
    ("citizen_id", lambda text: len(text) == 18 and is_plausible_id(text.upper())),
    ("id_shaped", lambda text: len(text) == 18 and looks_like_id(text.upper())),
    ("id_with_suffix", lambda text: 19 <= len(text) <= 22 and is_plausible_id(text[:18].upper())),
    ("old_id", lambda text: len(text) == 15 and is_old_id(text)),
    ("uscc", is_uscc),
    ("uscc_shaped", _matches(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")),
    ("mobile", is_mobile),
    ("landline", _matches(r"(0\d{2,3}-?)?[2-9]\d{6,7}(-\d{1,5})?")),
    ("card", lambda text: is_bank_card(text) and text.startswith("62")),
    ("email", _matches(r"[\w.%+-]+@[\w-]+(\.[\w-]+)+")),
    ("plate", _matches(rf"[{PLATE_REGIONS}][A-Z][A-Z0-9·]{{5,7}}")),
    ("person", _matches(PERSON_SHAPE)),
    ("masked_person", _matches(rf"{_HAN.pattern}[{_HIDDEN}某xX\u00d7]{{1,3}}[一-鿿]?")),
    ("address", _matches(rf".*{_STREET}.*\d+.*{_DOOR}.*|.*[区县].*(镇|乡|街道|路|村).*")),
    ("division", _matches(r"[1-8]\d{5}(\d{3}(\d{3})?)?")),
    ("year", _matches(r"(19|20)\d\d年?(度)?")),
    ("year_month", _matches(r"(19|20)\d\d[-/.年](0?[1-9]|1[0-2])月?")),
    ("organisation", _matches(rf".*({_ORGANISATION})([(（].*[)）])?")),
    ("han", lambda text: _HAN.search(text) is not None),
)  # fmt: skip

# How days are written; day-first spellings are marked: no default reads them.
_DATES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("iso", r"(18|19|20|21|99)\d\d-\d{1,2}-\d{1,2}"),
        ("slash", r"(18|19|20|21|99)\d\d/\d{1,2}/\d{1,2}"),
        ("dot", r"(18|19|20|21|99)\d\d\.\d{1,2}\.\d{1,2}"),
        ("han", r"(18|19|20|21|99)\d\d年\d{1,2}月\d{1,2}日?"),
        ("compact", r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d{6})?"),
        ("serial", r"[2-7]\d{4}(\.\d+)?"),
        ("day_first_slash", r"(3[01]|[12]\d|0?[1-9])/(1[0-2]|0?[1-9])/(19|20)\d\d"),
        ("month_first_slash", r"(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])/(19|20)\d\d"),
        ("day_first_dash", r"(3[01]|[12]\d|0?[1-9])-(1[0-2]|0?[1-9])-(19|20)\d\d"),
        ("month_first_dash", r"(1[0-2]|0?[1-9])-(3[01]|[12]\d|0?[1-9])-(19|20)\d\d"),
        ("day_first_dot", r"(3[01]|[12]\d|0?[1-9])\.(1[0-2]|0?[1-9])\.(19|20)\d\d"),
    )
)
_TIME = re.compile(r"[ T]+\d{1,2}(:\d{2}){0,2}(\.\d+)?(\+08:00|Z)?")


def shapes_of(values: Iterable[tuple[str, int]]) -> Counter[str]:
    """How many of the values have each shape; each value comes with how often it occurs."""
    found: Counter[str] = Counter()
    for value, times in values:
        for name, has in _SHAPES:
            if has(value):
                found[name] += times
    return found


def dates_of(values: Iterable[tuple[str, int]]) -> Counter[str]:
    """How many values are written as days, by spelling; ``…+time`` where a time follows."""
    found: Counter[str] = Counter()
    for value, times in values:
        day, time = _split_time(value)
        for name, pattern in _DATES:
            if pattern.fullmatch(day):
                found[name + _kind_of_time(time)] += times
    return found


def _split_time(value: str) -> tuple[str, str]:
    found = _TIME.search(value)
    return (
        (value[: found.start()], found[0]) if found and found.end() == len(value) else (value, "")
    )


def _kind_of_time(time: str) -> str:
    if not time:
        return ""
    clock = time.strip(" T")
    if not clock.replace("0", "").replace(":", "").replace(".", ""):
        return "+midnight"
    return "+minutes" if clock.count(":") == 1 else "+time"


def decimals_of(values: Iterable[str]) -> int:
    """The most digits behind a point."""
    points = (value.partition(".")[2].rstrip("0") for value in values if "." in value)
    return max((len(each) for each in points if each.isdigit()), default=0)


def inside(values: Iterable[tuple[str, int]]) -> Counter[str]:
    """How many texts hold an identifier inside other words, by kind (``…_inside``).

    In a code without a word only a citizen ID counts (``id_in_code``): it has a check character,
    whereas a long number holds eleven digits like a mobile's by chance.
    """
    found: Counter[str] = Counter()
    for value, times in values:
        length = len(reading(value).strip())
        kinds = {span.kind.code for span in find(value) if span.end - span.start < length}
        if _HAN.search(value):
            found.update({f"{kind}_inside": times for kind in kinds})
            found["any_inside"] += times * bool(kinds)
        elif "citizen_id" in kinds and length <= _LONGEST_CODE:
            found["id_in_code"] += times
    return found
