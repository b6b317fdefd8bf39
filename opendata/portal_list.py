"""What foreign catalogue lists say, in the words of this house, or reported as unknown.

Each portal has headings and spellings of its own; those that are known stand in
``portal_synonyms.yaml``. Nothing is guessed: a spelling that is not known exactly stays unknown.
Making entries of what was read is ``portal_entries.py``.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import yaml

from opendata.synonyms import meant
from opendata.vocabulary import Openness, UpdateFrequency

Kind = Literal["realtime", "interval", "irregular", "static", "absent", "unknown"]
Role = Literal[
    "title",
    "code",
    "summary",
    "provider",
    "frequency",
    "opening",
    "conditions",
    "theme",
    "formats",
    "items",
    "contact",
    "updated",
    "released",
    "unused",
]

_KINDS: Mapping[UpdateFrequency, Kind] = MappingProxyType(
    {
        UpdateFrequency.REALTIME: "realtime",
        UpdateFrequency.IRREGULAR: "irregular",
        UpdateFrequency.STATIC: "static",
    }
)
_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_REMARK = re.compile(r"(.+?)\((?:更新说明:)?(.*)\)")
_EVERY = re.compile(
    r"每?(\d{1,3}|[一两二三四六七]|十二)?个?(分钟|小时|工作日|日|天|周|星期|旬|半月|月|季度|季|半年|年)"
    r"(?:更新)?(?:一次|1次)?"
)
_TIMES = re.compile(r"(?:一次|1次|次)/(小时|工作日|日|天|周|旬|半月|月|季度|季|半年|年)")
_NUMBERS = MappingProxyType(
    {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "六": 6, "七": 7, "十二": 12}
)
_WHOLE = MappingProxyType(
    {
        (60, "分钟"): UpdateFrequency.HOURLY,
        (1, "小时"): UpdateFrequency.HOURLY,
        (24, "小时"): UpdateFrequency.DAILY,
        (1, "日"): UpdateFrequency.DAILY,
        (1, "工作日"): UpdateFrequency.WORKDAILY,
        (7, "日"): UpdateFrequency.WEEKLY,
        (1, "周"): UpdateFrequency.WEEKLY,
        (1, "旬"): UpdateFrequency.TEN_DAYS,
        (1, "半月"): UpdateFrequency.HALF_MONTHLY,
        (1, "月"): UpdateFrequency.MONTHLY,
        (3, "月"): UpdateFrequency.QUARTERLY,
        (6, "月"): UpdateFrequency.HALF_YEARLY,
        (12, "月"): UpdateFrequency.YEARLY,
        (1, "季"): UpdateFrequency.QUARTERLY,
        (2, "季"): UpdateFrequency.HALF_YEARLY,
        (4, "季"): UpdateFrequency.YEARLY,
        (1, "半年"): UpdateFrequency.HALF_YEARLY,
        (1, "年"): UpdateFrequency.YEARLY,
    }
)
"""Intervals that are exactly one of the catalog's words; ten days are no 旬, 15 no 半月."""
_UNITS = MappingProxyType({"天": "日", "星期": "周", "季度": "季"})
_DAY = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    r"(?:[t ]? ?(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?: ?(z|[+-]\d{2}:?\d{2}))?)?"
)
_COMPACT = re.compile(r"(\d{4})()(\d{2})(\d{2})(?:(\d{2})(\d{2})\d{2}())?")
_EPOCH_MILLISECONDS = re.compile(r"\d{13}")
_SEPARATED = str.maketrans({"年": "-", "月": "-", "日": " "})
_BEIJING = timezone(timedelta(hours=8))
_NO_DAYS = frozenset({date(1, 1, 1), date(1900, 1, 1), date(1970, 1, 1)})
"""What machines write where no date was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyReading:
    """An update frequency as a list states it.

    ``frequency`` is None where the list says nothing (``absent``) or nothing that is known
    (``unknown``). ``no_new_data``: beside it the list declares that nothing new has arisen
    (暂无新业务数据产生), so an old data time is no delay by itself.
    """

    frequency: UpdateFrequency | None
    kind: Kind
    no_new_data: bool = False

    @property
    def unknown(self) -> bool:
        """Whether something is said that no word of the catalog stands for."""
        return self.kind == "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningReading:
    """An opening attribute as a list states it: a reading of its words, never a decision."""

    openness: Openness | None
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReading:
    """A date as a list states it: ``day`` is None where nothing is said, or no known form."""

    day: date | None
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """The columns of a list by what they hold; ``unknown`` counts columns from 1.

    ``texts`` are the headings as they stand. One that is unknown may be a row of data: not shown.
    """

    by_role: Mapping[Role, tuple[int, ...]]
    unknown: tuple[int, ...]
    texts: tuple[str, ...]


@lru_cache(maxsize=4096)
def read_frequency(text: str) -> FrequencyReading:
    """Read a declared update frequency (更新频率、更新周期) as portals spell it.

    >>> read_frequency("每月(更新说明:暂无新业务数据产生)")
    FrequencyReading(frequency=<UpdateFrequency.MONTHLY: '每月'>, kind='interval', no_new_data=True)
    >>> read_frequency("每3个月").frequency, read_frequency("每6分钟").unknown
    (<UpdateFrequency.QUARTERLY: '每季度'>, True)
    """
    given = _plain(text)
    no_new_data = False
    if remarked := _REMARK.fullmatch(given):
        given, remark = remarked.groups()
        no_new_data = remark in _table()["frequency"]["no_new_data"]
        if not no_new_data:
            return FrequencyReading(frequency=None, kind="unknown")
    if says_nothing(given):
        return FrequencyReading(frequency=None, kind="absent", no_new_data=no_new_data)
    frequency = _known(UpdateFrequency, "frequency", given) or _interval(given)
    kind = _KINDS.get(frequency, "interval") if frequency else "unknown"
    return FrequencyReading(frequency=frequency, kind=kind, no_new_data=no_new_data)


@lru_cache(maxsize=4096)
def read_opening(text: str) -> OpeningReading:
    """Read an opening attribute (开放属性) as portals spell it.

    >>> read_opening("依申请开放").openness, read_opening("实名制开放").unknown
    (<Openness.CONDITIONAL: '有条件开放'>, True)
    """
    given = _plain(text)
    openness = _known(Openness, "opening", given)
    return OpeningReading(openness=openness, unknown=not openness and not says_nothing(given))


def read_formats(text: str) -> tuple[tuple[str, ...], bool]:
    """The known file formats a list names, and whether it names anything else.

    >>> read_formats("['xls', 'api']"), read_formats("电子表格-xlsx")
    ((('XLS',), True), (('XLSX',), True))
    """
    words = re.findall(r"\w+", _plain(text))
    known = {spelling: name for name, each in _table()["formats"].items() for spelling in each}
    found = dict.fromkeys(known[word] for word in words if word in known)
    return tuple(found), any(word not in known for word in words)


@lru_cache(maxsize=65536)
def read_day(text: str) -> DayReading:
    r"""Read a date as portals spell it: a day, a time stamp, or milliseconds since 1970 in Beijing.

    A time stamp with a zone of its own is the day it was in Beijing.

    >>> read_day("2022-06-07\n15:13").day, read_day("1602757265000").day
    (datetime.date(2022, 6, 7), datetime.date(2020, 10, 15))
    >>> read_day("2022年6月").unknown, read_day("暂无").unknown
    (True, False)
    """
    if says_nothing(text):
        return DayReading(day=None)
    half_width = unicodedata.normalize("NFKC", text).lower().translate(_SEPARATED)
    given = _INVISIBLE.sub(" ", half_width).strip()
    try:
        day = _day(given)
    except (ValueError, OverflowError):
        day = None
    known = day is not None and day not in _NO_DAYS
    return DayReading(day=day if known else None, unknown=not known)


def read_headings(headings: Sequence[str]) -> Headings:
    """Which column of a list holds what.

    Headings of one role keep the order of the list. 开放条件 and 开放方式 hold the opening
    attribute where no other column does.
    """
    roles: dict[Role, list[int]] = {}
    unknown = []
    for place, heading in enumerate(headings):
        role = _roles().get(_plain(heading))
        if role is None:
            unknown.append(place + 1)
        else:
            roles.setdefault(role, []).append(place)
    if "opening" not in roles and "conditions" in roles:
        roles["opening"] = roles.pop("conditions")
    by_role = MappingProxyType({role: tuple(places) for role, places in roles.items()})
    return Headings(by_role=by_role, unknown=tuple(unknown), texts=tuple(headings))


def says_nothing(text: str) -> bool:
    """Whether a cell stands empty, or says in words that it does (暂无, null)."""
    given = _plain(text)
    return not given or given in _table()["nothing"]


def _known(vocabulary: Any, part: str, given: str) -> Any:
    """The term a spelling stands for exactly; None for those that only resemble one."""
    table = _table()[part]
    if given in table["undecided"]:
        return None
    spelt = {each.value: each for each in vocabulary}
    own = next((term for term in spelt if given in table.get(term, ())), None)
    return spelt.get(given) or spelt.get(own or meant(vocabulary, given) or "")


def _interval(given: str) -> UpdateFrequency | None:
    if times := _TIMES.fullmatch(given):
        return _WHOLE.get((1, _UNITS.get(times[1], times[1])))
    if every := _EVERY.fullmatch(given):
        number = every[1] or "1"
        count = _NUMBERS[number] if number in _NUMBERS else int(number)
        return _WHOLE.get((count, _UNITS.get(every[2], every[2])))
    return None


def _day(given: str) -> date | None:
    if _EPOCH_MILLISECONDS.fullmatch(given):
        return datetime.fromtimestamp(int(given) / 1000, _BEIJING).date()
    found = _DAY.fullmatch(given) or _COMPACT.fullmatch(given)
    if found is None:
        return None
    year, _, month, day, hour, minute, zone = found.groups()
    moment = datetime(  # noqa: DTZ001  a list's own time, in whatever zone it says below
        int(year), int(month), int(day), int(hour or 0), int(minute or 0)
    )
    if not zone:
        return moment.date()
    offset = datetime.strptime(zone.replace("z", "+0000"), "%z").tzinfo
    return moment.replace(tzinfo=offset).astimezone(_BEIJING).date()


def _plain(text: str) -> str:
    """Half-width, lower-case, without blanks: as two people type the same word."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()


@cache
def _roles() -> dict[str, Role]:
    return {
        _plain(heading): role for role, each in _table()["headings"].items() for heading in each
    }


@cache
def _table() -> dict[str, Any]:
    given = (files("opendata") / "portal_synonyms.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(given))
