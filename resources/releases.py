"""The releases of one store: which is current, and the one way from it to the next.

A change says what it is about to do (``pending.json``), does it where nothing refers to it, commits
by one rename of ``current.json``, and settles. Settling makes everything else follow the committed
release; it is the same after a success, after an error and after a crash, and can be repeated.
Which changes are made, and under which lock, is ``store.py``.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from json import dumps, loads
from pathlib import Path
from shutil import copyfile

from opendata.errors import StoreError
from resources.clock import Clock
from resources.fsio import write_durably
from resources.manifest import (
    Manifest,
    Version,
    damaged,
    manifest_bytes,
    parse_manifest,
    sha256_of,
)
from resources.shelves import Pending, Shelves
from resources.views import release_in, write_views

_KEPT_VIEWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a release holds for a candidate; not ``changed`` when it was published before as is."""

    dataset_id: str
    version: int
    sha256: str
    rows: int
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One numbered release, as announced and as returned.

    ``settled`` is False when the release is committed but views or friendly names still lag behind
    it (a full disk, say); the next operation, or ``recover()``, brings them up.
    """

    number: int
    published: tuple[Published, ...]
    settled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """What ``recover()`` did; ``abandoned`` were announced, perhaps, but never took effect."""

    abandoned: tuple[str, ...] = ()
    views_rebuilt: bool = False
    swept: int = 0


Announce = Callable[[Release], str | None]
"""Told of a release right before it is committed; returns the head of the processing record, which
the manifest then names. When it raises, nothing is published."""


def release_of(
    number: int, versions: tuple[Version, ...], *, fresh: tuple[Version, ...]
) -> Release:
    """The release as it is told; ``fresh`` are the versions it brings."""
    changed = {each.dataset_id for each in fresh}
    published = (
        Published(
            dataset_id=each.dataset_id,
            version=each.version,
            sha256=each.sha256,
            rows=each.rows,
            changed=each.dataset_id in changed,
        )
        for each in versions
    )
    return Release(number=number, published=tuple(published))


def nothing() -> None:
    """Do nothing: the default of an optional step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A way from the current release to ``manifest``.

    ``move`` brings files to their places and can be undone; ``versions`` are those whose views
    change; ``fence`` raises when the change may no longer be made; ``announce`` returns the head of
    the processing record and is called once, between the two calls of ``fence``.
    """

    pending: Pending
    manifest: Manifest
    move: Callable[[], None] = nothing
    versions: tuple[Version, ...] = ()
    fence: Callable[[], None] = nothing
    announce: Callable[[], str | None] = lambda: None


class Releases:
    """The release manifests of one store and what is derived from them. Callers hold the lock."""

    def __init__(
        self, shelves: Shelves, *, name: str, clock: Clock, on_step: Callable[[str], None]
    ) -> None:
        self._shelves = shelves
        self._name = name
        self._clock = clock
        self._step = on_step
        self._read: tuple[bytes, Manifest] | None = None

    def current(self) -> Manifest:
        """The committed release; needs no lock, since a manifest never changes.

        Raises:
            StoreError: the pointer or the manifest is missing or damaged.
        """
        try:
            pointer = self._shelves.current.read_bytes()
        except FileNotFoundError:
            return self._before_the_first()
        if self._read is None or self._read[0] != pointer:
            self._read = (pointer, self._pointed_at(pointer))
        return self._read[1]

    def make(self, change: Change) -> bool:
        """Make the change, all of it or nothing; whether everything derived followed at once."""
        self._shelves.write_pending(change.pending)
        self._step("pending")
        try:
            self._make(change)
        except BaseException:
            with suppress(OSError, StoreError):
                self.settle()
            raise
        with suppress(OSError):
            self.settle()
            return True
        return False

    def settle(self) -> tuple[str, ...]:
        """Finish what was committed, undo what was not; the ids whose publication was undone."""
        pending = self._shelves.read_pending()
        if pending is None:
            return ()
        committed = self.current().release >= pending.release
        undone = self._finish(pending) if committed else self._undo(pending)
        self._shelves.clear_pending()
        self._step("settled")
        return undone

    def rebuild_views(self) -> bool:
        """Build the current release's views anew when they are missing, damaged or moved."""
        now = self.current()
        views = self._shelves.views(now.release)
        if not now.release or release_in(views) == (now.release, str(self._shelves.root)):
            return False
        views.unlink(missing_ok=True)
        self._build_whole(now, versions=())
        self._shelves.put_views(now.release, keep=_KEPT_VIEWS)
        return True

    def _make(self, change: Change) -> None:
        change.move()
        self._step("moved")
        manifest = self._numbered(change.manifest, release=change.pending.release)
        self._build(manifest, versions=change.versions)
        self._step("viewed")
        change.fence()
        manifest = replace(manifest, record=change.announce() or manifest.record)
        self._step("announced")
        self._commit(manifest, fence=change.fence)

    def _numbered(self, manifest: Manifest, *, release: int) -> Manifest:
        previous = self._shelves.release(release - 1)
        return replace(
            manifest,
            release=release,
            previous=sha256_of(previous.read_bytes()) if release > 1 else None,
            released_at=self._clock.now().isoformat(timespec="seconds"),
        )

    def _commit(self, manifest: Manifest, *, fence: Callable[[], None]) -> None:
        content = manifest_bytes(manifest)
        write_durably(self._shelves.release(manifest.release), content)
        self._step("manifest")
        fence()
        pointer = {"release": manifest.release, "sha256": sha256_of(content)}
        committed = f"{dumps(pointer)}\n".encode()
        write_durably(self._shelves.current, committed)
        self._read = (committed, manifest)
        self._step("committed")

    def _finish(self, pending: Pending) -> tuple[str, ...]:
        now = self.current()
        leaving = bool(pending.withdrawing or pending.withholding)
        self._shelves.put_views(now.release, keep=1 if leaving else _KEPT_VIEWS)
        self._step("views")
        self._shelves.derive(
            tuple(
                self._shelves.read_version(each.dataset_id, each.version)
                for each in pending.placing
                if now.last_version(each.dataset_id) == each.version
            )
        )
        for dataset_id in set(pending.withdrawing) - now.datasets.keys():
            self._shelves.withdraw(dataset_id, release=pending.release)
        self._step("derived")
        return ()

    def _undo(self, pending: Pending) -> tuple[str, ...]:
        now = self.current()
        for placed in pending.placing:
            line = now.datasets.get(placed.dataset_id)
            self._shelves.unplace(placed, committed=line.version if line else 0)
        for dataset_id in set(pending.restoring) - now.datasets.keys():
            self._shelves.withhold(dataset_id)
        self._shelves.release(pending.release).unlink(missing_ok=True)
        self._shelves.staged_views(pending.release).unlink(missing_ok=True)
        return tuple(each.dataset_id for each in pending.placing)

    def _build(self, manifest: Manifest, *, versions: tuple[Version, ...]) -> None:
        """Build the views from the current ones, or whole when there are none to build on."""
        previous = self._shelves.views(manifest.release - 1)
        if previous.exists():
            with suppress(StoreError):
                self._build_upon(previous, manifest, versions=versions)
                return
        self._build_whole(manifest, versions=versions)

    def _build_upon(
        self, previous: Path, manifest: Manifest, *, versions: tuple[Version, ...]
    ) -> None:
        gone = self.current().datasets.keys() - manifest.datasets.keys()
        target = self._fresh_target(manifest)
        copyfile(previous, target)
        write_views(target, manifest, root=self._shelves.root, changed=versions, gone=gone)

    def _build_whole(self, manifest: Manifest, *, versions: tuple[Version, ...]) -> None:
        known = {each.dataset_id: each for each in versions}
        every = tuple(
            known.get(key) or self._shelves.read_version(key, line.version)
            for key, line in manifest.datasets.items()
        )
        target = self._fresh_target(manifest)
        write_views(target, manifest, root=self._shelves.root, changed=every)

    def _fresh_target(self, manifest: Manifest) -> Path:
        target = self._shelves.staged_views(manifest.release)
        target.unlink(missing_ok=True)
        return target

    def _pointed_at(self, pointer: bytes) -> Manifest:
        try:
            given = loads(pointer)
            path, stated = self._shelves.release(int(given["release"])), given["sha256"]
            content = path.read_bytes()
        except (ValueError, KeyError, TypeError, FileNotFoundError):
            raise damaged(str(self._shelves.current)) from None
        if sha256_of(content) != stated:
            raise damaged(str(path))
        return parse_manifest(content, where=str(path))

    def _before_the_first(self) -> Manifest:
        """The empty store; not to be taken for a store whose pointer was lost."""
        begun = self._shelves.release(1).exists() and self._shelves.read_pending() is None
        if (begun or self._shelves.release(2).exists()) and not self._shelves.current.exists():
            raise damaged(str(self._shelves.current))
        return Manifest(store=self._name)
