"""``make ui``: Dagster for engineers, a read-only one for stewards, and the daemon, on loopback.

Everything listens on 127.0.0.1 only; put a proxy with sign-on in front of it before anybody else
may look.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from resources.home import Home

ENGINEER_PORT, STEWARD_PORT = 3000, 3001
_WORKSPACE = Path(__file__).parents[1] / "workspace.yaml"


def commands(workspace: Path) -> tuple[list[str], ...]:
    """The three processes, as argument lists."""
    bin_dir = Path(sys.executable).parent
    web = [str(bin_dir / "dagster-webserver"), "-h", "127.0.0.1", "-w", str(workspace)]
    return (
        [*web, "-p", str(ENGINEER_PORT)],
        [*web, "-p", str(STEWARD_PORT), "--read-only"],
        [str(bin_dir / "dagster-daemon"), "run", "-w", str(workspace)],
    )


def serve(home: Home) -> int:
    """Start the processes and wait; Ctrl-C or the end of one ends them all."""
    environment = {
        **os.environ,
        "OPENDATA_HOME": str(home.root),
        "DAGSTER_HOME": str(home.dagster),
        "PYTHONWARNINGS": "ignore",
    }
    root = _WORKSPACE.parent
    children = [
        subprocess.Popen(command, env=environment, cwd=root) for command in commands(_WORKSPACE)
    ]
    _say(home)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        children[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(children)
    return 1


def _say(home: Home) -> None:
    lines = (
        f"engineers   http://127.0.0.1:{ENGINEER_PORT}",
        f"stewards    http://127.0.0.1:{STEWARD_PORT}  (read-only)",
        f"reports     {home.reports / 'index.html'}",
        "Ctrl-C ends them.",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        child.wait(timeout=20)


if __name__ == "__main__":
    sys.exit(serve(Home.find().prepare()))
