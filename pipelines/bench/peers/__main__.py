"""``make bench-peers``: peers in environments of their own, three figures and a page."""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from pipelines.bench import limits
from pipelines.bench.evaluation import MILLION, ROUNDS, make_table
from pipelines.bench.limits import Figure, figure
from pipelines.bench.peers.environments import FOLDER, NotRun, ask, environment
from pipelines.bench.peers.known import Peer, peers
from pipelines.bench.peers.page import page
from pipelines.bench.peers.rounds import OURS, Measured, agree, measured
from pipelines.bench.peers.spoiled import spoiled
from pipelines.bench.telling import tell
from resources.clock import Clock

PAGE = Path("docs") / "comparison-quality.md"


def main() -> int:
    """Measure, write the page and what it was made of, print; 1 when a bar does not hold."""
    everyone = peers()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        small, large = (make_table(Path(folder), rows=each * MILLION) for each in (1, 10))
        pythons, absent = _ready(everyone, (small, spoiled(small)))
        tables = [
            measured(pythons, table, rows=rows * MILLION, rounds=ROUNDS)
            for table, rows in ((small, 1), (large, 10))
        ]
    told = [asdict(each) for each in tables]
    (FOLDER / "measured.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    PAGE.write_text(page(everyone, tables, absent, Clock().as_of), "utf-8")
    return tell([*_figures(everyone[0], tables)], FOLDER / "bench.json")


def _ready(
    everyone: Sequence[Peer], tables: Sequence[Path]
) -> tuple[Mapping[str, Path], Mapping[str, str]]:
    """The Pythons of ours and of the peers that find what we find; the peers that do not run."""
    pythons, absent = {OURS: Path(sys.executable)}, {}
    ours = [ask(pythons[OURS], OURS, table) for table in tables]
    for each in everyone:
        try:
            python = environment(each)
            agree(each, ours, [ask(python, each.id, table) for table in tables])
            pythons[each.id] = python
        except NotRun as error:
            absent[each.id] = str(error)
    return pythons, absent


def _figures(peer: Peer, tables: Sequence[Measured]) -> Iterator[Figure]:
    bars = (limits.QUALITY_DATAFRAMELY_1E6, limits.QUALITY_DATAFRAMELY_1E7)
    for bar, table in zip(bars, tables, strict=True):
        ratios = table.ratios(peer.id)
        ours, theirs = table.judging(OURS), table.judging(peer.id)
        detail = (
            f"19 rules: {ours:.2f} CPU s, {peer.title} {theirs:.2f}; "
            f"ratios {min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} interleaved rounds"
        )
        yield figure(bar, median(ratios), detail)
    peaks = [(each.rss(OURS), each.rss(peer.id)) for each in tables]
    told = ", ".join(f"{ours:.0f} of {theirs:.0f} MB" for ours, theirs in peaks)
    worst = max(ours / theirs for ours, theirs in peaks)
    yield figure(limits.QUALITY_RSS_DATAFRAMELY, worst, f"whole processes at 1e6 and 1e7: {told}")


if __name__ == "__main__":
    raise SystemExit(main())
