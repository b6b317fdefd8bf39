"""Processes of their own: the environment of a peer, made once, and a script run in one."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pipelines.bench.peers.answer import Answer
from pipelines.bench.peers.known import Peer

FOLDER = Path(".peers")


class NotRun(RuntimeError):
    """A peer could not be installed or did not answer; the message says which and why."""


def environment(peer: Peer) -> Path:
    """The Python of the peer's environment, which is made when its pins are not what they were.

    Raises:
        NotRun: pip could not install a pinned version.
    """
    home = FOLDER / peer.id
    python, ready = home / "bin" / "python", home / ".ready"
    pins = "\n".join(peer.requires)
    if not (ready.exists() and ready.read_text("utf-8") == pins):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        done = subprocess.run([*install, *peer.requires], check=False)
        if done.returncode:
            raise NotRun(f"pip could not install {', '.join(peer.requires)} here")
        ready.write_text(pins, "utf-8")
    return python


def ask(python: Path, script: str, table: Path) -> Answer:
    """Have a script of this package judge ``table``, in the environment of ``python``.

    Raises:
        NotRun: it ended with an error; the last line it wrote is told.
    """
    told = subprocess.run(
        [str(python), "-m", f"pipelines.bench.peers.{script}", str(table)],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        last = told.stderr.strip().rpartition("\n")[2]
        raise NotRun(f"{script} ended with exit code {told.returncode}: {last}")
    return Answer(**json.loads(told.stdout.strip().rpartition("\n")[2]))
