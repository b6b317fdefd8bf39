"""A file or address as it is handed to drafting, and as the readers want it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from opendata.errors import HomeError
from opendata.source import Pull, Source
from resources.home import Home
from resources.pull import pull
from resources.received import LandedFile

SCHEMES = ("http://", "https://")


def as_landed(path: Path, name: str) -> LandedFile:
    """A file where it lies, as the readers take it; nothing is copied and nothing remembered."""
    stat = path.stat()
    return LandedFile(
        source_id="main",
        original_name=name,
        path=path,
        sha256="",
        size=stat.st_size,
        received_at=datetime.fromtimestamp(stat.st_mtime, UTC),
    )


@contextmanager
def private_folder(home: Home) -> Iterator[Path]:
    """A folder of the home's restricted part that goes when the block ends."""
    home.prepare()
    with tempfile.TemporaryDirectory(dir=home.restricted, prefix="draft-") as folder:
        yield Path(folder)


@contextmanager
def file_of(given: str, home: Home) -> Iterator[Path]:
    """The file that is meant: a path as it is, an address fetched for as long as the block lasts.

    Raises:
        HomeError: there is no such file.
        SourceError: the address may not be asked, or does not give a file.
    """
    if not given.startswith(SCHEMES):
        path = Path(given)
        if not path.is_file():
            raise HomeError(f"{path} is no file; name the file to draft from, or its address")
        yield path
        return
    source = Source(id="main", columns=(), pull=Pull(url=given))
    with private_folder(home) as folder:
        yield pull(source, home.settings.pulling, into=folder / "pulled").path
