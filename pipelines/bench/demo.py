"""Two runs of what ``make demo`` runs after set-up."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure


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
