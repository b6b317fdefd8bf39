"""The score: rule -> indicator -> dimension -> dataset, every step a plain mean (GB/T 36344).

Rules weigh the same whatever their number of rows, so that a failed one-element rule (was it on
time?) cannot vanish among a million cells. What was not assessed is 未评估 and has no part in any
mean; a rule that found nothing to look at assessed nothing. A failed critical rule caps the score
below the pass mark. Weights are equal because the standard sets none.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

from opendata.findings import DimensionScore, RuleResult, mean_score
from opendata.indicators import INDICATORS
from opendata.vocabulary import Dimension, Severity

CAP_WHEN_CRITICAL = 59.9


def dimension_scores(results: Sequence[RuleResult]) -> tuple[DimensionScore, ...]:
    """All six dimensions in the standard's order, assessed or not."""
    return tuple(_dimension_score(each, results) for each in Dimension)


def indicator_share(indicator: str, results: Iterable[RuleResult]) -> float:
    """Mean share met over the rules of one indicator that looked at something."""
    return fmean(each.met_share for each in assessed(results, indicator=indicator))


def total_score(dimensions: Iterable[DimensionScore], results: Iterable[RuleResult]) -> float:
    """0-100: mean of the assessed dimensions, capped when a critical rule failed."""
    mean = mean_score(dimensions)
    failed = any(
        not each.success and each.expectation.severity is Severity.CRITICAL for each in results
    )
    return min(mean, CAP_WHEN_CRITICAL) if failed else mean


def coverage(dimensions: Iterable[DimensionScore]) -> float:
    """Share of the standard's twenty indicators that were assessed at all."""
    return sum(len(each.indicators) for each in dimensions) / len(INDICATORS)


def assessed(
    results: Iterable[RuleResult],
    *,
    dimension: Dimension | None = None,
    indicator: str | None = None,
) -> list[RuleResult]:
    """The results that looked at something, of one dimension or indicator."""
    return [
        each
        for each in results
        if each.evaluated
        and dimension in (None, each.expectation.dimension)
        and indicator in (None, each.expectation.indicator)
    ]


def _dimension_score(dimension: Dimension, results: Sequence[RuleResult]) -> DimensionScore:
    counted = assessed(results, dimension=dimension)
    indicators = sorted({each.expectation.indicator for each in counted})
    shares = [indicator_share(each, counted) for each in indicators]
    return DimensionScore(
        dimension=dimension,
        score=100 * fmean(shares) if shares else None,
        good=sum(each.evaluated - each.unexpected for each in counted),
        total=sum(each.evaluated for each in counted),
        indicators=tuple(indicators),
    )
