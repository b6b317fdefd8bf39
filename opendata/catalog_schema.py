"""How catalog files are spelled: one Pydantic model per file format, English keys, Chinese values.

Only shapes belong here. What must hold between keys is ``catalog_checks.py``; reading texts and
saying what is wrong with them is ``catalog_file.py``; what the law asks for is ``gates.py``, so a
part that only a gate asks for is optional here.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from opendata.quality_schema import QualityFile, Share
from opendata.source_schema import SourceFile, Spelling
from opendata.vocabulary import (
    Acquired,
    Action,
    Channel,
    FieldType,
    KeepingGround,
    ListedFor,
    Load,
    OnChange,
    OnConflict,
    OnInvalid,
    Openness,
    Role,
    SecurityLevel,
    Semantic,
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
        Semantic.PASSPORT,
        Semantic.TRAVEL_PERMIT,
        Semantic.FOREIGN_RESIDENT_ID,
        Semantic.MILITARY_ID,
        Semantic.SOCIAL_SECURITY,
        Semantic.SOLE_TRADER_CODE,
        Semantic.IP_ADDRESS,
        Semantic.COORDINATES,
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


class DataTimeFile(Spelling):
    """``data_time``: which period the content covers (数据时间)."""

    field: str | None = Field(
        default=None, description="the date or datetime field whose latest value is the data time"
    )
    fixed: IsoDate | None = Field(default=None, description="a day, when no field holds one")


class FieldFile(Spelling):
    """One member of ``fields`` (数据项)."""

    title: str = Field(min_length=1, description="数据项名称: what people call it")
    heading: str | None = Field(
        default=None, description="标题: how the source file heads it; the title when absent"
    )
    type: FieldType = Field(
        default=FieldType.TEXT, description="数据类型: identifiers and codes stay text"
    )
    required: bool = Field(default=False, description="必填: a row without it is 问题数据")
    key: bool = Field(
        default=False, description="主键: together with the other keys it identifies a row"
    )
    code_table: str | None = Field(
        default=None, description="代码表: codes/<this>.csv holds every value allowed"
    )
    pattern: str | None = Field(
        default=None, description="格式: a regular expression (RE2) that matches the whole value"
    )
    minimum: Number | None = Field(
        default=None, description="最小值: allowed itself; for numbers, dates and datetimes"
    )
    maximum: Number | None = Field(
        default=None, description="最大值: allowed itself; for numbers, dates and datetimes"
    )
    date_formats: tuple[str, ...] = Field(
        default=(), description="日期写法: strptime formats tried before the usual spellings"
    )
    scale: int = Field(default=2, ge=0, le=18, description="小数位数: digits of a decimal")
    semantic: Semantic | None = Field(
        default=None, description="语义: what the values are; identifiers are checked by it"
    )
    role: Role = Field(
        default=Role.PLAIN, description="标识作用: how it bears on re-identifying somebody"
    )
    action: Action | None = Field(
        default=None,
        description="脱敏方式: what is done to it before release; 保留 when absent, which a "
        "personal semantic, another role than 一般属性 or a title such as 姓名 does not allow",
    )
    preset: str | None = Field(
        default=None, description="预设: which 遮盖 or 泛化; see the presets of each"
    )
    purpose: str | None = Field(
        default=None, description="用途: of 假名; equal values stay equal within one purpose"
    )
    hierarchy: str | None = Field(
        default=None, description="层级表: of 泛化 without a preset, codes/hierarchies/<this>.csv"
    )
    level: int | None = Field(
        default=None, ge=1, description="层级: how far up the hierarchy; 1 is nearest the value"
    )
    edges: tuple[Number, ...] = Field(
        default=(), description="分段界限: of 分段, rising; a value belongs to the range it begins"
    )
    unit: Number | None = Field(
        default=None, description="取整单位: of 取整, the nearest multiple of it is kept"
    )
    bottom: Number | None = Field(
        default=None, description="保底: of 封顶保底, what lies below is told as this"
    )
    top: Number | None = Field(
        default=None, description="封顶: of 封顶保底, what lies above is told as this"
    )
    on_invalid: OnInvalid | None = Field(
        default=None,
        description="无效值处理: of a value that is not what the field holds; when absent 隔离 "
        "where the field has a semantic, else 抹除",
    )
    ground: str | None = Field(
        default=None, description="依据: why a personal field may be 保留, such as the statute"
    )
    ground_kind: KeepingGround | None = Field(
        default=None, description="依据类别: what kind of ground for 保留 that is"
    )
    signed_by: str | None = Field(
        default=None, description="签署岗位: the post that answers for 保留, never a name"
    )
    element: str | None = Field(
        default=None, description="数据元: a name of catalog/elements.yaml (一数一源)"
    )
    checked_against: str | None = Field(
        default=None,
        description="校核数源: `<dataset>.<field>`, the authority of the element, where this field "
        "is not it",
    )
    on_conflict: OnConflict = Field(
        default=OnConflict.REPORT,
        description="冲突处理: where the value differs from the authority's",
    )
    acquired: Acquired | None = Field(
        default=None, description="获取方式: of this field, where it differs from the dataset's"
    )
    listed_for: ListedFor = Field(
        default=ListedFor.OPEN,
        description="编目用途: 采集 keeps a field that is listed for collecting only from opening",
    )


class SmallCellFile(Spelling):
    """``release.small_cell``: the cells of an aggregate that are left empty (小单元)."""

    count: str = Field(description="计数项: the integer field that counts; 保留")
    groups: tuple[str, ...] = Field(
        min_length=1, description="分组项: the fields that tell the cells apart; each 保留"
    )
    below: int = Field(
        default=11, ge=2, description="下限: smaller counts are left empty, nought is not"
    )


class ReleaseFile(Spelling):
    """``release``: the layout of the released file, how small its groups may be and how alike."""

    k: int | None = Field(
        default=None, ge=2, description="最小同类组条数: `default_k` of opendata.yaml when absent"
    )
    l: int = Field(  # noqa: E741 - the name the measure has
        default=2,
        ge=1,
        description="敏感属性最少取值数: different values of each 敏感属性 in a group of equal "
        "准标识符; 1 asks for nothing",
    )
    t: Share | None = Field(
        default=None,
        description="敏感属性分布差异上限: how far a group may be from the table, 0 to 1",
    )
    max_suppression: Share = Field(
        default=0.0, description="抑制比例上限: share of rows that may be left out to reach k and l"
    )
    small_cell: SmallCellFile | None = Field(
        default=None, description="小单元: of an aggregate, which counts are too small to publish"
    )
    sort_by: tuple[str, ...] = Field(
        default=(), description="排序: released fields the file is sorted by"
    )
    licence: str = Field(default="未声明", min_length=1, description="许可: of the released file")


class EntryFile(Spelling):
    """``catalog/<body>/<dataset>.yaml``: one catalog entry (目录条目)."""

    id: str = Field(description="编号: as the file is called; small letters, digits and `_`")
    title: str = Field(min_length=1, description="数据名称: what people call it")
    body: str = Field(description="数据开放主体: as the folder is called; a key of bodies.yaml")
    lead_body: str | None = Field(
        default=None, description="牵头部门: of a dataset that several bodies make"
    )
    summary: str | None = Field(default=None, description="摘要: what it holds, in a sentence")
    theme: str | None = Field(default=None, description="主题: of the portal's list")
    kind: str | None = Field(default=None, description="数据类型: such as 结构化数据集")
    formats: tuple[str, ...] = Field(default=(), description="数据格式: such as Parquet, CSV")
    openness: Openness | None = Field(default=None, description="开放属性: its class of openness")
    basis: str | None = Field(
        default=None, description="依据: the provision, where the class restricts"
    )
    channels: tuple[Channel, ...] = Field(default=(), description="开放方式: how it is handed over")
    conditions: str | None = Field(
        default=None, description="开放条件: what an applicant must satisfy"
    )
    update_frequency: UpdateFrequency | None = Field(
        default=None, description="更新频率: how often new data is promised"
    )
    grace_days: int | None = Field(
        default=None,
        ge=0,
        description="宽限天数（本市规则）: days of grace; by frequency when absent",
    )
    data_time: DataTimeFile = Field(
        default_factory=DataTimeFile, description="数据时间: which period the content covers"
    )
    security_level: SecurityLevel | None = Field(
        default=None, description="安全级别: the local data grade"
    )
    acquired: Acquired = Field(
        default=Acquired.OWN, description="获取方式: how the body came by the data"
    )
    acquired_from: str | None = Field(
        default=None, description="来源: who shared or sold it; 共享获取 needs it"
    )
    contact_role: str | None = Field(
        default=None, description="联系岗位: a post, never a name or a number"
    )
    listed_on: IsoDate | None = Field(
        default=None, description="列入日期: the day it entered the open catalog (开放目录)"
    )
    load: Load = Field(
        default=Load.SNAPSHOT,
        description="交付方式: whether a delivery replaces those before it, adds to them, or "
        "replaces rows of the same key",
    )
    on_change: OnChange = Field(
        default=OnChange.REFUSE,
        description="结构变化处理: of a delivery with new, missing or renamed columns",
    )
    source: SourceFile | None = Field(
        default=None, description="数据来源: the one table it is read from"
    )
    sources: dict[str, SourceFile] | None = Field(
        default=None, description="数据来源: several, by name, which a .sql beside the entry joins"
    )
    fields: dict[str, FieldFile] = Field(
        min_length=1, description="数据项: by name, in the order of the released file"
    )
    quality: QualityFile = Field(
        default_factory=QualityFile, description="质量: limits and rules of its own"
    )
    release: ReleaseFile = Field(
        default_factory=ReleaseFile, description="发布: layout and smallest group"
    )

    @property
    def all_sources(self) -> dict[str, SourceFile]:
        """Every source by id; a lone ``source`` is called main."""
        return {"main": self.source} if self.source else dict(self.sources or {})


class BodiesFile(Spelling):
    """``catalog/bodies.yaml``: body ids and the names of the organs (数据开放主体)."""

    bodies: dict[str, str]


class ElementFile(Spelling):
    """One member of ``elements`` (数据元)."""

    title: str = Field(min_length=1, description="数据元名称: what people call it")
    standard: str | None = Field(default=None, description="标准: such as GB 32100-2015")
    type: FieldType = Field(default=FieldType.TEXT, description="数据类型: of every field with it")
    authority: str | None = Field(
        default=None,
        description="数源: `<dataset>.<field>`, the one source (一数一源); absent while unclaimed",
    )


class ElementsFile(Spelling):
    """``catalog/elements.yaml``: data elements and the field that is their one source."""

    elements: dict[str, ElementFile] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a catalog entry, for editors; shipped as ``catalog.schema.json``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **EntryFile.model_json_schema(),
    }
