"""How catalog files are spelled: one Pydantic model per file format, English keys, Chinese values.

Only shapes belong here. What must hold between keys is ``catalog_checks.py``; reading texts and
saying what is wrong with them is ``catalog_file.py``; what the law asks for is ``gates.py``, so a
part that only a gate asks for is optional here.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from opendata.vocabulary import (
    Acquired,
    Action,
    Channel,
    FieldType,
    OnFail,
    Openness,
    Role,
    SecurityLevel,
    Semantic,
    Severity,
    UpdateFrequency,
)

PERSONAL_SEMANTICS = frozenset(
    {
        Semantic.CITIZEN_ID,
        Semantic.MOBILE,
        Semantic.LANDLINE,
        Semantic.BANK_CARD,
        Semantic.EMAIL,
        Semantic.PLATE,
        Semantic.PERSON_NAME,
        Semantic.ADDRESS,
        Semantic.FREE_TEXT,
    }
)
"""Meanings that point at somebody, so that an entry must say what is done to them."""


def _iso_date(given: Any) -> Any:
    if isinstance(given, str):
        return date.fromisoformat(given) if len(given) == 10 else _refuse_date()
    return given


def _refuse_date() -> None:
    raise ValueError("not a day")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Number = Annotated[str, WithJsonSchema({"type": ["string", "number"]})]
OneCharacter = Annotated[str, Field(min_length=1, max_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Spelling(BaseModel):
    """Unknown keys are mistakes: a misspelt key must not silently mean “absent”."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(_Spelling):
    """``source``: one table as it is handed over, and where inside the file it lies."""

    files: str = Field(min_length=1, description="inbox/<主体>/ 下的文件名模式，须恰好匹配一个文件")
    header_row: int = Field(default=1, ge=0, description="标题所在行（从 1 起）；0 表示没有标题行")
    footer_rows: int = Field(default=0, ge=0, description="末尾不属于数据的行数")
    sheet: str | None = Field(default=None, description="工作表名称")
    encoding: str | None = Field(default=None, description="缺省依次试 utf-8-sig、utf-8、gb18030")
    delimiter: OneCharacter = Field(default=",", description="分隔符")
    quote: OneCharacter = Field(default='"', description="引号")
    padded: bool = Field(default=False, description="列数不足的行以空值补齐；缺省则拒收整个文件")
    blank_rows: bool = Field(default=False, description="整行空白的记录跳过并计数")
    null_spellings: tuple[str, ...] = Field(default=(), description="表示空值的写法")
    ignored_headings: tuple[str, ...] = Field(
        default=(), description="不采集的标题；空串即空白标题"
    )
    columns: dict[str, str] | None = Field(default=None, description="列名与标题；仅用于自写 SQL")


class DataTimeFile(_Spelling):
    """``data_time``: which period the content covers (数据时间)."""

    field: str | None = None
    fixed: IsoDate | None = None


class FieldFile(_Spelling):
    """One member of ``fields`` (数据项)."""

    title: str = Field(min_length=1, description="数据项名称")
    heading: str | None = Field(default=None, description="来源文件中的标题；缺省同 title")
    type: FieldType = Field(default=FieldType.TEXT, description="数据类型")
    required: bool = Field(default=False, description="必填")
    key: bool = Field(default=False, description="主键组成")
    code_table: str | None = Field(default=None, description="codes/ 下的代码表")
    pattern: str | None = Field(default=None, description="取值须整体匹配的正则表达式")
    minimum: Number | None = Field(default=None, description="最小值（含）")
    maximum: Number | None = Field(default=None, description="最大值（含）")
    date_formats: tuple[str, ...] = Field(default=(), description="另外接受的日期写法（strptime）")
    scale: int = Field(default=2, ge=0, le=18, description="小数位数")
    semantic: Semantic | None = Field(default=None, description="语义")
    role: Role = Field(default=Role.PLAIN, description="标识作用")
    action: Action | None = Field(default=None, description="脱敏方式")
    preset: str | None = Field(default=None, description="遮盖或泛化的预设")
    purpose: str | None = Field(default=None, description="假名的用途（同一用途内可关联）")
    ground: str | None = Field(default=None, description="保留个人信息的依据")
    element: str | None = Field(default=None, description="对应的数据元")
    acquired: Acquired | None = Field(default=None, description="本数据项的获取方式")


