"""One measurement: a piece of work in a process of its own, its CPU time and its peak memory."""

import multiprocessing
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection


def cpu_and_rss(work: Callable[..., None], *args: object) -> tuple[float, float]:
    """CPU seconds (user + system) and peak MB of ``work`` run in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_measured, args=(sender, work, args))
    child.start()
    child.join()
    if child.exitcode != 0:
        msg = f"{work.__name__} ended with exit code {child.exitcode}"
        raise SystemExit(msg)
    cpu, rss = receiver.recv()
    return float(cpu), float(rss)


def _measured(sender: Connection, work: Callable[..., None], args: tuple[object, ...]) -> None:
    work(*args)
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    sender.send((cpu, max(own.ru_maxrss, children.ru_maxrss) / 1024))
