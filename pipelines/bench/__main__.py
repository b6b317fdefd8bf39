"""``make bench [ONLY=name]``: run the measurements, write ``bench.json``, print a table."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.bench import limits
from pipelines.bench.demo import demo_figures
from pipelines.bench.desensitise import desensitise_figures
from pipelines.bench.detection import detection_figures
from pipelines.bench.drift import drift_figures
from pipelines.bench.duplicates import duplicates_figures
from pipelines.bench.evaluation import evaluation_figures
from pipelines.bench.exchange import exchange_figures
from pipelines.bench.ingest import ingest_figures
from pipelines.bench.landing_score import landing_figures
from pipelines.bench.limits import Bar, Figure
from pipelines.bench.mismatches import mismatch_figures
from pipelines.bench.parts import parts_figures
from pipelines.bench.path import path_figures
from pipelines.bench.quality_runs import quality_runs_figures
from pipelines.bench.quarantine import quarantine_figures
from pipelines.bench.risk import risk_figures
from pipelines.bench.telling import tell

SUITES: tuple[tuple[tuple[Bar, ...], Callable[[Path], Iterator[Figure]]], ...] = (
    ((limits.DEMO_FIRST, limits.DEMO_AGAIN), demo_figures),
    ((limits.PATH_CPU, limits.PATH_RSS), path_figures),
    ((limits.INGEST_RSS, limits.INGEST_UTF8, limits.INGEST_GB18030), ingest_figures),
    ((limits.INGEST_PG,), exchange_figures),
    ((limits.SILENTLY_WRONG,), landing_figures),
    ((limits.DRIFT_FOOTER, limits.DRIFT_CHURN), drift_figures),
    ((limits.DUPLICATES,), duplicates_figures),
    ((limits.MASK_CPU, limits.MASK_CPU_FEW, limits.MASK_VS_PRESIDIO), desensitise_figures),
    (
        (
            *(limits.MISSED, limits.MISSED_CUED, limits.SERIALS, limits.OVER_MASKED),
            *(limits.SCAN_CLEAN, limits.SCAN_WORST),
            *(limits.TEXT_HITS, limits.TEXT_CLEAN, limits.TEXT_VS_PRESIDIO),
        ),
        detection_figures,
    ),
    ((limits.K_L, limits.LATTICE, limits.LINKAGE), risk_figures),
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
    ((limits.QUARANTINE,), quarantine_figures),
    ((limits.QUALITY_RUN, limits.CHECK_EVENTS), quality_runs_figures),
    (
        (limits.REGIMES, limits.LINEAGE, limits.DEADLINES, limits.PAGE, limits.AUDIT),
        parts_figures,
    ),
    ((limits.QUALITY_GX_MISMATCHES,), mismatch_figures),
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
    return tell(run(only), Path("bench.json"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else None))
