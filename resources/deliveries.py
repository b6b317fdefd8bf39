"""Deliveries: dropped files on their way, each with a note that lets a crash be made good.

The note says what is to be done before it is done; doing it again changes nothing. Which file is
taken, and what is said of it, is ``drop.py``.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path

from opendata.receipts import RECEIPT_ENDING
from resources.fsio import move_durably, write_durably

DROP, DONE, FAILED = "drop", "done", "failed"


class State(Enum):
    """How far a delivery is."""

    CLAIMED = "claimed"  # on its way into the inbox, or there and not judged yet
    DONE = "done"  # judged, and the current file of its source
    FAILED = "failed"  # on its way to the folder of failed files


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One dropped file: ``id`` is what it and its receipt are called among the others.

    ``ino`` tells the file from another of its name; ``displaced`` are the files that make way,
    by their names in the inbox and in ``done``; ``receipt`` is the text still to be written.
    """

    id: str
    name: str
    shown: str
    ino: int
    size: int
    received_at: datetime
    dataset_id: str | None = None
    source_id: str | None = None
    state: State = State.CLAIMED
    displaced: tuple[tuple[str, str], ...] = ()
    receipt: str = ""

    @property
    def note(self) -> str:
        """What its note is called: one for each source, or one for each file nobody takes."""
        return (
            f".{self.dataset_id}.{self.source_id}.json" if self.dataset_id else f".{self.id}.json"
        )


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of one body; ``inbox`` is its folder."""

    inbox: Path

    @property
    def notes(self) -> Path:
        """Where the notes lie."""
        return self.inbox / ".claimed"

    def unfinished(self) -> bool:
        """Whether anything is on its way, or was when a process ended."""
        return any(each.state is not State.DONE or each.receipt for each in self.all())

    def all(self) -> Iterator[Delivery]:
        """Every delivery that is noted."""
        for path in sorted(self.notes.glob(".*.json")):
            with suppress(OSError, ValueError, TypeError, KeyError):
                yield _delivery(json.loads(path.read_bytes()))

    def write(self, delivery: Delivery) -> None:
        """Note a delivery, in place of what was noted of its source before."""
        told = asdict(delivery) | {
            "received_at": delivery.received_at.isoformat(),
            "state": delivery.state.value,
        }
        write_durably(self.notes / delivery.note, json.dumps(told, sort_keys=True).encode())

    def go_on(self, delivery: Delivery) -> Delivery | None:
        """Do what the note says, from wherever a crash left it; None when it is over."""
        if delivery.state is State.FAILED:
            return self._fail(delivery)
        if delivery.state is State.DONE:
            return self._tell(delivery)
        return self._place(delivery)

    def _place(self, delivery: Delivery) -> Delivery | None:
        dropped = self.inbox / DROP / delivery.name
        target = self.inbox / delivery.name
        if _is(dropped, delivery):
            for name, kept in delivery.displaced:
                _move(self.inbox / name, self.inbox / DONE / kept)
            _move(dropped, target)
        if _is(target, delivery):
            return delivery
        return self._bring_back(delivery)  # somebody took it away again

    def _tell(self, delivery: Delivery) -> Delivery:
        if not delivery.receipt:
            return delivery
        self._write_receipt(DONE, delivery)
        told = replace(delivery, receipt="")
        self.write(told)
        return told

    def _fail(self, delivery: Delivery) -> Delivery | None:
        for place in (self.inbox / DROP, self.inbox):
            if _is(place / delivery.name, delivery):
                _move(place / delivery.name, self.inbox / FAILED / delivery.id)
        self._write_receipt(FAILED, delivery)
        return self._bring_back(delivery)

    def _bring_back(self, delivery: Delivery) -> Delivery | None:
        """Put back what made way, and note the delivery it came with as the current one again."""
        back = None
        for name, kept in delivery.displaced:
            here, there = self.inbox / name, self.inbox / DONE / kept
            _move(there, here)
            if _is_there(here) and not _is_there(there):
                back = replace(
                    delivery,
                    id=kept,
                    name=name,
                    shown=name,
                    ino=here.lstat().st_ino,
                    state=State.DONE,
                    displaced=(),
                    receipt="",
                )
        if back:
            self.write(back)
        else:
            (self.notes / delivery.note).unlink(missing_ok=True)
        return None

    def _write_receipt(self, folder: str, delivery: Delivery) -> None:
        (self.inbox / folder).mkdir(exist_ok=True)
        path = self.inbox / folder / f"{delivery.id}{RECEIPT_ENDING}"
        write_durably(path, delivery.receipt.encode())


def _move(source: Path, target: Path) -> None:
    """Move a file if it is there and nothing would be overwritten: nothing is ever lost."""
    if _is_there(source) and not _is_there(target):
        move_durably(source, target)


def _is_there(path: Path) -> bool:
    """Whether something goes by this name, were it a link that leads nowhere."""
    return os.path.lexists(path)


def _is(path: Path, delivery: Delivery) -> bool:
    try:
        return path.lstat().st_ino == delivery.ino
    except FileNotFoundError:
        return False


def _delivery(told: dict[str, object]) -> Delivery:
    given = dict(told)
    given["received_at"] = datetime.fromisoformat(str(told["received_at"]))
    given["state"] = State(told["state"])
    given["displaced"] = tuple((str(a), str(b)) for a, b in told["displaced"])  # type: ignore[attr-defined]
    return Delivery(**given)  # type: ignore[arg-type]
