"""What must hold between the keys of one field of a catalog entry.

One small function per check: it yields the key and an English sentence, and never raises. The shape
of a single key is ``catalog_schema.py``; what is done to a field is ``treatment_checks.py``; checks
beyond one field are ``catalog_checks.py``.
"""

import re
from collections.abc import Callable

from opendata.catalog_schema import PERSONAL_SEMANTICS, FieldFile
from opendata.treatment_checks import DATES, TREATMENT_CHECKS, Said, parsed
from opendata.vocabulary import Action, FieldType, ListedFor, Role

TELLING_WORDS = ("姓名", "身份证", "公民身份", "手机", "住址", "车牌", "号牌", "出生日期")
"""Words in a title that speak of somebody, so that nothing said means something forgotten."""

_NOT_RE2 = re.compile(r"\(\?(?:[=!]|<[=!]|P=)|\\[1-9]")


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
        elif parsed(given, field.type) is None:
            yield key, f"{given!r} is not a {field.type.value}; write it as the type is written."


def _order_of_bounds(field: FieldFile) -> Said:
    low = parsed(field.minimum, field.type)
    high = parsed(field.maximum, field.type)
    if low is not None and high is not None and low > high:
        yield "minimum", "the minimum is above the maximum; no value could be right."


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


FieldCheck = Callable[[FieldFile], Said]
FIELD_CHECKS: tuple[FieldCheck, ...] = (
    _type_of_bounds,
    _order_of_bounds,
    _pattern_compiles,
    _date_formats_fit,
    _action_is_decided,
    _telling_title_is_answered,
    *TREATMENT_CHECKS,
)
