"""A server's answer: whether there is something to take of it, and its body as it arrives.

How it was asked for is ``web.py``, what becomes of the bytes ``pull.py`` and ``pages.py``.
"""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from opendata.errors import SourceError
from resources.addresses import Address, cannot_pull
from resources.deadline import Deadline

MEGABYTE = 1 << 20
ENDS = (OSError, HTTPException, HTTPError)  # what a connection may end with
_CHUNK = 1 << 16
_BUSY = {429, 500, 502, 503, 504}
_PLAIN = {"", "identity"}
_DECODABLE = _PLAIN | {"gzip", "x-gzip", "deflate"}


class Broken(Exception):
    """This attempt failed in a way that another may not; ``wait`` is what the server asked for."""

    def __init__(self, how: str, *, wait: float | None = None) -> None:
        self.how = how
        self.wait = wait
        super().__init__(how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A server's answer whose body is still to be read; ``place`` is where it came from in the end.

    ``status`` is 200, 206, 304, 416 or one that was asked for: others have been dealt with before.
    """

    place: Address
    status: int
    headers: Mapping[str, str]
    _response: HTTPResponse = field(repr=False)
    _deadline: Deadline = field(repr=False)

    @property
    def is_framed(self) -> bool:
        """Whether the server says where its answer ends, so that a cut one can be told."""
        return self._response.chunked or self._response.length_remaining is not None

    @property
    def is_plain(self) -> bool:
        """Whether the body is sent as it is, not compressed for the way."""
        return self.encoding in _PLAIN

    @property
    def encoding(self) -> str:
        """How the body is coded for the way, in lower case."""
        return self.headers.get("content-encoding", "").strip().lower()

    def chunks(self, limit: int, *, already: int = 0) -> Iterator[bytes]:
        """The body, decoded, as it arrives.

        Raises:
            Broken: the connection ended early or stalled.
            SourceError: with the bytes had ``already`` it is more than ``limit``, sent or
                decoded; or time is up.
        """
        if already + (self._response.length_remaining or 0) > limit:
            raise _too_large(self.place, limit)
        decoded = 0
        while chunk := self._next():
            decoded += len(chunk)
            if already + max(decoded, self._response.tell()) > limit:
                raise _too_large(self.place, limit)
            yield chunk

    def close(self) -> None:
        """Let go of it, wherever reading it has come to."""
        self._response.close()

    def _next(self) -> bytes:
        try:
            return self._response.read1(_CHUNK)
        except ENDS as error:
            raise Broken(how_it_ended(error)) from None
        finally:
            self._deadline.check(self.place)


def checked(answer: Answer) -> Answer:
    """The answer if there is something to take of it.

    Raises:
        Broken: the server is busy, or fails.
        SourceError: it refuses, or sends what cannot be decoded.
    """
    place, status = answer.place, answer.status
    if status in _BUSY:
        raise Broken(f"it answers {status}", wait=_asked_wait(answer.headers))
    if status not in {200, 206, 304, 416}:
        raise cannot_pull(
            place,
            f"it answers {status}; check the address, and whether it may be read without signing "
            "in",
            reason=f"返回状态 {status}，请核对网址以及是否允许访问。",
        )
    if answer.encoding not in _DECODABLE:
        raise cannot_pull(
            place,
            "it sends a compression nobody asked for; have it send the data as it is, or as gzip",
            reason="以不支持的压缩方式传送，请提供方改为原样或 gzip 传送。",
        )
    return answer


def location_of(answer: Answer) -> str:
    """Where a redirect leads, as the server writes it.

    Raises:
        SourceError: it does not say.
    """
    if location := answer.headers.get("location"):
        return location
    raise cannot_pull(
        answer.place,
        f"it answers {answer.status} without saying where to go; write the address of the data",
        reason="要求转向却没有给出去处，请改用数据本身的网址。",
    )


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds of ``Retry-After``; a date counts from the server's own ``Date``."""
    given = headers.get("retry-after", "").strip()
    if given.isdigit():
        return float(given[:9])
    try:
        until, now = (parsedate_to_datetime(each) for each in (given, headers.get("date", "")))
        return max((until - now).total_seconds(), 0.0) or None
    except (TypeError, ValueError):
        return None


def how_it_ended(error: Exception) -> str:
    """How a connection ended, by kind: the words of an error may hold the address or the data."""
    said = f"{type(error).__name__} {type(error.__cause__ or error).__name__}"
    if "Timeout" in said:
        return "it stalled"
    if isinstance(error, ssl.SSLError):
        return "its encrypted connection failed"
    return "the connection ended before all was sent"


def _too_large(place: Address, limit: int) -> SourceError:
    allowed = f"{limit / MEGABYTE:g} MB"
    return cannot_pull(
        place,
        f"it sends more than the {allowed} that are allowed here; raise `pulling.max_megabytes` in "
        "opendata.yaml, or ask for less",
        reason=f"超过允许的 {allowed}，请缩小范围或调整上限。",
    )
