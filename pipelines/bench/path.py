"""The whole governed path over 1e6 rows, against a bare copy of the same file."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pipelines.bench import limits, workloads
from pipelines.bench.limits import Figure, figure
from pipelines.bench.measure import cpu_and_rss

ROUNDS = 7
ROWS = 1_000_000


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
