"""The catalog: what a city lists, and everything it promises about each dataset.

One entry is contract, gate, policy, clock and evidence; every other room reads these values and
nothing about a dataset is written twice. How a catalog is spelled in YAML is ``catalog_file.py``;
what the law thinks of it is ``gates.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from opendata.drift import Drift
from opendata.errors import UnknownDataset
from opendata.hierarchies import Hierarchy
from opendata.plain import JsonValue, fingerprint_of
from opendata.source import Source
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
    OnFail,
    OnInvalid,
    Openness,
    Role,
    SecurityLevel,
    Semantic,
    Severity,
    UpdateFrequency,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """数据开放主体: an organ or institution that opens data."""

    id: str
    title: str


@dataclass(frozen=True, kw_only=True)
class CodeTable:
    """A closed list of codes with their titles (代码表)."""

    id: str
    codes: tuple[tuple[str, str], ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The codes alone, in table order."""
        return tuple(code for code, _ in self.codes)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the canonical table: changes exactly when a code or title changes."""
        return fingerprint_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """数据元: something many datasets carry and one field is the source of (一数一源).

    ``authority`` is that field, as ``<dataset>.<field>``; None while nobody has claimed it.
    """

    id: str
    title: str
    standard: str | None = None
    type: FieldType = FieldType.TEXT
    authority: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """The desensitising decision for one field: what is done, how, and on what ground.

    ``preset`` names a mask or a generalisation (see ``presets.py``), ``hierarchy`` with ``level`` a
    generalisation by a file. ``ground`` is the reason for keeping an identifying field, of the kind
    ``ground_kind`` and signed by the post ``signed_by``. ``edges`` are those of 分段, ``unit`` that
    of 取整, ``bottom`` and ``top`` those of 封顶保底, each written as the field's type is.
    ``on_invalid`` None stands for 隔离 where the field says what it holds, else for 抹除.
    """

    action: Action = Action.KEEP
    preset: str | None = None
    purpose: str | None = None
    ground: str | None = None
    ground_kind: KeepingGround | None = None
    signed_by: str | None = None
    hierarchy: str | None = None
    level: int | None = None
    edges: tuple[str, ...] = ()
    unit: str | None = None
    bottom: str | None = None
    top: str | None = None
    on_invalid: OnInvalid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """数据项: one column of a dataset, from its heading in the source to its fate at release."""

    name: str
    title: str
    heading: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    key: bool = False
    code_table: str | None = None
    pattern: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    date_formats: tuple[str, ...] = ()
    scale: int = 2
    semantic: Semantic | None = None
    role: Role = Role.PLAIN
    treatment: Treatment = field(default_factory=Treatment)
    element: str | None = None
    checked_against: str | None = None
    on_conflict: OnConflict = OnConflict.REPORT
    acquired: Acquired | None = None
    listed_for: ListedFor = ListedFor.OPEN

    @property
    def released(self) -> bool:
        """Whether the column reaches the open store at all."""
        return self.treatment.action is not Action.DROP


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTime:
    """数据时间: what says which period the content covers; never the wall clock."""

    field: str | None = None
    fixed: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A quality rule written by hand in the entry, in Great Expectations' vocabulary."""

    expect: str
    kwargs: Mapping[str, JsonValue]
    indicator: str
    description: str
    severity: Severity = Severity.WARNING
    on_fail: OnFail = OnFail.KEEP_FLAG
    mostly: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityGate:
    """What this dataset asks of itself before it may be released (本市规则)."""

    min_score: float = 60.0
    max_quarantine_rate: float = 0.1
    rules: tuple[Rule, ...] = ()
    drift: Drift = field(default_factory=Drift)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallCell:
    """小单元: an aggregate's ``count`` field, published only from ``below`` on or as nought.

    ``groups`` are the fields that tell the cells apart: rows and columns of the table they make.
    """

    count: str
    groups: tuple[str, ...]
    below: int = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """How the released file is laid out, how small its groups may be and how alike.

    ``k`` None is the home's; ``l`` is how many values of each 敏感属性 a group must hold, ``t`` how
    far (0 to 1) a group may be from the table, unasked where it is None.
    """

    k: int | None = None
    l: int = 2  # noqa: E741 - the name the measure has
    t: float | None = None
    max_suppression: float = 0.0
    small_cell: SmallCell | None = None
    sort_by: tuple[str, ...] = ()
    licence: str = "未声明"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """目录条目: one dataset a body lists. Parts that only a gate asks for are optional."""

    id: str
    title: str
    body: str
    fields: tuple[Field, ...]
    sources: tuple[Source, ...] = ()
    lead_body: str | None = None
    summary: str | None = None
    theme: str | None = None
    kind: str | None = None
    formats: tuple[str, ...] = ()
    openness: Openness | None = None
    basis: str | None = None
    channels: tuple[Channel, ...] = ()
    conditions: str | None = None
    update_frequency: UpdateFrequency | None = None
    grace_days: int | None = None
    data_time: DataTime = field(default_factory=DataTime)
    security_level: SecurityLevel | None = None
    acquired: Acquired = Acquired.OWN
    acquired_from: str | None = None
    contact_role: str | None = None
    listed_on: date | None = None
    quality: QualityGate = field(default_factory=QualityGate)
    release: ReleasePlan = field(default_factory=ReleasePlan)
    load: Load = Load.SNAPSHOT
    on_change: OnChange = OnChange.REFUSE
    model: str | None = None
    reads: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the fields that together identify a row."""
        return tuple(each.name for each in self.fields if each.key)

    @property
    def released_fields(self) -> tuple[Field, ...]:
        """The fields that reach the open store, in catalog order."""
        return tuple(each for each in self.fields if each.released)

    @property
    def quasi_identifiers(self) -> tuple[str, ...]:
        """Names of the released fields that could single somebody out together."""
        return tuple(each.name for each in self.released_fields if each.role is Role.QUASI)

    @property
    def sensitive_fields(self) -> tuple[str, ...]:
        """Names of the released fields nobody should learn of somebody else."""
        return tuple(each.name for each in self.released_fields if each.role is Role.SENSITIVE)

    def field(self, name: str) -> Field:
        """The field called ``name``; KeyError when the entry has none."""
        return next(each for each in self.fields if each.name == name)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the canonical entry: changes exactly when the entry's meaning changes."""
        return fingerprint_of(self)


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """开放目录: every body, dataset, code table and data element of one home."""

    bodies: tuple[Body, ...]
    datasets: tuple[Dataset, ...]
    code_tables: tuple[CodeTable, ...] = ()
    elements: tuple[Element, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()

    def dataset(self, dataset_id: str) -> Dataset:
        """The dataset with this id.

        Raises:
            UnknownDataset: no entry has that id; the message lists those that exist.
        """
        if dataset_id not in self._by_id:
            raise UnknownDataset.called(dataset_id, tuple(self._by_id))
        return self._by_id[dataset_id]

    def body(self, body_id: str) -> Body:
        """The body with this id (the loader guarantees that datasets name real bodies)."""
        return self._bodies[body_id]

    def code_table(self, table_id: str) -> CodeTable:
        """The code table with this id (guaranteed by the loader for every field that names one)."""
        return self._code_tables[table_id]

    def hierarchy(self, hierarchy_id: str) -> Hierarchy:
        """The hierarchy file of this name (guaranteed by the loader for every field naming one)."""
        return next(each for each in self.hierarchies if each.id == hierarchy_id)

    def element(self, element_id: str) -> Element:
        """The data element with this id (guaranteed by the loader for every field naming one)."""
        return next(each for each in self.elements if each.id == element_id)

    def readers_of(self, dataset_id: str) -> tuple[Dataset, ...]:
        """Every dataset that reads this one, directly or through others, nearest first."""
        reached: list[Dataset] = []
        frontier = {dataset_id}
        while frontier:
            found = [
                each for each in self.datasets if frontier & set(each.reads) and each not in reached
            ]
            reached += found
            frontier = {each.id for each in found}
        return tuple(reached)

    @cached_property
    def in_reading_order(self) -> tuple[Dataset, ...]:
        """Datasets, those they read first, otherwise in catalog order; the loader bars cycles."""
        done: dict[str, Dataset] = {}

        def visit(dataset: Dataset) -> None:
            for upstream in dataset.reads:
                visit(self._by_id[upstream])
            done.setdefault(dataset.id, dataset)

        for dataset in self.datasets:
            visit(dataset)
        return tuple(done.values())

    @cached_property
    def version(self) -> str:
        """SHA-256 of the canonical entries: the catalog version every refusal and record names."""
        parts = [self.bodies, self.datasets, self.code_tables, self.elements, self.hierarchies]
        return fingerprint_of(parts)

    @cached_property
    def _by_id(self) -> dict[str, Dataset]:
        return {each.id: each for each in self.datasets}

    @cached_property
    def _bodies(self) -> dict[str, Body]:
        return {each.id: each for each in self.bodies}

    @cached_property
    def _code_tables(self) -> dict[str, CodeTable]:
        return {each.id: each for each in self.code_tables}
