"""Table rules: one number over a whole column or table, and whether it is what was promised.

Each type is a handful of aggregates (all rules share one scan) and a verdict over their values.
Meanings follow Great Expectations' pandas engine. Rules about single rows are ``row_rules.py``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import inf, isfinite
from typing import Any

from opendata.sql_text import quoted
from quality.row_rules import Kwargs, outside

Filled = Mapping[str, int]
"""How many values columns have, of those whose file tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a table rule saw. ``shown`` may stand in a report; None where it is a data value."""

    success: bool
    shown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableType:
    """A Great Expectations type: its aggregates, its verdict and its arguments.

    ``aggregates`` may be told how many values a column has, by its name. The verdict is given their
    values; where the rule is ``about_columns``, the names of the table's columns in order.
    """

    aggregates: Callable[[Kwargs, Filled], tuple[str, ...]]
    verdict: Callable[[Kwargs, Sequence[Any]], Observed]
    needs: frozenset[str]
    allows: frozenset[str] = frozenset()
    about_columns: bool = False


def inside(value: Any, kwargs: Kwargs) -> bool:
    """Whether an aggregate lies in ``min_value`` .. ``max_value``; nothing never does."""
    if value is None:
        return False
    lowest, highest = (_like(kwargs.get(end), value) for end in ("min_value", "max_value"))
    over = lowest is None or (value > lowest if kwargs.get("strict_min") else value >= lowest)
    under = highest is None or (value < highest if kwargs.get("strict_max") else value <= highest)
    return bool(over and under)


def _like(bound: Any, value: Any) -> Any:
    """A bound from JSON in the type of the value it is compared with."""
    if bound is None:
        return None
    if isinstance(bound, str) and isinstance(value, date):
        moment = datetime.fromisoformat(bound)
        return moment if isinstance(value, datetime) else moment.date()
    return Decimal(str(bound)) if isinstance(value, Decimal) else bound


def _counted(aggregate: str) -> Callable[[Kwargs, Filled], tuple[str, ...]]:
    return lambda kwargs, _: (aggregate.format(x=quoted(kwargs.get("column", ""))),)


def _count_in_range(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    return Observed(success=inside(values[0], kwargs), shown=str(values[0]))


def _count_equals(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    return Observed(success=values[0] == kwargs["value"], shown=str(values[0]))


def _value_in_range(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    # A minimum is somebody's value and a mean of one row is too: neither is shown.
    return Observed(success=inside(values[0], kwargs))


def _share_in_range(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    part, whole = values
    share = part / whole if whole else 0.0
    return Observed(success=inside(share, kwargs), shown=f"{share:.6f}")


def _distinct_against_set(kwargs: Kwargs, _: Filled) -> tuple[str, ...]:
    column = quoted(kwargs["column"])
    strange = outside(column, kwargs["value_set"])
    return (
        f"count(distinct {column}) filter (where {column} is not null and {strange})",
        f"count(distinct {column}) filter (where {column} is not null and not ({strange}))",
    )


def _no_stranger(_: Kwargs, values: Sequence[Any]) -> Observed:
    return Observed(success=values[0] == 0, shown=f"集合外取值 {values[0]} 种")


def _all_present(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    absent = len(set(kwargs["value_set"])) - values[1]
    return Observed(success=absent == 0, shown=f"集合内缺少 {absent} 种取值")


def _same_set(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    success = _no_stranger(kwargs, values).success and _all_present(kwargs, values).success
    return Observed(success=success, shown=f"集合外 {values[0]} 种、集合内 {values[1]} 种取值")


def _modes(kwargs: Kwargs, _: Filled) -> tuple[str, ...]:
    """How many values are the most common ones, and how many of those are in the set."""
    times = f"histogram({quoted(kwargs['column'])})"
    most = f"list_max(map_values({times}))"
    modes = f"list_filter(map_entries({times}), lambda each: each.value = {most})"
    known = f"list_filter({modes}, lambda each: not ({outside('each.key', kwargs['value_set'])}))"
    return f"coalesce(len({modes}), 0)", f"coalesce(len({known}), 0)"


def _mode_in_set(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    modes, known = values
    success = known > 0 if kwargs.get("ties_okay") else (modes, known) == (1, 1)
    return Observed(success=success, shown=f"众数 {modes} 个，其中集合内 {known} 个")


def _quantiles(kwargs: Kwargs, filled: Filled) -> tuple[str, ...]:
    """The values at the nearest rank, halves to the even one; not interpolated, as NumPy does.

    Where it is known how many there are, DuckDB selects them; otherwise it has to sort them.
    """
    name, shares = kwargs["column"], kwargs["quantile_ranges"]["quantiles"]
    column, count = quoted(name), filled.get(name)
    if count:
        ranks = [(round(share * (count - 1)) + 0.5) / count for share in shares]
        return (f"quantile_disc({column}, {ranks})::double[]",)
    ordered = f"list_sort(list({column}) filter (where {column} is not null))"
    rank = f"round_even(share * (count({column}) - 1), 0)::bigint + 1"
    return (f"list_transform({shares}, lambda share: {ordered}[{rank}])::double[]",)


def _quantiles_in_range(kwargs: Kwargs, values: Sequence[Any]) -> Observed:
    ranges = kwargs["quantile_ranges"]["value_ranges"]
    found = values[0] or [None] * len(ranges)
    # A quantile is somebody's value: which of them is outside may be told, the value not.
    met = [_near(value, *ends) for value, ends in zip(found, ranges, strict=True)]
    return Observed(success=all(met), shown=f"{sum(met)}/{len(met)} 个分位数在范围内")


def _near(value: float | None, lowest: float | None, highest: float | None) -> bool:
    """Whether a quantile lies in its range, a ten-thousandth of an end beyond it included."""
    if value is None:
        return False
    low = -inf if lowest is None else lowest
    high = inf if highest is None else highest
    close = any(abs(value - end) <= 1e-8 + 1e-4 * abs(end) for end in (low, high) if isfinite(end))
    return close or low <= value <= high


def _columns_match_set(kwargs: Kwargs, columns: Sequence[Any]) -> Observed:
    absent = set(kwargs["column_set"]) - set(columns)
    strange = set(columns) - set(kwargs["column_set"]) if kwargs.get("exact_match", True) else ()
    said = f"缺少 {len(absent)} 列，多出 {len(strange)} 列"
    return Observed(success=not absent and not strange, shown=said)


def _columns_match_list(kwargs: Kwargs, columns: Sequence[Any]) -> Observed:
    return Observed(success=list(columns) == kwargs["column_list"], shown=f"{len(columns)} 列")


def _column_count_in_range(kwargs: Kwargs, columns: Sequence[Any]) -> Observed:
    return Observed(success=inside(len(columns), kwargs), shown=f"{len(columns)} 列")


def _column_count_equals(kwargs: Kwargs, columns: Sequence[Any]) -> Observed:
    return Observed(success=len(columns) == kwargs["value"], shown=f"{len(columns)} 列")


def _column_exists(kwargs: Kwargs, columns: Sequence[Any]) -> Observed:
    # As Great Expectations reads it: an index of 0 is no index.
    if place := kwargs.get("column_index"):
        return Observed(success=columns[place : place + 1] == (kwargs["column"],))
    return Observed(success=kwargs["column"] in columns)


_ONE = frozenset({"column"})
_RANGE = frozenset({"min_value", "max_value"})
_STRICT_RANGE = _RANGE | {"strict_min", "strict_max"}
_SET = frozenset({"column", "value_set"})


def _range_of(aggregate: str) -> TableType:
    return TableType(
        aggregates=_counted(aggregate), verdict=_value_in_range, needs=_ONE, allows=_STRICT_RANGE
    )


def _share_of(part: str, whole: str) -> TableType:
    def aggregates(kwargs: Kwargs, filled: Filled) -> tuple[str, ...]:
        return _counted(part)(kwargs, filled) + _counted(whole)(kwargs, filled)

    return TableType(
        aggregates=aggregates, verdict=_share_in_range, needs=_ONE, allows=_STRICT_RANGE
    )


def _set_rule(verdict: Callable[[Kwargs, Sequence[Any]], Observed]) -> TableType:
    return TableType(aggregates=_distinct_against_set, verdict=verdict, needs=_SET)


def _about_columns(
    verdict: Callable[[Kwargs, Sequence[Any]], Observed], *needs: str, allows: Iterable[str] = ()
) -> TableType:
    return TableType(
        aggregates=lambda *_: (),
        verdict=verdict,
        needs=frozenset(needs),
        allows=frozenset(allows),
        about_columns=True,
    )


TABLE_TYPES: Mapping[str, TableType] = {
    "expect_table_columns_to_match_set": _about_columns(
        _columns_match_set, "column_set", allows={"exact_match"}
    ),
    "expect_table_columns_to_match_ordered_list": _about_columns(
        _columns_match_list, "column_list"
    ),
    "expect_table_column_count_to_equal": _about_columns(_column_count_equals, "value"),
    "expect_table_column_count_to_be_between": _about_columns(
        _column_count_in_range, allows=_RANGE
    ),
    "expect_column_to_exist": _about_columns(_column_exists, "column", allows={"column_index"}),
    "expect_column_most_common_value_to_be_in_set": TableType(
        aggregates=_modes, verdict=_mode_in_set, needs=_SET, allows=frozenset({"ties_okay"})
    ),
    "expect_column_quantile_values_to_be_between": TableType(
        aggregates=_quantiles,
        verdict=_quantiles_in_range,
        needs=_ONE | {"quantile_ranges"},
    ),
    "expect_table_row_count_to_be_between": TableType(
        aggregates=_counted("count(*)"),
        verdict=_count_in_range,
        needs=frozenset(),
        allows=_STRICT_RANGE,
    ),
    "expect_table_row_count_to_equal": TableType(
        aggregates=_counted("count(*)"), verdict=_count_equals, needs=frozenset({"value"})
    ),
    "expect_column_unique_value_count_to_be_between": TableType(
        aggregates=_counted("count(distinct {x})"),
        verdict=_count_in_range,
        needs=_ONE,
        allows=_STRICT_RANGE,
    ),
    "expect_column_min_to_be_between": _range_of("min({x})"),
    "expect_column_max_to_be_between": _range_of("max({x})"),
    "expect_column_mean_to_be_between": _range_of("avg({x})"),
    "expect_column_median_to_be_between": _range_of("median({x})"),
    "expect_column_sum_to_be_between": _range_of("coalesce(sum({x}), 0)"),
    "expect_column_stdev_to_be_between": _range_of("stddev_samp({x})"),
    "expect_column_proportion_of_non_null_values_to_be_between": _share_of(
        "count({x})", "count(*)"
    ),
    "expect_column_proportion_of_unique_values_to_be_between": _share_of(
        "count(distinct {x})", "count({x})"
    ),
    "expect_column_distinct_values_to_be_in_set": _set_rule(_no_stranger),
    "expect_column_distinct_values_to_contain_set": _set_rule(_all_present),
    "expect_column_distinct_values_to_equal_set": _set_rule(_same_set),
}
