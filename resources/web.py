"""The web: one HTTP(S) document at a time, from permitted hosts only, within time and size.

Redirects, retries, waiting and the caps live here; which address may be asked is ``addresses.py``,
what becomes of the bytes ``pull.py`` and ``pages.py``. A connection goes to the machine address
that was checked and to no other.
"""

import logging
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TypeVar

from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from opendata.errors import SourceError
from opendata.settings import Pulling
from resources.addresses import Address, cannot_pull, permitted, redirected
from resources.deadline import Deadline

STALL_SECONDS = 30.0
_MEGABYTE = 1 << 20
_CHUNK = 1 << 16
_REDIRECTS = 5
_LONGEST_WAIT = 120.0
_MOVED = {301, 302, 303, 307, 308}
_BUSY = {429, 500, 502, 503, 504}
_DECODABLE = {"", "identity", "gzip", "x-gzip", "deflate"}
_ENDS = (OSError, HTTPException, HTTPError)

# NOTE: urllib3 warns of odd headers with the whole address, and a query may hold a secret.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

Sleep = Callable[[float], object]
T = TypeVar("T")


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
        return self.headers.get("content-encoding", "").strip().lower() in {"", "identity"}

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

    def _next(self) -> bytes:
        try:
            return self._response.read1(_CHUNK)
        except _ENDS as error:
            raise Broken(_how(error)) from None
        finally:
            self._deadline.check(self.place)


class Web:
    """Asks for documents: in turn, over connections that are kept, until one time is up."""

    def __init__(
        self, limits: Pulling, deadline: Deadline, *, sleep: Sleep | None, stall_seconds: float
    ) -> None:
        self.limits = limits
        self._deadline = deadline
        self._sleep = sleep or deadline.wait
        self._stall = stall_seconds
        self._open: dict[tuple[str, str], HTTPConnection] = {}
        self._last: HTTPResponse | None = None

    @property
    def max_bytes(self) -> int:
        """The size cap."""
        return self.limits.max_megabytes * _MEGABYTE

    def close(self) -> None:
        """Let go of every connection, and of an answer that was not read to its end."""
        if self._last is not None:
            self._last.close()
        while self._open:
            self._open.popitem()[1].close()

    def fetch(
        self,
        address: Address,
        take: Callable[[Answer], T],
        *,
        headers: Callable[[], Mapping[str, str]] = dict,
        also: Collection[int] = (),
    ) -> T:
        """Ask until ``take`` has read a whole answer; ``headers`` are made anew for each attempt.

        ``also`` are statuses to be taken that would otherwise be refused.

        Raises:
            SourceError: the address may not be asked, refuses, or failed once too often.
        """
        for attempt in range(1 + (last := self.limits.retries)):
            try:
                return take(self._follow(address, headers(), also))
            except Broken as broken:
                self.close()
                self._deadline.check(address)
                if attempt == last:
                    raise _given_up(address, broken, attempt + 1) from None
                self._sleep(min(broken.wait or float(2**attempt), _LONGEST_WAIT))
                self._deadline.check(address)
        raise AssertionError("the last attempt returns or raises")

    def _follow(
        self, address: Address, headers: Mapping[str, str], also: Collection[int]
    ) -> Answer:
        place = address
        for _ in range(_REDIRECTS + 1):
            answer = self._ask(place, headers)
            if answer.status not in _MOVED:
                return answer if answer.status in also else _checked(answer)
            self.close()  # what else the redirect says is not read
            place = redirected(place, _location(answer))
        raise cannot_pull(
            address,
            f"it redirects more than {_REDIRECTS} times; write the address of the data itself",
            reason="转向次数过多，请改用数据本身的网址。",
        )

    def _ask(self, place: Address, headers: Mapping[str, str]) -> Answer:
        connection = self._connected(place)
        asked = {"Host": place.authority, "Accept-Encoding": "identity", "User-Agent": "opendata"}
        try:
            asked |= headers
            connection.request("GET", place.target, headers=asked, preload_content=False)
            response = connection.getresponse()
        except _ENDS as error:
            self._deadline.check(place)
            raise Broken(_how(error)) from None
        self._last = response
        self._deadline.check(place)
        return Answer(
            place=place,
            status=response.status,
            headers={name.lower(): each for name, each in response.headers.items()},
            _response=response,
            _deadline=self._deadline,
        )

    def _connected(self, place: Address) -> HTTPConnection:
        """A connection to a machine that was checked; a kept one is not checked twice."""
        key = (place.scheme, place.authority)
        if (kept := self._open.get(key)) and kept.sock is not None:
            return kept
        broken = Broken("it cannot be reached")
        for machine in permitted(place, self.limits):
            connection = self._connection(place, machine)
            try:
                connection.connect()
            except _ENDS as error:
                connection.close()
                broken = Broken(_refuse_untrusted(place, error))
                self._deadline.check(place)
            else:
                self._deadline.watch(connection)
                self._open[key] = connection
                return connection
        raise broken

    def _connection(self, place: Address, machine: str) -> HTTPConnection:
        if place.scheme == "http":
            return HTTPConnection(machine, place.port, timeout=self._stall)
        return HTTPSConnection(
            machine,
            place.port,
            timeout=self._stall,
            ssl_context=ssl.create_default_context(),
            server_hostname=place.host,
        )


def _checked(answer: Answer) -> Answer:
    """The answer if there is something to take of it."""
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
    if answer.headers.get("content-encoding", "").strip().lower() not in _DECODABLE:
        raise cannot_pull(
            place,
            "it sends a compression nobody asked for; have it send the data as it is, or as gzip",
            reason="以不支持的压缩方式传送，请提供方改为原样或 gzip 传送。",
        )
    return answer


def _location(answer: Answer) -> str:
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


def _refuse_untrusted(place: Address, error: Exception) -> str:
    """What broke the connection; a certificate nobody trusts will not be better next time."""
    if isinstance(error, ssl.SSLCertVerificationError):
        raise cannot_pull(
            place,
            "its certificate is not trusted by this machine; have it mended, or name the city's "
            "own authority in SSL_CERT_FILE",
            reason="的安全证书不受信任，请提供方更正，或由数据管理员登记本市的证书颁发机构。",
        ) from None
    return _how(error)


def _how(error: Exception) -> str:
    """How a connection ended, by kind: the words of an error may hold the address or the data."""
    said = f"{type(error).__name__} {type(error.__cause__ or error).__name__}"
    if "Timeout" in said:
        return "it stalled"
    if isinstance(error, ssl.SSLError):
        return "its encrypted connection failed"
    return "the connection ended before all was sent"


def _too_large(place: Address, limit: int) -> SourceError:
    allowed = f"{limit / _MEGABYTE:g} MB"
    return cannot_pull(
        place,
        f"it sends more than the {allowed} that are allowed here; raise `pulling.max_megabytes` in "
        "opendata.yaml, or ask for less",
        reason=f"超过允许的 {allowed}，请缩小范围或调整上限。",
    )


def _given_up(place: Address, broken: Broken, attempts: int) -> SourceError:
    return cannot_pull(
        place,
        f"{broken.how}, at attempt {attempts} of {attempts}; what was there before is kept, try "
        "again later",
        reason=f"连续 {attempts} 次未能取完数据，原有数据保持不变，请稍后再试。",
    )
