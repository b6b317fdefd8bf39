"""One measurement: a piece of work in a process of its own, its CPU time and its peak memory."""

import multiprocessing
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def cpu_and_rss(work: Callable[..., object], *args: object) -> tuple[float, float]:
    """CPU seconds (user + system) and peak MB of ``work`` run in a process of its own.

    A child's peak starts at its parent's, so whoever asks for it must be small: ``apart``.
    """
    _, cpu, rss = _run(work, args)
    return float(cpu), float(rss)


def apart(work: Callable[..., Any], *args: object) -> Any:
    """What ``work`` returns, from a process of its own that takes its memory with it."""
    return _run(work, args)[0]


def _run(work: Callable[..., Any], args: tuple[object, ...]) -> tuple[Any, float, float]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_measured, args=(sender, work, args))
    child.start()
    child.join()
    if child.exitcode != 0:
        msg = f"{work.__name__} ended with exit code {child.exitcode}"
        raise SystemExit(msg)
    found: tuple[Any, float, float] = receiver.recv()
    return found


def _measured(sender: Connection, work: Callable[..., Any], args: tuple[object, ...]) -> None:
    result = work(*args)
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    sender.send((result, cpu, max(own.ru_maxrss, children.ru_maxrss) / 1024))
