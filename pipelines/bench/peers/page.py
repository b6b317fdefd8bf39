"""The page ``docs/comparison-quality.md``: what was measured, and what peers do better."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from textwrap import fill

from pipelines.bench.peers.known import Peer
from pipelines.bench.peers.rounds import OURS, Measured

WIDTH = 105


def page(
    peers: Sequence[Peer], tables: Sequence[Measured], absent: Mapping[str, str], day: date
) -> str:
    """The page as Markdown; ``absent`` are peers that were not measured, with the reason."""
    present = [each for each in peers if each.id not in absent]
    return "\n".join(
        (
            *_opening(tables, day),
            *(line for each in tables for line in _table(present, each)),
            *(f"Not measured: {name}: {reason}.\n" for name, reason in absent.items()),
            *_telling(present, tables[0]),
            *_differing(present),
            *_better(peers),
        )
    )


def _opening(tables: Sequence[Measured], day: date) -> Iterator[str]:
    rounds = len(tables[0].answers[OURS])
    yield "# Beside other judges of tables\n"
    yield _paragraph(
        "Made by `make bench-peers` from its measurements; do not edit. One typed table of "
        "enterprises (`pipelines/bench/enterprises.sql`), nineteen rules (`enterprises.json`), and "
        "every judge asked the same of the same Parquet file, the way its documentation advises "
        "when speed matters, by a script of its own in `pipelines/bench/peers` and in an "
        "environment of its own."
    )
    yield _paragraph(
        f"Measured on {day.isoformat()}: {_machine()}. Medians of {rounds} rounds, every judge in "
        "turn in each round. CPU is user and system time of all threads: *judging* from opening "
        "the file to the counts, without imports; *process* from start to end. Peak memory is of "
        "the whole process. Ratios are ours over theirs, of judging, the median over the rounds: "
        "below 1 we are cheaper. Ours has `threads = 2` and `memory_limit = 1GB`; the others have "
        "what they take."
    )


def _paragraph(text: str) -> str:
    return fill(text.strip(), WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [each.partition(":")[2].strip() for each in lines if each.startswith("model name")]
    cpu = names[0] if names else platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _table(peers: Sequence[Peer], measured: Measured) -> Iterator[str]:
    yield f"## {measured.rows:,} rows\n"
    yield "| judge | judging, CPU s | process, CPU s | peak MB | judging, ours over theirs |"
    yield "|---|---|---|---|---|"
    yield f"| **this product** | {_costs(measured, OURS)} | |"
    for each in sorted(peers, key=lambda peer: measured.judging(peer.id)):
        ratios = measured.ratios(each.id)
        version = measured.answers[each.id][0].version
        yield (
            f"| {each.title} {version} | {_costs(measured, each.id)} "
            f"| {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )
    yield ""


def _costs(measured: Measured, judge: str) -> str:
    return (
        f"{measured.judging(judge):.2f} | {measured.process(judge):.2f} | {measured.rss(judge):.0f}"
    )


def _telling(peers: Sequence[Peer], measured: Measured) -> Iterator[str]:
    told = len(measured.answers[OURS][0].counts)
    yield "## What each is asked, and what it tells\n"
    yield "| judge | rules it says | asked by | tells |"
    yield "|---|---|---|---|"
    yield (
        f"| **this product** | {told} of {told} | `quality.evaluation.evaluate` | rows and shares "
        "by rule, as a Great Expectations result with the indicator of GB/T 36344; never a value |"
    )
    for each in peers:
        said = len(measured.answers[each.id][0].counts)
        yield f"| {each.title} | {said} of {told} | {each.asked} | {each.reports} |"
    yield ""


def _differing(peers: Sequence[Peer]) -> Iterator[str]:
    yield _paragraph(
        "The counts of every rule were compared before anything was measured, in the table and in "
        "a small copy that breaks every rule. They are the same everywhere, but for:"
    )
    for each in peers:
        for reason in dict.fromkeys(each.differs.values()):
            rules = ", ".join(f"`{rule}`" for rule, why in each.differs.items() if why == reason)
            yield f"- {each.title}, {rules}: {reason}."
    yield ""


def _better(peers: Sequence[Peer]) -> Iterator[str]:
    yield "## What each does better than we do\n"
    yield from (_paragraph(f"**{each.title}.** {each.better}") for each in peers)
    yield _paragraph(
        "**What they do not do** is what this product is for: rules that come out of a catalog "
        "entry, results that name the indicator of GB/T 36344 and never show a value, and failing "
        "rows that go back to the clerk who made the file. Where no city's catalog is involved, "
        "take one of the above."
    ).rstrip()
    yield ""
