"""Pulling: a file or paged JSON at an address becomes one file among what was collected.

The order of things: what is known is asked for on condition, what broke off is continued, and only
a whole document takes the place of the one before. Asking is ``web.py``, pages are ``pages.py``.
"""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from opendata.errors import SourceError
from opendata.settings import Pulling
from opendata.source import Source
from resources.addresses import Address, cannot_pull, parse_address
from resources.answer import Answer
from resources.deadline import Deadline
from resources.fsio import PRIVATE_FOLDER, locked
from resources.pages import write_pages
from resources.partial import Partial
from resources.pulled import Pulled, alone, kept_of, put, safe_name
from resources.web import STALL_SECONDS, Sleep, Web

_PAGES = "pages.ndjson"


def pull(
    source: Source,
    limits: Pulling,
    *,
    into: Path,
    sleep: Sleep | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> Pulled:
    """Fetch what a source's address holds into the folder ``into``; it stays as it was on failure.

    Several processes may pull at once, one after the other. ``sleep`` takes the place of waiting
    between attempts, ``stall_seconds`` is how long a server may be silent.

    Raises:
        SourceError: the address may not be asked, refuses, stalls, sends too much, takes too long,
            or its pages do not belong together.
    """
    if source.pull is None:
        raise TypeError(f"the source {source.id!r} has no address to pull from")
    address = parse_address(source.pull.url)
    into.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    with (
        locked(into / ".lock"),
        Deadline(limits.max_seconds) as deadline,
        closing(Web(limits, deadline, sleep=sleep, stall_seconds=stall_seconds)) as web,
    ):
        if source.pull.pages:
            return _pages(web, source, address, into)
        return _file(web, address, into)


def _pages(web: Web, source: Source, address: Address, into: Path) -> Pulled:
    """Every page anew: no header says of them all whether they changed."""
    partial = Partial(into)
    partial.forget()
    with partial.opened() as stream:
        write_pages(web, source, address, stream)
    return _put(partial, _PAGES, address, {})


def _file(web: Web, address: Address, into: Path) -> Pulled:
    partial, kept = Partial(into), kept_of(into, address)

    def headers() -> Mapping[str, str]:
        return partial.asking(address) or (kept.conditions if kept else {})

    def take(answer: Answer) -> Mapping[str, str] | None:
        if answer.status == 304:
            return None
        if not answer.is_framed:
            raise _endless(answer.place)
        partial.take(answer, address, limit=web.max_bytes)
        told = {each: answer.headers.get(each) for each in ("etag", "last-modified")}
        return {name: each for name, each in told.items() if each and answer.is_plain}

    facts = web.fetch(address, take, headers=headers)
    if facts is not None:
        return _put(partial, safe_name(address), address, facts)
    if kept is None:
        raise _out_of_turn(address)
    alone(kept.pulled.path)
    return kept.pulled


def _put(partial: Partial, name: str, address: Address, facts: Mapping[str, str]) -> Pulled:
    if not partial.path.stat().st_size:
        raise cannot_pull(
            address,
            "it sends nothing; what was there before is kept, ask the provider",
            reason="没有返回任何数据，原有数据保持不变，请向提供方核实。",
        )
    pulled = put(partial.path, name, address, facts)
    partial.forget()
    return pulled


def _endless(place: Address) -> SourceError:
    return cannot_pull(
        place,
        "it does not say where its answer ends, so that a broken transfer could not be told from "
        "a whole one; have it send Content-Length, or chunks",
        reason="没有标明数据的长度，无法判断是否取完，请提供方标明长度。",
    )


def _out_of_turn(place: Address) -> SourceError:
    return cannot_pull(
        place,
        "it says that nothing changed, of a file that was not asked about; ask the provider",
        reason="的应答有误，请向提供方核实。",
    )
