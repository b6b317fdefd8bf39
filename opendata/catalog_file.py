"""Catalog files in, a Catalog out, or every mistake in them at once.

Only the order of work and the conversion to values belong here. How files are spelled is
``catalog_schema.py``, what must hold between keys is ``catalog_checks.py``, finding the files on a
disk is ``resources/home.py``.
"""

import codecs
import csv
import dataclasses
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from opendata.catalog import (
    Body,
    Catalog,
    CodeTable,
    Dataset,
    DataTime,
    Element,
    Field,
    QualityGate,
    ReleasePlan,
    Rule,
    SmallCell,
    Treatment,
)
from opendata.catalog_checks import CATALOG_CHECKS
from opendata.catalog_schema import BodiesFile, ElementsFile, EntryFile, FieldFile, ReleaseFile
from opendata.drift_schema import drift_of
from opendata.entries import Entries
from opendata.entry import Entry, headings
from opendata.entry_checks import ENTRY_CHECKS
from opendata.errors import CatalogError, Problem
from opendata.hierarchies import read_hierarchy
from opendata.source import Exchange, Pull, Source
from opendata.source_schema import SourceFile
from opendata.spelling import Spelt, read_spelling
from opendata.vocabulary import Action, ListedFor

BODIES = "catalog/bodies.yaml"
ELEMENTS = "catalog/elements.yaml"

_ENTRY = re.compile(r"catalog/[^/]+/[^/]+\.yaml")
_MODEL = re.compile(r"catalog/[^/]+/[^/]+\.sql")
_CODES = re.compile(r"codes/[^/]+\.csv")
_HIERARCHY = re.compile(r"codes/hierarchies/[^/]+\.csv")
_ANY = re.compile("|".join(each.pattern for each in (_ENTRY, _MODEL, _CODES, _HIERARCHY)))
_TREATMENT = frozenset(each.name for each in dataclasses.fields(Treatment))
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

CatalogFiles = Mapping[str, str | bytes]
"""Content by POSIX path relative to the home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a home's catalog files say: ``catalog`` holds the entries nothing is wrong with."""

    catalog: Catalog
    problems: tuple[Problem, ...]


def parse_catalog(files: CatalogFiles) -> Catalog:
    """Read a whole catalog from its files, keyed by POSIX path relative to the home.

    Paths: ``catalog/bodies.yaml``, ``catalog/elements.yaml`` (optional),
    ``catalog/<body>/<dataset>.yaml`` with an optional ``.sql`` beside it, ``codes/<table>.csv``.
    Datasets come in the order of their paths, bodies in the order of their file.

    Raises:
        CatalogError: something is wrong; ``problems`` holds every mistake in every file.
    """
    reading = read_catalog_files(files)
    if reading.problems:
        raise CatalogError(reading.problems)
    return reading.catalog


def read_catalog_files(files: CatalogFiles) -> Reading:
    """Read what ``parse_catalog`` reads, and go on past every mistake.

    A file that is not UTF-8 is one problem: it is then read as what it most likely is, so that
    nobody is told that what stands in it is missing.
    """
    texts = {path: _text(content) for path, content in files.items()}
    read, problems = _read(texts)
    problems += [*_not_utf_8(files), *_misplaced(texts)]
    for entry in read.entries:
        problems += [
            problem
            for check in ENTRY_CHECKS
            for problem in check(entry)
            if not entry.doubts(problem)
        ]
    problems += [problem for check in CATALOG_CHECKS for problem in check(read)]
    return Reading(
        catalog=_catalog(replace(read, entries=_sound(read.entries, problems))),
        problems=tuple(sorted(set(problems), key=_file_and_line)),
    )


# --- Reading -------------------------------------------------------------------------------


def _text(content: str | bytes) -> str:
    if isinstance(content, str):
        return content
    if _is_utf_8(content):
        return content.decode("utf-8-sig")
    likely = "utf-16" if content.startswith(_UTF_16) else "gb18030"
    return content.decode(likely, errors="replace")


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _not_utf_8(files: CatalogFiles) -> Iterator[Problem]:
    for path, content in files.items():
        if isinstance(content, bytes) and not _is_utf_8(content):
            yield Problem(where=path, message="this file is not UTF-8; save it as UTF-8.")


def _read(files: Mapping[str, str]) -> tuple[Entries, list[Problem]]:
    bodies = read_spelling(BodiesFile, BODIES, files.get(BODIES, "{}"))
    elements = read_spelling(ElementsFile, ELEMENTS, files.get(ELEMENTS, "{}"))
    spellings = {
        path: read_spelling(EntryFile, path, files[path])
        for path in sorted(files)
        if _ENTRY.fullmatch(path)
    }
    tables = [_code_table(path, files[path]) for path in sorted(files) if _CODES.fullmatch(path)]
    levels = [
        read_hierarchy(path, files[path]) for path in sorted(files) if _HIERARCHY.fullmatch(path)
    ]
    read = Entries(
        bodies=bodies,
        elements=elements,
        entries=tuple(_readable(spellings, files)),
        code_tables=tuple(table for table, _ in tables),
        hierarchies=tuple(each for each, _ in levels),
        dataset_ids=frozenset(_stem(path) for path in spellings),
    )
    problems = [*bodies.problems, *elements.problems]
    problems += [problem for each in spellings.values() for problem in each.problems]
    problems += [problem for _, wrong in (*tables, *levels) for problem in wrong]
    return read, problems


