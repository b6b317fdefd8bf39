"""A deadline for everything a pull does: when it is over, the connection in use is cut.

A timeout of a socket begins again with every byte, so that a server that sends one now and then
could hold a pull for days.
"""

from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR
from threading import Event, Timer
from types import TracebackType
from typing import Self

from urllib3.connection import HTTPConnection

from resources.addresses import Address, cannot_pull

Cut = Callable[[int], object]


class Deadline:
    """So many seconds for everything; when they are over, the connection in use is cut."""

    def __init__(self, seconds: float) -> None:
        self._over = Event()
        self._timer = Timer(seconds, self._strike)
        self._timer.daemon = True
        self._seconds = seconds
        self._connection: HTTPConnection | None = None
        self._cut: Cut | None = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def watch(self, connection: HTTPConnection) -> None:
        """Cut this connection, which is open, when time is up."""
        # NOTE: http.client forgets the socket once it has read the headers of a last answer.
        self._cut = connection.sock.shutdown
        if self._over.is_set():
            self._strike()

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than there is time."""
        self._over.wait(seconds)

    def check(self, place: Address) -> None:
        """Raise a SourceError when time is up."""
        if self._over.is_set():
            raise cannot_pull(
                place,
                f"it was not fetched within {self._seconds:g} seconds; raise `pulling.max_seconds` "
                "in opendata.yaml, or ask for less",
                reason=f"未能在 {self._seconds:g} 秒内取完，请缩小范围或调整时限。",
            )

    def _strike(self) -> None:
        self._over.set()
        if self._cut is not None:
            with suppress(OSError):
                self._cut(SHUT_RDWR)
