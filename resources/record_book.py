"""The processing record on disk: append-only, locked, and on the disk before anything it describes.

One folder of monthly segments (``record-2026-01.jsonl``, UTC months), one chain through all of
them. What an entry says and how the chain is checked is ``opendata/record.py``; whether to record
something is its caller's business. Checking a record needs nothing but this folder.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from opendata.errors import RecordBroken, RecordUnwritable
from opendata.record import (
    GENESIS,
    Entry,
    Event,
    Kind,
    Verification,
    enter,
    line_of,
    parse_line,
    verify,
)
from resources.clock import Clock
from resources.fsio import PRIVATE_FOLDER, fsync, locked, write_durably

_CHUNK = 1 << 16


class RecordBook:
    """The record of one home. Several processes may append; each append sees the true head."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        self.folder = folder
        self._clock = clock or Clock()

    def append(self, event: Event) -> Entry:
        """Enter one event and return once it is on the disk.

        Raises:
            RecordUnwritable: it is not recorded, so what it describes must not be done (REC-01).
            RecordBroken: the last entry is damaged; nothing can follow it until that is resolved.
        """
        return self.append_all((event,))[0]

    def append_all(self, events: Sequence[Event]) -> tuple[Entry, ...]:
        """Enter several events one after another, for the price of one; raises as ``append``."""
        try:
            self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            with locked(self.folder / ".lock"):
                return self._append_locked(events)
        except OSError as error:
            raise RecordUnwritable(
                f"the processing record in {self.folder} could not be written "
                f"({error.strerror or type(error).__name__}), so the step it describes was not "
                "carried out; make room or access there and run it again "
                "(处理记录未能写入，本次操作未执行。)"
            ) from None

    def entries(self) -> Iterator[Entry]:
        """Every entry from the first, as a stream.

        Raises:
            RecordBroken: a line is not an entry; ``verify()`` says where.
        """
        for line in self._lines():
            yield _parsed(line, self.folder)

    def verify(self) -> Verification:
        """Check the whole chain; an unfinished last line is a problem until the next append."""
        return verify(self._lines())

    def last(self) -> Entry | None:
        """The last whole entry; None when nothing was ever recorded."""
        for segment in reversed(self.segments()):
            line, _ = _tail(segment)
            if line:
                return _parsed(line.decode("utf-8", "surrogateescape"), self.folder)
        return None

    @property
    def head(self) -> str:
        """The hash of the last entry; GENESIS when there is none."""
        last = self.last()
        return last.hash if last else GENESIS

    def segments(self) -> tuple[Path, ...]:
        """The files of the record, oldest first."""
        return tuple(sorted(self.folder.glob("record-????-??.jsonl")))

    def _append_locked(self, events: Sequence[Event]) -> tuple[Entry, ...]:
        repairs = self._set_torn_line_aside()
        last = self.last()
        seq, head = (last.seq, last.hash) if last else (0, GENESIS)
        entered: list[Entry] = []
        for event in (*repairs, *events):
            seq += 1
            moment = self._clock.now()
            entered.append(enter(event, seq=seq, prev_hash=head, recorded_at=moment))
            head = entered[-1].hash
        self._write(entered)
        return tuple(entered[len(repairs) :])

    def _write(self, entries: Sequence[Entry]) -> None:
        """Append the lines to the newest segment; on failure leave the file as it was."""
        segment = self._segment_for(entries[0])
        known = segment.exists()
        with segment.open("ab", buffering=0) as stream:
            before = stream.tell()
            try:
                _write_all(stream.fileno(), "".join(f"{line_of(each)}\n" for each in entries))
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(before)
                raise
        if not known:
            fsync(self.folder)

    def _segment_for(self, entry: Entry) -> Path:
        """This month's segment; never an earlier one, even when the wall clock was set back."""
        named = self.folder / f"record-{entry.recorded_at:%Y-%m}.jsonl"
        return max((*self.segments()[-1:], named))

    def _set_torn_line_aside(self) -> tuple[Event, ...]:
        """Move a half-written last line (its writer was killed) to ``recovered/`` and say so."""
        segment = next(reversed(self.segments()), None)
        torn = _tail(segment)[1] if segment else b""
        if segment is None or not torn:
            return ()
        digest = hashlib.sha256(torn).hexdigest()
        aside = self.folder / "recovered" / f"{segment.stem}-{digest[:12]}.torn"
        aside.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        write_durably(aside, torn)
        os.truncate(segment, segment.stat().st_size - len(torn))
        fsync(segment)
        return (_repaired(aside, digest=digest, size=len(torn)),)

    def _lines(self) -> Iterator[str]:
        for segment in self.segments():
            with segment.open(encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
                yield from stream


def _tail(segment: Path) -> tuple[bytes, bytes]:
    """The last whole line of a file, and whatever follows it unfinished."""
    read = b""
    with segment.open("rb") as stream:
        left = stream.seek(0, os.SEEK_END)
        while left and read.count(b"\n") < 2:
            step = min(_CHUNK, left)
            left -= step
            stream.seek(left)
            read = stream.read(step) + read
    whole, _, torn = read.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], torn


def _write_all(descriptor: int, text: str) -> None:
    left = memoryview(text.encode())
    while left:
        left = left[os.write(descriptor, left) :]


def _parsed(line: str, folder: Path) -> Entry:
    try:
        return parse_line(line)
    except (ValueError, KeyError, TypeError):
        raise RecordBroken(
            f"the processing record in {folder} holds a line that is not an entry; "
            "run `opendata record verify` to see where the chain breaks"
        ) from None


def _repaired(aside: Path, *, digest: str, size: int) -> Event:
    """The note that a half-written line was found; what it tried to say was never in force."""
    return Event(
        kind=Kind.REPAIRED,
        actor="opendata",
        detail={"moved_to": f"recovered/{aside.name}", "bytes": size, "sha256": digest},
    )
