"""The pages' content as tables: what goes into the CSV and XLSX files beside each page.

Plain values under Chinese headings; the first table of a page is its main one. Text that a
spreadsheet would take for a formula is made plain text here, numbers stay numbers.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from opendata.pages import words
from opendata.pages.body_views import BodyView, Unopened, UnopenedView
from opendata.pages.duties import duties_of
from opendata.pages.needs import Need, needs_of_row, needs_of_version
from opendata.pages.views import OverviewView, VersionView

Cell = str | int | float | None
Rows = tuple[tuple[Cell, ...], ...]

_STARTS_A_FORMULA = tuple(
    "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
)  # spreadsheets fold full-width signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A named table; ``name`` is what its sheet is called: at most 31 characters, no brackets."""

    name: str
    headings: tuple[str, ...]
    rows: Rows


def safe(cell: Cell) -> Cell:
    """The cell as text that no spreadsheet takes for a formula; numbers as they are.

    >>> safe("=1+1"), safe("合格"), safe(-3), safe(" @x")
    ("'=1+1", '合格', -3, "' @x")
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell


def csv_of(table: Table) -> bytes:
    """The table as UTF-8 with a byte order mark, the way Excel opens Chinese."""
    text = io.StringIO(newline="")
    lines = (table.headings, *table.rows)
    csv.writer(text).writerows([safe(each) for each in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def version_tables(view: VersionView) -> tuple[Table, ...]:
    """Rule results with who waived them, dimensions, 问题数据 by reason, and what needs doing."""
    return (
        Table(
            name="规则结果",
            headings=_RULE_HEADINGS,
            rows=tuple(_rule_rows(view)),
        ),
        Table(name="质量维度", headings=_DIMENSION_HEADINGS, rows=tuple(_dimension_rows(view))),
        Table(
            name="问题数据原因",
            headings=("原因", "条数"),
            rows=tuple(
                (each.description, each.rows)
                for each in (view.quality.reasons if view.quality else ())
            ),
        ),
        Table(
            name="需要处理的事",
            headings=_NEED_HEADINGS,
            rows=tuple(_need_cells(each) for each in needs_of_version(view)),
        ),
    )


_OF_A_DATASET = ("数据集编号", "数据集", "责任单位")
_RULE_HEADINGS = (
    *_OF_A_DATASET,
    "规则编号",
    "规则",
    "指标",
    "维度",
    "结果",
    "评估数",
    "不符合数",
    "程度",
    "不符合时",
    "例外处理",
)
_DIMENSION_HEADINGS = ("维度", "得分", "符合数A", "评估数B")
_NEED_HEADINGS = ("轻重", "事项", "处理", "期限", "期限日期", "依据", "依据性质")


def _rule_rows(view: VersionView) -> Iterable[tuple[Cell, ...]]:
    waived = view.quality.waived if view.quality else {}
    for each in view.quality.results if view.quality else ():
        rule = each.expectation
        yield (
            view.dataset.id,
            view.dataset.title,
            view.body_title,
            rule.id,
            each.told,
            words.indicator(rule.indicator),
            rule.dimension.value,
            "通过" if each.success else "未通过",
            each.evaluated,
            each.unexpected,
            words.severity(rule.severity),
            words.on_fail(rule.on_fail),
            waived.get(rule.id),
        )


def _dimension_rows(view: VersionView) -> Iterable[tuple[Cell, ...]]:
    for each in view.quality.dimensions if view.quality else ():
        assessed = each.score is not None
        yield (
            each.dimension.value,
            float(words.score(each.score)) if assessed else "未评估",
            each.good if assessed else None,
            each.total if assessed else None,
        )


def _need_cells(need: Need) -> tuple[Cell, ...]:
    return (
        "须处理" if need.weight == "must" else "请留意",
        need.what,
        need.how,
        need.by,
        need.due.isoformat() if need.due else None,
        need.basis,
        need.tag,
    )


def overview_tables(view: OverviewView) -> tuple[Table, ...]:
    """Every dataset's line, and every need of every dataset."""
    headings = (*_OF_A_DATASET, "结论", "更新时效", "更新期限", "得分", "事项数")
    lines = tuple(
        (
            row.outcome.dataset_id,
            row.outcome.title,
            row.body_title,
            row.outcome.verdict.value,
            words.lateness(row.outcome.freshness) if row.outcome.freshness else None,
            _iso(row.outcome.freshness.due) if row.outcome.freshness else None,
            None if row.outcome.score is None else float(words.score(row.outcome.score)),
            len(needs_of_row(row)),
        )
        for row in view.rows
    )
    owed = tuple(
        (row.outcome.dataset_id, row.outcome.title, row.body_title, *_need_cells(need))
        for row in view.rows
        for need in needs_of_row(row)
    )
    return (
        Table(name="数据集", headings=headings, rows=lines),
        Table(
            name="需要处理的事",
            headings=(*_OF_A_DATASET, *_NEED_HEADINGS),
            rows=owed,
        ),
    )


def body_tables(view: BodyView) -> tuple[Table, ...]:
    """What the body has to do by deadline, and what of its data should be open and is not."""
    owed = tuple(
        (
            group.title,
            each.row.row.outcome.dataset_id,
            each.row.row.outcome.title,
            *_need_cells(each.need),
        )
        for group in duties_of(view)
        for each in group.duties
    )
    return (
        Table(
            name="需要处理的事",
            headings=("分组", "数据集编号", "数据集", *_NEED_HEADINGS),
            rows=owed,
        ),
        _unopened_table(view.unopened),
    )


def unopened_tables(view: UnopenedView) -> tuple[Table, ...]:
    """What should be open and is not, one line a reason."""
    return (_unopened_table(view.rows),)


def _unopened_table(rows: tuple[Unopened, ...]) -> Table:
    headings = (*_OF_A_DATASET, "开放属性", "状态", "起始日期", "列入目录日期")
    return Table(
        name="应开放未开放",
        headings=(*headings, "规则", "原因", "依据", "依据性质", "处理"),
        rows=tuple(cells for each in rows for cells in _unopened_rows(each)),
    )


def _unopened_rows(each: Unopened) -> Iterable[tuple[Cell, ...]]:
    head = (
        each.dataset_id,
        each.title,
        each.body_title,
        each.openness.value,
        each.state,
        _iso(each.since),
        _iso(each.listed_on),
    )
    if not each.refusals:
        yield (*head, None, None, None, None, None)
    for refusal in each.refusals:
        basis = refusal.citation or refusal.clause
        yield (*head, refusal.rule, refusal.text, basis, refusal.tag, refusal.remedy)


def _iso(value: object) -> str | None:
    return None if value is None else str(value)
