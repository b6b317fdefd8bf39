"""The annual evaluation: counted from a year's record, cited from the texts, the rest left open."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from opendata.evaluation import DatasetYear, Present, tally, values_of
from opendata.evaluation_criteria import MEASURES, criteria_for
from opendata.record import GENESIS, Entry, Event, Kind, enter
from opendata.settings import KNOWN_REGIMES

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


def entries(*events: Event) -> Iterable[Entry]:
    for seq, event in enumerate(events, start=1):
        yield enter(event, seq=seq, prev_hash=GENESIS, recorded_at=NOON + timedelta(hours=seq))


def event(kind: Kind, dataset: str = "parks", year: int = 2026, **given: Any) -> Event:
    return Event(kind=kind, dataset_id=dataset, as_of=date(year, 3, 31), **given)


def judged(
    score: float, *, freshness: str = "按时", quarantined: int = 0, dataset: str = "parks"
) -> Event:
    return event(
        Kind.JUDGED,
        dataset,
        counts={"clean": 100 - quarantined, "quarantined": quarantined},
        detail={
            "score": score,
            "freshness": freshness,
            "dimensions": {"accuracy": [score, 9, 10]},
        },
    )


def released(version: int, dataset: str = "parks") -> Event:
    return event(Kind.RELEASED, dataset, counts={"version": version, "release": version})


def values(*events: Event, present: Present | None = None) -> Any:
    return values_of(tally(entries(*events), 2026).values(), present)


def test_versions_and_the_datasets_they_are_of_are_counted_apart() -> None:
    found = values(released(1), released(2), released(1, "zoo"))

    assert (found["versions"], found["opened"]) == (3, 2)


def test_an_announcement_made_twice_is_one_version() -> None:
    assert values(released(1), released(1))["versions"] == 1


def test_only_the_year_asked_for_counts() -> None:
    before = event(Kind.FAILED, year=2025)

    assert values(before, event(Kind.FAILED))["failed"] == 1
    assert tally(entries(before), 2026) == {}


def test_the_last_judgement_of_each_dataset_is_averaged() -> None:
    found = values(judged(10.0), judged(90.0), judged(80.0, dataset="zoo"))

    assert found["score"] == 85.0
    assert found["accuracy"] == 85.0
    assert found["completeness"] is None


def test_a_score_is_never_rounded_up() -> None:
    assert values(judged(59.99))["score"] == 59.9


def test_problem_rows_are_shared_over_all_rows_of_the_last_judgements() -> None:
    found = values(
        judged(90.0, quarantined=50), judged(90.0, quarantined=1), judged(90.0, dataset="zoo")
    )

    assert found["problems"] == 0.5


def test_lateness_counts_only_judgements_that_could_tell() -> None:
    found = values(judged(1.0), judged(1.0, freshness="逾期"), judged(1.0, freshness="未知"))

    assert found["on_time"] == 50.0
    assert values(judged(1.0, freshness="未知"))["on_time"] is None


def test_data_that_was_never_to_be_opened_is_not_counted_as_refused() -> None:
    closed = event(Kind.REFUSED, "secret", detail={"refused_by": ["CLS-01"]})
    refused = event(Kind.REFUSED, detail={"refused_by": ["CAT-02"]})

    assert values(closed, refused, refused)["refused"] == 1


def test_hours_from_suspension_to_restoration_are_averaged() -> None:
    found = values(event(Kind.SUSPENDED), event(Kind.RESTORED), event(Kind.SUSPENDED, "zoo"))

    assert (found["suspended"], found["restore_hours"]) == (2, 1.0)


def test_a_judgement_of_an_older_product_has_no_dimensions() -> None:
    old = event(
        Kind.JUDGED,
        counts={"clean": 1, "quarantined": 0},
        detail={"score": "80.0", "freshness": "按时"},
    )

    assert values(old)["score"] == 80.0
    assert values(old)["accuracy"] is None


def test_a_past_year_knows_nothing_of_the_present() -> None:
    assert values(released(1), present=None)["listed"] is None
    assert values(present=Present(listed=5, open=3))["unopened"] == 2


def test_every_measure_has_a_number_and_every_number_a_measure() -> None:
    assert set(values_of([DatasetYear()], Present())) == set(MEASURES)


@pytest.mark.parametrize("regime", KNOWN_REGIMES)
def test_criteria_cite_clauses_that_exist_and_measures_that_are_counted(regime: str) -> None:
    for each in criteria_for([regime]):
        assert each.citation
        assert set(each.measures) <= set(MEASURES)
        assert each.measures or each.to_fill
        assert bool(each.quote) == (each.clause is not None)


def test_the_four_sides_guangxi_evaluates_are_all_there() -> None:
    quote = criteria_for(["guangxi-open"])[0].quote

    assert [each.title for each in criteria_for(["guangxi-open"])] == [
        "公共数据开放质量",
        "调度管理效率",
        "应用支撑能力",
        "服务评价水平",
    ]
    assert all(each.title in quote for each in criteria_for(["guangxi-open"]))


def test_a_home_whose_texts_ask_for_none_is_told_so() -> None:
    (only,) = criteria_for(["xian-open-2022"])

    assert only.clause is None
    assert "没有规定年度评价" in only.title
