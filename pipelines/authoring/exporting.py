"""``opendata catalog export``: the catalog as a workbook to fill in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from opendata.catalog import Catalog
from opendata.errors import CatalogError, Problem
from opendata.presets import PRESETS
from opendata.vocabulary import Channel, Term
from pipelines.authoring.cells import to_cell
from pipelines.authoring.columns import DATASETS, FIELDS, columns, guide, labels
from pipelines.authoring.shelf import Shelf, Shelved, shelf_of, value_at
from pipelines.authoring.workbook import SHEETS, Key, write_workbook
from resources.home import Home

_ENCODINGS = ("utf-8", "gb18030", "utf-16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written; ``left_out`` are entries whose YAML has mistakes."""

    path: Path
    datasets: int
    fields: int
    left_out: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "path": str(self.path),
            "datasets": self.datasets,
            "fields": self.fields,
            "left_out": list(self.left_out),
        }

    def as_text(self) -> str:
        """One line, and one for each entry that is not in the workbook."""
        lines = [f"{self.datasets} datasets with {self.fields} fields are in {self.path}"]
        lines += [
            f"{each} is left out: its YAML has mistakes; see `opendata check`"
            for each in self.left_out
        ]
        return "\n".join(lines)


def export_catalog(home: Home, path: Path) -> Exported:
    """Write the home's entries into a new workbook, with dropdowns of what its catalog knows.

    Raises:
        CatalogError: there is a file at ``path`` already, no folder for it, or it is not to be an
            ``.xlsx``.
    """
    if path.suffix.lower() != ".xlsx" or path.exists() or not path.parent.is_dir():
        said = "name a new file that ends in .xlsx, in a folder that is there; none is overwritten."
        raise CatalogError([Problem(where=str(path), message=said)])
    shelf = shelf_of(home)
    datasets = [dataset_row(each, shelf.reading.catalog) for each in shelf.entries.values()]
    fields = [row for each in shelf.entries.values() for row in field_rows(each)]
    write_workbook(
        path, {DATASETS: datasets, FIELDS: fields}, lists=_lists(shelf, home), guide=guide()
    )
    return Exported(
        path=path, datasets=len(datasets), fields=len(fields), left_out=tuple(shelf.unreadable)
    )


def dataset_row(entry: Shelved, catalog: Catalog) -> dict[Key, str]:
    """The cells of one entry."""
    names = {each.id: each.title for each in catalog.bodies}
    row = {
        column.key: to_cell(value_at(entry.values, column.key), column)
        for column in columns(DATASETS)
        if column.of_the_entry
    }
    return row | {
        ("body_title",): names.get(entry.values["body"], ""),
        ("elsewhere",): _elsewhere(entry),
    }


def _elsewhere(entry: Shelved) -> str:
    sources = len(entry.values.get("sources") or ())
    rules = len(value_at(entry.values, ("quality", "rules")) or ())
    drift = bool(value_at(entry.values, ("quality", "drift")))
    said = [f"数据来源 {sources} 个"] * bool(sources) + [f"质量规则 {rules} 条"] * bool(rules)
    said += ["版本对比设置"] * drift
    said += ["小单元设置"] * bool(value_at(entry.values, ("release", "small_cell")))
    return "；".join(said)


def field_rows(entry: Shelved) -> Iterator[dict[Key, str]]:
    """The cells of each field, in the order of the entry."""
    for name, values in entry.values["fields"].items():
        row = {
            column.key: to_cell(value_at(values, column.key), column)
            for column in columns(FIELDS)
            if column.of_the_entry
        }
        yield row | {
            ("dataset",): entry.id,
            ("dataset_title",): entry.title,
            ("name",): name,
        }


def _lists(shelf: Shelf, home: Home) -> Mapping[str, Sequence[str]]:
    catalog = shelf.reading.catalog
    values = [each.values for each in shelf.entries.values()]
    vocabularies = {
        each.vocabulary.__name__: words(each.vocabulary)
        for sheet in SHEETS
        for each in columns(sheet)
        if each.vocabulary and each.kind == "term"
    }
    return {
        **vocabularies,
        "bool": (labels()["true"], labels()["false"]),
        "channel_lists": _combinations(words(Channel)),
        "bodies": [each.id for each in catalog.bodies],
        "body_titles": [each.title for each in catalog.bodies],
        "themes": sorted({each["theme"] for each in values if each.get("theme")}),
        "kinds": sorted({"结构化数据集"} | {each["kind"] for each in values if each.get("kind")}),
        "code_tables": [each.id for each in catalog.code_tables],
        "hierarchies": [each.id for each in catalog.hierarchies],
        "elements": [each.id for each in catalog.elements],
        "authorities": [each.authority for each in catalog.elements if each.authority],
        "connections": [each.id for each in home.settings.connections],
        "presets": list(dict.fromkeys(name for each in PRESETS.values() for name in each)),
        "encodings": _ENCODINGS,
    }


def words(vocabulary: type[Term]) -> list[str]:
    """The words of a vocabulary as cells spell them."""
    return [labels().get(each.value, each.value) for each in vocabulary]


def _combinations(given: Sequence[str]) -> list[str]:
    counts = range(1, len(given) + 1)
    return ["、".join(each) for count in counts for each in combinations(given, count)]
