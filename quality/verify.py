"""Our judgement beside Great Expectations' own, rule by rule.

What cannot be compared is named with its reason: the documented differences of
``docs/gx-differences.md``, and rules that were never about the rows of the table. A rule Great
Expectations crashed in is a difference, never an agreement.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from opendata.findings import QualityReport, RuleResult
from quality.agreement import AGREES
from quality.drift import DRIFT_TYPES
from quality.gx.opinion import SecondOpinion
from quality.gx_types import GX_TYPES
from quality.plan import is_evaluated
from quality.references import REFERENCE_TYPES
from quality.table_rules import TABLE_TYPES

OF_TYPE = "expect_column_values_to_be_of_type"
NOT_NULL = "expect_column_values_to_not_be_null"
_JUDGED_BY_OTHER_THINGS = {
    "expect_table_to_be_updated_on_time": "按更新频率和数据时间判断，不看表中各行",
    "expect_source_to_differ_from_other_datasets": "按来源文件判断，不看表中各行",
    "expect_table_columns_to_match_set": "按来源表头判断，治理后的表已按目录成形",
}
_BESIDE = frozenset({*DRIFT_TYPES, AGREES})
NOTHING_GONE: Mapping[str, str] = MappingProxyType({})


class Comparison(Enum):
    """How two opinions on one rule compare."""

    SAME = "一致"
    SAME_BUT_FOR_CASTS = "除类型转换失败的值外一致"
    DIFFERS = "不一致"
    CRASHED = "GX 未能评估"
    NOT_COMPARED = "不作比较"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One rule with both opinions; ``why`` in Chinese where they are not simply the same."""

    ours: RuleResult
    theirs: SecondOpinion | None
    comparison: Comparison
    why: str = ""

    @property
    def agrees(self) -> bool:
        """Whether nothing speaks against our judgement."""
        return self.comparison not in (Comparison.DIFFERS, Comparison.CRASHED)


def compare(
    report: QualityReport,
    opinions: Mapping[str, SecondOpinion],
    crashed: Collection[str],
    gone: Mapping[str, str] = NOTHING_GONE,
) -> tuple[Compared, ...]:
    """Every rule of a report beside the opinion on it, in the report's order.

    ``gone`` says in Chinese, by rule, what it was held against and is there no more.
    """
    casts = {
        each.expectation.column: each.unexpected
        for each in report.results
        if each.expectation.type == OF_TYPE
    }
    return tuple(
        _not_compared(each, why)
        if (why := _why_not(each, gone))
        else _compared(each, opinions.get(each.expectation.id), crashed, casts)
        for each in report.results
    )


def comparable(
    report: QualityReport, gone: Mapping[str, str] = NOTHING_GONE
) -> Iterator[RuleResult]:
    """The rules Great Expectations can be asked about, but for those whose other side is gone."""
    return (each for each in report.results if not _why_not(each, gone))


def _not_compared(ours: RuleResult, why: str) -> Compared:
    return Compared(ours=ours, theirs=None, comparison=Comparison.NOT_COMPARED, why=why)


def _compared(
    ours: RuleResult,
    theirs: SecondOpinion | None,
    crashed: Collection[str],
    casts: Mapping[str | None, int],
) -> Compared:
    comparison, why = _verdict(ours, theirs, crashed, casts)
    return Compared(ours=ours, theirs=theirs, comparison=comparison, why=why)


def _verdict(
    ours: RuleResult,
    theirs: SecondOpinion | None,
    crashed: Collection[str],
    casts: Mapping[str | None, int],
) -> tuple[Comparison, str]:
    kind = ours.expectation.type
    if theirs is None:
        why = "GX 评估时出错" if ours.expectation.id in crashed else "GX 没有给出结果"
        return Comparison.CRASHED, why
    uncast = casts.get(ours.expectation.column, 0) if kind == NOT_NULL else 0
    if uncast:
        return _but_for_casts(ours, theirs, uncast)
    if ours.success == theirs.success and (kind in TABLE_TYPES or _counts(ours) == _counts(theirs)):
        return Comparison.SAME, ""
    changed = "，所引用的数据集可能已在评价之后更新" if kind in REFERENCE_TYPES else ""
    return Comparison.DIFFERS, f"成功与否或计数不同{changed}"


def _why_not(ours: RuleResult, gone: Mapping[str, str]) -> str:
    """Why Great Expectations cannot be asked about a rule, in Chinese; empty where it can."""
    kind = ours.expectation.type
    if kind in _BESIDE:
        return gone.get(ours.expectation.id, "")
    if kind in GX_TYPES:
        return "本就由 GX 评估，没有另一个结果可比"
    if kind == OF_TYPE:
        return "本系统看来源文本能否读成所登记的类型，GX 只看列的类型"
    if kind in _JUDGED_BY_OTHER_THINGS and not is_evaluated(ours.expectation):
        return _JUDGED_BY_OTHER_THINGS[kind]
    if kind in REFERENCE_TYPES and ours.observed:
        return ours.observed
    return "" if is_evaluated(ours.expectation) else "不由本表的数据判断"


def _counts(opinion: RuleResult | SecondOpinion) -> tuple[int | None, ...]:
    return opinion.rows, opinion.missing, opinion.unexpected


def _but_for_casts(ours: RuleResult, theirs: SecondOpinion, uncast: int) -> tuple[Comparison, str]:
    """A value that failed its cast was filled in, wrongly; GX sees the null it left behind."""
    if _counts(theirs) == (ours.rows, ours.missing, ours.unexpected + uncast):
        return Comparison.SAME_BUT_FOR_CASTS, f"GX 把 {uncast} 个填写有误的值也算作缺失"
    return Comparison.DIFFERS, f"扣除 {uncast} 个填写有误的值后计数仍不同"
