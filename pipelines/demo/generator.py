"""The demo city: an invented home with a catalog, inboxes and every kind of dirt.

What is listed and promised lies in ``city/``; what the bodies hand over is drawn by the
``tables_*.py`` modules; what should become of each dataset is ``expected.yaml``.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from pipelines.demo import tables_business, tables_people, tables_places
from pipelines.demo.files import Handover, put
from pipelines.demo.population import City

AS_OF = date(2026, 3, 31)
SEED = 20260105

DEMO_KEY = hashlib.sha256(b"the demo city's key: published, protects nothing").hexdigest()
"""Fixed so that every demo makes the same pseudonyms. A real home gets its own from ``init``."""


def build_city(home: Path, *, seed: int = SEED, as_of: date = AS_OF) -> None:
    """Write the demo city into ``home``; files that already hold the right bytes are not touched.

    The same seed and day give the same bytes on every machine. Nothing a run made is removed.
    """
    for path, content in _as_shipped(files("pipelines.demo") / "city", PurePosixPath()):
        put(home / path, content)
    for handover in handovers(seed=seed, as_of=as_of):
        put(home / handover.place, handover.content)
    _put_key(home / "restricted" / "keys" / "master.key")


def handovers(*, seed: int = SEED, as_of: date = AS_OF) -> Iterator[Handover]:
    """Every file the bodies hand over, one after the other."""
    city = City(seed=seed, as_of=as_of)
    for tables in (tables_business.TABLES, tables_people.TABLES, tables_places.TABLES):
        for table in tables:
            yield table(city)


def _as_shipped(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _as_shipped(each, path / each.name)
        else:
            yield path / each.name, each.read_bytes()


def _put_key(path: Path) -> None:
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(DEMO_KEY + "\n", encoding="ascii")
