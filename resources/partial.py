"""A download in progress: the bytes that are on the disk, and what proves that the rest fits them.

It outlives the process. What was noted is on the disk; anything beyond may be lost in a crash and
is asked for again. Swapping a whole file into its place is ``pulled.py``.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO

from resources.addresses import Address
from resources.answer import Answer, Broken
from resources.fsio import write_durably

_SYNC = 32 << 20
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_STRONG_AFTER = 60


@dataclass(frozen=True, slots=True)
class Partial:
    """The partial download in a folder: two dot-files, the bytes and what is known of them."""

    into: Path

    @property
    def path(self) -> Path:
        """The bytes so far."""
        return self.into / ".partial"

    def opened(self) -> BinaryIO:
        """The bytes so far, for reading and writing by the owner alone."""
        return os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")

    def forget(self) -> None:
        """Begin anew."""
        for each in (self._notes, self.path):
            each.unlink(missing_ok=True)

    def asking(self, address: Address) -> Mapping[str, str]:
        """The headers that ask for the rest; none where there is nothing to continue."""
        told = told_by(self._notes)
        size, validator = told.get("size"), told.get("validator")
        if told.get("address") != address.digest or not size or not validator:
            return {}
        if not self.path.is_file() or self.path.stat().st_size < size:
            return {}
        return {"Range": f"bytes={size}-", "If-Range": str(validator)}

    def take(self, answer: Answer, asked: Address, *, limit: int) -> None:
        """Write what the server sends, behind what is there if it is the rest of it.

        Raises:
            Broken: the connection ended early, or what it sends is not the rest.
            SourceError: it is more than ``limit`` bytes altogether, or time is up.
        """
        start, whole = (0, None) if answer.status == 200 else self._continued(answer)
        if not start:
            self.forget()
        validator, size, noted = _strong(answer), start, start
        with self.opened() as stream:
            stream.seek(start)
            stream.truncate()
            try:
                for chunk in answer.chunks(limit, already=start):
                    stream.write(chunk)
                    size += len(chunk)
                    if size - noted >= _SYNC:
                        noted = self._note(stream, asked, size, validator)
            finally:
                self._note(stream, asked, size, validator)
        if whole not in {None, size}:
            raise Broken("the connection ended before all was sent")

    @property
    def _notes(self) -> Path:
        return self.into / ".partial.json"

    def _note(self, stream: BinaryIO, asked: Address, size: int, validator: str | None) -> int:
        stream.flush()
        os.fsync(stream.fileno())
        if validator:
            facts = {"address": asked.digest, "size": size, "validator": validator}
            write_durably(self._notes, json.dumps(facts).encode())
        return size

    def _continued(self, answer: Answer) -> tuple[int, int]:
        """Where the rest begins that the server sends, and how long the whole then is."""
        told = told_by(self._notes)
        found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        validator = _strong(answer)
        if answer.status == 206 and found and validator == told.get("validator"):
            first, last, whole = map(int, found.groups())
            if first == told.get("size") and last + 1 == whole:
                return first, whole
        self.forget()
        raise Broken("it does not continue where it broke off")


def told_by(path: Path) -> dict[str, Any]:
    """What a dot-file of ours says; nothing when it is not there or damaged."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _strong(answer: Answer) -> str | None:
    """What proves on resuming that the file is still the same (RFC 9110, 8.8.2.2 and 13.1.5)."""
    etag = answer.headers.get("etag")
    if not answer.is_plain:
        return None
    if etag is not None:
        return etag if etag.startswith('"') else None
    changed = answer.headers.get("last-modified")
    try:
        now, then = (
            parsedate_to_datetime(each or "") for each in (answer.headers["date"], changed)
        )
        return changed if (now - then).total_seconds() >= _STRONG_AFTER else None
    except (KeyError, TypeError, ValueError):
        return None
