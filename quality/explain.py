"""How a score came about, in lines a steward can check with a pocket calculator.

Everything is recomputed from the A / B counts of the rules; nothing is taken from the report's own
scores, so a report that does not add up shows it here.
"""

from opendata.findings import DimensionScore, QualityReport, RuleResult
from opendata.indicators import INDICATORS
from quality.score import assessed, coverage, dimension_scores, indicator_share, total_score


def explain(report: QualityReport) -> tuple[str, ...]:
    """The whole calculation, dimension by dimension, ending in the score."""
    dimensions = dimension_scores(report.results)
    lines = [line for each in dimensions for line in _dimension_lines(each, report)]
    share = coverage(dimensions)
    return (
        *lines,
        f"覆盖 {round(share * len(INDICATORS))}/{len(INDICATORS)} 项指标",
        *_cap_lines(report),
        f"得分 {total_score(dimensions, report.results):.1f} = 已评估维度的平均分",
    )


def _dimension_lines(dimension: DimensionScore, report: QualityReport) -> list[str]:
    if dimension.score is None:
        return [f"{dimension.dimension.value}：未评估"]
    lines = [f"{dimension.dimension.value}：{dimension.score:.1f} 分 = 各指标符合率的平均值"]
    for indicator in dimension.indicators:
        rules = assessed(report.results, indicator=indicator)
        share = indicator_share(indicator, rules)
        lines.append(f"  {indicator} {INDICATORS[indicator]}：{share:.4f}")
        lines += [_rule_line(each) for each in rules]
    return lines


def _rule_line(result: RuleResult) -> str:
    good = result.evaluated - result.unexpected
    verdict = "通过" if result.success else "未通过"
    share = f"{good}/{result.evaluated} = {result.met_share:.4f}"
    return f"    {share}  {verdict}  {result.expectation.description}"


def _cap_lines(report: QualityReport) -> tuple[str, ...]:
    failed = "、".join(each.expectation.id for each in report.failed_critical)
    return (f"关键规则未通过（{failed}），得分以 59.9 为上限",) if failed else ()
