"""Least harm: what each treatment took away, what milder one was tried, and why it would not do.

GZ13 asks for the treatment that impairs the value of the data least, so over-masking is a defect as
a leak is. Pure values and rules; the measuring is ``assets/least_harm.py``, the words of the page
``pages/deidentification.py``.
"""

from dataclasses import dataclass, replace

from opendata.catalog import Dataset, Field, Treatment
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.desensitise import conflicts
from opendata.vocabulary import Action, ListedFor, Openness, Role, Semantic


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one field lost, counted over the rows looked at; after is None where it was dropped.

    ``entropy`` is in bits a value; ``empty`` counts nulls and values of which nothing survived;
    ``range_kept`` is the share of a number's or date's range that is left, where it still has one.
    """

    field: str
    action: Action
    distinct: tuple[int, int | None]
    entropy: tuple[float, float | None]
    empty: tuple[int, int | None]
    range_kept: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A milder treatment of one field, in Chinese, and why it would not do; ``None``: it would."""

    field: str
    milder: str
    rejected: str | None
    public_fact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastHarm:
    """Losses and trials of one candidate; ``looked_at`` of ``rows`` clean rows were counted."""

    rows: int
    looked_at: int
    released: int
    suppressed: int
    set_aside: int
    losses: tuple[Loss, ...]
    trials: tuple[Trial, ...]
    unfit: tuple[tuple[str, int], ...] = ()
    key_ids: tuple[str, ...] = ()
    key_version: int | None = None

    @property
    def overdone(self) -> tuple[Trial, ...]:
        """Milder treatments that would have done: each is a finding."""
        return tuple(each for each in self.trials if each.rejected is None)


_MASKS = {
    Semantic.CITIZEN_ID: "证件号",
    Semantic.MOBILE: "手机号",
    Semantic.PERSON_NAME: "姓名",
    Semantic.BANK_CARD: "银行卡",
    Semantic.PLATE: "车牌",
    Semantic.EMAIL: "邮箱",
    Semantic.LANDLINE: "固定电话",
    Semantic.ADDRESS: "地址",
}
_FINER = {
    "年": "月",
    "五年": "年",
    "十年": "五年",
    "地市": "区县",
    "省份": "地市",
    "区划省份": "区划地市",
}
_PUBLIC_SEMANTICS = (Semantic.USCC, Semantic.SERIAL, Semantic.DIVISION)
_PUBLIC_TITLES = (
    "企业名称",
    "单位名称",
    "机构名称",
    "公司名称",
    "项目名称",
    "项目编号",
    "统一社会信用代码",
)
_KEPT = Treatment(action=Action.KEEP)


def milder(field: Field) -> Treatment | None:
    """The next milder treatment of a field; None where it is kept already."""
    asked, action = field.treatment, field.treatment.action
    if action is Action.KEEP:
        return None
    if action is Action.GENERALISE and asked.hierarchy:
        level = asked.level or 1
        return replace(asked, level=level - 1) if level > 1 else _KEPT
    if action is Action.GENERALISE:
        finer = _FINER.get(asked.preset or "")
        return replace(asked, preset=finer) if finer else _KEPT
    preset = _MASKS.get(field.semantic) if field.semantic else None
    if action in (Action.DROP, Action.REDACT) and preset:
        return Treatment(action=Action.MASK, preset=preset)
    return _KEPT


def in_words(treatment: Treatment) -> str:
    """A treatment as a steward reads it: 泛化（月）."""
    if treatment.hierarchy:
        return f"{treatment.action.value}（{treatment.hierarchy}第{treatment.level}级）"
    preset = f"（{treatment.preset}）" if treatment.preset else ""
    return f"{treatment.action.value}{preset}"


def with_treatment(dataset: Dataset, name: str, treatment: Treatment) -> Dataset:
    """The dataset as if one field were treated otherwise."""
    fields = tuple(
        replace(each, treatment=treatment) if each.name == name else each for each in dataset.fields
    )
    return replace(dataset, fields=fields)


def is_public_fact(field: Field) -> bool:
    """Whether what the field holds is published by law anyway: registers, codes, projects."""
    named = any(word in field.title for word in _PUBLIC_TITLES)
    plain = field.role is Role.PLAIN and field.semantic not in PERSONAL_SEMANTICS
    return plain and (field.semantic in _PUBLIC_SEMANTICS or named)


def barred(dataset: Dataset, field: Field, treatment: Treatment) -> str | None:
    """Why a milder treatment may not be, before anything is measured; None: nothing says so."""
    if field.listed_for is ListedFor.COLLECT:
        return "编目用途为采集，不得开放。"
    if treatment.action is Action.KEEP:
        return _why_not_kept(dataset, field)
    beside = conflicts(with_treatment(dataset, field.name, treatment))
    if told := [each.sentence for each in beside if each.field == field.name]:
        return told[0]
    if field.role is Role.DIRECT and dataset.openness is Openness.UNCONDITIONAL:
        return "直接标识符；遮盖后仍保留部分内容，无条件开放后可与外部数据比对。"
    if field.role is Role.DIRECT:
        return "直接标识符；遮盖后仍保留部分内容，不是约定用途所必需的不予保留。"
    return None


def _why_not_kept(dataset: Dataset, field: Field) -> str | None:
    if field.semantic in PERSONAL_SEMANTICS and field.semantic is not None:
        return f"语义为“{field.semantic.value}”，属于个人信息，没有依据不得原样开放。"
    if field.role in (Role.DIRECT, Role.SENSITIVE):
        return f"标识作用为“{field.role.value}”，没有依据不得原样开放。"
    if field.semantic is Semantic.SERIAL and _tells_of_people(dataset):
        return "涉及个人的记录的编号，可与来源系统中的个人记录对应。"
    return None


def _tells_of_people(dataset: Dataset) -> bool:
    return any(
        each.semantic in PERSONAL_SEMANTICS or each.role in (Role.DIRECT, Role.QUASI)
        for each in dataset.fields
    )
