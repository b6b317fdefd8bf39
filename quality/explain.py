"""How a score came about, in lines a steward can check with a pocket calculator.

Everything is recomputed from the A / B counts of the rules; nothing is taken from the report's own
scores, so a report that does not add up shows it here.
"""

from collections.abc import Iterable, Iterator
from math import isclose
from statistics import fmean

from opendata.findings import DimensionScore, QualityReport, RuleResult
from opendata.indicators import INDICATORS
from quality.score import (
    CAP_WHEN_CRITICAL,
    assessed,
    coverage,
    dimension_scores,
    indicator_share,
    total_score,
)

_EXACT = 1e-9
"""How far floating point may carry equal sums apart; a score is told to a tenth."""


def explain(report: QualityReport) -> tuple[str, ...]:
    """The whole calculation, dimension by dimension, ending in the score."""
    dimensions = dimension_scores(report.results)
    lines = [line for each in dimensions for line in _dimension_lines(each, report)]
    share = coverage(dimensions)
    return (
        *lines,
        f"覆盖 {round(share * len(INDICATORS))}/{len(INDICATORS)} 项指标",
        *_mean_lines(dimensions),
        *_cap_lines(report),
        _score_line(dimensions, report),
    )


def discrepancies(report: QualityReport) -> tuple[str, ...]:
    """What of the report its own counts do not bear out, in Chinese; nothing where all adds up."""
    dimensions = dimension_scores(report.results)
    pairs = {
        "得分": (report.score, total_score(dimensions, report.results)),
        "覆盖率": (report.coverage, coverage(dimensions)),
        **_dimension_pairs(report, dimensions),
    }
    counted = (
        f"规则 {each.expectation.id} 的计数不可能成立："
        f"{each.unexpected} 个不符合，只看了 {each.evaluated} 个"
        for each in report.results
        if not 0 <= each.unexpected <= each.evaluated
    )
    return (*_unequal(pairs), *counted)


def _unequal(pairs: dict[str, tuple[float | None, float | None]]) -> Iterator[str]:
    for name, (kept, again) in pairs.items():
        if not _same(kept, again):
            yield f"{name}：保存的是 {_told(kept)}，由计数重算得 {_told(again)}"


def _dimension_pairs(
    report: QualityReport, again: Iterable[DimensionScore]
) -> dict[str, tuple[float | None, float | None]]:
    kept = {each.dimension: each.score for each in report.dimensions}
    return {each.dimension.value: (kept.get(each.dimension), each.score) for each in again}


def _same(kept: float | None, again: float | None) -> bool:
    if kept is None or again is None:
        return kept is again
    return isclose(kept, again, rel_tol=_EXACT, abs_tol=_EXACT)


def _told(score: float | None) -> str:
    return "未评估" if score is None else f"{score:.4f}"


def _dimension_lines(dimension: DimensionScore, report: QualityReport) -> list[str]:
    idle = [
        each
        for each in report.results
        if not each.evaluated and each.expectation.dimension is dimension.dimension
    ]
    unassessed = [f"    0/0  未评估  {each.told}" for each in idle]
    if dimension.score is None:
        return [f"{dimension.dimension.value}：未评估", *unassessed]
    shares = [indicator_share(each, report.results) for each in dimension.indicators]
    mean = f"100 * {_mean_of(f'{each:.4f}' for each in shares)}"
    lines = [f"{dimension.dimension.value}：{dimension.score:.1f} 分 = {mean}"]
    for indicator, share in zip(dimension.indicators, shares, strict=True):
        rules = assessed(report.results, indicator=indicator)
        mean = _mean_of(f"{each.met_share:.4f}" for each in rules)
        worked = f" = {mean}" if len(rules) > 1 else ""
        lines.append(f"  {indicator} {INDICATORS[indicator]}：{share:.4f}{worked}")
        lines += [_rule_line(each) for each in rules]
    return [*lines, *unassessed]


def _mean_of(parts: Iterable[str]) -> str:
    """Equal parts added and divided, as one would type it; one part stands alone."""
    parts = tuple(parts)
    return f"({' + '.join(parts)}) / {len(parts)}" if len(parts) > 1 else parts[0]


def _rule_line(result: RuleResult) -> str:
    good = result.evaluated - result.unexpected
    verdict = "通过" if result.success else "未通过"
    share = f"{good}/{result.evaluated} = {result.met_share:.4f}"
    return f"    {share}  {verdict}  {result.told}"


def _mean_lines(dimensions: Iterable[DimensionScore]) -> Iterator[str]:
    scores = [each.score for each in dimensions if each.score is not None]
    if scores:
        added = _mean_of(f"{each:.1f}" for each in scores)
        yield f"已评估维度的平均分：{fmean(scores):.1f} = {added}"


def _cap_lines(report: QualityReport) -> tuple[str, ...]:
    failed = "、".join(each.expectation.id for each in report.failed_critical)
    said = f"关键规则未通过（{failed}），得分以 {CAP_WHEN_CRITICAL} 为上限"
    return (said,) if failed else ()


def _score_line(dimensions: tuple[DimensionScore, ...], report: QualityReport) -> str:
    score = total_score(dimensions, report.results)
    uncapped = total_score(dimensions, ())
    if score == uncapped:
        return f"得分 {score:.1f} = 已评估维度的平均分"
    return f"得分 {score:.1f} = 已评估维度的平均分 {uncapped:.1f}，受上限约束"
