"""Received: the deliveries of one dataset as they are kept, each with a note of what it is.

The bytes lie under their own SHA-256, the note beside them. Finding and copying what lies in an
inbox is ``landing.py``; when bytes have to go (XS16) is decided in ``assets/purging.py``.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from opendata.vocabulary import Load
from resources.fsio import PRIVATE_FOLDER, fsync, write_durably


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


@dataclass(frozen=True, slots=True)
class Received:
    """What was received for one dataset; ``folder`` is its own, for the owner alone."""

    folder: Path

    def remember(self, file: LandedFile, load: Load) -> LandedFile:
        """The delivery as its note tells it: bytes that came before keep their first hour."""
        note = self._note(file)
        if note.exists():
            known = _file(note)
            if _facts(note)["load"] == load.code:
                return replace(known, original_name=file.original_name)
            file = replace(file, received_at=known.received_at)
        facts = {
            "source": file.source_id,
            "name": file.original_name,
            "sha256": file.sha256,
            "size": file.size,
            "received_at": file.received_at.isoformat(),
            "load": load.code,
        }
        _write(note, facts)
        return file

    def deliveries(self, source_id: str) -> tuple[LandedFile, ...]:
        """What was handed over for an adding source (追加, 按主键更新) and still counts, by age."""
        return _by_age(
            _file(note)
            for note in self._notes(source_id)
            if _facts(note)["load"] != Load.SNAPSHOT.code
        )

    def last(self, source_id: str, *, before: LandedFile | None = None) -> LandedFile | None:
        """The newest delivery of a source, or the one that came before another."""
        found = _by_age(_file(note) for note in self._notes(source_id))
        earlier = [x for x in found if before is None or x.received_at < before.received_at]
        return earlier[-1] if earlier else None

    def set_aside(self, file: LandedFile) -> None:
        """Keep a delivery without counting it: its structure is not the contract's (隔离)."""
        aside = self.folder / "aside"
        aside.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
        with suppress(FileExistsError):
            (aside / file.path.name).hardlink_to(file.path)
        note = self._note(file)
        note.replace(aside / note.name)
        self._drop_bytes(file)
        fsync(aside)

    def note_unlisted(self, file: LandedFile) -> None:
        """Note that the bytes hold columns nobody listed."""
        note = self._note(file)
        if not _facts(note).get("unlisted"):
            _write(note, _facts(note) | {"unlisted": True})

    def with_unlisted(self, source_id: str, *, until: datetime) -> tuple[LandedFile, ...]:
        """Deliveries received until then whose bytes still hold columns nobody listed."""
        return _by_age(
            file
            for note in self._notes(source_id)
            if _facts(note).get("unlisted") and (file := _file(note)).received_at <= until
        )

    def keep_listed(self, file: LandedFile, listed: Path | None) -> None:
        """Let ``listed``, its listed columns alone, take the place of a delivery's bytes.

        Without it nothing of the delivery is kept but the note: it does not count any more.
        """
        note = self._note(file)
        facts = _facts(note) | {"unlisted": False}
        if listed is not None:
            kept = self.folder / f"{file.sha256}.listed"
            listed.replace(kept)
            facts["kept"] = kept.name
        _write(note, facts)
        self._drop_bytes(file, besides=note)

    def _note(self, file: LandedFile) -> Path:
        return self.folder / f"{file.sha256}.{file.source_id}.json"

    def _notes(self, source_id: str) -> Iterator[Path]:
        return self.folder.glob(f"*.{source_id}.json")

    def _drop_bytes(self, file: LandedFile, *, besides: Path | None = None) -> None:
        """Remove the bytes unless another source was handed the very same."""
        others = [each for each in self.folder.glob(f"{file.sha256}.*.json") if each != besides]
        if not others:
            (self.folder / file.sha256).unlink(missing_ok=True)
            fsync(self.folder)


def _by_age(files: Iterator[LandedFile]) -> tuple[LandedFile, ...]:
    return tuple(sorted(files, key=lambda each: (each.received_at, each.sha256)))


def _facts(note: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(note.read_bytes())
    return {"load": Load.SNAPSHOT.code} | facts


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