class RuleFile(_Spelling):
    """One member of ``quality.rules``."""

    expect: str = Field(description="Great Expectations 的规则名")
    kwargs: dict[str, Any] = Field(default_factory=dict)
    indicator: str = Field(description="GB/T 36344 指标编码（四位）")
    description: str = Field(min_length=1, description="规则的中文说明")
    severity: Severity = Severity.WARNING
    on_fail: OnFail = OnFail.KEEP_FLAG
    mostly: Share = 1.0


class QualityFile(_Spelling):
    """``quality``: what the dataset asks of itself (本市规则)."""

    min_score: float = Field(default=60.0, ge=0, le=100)
    max_quarantine_rate: Share = 0.1
    rules: tuple[RuleFile, ...] = ()


class ReleaseFile(_Spelling):
    """``release``: the layout of the released file and how small its groups may be."""

    k: int | None = Field(default=None, ge=2, description="最小同类组条数")
    max_suppression: Share = Field(default=0.0, description="为达到 k 可略去的行比例")
    sort_by: tuple[str, ...] = ()
    licence: str = Field(default="未声明", min_length=1)


class EntryFile(_Spelling):
    """``catalog/<body>/<dataset>.yaml``: one catalog entry (目录条目)."""

    id: str = Field(description="与文件名相同")
    title: str = Field(min_length=1, description="数据名称")
    body: str = Field(description="数据开放主体，与文件夹相同")
    lead_body: str | None = Field(default=None, description="多部门数据集的牵头部门")
    summary: str | None = Field(default=None, description="摘要")
    theme: str | None = Field(default=None, description="主题")
    kind: str | None = Field(default=None, description="数据类型")
    formats: tuple[str, ...] = Field(default=(), description="数据格式")
    openness: Openness | None = Field(default=None, description="开放属性")
    basis: str | None = Field(default=None, description="有条件开放或不予开放的依据")
    channels: tuple[Channel, ...] = Field(default=(), description="开放方式")
    conditions: str | None = Field(default=None, description="开放条件")
    update_frequency: UpdateFrequency | None = Field(default=None, description="更新频率")
    grace_days: int | None = Field(default=None, ge=0, description="宽限天数（本市规则）")
    data_time: DataTimeFile = Field(default_factory=DataTimeFile, description="数据时间")
    security_level: SecurityLevel | None = Field(default=None, description="安全级别")
    acquired: Acquired = Field(default=Acquired.OWN, description="获取方式")
    acquired_from: str | None = Field(default=None, description="共享或购买的来源")
    contact_role: str | None = Field(default=None, description="联系岗位（不写姓名电话）")
    listed_on: IsoDate | None = Field(default=None, description="编入开放目录的日期")
    source: SourceFile | None = None
    sources: dict[str, SourceFile] | None = None
    fields: dict[str, FieldFile] = Field(min_length=1)
    quality: QualityFile = Field(default_factory=QualityFile)
    release: ReleaseFile = Field(default_factory=ReleaseFile)

    @property
    def all_sources(self) -> dict[str, SourceFile]:
        """Every source by id; a lone ``source`` is called main."""
        return {"main": self.source} if self.source else dict(self.sources or {})


class BodiesFile(_Spelling):
    """``catalog/bodies.yaml``: body ids and the names of the organs (数据开放主体)."""

    bodies: dict[str, str]


class ElementsFile(_Spelling):
    """``catalog/elements.yaml``: data elements and the body that is their one source (一数一源)."""

    elements: dict[str, str] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a catalog entry, for editors; shipped as ``catalog.schema.json``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **EntryFile.model_json_schema(),
    }
