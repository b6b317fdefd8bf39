"""Trends: the scores of earlier versions as small curves, and the same in words.

Geometry and wording only; where the scores come from is not this file's business. All curves of a
page share one scale, so that they can be compared by eye.
"""

from dataclasses import dataclass

from opendata.pages.views import VersionScores
from opendata.pages.words import score
from opendata.vocabulary import Dimension

WIDTH, HEIGHT = 132, 28
"""Size of a curve in user units."""

_EDGE = 4
_TOP = 100.0
_USUAL_FLOOR = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One dimension over the versions: points to draw, and what a screen reader says instead.

    ``runs`` are unbroken stretches of points (a version where the dimension was not assessed is a
    gap), ``last`` the newest point, ``change`` how it differs from the version before it.
    """

    runs: tuple[tuple[tuple[float, float], ...], ...]
    last: tuple[float, float]
    change: str
    words: str


def curves(versions: tuple[VersionScores, ...]) -> dict[Dimension, Curve]:
    """A curve for each dimension assessed in at least two of the versions (oldest first)."""
    floor = scale_floor(versions)
    found = {each: _curve(each, versions, floor) for each in Dimension}
    return {dimension: curve for dimension, curve in found.items() if curve}


def scale_floor(versions: tuple[VersionScores, ...]) -> float:
    """The score at the lower edge: 60, or the ten below the lowest score there is."""
    lowest = min((low for each in versions for low in each.scores.values()), default=_TOP)
    return min(_USUAL_FLOOR, lowest // 10 * 10)


def _curve(dimension: Dimension, versions: tuple[VersionScores, ...], floor: float) -> Curve | None:
    scores = [each.scores.get(dimension.code) for each in versions]
    assessed = [each for each in scores if each is not None]
    if len(assessed) < 2:
        return None
    points = [
        None if each is None else _point(place, each, len(scores), floor)
        for place, each in enumerate(scores)
    ]
    told = "，".join(
        f"第{each.version}版{score(each.scores.get(dimension.code))}" for each in versions
    )
    return Curve(
        runs=_runs(points),
        last=next(each for each in reversed(points) if each is not None),
        change=_change(assessed[-2], assessed[-1]),
        words=f"{dimension.value}：{told}",
    )


def _point(place: int, value: float, count: int, floor: float) -> tuple[float, float]:
    across = _EDGE + place * (WIDTH - 2 * _EDGE) / (count - 1)
    up = (value - floor) / (_TOP - floor)
    return round(across, 1), round(HEIGHT - _EDGE - up * (HEIGHT - 2 * _EDGE), 1)


def _runs(
    points: list[tuple[float, float] | None],
) -> tuple[tuple[tuple[float, float], ...], ...]:
    runs: list[list[tuple[float, float]]] = [[]]
    for each in points:
        if each is None:
            runs.append([])
        else:
            runs[-1].append(each)
    return tuple(tuple(each) for each in runs if each)


def _change(before: float, after: float) -> str:
    """How the newest score differs from the one before, as it reads with one decimal.

    >>> _change(98.0, 96.5), _change(96.5, 98.0), _change(98.0, 98.01)
    ('降1.5', '升1.5', '持平')
    """
    tenths = int(after * 10 + 1e-9) - int(before * 10 + 1e-9)
    return f"{'升' if tenths > 0 else '降'}{abs(tenths) / 10:.1f}" if tenths else "持平"
