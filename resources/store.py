"""The open store: published datasets as immutable Parquet versions behind numbered releases.

What may be published is decided elsewhere; the store refuses only what is withheld, and files that
are not what their catalog entry declares. How a release is committed is ``releases.py``, where
files lie is ``shelves.py``, what analysts open is ``views.py``.

To read one consistent state of several datasets, go through one release: ``current()``, or the
``open-<release>.duckdb`` of that release. The friendly names (``datasets/<id>/<id>.parquet``,
``open.duckdb``) follow each release one after another. A process that keeps ``open.duckdb`` open
keeps seeing the release it opened: long-lived readers should open it by release number.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from opendata.catalog import Dataset
from opendata.errors import StoreError, Withheld
from resources.candidates import Candidate, drafts_of
from resources.clock import Clock
from resources.fsio import locked, sha256_of_file
from resources.manifest import Manifest, Version, listed_as
from resources.releases import (
    Announce,
    Change,
    Release,
    Releases,
    Repairs,
    release_of,
)
from resources.shelves import Pending, Placed, Shelves
from resources.staging import Staging
from resources.withheld import WithheldList, Withholding


class OpenStore:
    """One store of published datasets; ``root`` is all that the public sees of it.

    Stores under one parent are a family (``public``, ``conditional``): they share one lock and the
    list of what is withheld, and a dataset's version numbers run on from one to the other.
    ``on_step`` is told the name of every step taken; crash tests end the process there.
    """

    def __init__(
        self,
        root: Path,
        *,
        name: str,
        clock: Clock | None = None,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.root = root.absolute()
        self.name = name
        self._clock = clock or Clock()
        self._step = on_step
        self._shelves = Shelves(root, name=name)
        self._withheld = WithheldList(self._shelves.parent / "withheld.json")
        self._staging = Staging(self._shelves.staging, lock=self._shelves.lock)
        self._releases = Releases(self._shelves, name=name, clock=self._clock, on_step=on_step)

    def stage(self, dataset_id: str) -> Path:
        """A path to write a candidate's Parquet file to; swept once this process is gone."""
        with self._speaking("staging"):
            self._shelves.open()
            return self._staging.path_for(dataset_id)

    def current(self) -> Manifest:
        """The current release; release 0 when nothing was ever published.

        Raises:
            StoreError: the pointer or the manifest is missing or damaged.
        """
        return self._releases.current()

    def versions(self, dataset_id: str) -> tuple[Version, ...]:
        """Every published version of a dataset, oldest first; none when it is not available."""
        last = self.current().datasets.get(dataset_id)
        numbers = self._shelves.version_numbers(dataset_id) if last else ()
        return tuple(
            self._shelves.read_version(dataset_id, each)
            for each in numbers
            if last and each <= last.version
        )

    def withheld(self) -> tuple[Withholding, ...]:
        """What is suspended now, in every store of the family."""
        return self._withheld.entries()

    def publish(
        self,
        candidates: Sequence[Candidate],
        *,
        announce: Announce = lambda _: None,
        listed: Sequence[Dataset] | None = None,
    ) -> Release:
        """Make the candidates current, all together or not at all.

        A candidate whose bytes and description are already current makes no new version; when all
        are, there is no new release and nothing is announced. ``listed`` replaces the listing of
        datasets without a distribution; None leaves it.

        Raises:
            Withheld: one of them is suspended, be it at the last moment; nothing is published.
            StoreError: a file is not what its entry declares, another store of the family still
                publishes the dataset, or the disk refuses. What was announced by then never took
                effect.
        """
        with self._speaking("publishing"):
            self._refuse_withheld(candidates)
            self._refuse_published_elsewhere(candidates)
            moment = self._clock.now().isoformat(timespec="seconds")
            drafts = drafts_of(candidates, moment=moment)
            self._step("hashed")
            with self._entered():
                release = self._publish(candidates, drafts, announce=announce, listed=listed)
            self._staging.clear(each.parquet for each in candidates)
            return release

    def suspend(
        self, dataset_ids: Sequence[str], *, case: str, reason: str, actor: str, at: datetime
    ) -> Manifest:
        """Make every version of these datasets unreachable, in every store there is (中止开放).

        The first is the one the case is about; the others are derived from it.
        In force for all of them at once when ``withheld.json`` is on the disk, which is the first
        thing done: it waits for no publication, and no run in flight can publish them after it.
        """
        withholdings = tuple(
            Withholding(
                dataset_id=each,
                case=case,
                reason=reason,
                actor=actor,
                at=at.isoformat(),
                origin=dataset_ids[0],
            )
            for each in dataset_ids
        )
        with self._speaking("suspending"):
            self._shelves.open()
            self._withheld.add(withholdings)
            self._step("withheld")
            with _already_withheld(dataset_ids):
                return self._conform_family()

    def restore(self, dataset_ids: Sequence[str], *, case: str | None = None) -> Manifest:
        """Put suspended datasets back, all or none: same versions, same bytes (恢复开放).

        With ``case`` only that case is lifted; a dataset stays withheld while another holds.

        Raises:
            StoreError: one is not suspended so, or its bytes are no longer those published.
        """
        with self._speaking("restoring"):
            self._refuse_not_withheld(dataset_ids, case=case)
            for store in self._family():
                store.conform()
                for each in dataset_ids:
                    _check_bytes(store._shelves.withheld / each)
            self._withheld.lift(dataset_ids, case=case)
            self._step("lifted")
            return self._conform_family()

    def withdraw(self, dataset_id: str) -> Manifest:
        """Take a dataset out of this store for good: delisted, or its class changed (撤回).

        Its versions are kept beside the store, out of reach; their numbers are never used again.
        """
        with self._speaking("withdrawing"), self._entered():
            now = self.current()
            if dataset_id in now.datasets:
                pending = Pending(release=now.release + 1, withdrawing=(dataset_id,))
                kept = now.without(frozenset({dataset_id}))
                self._releases.make(Change(pending=pending, manifest=kept))
            return self.current()

    def recover(self) -> Repairs:
        """Finish or undo what a crash cut off; safe at any time, also when nothing is wrong."""
        with self._speaking("recovering"), self._entered() as abandoned:
            self._shelves.sweep_passing_names()
            return Repairs(
                abandoned=abandoned,
                swept=self._staging.sweep(),
                views_rebuilt=self._releases.rebuild_views(),
            )

    def conform(self) -> Manifest:
        """Agree with ``withheld.json``: out goes what is withheld, in comes what no longer is."""
        with self._speaking("conforming"), self._entered():
            return self.current()

    def _publish(
        self,
        candidates: Sequence[Candidate],
        drafts: tuple[Version, ...],
        *,
        announce: Announce,
        listed: Sequence[Dataset] | None,
    ) -> Release:
        now = self.current()
        versions = self._numbered(drafts, now)
        fresh = tuple(each for each in versions if each.release > now.release)
        wanted = self._with_listing(now.with_versions(fresh), listed)
        if not fresh and wanted.listed == now.listed:
            return release_of(now.release, versions, fresh=())
        release = release_of(now.release + 1, versions, fresh=fresh)
        staged = {each.dataset.id: each.parquet for each in candidates}
        placing = tuple((each, staged[each.dataset_id]) for each in fresh)
        change = Change(
            pending=Pending(release=release.number, placing=tuple(map(self._placed, fresh))),
            manifest=wanted,
            move=lambda: self._shelves.place(placing),
            versions=fresh,
            fence=lambda: self._refuse_withheld(candidates),
            announce=lambda: announce(release),
        )
        return replace(release, settled=self._releases.make(change))

    def _numbered(self, drafts: tuple[Version, ...], now: Manifest) -> tuple[Version, ...]:
        """The drafts under their numbers; the current version where it says the same."""
        strangers = any(each.dataset_id not in now.datasets for each in drafts)
        family = tuple(each.current() for each in self._family()) if strangers else (now,)
        return tuple(self._numbered_one(each, now, family=family) for each in drafts)

    def _numbered_one(
        self, draft: Version, now: Manifest, *, family: tuple[Manifest, ...]
    ) -> Version:
        line = now.datasets.get(draft.dataset_id)
        if line:
            old = self._shelves.read_version(draft.dataset_id, line.version)
            if draft.says_the_same_as(old):
                return old
        last = max(each.last_version(draft.dataset_id) for each in family)
        return replace(draft, version=last + 1, release=now.release + 1)

    def _placed(self, version: Version) -> Placed:
        return Placed(
            dataset_id=version.dataset_id,
            version=version.version,
            sha256=version.sha256,
            fresh=self._shelves.is_new(version),
        )

    def _with_listing(self, manifest: Manifest, listed: Sequence[Dataset] | None) -> Manifest:
        if listed is None:
            return manifest
        hidden = self._withheld.ids() | manifest.datasets.keys()
        lines = {each.id: listed_as(each) for each in listed if each.id not in hidden}
        return replace(manifest, listed=dict(sorted(lines.items())))

    def _refuse_withheld(self, candidates: Sequence[Candidate]) -> None:
        withheld = self._withheld.ids()
        for each in candidates:
            if each.dataset.id in withheld:
                raise Withheld.dataset(each.dataset.id)

    def _refuse_not_withheld(self, dataset_ids: Sequence[str], *, case: str | None) -> None:
        held = {each.dataset_id for each in self.withheld() if case in {None, each.case}}
        for each in dataset_ids:
            if each not in held:
                under = f" under case {case}" if case else ""
                raise StoreError(f"{each} is not withheld{under}; there is nothing to restore")

    def _refuse_published_elsewhere(self, candidates: Sequence[Candidate]) -> None:
        for root in self._other_roots():
            for each in candidates:
                if (root / "datasets" / each.dataset.id).exists():
                    raise StoreError(
                        f"{each.dataset.id} is still in the {root.name} store; a dataset that "
                        "changes class is withdrawn there first, then published here"
                    )

    def _conform(self) -> None:
        """One release that takes out what is withheld and brings back what no longer is."""
        now, withheld, held = self.current(), self._withheld.ids(), self._shelves.held()
        if held and not self._withheld.path.exists():
            raise StoreError(
                f"{self._withheld.path} is missing although datasets are suspended; put it back "
                "from a backup, nothing is published on a guess"
            )
        out = {each for each in withheld if each in now.datasets or each in now.listed}
        out |= {each for each in withheld if self._shelves.dataset(each).exists()}
        back = held - withheld
        if out or back:
            self._releases.make(self._conforming(now, out=frozenset(out), back=back))

    def _conforming(self, now: Manifest, *, out: frozenset[str], back: frozenset[str]) -> Change:
        versions = tuple(self._shelves.held_version(each) for each in sorted(back))
        kept = now.without(out).with_versions(versions)
        listed = {key: line for key, line in now.listed.items() if key not in out}
        pending = Pending(
            release=now.release + 1, withholding=tuple(sorted(out)), restoring=tuple(sorted(back))
        )
        return Change(
            pending=pending,
            manifest=replace(kept, listed=listed),
            move=lambda: self._shelves.move_held(out=pending.withholding, back=pending.restoring),
            versions=versions,
        )

    def _conform_family(self) -> Manifest:
        for store in self._family():
            store.conform()
        return self.current()

    def _family(self) -> tuple["OpenStore", ...]:
        """This store, then every other one under the same parent."""
        others = (
            OpenStore(each, name=each.name, clock=self._clock, on_step=self._step)
            for each in self._other_roots()
        )
        return (self, *others)

    def _other_roots(self) -> tuple[Path, ...]:
        found = sorted(each.parent for each in self._shelves.parent.glob("*/current.json"))
        return tuple(each for each in found if each != self.root)

    @contextmanager
    def _entered(self) -> Iterator[tuple[str, ...]]:
        """Hold the lock over a store that is settled and agrees with ``withheld.json``."""
        self._shelves.open()
        with locked(self._shelves.lock):
            abandoned = self._releases.settle()
            self._conform()
            yield abandoned

    @contextmanager
    def _speaking(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{doing} in {self.root} stopped ({error.strerror or type(error).__name__}); the "
                "current release is still in place; make room or access there and run it again"
            ) from None


@contextmanager
def _already_withheld(dataset_ids: Sequence[str]) -> Iterator[None]:
    """Say what holds and what lags when a suspension is in force but could not be completed."""
    try:
        yield
    except (OSError, StoreError) as error:
        raise StoreError(
            f"{', '.join(dataset_ids)}: withheld, nothing of it can be published, but its files "
            f"may still be in place: {error}. Make room or access and suspend it again"
        ) from None


def _check_bytes(folder: Path) -> None:
    for file in folder.glob("files/*.parquet"):
        if sha256_of_file(file) != file.stem:
            raise StoreError(
                f"{folder.name} cannot be restored: a file of it was altered while it was "
                "withheld; put it back from a backup"
            )
