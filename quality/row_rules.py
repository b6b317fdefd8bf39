"""Row rules: what "this row breaks the rule" means in SQL, for every row type we compile.

Meanings follow Great Expectations' pandas engine, nulls included (its engines disagree with one
another: ``docs/gx-differences.md``). Add a type here when one row can be judged by looking at it
alone; a rule about the whole column is ``table_rules.py``, one about other rows ``duplicates.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from opendata.check_digits import (
    Steps,
    bank_card_broken,
    citizen_id_broken,
    mobile_broken,
    uscc_broken,
)
from opendata.sql_text import literal, quoted
from quality.division_codes import ARGUMENTS, DIVISION_SHAPE, codes_in_force

Kwargs = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A row rule in SQL: ``broken`` is never null; rows where ``missing`` holds are not judged.

    ``steps`` are aliases that ``broken`` needs in the SELECT list below it.
    """

    broken: str
    missing: str | None = None
    steps: Steps = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowType:
    """A Great Expectations type: how it compiles, and the arguments it must and may have."""

    compiled: Callable[[Kwargs], Condition]
    needs: frozenset[str]
    allows: frozenset[str] = frozenset()


def columns_of(kwargs: Kwargs) -> tuple[str, ...]:
    """Every column of the table a rule is about."""
    single = tuple(kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs)
    return (*single, *kwargs.get("column_list", ()))


def not_null(kwargs: Kwargs) -> Condition:
    """The value must be there."""
    return Condition(broken=f"{_column(kwargs)} is null")


def null(kwargs: Kwargs) -> Condition:
    """The value must not be there."""
    return Condition(broken=f"{_column(kwargs)} is not null")


def of_type(kwargs: Kwargs) -> Condition:
    """The source text must be of the declared type: the SQL room flagged where a cast failed."""
    return _about(kwargs, f"coalesce({bad_flag(kwargs['column'])}, false)")


def bad_flag(column: str) -> str:
    """The SQL room's flag for "text was there, the value is not of the type"."""
    return quoted(f"_bad_{column}")


def in_set(kwargs: Kwargs) -> Condition:
    """The value must be one of the set."""
    column = _column(kwargs)
    return _about(kwargs, f"{column} is not null and {outside(column, kwargs['value_set'])}")


def not_in_set(kwargs: Kwargs) -> Condition:
    """The value must be none of the set."""
    column = _column(kwargs)
    return _about(kwargs, f"{column} is not null and not ({outside(column, kwargs['value_set'])})")


def outside(column: str, values: list[Any]) -> str:
    """Whether a non-null value lies outside a set.

    Text goes through an ENUM: looking a word up in one costs a twelfth of an IN list of twenty
    words, and a code table of 3,500 costs hardly more than one of twenty.
    """
    known = list(dict.fromkeys(each for each in values if each is not None))
    listed = ", ".join(map(literal, known))
    if not known:
        return "true"
    if all(isinstance(each, str) for each in known):
        return f"try_cast({column}::varchar as enum ({listed})) is null"
    return f"{column} not in ({listed})"


def regex(kwargs: Kwargs) -> Condition:
    """The value must match somewhere (patterns anchor themselves); RE2 syntax."""
    return _about(kwargs, f"coalesce(not {_matches(kwargs)}, false)")


def not_regex(kwargs: Kwargs) -> Condition:
    """The value must match nowhere; RE2 syntax."""
    return _about(kwargs, f"coalesce({_matches(kwargs)}, false)")


def regex_list(kwargs: Kwargs) -> Condition:
    """The value must match one of the patterns somewhere, or all of them."""
    glue = " and " if kwargs.get("match_on") == "all" else " or "
    return _about(kwargs, f"coalesce(not ({glue.join(_each_match(kwargs))}), false)")


def not_regex_list(kwargs: Kwargs) -> Condition:
    """The value must match none of the patterns anywhere."""
    return _about(kwargs, f"coalesce({' or '.join(_each_match(kwargs))}, false)")


def division_code(kwargs: Kwargs) -> Condition:
    """The value must be built as a division code is, and in force in the rule's year."""
    column, codes = _column(kwargs), codes_in_force(kwargs)
    misshapen = f"not regexp_full_match({column}::varchar, {literal(DIVISION_SHAPE)})"
    unknown = "false" if codes is None else outside(column, codes)
    return _about(kwargs, f"coalesce({misshapen} or ({column} is not null and {unknown}), false)")


