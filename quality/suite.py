"""The suite of a dataset: every promise its catalog entry makes, as Great Expectations' rules.

Nothing is written twice: types, required fields, keys, code tables, patterns, ranges and meanings
of fields each yield their rule here, and the entry's hand-written rules follow as they stand.
How a rule is evaluated is ``plan.py``; how a suite is stored, ``suite_json.py``.

A row that breaks a ``drop`` rule is 问题数据 whatever ``mostly`` says; ``mostly`` decides whether
the *rule* succeeded, for the score and the gate. Generated rules tolerate one row in twenty: a body
whose data are wrong here and there should hear of it row by row, and one whose data are wrong
throughout should be stopped. Only rules without which the rest means nothing are critical: that
there are rows, that required fields are filled, that keys are unique.
"""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal, InvalidOperation
from typing import Any

from opendata.catalog import Catalog, Dataset, Field, Rule
from opendata.errors import CatalogError, Problem
from opendata.findings import Expectation
from opendata.indicators import INDICATORS, dimension_of
from opendata.vocabulary import Dimension, FieldType, OnFail, Semantic, Severity
from quality.gx_types import wrong_fields
from quality.references import REFERENCE_TYPES
from quality.row_rules import columns_of

TOLERANCE = 0.95
EARLIEST_DATE = "1900-01-01"
LATEST_DATE = "2100-12-31"

