"""Addresses that may be fetched: which URL, which host, and which machine that host really is.

Here it is decided whether an address may be asked at all, before a byte is sent. Asking is
``web.py``. What is shown of an address is its scheme, host and path: a query may hold a secret.
"""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import quote, urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from opendata.errors import SourceError
from opendata.settings import Pulling

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One URL taken apart; ``target`` is path and query, and is never part of what is shown."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    def __repr__(self) -> str:
        """The address without its query."""
        return f"Address({self})"

    def __str__(self) -> str:
        """Scheme, host and path."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """What the ``Host`` header says: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """What is asked for: path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The whole address, secrets included; for following links, never for showing."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def digest(self) -> str:
        """SHA-256 of the whole address: tells which it was without keeping its query."""
        return sha256(self.url.encode()).hexdigest()

    def asking(self, **parameters: int) -> "Address":
        """The same address with these query parameters, in place of any of the same name."""
        named = {quote(name, safe=""): str(each) for name, each in parameters.items()}
        kept = (each for each in self.query.split("&") if each)
        others = (each for each in kept if each.partition("=")[0] not in named)
        query = "&".join([*others, *(f"{name}={each}" for name, each in named.items())])
        return replace(self, query=query)


def cannot_pull(place: object, message: str, *, reason: str) -> SourceError:
    """A refusal of the address ``place``; ``reason`` is what the clerk reads, in Chinese.

    >>> cannot_pull("http://a.cn/x", "it answers 404", reason="不存在。").reason
    '地址“http://a.cn/x”不存在。'
    """
    return SourceError(f"{place}: {message}", reason=f"地址“{place}”{reason}")


def parse_address(url: str) -> Address:
    """Take a URL apart, as strictly as RFC 3986 has it; other alphabets become ASCII.

    Raises:
        SourceError: it is no HTTP(S) address, or holds a user name or password.
    """
    try:
        given = parse_url(url)
    except LocationParseError:
        given = parse_url("")
    if given.scheme not in _PORTS or not given.host:
        raise cannot_pull(
            "pull.url", "it is no http:// or https:// address", reason="不是有效的网址，请改正。"
        )
    address = Address(
        scheme=given.scheme,
        host=given.host.strip("[]").rstrip(".").lower(),
        port=given.port or _PORTS[given.scheme],
        path=given.path or "/",
        query=given.query or "",
    )
    if given.auth is not None:
        raise cannot_pull(
            address,
            "it holds a user name or password, which would end up in the catalog's history; "
            "write the address without them",
            reason="含有用户名或口令，请从网址中删去。",
        )
    return address


def redirected(address: Address, location: str) -> Address:
    """Where a redirect leads; the caller asks ``permitted`` of it like of any other.

    Raises:
        SourceError: it leads from https to http, or to no HTTP(S) address.
    """
    target = parse_address(urljoin(address.url, location))
    if (address.scheme, target.scheme) == ("https", "http"):
        raise cannot_pull(
            address,
            f"it redirects from https to http ({target.authority}), where anybody on the way can "
            "change what is sent; write the https address of the data",
            reason="由加密连接转向不加密的连接，已拒绝，请改用数据的 https 地址。",
        )
    return target


def permitted(address: Address, limits: Pulling) -> tuple[str, ...]:
    """The machine addresses of a host that may be asked, as they resolve now.

    Whoever asks must connect to one of these and not resolve again: a name may lead elsewhere the
    second time (DNS rebinding).

    Raises:
        SourceError: the host is not listed, does not resolve, or leads into a private network.
    """
    if not is_listed(address, limits.hosts):
        raise cannot_pull(
            address,
            f"the host {address.authority!r} is not listed under `pulling.hosts` in opendata.yaml; "
            "add it there, with its port where it is not the usual one, or correct the address",
            reason="的主机不在允许拉取的名单中，请数据管理员核实后列入。",
        )
    found = _resolved(address)
    if not is_listed(address, limits.private_hosts) and not all(map(_is_public, found)):
        raise cannot_pull(
            address,
            "its host leads into a private, loopback or reserved network; list it under "
            "`pulling.private_hosts` in opendata.yaml if it really is a machine of the city's own",
            reason="指向内部网络，已拒绝；确为本市内部服务的，请数据管理员列入内部主机名单。",
        )
    return found


def is_listed(address: Address, hosts: Collection[str]) -> bool:
    """Whether a host is listed; one listed without a port stands for the scheme's own port."""
    return address.authority in {_authority(each, address.scheme) for each in hosts}


def _authority(host: str, scheme: str) -> str | None:
    try:
        return parse_address(f"{scheme}://{host.strip()}").authority
    except SourceError:
        return None


def _resolved(address: Address) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise cannot_pull(
            address,
            "its host has no address now; check the name, and the name service of this machine",
            reason="的主机名目前无法解析，请核对网址或稍后再试。",
        ) from None
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _is_public(given: str) -> bool:
    """Whether an address is one of the open Internet, also where IPv6 wraps an IPv4 address."""
    address = ipaddress.ip_address(given)
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is not None:
            return _is_public(str(wrapped))
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
