"""``opendata record verify``: the chain from its own files, and the stores' releases in it.

The chain alone cannot show that its last entries were cut off. Every release names the head of the
record when it was announced, so a record that does not hold that entry has lost its end.
"""

from collections.abc import Iterator
from dataclasses import replace

from opendata.record import ChainProblem, Verification
from resources.home import Home
from resources.record_book import RecordBook
from resources.store import OpenStore

STORES = ("public", "conditional")


def verify_record(home: Home) -> Verification:
    """Recompute the whole record of a home and look for the entries its stores rest on."""
    book = RecordBook(home.record)
    found = book.verify()
    if not found.intact:
        return found
    held = {each.hash for each in book.entries()}
    lost = tuple(_lost(home, held, found.entries + 1))
    return replace(found, problems=lost)


def _lost(home: Home, held: set[str], seq: int) -> Iterator[ChainProblem]:
    for name in STORES:
        head = OpenStore(home.store / name, name=name).current().record
        if head is not None and head not in held:
            yield ChainProblem(
                seq,
                f"the {name} store was released on entry {head[:16]}, which the record does not "
                "hold: entries are missing at its end",
            )
