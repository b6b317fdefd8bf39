"""The folders of one store: where each thing lies, and the moves between places.

Knows nothing of releases being current or of why something moves; ``store.py`` decides that and
holds the lock. Every move here can be repeated, so that a crash in the middle is finished by doing
it again.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from resources.datapackage import datapackage_bytes
from resources.fsio import (
    PRIVATE_FOLDER,
    READ_ONLY,
    flush,
    link_into_place,
    link_or_copy,
    move_durably,
    write_durably,
    write_swapped,
)
from resources.manifest import Version, damaged, parse_version, version_bytes

_PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A version on its way in; ``fresh`` when its bytes were not in the dataset's folder before."""

    dataset_id: str
    version: int
    sha256: str
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What a change set out to do: written before it starts, removed when nothing is left to do."""

    release: int
    placing: tuple[Placed, ...] = ()
    withdrawing: tuple[str, ...] = ()
    withholding: tuple[str, ...] = ()
    restoring: tuple[str, ...] = ()


class Shelves:
    """Paths and moves of one store. ``root`` is what the public sees; the rest lies beside it."""

    def __init__(self, root: Path, *, name: str) -> None:
        self.root = root.absolute()
        self.parent = self.root.parent
        self.current = self.root / "current.json"
        self.datasets = self.root / "datasets"
        self.staging = self.parent / "_staging" / name
        self.withheld = self.parent / "_withheld" / name
        self.withdrawn = self.parent / "_withdrawn" / name
        self.lock = self.parent / ".lock"
        self._pending = self.staging / "pending.json"
        self._mode = 0o755 if name == _PUBLIC else PRIVATE_FOLDER

    def open(self) -> None:
        """Make the folders that are missing; everything but the public root is private."""
        self.parent.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(mode=self._mode, exist_ok=True)
        for folder in (self.datasets, self.root / "releases"):
            folder.mkdir(exist_ok=True)
        for folder in (self.staging, self.withheld, self.withdrawn):
            folder.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)

    def release(self, number: int) -> Path:
        """The root manifest of a release."""
        return self.root / "releases" / f"{number}.json"

    def views(self, number: int) -> Path:
        """The views file of a release."""
        return self.root / f"open-{number}.duckdb"

    def staged_views(self, number: int) -> Path:
        """The views file of a release that is not committed yet."""
        return self.staging / f"open-{number}.duckdb"

    def dataset(self, dataset_id: str) -> Path:
        """A dataset's folder: every version's bytes, what was said about them, friendly names."""
        return self.datasets / dataset_id

    def version_file(self, dataset_id: str, number: int) -> Path:
        """Where a version says what it is."""
        return self.dataset(dataset_id) / "versions" / f"{number}.json"

    def read_version(self, dataset_id: str, number: int) -> Version:
        """A version by number; StoreError when it is missing or damaged."""
        path = self.version_file(dataset_id, number)
        try:
            return parse_version(path.read_bytes(), where=str(path))
        except FileNotFoundError:
            raise damaged(str(path)) from None

    def version_numbers(self, dataset_id: str) -> tuple[int, ...]:
        """The numbers of the versions in a dataset's folder, lowest first."""
        return _numbers_in(self.dataset(dataset_id))

    def held_version(self, dataset_id: str) -> Version:
        """The version that was current when a dataset was moved out."""
        folder = self.withheld / dataset_id
        path = folder / "versions" / f"{_numbers_in(folder)[-1]}.json"
        return parse_version(path.read_bytes(), where=str(path))

    def held(self) -> frozenset[str]:
        """The ids whose folders were moved out because they are suspended."""
        return frozenset(each.name for each in self.withheld.iterdir())

    def read_pending(self) -> Pending | None:
        """The change that was under way, if one was cut off."""
        try:
            given = json.loads(self._pending.read_bytes())
        except FileNotFoundError:
            return None
        placing = tuple(Placed(**each) for each in given.pop("placing"))
        lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
        return Pending(release=given["release"], placing=placing, **lists)

    def write_pending(self, pending: Pending) -> None:
        """Say what is about to change, before anything does."""
        write_durably(self._pending, json.dumps(asdict(pending)).encode())

    def clear_pending(self) -> None:
        """Nothing is left to do."""
        self._pending.unlink(missing_ok=True)

    def is_new(self, version: Version) -> bool:
        """Whether the dataset's folder lacks these bytes."""
        return not (self.dataset(version.dataset_id) / version.file).exists()

    def place(self, versions: tuple[tuple[Version, Path], ...]) -> None:
        """Put bytes and versions into the datasets' folders, on the disk, referenced by nothing."""
        touched: list[Path] = [self.datasets]
        for version, staged in versions:
            touched += self._place(version, staged)
        flush(touched)

    def _place(self, version: Version, staged: Path) -> list[Path]:
        folder = self.dataset(version.dataset_id)
        file = folder / version.file
        said = self.version_file(version.dataset_id, version.version)
        for each in (file.parent, said.parent):
            each.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            link_or_copy(staged, file)
            file.chmod(READ_ONLY)
        write_swapped(said, version_bytes(version))
        return [file, said, file.parent, said.parent, folder]

    def unplace(self, placed: Placed, *, committed: int) -> None:
        """Take a version that was never committed out again; ``committed`` is the current one."""
        folder = self.dataset(placed.dataset_id)
        if not committed:
            shutil.rmtree(folder, ignore_errors=True)
            return
        self.version_file(placed.dataset_id, placed.version).unlink(missing_ok=True)
        if placed.fresh:
            (folder / "files" / f"{placed.sha256}.parquet").unlink(missing_ok=True)

    def derive(self, versions: tuple[Version, ...]) -> None:
        """Point the friendly names of datasets at these versions."""
        touched: list[Path] = []
        for version in versions:
            folder = self.dataset(version.dataset_id)
            described = folder / "datapackage.json"
            link_into_place(folder / version.file, folder / f"{version.dataset_id}.parquet")
            write_swapped(described, datapackage_bytes(version))
            touched += [described, folder]
        flush(touched)

    def withhold(self, dataset_id: str) -> None:
        """Move a dataset out of the public root, every version at once, in one rename."""
        if self.dataset(dataset_id).exists():
            move_durably(self.dataset(dataset_id), self.withheld / dataset_id)

    def move_held(self, *, out: tuple[str, ...], back: tuple[str, ...]) -> None:
        """Withhold some datasets and put others back where they were."""
        for dataset_id in out:
            self.withhold(dataset_id)
        for dataset_id in back:
            move_durably(self.withheld / dataset_id, self.dataset(dataset_id))

    def withdraw(self, dataset_id: str, *, release: int) -> None:
        """Move a dataset that is no longer listed out of the public root, for good."""
        if self.dataset(dataset_id).exists():
            target = self.withdrawn / dataset_id / str(release)
            move_durably(self.dataset(dataset_id), target)

    def sweep_passing_names(self) -> None:
        """Remove what a killed writer left under a passing name (``fsio.write_durably``)."""
        for folder in (self.root, self.root / "releases"):
            for each in folder.glob(".*.new"):
                each.unlink()

    def put_views(self, number: int, *, keep: int) -> None:
        """Bring a release's views into place, give them the friendly name, drop old ones."""
        staged = self.staged_views(number)
        if staged.exists():
            move_durably(staged, self.views(number))
        if self.views(number).exists():
            link_into_place(self.views(number), self.root / "open.duckdb")
        for each in self.root.glob("open-*.duckdb"):
            if not number - keep < _release_of(each) <= number:
                each.unlink()


def _numbers_in(folder: Path) -> tuple[int, ...]:
    found = (folder / "versions").glob("*.json")
    return tuple(sorted(int(each.stem) for each in found if each.stem.isdigit()))


def _release_of(views: Path) -> int:
    number = views.stem.removeprefix("open-")
    return int(number) if number.isdigit() else -1
