"""One column as a field of an entry: title, type, meaning, treatment, each with its evidence."""

from collections.abc import Iterator
from dataclasses import dataclass

from opendata.vocabulary import FieldType, Role
from pipelines.drafting.kinds import Kind
from pipelines.drafting.meanings import Meaning, remarks_on
from pipelines.drafting.naming import has_word
from pipelines.drafting.seen import Column, Confidence, Proposal

SURE, LIKELY, OPEN = Confidence.SURE, Confidence.LIKELY, Confidence.OPEN
_FEW = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A column on its way to a field: ``known`` says whether the words knew its heading."""

    name: str
    known: bool
    title: str
    column: Column
    meaning: Meaning | None
    kind: Kind | None

    @property
    def type(self) -> FieldType:
        """The type proposed."""
        return self.kind.type if self.kind else FieldType.TEXT

    def says(
        self,
        key: str,
        confidence: Confidence,
        said: str,
        *,
        value: object = None,
        loud: bool = False,
    ) -> Proposal:
        """A proposal for a key of this field; without a value, a remark on it."""
        return Proposal(
            keys=("fields", self.name, key),
            value=value,
            confidence=confidence,
            evidence=said,
            loud=loud,
        )


def proposals_for(field: Drafted) -> Iterator[Proposal]:
    """The keys of a field that its own values and heading give, in the order of the schema."""
    for propose in (_title, _type, _code_table, _bounds, _semantic, _treatment):
        yield from propose(field)


def _title(field: Drafted) -> Iterator[Proposal]:
    column = field.column
    said = f"第 {column.place + 1} 列；有值 {column.filled:,}／{column.rows:,}"
    said += f"，不同值 {column.distinct:,}，最长 {column.longest} 字"
    if not field.known:
        said += "；英文名按列位次，请改成易记的"
    yield field.says("title", SURE if column.heading else OPEN, said, value=field.title)
    if not column.filled:
        yield field.says("title", OPEN, "整列为空，是否采集请核对", loud=True)
    for remark in remarks_on(column, field.meaning):
        yield field.says("title", OPEN, remark, loud=True)


def _type(field: Drafted) -> Iterator[Proposal]:
    kind = field.kind
    if kind is None or kind.type is FieldType.TEXT:
        return
    yield field.says("type", kind.confidence, kind.evidence, value=kind.type.value, loud=kind.loud)
    if kind.formats:
        said = "默认写法不含日在前或月在前，须写明"
        yield field.says("date_formats", kind.confidence, said, value=list(kind.formats))
    if kind.scale is not None:
        yield field.says(
            "scale", kind.confidence, f"小数至多 {field.column.scale} 位", value=kind.scale
        )


def _code_table(field: Drafted) -> Iterator[Proposal]:
    column = field.column
    few = 2 <= column.distinct <= _FEW and column.filled >= 20 * column.distinct
    if not few or field.type is not FieldType.TEXT or (field.meaning and field.meaning.action):
        return
    headed = has_word(column.heading, "one_of_few")
    said = f"只有 {column.distinct} 种取值／{column.filled:,}，可建 codes/{field.name}.csv 为代码表"
    yield field.says("code_table", LIKELY if headed else OPEN, said)


def _bounds(field: Drafted) -> Iterator[Proposal]:
    if field.type in (FieldType.INTEGER, FieldType.DECIMAL):
        negative = field.column.count("negative")
        said = f"负值 {negative:,} 个" + ("" if negative else '，可写 minimum: "0"')
        yield field.says("minimum", OPEN, said)


def _semantic(field: Drafted) -> Iterator[Proposal]:
    found = field.meaning
    if found and found.semantic:
        yield field.says(
            "semantic",
            found.confidence,
            found.evidence,
            value=found.semantic.value,
            loud=found.loud,
        )


def _treatment(field: Drafted) -> Iterator[Proposal]:
    found = field.meaning
    if found is None or found.action is None:
        return
    by = "按语义" if found.semantic else found.evidence
    loud = found.loud and not found.semantic
    if found.role is not Role.PLAIN:
        yield field.says(
            "role", LIKELY, "按语义" if found.semantic else "先从严", value=found.role.value
        )
    yield field.says("action", OPEN, f"{by}；由管理员定", value=found.action.value, loud=loud)
    if found.preset:
        yield field.says("preset", OPEN, "按语义；由管理员定", value=found.preset)
