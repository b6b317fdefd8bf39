"""The entries a workbook states, held against the catalog's own checks; every problem to its cell.

The checks are those of ``opendata check``; nothing is judged twice or otherwise. A problem is known
by the check that found it, not by its words, so that its Chinese sentence can be looked up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from opendata.catalog_checks import CATALOG_CHECKS
from opendata.catalog_file import BODIES, ELEMENTS, Reading, read_catalog_files
from opendata.catalog_schema import BodiesFile, ElementsFile, EntryFile
from opendata.entries import Entries
from opendata.entry import Entry
from opendata.entry_checks import ENTRY_CHECKS
from opendata.errors import Problem
from opendata.field_checks import FIELD_CHECKS
from opendata.presets import GENERALISATIONS, MASKS
from opendata.spelling import read_spelling
from pipelines.authoring.cells import Fault
from pipelines.authoring.columns import DATASETS, FIELDS, Sheet, columns
from pipelines.authoring.complaints import Complaint, column_at, complaint, nowhere
from pipelines.authoring.rows import Stated
from pipelines.authoring.shelf import Shelf
from pipelines.authoring.workbook import Cell, Filled, Key, Place, Row

Texts = Mapping[str, str]
Kind = tuple[str, Mapping[str, str]]


@dataclass(slots=True)
class _Kinds:
    """What found each problem: by the problem itself, or by where it stands."""

    by_problem: dict[Problem, Kind] = field(default_factory=dict)
    by_where: dict[str, Kind] = field(default_factory=dict)

    def of(self, problem: Problem) -> Kind:
        """The kind of a problem; ``general`` where nothing here found it."""
        kind = self.by_problem.get(problem) or self.by_where.get(problem.where)
        return kind or ("general", {})


def judge(
    stated: Mapping[str, Stated], texts: Texts, shelf: Shelf, filled: Filled
) -> list[Complaint]:
    """Everything that would be wrong with the catalog if these texts replaced its files.

    What is wrong elsewhere already, and would stay so, is not the workbook's business.
    """
    files: dict[str, str | bytes] = {**shelf.files, **texts}
    reading = read_catalog_files(files)
    before = frozenset(shelf.reading.problems)
    new = [each for each in reading.problems if _path(each) in texts or each not in before]
    if not new:
        return []
    kinds = _kinds(files, reading)
    by_path = {each.path: each for each in stated.values()}
    found = [_complaint(each, kinds, by_path, filled, shelf) for each in new]
    return list(dict.fromkeys(found))


def _path(problem: Problem) -> str:
    return problem.where.partition(" ")[0].partition(":")[0]


# --- Which check found it ------------------------------------------------------------------


def _kinds(files: Mapping[str, str | bytes], reading: Reading) -> _Kinds:
    kinds = _Kinds()
    texts = {path: _text(content) for path, content in files.items()}
    entries = tuple(_entries(texts, kinds))
    for entry in entries:
        _by_entry_checks(entry, kinds)
    whole = Entries(
        entries=entries,
        bodies=read_spelling(BodiesFile, BODIES, texts.get(BODIES, "{}")),
        elements=read_spelling(ElementsFile, ELEMENTS, texts.get(ELEMENTS, "{}")),
        code_tables=reading.catalog.code_tables,
        hierarchies=reading.catalog.hierarchies,
        dataset_ids=frozenset(each.stem for each in entries),
    )
    for check in CATALOG_CHECKS:
        for problem in check(whole):
            kinds.by_problem[problem] = (_name(check), {})
    return kinds


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("utf-8-sig", errors="replace")


def _entries(texts: Texts, kinds: _Kinds) -> Iterator[Entry]:
    for path, text in texts.items():
        if path.count("/") != 2 or not path.endswith(".yaml"):
            continue
        spelt = read_spelling(EntryFile, path, text)
        if spelt.text is None:
            continue
        try:
            EntryFile.model_validate(spelt.text.values)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                keys = tuple(key for key in each["loc"] if key != "[key]")
                context = {name: str(value) for name, value in each.get("ctx", {}).items()}
                kinds.by_where[spelt.text.problem(keys, "").where] = (each["type"], context)
        if spelt.value is not None:
            model = texts.get(path.removesuffix(".yaml") + ".sql")
            yield Entry(text=spelt.text, file=spelt.value, model=model, unreadable=spelt.unreadable)


def _by_entry_checks(entry: Entry, kinds: _Kinds) -> None:
    for check in ENTRY_CHECKS:
        for problem in check(entry):
            kinds.by_problem[problem] = (_name(check), {})
    for name, each in entry.file.fields.items():
        for of_a_field in FIELD_CHECKS:
            for key, said in of_a_field(each):
                problem = entry.problem("fields", name, key, said=said)
                kinds.by_problem[problem] = (_name(of_a_field), {})


def _name(check: Any) -> str:
    return str(check.__name__).lstrip("_")


# --- Which cell it belongs to --------------------------------------------------------------


def _complaint(
    problem: Problem, kinds: _Kinds, by_path: Mapping[str, Stated], filled: Filled, shelf: Shelf
) -> Complaint:
    kind, details = kinds.of(problem)
    path = _path(problem)
    stated = by_path.get(path.removesuffix(".sql").removesuffix(".yaml") + ".yaml")
    if stated is None:
        return nowhere(problem.where, problem.message, kind)
    cell = _cell(stated, problem.where.partition(" ")[2], filled)
    return complaint(
        cell,
        Fault(kind, {**_known(shelf), **details}),
        column=column_at(cell.place, filled.headings[cell.place.sheet]),
        english=problem.message,
    )


def _known(shelf: Shelf) -> dict[str, str]:
    catalog = shelf.reading.catalog
    named = {
        "bodies": [each.id for each in catalog.bodies],
        "code_tables": [each.id for each in catalog.code_tables],
        "hierarchies": [each.id for each in catalog.hierarchies],
        "elements": [each.id for each in catalog.elements],
        "masks": [each.name for each in MASKS],
        "generalisations": [each.name for each in GENERALISATIONS],
    }
    return {name: "、".join(each) or "无" for name, each in named.items()}


def _cell(stated: Stated, dotted: str, filled: Filled) -> Cell:
    """The cell a problem at these keys belongs to, or the first of its row."""
    if dotted.startswith("fields."):
        inside = dotted.removeprefix("fields.")
        for name, row in stated.field_rows.items():
            if inside == name or inside.startswith(f"{name}."):
                key = inside.removeprefix(name).lstrip(".")
                return _nearest(row, FIELDS, key or "name", ("name",), filled)
    return _nearest(stated.row, DATASETS, dotted, ("id",), filled)


def _nearest(row: Row, sheet: Sheet, dotted: str, otherwise: Key, filled: Filled) -> Cell:
    """The cell of the key, of the one it is part of, or of the first one that is part of it."""
    shown = [each.key for each in columns(sheet) if each.key in filled.headings[sheet]]
    exact = [each for each in shown if f"{dotted}.".startswith(f"{'.'.join(each)}.")]
    below = [each for each in shown if f"{'.'.join(each)}.".startswith(f"{dotted}.")]
    if dotted.startswith(("sources", "quality.rules", "quality.drift", "release.small_cell")):
        below = [("elsewhere",)] if ("elsewhere",) in shown else []
    for key in (*exact, *below[:1], otherwise):
        if key in row.cells:
            return row.cells[key]
    return Cell(Place(sheet, row.number, 1), "")
