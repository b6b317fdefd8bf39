"""Rounds: every judge in turn, ours first, so that what else the machine does is shared by all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median

from pipelines.bench.peers.answer import Answer
from pipelines.bench.peers.environments import ask
from pipelines.bench.peers.known import Peer

OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The answers of every judge to one table, a round after the other."""

    rows: int
    answers: Mapping[str, Sequence[Answer]]

    def judging(self, judge: str) -> float:
        """CPU seconds without imports, the median."""
        return median(each.judging_s for each in self.answers[judge])

    def process(self, judge: str) -> float:
        """CPU seconds of whole processes, the median."""
        return median(each.process_s for each in self.answers[judge])

    def rss(self, judge: str) -> float:
        """Peak MB of whole processes, the median."""
        return median(each.rss_mb for each in self.answers[judge])

    def ratios(self, judge: str) -> list[float]:
        """Our CPU without imports over theirs, of each round."""
        return [
            our.judging_s / their.judging_s
            for our, their in zip(self.answers[OURS], self.answers[judge], strict=True)
        ]


def measured(pythons: Mapping[str, Path], table: Path, *, rows: int, rounds: int) -> Measured:
    """``rounds`` of every judge in turn over ``table``."""
    answers: dict[str, list[Answer]] = {judge: [] for judge in pythons}
    for _ in range(rounds):
        for judge, python in pythons.items():
            answers[judge].append(ask(python, judge, table))
    return Measured(rows=rows, answers=answers)


def agree(peer: Peer, ours: Sequence[Answer], theirs: Sequence[Answer]) -> None:
    """Nothing is worth comparing unless the same rows were found, in each of the tables.

    Raises:
        SystemExit: a count is not ours and ``peers.yaml`` does not say why, or says so in vain.
    """
    found = [*chain.from_iterable(map(_differing, ours, theirs))]
    if {rule for rule, _ in found} != set(peer.differs):
        msg = (
            f"{peer.id} counts other rows than we do for "
            f"{', '.join(told for _, told in found) or 'no rule'}; peers.yaml says so of "
            f"{', '.join(peer.differs) or 'none'}: mend the script or the list"
        )
        raise SystemExit(msg)


def _differing(ours: Answer, theirs: Answer) -> Iterator[tuple[str, str]]:
    for rule in sorted(ours.counts.keys() | theirs.counts.keys()):
        our, their = ours.counts.get(rule), theirs.counts.get(rule)
        if our != their:
            yield rule, f"{rule} (ours {our}, theirs {their})"
