"""``make bench [ONLY=name]``: run the measurements, write ``bench.json``, print a table."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines.bench import limits
from pipelines.bench.demo import demo_figures
from pipelines.bench.drift import drift_figures
from pipelines.bench.duplicates import duplicates_figures
from pipelines.bench.evaluation import evaluation_figures
from pipelines.bench.exchange import exchange_figures
from pipelines.bench.ingest import ingest_figures
from pipelines.bench.landing_score import landing_figures
from pipelines.bench.limits import Bar, Figure
from pipelines.bench.parts import parts_figures
from pipelines.bench.path import path_figures

SUITES: tuple[tuple[tuple[Bar, ...], Callable[[Path], Iterator[Figure]]], ...] = (
    ((limits.DEMO_FIRST, limits.DEMO_AGAIN), demo_figures),
    ((limits.PATH_CPU, limits.PATH_RSS), path_figures),
    ((limits.INGEST_RSS, limits.INGEST_UTF8, limits.INGEST_GB18030), ingest_figures),
    ((limits.INGEST_PG,), exchange_figures),
    ((limits.SILENTLY_WRONG,), landing_figures),
    ((limits.DRIFT_FOOTER, limits.DRIFT_CHURN), drift_figures),
    ((limits.DUPLICATES,), duplicates_figures),
    (
        (
            limits.QUALITY_NAIVE_1E6,
            limits.QUALITY_NAIVE_1E7,
            limits.QUALITY_GX,
            limits.QUALITY_COLD,
            limits.QUALITY_RSS,
        ),
        evaluation_figures,
    ),
    (
        (limits.REGIMES, limits.LINEAGE, limits.DEADLINES, limits.PAGE, limits.AUDIT),
        parts_figures,
    ),
)


def run(only: str | None) -> list[Figure]:
    """Every figure, or those of the one suite that measures ``only``: its others come for free."""
    known = [bar.name for bars, _ in SUITES for bar in bars]
    if only and only not in known:
        msg = f"no measurement is called {only!r}; there are {', '.join(known)}"
        raise SystemExit(msg)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for bars, suite in SUITES:
            if only is None or only in {bar.name for bar in bars}:
                found += suite(Path(folder))
    return found


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
