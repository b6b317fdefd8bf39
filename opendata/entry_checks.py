"""What must hold between the keys of one catalog entry, its sources and its SQL.

One small function per check, gathered in ``ENTRY_CHECKS``; a check yields problems, never raises.
Checks of one field alone are ``field_checks.py``, checks between files ``catalog_checks.py``.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opendata.catalog_schema import EntryFile
from opendata.errors import Problem
from opendata.field_checks import DATES, FIELD_CHECKS
from opendata.vocabulary import Acquired, Action
from opendata.yaml_text import KeyPath, YamlText

NAME = re.compile(r"[a-z][a-z0-9_]*")
MODEL_CALL = re.compile(r"\{\{-?\s*(source|ref)\(\s*(['\"])(.*?)\2\s*\)")
VIRTUAL_COLUMNS = frozenset({"rowid", "filename", "file_row_number", "file_index"})
COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it was read: where it lies, what it says, and its hand-written SQL."""

    text: YamlText
    file: EntryFile
    model: str | None = None
    unreadable: tuple[KeyPath, ...] = ()

    @property
    def body(self) -> str:
        """The folder the entry lies in."""
        return self.text.path.split("/")[1]

    @property
    def stem(self) -> str:
        """The file name without ``.yaml``."""
        return self.text.path.rsplit("/", 1)[1].removesuffix(".yaml")

    def named_in_model(self, function: str) -> tuple[tuple[int, str], ...]:
        """Line and argument of every ``source('…')`` or ``ref('…')`` in the SQL."""
        lines = (self.model or "").splitlines()
        return tuple(
            (number, call[3])
            for number, line in enumerate(lines, start=1)
            for call in MODEL_CALL.finditer(line)
            if call[1] == function
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """Ids of the datasets the SQL reads, once each, in order of appearance."""
        return tuple(dict.fromkeys(name for _, name in self.named_in_model("ref")))

    def doubts(self, problem: Problem) -> bool:
        """Whether the problem may only echo a key that could not be read at all."""
        keys = problem.where.partition(" ")[2] + "."
        return any(
            keys.startswith(".".join(map(str, each[:-1] or each)) + ".") for each in self.unreadable
        )

    def problem(self, *keys: str | int, said: str) -> Problem:
        """A problem at these keys of this file."""
        return self.text.problem(keys, said)

    def problem_in_model(self, line: int, said: str) -> Problem:
        """A problem in the SQL beside the entry."""
        path = self.text.path.removesuffix(".yaml") + ".sql"
        return Problem(where=f"{path}:{line}", message=said)


def _id_is_the_file_name(entry: Entry) -> Iterator[Problem]:
    if entry.file.id != entry.stem:
        yield entry.problem("id", said=f"{entry.file.id!r} is not the file name {entry.stem!r}.")
    if not NAME.fullmatch(entry.stem):
        yield entry.problem("id", said=f"{entry.stem!r} is not an id; ids match {NAME.pattern}.")


def _body_is_the_folder(entry: Entry) -> Iterator[Problem]:
    if entry.file.body != entry.body:
        yield entry.problem("body", said=f"{entry.file.body!r} is not the folder {entry.body!r}.")


def _field_names_are_names(entry: Entry) -> Iterator[Problem]:
    for name in entry.file.fields:
        if not NAME.fullmatch(name):
            yield entry.problem(
                "fields", name, said=f"{name!r} is not a field name; names match {NAME.pattern}."
            )
        if name in VIRTUAL_COLUMNS:
            yield entry.problem(
                "fields", name, said=f"{name!r} is a column the engine makes up; choose another."
            )


def _fields_hold_together(entry: Entry) -> Iterator[Problem]:
    for name, field in entry.file.fields.items():
        for check in FIELD_CHECKS:
            for key, said in check(field):
                yield entry.problem("fields", name, key, said=said)


def _data_time_is_a_date(entry: Entry) -> Iterator[Problem]:
    given = entry.file.data_time
    if given.field is not None and given.fixed is not None:
        yield entry.problem("data_time", said="give either field or fixed, not both.")
    if given.field is None:
        return
    field = entry.file.fields.get(given.field)
    if field is None:
        yield entry.problem("data_time", "field", said=_no_field(entry, given.field))
    elif field.type not in DATES and ("fields", given.field, "type") not in entry.unreadable:
        yield entry.problem(
            "data_time",
            "field",
            said=f"{given.field!r} is {field.type.value}; name a date or datetime field.",
        )


def _sort_by_is_released(entry: Entry) -> Iterator[Problem]:
    for place, name in enumerate(entry.file.release.sort_by):
        field = entry.file.fields.get(name)
        if field is None:
            yield entry.problem("release", "sort_by", place, said=_no_field(entry, name))
        elif field.action is Action.DROP:
            yield entry.problem(
                "release", "sort_by", place, said=f"{name!r} is 删除 and never released."
            )


def _shared_data_names_its_source(entry: Entry) -> Iterator[Problem]:
    shared = [entry.file.acquired, *(each.acquired for each in entry.file.fields.values())]
    if Acquired.SHARED in shared and not entry.file.acquired_from:
        yield entry.problem(
            "acquired_from", said="共享获取 needs acquired_from: say which body provided the data."
        )


def _rules_name_fields(entry: Entry) -> Iterator[Problem]:
    for place, rule in enumerate(entry.file.quality.rules):
        at = ("quality", "rules", place)
        if not rule.expect.startswith("expect_"):
            yield entry.problem(
                *at, "expect", said=f"{rule.expect!r} is no rule; rules are called expect_…."
            )
        if not re.fullmatch(r"0[1-6][0-9]{2}", rule.indicator):
            yield entry.problem(
                *at,
                "indicator",
                said=f"{rule.indicator!r} is no GB/T 36344 indicator; write four digits like 0503.",
            )
        for key, name in _columns_of(rule.kwargs):
            if name not in entry.file.fields:
                yield entry.problem(*at, "kwargs", key, said=_no_field(entry, name))


def _columns_of(kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in COLUMN_ARGUMENTS:
        given = kwargs.get(key, [])
        for name in [given] if isinstance(given, str) else given:
            yield key, str(name)


def _sources_suit_the_model(entry: Entry) -> Iterator[Problem]:
    file = entry.file
    if file.source is not None and file.sources is not None:
        yield entry.problem("sources", said="give either source or sources, not both.")
    if entry.model is None and len(file.all_sources) != 1:
        yield entry.problem(
            "source",
            said=f"there are {len(file.all_sources)} sources and no SQL beside the entry; give "
            "exactly one source, or write the .sql.",
        )
    for name, source in file.all_sources.items():
        at = ("source",) if file.source else ("sources", name)
        if not NAME.fullmatch(name):
            yield entry.problem(*at, said=f"{name!r} is not a source id; ids match {NAME.pattern}.")
        if entry.model is None and source.columns is not None:
            yield entry.problem(
                *at, "columns", said="columns go with hand-written SQL; use fields.<name>.heading."
            )
        if len(file.all_sources) > 1 and source.columns is None:
            yield entry.problem(
                *at, "columns", said="each of several sources needs columns; add them."
            )


def _source_columns_are_clear(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        at = ("source",) if entry.file.source else ("sources", name)
        columns = source.columns if source.columns is not None else headings(entry.file)
        for heading in _repeated([*columns.values(), *source.ignored_headings]):
            yield entry.problem(*at, said=f"the heading {heading!r} is named twice; name it once.")
        for column in columns if source.columns is not None else ():
            if not NAME.fullmatch(column):
                yield entry.problem(
                    *at,
                    "columns",
                    column,
                    said=f"{column!r} must match {NAME.pattern}.",
                )


def _encodings_exist(entry: Entry) -> Iterator[Problem]:
    for name, source in entry.file.all_sources.items():
        at = ("source",) if entry.file.source else ("sources", name)
        try:
            codecs.lookup(source.encoding or "utf-8")
        except LookupError:
            yield entry.problem(
                *at, "encoding", said=f"{source.encoding!r} is no encoding; write gb18030 or utf-8."
            )


def _model_names_its_sources(entry: Entry) -> Iterator[Problem]:
    declared = entry.file.all_sources
    for line, name in entry.named_in_model("source"):
        if name not in declared:
            yield entry.problem_in_model(
                line, f"no source is called {name!r}; the entry has {listed(declared)}."
            )


def headings(file: EntryFile) -> dict[str, str]:
    """Field names and the headings they are read from when a source declares no columns."""
    return {name: field.heading or field.title for name, field in file.fields.items()}


def _no_field(entry: Entry, name: str) -> str:
    return f"no field is called {name!r}; the entry has {listed(entry.file.fields)}."


def listed(names: Mapping[str, object]) -> str:
    """Names as a sentence takes them: ``a, b``, or ``none``."""
    return ", ".join(names) or "none"


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


EntryCheck = Callable[[Entry], Iterator[Problem]]
ENTRY_CHECKS: tuple[EntryCheck, ...] = (
    _id_is_the_file_name,
    _body_is_the_folder,
    _field_names_are_names,
    _fields_hold_together,
    _data_time_is_a_date,
    _sort_by_is_released,
    _shared_data_names_its_source,
    _rules_name_fields,
    _sources_suit_the_model,
    _source_columns_are_clear,
    _encodings_exist,
    _model_names_its_sources,
)
