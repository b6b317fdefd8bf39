"""What one body has to do, ordered by deadline: the needs of all its datasets in one list.

Needs of a single dataset are ``needs.py``; what is added here is told on a dataset's own page in
other sections: 问题数据, differences from the source, exceptions about to end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from opendata.pages.body_views import BodyRow, BodyView, Ground
from opendata.pages.needs import Need, needs_of_row, next_due, next_update
from opendata.pages.words import day, number, small_count
from opendata.vocabulary import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One need with the dataset it is about."""

    row: BodyRow
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """The needs of a body of one urgency: a heading, and the list by deadline."""

    id: str
    title: str
    note: str
    tone: str
    duties: tuple[Duty, ...]


_URGENCIES = (
    ("late", "已逾期", "期限已过，请先处理。", "fail"),
    ("barred", "开放前须处理", "处理之前，数据不能开放或者不能更新。", "fail"),
    ("dated", "有期限", "按期限先后排列。", "hold"),
    ("undated", "请留意", "不影响开放，没有确定的日期。", "hold"),
)


def duties_of(view: BodyView) -> tuple[Duties, ...]:
    """Everything the body has to do, in four groups, the most urgent first; empty ones left out."""
    as_of = view.frame.as_of
    owed = [Duty(row=row, need=need) for row in view.rows for need in _needs_of(row, view.mending)]
    groups: dict[str, list[Duty]] = {each[0]: [] for each in _URGENCIES}
    for each in sorted(owed, key=lambda duty: duty.need.due or date.max):
        groups[_urgency(each.need, as_of)].append(each)
    return tuple(
        Duties(id=key, title=title, note=note, tone=tone, duties=tuple(groups[key]))
        for key, title, note, tone in _URGENCIES
        if groups[key]
    )


def _urgency(need: Need, as_of: date) -> str:
    if need.due is None:
        return "barred" if need.weight == "must" else "undated"
    return "late" if need.due < as_of else "dated"


def _needs_of(row: BodyRow, mending: Ground | None) -> Iterator[Need]:
    yield from needs_of_row(row.row)
    if row.row.outcome.verdict is not Verdict.NOT_OPEN:
        yield from _set_aside(row, mending)
    yield from _differing(row)
    yield from _exceptions_ending(row)


def _set_aside(row: BodyRow, mending: Ground | None) -> Iterable[Need]:
    outcome = row.row.outcome
    if count := outcome.rows_quarantined:
        yield Need(
            weight="should",
            what=f"问题数据{number(count)}条。",
            how="请在来源系统更正后重新提交；原因见数据集页面。",
            by=next_update(outcome.freshness),
            due=next_due(outcome.freshness),
            basis=mending.citation if mending else "处理要求",
            tag="" if mending else "〔本市规则〕",
            anchor="problems",
        )


def _differing(row: BodyRow) -> Iterable[Need]:
    for line in row.sources:
        if line.agreement.differ:
            count = (small_count if line.personal else number)(line.agreement.differ)
            yield Need(
                weight="should",
                what=f"“{line.title}”有{count}条与数源（{line.source}）不一致。",
                how="请与数源单位核对：本处有误的在来源系统更正，数源有误的提请数源单位更正。",
                by=next_update(row.row.outcome.freshness),
                due=next_due(row.row.outcome.freshness),
                basis="一数一源",
                anchor="sources",
            )


def _exceptions_ending(row: BodyRow) -> Iterable[Need]:
    for each in row.waivers:
        yield Need(
            weight="should",
            what=f"例外处理（经批准）将于{day(each.until)}届满（规则{each.gate}）。",
            how="请在届满前完成整改；确需继续的，届满前重新批准，否则届满后按原规则处理。",
            by=day(each.until),
            basis=f"{each.by}（{each.role}）批准的例外处理",
            due=each.until,
        )
