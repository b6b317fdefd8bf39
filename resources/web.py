"""The web: one HTTP(S) document at a time, from permitted hosts only, within time and size.

Redirects, retries and waiting live here; which address may be asked is ``addresses.py``, what may
be taken of an answer ``answer.py``. A connection goes to the machine address that was checked and
to no other.
"""

import logging
import ssl
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from urllib3.connection import HTTPConnection, HTTPSConnection

from opendata.errors import SourceError
from opendata.settings import Pulling
from resources.addresses import Address, cannot_pull, permitted, redirected
from resources.answer import ENDS, MEGABYTE, Answer, Broken, checked, how_it_ended, location_of
from resources.deadline import Deadline

STALL_SECONDS = 30.0
_REDIRECTS = 5
_LONGEST_WAIT = 120.0
_MOVED = {301, 302, 303, 307, 308}

# NOTE: urllib3 warns of odd headers with the whole address, and a query may hold a secret.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

Sleep = Callable[[float], object]
T = TypeVar("T")


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
        self._last: Answer | None = None

    @property
    def max_bytes(self) -> int:
        """The size cap."""
        return self.limits.max_megabytes * MEGABYTE

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
                return answer if answer.status in also else checked(answer)
            self.close()  # what else the redirect says is not read
            place = redirected(place, location_of(answer))
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
        except ENDS as error:
            self._deadline.check(place)
            raise Broken(how_it_ended(error)) from None
        answer = self._last = Answer(
            place=place,
            status=response.status,
            headers={name.lower(): each for name, each in response.headers.items()},
            _response=response,
            _deadline=self._deadline,
        )
        self._deadline.check(place)
        return answer

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
            except ENDS as error:
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


def _refuse_untrusted(place: Address, error: Exception) -> str:
    """What broke the connection; a certificate nobody trusts will not be better next time."""
    if isinstance(error, ssl.SSLCertVerificationError):
        raise cannot_pull(
            place,
            "its certificate is not trusted by this machine; have it mended, or name the city's "
            "own authority in SSL_CERT_FILE",
            reason="的安全证书不受信任，请提供方更正，或由数据管理员登记本市的证书颁发机构。",
        ) from None
    return how_it_ended(error)


def _given_up(place: Address, broken: Broken, attempts: int) -> SourceError:
    return cannot_pull(
        place,
        f"{broken.how}, at attempt {attempts} of {attempts}; what was there before is kept, try "
        "again later",
        reason=f"连续 {attempts} 次未能取完数据，原有数据保持不变，请稍后再试。",
    )
