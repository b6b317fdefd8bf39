"""需要您处理的事: what a steward must do, by when, under which article, and how to mend it.

Every kind of need is one small function over the facts of one dataset; their order is the order of
urgency. Wording of single values is ``words.py``; the gates word their own refusals.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from opendata.findings import Freshness, LeakFinding, Outcome, Refusal, RuleResult
from opendata.pages.views import OverviewRow, VersionView
from opendata.pages.words import day, indicator, number, small_count, title_of
from opendata.vocabulary import OnFail, Punctuality, Severity, Verdict

NOT_OPEN_GATE = "CLS-01"
"""The gate that keeps 不予开放 data closed."""

Weight = Literal["must", "should"]

TIMELINESS_GATE = "QUA-04"
"""The gate that words a late update with its article; where it spoke, the clock keeps quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing to do: ``must`` bars the dataset from the open store or is late; ``should`` is not.

    ``basis`` names the article or the local rule, ``tag`` how firm that ground is, ``anchor`` the
    place on the page that tells more. ``due`` is the day behind ``by``, where it is a day at all.
    """

    weight: Weight
    what: str
    how: str
    by: str
    basis: str
    tag: str = ""
    anchor: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    outcome: Outcome
    failed: tuple[RuleResult, ...] = ()
    failed_count: int = 0
    leaks: tuple[LeakFinding, ...] = ()
    waived: Mapping[str, str] = field(default_factory=dict)


def needs_of_version(view: VersionView) -> tuple[Need, ...]:
    """Everything one dataset needs, most urgent first."""
    results = view.quality.results if view.quality else ()
    failed = sorted(
        (
            each
            for each in results
            if not each.success and each.expectation.severity is not Severity.INFO
        ),
        key=_by_weight,
    )
    leaks = tuple(
        replace(each, column=title_of(view.dataset, each.column)) for each in view.leaks or ()
    )
    waived = view.quality.waived if view.quality else {}
    return _needs(_Facts(outcome=view.outcome, failed=tuple(failed), leaks=leaks, waived=waived))


def needs_of_row(row: OverviewRow) -> tuple[Need, ...]:
    """What one line of the overview needs; failed rules are told as one need."""
    return _needs(_Facts(outcome=row.outcome, failed_count=row.failed_rules))


def _needs(facts: _Facts) -> tuple[Need, ...]:
    found = [need for kind in _KINDS for need in kind(facts)]
    return tuple(sorted(found, key=lambda need: need.weight != "must"))


def _by_weight(result: RuleResult) -> tuple[bool, bool, float]:
    rule = result.expectation
    return (
        rule.on_fail is not OnFail.BLOCK,
        rule.severity is not Severity.CRITICAL,
        result.met_share,
    )


def _processing_failed(facts: _Facts) -> Iterable[Need]:
    if facts.outcome.verdict is Verdict.FAILED and not facts.outcome.reasons:
        yield Need(
            weight="must",
            what="本次处理未完成：原因见处理记录。",
            how="请按提示更正来源文件或目录后重新处理；此前开放的版本不变。",
            by="重新处理前",
            basis="处理要求",
            tag="〔本市规则〕",
        )


def _suspended(facts: _Facts) -> Iterable[Need]:
    if facts.outcome.verdict is Verdict.SUSPENDED and not facts.outcome.reasons:
        yield Need(
            weight="must",
            what="本数据集已中止开放，全部版本均不可访问。",
            how="请核查中止原因；处理完毕后由负责人决定恢复开放或者撤回。",
            by="恢复开放前",
            basis="中止决定，见处理记录",
        )


def _refused(facts: _Facts) -> Iterable[Need]:
    # that a dataset listed as 不予开放 is not opened is its entry carried out: nothing to do
    done = {NOT_OPEN_GATE} if facts.outcome.verdict is Verdict.NOT_OPEN else set()
    said = (each for each in facts.outcome.reasons if each.rule not in done)
    return (_from_refusal(each, facts.outcome.freshness) for each in said)


def _warned(facts: _Facts) -> Iterable[Need]:
    return (_from_refusal(each, facts.outcome.freshness) for each in facts.outcome.warnings)


def _from_refusal(refusal: Refusal, freshness: Freshness | None) -> Need:
    if refusal.due is not None:
        return _from_clock(refusal, refusal.due)
    late = freshness is not None and freshness.overdue_days and refusal.rule == TIMELINESS_GATE
    by = "不影响本次开放" if refusal.warns else "开放前"
    return Need(
        weight="must" if late or not refusal.warns else "should",
        what=refusal.text,
        how=refusal.remedy,
        by=f"已逾期{freshness.overdue_days}天" if freshness and late else by,
        basis=refusal.citation or refusal.clause or refusal.rule,
        tag=refusal.tag,
        anchor="refusals" if refusal.quote else "",
        due=freshness.due if freshness and late else None,
    )


def _from_clock(refusal: Refusal, due: date) -> Need:
    """A statutory term that is running, or over."""
    return Need(
        weight="must" if refusal.late_days else "should",
        what=refusal.text,
        how=refusal.remedy,
        by=f"已逾期{refusal.late_days}天" if refusal.late_days else day(due),
        basis=refusal.citation or "处理要求",
        tag=refusal.tag,
        anchor="refusals" if refusal.quote else "",
        due=due,
    )


def _leaking(facts: _Facts) -> Iterable[Need]:
    # a desensitising gate that refused has already said it, with the article
    if any(each.rule.startswith("DES-") for each in facts.outcome.reasons):
        return
    for leak in facts.leaks:
        yield Need(
            weight="must" if leak.blocks else "should",
            what=f"“{leak.column}”中仍有疑似{leak.semantic}（{small_count(leak.count)}处）。",
            how=_BLOCKING_LEAK if leak.blocks else _DOUBTFUL_LEAK,
            by="开放前" if leak.blocks else "不影响本次开放",
            basis="开放前检查",
            tag="〔本市规则〕",
            anchor="treatment",
        )


_BLOCKING_LEAK = "请在目录中为该数据项设定脱敏方式，或者改为删除，再重新处理。"
_DOUBTFUL_LEAK = "请核对：确系个人信息的，设定脱敏方式或者改为删除；可以公开的，写明保留依据。"


def _rules_failed(facts: _Facts) -> Iterable[Need]:
    for each in facts.failed:
        need = _from_rule(each, facts.outcome.freshness)
        said = facts.waived.get(each.expectation.id)
        yield _let_pass(need, said) if said else need


def _let_pass(need: Need, said: str) -> Need:
    """What is owed all the same for a rule that is waived as a whole."""
    how = "不因此暂缓开放，也不因此列为问题数据；请在期满前整改，期满后按原规则处理。"
    what = f"{need.what}{said}"
    return replace(
        need, weight="should", what=what, how=how, by="例外处理期满前", due=None, anchor="waivers"
    )


def _from_rule(result: RuleResult, freshness: Freshness | None) -> Need:
    rule = result.expectation
    blocks = rule.on_fail is OnFail.BLOCK
    broken = f"{number(result.evaluated)}项中有{number(result.unexpected)}项不符合"
    return Need(
        weight="must" if blocks else "should",
        what=f"{result.told}：{broken}。",
        how=_HOW[rule.on_fail],
        by="开放前" if blocks else next_update(freshness),
        basis=f"GB/T 36344-2018 指标{indicator(rule.indicator)}",
        tag="〔本市规则〕",
        anchor="rules",
        due=None if blocks else next_due(freshness),
    )


_HOW = {
    OnFail.BLOCK: "请更正来源数据后重新提交；此前开放的版本不变。",
    OnFail.DROP: "相关记录已列为问题数据，不随本版本开放；请在来源系统更正。",
    OnFail.KEEP_FLAG: "不影响开放，记录已作标记；请在来源系统核对更正。",
}


def next_update(freshness: Freshness | None) -> str:
    """The day of the next update in words: what waits for it anyway is mended by then."""
    due = next_due(freshness)
    return f"{day(due)}（下次更新）" if due else "下次更新前"


def next_due(freshness: Freshness | None) -> date | None:
    """The day of the next update, while it is still to come."""
    known = freshness is not None and freshness.due is not None and freshness.due >= freshness.as_of
    return freshness.due if freshness and known else None


def _rules_failed_in_short(facts: _Facts) -> Iterable[Need]:
    if facts.failed_count:
        yield Need(
            weight="should",
            what=f"{facts.failed_count}项质量规则未通过。",
            how="请查看数据集页面，在来源系统核对更正。",
            by=next_update(facts.outcome.freshness),
            basis="GB/T 36344-2018",
            tag="〔本市规则〕",
            due=next_due(facts.outcome.freshness),
        )


_LATE = {
    Punctuality.OVERDUE: "请提交最新数据；确需延期的，申请例外处理（经批准）或者调整目录更新频率。",
    Punctuality.IN_GRACE: "请在宽限期内提交最新数据。",
    Punctuality.DUE_SOON: "请准备提交最新数据。",
    Punctuality.UNKNOWN: "请在目录中补充更新频率和数据时间，或者核对日期数据项。",
}


def _late(facts: _Facts) -> Iterable[Need]:
    freshness = facts.outcome.freshness
    judged = (*facts.outcome.reasons, *facts.outcome.warnings)
    # the timeliness gate, where it spoke, has said the same with the article
    if freshness is None or any(each.rule == TIMELINESS_GATE for each in judged):
        return
    if freshness.punctuality in _LATE and facts.outcome.verdict is not Verdict.NOT_OPEN:
        overdue = freshness.punctuality is Punctuality.OVERDUE
        yield Need(
            weight="must" if overdue else "should",
            what=freshness.sentence,
            how=_LATE[freshness.punctuality],
            by=f"已逾期{freshness.overdue_days}天" if overdue else day(freshness.due),
            basis="开放目录所列更新频率",
            anchor="freshness",
            due=freshness.due,
        )


_KINDS: tuple[Callable[[_Facts], Iterable[Need]], ...] = (
    _processing_failed,
    _suspended,
    _refused,
    _leaking,
    _rules_failed,
    _rules_failed_in_short,
    _late,
    _warned,
)
