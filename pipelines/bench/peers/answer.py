"""What a judge of the table answers: the rows that break each rule, and what it cost to tell.

The standard library only: it runs in the environments of the peers, where nothing of ours is.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One run; ``counts`` are rows by rule, or 1 for a rule on the table that does not hold.

    ``judging_s`` is CPU without the imports, ``process_s`` and ``rss_mb`` the whole process.
    """

    version: str
    counts: Mapping[str, int]
    judging_s: float
    process_s: float
    rss_mb: float


def answer(distribution: str, judge: Callable[[str], Mapping[str, int]]) -> None:
    """Judge the table named on the command line and print the answer as the last line."""
    table = Path(sys.argv[1]).as_posix()
    started = time.process_time()
    counts = judge(table)
    judging = time.process_time() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = Answer(
        version=version(distribution),
        counts=counts,
        judging_s=judging,
        process_s=used.ru_utime + used.ru_stime,
        rss_mb=used.ru_maxrss / 1024,
    )
    sys.stdout.write(f"\n{json.dumps(asdict(told))}\n")
