"""Curves of scores: one scale a page, gaps where nothing was assessed, the same said in words."""

from opendata.pages.trend import HEIGHT, WIDTH, curves, scale_floor
from opendata.pages.views import VersionScores
from opendata.vocabulary import Dimension


def versions(*scores: dict[str, float]) -> tuple[VersionScores, ...]:
    return tuple(
        VersionScores(version=number, scores=each) for number, each in enumerate(scores, start=1)
    )


def test_a_home_without_history_draws_nothing() -> None:
    assert curves(()) == {}
    assert curves(versions({"accuracy": 90.0})) == {}


def test_a_higher_score_stands_higher_and_stays_inside() -> None:
    (points,) = curves(versions({"accuracy": 60.0}, {"accuracy": 100.0}))[Dimension.ACCURACY].runs

    assert points[0][1] > points[1][1]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_a_version_that_was_not_assessed_is_a_gap_and_is_said() -> None:
    found = curves(versions({"accuracy": 90.0}, {"accuracy": 91.0}, {}, {"accuracy": 70.0}))[
        Dimension.ACCURACY
    ]

    assert [len(each) for each in found.runs] == [2, 1]
    assert found.words == "准确性：第1版90.0，第2版91.0，第3版未评估，第4版70.0"
    assert found.change == "降21.0"
    assert found.last == found.runs[-1][-1]


def test_the_lower_edge_is_sixty_or_below_the_lowest_score() -> None:
    assert scale_floor(versions({"accuracy": 97.0}, {"accuracy": 61.0})) == 60
    assert scale_floor(versions({"accuracy": 97.0}, {"timeliness": 43.5})) == 40
    assert scale_floor(versions({"accuracy": 0.0}, {"accuracy": 0.0})) == 0


def test_a_dimension_assessed_once_has_no_curve() -> None:
    assert set(curves(versions({"accuracy": 1.0, "timeliness": 2.0}, {"accuracy": 3.0}))) == {
        Dimension.ACCURACY
    }
