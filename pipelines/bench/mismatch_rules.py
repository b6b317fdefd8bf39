"""Rules of every compiled type, with the arguments that tell right from nearly right.

They ask about the columns of ``mismatch_tables.py``.
"""

from typing import Any

from opendata.findings import Expectation
from opendata.vocabulary import Dimension, OnFail, Severity
from quality.references import REFERENCE_TYPES
from quality.table_rules import TABLE_TYPES

PERIODS = [["610102", 1995, None], ["110101", 1980, 2016], ["610100", 2018, None]]
NOT_COMPARED = {"expect_column_values_to_be_of_type"}
"""Ours asks whether source text could be cast, theirs what the type of the frame is."""

COMPARED: dict[str, tuple[dict[str, Any], ...]] = {
    "expect_column_values_to_not_be_null": ({"column": "s"}, {"column": "d"}),
    "expect_column_values_to_be_null": ({"column": "e"}, {"column": "t"}),
    "expect_column_values_to_be_unique": ({"column": "s"}, {"column": "d"}),
    "expect_compound_columns_to_be_unique": (
        {"column_list": ["s", "n"]},
        {"column_list": ["s", "t"], "ignore_row_if": "any_value_is_missing"},
        {"column_list": ["n", "t"], "ignore_row_if": "never"},
    ),
    "expect_column_values_to_be_in_set": (
        {"column": "s", "value_set": ["a", "中文", ""]},
        {"column": "n", "value_set": [1, 2, 3]},
    ),
    "expect_column_values_to_not_be_in_set": ({"column": "s", "value_set": ["a", "中文"]},),
    "expect_column_values_to_match_regex": (
        {"column": "s", "regex": "^[ab]{1,2}$"},
        {"column": "s", "regex": "b"},
    ),
    "expect_column_values_to_not_match_regex": ({"column": "s", "regex": "a"},),
    "expect_column_values_to_match_regex_list": (
        {"column": "s", "regex_list": ["^a", "b$"]},
        {"column": "s", "regex_list": ["a", "b"], "match_on": "all"},
        {"column": "t", "regex_list": ["中"], "match_on": "any"},
    ),
    "expect_column_values_to_not_match_regex_list": (
        {"column": "s", "regex_list": ["^ ", "文$", "\n"]},
    ),
    "expect_column_pair_values_to_be_in_set": (
        {"column_A": "s", "column_B": "t", "value_pairs_set": [["a", "b"], ["中文", ""]]},
        {
            "column_A": "s",
            "column_B": "n",
            "value_pairs_set": [["a", 1], ["", None], [None, 3]],
            "ignore_row_if": "neither",
        },
    ),
    "expect_column_values_to_be_between": (
        {"column": "n", "min_value": 2, "max_value": 7},
        {"column": "x", "min_value": 2.5, "strict_min": True},
        {
            "column": "d",
            "min_value": "2020-01-03T00:00:00",
            "max_value": "2020-01-06T00:00:00",
            "strict_max": True,
        },
    ),
    "expect_column_value_lengths_to_be_between": ({"column": "s", "min_value": 1, "max_value": 2},),
    "expect_column_value_lengths_to_equal": ({"column": "s", "value": 2},),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A": "d", "column_B": "e"},
        {"column_A": "d", "column_B": "e", "or_equal": True},
        {"column_A": "d", "column_B": "e", "ignore_row_if": "either_value_is_missing"},
        {"column_A": "n", "column_B": "x", "ignore_row_if": "neither"},
    ),
    "expect_column_pair_values_to_be_equal": ({"column_A": "s", "column_B": "t"},),
    "expect_multicolumn_sum_to_equal": ({"column_list": ["n", "x"], "sum_total": 7},),
    "expect_select_column_values_to_be_unique_within_record": ({"column_list": ["s", "t", "c"]},),
    "expect_column_values_to_be_valid_uscc": ({"column": "u"},),
    "expect_column_values_to_be_valid_citizen_id": ({"column": "c"},),
    "expect_column_values_to_be_valid_mobile": ({"column": "c"},),
    "expect_column_values_to_be_valid_bank_card": ({"column": "c"},),
    "expect_column_values_to_be_plausible_date": (
        {"column": "d", "min_value": "2020-01-02", "max_value": "2020-01-08"},
    ),
    "expect_column_values_to_be_valid_division_code": (
        {"column": "v"},
        {"column": "v", "year": 2015, "periods": PERIODS},
        {"column": "v", "year": 2020, "periods": PERIODS},
    ),
    "expect_column_values_to_exist_in_dataset": (
        {"column": "s", "dataset": "others", "field": "word"},
        {"column": "n", "dataset": "others", "field": "number"},
        {"column": "d", "dataset": "others", "field": "day"},
        {"column": "s", "dataset": "nowhere", "field": "word"},
    ),
    "expect_table_columns_to_match_set": (
        {"column_set": ["v", "c", "u", "e", "d", "x", "n", "t", "s"]},
        {"column_set": ["s", "t"], "exact_match": False},
        {"column_set": ["s", "t"], "exact_match": True},
        {"column_set": ["s", "zz"], "exact_match": False},
    ),
    "expect_table_columns_to_match_ordered_list": (
        {"column_list": ["s", "t", "n", "x", "d", "e", "u", "c", "v"]},
        {"column_list": ["t", "s", "n", "x", "d", "e", "u", "c", "v"]},
    ),
    "expect_table_column_count_to_equal": ({"value": 9}, {"value": 8}),
    "expect_table_column_count_to_be_between": (
        {"min_value": 9, "max_value": 10},
        {"min_value": 10},
    ),
    "expect_column_to_exist": (
        {"column": "u"},
        {"column": "u", "column_index": 6},
        {"column": "u", "column_index": 5},
        {"column": "u", "column_index": 0},
        {"column": "u", "column_index": 60},
    ),
    "expect_column_most_common_value_to_be_in_set": (
        {"column": "s", "value_set": ["a", "中文", ""]},
        {"column": "s", "value_set": ["a", "b", "ab"], "ties_okay": True},
        {"column": "n", "value_set": [1, 2, 3, 4], "ties_okay": True},
    ),
    "expect_column_quantile_values_to_be_between": (
        {
            "column": "n",
            "quantile_ranges": {
                "quantiles": [0.1, 0.5, 0.9],
                "value_ranges": [[0, 3], [2, 7], [None, 8]],
            },
        },
        {
            "column": "x",
            "quantile_ranges": {"quantiles": [0.25], "value_ranges": [[1.5, None]]},
        },
    ),
    "expect_table_row_count_to_be_between": ({"min_value": 1, "max_value": 20},),
    "expect_table_row_count_to_equal": ({"value": 5},),
    "expect_column_unique_value_count_to_be_between": ({"column": "s", "max_value": 4},),
    "expect_column_min_to_be_between": (
        {"column": "n", "min_value": 1},
        {"column": "d", "min_value": "2020-01-02T00:00:00"},
    ),
    "expect_column_max_to_be_between": ({"column": "x", "max_value": 8},),
    "expect_column_mean_to_be_between": ({"column": "n", "min_value": 3, "max_value": 6},),
    "expect_column_median_to_be_between": ({"column": "n", "min_value": 3, "max_value": 6},),
    "expect_column_sum_to_be_between": ({"column": "n", "max_value": 40},),
    "expect_column_stdev_to_be_between": ({"column": "n", "max_value": 2.8},),
    "expect_column_proportion_of_non_null_values_to_be_between": (
        {"column": "s", "min_value": 0.6},
    ),
    "expect_column_proportion_of_unique_values_to_be_between": ({"column": "s", "min_value": 0.5},),
    "expect_column_distinct_values_to_be_in_set": (
        {"column": "s", "value_set": ["a", "b", "ab", ""]},
    ),
    "expect_column_distinct_values_to_contain_set": ({"column": "s", "value_set": ["a", "b"]},),
    "expect_column_distinct_values_to_equal_set": ({"column": "s", "value_set": ["a", "b"]},),
}


def suite_of_every_type(mostly: float) -> tuple[Expectation, ...]:
    """All of them about one table; a rule on rows may miss a share of ``1 - mostly``."""
    return tuple(
        expectation(
            type_name,
            kwargs,
            called=f"{type_name}_{number}",
            mostly=1.0 if type_name in TABLE_TYPES else mostly,
        )
        for type_name, variants in COMPARED.items()
        for number, kwargs in enumerate(variants)
    )


def expectation(
    type_name: str, kwargs: dict[str, Any], *, called: str, mostly: float
) -> Expectation:
    """One rule; what a value of another dataset is missing from is kept, everything else drops."""
    return Expectation(
        id=called,
        type=type_name,
        kwargs=kwargs,
        dimension=Dimension.CONFORMITY,
        indicator="0104",
        description="规则",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG if type_name in REFERENCE_TYPES else OnFail.DROP,
        mostly=mostly,
    )
