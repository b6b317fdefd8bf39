"""The plan: how a suite is evaluated, decided once from the expectations alone.

Row rules become bits of the flag columns, written while the standardised Parquet is written;
rules about other rows (uniqueness) get a bit too, set afterwards if at all; table rules become
aggregates that share one scan; what no SQL of ours says is left to Great Expectations itself
(``gx_types.py``). No data is touched here. Running a plan is ``judge.py``.
"""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from opendata.errors import CatalogError, Problem
from opendata.findings import Expectation
from opendata.sql_text import quoted
from opendata.vocabulary import OnFail
from quality.arguments import contradictions, wrong_arguments
from quality.gx_types import GX_TYPES, NOT_ON_PANDAS
from quality.references import REFERENCE_TYPES
from quality.row_rules import ROW_TYPES, Condition, bad_flag, missing_together
from quality.table_rules import TABLE_TYPES, TableType

BITS_PER_WORD = 63
UNIQUE_TYPES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "expect_column_values_to_be_unique": (frozenset({"column"}), frozenset()),
    "expect_compound_columns_to_be_unique": (
        frozenset({"column_list"}),
        frozenset({"ignore_row_if"}),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bit:
    """A place in the flag columns: ``_dq``, then ``_dq1`` and on in suites past 63 row rules."""

    word: str
    value: int

    @property
    def is_set(self) -> str:
        """Whether a row carries this bit."""
        return f"({quoted(self.word)} & {self.value}) <> 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """One expectation with its condition; ``condition`` is None where other rows decide."""

    expectation: Expectation
    bit: Bit
    condition: Condition | None
    missing: str | None

    @property
    def drops(self) -> bool:
        """Whether a row that breaks it becomes 问题数据."""
        return self.expectation.on_fail is OnFail.DROP


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueRule:
    """A rule that no two rows share the same key; rows where ``missing`` holds are left out."""

    row_rule: RowRule
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """One expectation over the whole table, with its type's aggregates and verdict."""

    expectation: Expectation
    type: TableType


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A suite ready to run; ``expectations`` keeps the suite's order.

    ``gx_rules`` are those that Great Expectations judges itself, in a process of its own.
    """

    expectations: tuple[Expectation, ...]
    row_rules: tuple[RowRule, ...]
    unique_rules: tuple[UniqueRule, ...]
    table_rules: tuple[TableRule, ...]
    reference_rules: tuple[Expectation, ...] = ()
    gx_rules: tuple[Expectation, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The flag columns, at least ``_dq``."""
        return tuple(dict.fromkeys(["_dq", *(rule.bit.word for rule in self.row_rules)]))

    def mask(self, word: str) -> str:
        """The SQL of one flag column, before uniqueness is known."""
        broken = {
            rule.bit.value: f"({rule.condition.broken})"
            for rule in self.row_rules
            if rule.condition is not None and rule.bit.word == word
        }
        if not broken:
            return "0::bigint"
        bits = " + ".join(f"{test}::bigint * {bit}" for bit, test in broken.items())
        # The sum is worked out for rows that break something, which are few.
        return f"case when {' or '.join(broken.values())} then {bits} else 0::bigint end"

    @property
    def dropping(self) -> str:
        """Whether a row breaks any rule that makes it 问题数据, read off the flag columns."""
        masks = dict.fromkeys(self.words, 0)
        for rule in self.row_rules:
            masks[rule.bit.word] += rule.bit.value if rule.drops else 0
        tests = (f"({quoted(word)} & {mask}) <> 0" for word, mask in masks.items() if mask)
        return "(" + (" or ".join(tests) or "false") + ")"


def plan(expectations: Sequence[Expectation], *, casts: tuple[str, ...] = ()) -> Plan:
    """Decide how to evaluate a suite over a model that flags the casts named in ``casts``.

    Raises:
        CatalogError: a type is not supported, an argument is missing or unknown, a pattern is not
            RE2, or a cast that can fail has no rule to catch it; every problem is listed.
    """
    problems = [
        *_wrong_expectations(expectations),
        *contradictions(expectations),
        *_shared_ids(expectations),
        *_uncaught_casts(expectations, casts),
    ]
    if problems:
        raise CatalogError(problems)
    row_rules = tuple(
        _row_rule(each, place, casts) for place, each in enumerate(filter(_is_row, expectations))
    )
    return Plan(
        expectations=tuple(expectations),
        row_rules=row_rules,
        unique_rules=tuple(
            UniqueRule(row_rule=rule, columns=_key_columns(rule.expectation.kwargs))
            for rule in row_rules
            if rule.expectation.type in UNIQUE_TYPES
        ),
        table_rules=tuple(
            TableRule(expectation=each, type=TABLE_TYPES[each.type])
            for each in expectations
            if each.type in TABLE_TYPES
        ),
        reference_rules=tuple(each for each in expectations if each.type in REFERENCE_TYPES),
        gx_rules=tuple(each for each in expectations if each.type in GX_TYPES),
    )


def supported_types() -> tuple[str, ...]:
    """Every expectation type a suite may use, sorted."""
    compiled = {*ROW_TYPES, *UNIQUE_TYPES, *TABLE_TYPES, *REFERENCE_TYPES}
    return tuple(sorted(compiled | set(GX_TYPES)))


def is_evaluated(expectation: Expectation) -> bool:
    """Whether a plan could hold this expectation: its type is known and its arguments fit."""
    return not _wrong_names(expectation)


def _is_row(expectation: Expectation) -> bool:
    return expectation.type in ROW_TYPES or expectation.type in UNIQUE_TYPES


def _row_rule(expectation: Expectation, place: int, casts: tuple[str, ...]) -> RowRule:
    word, bit = divmod(place, BITS_PER_WORD)
    condition = _condition(expectation, casts) if expectation.type in ROW_TYPES else None
    return RowRule(
        expectation=expectation,
        bit=Bit(word="_dq" + (str(word) if word else ""), value=1 << bit),
        condition=condition,
        missing=condition.missing if condition else _key_missing(expectation.kwargs),
    )


def _condition(expectation: Expectation, casts: tuple[str, ...]) -> Condition:
    condition = ROW_TYPES[expectation.type].compiled(expectation.kwargs)
    flagged = expectation.column in casts
    if expectation.type == "expect_column_values_to_be_of_type" and not flagged:
        return Condition(broken="false", missing=condition.missing)
    if expectation.type == "expect_column_values_to_not_be_null" and flagged:
        # Text that is not of the type is somebody's answer: wrong, but not missing.
        spared = f"not coalesce({bad_flag(expectation.kwargs['column'])}, false)"
        return Condition(broken=f"{condition.broken} and {spared}")
    return condition


def _key_columns(kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(kwargs.get("column_list") or (kwargs["column"],))


def _key_missing(kwargs: Mapping[str, Any]) -> str | None:
    columns = tuple(map(quoted, _key_columns(kwargs)))
    return missing_together(columns, kwargs.get("ignore_row_if", "all_values_are_missing"))


def _wrong_expectations(expectations: Sequence[Expectation]) -> list[Problem]:
    return [
        Problem(where=f"quality rule {each.id}", message=message)
        for each in expectations
        for message in (*_wrong_names(each), *wrong_arguments(each), *_wrong_patterns(each))
    ]


def _wrong_names(expectation: Expectation) -> list[str]:
    if why := NOT_ON_PANDAS.get(expectation.type):
        return [f"{expectation.type} is not evaluated, not by Great Expectations either: {why}"]
    arguments = _arguments(expectation.type)
    if arguments is None:
        return [
            f"{expectation.type} is not an expectation we evaluate; use one of "
            + ", ".join(supported_types())
        ]
    needs, allows = arguments
    given = set(expectation.kwargs)
    return [
        *_wrong_consequences(expectation),
        *(f"{expectation.type} needs the argument {name}" for name in sorted(needs - given)),
        *(
            f"{expectation.type} does not take {name}; it takes {', '.join(sorted(needs | allows))}"
            for name in sorted(given - needs - allows)
        ),
    ]


def _wrong_consequences(expectation: Expectation) -> Iterator[str]:
    """What a rule of this type cannot do with the rows that break it."""
    kind = expectation.type
    by_gx = GX_TYPES.get(kind)
    if (kind in TABLE_TYPES or (by_gx and by_gx.of_column)) and expectation.mostly < 1:
        about = "table" if kind in TABLE_TYPES else "column"
        yield f"{kind} is about the whole {about} and takes no mostly"
    if (kind in REFERENCE_TYPES or by_gx) and expectation.on_fail is OnFail.DROP:
        yield f"{kind} counts rows and sets none aside; use on_fail keep_flag or block"


def _arguments(type_name: str) -> tuple[frozenset[str], frozenset[str]] | None:
    if arguments := {**UNIQUE_TYPES, **REFERENCE_TYPES}.get(type_name):
        return arguments
    known = ROW_TYPES.get(type_name) or TABLE_TYPES.get(type_name) or GX_TYPES.get(type_name)
    return (known.needs, known.allows) if known else None


def _wrong_patterns(expectation: Expectation) -> list[str]:
    given = (expectation.kwargs.get("regex"), *(expectation.kwargs.get("regex_list") or ()))
    return [
        f"the pattern {pattern!r} is not RE2: look-around and back-references do not exist"
        for pattern in given
        if isinstance(pattern, str) and not _is_re2(pattern)
    ]


@functools.cache
def _is_re2(pattern: str) -> bool:
    with duckdb.connect() as con:
        try:
            con.execute("select regexp_matches('', ?)", [pattern]).fetchall()
        except duckdb.Error:
            return False
    return True


def _shared_ids(expectations: Sequence[Expectation]) -> list[Problem]:
    times = Counter(each.id for each in expectations)
    return [
        Problem(where=f"quality rule {rule_id}", message="the suite has this id more than once")
        for rule_id, count in times.items()
        if count > 1
    ]


def _uncaught_casts(expectations: Sequence[Expectation], casts: tuple[str, ...]) -> list[Problem]:
    caught = {
        each.column for each in expectations if each.type == "expect_column_values_to_be_of_type"
    }
    return [
        Problem(
            where=f"field {name}",
            message="its cast can fail but no expect_column_values_to_be_of_type says what then",
        )
        for name in casts
        if name not in caught
    ]
