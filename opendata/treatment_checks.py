"""What must hold between the keys that say how a field is desensitised.

One small function per check: it yields the key and an English sentence, and never raises. The other
checks of one field are ``field_checks.py``; what the keys become is ``catalog.Treatment``.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from opendata.catalog_schema import FieldFile
from opendata.presets import PRESETS, generalisation
from opendata.vocabulary import Action, FieldType

Said = Iterator[tuple[str, str]]
DATES = (FieldType.DATE, FieldType.DATETIME)
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)

_TEXT_ONLY = (Action.MASK, Action.PSEUDONYM, Action.REDACT_SPANS)
_NUMBERS_ONLY = (Action.BIN, Action.ROUND)
_CAN_BE_INVALID = (Action.MASK, Action.PSEUDONYM, Action.GENERALISE)
_OF_ONE_ACTION = {
    "purpose": Action.PSEUDONYM,
    "hierarchy": Action.GENERALISE,
    "level": Action.GENERALISE,
    "edges": Action.BIN,
    "unit": Action.ROUND,
    "bottom": Action.CLAMP,
    "top": Action.CLAMP,
}


def parsed(given: str | None, kind: FieldType) -> Any:
    """The value a text stands for as this type; None where it stands for none."""
    readers: dict[FieldType, Callable[[str], Any]] = {
        FieldType.INTEGER: int,
        FieldType.DECIMAL: _finite,
        FieldType.DATE: date.fromisoformat,
        FieldType.DATETIME: datetime.fromisoformat,
    }
    try:
        return readers[kind](given) if given is not None and kind in readers else None
    except (ValueError, InvalidOperation):
        return None


def _finite(given: str) -> Decimal:
    found = Decimal(given)
    if not found.is_finite():
        raise InvalidOperation
    return found


def _preset_is_known(field: FieldFile) -> Said:
    allowed = PRESETS.get(field.action) if field.action else None
    if allowed is None and field.preset is not None:
        yield "preset", "only 遮盖 and 泛化 have a preset; remove it."
    elif allowed is not None and field.preset not in allowed:
        if field.action is Action.GENERALISE and field.hierarchy and field.preset is None:
            return
        given = f"{field.preset!r} is not one of" if field.preset else "missing; choose one of"
        yield "preset", f"{given} {'、'.join(allowed)}."


def _keys_go_with_their_action(field: FieldFile) -> Said:
    for key, action in _OF_ONE_ACTION.items():
        if getattr(field, key) not in (None, ()) and field.action is not action:
            yield key, f"only {action.value} has a {key}; remove it."
    if field.on_invalid and field.action not in _CAN_BE_INVALID:
        words = "、".join(each.value for each in _CAN_BE_INVALID)
        yield "on_invalid", f"only {words} meet values that are not what they should be; remove it."


def _pseudonym_has_a_purpose(field: FieldFile) -> Said:
    if field.action is Action.PSEUDONYM and not field.purpose:
        yield "purpose", "假名 needs a purpose: values can be linked within one purpose only."


def _hierarchy_is_whole(field: FieldFile) -> Said:
    if field.hierarchy and field.preset:
        yield "hierarchy", "a preset and a hierarchy are two ways of one 泛化; keep one."
    if bool(field.hierarchy) != bool(field.level):
        yield "level", "a hierarchy and a level go together; give both, or neither."


def _numbers_are_given(field: FieldFile) -> Said:
    if field.action is Action.BIN and not field.edges:
        yield "edges", "分段 needs its edges, such as [0, 500, 1000]."
    if field.action is Action.ROUND and field.unit is None:
        yield "unit", "取整 needs a unit, such as 100."
    if field.action is Action.CLAMP and field.bottom is None and field.top is None:
        yield "top", "封顶保底 needs a top, a bottom or both."


def _numbers_are_of_the_type(field: FieldFile) -> Said:
    for key in ("edges", "unit", "bottom", "top"):
        given = getattr(field, key)
        for each in given if key == "edges" else (given,):
            if each is not None and parsed(each, field.type) is None:
                yield key, f"{each!r} is not a {field.type.value}; write it as the type is written."
            elif field.type is FieldType.DECIMAL and each and _digits(each) > field.scale:
                yield key, f"{each!r} has more decimals than the field's scale, {field.scale}."


def _digits(given: str) -> int:
    return max(0, -int(Decimal(given).normalize().as_tuple().exponent))


def _numbers_make_sense(field: FieldFile) -> Said:
    edges = [parsed(each, field.type) for each in field.edges]
    if None not in edges and any(low >= high for low, high in pairwise(edges)):
        yield "edges", "the edges must rise, each above the one before."
    unit = parsed(field.unit, field.type) if field.type in NUMBERS else None
    if unit is not None and unit <= 0:
        yield "unit", "the unit must be above nought."
    bottom, top = parsed(field.bottom, field.type), parsed(field.top, field.type)
    if bottom is not None and top is not None and bottom >= top:
        yield "bottom", "the bottom is not below the top; hardly a value could differ."


def _action_fits_type(field: FieldFile) -> Said:
    kind, action = field.type, field.action
    if action in _TEXT_ONLY and kind is not FieldType.TEXT:
        yield "action", f"{action.value} works on text, and this field is {kind.value}."
    if action in _NUMBERS_ONLY and kind not in NUMBERS:
        yield "action", f"{action.value} works on numbers, and this field is {kind.value}."
    if action is Action.CLAMP and kind is FieldType.TEXT:
        yield "action", f"{action.value} works on numbers and dates, and this field is text."
    if action is not Action.GENERALISE or field.preset not in PRESETS[Action.GENERALISE]:
        return
    of_dates = generalisation(field.preset).iso_width > 0
    if of_dates and kind not in DATES:
        yield "preset", f"{field.preset} works on dates, and this field is {kind.value}."
    if not of_dates and kind is not FieldType.TEXT:
        yield "preset", f"{field.preset} works on text, and this field is {kind.value}."


def _ground_goes_with_keeping(field: FieldFile) -> Said:
    if field.ground and field.action not in (None, Action.KEEP):
        yield "ground", "a ground is a reason for 保留; remove it, or keep the field."
    for key in ("ground_kind", "signed_by"):
        if getattr(field, key) and not field.ground:
            yield key, "this says more of a `ground`, and there is none; state the ground."


TREATMENT_CHECKS: tuple[Callable[[FieldFile], Said], ...] = (
    _preset_is_known,
    _action_fits_type,
    _ground_goes_with_keeping,
    _keys_go_with_their_action,
    _pseudonym_has_a_purpose,
    _hierarchy_is_whole,
    _numbers_are_given,
    _numbers_are_of_the_type,
    _numbers_make_sense,
)
