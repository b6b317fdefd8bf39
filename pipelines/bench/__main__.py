"""``make bench [ONLY=name]``: run the measurements, write ``bench.json``, print a table."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from pipelines.bench import limits, workloads
from pipelines.bench.limits import Bar
from pipelines.bench.measure import cpu_and_rss

ROUNDS = 7
ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured bar, as it stands in ``bench.json``."""

    name: str
    value: float
    limit: float
    unit: str
    holds: bool
    detail: str


def figure(bar: Bar, value: float, detail: str) -> Figure:
    """The bar with what was measured."""
    return Figure(bar.name, round(value, 3), bar.limit, bar.unit, value <= bar.limit, detail)


def path_figures(folder: Path) -> Iterator[Figure]:
    """The governed path against the bare copy, interleaved, each round a fresh home.

    A machine that others use changes its pace within minutes, so each round is its own ratio.
    """
    register = workloads.make_register(folder, rows=ROWS)
    floors, paths = [], []
    for round_no in range(ROUNDS):
        floors.append(cpu_and_rss(workloads.bare_copy, register, folder / "floor.parquet"))
        home = workloads.make_home(folder / f"home-{round_no}", register)
        paths.append(cpu_and_rss(workloads.whole_path, home))
    ratios = [path / floor for (path, _), (floor, _) in zip(paths, floors, strict=True)]
    detail = (
        f"path {median(cpu for cpu, _ in paths):.2f} CPU s, "
        f"bare COPY {median(cpu for cpu, _ in floors):.2f} CPU s, "
        f"ratios {min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} interleaved rounds"
    )
    yield figure(limits.PATH_CPU, median(ratios), detail)
    yield figure(limits.PATH_RSS, max(rss for _, rss in paths), "peak of the whole process")


def demo_figures(folder: Path) -> Iterator[Figure]:
    """Two runs of what ``make demo`` runs after set-up, wall clock."""
    home = folder / "city"
    environment = {**os.environ, "OPENDATA_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    for bar in (limits.DEMO_FIRST, limits.DEMO_AGAIN):
        started = time.monotonic()
        for command in (
            [sys.executable, "-m", "pipelines.demo", str(home)],
            [sys.executable, "-m", "pipelines.cli", "run", "--as-of", "2026-03-31"],
        ):
            done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if done.returncode != 3:
            msg = f"the demo run ended with {done.returncode}, expected 3:\n{done.stderr.decode()}"
            raise SystemExit(msg)
        yield figure(bar, time.monotonic() - started, "generate the city and run it, wall clock")


SUITES: tuple[tuple[tuple[Bar, ...], Callable[[Path], Iterator[Figure]]], ...] = (
    ((limits.DEMO_FIRST, limits.DEMO_AGAIN), demo_figures),
    ((limits.PATH_CPU, limits.PATH_RSS), path_figures),
)


def run(only: str | None) -> list[Figure]:
    """Every figure, or those of the suite that measures ``only``."""
    known = [bar.name for bars, _ in SUITES for bar in bars]
    if only and only not in known:
        msg = f"no measurement is called {only!r}; there are {', '.join(known)}"
        raise SystemExit(msg)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for bars, suite in SUITES:
            if only is None or only in {bar.name for bar in bars}:
                found += suite(Path(folder))
    return [each for each in found if only is None or each.name == only]


def main(only: str | None) -> int:
    """Measure, write ``bench.json`` and print; 1 when a bar does not hold."""
    figures = run(only)
    Path("bench.json").write_text(
        json.dumps([asdict(each) for each in figures], ensure_ascii=False, indent=2) + "\n",
        encoding="utf-8",
    )
    table = Table("name", "value", "limit", "unit", "holds", "detail")
    for each in figures:
        table.add_row(
            each.name, f"{each.value:g}", f"{each.limit:g}", each.unit,
            "yes" if each.holds else "NO", each.detail,
        )  # fmt: skip
    Console().print(table)
    return 0 if all(each.holds for each in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else None))
