"""A home: the directory of one city, and the one place where paths and the environment are read.

``Home`` knows where things lie and who may read them; what lies there belongs to other files.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from opendata.catalog import Catalog
from opendata.catalog_file import Reading, parse_catalog, read_catalog_files
from opendata.errors import HomeError
from opendata.settings import Settings, parse_settings
from resources.fsio import is_held, locked

SETTINGS_FILE = "opendata.yaml"
_PRIVATE = ("restricted", "record", "dagster")
_RESTRICTED = ("collected", "landed", "standardised", "quarantine", "keys", "scratch")
_SHARED = ("catalog", "codes", "inbox", "store", "reports")


@dataclass(frozen=True)
class Home:
    """One city's directory; every path the product touches is derived from ``root``."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> "Home":
        """The home at ``start``, at ``OPENDATA_HOME``, or the nearest ``opendata.yaml`` upward.

        Raises:
            HomeError: there is none; the message says how to make one.
        """
        if start is not None:
            return cls._at(start)
        if named := os.environ.get("OPENDATA_HOME"):
            return cls._at(Path(named))
        for folder in (Path.cwd(), *Path.cwd().parents):
            if (folder / SETTINGS_FILE).is_file():
                return cls(folder)
        msg = (
            f"no {SETTINGS_FILE} in {Path.cwd()} or above and OPENDATA_HOME is not set; "
            "run `opendata init DIR` or point --home at a home"
        )
        raise HomeError(msg)

    @classmethod
    def _at(cls, root: Path) -> "Home":
        if not (root / SETTINGS_FILE).is_file():
            msg = f"{root} is no home: it holds no {SETTINGS_FILE}; run `opendata init {root}`"
            raise HomeError(msg)
        return cls(root.resolve())

    def prepare(self) -> "Home":
        """Make every missing folder, the private ones for the owner alone; safe to repeat."""
        for name in (*_PRIVATE, *_SHARED):
            (self.root / name).mkdir(exist_ok=True)
        for name in _RESTRICTED:
            (self.restricted / name).mkdir(exist_ok=True)
        for private in (*(self.root / name for name in _PRIVATE), self.restricted / "keys"):
            private.chmod(0o700)
        if not (self.root / "dagster" / "dagster.yaml").exists():
            text = resources.files("resources").joinpath("dagster.yaml").read_text()
            (self.root / "dagster" / "dagster.yaml").write_text(text)
        return self

    @cached_property
    def settings(self) -> Settings:
        """What ``opendata.yaml`` says (HomeError when it is not valid)."""
        try:
            text = (self.root / SETTINGS_FILE).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise HomeError(f"{SETTINGS_FILE} is not UTF-8; save it as UTF-8.") from None
        return parse_settings(text, where=SETTINGS_FILE)

    def read_catalog(self) -> Catalog:
        """Every catalog file of the home as one catalog (CatalogError lists all its problems)."""
        return parse_catalog(self.catalog_files())

    def examine_catalog(self) -> Reading:
        """The sound entries of the home's catalog, and every problem of the others."""
        return read_catalog_files(self.catalog_files())

    def catalog_files(self) -> dict[str, bytes]:
        """The bytes of every catalog file, by POSIX path below the home."""
        endings = {"catalog": {".yaml", ".yml", ".sql"}, "codes": {".csv"}}
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for folder in endings
            for path in sorted((self.root / folder).rglob("*"))
            if path.suffix.lower() in endings[folder] and path.is_file()
        }

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold the home while one step works in it, and start with an empty scratch folder.

        Steps of other processes wait for their turn; the lock dies with its holder.
        """
        with locked(self.root / ".working.lock"):
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir(exist_ok=True)
            yield

    @property
    def is_busy(self) -> bool:
        """Whether a step works in the home at this moment."""
        return is_held(self.root / ".working.lock")

    @property
    def restricted(self) -> Path:
        """Raw and standardised data: owner only, never published."""
        return self.root / "restricted"

    @property
    def scratch(self) -> Path:
        """Short-lived files of a run, emptied when the next one starts."""
        return self.restricted / "scratch"

    @property
    def inbox(self) -> Path:
        """Where bodies put their files, one folder each."""
        return self.root / "inbox"

    @property
    def reports(self) -> Path:
        """The steward's pages."""
        return self.root / "reports"

    @property
    def record(self) -> Path:
        """The processing record."""
        return self.root / "record"

    @property
    def store(self) -> Path:
        """The open stores: ``public`` and ``conditional``."""
        return self.root / "store"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME of this city."""
        return self.root / "dagster"

    @property
    def register_url(self) -> str:
        """The register's address; a relative SQLite file lies in the home."""
        url = self.settings.register
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith("sqlite:////"):
            return f"{prefix}{self.root / url.removeprefix(prefix)}"
        return url

    @property
    def has_register(self) -> bool:
        """Whether anything can have been decided: a SQLite register is made by its first entry."""
        prefix = "sqlite:///"
        url = self.register_url
        return not url.startswith(prefix) or Path(url.removeprefix(prefix)).exists()

    def key_location(self) -> str:
        """``file:<absolute path>`` or ``env:<NAME>``: where the master key lies."""
        kind, _, place = self.settings.key.partition(":")
        return f"file:{self.root / place}" if kind == "file" else self.settings.key