def between(kwargs: Kwargs) -> Condition:
    """The value must lie in a range; bounds count unless strict."""
    return _about(kwargs, f"coalesce({beyond(_column(kwargs), kwargs)}, false)")


def beyond(value: str, kwargs: Kwargs) -> str:
    """Whether a value lies outside ``min_value`` .. ``max_value``."""
    lowest, highest = kwargs.get("min_value"), kwargs.get("max_value")
    below = "<=" if kwargs.get("strict_min") else "<"
    above = ">=" if kwargs.get("strict_max") else ">"
    sides = (
        *((f"{value} {below} {literal(lowest)}",) if lowest is not None else ()),
        *((f"{value} {above} {literal(highest)}",) if highest is not None else ()),
    )
    return " or ".join(sides) or "false"


def length_between(kwargs: Kwargs) -> Condition:
    """The number of characters must lie in a range."""
    return _about(kwargs, f"coalesce({beyond(f'length({_column(kwargs)})', kwargs)}, false)")


def length_equal(kwargs: Kwargs) -> Condition:
    """The number of characters must be exactly this."""
    exact = f"length({_column(kwargs)}) <> {literal(kwargs['value'])}"
    return _about(kwargs, f"coalesce({exact}, false)")


def a_greater_than_b(kwargs: Kwargs) -> Condition:
    """A must exceed B; with one of the two missing the row breaks the rule."""
    return _pair(kwargs, ">=" if kwargs.get("or_equal") else ">")


def a_equals_b(kwargs: Kwargs) -> Condition:
    """A must equal B; with one of the two missing the row breaks the rule."""
    return _pair(kwargs, "=")


def pair_in_set(kwargs: Kwargs) -> Condition:
    """A and B together must be one of the pairs; a pair may hold null."""
    a, b = pair = (quoted(kwargs["column_A"]), quoted(kwargs["column_B"]))
    same = "is not distinct from"
    listed = " or ".join(
        f"({a} {same} {literal(one)} and {b} {same} {literal(other)})"
        for one, other in kwargs["value_pairs_set"]
    )
    rule = kwargs.get("ignore_row_if", "both_values_are_missing")
    return _unless_missing(f"not ({listed})", pair, rule)


def sum_equals(kwargs: Kwargs) -> Condition:
    """The columns must add up to a total; with one of them missing they do not."""
    columns = tuple(map(quoted, kwargs["column_list"]))
    equal = f"{' + '.join(columns)} = {literal(kwargs['sum_total'])}"
    return _several(kwargs, columns, f"not coalesce({equal}, false)")


def unique_within_record(kwargs: Kwargs) -> Condition:
    """No two of the columns may hold the same value in one row; two missing values are the same."""
    columns = tuple(map(quoted, kwargs["column_list"]))
    same = " or ".join(f"{a} is not distinct from {b}" for a, b in combinations(columns, 2))
    return _several(kwargs, columns, f"({same or 'false'})")


def missing_together(columns: tuple[str, ...], rule: str) -> str | None:
    """Which rows a rule over several columns leaves out (``ignore_row_if``)."""
    if rule in ("never", "neither"):
        return None
    glue = " or " if rule in ("any_value_is_missing", "either_value_is_missing") else " and "
    return "(" + glue.join(f"{column} is null" for column in columns) + ")"


def _column(kwargs: Kwargs) -> str:
    return quoted(kwargs["column"])


def _matches(kwargs: Kwargs) -> str:
    return f"regexp_matches({_column(kwargs)}::varchar, {literal(kwargs['regex'])})"


def _each_match(kwargs: Kwargs) -> list[str]:
    return [_matches({**kwargs, "regex": each}) for each in kwargs["regex_list"]]


def _about(kwargs: Kwargs, broken: str) -> Condition:
    return Condition(broken=broken, missing=f"{_column(kwargs)} is null")


def _pair(kwargs: Kwargs, sign: str) -> Condition:
    pair = (quoted(kwargs["column_A"]), quoted(kwargs["column_B"]))
    broken = f"not coalesce({pair[0]} {sign} {pair[1]}, false)"
    return _unless_missing(broken, pair, kwargs.get("ignore_row_if", "both_values_are_missing"))


