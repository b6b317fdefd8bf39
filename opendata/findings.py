"""What the judges say: rule results, scores, freshness, refusals, and what became of a dataset.

Values only. Who computes them: ``quality/`` (results and scores), ``freshness.py`` (punctuality),
``gates.py`` (refusals). Who shows them: ``pages/``, the command, Dagster. None ever holds a value
taken from a data row; shapes are masked (``1XX-XXXX``), counts below five may be shown as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from opendata.vocabulary import (
    Basis,
    Dimension,
    LegalStatus,
    OnFail,
    Punctuality,
    Severity,
    Verdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One quality rule, compiled from the contract: a Great Expectations type with its arguments.

    ``indicator`` is the GB/T 36344 code (four digits, first two = dimension); ``id`` is unique in
    the suite, short and stable (``uscc_not_null``); ``description`` is the Chinese sentence.
    """

    id: str
    type: str
    kwargs: Mapping[str, Any]
    dimension: Dimension
    indicator: str
    description: str
    severity: Severity
    on_fail: OnFail
    mostly: float = 1.0

    @property
    def column(self) -> str | None:
        """The one field the rule is about, when it is about one."""
        return self.kwargs.get("column")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """How one expectation fared: ``unexpected`` of ``evaluated`` elements broke it.

    ``evaluated`` leaves nulls out (Great Expectations' pandas semantics); ``rows`` is the table.
    """

    expectation: Expectation
    rows: int
    missing: int
    unexpected: int
    success: bool
    observed: str | None = None

    @property
    def evaluated(self) -> int:
        """Elements the rule looked at."""
        return self.rows - self.missing

    @property
    def met_share(self) -> float:
        """Share of evaluated elements that meet the rule (1 when there was nothing to look at)."""
        return 1 - self.unexpected / self.evaluated if self.evaluated else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionScore:
    """A dimension of GB/T 36344: 0-100, or None when nothing of it was assessed (未评估).

    ``good`` / ``total`` are the standard's A / B summed over the dimension's rules.
    """

    dimension: Dimension
    score: float | None
    good: int
    total: int
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineReason:
    """Why rows were set aside as 问题数据: one rule, how many rows, what the values look like."""

    expectation_id: str
    description: str
    rows: int
    shapes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """The whole judgement over one standardised version of one dataset."""

    dataset_id: str
    rows: int
    clean: int
    quarantined: int
    results: tuple[RuleResult, ...]
    dimensions: tuple[DimensionScore, ...]
    score: float
    coverage: float
    reasons: tuple[QuarantineReason, ...]
    suite_hash: str

    @property
    def failed_critical(self) -> tuple[RuleResult, ...]:
        """Critical rules that did not succeed; any of them caps the score below 60."""
        return tuple(
            each
            for each in self.results
            if not each.success and each.expectation.severity is Severity.CRITICAL
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The verdict of the declared-frequency clock at ``as_of``.

    ``due`` is the day by which the next update must be out; ``provisional`` marks a date counted
    over a year whose working-day calendar is not published yet (暂定).
    """

    punctuality: Punctuality
    data_time: date | None
    due: date | None
    overdue_days: int
    as_of: date
    provisional: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakFinding:
    """Something identifying found in bytes about to be released; never the value itself."""

    column: str
    semantic: str
    count: int
    digest: str
    blocks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How small the groups get over the declared quasi-identifiers: measured, not estimated."""

    quasi_identifiers: tuple[str, ...]
    k: int | None
    required_k: int | None
    suppressed_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A gate's no (or warning), in the words an official can act on.

    ``tag`` is 〔basis｜status〕; ``clauses`` are ids such as ``xian-open-2022/23.p2.a``; ``quote``
    is the phrase of the first clause, verbatim. ``waivable`` is what a waiver of it must bind to,
    empty where none may be given; ``exception`` says who let it pass (例外处理（经批准）).
    ``due`` is the day a statutory term ends on, ``late_days`` how long it has been over.
    """

    rule: str
    clauses: tuple[str, ...]
    text: str
    text_en: str
    remedy: str
    basis: Basis
    status: LegalStatus
    warns: bool
    citation: str = ""
    quote: str = ""
    waivable: str = ""
    exception: str = ""
    due: date | None = None
    late_days: int = 0

    @property
    def clause(self) -> str:
        """The first clause: the one printed beside the rule."""
        return self.clauses[0] if self.clauses else ""

    @property
    def tag(self) -> str:
        """〔条文明文｜征求意见稿〕: how firm the ground is."""
        return f"〔{self.basis.value}｜{self.status.value}〕"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one dataset in one run: the row of the closing table and of ``--json``."""

    dataset_id: str
    title: str
    body: str
    verdict: Verdict
    changed: bool
    reasons: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    rows_landed: int | None = None
    rows_clean: int | None = None
    rows_quarantined: int | None = None
    rows_released: int | None = None
    score: float | None = None
    freshness: Freshness | None = None
    version: int | None = None
    finished_at: datetime | None = None
