"""What an open store says about itself: versions, release manifests, and how both are spelled.

Values and their JSON; moving files is ``store.py``. The JSON here is public surface: portals and
mirrors read it, so keys are only ever added.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from opendata.catalog import Dataset
from opendata.errors import StoreError

_FORMAT = "opendata-release/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One published column: its name, Chinese title, and DuckDB type."""

    name: str
    title: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published state of one dataset: which bytes, and what was said about them.

    Times are ISO 8601 text; ``bytes`` is a size; ``publisher`` is the body's title. ``openness`` is
    the machine spelling, absent where the entry does not declare it.
    """

    dataset_id: str
    version: int
    release: int
    published_at: str
    sha256: str
    rows: int
    bytes: int
    data_time: str | None
    title: str
    summary: str | None
    body: str
    publisher: str
    theme: str | None
    openness: str | None
    licence: str
    update_frequency: str | None
    columns: tuple[Column, ...]
    upstreams: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Where the bytes lie, relative to the dataset's folder."""
        return f"files/{self.sha256}.parquet"

    def says_the_same_as(self, other: "Version") -> bool:
        """Whether the bytes and everything said about them are equal, whatever the numbers."""
        return self == replace(
            other,
            version=self.version,
            release=self.release,
            published_at=self.published_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A dataset's line in a release manifest: enough to list it and to find its bytes.

    ``upstreams`` are the datasets its bytes were made from, near and far: what a suspension of one
    of them has to reach, whatever the catalog says by then.
    """

    version: int
    sha256: str
    rows: int
    bytes: int
    data_time: str | None
    published_at: str
    title: str
    body: str
    theme: str | None
    openness: str | None
    licence: str
    upstreams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A dataset the public may apply for but not download: listed without a distribution (XO23)."""

    title: str
    summary: str | None
    body: str
    theme: str | None
    openness: str | None
    channels: tuple[str, ...]
    conditions: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One numbered release of a whole store; release 0 is the empty store before the first.

    ``previous`` is the SHA-256 of the release before (manifests form a chain); ``record`` the head
    of the processing record when this release was announced; ``retired`` the last version number of
    datasets no longer here, so that numbers are never used twice.
    """

    store: str
    release: int = 0
    previous: str | None = None
    released_at: str | None = None
    record: str | None = None
    datasets: Mapping[str, Line] = field(default_factory=dict)
    listed: Mapping[str, Listed] = field(default_factory=dict)
    retired: Mapping[str, int] = field(default_factory=dict)

    def last_version(self, dataset_id: str) -> int:
        """The highest version number this store ever committed for the dataset; 0 for none."""
        line = self.datasets.get(dataset_id)
        return line.version if line else self.retired.get(dataset_id, 0)

    def without(self, dataset_ids: frozenset[str]) -> "Manifest":
        """The same release without some datasets, remembering their version numbers."""
        gone = {each: self.datasets[each].version for each in dataset_ids & self.datasets.keys()}
        kept = {key: line for key, line in self.datasets.items() if key not in gone}
        return replace(self, datasets=kept, retired={**self.retired, **gone})

    def with_versions(self, versions: tuple[Version, ...]) -> "Manifest":
        """The same release with these versions current."""
        lines = {each.dataset_id: line_of(each) for each in versions}
        retired = {key: last for key, last in self.retired.items() if key not in lines}
        return replace(
            self, datasets=dict(sorted({**self.datasets, **lines}.items())), retired=retired
        )


def line_of(version: Version) -> Line:
    """The manifest line of a version."""
    return Line(**{name: getattr(version, name) for name in Line.__slots__})


def listed_as(dataset: Dataset) -> Listed:
    """A catalog entry as a listing without a distribution."""
    return Listed(
        title=dataset.title,
        summary=dataset.summary,
        body=dataset.body,
        theme=dataset.theme,
        openness=dataset.openness.code if dataset.openness else None,
        channels=tuple(each.code for each in dataset.channels),
        conditions=dataset.conditions,
    )


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as published: one dataset per line, so that releases can be compared."""
    head = {"format": _FORMAT, **{name: getattr(manifest, name) for name in _SCALARS}}
    parts = [f'"{key}": {_encode(value)}' for key, value in head.items()]
    parts += [f'"{name}": {_table(getattr(manifest, name))}' for name in _TABLES]
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def parse_manifest(content: bytes, *, where: str) -> Manifest:
    """Read a release manifest.

    Raises:
        StoreError: it is damaged, or of a format this program does not know.
    """
    try:
        given = json.loads(content)
        if given["format"] != _FORMAT:
            raise StoreError(f"{where} has format {given['format']!r}; allowed is {_FORMAT}")
        return Manifest(
            **{name: given[name] for name in _SCALARS},
            datasets={key: _line(line) for key, line in given["datasets"].items()},
            listed={key: _listed(line) for key, line in given["listed"].items()},
            retired=given["retired"],
        )
    except (ValueError, KeyError, TypeError):
        raise damaged(where) from None


def version_bytes(version: Version) -> bytes:
    """A version as published in ``versions/<n>.json``."""
    return (json.dumps(asdict(version), ensure_ascii=False, indent=1) + "\n").encode()


def parse_version(content: bytes, *, where: str) -> Version:
    """Read a version; raises StoreError when it is damaged."""
    try:
        given = json.loads(content)
        columns = tuple(Column(**each) for each in given.pop("columns"))
        upstreams = tuple(given.pop("upstreams", ()))
        return Version(**given, columns=columns, upstreams=upstreams)
    except (ValueError, KeyError, TypeError):
        raise damaged(where) from None


def sha256_of(content: bytes) -> str:
    """SHA-256 of bytes, in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def damaged(where: str) -> StoreError:
    """The error for store metadata that cannot be read."""
    return StoreError(
        f"{where} is damaged; put it back from a backup, nothing is published until it is readable"
    )


_SCALARS = ("store", "release", "previous", "released_at", "record")
_TABLES = ("datasets", "listed", "retired")


def _line(given: Mapping[str, Any]) -> Line:
    return Line(**{**given, "upstreams": tuple(given.get("upstreams", ()))})


def _listed(given: Mapping[str, Any]) -> Listed:
    return Listed(**{**given, "channels": tuple(given["channels"])})


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _line_json(line: "Line | Listed | int") -> str:
    if isinstance(line, int):
        return str(line)
    return _encode({name: getattr(line, name) for name in line.__slots__})


def _table(lines: "Mapping[str, Line] | Mapping[str, Listed] | Mapping[str, int]") -> str:
    rows = ",\n".join(f'  "{key}": {_line_json(line)}' for key, line in lines.items())
    return f"{{\n{rows}\n }}" if rows else "{}"
