"""What must hold between the keys of one catalog entry.

One small function per check, gathered in ``ENTRY_CHECKS``; a check yields problems, never raises.
Checks of one field alone are ``field_checks.py``, of sources ``source_checks.py``, between files
``catalog_checks.py``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opendata.entry import NAME, Entry, listed
from opendata.errors import Problem
from opendata.field_checks import FIELD_CHECKS
from opendata.source_checks import SOURCE_CHECKS
from opendata.treatment_checks import DATES
from opendata.vocabulary import Acquired, Action, FieldType, Load, OnFail

VIRTUAL_COLUMNS = frozenset({"rowid", "filename", "file_row_number", "file_index"})
COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")


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


def _small_cells_can_be_hidden(entry: Entry) -> Iterator[Problem]:
    cells, at = entry.file.release.small_cell, ("release", "small_cell")
    if cells is None:
        return
    for key, name in (("count", cells.count), *(("groups", each) for each in cells.groups)):
        field = entry.file.fields.get(name)
        if field is None:
            yield entry.problem(*at, key, said=_no_field(entry, name))
        elif field.action not in (None, Action.KEEP):
            yield entry.problem(
                *at, key, said=f"{name!r} is treated; what tells cells apart is 保留 as it stands."
            )
        elif key == "count" and field.type is not FieldType.INTEGER:
            yield entry.problem(
                *at, key, said=f"{name!r} is {field.type.value}; counts are integer."
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


def _drift_can_be_judged(entry: Entry) -> Iterator[Problem]:
    drift, at = entry.file.quality.drift, ("quality", "drift")
    for name, rule in drift:
        if rule.on_fail is OnFail.DROP:
            yield entry.problem(
                *at,
                name,
                "on_fail",
                said="a comparison of versions sets no row aside; write keep_flag or block.",
            )
    for place, name in enumerate(drift.categories.fields):
        if name not in entry.file.fields:
            yield entry.problem(*at, "categories", "fields", place, said=_no_field(entry, name))
    has_keys = any(each.key for each in entry.file.fields.values())
    if "keys" in drift.model_fields_set and drift.keys.judged:
        if entry.file.load is not Load.SNAPSHOT:
            yield entry.problem(*at, "keys", said="only a 全量 delivery can lose keys; remove it.")
        elif not has_keys:
            yield entry.problem(*at, "keys", said="no field has `key: true`; say which identify.")


def _columns_of(kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in COLUMN_ARGUMENTS:
        given = kwargs.get(key, [])
        for name in [given] if isinstance(given, str) else given:
            yield key, str(name)


def _no_field(entry: Entry, name: str) -> str:
    return f"no field is called {name!r}; the entry has {listed(entry.file.fields)}."


EntryCheck = Callable[[Entry], Iterator[Problem]]
ENTRY_CHECKS: tuple[EntryCheck, ...] = (
    _id_is_the_file_name,
    _body_is_the_folder,
    _field_names_are_names,
    _fields_hold_together,
    _data_time_is_a_date,
    _sort_by_is_released,
    _small_cells_can_be_hidden,
    _shared_data_names_its_source,
    _rules_name_fields,
    _drift_can_be_judged,
    *SOURCE_CHECKS,
)
