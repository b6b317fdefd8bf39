"""What drafting passes on: a table as it was looked at, its columns as counts, and proposals.

Values only. No value of the data is ever put into a proposal or its evidence: counts are, and
headings, which are proposed as titles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from resources.rows import Record


class Confidence(Enum):
    """How firmly a proposal stands; what is 待定 a steward decides."""

    SURE = "确定"
    LIKELY = "很可能"
    OPEN = "待定"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One key of the entry: ``keys`` lead to it, ``evidence`` says in Chinese what it rests on.

    ``value`` is what YAML holds; None is a remark without a value. ``loud`` ones are told first.
    """

    keys: tuple[str, ...]
    value: Any
    confidence: Confidence
    evidence: str
    loud: bool = False

    @property
    def comment(self) -> str:
        """What stands behind the key: the word, and the counts behind it."""
        return f"{self.confidence.value}：{self.evidence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Where the headings stand: ``row`` counts records from 1, 0 means that there are none.

    ``headings`` has a text for each column, empty where a column has none; ``keyed`` ones come from
    the file's own names or keys and take up no record.
    """

    row: int
    rows: int = 1
    keyed: bool = False
    headings: tuple[str, ...]
    confidence: Confidence
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the file is packed and written; ``encoding`` is None where there is no text.

    ``records`` leads to the list of records in JSON, ``nested`` are columns without plain values.
    """

    container: str
    encoding: str | None = None
    delimiter: str = ","
    quote: str = '"'
    sheets: int = 1
    records: str | None = None
    nested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table gone through once: where it lies in its file, and a sample of its rows.

    ``records`` counts everything in the file, ``data`` the records below the headings that are
    neither blank nor footer; ``sample`` holds every ``step``-th of those, in order.
    """

    path: Path
    name: str
    dialect: Dialect
    heads: Heads
    records: int
    data: int
    blank: int
    footer: int
    short: int
    long: int
    repeated_heads: int
    step: int
    sample: tuple[Record, ...]

    @property
    def whole(self) -> bool:
        """Whether the sample is every row there is."""
        return self.step == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as counts over the sample: what its values look like, never which they are.

    ``place`` counts columns from 0; ``heading`` is empty when there is none. ``shapes`` says how
    many of the ``filled`` values have each shape of ``shapes.py``; ``formats`` the same of written
    dates; ``nulls`` the spellings of nothing, which are not among ``filled``.
    """

    place: int
    heading: str
    rows: int
    filled: int
    distinct: int
    longest: int
    average: float
    scale: int = 0
    shapes: Mapping[str, int] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)

    def count(self, *shapes: str) -> int:
        """How many values have one of these shapes (shapes given together exclude each other)."""
        return sum(self.shapes.get(each, 0) for each in shapes)

    def share(self, *shapes: str) -> float:
        """The same as a share of the filled values."""
        return self.count(*shapes) / self.filled if self.filled else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """One proposed field counted over the whole file by the SQL that will standardise it.

    ``filled`` values there are, ``bad`` of them not of the proposed type; ``distinct`` is exact
    where it bears on a key, otherwise estimated.
    """

    filled: int
    bad: int
    distinct: int
