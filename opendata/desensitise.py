"""The desensitising plan of a dataset: what is done to each field, and what survives of it.

Pure values. The masks and generalisations themselves are ``presets.py``; doing it belongs to
``resources/masker.py``; whether the law is content with it belongs to ``gates.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from opendata.catalog import Dataset, Field, Treatment
from opendata.errors import CatalogError, Problem
from opendata.presets import PRESETS, generalisation, mask
from opendata.vocabulary import Action, FieldType, OnInvalid, Role, Semantic


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One field's fate. ``reveals`` is the Chinese sentence a steward reads: what survives.

    ``purpose`` is set for pseudonyms only: the scope within which equal persons stay equal.
    ``on_invalid`` says what becomes of values that are not what the field holds.
    """

    field: str
    treatment: Treatment
    purpose: str | None
    on_invalid: OnInvalid
    reveals: str

    @property
    def action(self) -> Action:
        """What is done."""
        return self.treatment.action


def plan_for(dataset: Dataset) -> tuple[Step, ...]:
    """One step per field, in catalog order: total, so that no column is released undecided.

    Raises:
        CatalogError: a field names a preset its action does not have; every such field is listed.
    """
    if problems := tuple(
        Problem(f"{dataset.id}.{each.name}", _unknown_preset(each))
        for each in dataset.fields
        if not _preset_is_known(each)
    ):
        raise CatalogError(problems)
    return tuple(_step(each, dataset) for each in dataset.fields)


def _preset_is_known(field: Field) -> bool:
    treatment = field.treatment
    if treatment.action is Action.GENERALISE and treatment.hierarchy:
        return treatment.preset is None
    allowed = PRESETS.get(treatment.action)
    return allowed is None or treatment.preset in allowed


def _unknown_preset(field: Field) -> str:
    treatment = field.treatment
    allowed = "、".join(PRESETS[treatment.action])
    return f"{treatment.preset!r} is no preset of {treatment.action.value}; use {allowed}"


def _step(field: Field, dataset: Dataset) -> Step:
    treatment = field.treatment
    purpose = treatment.purpose or dataset.id if treatment.action is Action.PSEUDONYM else None
    return Step(
        field=field.name,
        treatment=treatment,
        purpose=purpose,
        on_invalid=_on_invalid(field),
        reveals=_reveals(treatment, purpose),
    )


def _on_invalid(field: Field) -> OnInvalid:
    """As declared; otherwise 隔离 where the value is said to be an identifier and is none."""
    if field.treatment.on_invalid:
        return field.treatment.on_invalid
    told = field.semantic is not None and field.semantic is not Semantic.ADDRESS
    shown = field.treatment.action in (Action.MASK, Action.PSEUDONYM)
    return OnInvalid.QUARANTINE if told and shown else OnInvalid.REDACT


def _reveals(treatment: Treatment, purpose: str | None) -> str:
    action = treatment.action
    if action is Action.MASK:
        return mask(treatment.preset or "").reveals
    if action is Action.GENERALISE:
        if treatment.hierarchy:
            where = f"层级表“{treatment.hierarchy}”的第{treatment.level}级"
            return f"只保留{where}；表中没有的值置空。"
        return generalisation(treatment.preset or "").reveals
    return {
        Action.KEEP: "保留原值。",
        Action.DROP: "不开放，不保留任何内容。",
        Action.REDACT: "以****代替，只保留该项是否填写。",
        Action.PSEUDONYM: f"以假名代替；同一主体在“{purpose}”用途内假名相同，跨用途不能对应。",
        Action.BIN: f"只保留所在区间（界限：{'、'.join(treatment.edges)}）。",
        Action.ROUND: f"取整至{treatment.unit}的整倍数。",
        Action.CLAMP: _clamped(treatment),
        Action.REDACT_SPANS: "保留文字，其中可识别特定个人的号码与姓名以类别名称代替。",
    }[action]


def _clamped(treatment: Treatment) -> str:
    said = [f"低于{treatment.bottom}的记为{treatment.bottom}"] * (treatment.bottom is not None)
    said += [f"高于{treatment.top}的记为{treatment.top}"] * (treatment.top is not None)
    return f"{'，'.join(said)}；其余保留原值。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two columns that together give away what each hides; ``sentence`` says so in Chinese."""

    field: str
    beside: str
    sentence: str


_BIRTH_WORDS = ("出生", "生日", "年龄")
_REGION_WORDS = ("区划", "区县", "户籍", "籍贯", "住址", "地址", "住所")


def _says_birth(field: Field) -> bool:
    of_person = field.type in (FieldType.DATE, FieldType.DATETIME) and field.role is Role.QUASI
    return of_person or any(word in field.title for word in _BIRTH_WORDS)


def _says_region(field: Field) -> bool:
    meant = field.semantic in (Semantic.ADDRESS, Semantic.DIVISION)
    return meant or any(word in field.title for word in _REGION_WORDS)


_NEIGHBOURS: tuple[tuple[Callable[[Field], bool], str], ...] = (
    (_says_birth, "出生日期"),
    (_says_region, "地区"),
)


def conflicts(dataset: Dataset) -> tuple[Conflict, ...]:
    """Masked citizen IDs released beside a birth date or a region.

    A citizen ID is a region, a birth date, three digits and a check: its mask may not stand beside
    columns that fill those in again (six and four characters with the birth date leave one
    candidate).
    """
    masked = [
        each
        for each in dataset.released_fields
        if each.treatment.action is Action.MASK
        and (each.semantic is Semantic.CITIZEN_ID or each.treatment.preset == "证件号")
    ]
    return tuple(
        Conflict(
            field=each.name,
            beside=other.name,
            sentence=(
                f"“{each.title}”经遮盖后与“{other.title}”（{what}）同时开放，"
                "可能还原公民身份号码；请删除该证件号列，或改用假名。"
            ),
        )
        for each in masked
        for other in dataset.released_fields
        for says, what in _NEIGHBOURS
        if other is not each and says(other)
    )
