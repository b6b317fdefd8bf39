"""Received: the deliveries of one dataset as they are kept, and which of them count.

The bytes lie under their own SHA-256 with a note beside them of what they are; one small file a
source lists those that count, and those to be added that were not read yet. Finding and copying
what lies in an inbox is ``landing.py``; when bytes have to go (XS16) ``assets/purging.py``.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from opendata.vocabulary import Load
from resources.fsio import fsync, write_durably

LISTED = ".listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedFile:
    """One source file as received, known by the SHA-256 of its bytes.

    ``path`` holds those bytes, or, once they had to go, only the columns that are listed.
    """

    source_id: str
    original_name: str
    path: Path
    sha256: str
    size: int
    received_at: datetime

    @property
    def is_listed_alone(self) -> bool:
        """Whether only the listed columns are kept."""
        return self.path.suffix == LISTED


@dataclass(frozen=True, slots=True)
class Received:
    """What was received for one dataset; ``folder`` is its own, for the owner alone."""

    folder: Path

    def remember(self, file: LandedFile, load: Load) -> LandedFile:
        """The delivery as its note tells it: bytes that came before keep their first hour.

        Where deliveries add up it waits from now on, until it counts or is given up.
        """
        note = self._note(file)
        if note.exists():
            file = self._remembered(note, name=file.original_name)
        else:
            facts = {
                "source": file.source_id,
                "name": file.original_name,
                "sha256": file.sha256,
                "size": file.size,
                "received_at": file.received_at.isoformat(),
            }
            _write(note, facts)
        known = self._list(file.source_id, load)
        if load is not Load.SNAPSHOT and file.sha256 not in known.all:
            self._write_list(file.source_id, load, known.counting, (*known.waiting, file.sha256))
        return file

    def counting(self, source_id: str, load: Load) -> tuple[LandedFile, ...]:
        """The deliveries that count, in their order: the one in force, or all that add up.

        Nothing counts of a source whose ``load`` was another one until now.
        """
        return self._files(source_id, self._list(source_id, load).counting)

    def waiting(self, source_id: str, load: Load) -> tuple[LandedFile, ...]:
        """Deliveries that are to be added and were not read to their end yet."""
        return self._files(source_id, self._list(source_id, load).waiting)

    def count(self, file: LandedFile, load: Load) -> None:
        """Let a delivery count that was read to its end."""
        known = self._list(file.source_id, load)
        if file.sha256 not in known.counting:
            before = () if load is Load.SNAPSHOT else known.counting
            waiting = tuple(each for each in known.waiting if each != file.sha256)
            self._write_list(file.source_id, load, (*before, file.sha256), waiting)

    def give_up(self, file: LandedFile, load: Load) -> None:
        """Let a delivery wait no longer: it is kept, and not read unless it is sent again."""
        known = self._list(file.source_id, load)
        waiting = tuple(each for each in known.waiting if each != file.sha256)
        self._write_list(file.source_id, load, known.counting, waiting)

    def note_unlisted(self, file: LandedFile) -> None:
        """Note that the bytes hold columns nobody listed."""
        note = self._note(file)
        if not file.is_listed_alone and not _facts(note).get("unlisted"):
            _write(note, _facts(note) | {"unlisted": True})

    def with_unlisted(self, source_id: str, *, until: datetime) -> tuple[LandedFile, ...]:
        """Deliveries received until then whose bytes still hold columns nobody listed."""
        notes = [each for each in self._notes(source_id) if _facts(each).get("unlisted")]
        return tuple(file for each in notes if (file := _file(each)).received_at <= until)

    def gone(self, source_id: str) -> tuple[LandedFile, ...]:
        """Deliveries whose bytes had to go: nothing of the home may hold these any more."""
        notes = self._notes(source_id)
        return tuple(_file(each) for each in notes if _facts(each).get("gone"))

    def keep_listed(self, file: LandedFile, listed: Path | None) -> None:
        """Let ``listed``, its listed columns alone, take the place of a delivery's bytes.

        Without it nothing of the delivery is kept but the note.
        """
        note = self._note(file)
        facts = {key: each for key, each in _facts(note).items() if key != "unlisted"}
        facts["gone"] = True
        if listed is not None:
            kept = self.folder / f"{file.sha256}{LISTED}"
            listed.replace(kept)
            facts["kept"] = kept.name
        _write(note, facts)
        if all(_facts(each).get("gone") for each in self.folder.glob(f"{file.sha256}.*.json")):
            (self.folder / file.sha256).unlink(missing_ok=True)
            fsync(self.folder)

    def _note(self, file: LandedFile) -> Path:
        return self.folder / f"{file.sha256}.{file.source_id}.json"

    def _notes(self, source_id: str) -> Iterator[Path]:
        return self.folder.glob(f"*.{source_id}.json")

    def _remembered(self, note: Path, *, name: str) -> LandedFile:
        facts = _facts(note)
        if facts.pop("gone", False):  # they had to go, were sent again, and have to go again
            facts.pop("kept", None)
            _write(note, facts | {"unlisted": True})
        return replace(_file(note), original_name=name)

    def _files(self, source_id: str, hashes: tuple[str, ...]) -> tuple[LandedFile, ...]:
        return tuple(_file(self.folder / f"{each}.{source_id}.json") for each in hashes)

    def _list(self, source_id: str, load: Load) -> "_List":
        path = self._list_path(source_id)
        listed = _facts(path) if path.exists() else {}
        if listed.get("load") != load.code:
            return _List((), ())
        return _List(tuple(listed["counting"]), tuple(listed["waiting"]))

    def _list_path(self, source_id: str) -> Path:
        return self.folder / f"{source_id}.deliveries"

    def _write_list(
        self, source_id: str, load: Load, counting: tuple[str, ...], waiting: tuple[str, ...]
    ) -> None:
        facts = {"load": load.code, "counting": counting, "waiting": waiting}
        _write(self._list_path(source_id), facts)


@dataclass(frozen=True, slots=True)
class _List:
    """Which deliveries of a source count and which wait, by SHA-256."""

    counting: tuple[str, ...]
    waiting: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.counting, *self.waiting)


def _facts(note: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(note.read_bytes())
    return facts


def _file(note: Path) -> LandedFile:
    facts = _facts(note)
    return LandedFile(
        source_id=facts["source"],
        original_name=facts["name"],
        path=note.with_name(facts.get("kept", facts["sha256"])),
        sha256=facts["sha256"],
        size=facts["size"],
        received_at=datetime.fromisoformat(facts["received_at"]),
    )


def _write(note: Path, facts: dict[str, Any]) -> None:
    write_durably(note, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
