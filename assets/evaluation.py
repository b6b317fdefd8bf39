"""The annual evaluation written down: the record of a year and the present state in, pages out.

What is evaluated and how it is counted is ``opendata/evaluation.py``.
"""

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import add
from pathlib import Path

from assets.reports import INDEX, frame_of, write_page
from assets.standing import standing
from assets.workshop import Workshop
from opendata.evaluation import (
    DatasetYear,
    Due,
    Evaluation,
    Present,
    Sheet,
    tally,
    values_of,
)
from opendata.evaluation_criteria import criteria_for
from opendata.pages.evaluation import (
    EvaluationView,
    evaluation_json,
    evaluation_page,
    evaluation_tables,
)
from opendata.regime import load_regime
from opendata.vocabulary import Acquired, Openness, Punctuality


def write_evaluation(workshop: Workshop, year: int) -> tuple[Path, ...]:
    """Write the evaluation sheets of a year, the city's first, each with its files."""
    evaluation = evaluate(workshop, year)
    frame, stem = frame_of(workshop), f"evaluation-{year}"
    stems = {each.id: f"{stem}-{each.id}" for each in evaluation.bodies}
    city = EvaluationView(
        frame=frame,
        evaluation=evaluation,
        sheet=evaluation.city,
        stem=stem,
        pages=tuple((each, f"{name}.html") for each, name in stems.items()),
        overview_href=INDEX,
    )
    bodies = (
        EvaluationView(
            frame=frame,
            evaluation=evaluation,
            sheet=each,
            stem=stems[each.id],
            city_href=f"{stem}.html",
            overview_href=INDEX,
        )
        for each in evaluation.bodies
    )
    return tuple(_write(workshop, each) for each in (city, *bodies))


def _write(workshop: Workshop, view: EvaluationView) -> Path:
    page, twin = evaluation_page(view), evaluation_json(view)
    return write_page(workshop, view.stem, page, twin, evaluation_tables(view))


def evaluate(workshop: Workshop, year: int) -> Evaluation:
    """The evaluation of a year, from the whole record of it.

    Raises:
        RecordBroken: the record cannot be read to its end.
    """
    told = tally(workshop.book.entries(), year)
    present = _present(workshop) if year == workshop.clock.as_of.year else None
    datasets = workshop.catalog.datasets
    listing = {each.body for each in datasets}
    bodies = [each for each in workshop.catalog.bodies if each.id in listing]
    return Evaluation(
        year=year,
        criteria=criteria_for(workshop.regime.ids),
        city=Sheet(
            id="city",
            title=workshop.settings.city,
            values=values_of(told.values(), _sum_of(present)),
        ),
        bodies=tuple(
            Sheet(
                id=each.id, title=each.title, values=_body_values(workshop, each.id, told, present)
            )
            for each in sorted(bodies, key=lambda body: body.title)
        ),
        due=_due(workshop, year),
        unlisted=len(told.keys() - {each.id for each in datasets}),
    )


def _body_values(
    workshop: Workshop,
    body: str,
    told: Mapping[str, DatasetYear],
    present: Mapping[str, Present] | None,
) -> Mapping[str, float | None]:
    own = {each.id for each in workshop.catalog.datasets if each.body == body}
    now = None if present is None else {key: present[key] for key in own}
    return values_of((told[key] for key in own & told.keys()), _sum_of(now))


def _sum_of(present: Mapping[str, Present] | None) -> Present | None:
    return None if present is None else reduce(add, present.values(), Present())


def _present(workshop: Workshop) -> dict[str, Present]:
    """How every dataset of the catalog stands on the day of judgement."""
    live = {each for store in workshop.stores for each in store.current().datasets}
    late = {
        dataset.id
        for dataset, dossier in standing(workshop)
        if (now := dossier.outcome.freshness) and now.punctuality is Punctuality.OVERDUE
    }
    return {
        each.id: Present(
            listed=int(each.openness in (Openness.UNCONDITIONAL, Openness.CONDITIONAL)),
            open=int(each.id in live),
            overdue=int(each.id in late),
            shared=int(each.acquired is Acquired.SHARED),
        )
        for each in workshop.catalog.datasets
    }


def _due(workshop: Workshop, year: int) -> Due | None:
    """The day by which a regulation of the home has the year reported (每年12月底前)."""
    ruling = load_regime(workshop.regime.ids, "share").rule("eval.report_due")
    for part in ruling.parts:
        month, day = str(part.value).split("-")
        return Due(on=date(year, int(month), int(day)), clause=part.cites[0])
    return None