def _readable(
    spellings: Mapping[str, Spelt[EntryFile]], files: Mapping[str, str]
) -> Iterator[Entry]:
    for path, each in spellings.items():
        if each.text is not None and each.value is not None:
            yield Entry(
                text=each.text,
                file=each.value,
                model=files.get(path.removesuffix(".yaml") + ".sql"),
                unreadable=each.unreadable,
            )


def _code_table(path: str, text: str) -> tuple[CodeTable, list[Problem]]:
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    problems = [
        Problem(where=f"{path}:{line}", message="a line has a code and a title, and no more.")
        for line, row in enumerate(rows, start=1)
        if len(row) != 2
    ]
    if rows[:1] != [["code", "title"]]:
        problems.append(Problem(where=f"{path}:1", message="the first line must be code,title."))
    codes = [(row[0], row[1]) for row in rows[1:] if len(row) == 2]
    problems += [
        Problem(where=path, message=f"the code {code!r} stands here {count} times; keep one.")
        for code, count in Counter(code for code, _ in codes).items()
        if count > 1
    ]
    return CodeTable(id=_stem(path), codes=tuple(codes)), problems


def _sound(entries: tuple[Entry, ...], problems: list[Problem]) -> tuple[Entry, ...]:
    """The entries nothing is wrong with, and that read only such."""
    sound = {each.file.id: each for each in entries if not _wrong(each, problems)}
    while torn := [each for each in sound.values() if not sound.keys() >= set(each.reads)]:
        for each in torn:
            del sound[each.file.id]
    return tuple(sound.values())


def _wrong(entry: Entry, problems: list[Problem]) -> bool:
    path = entry.text.path
    files = (path, path.removesuffix(".yaml") + ".sql")
    places = tuple(f"{each}{end}" for each in files for end in (":", " "))
    return any(f"{each.where} ".startswith(places) for each in problems)


def _misplaced(files: Mapping[str, str]) -> Iterator[Problem]:
    for path in files:
        if (right := _as_read(path)) != path:
            yield Problem(where=path, message=f"this ending is not read; rename it to {right}.")
        elif _MODEL.fullmatch(path) and path.removesuffix(".sql") + ".yaml" not in files:
            yield Problem(where=path, message="there is no entry beside this SQL; write the .yaml.")
        elif path not in {BODIES, ELEMENTS} and not _ANY.fullmatch(path):
            yield Problem(
                where=path,
                message="this is no place for a catalog file; entries lie at "
                "catalog/<body>/<dataset>.yaml, code tables at codes/<table>.csv, hierarchies at "
                "codes/hierarchies/<name>.csv.",
            )


def _as_read(path: str) -> str:
    stem, dot, ending = path.rpartition(".")
    return stem + dot + ending.lower().replace("yml", "yaml")


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[1].rsplit(".", 1)[0]


def _file_and_line(problem: Problem) -> tuple[str, int, str, str]:
    place, _, keys = problem.where.partition(" ")
    path, _, line = place.partition(":")
    return path, int(line or 0), keys, problem.message


# --- Converting ----------------------------------------------------------------------------


def _catalog(read: Entries) -> Catalog:
    return Catalog(
        bodies=tuple(Body(id=each, title=title) for each, title in read.body_titles.items()),
        datasets=tuple(_dataset(entry) for entry in read.entries),
        code_tables=read.code_tables,
        hierarchies=read.hierarchies,
        elements=tuple(Element(id=name, **dict(each)) for name, each in read.element_files.items()),
    )


def _dataset(entry: Entry) -> Dataset:
    given = dict(entry.file)
    for key in ("source", "sources"):
        given.pop(key)
    quality = dict(given.pop("quality"))
    quality["drift"] = drift_of(quality["drift"])
    return Dataset(
        **given
        | {
            "fields": tuple(_field(name, each) for name, each in entry.file.fields.items()),
            "sources": tuple(
                _source(name, each, entry.file) for name, each in entry.file.all_sources.items()
            ),
            "data_time": DataTime(**dict(entry.file.data_time)),
            "quality": QualityGate(
                **quality | {"rules": tuple(Rule(**dict(each)) for each in quality["rules"])}
            ),
            "release": _release(entry.file.release),
            "model": entry.model,
            "reads": entry.reads,
        }
    )


def _release(file: ReleaseFile) -> ReleasePlan:
    cells = file.small_cell
    return ReleasePlan(**dict(file) | {"small_cell": cells and SmallCell(**dict(cells))})


def _field(name: str, file: FieldFile) -> Field:
    given = {key: value for key, value in file if key not in _TREATMENT}
    told = {key: value for key, value in file if key in _TREATMENT}
    treatment = Treatment(**told | {"action": _action(file)})
    return Field(
        **given | {"name": name, "heading": file.heading or file.title}, treatment=treatment
    )


def _action(file: FieldFile) -> Action:
    if file.listed_for is ListedFor.COLLECT:
        return Action.DROP
    return file.action or Action.KEEP


def _source(source_id: str, file: SourceFile, entry: EntryFile) -> Source:
    columns = file.columns if file.columns is not None else headings(entry)
    given = dict(file) | {
        "id": source_id,
        "columns": tuple(columns.items()),
        "ignored_headings": _ignored(file, columns),
        "exchange": Exchange(**dict(file.exchange)) if file.exchange else None,
        "pull": Pull(**dict(file.pull)) if file.pull else None,
    }
    return Source(**given)


def _ignored(file: SourceFile, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Those the entry leaves out, and a watermark that is read only to tell what is new."""
    mark = file.exchange.watermark if file.exchange else None
    marks = (mark,) if mark and mark not in columns.values() else ()
    return (*file.ignored_headings, *marks)
