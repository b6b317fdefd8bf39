"""The landing: from a body's inbox to the bytes as received, kept under their own SHA-256.

Here a file is found, copied, hashed and remembered, and nobody looks inside it. Reading what was
landed is ``sources.py``.
"""

import hashlib
import json
import os
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from opendata.catalog import Dataset
from opendata.errors import SourceError
from opendata.source import Source
from resources.fsio import PRIVATE_FOLDER, fsync, write_durably
from resources.received import LandedFile, Received
from resources.source_errors import cannot_land

_CHUNK = 1 << 20
_PRIVATE = 0o600
_ON_ITS_WAY = ("drop", "done", "failed", ".claimed")  # see drop.py
_NOT_COLLECTED = ".not-collected.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedFile:
    """A file waiting in an inbox, seen from outside: size in bytes, mtime in nanoseconds.

    ``kept`` is the delivery it stands for when nothing waits but what was received still counts.
    """

    source_id: str
    path: Path
    size: int
    mtime_ns: int
    kept: LandedFile | None = None


@dataclass(frozen=True)
class Landing:
    """The way in: ``inbox`` is where bodies put files, ``landed`` (restricted) where they stay.

    ``collected`` (restricted) holds what was read from databases and addresses, one file a source.
    """

    inbox: Path
    landed: Path
    collected: Path

    def probe(self, dataset: Dataset) -> tuple[ProbedFile, ...]:
        """Find the one file of every source, without opening any.

        Raises:
            SourceError: a source has no file, several, or a pattern that leaves its inbox.
        """
        return tuple(self._probe(dataset, source) for source in dataset.sources)

    def land(self, dataset: Dataset, source: Source, *, received_at: datetime) -> LandedFile:
        """Copy the source's bytes as received; landing the same bytes again changes nothing.

        Raises:
            SourceError: as ``probe``; or the file is empty, or grows while it is copied.
        """
        probed = self._probe(dataset, source)
        if probed.kept:
            return probed.kept
        folder = self.landed / dataset.id
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        sha256 = _copy_as_received(probed, folder)
        file = LandedFile(
            source_id=source.id,
            original_name=probed.path.name,
            path=folder / sha256,
            sha256=sha256,
            size=probed.size,
            received_at=received_at,
        )
        return self.received(dataset).remember(file, dataset.load)

    def received(self, dataset: Dataset) -> Received:
        """What was received for a dataset."""
        return Received(self.landed / dataset.id)

    def folder_of(self, dataset: Dataset, source: Source) -> Path:
        """Where a source that is no file is collected."""
        return self.collected / dataset.id / source.id

    def not_collected(self, dataset: Dataset, source: Source, error: SourceError) -> None:
        """Note that the source could not be read, and why, until it can be again."""
        folder = self.folder_of(dataset, source)
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        told = {"message": str(error), "reason": error.reason}
        note = json.dumps(told, ensure_ascii=False, sort_keys=True)
        write_durably(folder / _NOT_COLLECTED, note.encode())

    def collected_again(self, dataset: Dataset, source: Source) -> None:
        """The source was read: whatever was noted is over."""
        (self.folder_of(dataset, source) / _NOT_COLLECTED).unlink(missing_ok=True)

    def _probe(self, dataset: Dataset, source: Source) -> ProbedFile:
        where = f"{dataset.id} source {source.id!r}"
        found = self._offered(dataset, source, where)
        if not found and (kept := self._listed_alone(dataset, source)):
            return replace(_probed(source, kept.path), kept=kept)
        if not found and source.files is None:
            raise SourceError(
                f"{where} has not been collected yet; `opendata run` reads it from where it lies",
                reason="尚未取得数据，请运行采集后再处理。",
            )
        if not found:
            inbox = self.inbox / dataset.body
            raise SourceError(
                f"{where} is missing: no file in {inbox} matches {source.files!r}; put it there, "
                "or correct `files` in the catalog entry",
                reason=f"收件目录中没有与“{source.files}”相符的文件，请报送数据文件。",
            )
        if len(found) > 1:
            names = "、".join(each.name for each in found)
            raise SourceError(
                f"{where}: {len(found)} files match {source.files!r} ({names}); leave exactly one "
                "in the inbox, or make `files` name it alone",
                reason=f"收件目录中有多个与“{source.files}”相符的文件（{names}），请只保留一个。",
            )
        return _probed(source, found[0])

    def _offered(self, dataset: Dataset, source: Source, where: str) -> tuple[Path, ...]:
        """What lies there for a source: in the inbox, or collected from elsewhere."""
        if source.files is not None:
            return _matches(self.inbox / dataset.body, source.files, where)
        folder = self.folder_of(dataset, source)
        if (note := folder / _NOT_COLLECTED).exists():
            raise SourceError(**json.loads(note.read_bytes()))
        return _matches(folder, "*", where)

    def _listed_alone(self, dataset: Dataset, source: Source) -> LandedFile | None:
        """The delivery that counts, where only its listed columns were kept and the rest went."""
        counting = self.received(dataset).counting(source.id, dataset.load)
        return counting[-1] if counting and counting[-1].is_listed_alone else None


