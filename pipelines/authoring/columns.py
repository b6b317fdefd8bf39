"""The columns of the workbook: which key of an entry each holds, what it is called, what it takes.

Headings, notes and groups are ``columns.yaml``; what a key takes comes from the schema, so that
a cell allows exactly what a catalog file allows.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel

from opendata.catalog_schema import EntryFile, FieldFile, IsoDate, Number
from opendata.vocabulary import Term

DATASETS: Final = "数据集"
FIELDS: Final = "数据项"
NOT_OF_THE_ENTRY = frozenset({"body_title", "elsewhere", "dataset", "dataset_title", "name"})
"""Columns that help the reader, or say where a row belongs."""

Sheet = Literal["数据集", "数据项"]
Kind = Literal["text", "name", "term", "bool", "whole", "number", "day", "terms", "list", "pairs"]
_KINDS: dict[Any, Kind] = {bool: "bool", int: "whole", float: "number", dict[str, str]: "pairs"}
_NAMES = frozenset(
    {
        *("id", "body", "lead_body", "data_time.field", "source.exchange.connection"),
        *("dataset", "name", "code_table", "element", "checked_against"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``key`` is the path in the entry (or field), ``heading`` what a steward reads.

    ``choices`` names the list of the sheet 词表 it takes its values from; with ``open`` others are
    allowed too. ``vocabulary`` is its closed words, ``derived`` says that nothing is read from it.
    """

    sheet: Sheet
    key: tuple[str, ...]
    heading: str
    note: str
    group: str
    width: int
    kind: Kind
    required: bool = False
    choices: str | None = None
    open: bool = False
    vocabulary: type[Term] | None = None

    @property
    def derived(self) -> bool:
        """Whether it only repeats what stands elsewhere."""
        return self.key in {("elsewhere",), ("dataset_title",)}

    @property
    def of_the_entry(self) -> bool:
        """Whether it holds a key of the entry or field itself."""
        return self.key[0] not in NOT_OF_THE_ENTRY


@cache
def columns(sheet: Sheet) -> tuple[Column, ...]:
    """The columns of a sheet, from left to right."""
    model = EntryFile if sheet == DATASETS else FieldFile
    return tuple(
        _column(sheet, group, name, given, model)
        for group, each in _file()[sheet].items()
        for name, given in each.items()
    )


def column_of(sheet: Sheet, key: tuple[str, ...]) -> Column | None:
    """The column that holds a key; None where there is none."""
    return next((each for each in columns(sheet) if each.key == key), None)


@cache
def labels() -> dict[str, str]:
    """What cells say for words that catalog files spell in English."""
    return dict(_file()["labels"])


def guide() -> str:
    """The lines of the sheet 填写说明; those with a ``#`` are headings."""
    return str(_file()["guide"])


@cache
def _file() -> dict[str, Any]:
    text = (files("pipelines.authoring") / "columns.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _column(
    sheet: Sheet, group: str, name: str, given: dict[str, Any], model: type[BaseModel]
) -> Column:
    key = tuple(name.split("."))
    annotation, required = _schema(model, key)
    kind, vocabulary = _taken(name, annotation)
    return Column(
        sheet=sheet,
        key=key,
        group=group,
        kind=kind,
        vocabulary=vocabulary,
        **{"required": required, **given},
    )


def _schema(model: Any, key: tuple[str, ...]) -> tuple[Any, bool]:
    """The type at a key, and whether an entry must have it."""
    if key[0] in NOT_OF_THE_ENTRY:
        return str, False
    required = True
    for part in key:
        field = model.model_fields[part]
        model, required = _bare(field.annotation), required and field.is_required()
    return model, required


def _taken(name: str, annotation: Any) -> tuple[Kind, type[Term] | None]:
    if isinstance(annotation, type) and issubclass(annotation, Term):
        return "term", annotation
    if get_origin(annotation) is tuple:
        member = _bare(get_args(annotation)[0])
        return ("terms", member) if member is not str else ("list", None)
    if annotation in (get_args(IsoDate)[0], IsoDate):
        return "day", None
    if annotation == get_args(Number)[0]:
        return ("name" if name in _NAMES else "text"), None
    return _KINDS[annotation], None


def _bare(annotation: Any) -> Any:
    """The type itself, without ``| None`` and without what is asked of its values."""
    members = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation):
        return _bare(members[0])
    return members[0] if hasattr(annotation, "__metadata__") else annotation
