"""Processes by an identity that is not used twice, so that the dead are told from the living.

A process id alone comes round again; with the moment its process started it does not, where the
system tells that moment (Linux).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MARK = ".running-"


def identity(process: int | None = None) -> str:
    """``<pid>`` or ``<pid>-<start>`` of a process; of this one when none is named.

    >>> is_alive(identity())
    True
    """
    pid = os.getpid() if process is None else process
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return str(pid)
    return f"{pid}-{told.rpartition(')')[2].split()[19]}"


def is_alive(known: str) -> bool:
    """Whether the very process that had this identity still runs."""
    pid = int(known.partition("-")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, and alive
    return identity(pid) == known


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """Leave a mark in ``folder`` while this process works there; a killed one leaves it behind."""
    mark = folder / f"{_MARK}{identity()}"
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def killed(folder: Path) -> bool:
    """Whether a process that worked in ``folder`` was killed; its mark is removed."""
    dead = [
        each for each in folder.glob(f"{_MARK}*") if not is_alive(each.name.removeprefix(_MARK))
    ]
    for each in dead:
        each.unlink(missing_ok=True)
    return bool(dead)