def _probed(source: Source, path: Path) -> ProbedFile:
    stat = path.stat()
    return ProbedFile(source_id=source.id, path=path, size=stat.st_size, mtime_ns=stat.st_mtime_ns)


def _matches(inbox: Path, pattern: str, where: str) -> tuple[Path, ...]:
    parts = PurePosixPath(pattern)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise SourceError(
            f"{where}: `files: {pattern}` leaves the body's inbox; name files inside {inbox} only",
            reason=f"登记的文件名“{pattern}”超出收件目录，请改为收件目录内的文件名。",
        )
    found = (each for each in inbox.glob(pattern) if _is_offered(each.relative_to(inbox), each))
    return tuple(sorted(_at_home(each, inbox, where) for each in found))


def _is_offered(place: Path, path: Path) -> bool:
    """Not a folder, not hidden, not on its way, not the lock file an open Excel leaves behind."""
    on_its_way = place.parts[0] in _ON_ITS_WAY
    return not on_its_way and not path.is_dir() and not path.name.startswith((".", "~$"))


def _at_home(path: Path, inbox: Path, where: str) -> Path:
    home = inbox.resolve()
    if path.is_symlink() or not path.is_file() or not path.resolve().is_relative_to(home):
        raise SourceError(
            f"{where}: {path.name} is a link or special file that leads out of {inbox}; "
            "put a plain file there",
            reason=f"文件“{path.name}”不是普通文件（链接或特殊文件），请放入文件本身。",
        )
    return path


def _copy_as_received(probed: ProbedFile, folder: Path) -> str:
    passing = folder / f".{uuid.uuid4().hex}.new"
    try:
        sha256, size = _copy(probed.path, passing)
        _refuse_unsettled(probed, size)
        target = folder / sha256
        if target.exists() and target.stat().st_size == size:
            return sha256
        passing.rename(target)
        fsync(folder)
        return sha256
    finally:
        passing.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with source.open("rb", buffering=0) as given, os.fdopen(descriptor, "wb") as kept:
        while chunk := given.read(_CHUNK):
            digest.update(chunk)
            kept.write(chunk)
            size += len(chunk)
        kept.flush()
        os.fsync(kept.fileno())
    return digest.hexdigest(), size


def _refuse_unsettled(probed: ProbedFile, size: int) -> None:
    name = probed.path.name
    if not size:
        raise cannot_land(
            name, "it is empty; ask the body for it again", reason="是空文件，请重新报送。"
        )
    now = probed.path.stat()
    if (now.st_size, now.st_mtime_ns) != (probed.size, probed.mtime_ns) or size != probed.size:
        raise cannot_land(
            name,
            "it changed while it was copied; run again once it has arrived completely",
            reason="在读取时仍在变化，请待传输完成后重新处理。",
        )
