"""What the judges say: rule results, scores, freshness, refusals, and what became of a dataset.

Values only. Who computes them: ``quality/`` (results and scores), ``freshness.py`` (punctuality),
``gates.py`` (refusals). Who shows them: ``pages/``, the command, Dagster. None ever holds a value
taken from a data row; shapes are masked (``1XX-XXXX``), counts below five may be shown as such.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import fmean
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

    @property
    def decides(self) -> bool:
        """Whether a dataset that fails it is not released."""
        return self.on_fail is OnFail.BLOCK or self.severity is Severity.CRITICAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """How one expectation fared: ``unexpected`` of ``evaluated`` elements broke it.

    ``evaluated`` leaves nulls out (Great Expectations' pandas semantics); ``rows`` is the table.
    ``judged_by`` names who judged it where that was not this product.
    """

    expectation: Expectation
    rows: int
    missing: int
    unexpected: int
    success: bool
    observed: str | None = None
    judged_by: str | None = None

    @property
    def told(self) -> str:
        """The rule in Chinese, and who judged it where that was not this product."""
        by = f"（由 {self.judged_by} 评估）" if self.judged_by else ""
        return f"{self.expectation.description}{by}"

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


def mean_score(dimensions: Iterable[DimensionScore]) -> float:
    """0-100: the mean of the dimensions that were assessed."""
    scores = [each.score for each in dimensions if each.score is not None]
    return fmean(scores) if scores else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineReason:
    """Why rows were set aside as 问题数据: one rule, how many rows, what the values look like."""

    expectation_id: str
    description: str
    rows: int
    shapes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """The whole judgement over one standardised version of one dataset.

    ``clean`` and ``quarantined`` add up to ``rows``; ``excepted`` of the clean ones break a waived
    rule. ``struck`` rows were struck out (作废) before, and are in neither. ``waived`` are rules
    waived as a whole, each with the sentence that says by whom and until when.
    """

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
    excepted: int = 0
    struck: int = 0
    waived: Mapping[str, str] = field(default_factory=dict)

    @property
    def decisive(self) -> tuple[RuleResult, ...]:
        """Failed rules that bar a release, critical or 阻断, and that nobody waived."""
        return tuple(
            each
            for each in self.results
            if not each.success and each.expectation.decides and not self.is_waived(each)
        )

    @property
    def score_to_release(self) -> float:
        """The score a release is measured by: not capped for critical rules that are waived."""
        capped = any(not self.is_waived(each) for each in self.failed_critical)
        return self.score if capped else max(self.score, mean_score(self.dimensions))

    def is_waived(self, result: RuleResult) -> bool:
        """Whether the rule is waived as a whole."""
        return result.expectation.id in self.waived

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
class Diversity:
    """What a class of equal quasi-identifiers gives away of one sensitive field, at its worst.

    ``distinct`` and ``entropy`` are l-diversity (fewest different values; exponential of the lowest
    entropy), ``distance`` is t-closeness (0 to 1); None where there are no rows.
    """

    field: str
    distinct: int | None
    entropy: float | None
    distance: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How small and how alike the groups get over the quasi-identifiers: measured, not estimated.

    ``small_rows`` of ``rows`` are in classes below ``required_k``; ``suppressed_rows`` were left
    out before measuring. ``small_cells`` are counts below the smallest that may be published,
    ``hidden_cells`` those that were left empty; both are None where no cells are declared.
    """

    quasi_identifiers: tuple[str, ...]
    k: int | None
    required_k: int | None
    suppressed_rows: int = 0
    rows: int = 0
    classes: int = 0
    small_rows: int = 0
    diversity: tuple[Diversity, ...] = ()
    small_cells: int | None = None
    hidden_cells: int | None = None

    @property
    def suppressed_share(self) -> float:
        """Share of the treated rows that were left out."""
        return self.suppressed_rows / ((self.rows + self.suppressed_rows) or 1)

    @property
    def small_share(self) -> float:
        """Share of the rows that are in classes below the k asked for."""
        return self.small_rows / (self.rows or 1)


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
    """What became of one dataset in one run: the row of the closing table and of ``--json``.

    Rows landed are those clean, quarantined and struck out (作废), and those a later delivery
    replaced.
    """

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
    rows_struck: int = 0
    rows_released: int | None = None
    score: float | None = None
    freshness: Freshness | None = None
    version: int | None = None
    finished_at: datetime | None = None
