"""The nightly pass: a thousand tables against each other on their sketches, and what it finds."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from opendata.resemblance import Likeness, Resemblance
from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure
from pipelines.bench.planted import TABLES, make_city


def duplicates_figures(folder: Path) -> Iterator[Figure]:
    """One pass in a process that has nothing open yet, wall clock; making sketches is told apart.

    The time has the probe of every source, the sketches read from the state, the comparison and the
    findings written; reading the catalog is not in it.
    """
    from resources.home import Home
    from resources.vault import create_master_key

    city = folder / "thousand"
    planted = make_city(city)
    create_master_key(Home.find(city).prepare().restricted / "keys" / "master.key")
    first, _ = _pass(city)
    again, found = _pass(city)
    detail = f"{TABLES} tables x 14 columns: {_judged(found, planted)}; the pass that also makes "
    yield figure(limits.DUPLICATES, again, f"{detail}the sketches takes {first:.0f} s")


def _pass(city: Path) -> tuple[float, tuple[Resemblance, ...]]:
    from assets.resemblance import find_resemblances
    from assets.workshop import Workshop
    from resources.home import Home

    with closing(Workshop.open(Home.find(city))) as workshop:
        started = time.monotonic()
        found = find_resemblances(workshop)
        return time.monotonic() - started, found


def _judged(found: tuple[Resemblance, ...], planted: dict[tuple[str, str], Likeness]) -> str:
    told = {(each.copy, each.original): each.likeness for each in found}
    right = sum(planted.get(pair) is likeness for pair, likeness in told.items())
    return (
        f"recall {right / len(planted):.3f} of {len(planted)} planted, "
        f"precision {right / max(len(told), 1):.3f} of {len(told)} told"
    )
