"""What must hold between the keys of one field of a catalog entry.

One small function per check: it yields the key and an English sentence, and never raises. The shape
of a single key is ``catalog_schema.py``; checks beyond one field are ``catalog_checks.py``.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from opendata.catalog_schema import PERSONAL_SEMANTICS, FieldFile
from opendata.presets import PRESETS
from opendata.vocabulary import Action, FieldType, ListedFor, Role

DATES = (FieldType.DATE, FieldType.DATETIME)
TELLING_WORDS = ("姓名", "身份证", "公民身份", "手机", "住址", "车牌", "号牌", "出生日期")
"""Words in a title that speak of somebody, so that nothing said means something forgotten."""

_NOT_RE2 = re.compile(r"\(\?(?:[=!]|<[=!]|P=)|\\[1-9]")

Said = Iterator[tuple[str, str]]


def _type_of_bounds(field: FieldFile) -> Said:
    for key in ("minimum", "maximum"):
        given = getattr(field, key)
        if given is None:
            continue
        if field.type is FieldType.TEXT:
            yield (
                key,
                f"a text field has no {key}; remove it or give the field another type.",
            )
        elif _parsed(given, field.type) is None:
            yield key, f"{given!r} is not a {field.type.value}; write it as the type is written."


def _order_of_bounds(field: FieldFile) -> Said:
    low = _parsed(field.minimum, field.type)
    high = _parsed(field.maximum, field.type)
    if low is not None and high is not None and low > high:
        yield "minimum", "the minimum is above the maximum; no value could be right."


def _parsed(given: str | None, kind: FieldType) -> Any:
    readers: dict[FieldType, Callable[[str], Any]] = {
        FieldType.INTEGER: int,
        FieldType.DECIMAL: Decimal,
        FieldType.DATE: date.fromisoformat,
        FieldType.DATETIME: datetime.fromisoformat,
    }
    try:
        return readers[kind](given) if given is not None and kind in readers else None
    except (ValueError, InvalidOperation):
        return None


def _pattern_compiles(field: FieldFile) -> Said:
    if field.pattern is None:
        return
    if field.type is not FieldType.TEXT:
        yield "pattern", f"a {field.type.value} field has no pattern; only text has."
    try:
        re.compile(field.pattern)
    except re.error as error:
        yield "pattern", f"this is not a regular expression: {error}."
    if _NOT_RE2.search(field.pattern):
        yield (
            "pattern",
            "look-around and back-references are not understood; do without them.",
        )


def _date_formats_fit(field: FieldFile) -> Said:
    if field.date_formats and field.type not in DATES:
        yield "date_formats", "only date and datetime fields have date_formats."
    for each in field.date_formats:
        if "%" not in each:
            yield "date_formats", f"{each!r} is no strptime format; write it like %Y年%m月%d日."


def _action_is_decided(field: FieldFile) -> Said:
    personal = field.semantic in PERSONAL_SEMANTICS
    if field.listed_for is ListedFor.COLLECT:
        if field.action not in (None, Action.DROP):
            yield "action", "a field listed for 采集 only is never opened; remove the action."
        return
    if field.action is None and (personal or field.role is not Role.PLAIN):
        allowed = "、".join(each.value for each in Action)
        yield (
            "action",
            f"this identifying field needs an action; choose one of {allowed}.",
        )
    if field.action is Action.KEEP and personal and not field.ground:
        yield (
            "ground",
            f"keeping a {field.semantic.value if field.semantic else ''} field needs a `ground` "
            "(statutory publication, consent, public interest); state it or choose otherwise.",
        )


def _telling_title_is_answered(field: FieldFile) -> Said:
    word = next((each for each in TELLING_WORDS if each in field.title), None)
    opened = field.listed_for is ListedFor.OPEN
    answered = not opened or field.semantic or field.action or field.role is not Role.PLAIN
    if word and not answered:
        yield (
            "action",
            f"the title says {word!r} and nothing says what the values are or what is done to "
            "them, so they would be opened as they stand; say what they are (`semantic:` …) or "
            "what is done to them (`action:` …, `action: 保留` if they may be opened).",
        )


def _preset_is_known(field: FieldFile) -> Said:
    allowed = PRESETS.get(field.action) if field.action else None
    if allowed is None and field.preset is not None:
        yield "preset", "only 遮盖 and 泛化 have a preset; remove it."
    elif allowed is not None and field.preset not in allowed:
        given = f"{field.preset!r} is not one of" if field.preset else "missing; choose one of"
        yield "preset", f"{given} {'、'.join(allowed)}."


def _action_fits_type(field: FieldFile) -> Said:
    text_only = (Action.MASK, Action.PSEUDONYM, Action.REDACT_SPANS)
    if field.action in text_only and field.type is not FieldType.TEXT:
        yield "action", f"{field.action.value} works on text, and this field is {field.type.value}."
    if field.action is not Action.GENERALISE or field.preset not in PRESETS[Action.GENERALISE]:
        return
    if field.preset == "区县" and field.type is not FieldType.TEXT:
        yield "preset", f"区县 works on text, and this field is {field.type.value}."
    if field.preset != "区县" and field.type not in DATES:
        yield "preset", f"{field.preset} works on dates, and this field is {field.type.value}."


def _ground_goes_with_keeping(field: FieldFile) -> Said:
    if field.ground and field.action not in (None, Action.KEEP):
        yield "ground", "a ground is a reason for 保留; remove it, or keep the field."


def _purpose_goes_with_pseudonym(field: FieldFile) -> Said:
    if field.action is Action.PSEUDONYM and not field.purpose:
        yield "purpose", "假名 needs a purpose: values can be linked within one purpose only."
    if field.action is not Action.PSEUDONYM and field.purpose:
        yield "purpose", "only 假名 has a purpose; remove it."


FieldCheck = Callable[[FieldFile], Said]
FIELD_CHECKS: tuple[FieldCheck, ...] = (
    _type_of_bounds,
    _order_of_bounds,
    _pattern_compiles,
    _date_formats_fit,
    _action_is_decided,
    _telling_title_is_answered,
    _preset_is_known,
    _action_fits_type,
    _ground_goes_with_keeping,
    _purpose_goes_with_pseudonym,
)
