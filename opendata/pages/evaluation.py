"""The pages of the annual evaluation: a city's sheet and each body's, as HTML, JSON and tables."""

import json
from dataclasses import dataclass

from opendata.evaluation import Evaluation, Sheet
from opendata.evaluation_criteria import MEASURES, Measure
from opendata.law import clause
from opendata.pages import words
from opendata.pages.tables import Cell, Table
from opendata.pages.templates import page_of
from opendata.pages.views import Frame
from opendata.plain import plain

TO_FILL = "待填"
_SUMMARY = {
    "listed": "列为开放",
    "open": "已开放",
    "unopened": "未开放",
    "versions": "开放版本",
    "score": "质量得分",
    "on_time": "按时更新",
    "problems": "问题数据",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    """One sheet of a year's evaluation: the city's, or one body's (``sheet``).

    ``pages`` are the addresses of the bodies' sheets by their ids, for the city's sheet.
    """

    frame: Frame
    evaluation: Evaluation
    sheet: Sheet
    stem: str
    pages: tuple[tuple[str, str], ...] = ()
    city_href: str | None = None
    overview_href: str | None = None

    @property
    def of_the_city(self) -> bool:
        """Whether this is the roll-up over all bodies."""
        return self.sheet is self.evaluation.city


def evaluation_page(view: EvaluationView) -> str:
    """The sheet as a whole HTML document."""
    due = view.evaluation.due
    return page_of(
        "evaluation.html",
        view=view,
        frame=view.frame,
        evaluation=view.evaluation,
        due=due,
        due_clause=clause(due.clause) if due else None,
        left=(due.on - view.frame.as_of).days if due else None,
        pages=dict(view.pages),
        measures=MEASURES,
        summary=tuple((MEASURES[each], title) for each, title in _SUMMARY.items()),
        shown=shown,
        to_fill=TO_FILL,
    )


def shown(sheet: Sheet, measure: Measure) -> str:
    """A number with its unit; where there was nothing to count from, a dash or 待填."""
    value = sheet.values[measure.id]
    if value is None:
        return TO_FILL if measure.id in _OF_THE_PRESENT else "—"
    return f"{words.number(value)}{'' if measure.unit == '%' else ' '}{measure.unit}"


_OF_THE_PRESENT = frozenset({"listed", "open", "unopened", "overdue", "shared"})


def evaluation_json(view: EvaluationView) -> str:
    """The same for machines: values by measure, None where there is none, 待填 by its words."""
    evaluation = view.evaluation
    tree = {
        "frame": plain(view.frame),
        "year": evaluation.year,
        "due": plain(evaluation.due),
        "sheet": plain(view.sheet),
        "bodies": plain(evaluation.bodies) if view.of_the_city else [],
        "criteria": [
            plain(each) | {"citation": each.citation, "quote": each.quote}
            for each in evaluation.criteria
        ],
        "measures": [plain(each) for each in evaluation.measures],
        "unlisted": evaluation.unlisted,
        "legal_status": words.LEGAL_STATUS,
    }
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, indent=1)


def evaluation_tables(view: EvaluationView) -> tuple[Table, ...]:
    """The sheet by criterion; for the city also every body beside the others."""
    criteria = Table(
        name="按评价内容",
        headings=("年度", "单位", "评价内容", "依据", "指标", "数值", "计量单位", "统计口径"),
        rows=tuple(_criteria_rows(view)),
    )
    return (_roll_up(view.evaluation), criteria) if view.of_the_city else (criteria,)


def _criteria_rows(view: EvaluationView) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for each in view.evaluation.criteria:
        head = (view.evaluation.year, view.sheet.title, each.title, each.citation)
        for name in each.measures:
            one = MEASURES[name]
            rows.append((*head, one.title, _cell(view.sheet, one), one.unit, one.how))
        rows += [(*head, name, TO_FILL, None, "由本单位填写") for name in each.to_fill]
    return rows


def _roll_up(evaluation: Evaluation) -> Table:
    fields = tuple(
        dict.fromkeys(name for criterion in evaluation.criteria for name in criterion.to_fill)
    )
    asked = evaluation.measures
    return Table(
        name="各单位",
        headings=("年度", "单位", *(f"{each.title}（{each.unit}）" for each in asked), *fields),
        rows=tuple(
            (
                evaluation.year,
                sheet.title,
                *(_cell(sheet, each) for each in asked),
                *(TO_FILL for _ in fields),
            )
            for sheet in (*evaluation.bodies, evaluation.city)
        ),
    )


def _cell(sheet: Sheet, measure: Measure) -> Cell:
    value = sheet.values[measure.id]
    return TO_FILL if value is None and measure.id in _OF_THE_PRESENT else value