def _several(kwargs: Kwargs, columns: tuple[str, ...], broken: str) -> Condition:
    return _unless_missing(broken, columns, kwargs.get("ignore_row_if", "all_values_are_missing"))


def _unless_missing(broken: str, columns: tuple[str, ...], rule: str) -> Condition:
    missing = missing_together(columns, rule)
    judged = broken if missing is None else f"not {missing} and {broken}"
    return Condition(broken=judged, missing=missing)


def _checked(steps_of: Callable[[str], Steps]) -> Callable[[Kwargs], Condition]:
    def compiled(kwargs: Kwargs) -> Condition:
        steps = steps_of(kwargs["column"])
        condition = _about(kwargs, f"coalesce({steps[-1][0]}, false)")
        return Condition(broken=condition.broken, missing=condition.missing, steps=steps)

    return compiled


_ONE = frozenset({"column"})
_PAIR = frozenset({"column_A", "column_B"})
_LIST = frozenset({"column_list"})
_RANGE = frozenset({"min_value", "max_value", "strict_min", "strict_max"})
_IGNORE = frozenset({"ignore_row_if"})

ROW_TYPES: Mapping[str, RowType] = {
    "expect_column_values_to_not_be_null": RowType(compiled=not_null, needs=_ONE),
    "expect_column_values_to_be_null": RowType(compiled=null, needs=_ONE),
    "expect_column_values_to_be_of_type": RowType(compiled=of_type, needs=_ONE | {"type_"}),
    "expect_column_values_to_be_in_set": RowType(compiled=in_set, needs=_ONE | {"value_set"}),
    "expect_column_values_to_not_be_in_set": RowType(
        compiled=not_in_set, needs=_ONE | {"value_set"}
    ),
    "expect_column_values_to_match_regex": RowType(compiled=regex, needs=_ONE | {"regex"}),
    "expect_column_values_to_not_match_regex": RowType(compiled=not_regex, needs=_ONE | {"regex"}),
    "expect_column_values_to_match_regex_list": RowType(
        compiled=regex_list, needs=_ONE | {"regex_list"}, allows=frozenset({"match_on"})
    ),
    "expect_column_values_to_not_match_regex_list": RowType(
        compiled=not_regex_list, needs=_ONE | {"regex_list"}
    ),
    "expect_column_values_to_be_between": RowType(compiled=between, needs=_ONE, allows=_RANGE),
    "expect_column_value_lengths_to_be_between": RowType(
        compiled=length_between, needs=_ONE, allows=_RANGE
    ),
    "expect_column_value_lengths_to_equal": RowType(compiled=length_equal, needs=_ONE | {"value"}),
    "expect_column_pair_values_a_to_be_greater_than_b": RowType(
        compiled=a_greater_than_b, needs=_PAIR, allows=_IGNORE | {"or_equal"}
    ),
    "expect_column_pair_values_to_be_equal": RowType(
        compiled=a_equals_b, needs=_PAIR, allows=_IGNORE
    ),
    "expect_column_pair_values_to_be_in_set": RowType(
        compiled=pair_in_set, needs=_PAIR | {"value_pairs_set"}, allows=_IGNORE
    ),
    "expect_multicolumn_sum_to_equal": RowType(
        compiled=sum_equals, needs=_LIST | {"sum_total"}, allows=_IGNORE
    ),
    "expect_select_column_values_to_be_unique_within_record": RowType(
        compiled=unique_within_record, needs=_LIST, allows=_IGNORE
    ),
    "expect_column_values_to_be_valid_uscc": RowType(compiled=_checked(uscc_broken), needs=_ONE),
    "expect_column_values_to_be_valid_citizen_id": RowType(
        compiled=_checked(citizen_id_broken), needs=_ONE
    ),
    "expect_column_values_to_be_valid_mobile": RowType(
        compiled=_checked(mobile_broken), needs=_ONE
    ),
    "expect_column_values_to_be_valid_bank_card": RowType(
        compiled=_checked(bank_card_broken), needs=_ONE
    ),
    "expect_column_values_to_be_valid_division_code": RowType(
        compiled=division_code, needs=_ONE, allows=ARGUMENTS
    ),
    "expect_column_values_to_be_plausible_date": RowType(
        compiled=between, needs=_ONE | {"min_value", "max_value"}
    ),
}
