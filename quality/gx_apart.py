"""Orders for Great Expectations, served in a process of its own; see ``gx_worker.py``.

Nothing here imports it. A process that dies on the way (out of memory, killed) is an answer too:
a crash, never an opinion.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]


def ask(orders: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """One answer an order, in order; ``{"crash": kind, "where": place}`` where there is none."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    served = subprocess.run(
        [sys.executable, "-m", "quality.gx_worker"],
        input="".join(json.dumps(each) + "\n" for each in orders),
        env={
            **os.environ,
            "PYTHONPATH": path,
            "PYTHONWARNINGS": "ignore",
            "GX_ANALYTICS_ENABLED": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        text=True,
        encoding="utf-8",
    )
    answers = [json.loads(line) for line in served.stdout.splitlines() if line.endswith("}")]
    died = {"crash": "ProcessDied", "where": f"exit code {served.returncode}"}
    return (*answers, *(died for _ in orders[len(answers) :]))
