"""Arguments that cannot be meant: told when the catalog is loaded, before any data is looked at.

Which arguments a type takes at all is in its table (``row_rules.py``, ``table_rules.py``); here is
what may be in them, and which rules cannot be met together.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from opendata.errors import Problem
from opendata.findings import Expectation
from quality.division_codes import wrong_periods
from quality.gx_types import GX_TYPES, wrong_gx_arguments

_LENGTH_OR_COUNT = ("lengths", "count")
_RANGED = ("values_to_be_between", "value_lengths_to_be_between", "table_row_count_to_be_between")
_IN_SET = "expect_column_values_to_be_in_set"
_NOT_IN_SET = "expect_column_values_to_not_be_in_set"


def wrong_arguments(expectation: Expectation) -> Iterator[str]:
    """What is wrong with the arguments of one rule."""
    kwargs = expectation.kwargs
    yield from _wrong_range(expectation.type, kwargs)
    for name in ("value_set", "regex_list", "value_pairs_set", "column_set", "column_list"):
        if name in kwargs:
            yield from _wrong_list(name, kwargs[name])
    if not 0 <= expectation.mostly <= 1:
        yield f"mostly is {expectation.mostly}; use a number from 0 to 1"
    if kwargs.get("match_on", "any") not in ("any", "all"):
        yield f"match_on is {kwargs['match_on']!r}; use 'any' or 'all'"
    if expectation.type.endswith("_valid_division_code"):
        yield from wrong_periods(kwargs)
    if "quantile_ranges" in kwargs:
        yield from _wrong_quantiles(kwargs["quantile_ranges"])
    if expectation.type in GX_TYPES:
        yield from wrong_gx_arguments(kwargs)


def contradictions(expectations: Sequence[Expectation]) -> Iterator[Problem]:
    """Pairs of rules about one column that no value can meet."""
    by_column: dict[str | None, list[Expectation]] = {}
    for each in expectations:
        by_column.setdefault(each.column, []).append(each)
    for rules in by_column.values():
        for one, other in combinations(rules, 2):
            if one.mostly + other.mostly <= 1:
                continue  # each may be met by values of its own
            if why := _contradict(one, other) or _contradict(other, one):
                said = f"contradicts {other.id}: {why}; no value meets both"
                yield Problem(where=f"quality rule {one.id}", message=said)


def _wrong_range(type_name: str, kwargs: Mapping[str, Any]) -> Iterator[str]:
    lowest, highest = kwargs.get("min_value"), kwargs.get("max_value")
    if _asks_for_nothing(type_name, kwargs):
        yield "needs min_value or max_value; without both it asks for nothing"
    if _is_negative_count(type_name, highest):
        yield f"max_value is {highest}, which no length or count is"
    if strange := [each for each in (lowest, highest) if not _is_bound(each)]:
        yield f"{strange[0]!r} is no bound; use a number, or a date as text"
        return
    if lowest is None or highest is None:
        return
    if isinstance(lowest, str) != isinstance(highest, str):
        yield f"min_value {lowest!r} and max_value {highest!r} are not of one kind"
    elif lowest > highest:
        yield f"the range is impossible: min_value {lowest!r} is above max_value {highest!r}"
    elif lowest == highest and (kwargs.get("strict_min") or kwargs.get("strict_max")):
        yield f"the range is impossible: strictly between {lowest!r} and itself is nothing"


def _asks_for_nothing(type_name: str, kwargs: Mapping[str, Any]) -> bool:
    ranged = type_name.endswith("_between") and "quantile" not in type_name
    return ranged and kwargs.get("min_value") is None and kwargs.get("max_value") is None


def _is_bound(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | str) and value is not True)


def _is_negative_count(type_name: str, highest: Any) -> bool:
    counted = any(word in type_name for word in _LENGTH_OR_COUNT)
    return counted and isinstance(highest, int | float) and highest < 0


def _wrong_list(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield f"{name} is not a list"
    elif not any(each is not None for each in value):
        yield f"{name} is empty, so no value can meet the rule"
    elif name == "value_pairs_set":
        if not all(isinstance(each, list | tuple) and len(each) == 2 for each in value):
            yield "value_pairs_set is not a list of pairs"
    elif name == "value_set" and len({isinstance(x, str) for x in value if x is not None}) > 1:
        yield "value_set mixes text with numbers"


def _wrong_quantiles(ranges: Any) -> Iterator[str]:
    if not isinstance(ranges, Mapping) or {"quantiles", "value_ranges"} - set(ranges):
        yield "quantile_ranges needs quantiles and value_ranges"
        return
    shares, ends = ranges["quantiles"], ranges["value_ranges"]
    if not shares or len(shares) != len(ends):
        yield "quantile_ranges needs as many value_ranges as quantiles, and at least one"
    if not all(isinstance(each, int | float) and 0 <= each <= 1 for each in shares):
        yield "quantiles are numbers from 0 to 1"
    for pair in ends:
        if not _is_numeric_range(pair):
            yield f"the range {pair!r} of a quantile is impossible"


def _is_numeric_range(pair: Any) -> bool:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return False
    numbers = [each for each in pair if each is not None]
    if not all(isinstance(each, int | float) for each in numbers):
        return False
    return len(numbers) < 2 or numbers[0] <= numbers[1]


def _contradict(one: Expectation, other: Expectation) -> str:
    kinds = (one.type, other.type)
    if kinds == ("expect_column_values_to_be_null", "expect_column_values_to_not_be_null"):
        return "a value is to be there and not to be there"
    if kinds == (_IN_SET, _IN_SET) and not _values(one) & _values(other):
        return "their sets have no value in common"
    if kinds == (_IN_SET, _NOT_IN_SET) and _values(one) <= _values(other):
        return "every allowed value is forbidden"
    if one.type == other.type and one.type.endswith(_RANGED) and _apart(one.kwargs, other.kwargs):
        return "their ranges do not meet"
    return ""


def _values(expectation: Expectation) -> set[str]:
    return set(map(repr, expectation.kwargs.get("value_set") or ()))


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the first range ends before the second begins."""
    highest, lowest = one.get("max_value"), other.get("min_value")
    if isinstance(highest, str) and isinstance(lowest, str):
        return highest < lowest
    if isinstance(highest, int | float) and isinstance(lowest, int | float):
        return highest < lowest
    return False
