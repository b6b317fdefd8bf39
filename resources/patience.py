"""Waiting for somebody else's server without waiting for ever.

Drivers can block in C without a limit when a server falls silent. Their calls are made in a thread
of their own, and whoever asks waits so long and no longer.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_Call = Callable[[], Any]


class Worker:
    """One thread in which all calls to one driver are made, in the order they are asked for.

    A call that is given up leaves its thread behind; it is a daemon, so that it cannot keep the
    process alive, and ends when the driver's socket does.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True, name="exchange").start()

    def ask(self, call: Callable[[], T], *, seconds: float) -> T:
        """What ``call`` returns or raises; TimeoutError when it takes longer than this."""
        self._calls.put(call)
        try:
            answer, error = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError("the call timed out") from None
        if error is not None:
            raise error
        result: T = answer
        return result

    def leave(self, call: _Call) -> None:
        """Have ``call`` made when its turn comes, whatever comes of it."""
        self._calls.put(call)

    def dismiss(self) -> None:
        """Let the thread end once it has answered what it was asked."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                self._answers.put((call(), None))
            except BaseException as error:
                self._answers.put((None, error))
