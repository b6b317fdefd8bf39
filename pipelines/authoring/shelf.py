"""The catalog as it is spelled now: what the workbook shows, and what an import is held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opendata.catalog_file import Reading, read_catalog_files
from opendata.catalog_schema import EntryFile
from opendata.spelling import read_spelling
from resources.home import Home

Key = tuple[str, ...]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One entry: where it lies, its text, and the values it spells out (defaults left out)."""

    path: str
    text: str
    values: Values

    @property
    def id(self) -> str:
        """The file name without ``.yaml``."""
        return self.path.rsplit("/", 1)[1].removesuffix(".yaml")

    @property
    def title(self) -> str:
        """数据名称."""
        return str(self.values["title"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Every entry of a home by id; ``unreadable`` are those whose YAML has mistakes of spelling."""

    files: Mapping[str, bytes]
    reading: Reading
    entries: Mapping[str, Shelved]
    unreadable: Mapping[str, str]


def shelf_of(home: Home) -> Shelf:
    """Read a home's catalog; mistakes in it are kept, not raised."""
    files = home.catalog_files()
    entries: dict[str, Shelved] = {}
    unreadable: dict[str, str] = {}
    for path, content in files.items():
        if path.count("/") != 2 or not path.endswith(".yaml"):
            continue
        text = content.decode("utf-8-sig", errors="replace")
        spelt = read_spelling(EntryFile, path, text)
        name = path.rsplit("/", 1)[1].removesuffix(".yaml")
        if spelt.value is None or spelt.problems or name in entries:
            unreadable[name] = path
        else:
            values = spelt.value.model_dump(exclude_unset=True)
            entries[name] = Shelved(path=path, text=text, values=values)
    return Shelf(
        files=files, reading=read_catalog_files(files), entries=entries, unreadable=unreadable
    )


def value_at(values: Mapping[str, Any], key: Key) -> Any:
    """The value at a path of keys; None where there is none."""
    found: Any = values
    for part in key:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def with_value(values: Mapping[str, Any], key: Key, value: Any) -> Values:
    """The values with one set, or left out when it is None; emptied mappings go with it."""
    head, *rest = key
    inner = values.get(head)
    if rest:
        value = with_value(inner if isinstance(inner, Mapping) else {}, tuple(rest), value) or None
    kept = {name: each for name, each in values.items() if name != head or value is not None}
    return kept if value is None else kept | {head: value}
