"""Landing and standardising 1e7 rows of CSV: memory, and CPU beside a bare copy and by encoding."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pipelines.bench import limits, workloads
from pipelines.bench.limits import Figure, figure
from pipelines.bench.measure import cpu_and_rss

ROUNDS = 3
ROWS = 10_000_000


def ingest_figures(folder: Path) -> Iterator[Figure]:
    """The same rows as UTF-8 and as GB18030, each round in fresh homes, interleaved."""
    utf8 = workloads.make_register(folder, rows=ROWS)
    gb18030 = workloads.as_gb18030(utf8)
    floors: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []
    foreign: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        floors.append(cpu_and_rss(workloads.bare_copy, utf8, folder / "floor.parquet"))
        for register, found in ((utf8, plain), (gb18030, foreign)):
            home = workloads.make_home(folder / "home", register, entry="ingest.yaml")
            found.append(cpu_and_rss(workloads.ingest, home))
    cpu = {
        name: median(each for each, _ in found)
        for name, found in (("floor", floors), ("utf8", plain), ("gb18030", foreign))
    }
    told = ", ".join(f"{name} {seconds:.1f} CPU s" for name, seconds in cpu.items())
    detail = f"{told}, {ROWS} rows x 14 columns, {ROUNDS} interleaved rounds"
    over = [one / other for (one, _), (other, _) in zip(plain, floors, strict=True)]
    tax = [one / other for (one, _), (other, _) in zip(foreign, plain, strict=True)]
    yield figure(limits.INGEST_RSS, max(rss for _, rss in plain + foreign), "peak of both")
    yield figure(limits.INGEST_UTF8, median(over), detail)
    yield figure(limits.INGEST_GB18030, median(tax), detail)