_TYPE_WORDS: Mapping[FieldType, tuple[str, str]] = {
    FieldType.INTEGER: ("int64", "整数"),
    FieldType.DECIMAL: ("float64", "小数"),
    FieldType.DATE: ("datetime64[ns]", "日期"),
    FieldType.DATETIME: ("datetime64[ns]", "日期时间"),
}
_IDENTIFIERS: Mapping[Semantic | None, tuple[str, str]] = {
    Semantic.USCC: ("uscc", "应符合 GB 32100 的字符集和校验位"),
    Semantic.CITIZEN_ID: ("citizen_id", "应符合 GB 11643 的出生日期和校验位"),
    Semantic.MOBILE: ("mobile", "应为 11 位手机号码"),
    Semantic.BANK_CARD: ("bank_card", "应为 16 至 19 位卡号并符合 Luhn 校验位"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a field promises, before it is a rule with an id: ``says`` follows the field's title."""

    name: str
    type: str
    indicator: str
    says: str
    kwargs: Mapping[str, Any] = dataclass_field(default_factory=dict)
    severity: Severity = Severity.WARNING
    on_fail: OnFail = OnFail.DROP

    def about(self, field: Field) -> Expectation:
        """The rule this promise makes for one field."""
        return Expectation(
            id=f"{field.name}_{self.name}",
            type=self.type,
            kwargs={"column": field.name, **self.kwargs},
            dimension=dimension_of(self.indicator),
            indicator=self.indicator,
            description=f"“{field.title}”{self.says}",
            severity=self.severity,
            on_fail=self.on_fail,
            mostly=TOLERANCE,
        )


def expectations_for(dataset: Dataset, catalog: Catalog) -> tuple[Expectation, ...]:
    """The suite of one dataset, generated rules first.

    Raises:
        CatalogError: a hand-written rule names an unknown indicator or field, or of another type.
    """
    problems = [*_wrong_rules(dataset), *_wrong_references(dataset, catalog)]
    if problems:
        raise CatalogError(problems)
    promised = (
        promise.about(each)
        for each in dataset.fields
        for promises in (*PROMISES, functools.partial(code_table, catalog=catalog))
        for promise in promises(each)
    )
    return (row_count(), *keys(dataset), *promised, *handwritten(dataset.quality.rules))


def row_count() -> Expectation:
    """A dataset has rows."""
    return Expectation(
        id="rows_present",
        type="expect_table_row_count_to_be_between",
        kwargs={"min_value": 1},
        dimension=Dimension.COMPLETENESS,
        indicator="0202",
        description="数据集应至少有 1 条数据",
        severity=Severity.CRITICAL,
        on_fail=OnFail.BLOCK,
    )


def keys(dataset: Dataset) -> Iterable[Expectation]:
    """The key fields together identify a row."""
    if not dataset.keys:
        return
    titles = "、".join(f"“{dataset.field(name).title}”" for name in dataset.keys)
    single = len(dataset.keys) == 1
    yield Expectation(
        id="_".join((*dataset.keys, "unique")),
        type=f"expect_{'column_values' if single else 'compound_columns'}_to_be_unique",
        kwargs={"column": dataset.keys[0]} if single else {"column_list": list(dataset.keys)},
        dimension=Dimension.ACCURACY,
        indicator="0304",
        description=f"{titles}应唯一标识一条数据，不得重复",
        severity=Severity.CRITICAL,
        on_fail=OnFail.DROP,
        mostly=TOLERANCE,
    )


def type_rule(field: Field) -> Iterable[Promise]:
    """What is not text must be of its type."""
    if field.type is not FieldType.TEXT:
        numpy_name, word = _TYPE_WORDS[field.type]
        yield Promise(
            name="type",
            type="expect_column_values_to_be_of_type",
            indicator="0101",
            says=f"应为{word}",
            kwargs={"type_": numpy_name},
        )


def required(field: Field) -> Iterable[Promise]:
    """A required field is filled, and so is a key."""
    if field.required or field.key:
        yield Promise(
            name="not_null",
            type="expect_column_values_to_not_be_null",
            indicator="0201",
            says="为必填项，不得为空",
            severity=Severity.CRITICAL,
        )


def code_table(field: Field, *, catalog: Catalog) -> Iterable[Promise]:
    """A coded field holds codes of its table."""
    if field.code_table is not None:
        codes = catalog.code_table(field.code_table).values
        yield Promise(
            name="in_code_table",
            type="expect_column_values_to_be_in_set",
            indicator="0105",
            says=f"应取自代码表 {field.code_table}（{len(codes)} 个代码）",
            kwargs={"value_set": [_typed(code, field.type) for code in codes]},
        )


def pattern(field: Field) -> Iterable[Promise]:
    """A field with a pattern matches it from end to end."""
    if field.pattern is not None:
        yield Promise(
            name="format",
            type="expect_column_values_to_match_regex",
            indicator="0101",
            says=f"应符合格式 {field.pattern}",
            kwargs={"regex": f"^(?:{field.pattern})$"},
        )


def limits(field: Field) -> Iterable[Promise]:
    """A field with limits lies within them."""
    ends = {"min_value": field.minimum, "max_value": field.maximum}
    given = {name: _typed(end, field.type) for name, end in ends.items() if end is not None}
    if given:
        yield Promise(
            name="range",
            type="expect_column_values_to_be_between",
            indicator="0302",
            says=f"应在 {field.minimum or '不限'} 至 {field.maximum or '不限'} 之间",
            kwargs=given,
        )


def meaning(field: Field) -> Iterable[Promise]:
    """A field that holds a national identifier holds a valid one."""
    if field.type is FieldType.TEXT and field.semantic in _IDENTIFIERS:
        name, says = _IDENTIFIERS[field.semantic]
        yield Promise(
            name=f"valid_{name}",
            type=f"expect_column_values_to_be_valid_{name}",
            indicator="0301",
            says=says,
        )


def plausible_date(field: Field) -> Iterable[Promise]:
    """A date is of our age; 2099-12-31 is how registers write "no end" and is left alone."""
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        yield Promise(
            name="plausible",
            type="expect_column_values_to_be_plausible_date",
            indicator="0301",
            says=f"应在 {EARLIEST_DATE} 至 {LATEST_DATE} 之间",
            kwargs={"min_value": EARLIEST_DATE, "max_value": LATEST_DATE},
            on_fail=OnFail.KEEP_FLAG,
        )


PROMISES = (type_rule, required, pattern, limits, meaning, plausible_date)


def handwritten(rules: Iterable[Rule]) -> Iterable[Expectation]:
    """The entry's own rules as they stand, with ids that say what they are about."""
    seen: Counter[str] = Counter()
    for rule in rules:
        name = "_".join((*columns_of(rule.kwargs), _short(rule.expect)))
        seen[name] += 1
        yield Expectation(
            id=f"rule_{name}" + (f"_{seen[name]}" if seen[name] > 1 else ""),
            type=rule.expect,
            kwargs=rule.kwargs,
            dimension=dimension_of(rule.indicator),
            indicator=rule.indicator,
            description=rule.description,
            severity=rule.severity,
            on_fail=rule.on_fail,
            mostly=rule.mostly,
        )


def _typed(text: str, type_: FieldType) -> Any:
    """A limit or a code as JSON says it: a number for numeric fields, text otherwise.

    Dates get a time of day, because Great Expectations compares times with times only.
    """
    if type_ in (FieldType.DATE, FieldType.DATETIME) and len(text) == len("2000-01-01"):
        return f"{text}T00:00:00"
    if type_ not in (FieldType.INTEGER, FieldType.DECIMAL):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() else float(number)


def _short(type_name: str) -> str:
    for prefix in ("expect_column_values_to_", "expect_column_pair_values_", "expect_column_"):
        if type_name.startswith(prefix):
            return type_name.removeprefix(prefix)
    return type_name.removeprefix("expect_")


def _wrong_rules(dataset: Dataset) -> list[Problem]:
    names = {each.name for each in dataset.fields}
    problems = []
    for number, rule in enumerate(dataset.quality.rules, start=1):
        where = f"{dataset.id} quality.rules[{number}]"
        if rule.indicator not in INDICATORS:
            allowed = ", ".join(INDICATORS)
            problems.append(
                Problem(where, f"indicator {rule.indicator!r} is not in GB/T 36344: {allowed}")
            )
        about = [each.type for each in dataset.fields if each.name in columns_of(rule.kwargs)]
        problems += [Problem(where, why) for why in wrong_fields(rule.expect, about)]
        problems += [
            Problem(where, f"{name!r} is not a field of {dataset.id}: {', '.join(sorted(names))}")
            for name in columns_of(rule.kwargs)
            if name not in names
        ]
    return problems


def _wrong_references(dataset: Dataset, catalog: Catalog) -> Iterable[Problem]:
    """Values looked up in datasets, fields or types that are not those of the catalog."""
    own = {each.name: each for each in dataset.fields}
    listed = {each.id: each for each in catalog.datasets}
    for number, rule in enumerate(dataset.quality.rules, start=1):
        where = f"{dataset.id} quality.rules[{number}]"
        if rule.expect not in REFERENCE_TYPES or not {"dataset", "field"} <= set(rule.kwargs):
            continue
        name, column = rule.kwargs["dataset"], rule.kwargs["field"]
        if name not in listed:
            yield Problem(where, f"{name!r} is not a dataset of the catalog")
            continue
        theirs = {each.name: each for each in listed[name].fields}
        ours = own.get(rule.kwargs.get("column", ""))
        if column not in theirs:
            yield Problem(where, f"{column!r} is not a field of {name}: {', '.join(theirs)}")
        elif ours and ours.type is not theirs[column].type:
            kinds = f"{ours.type.value} and {theirs[column].type.value}"
            yield Problem(where, f"{ours.name} and {name}.{column} are of two types: {kinds}")
