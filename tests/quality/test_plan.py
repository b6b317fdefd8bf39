"""A plan refuses what it cannot evaluate, and says what it can."""

from collections.abc import Callable
from typing import Any

import pytest

from opendata.errors import CatalogError
from opendata.findings import Expectation
from opendata.vocabulary import OnFail
from quality.gx_types import GX_TYPES
from quality.plan import plan, supported_types

Rule = Callable[..., Expectation]


def refusal(*expectations: Expectation, casts: tuple[str, ...] = ()) -> str:
    with pytest.raises(CatalogError) as caught:
        plan(expectations, casts=casts)
    return str(caught.value)


def test_at_least_thirty_types_are_evaluated() -> None:
    assert len(supported_types()) >= 30


def test_an_unknown_type_is_refused_with_the_types_that_exist(rule: Rule) -> None:
    message = refusal(rule("expect_column_values_to_be_nice", column="a"))

    assert "is not an expectation we evaluate" in message
    assert "expect_column_values_to_be_in_set" in message


def test_missing_and_unknown_arguments_are_named(rule: Rule) -> None:
    message = refusal(rule("expect_column_values_to_match_regex", column="a", row_condition="b"))

    assert "needs the argument regex" in message
    assert "does not take row_condition; it takes column, regex" in message


def test_a_pattern_that_is_not_re2_is_refused(rule: Rule) -> None:
    message = refusal(rule("expect_column_values_to_match_regex", column="a", regex="(?=a)b"))

    assert "is not RE2" in message


def test_a_rule_on_the_table_takes_no_mostly(rule: Rule) -> None:
    message = refusal(rule("expect_table_row_count_to_be_between", min_value=1, mostly=0.9))

    assert "takes no mostly" in message


def test_two_rules_of_one_id_are_refused(rule: Rule) -> None:
    twice = rule("expect_column_values_to_be_null", column="a")

    assert "more than once" in refusal(twice, twice)


def test_a_cast_that_nobody_catches_is_refused() -> None:
    assert "field born" in refusal(casts=("born",))


def test_the_sixty_fourth_row_rule_has_a_second_flag_column(rule: Rule) -> None:
    rules = [
        rule("expect_column_values_to_be_null", called=f"null_{number}", column="a")
        for number in range(70)
    ]

    planned = plan(rules)

    assert planned.words == ("_dq", "_dq1")
    assert planned.row_rules[62].bit.value == 1 << 62
    assert planned.row_rules[63].bit.value == 1


def test_a_type_no_sql_says_is_left_to_great_expectations(rule: Rule) -> None:
    planned = plan(
        [
            rule(INCREASING, on_fail=OnFail.BLOCK, column="a"),
            rule("expect_column_values_to_be_null", column="a"),
        ]
    )

    assert [each.type for each in planned.gx_rules] == [INCREASING]
    assert len(planned.row_rules) == 1
    assert planned.dropping == '(("_dq" & 1) <> 0)'


def test_a_type_that_only_a_database_has_is_refused_with_what_to_use_instead(rule: Rule) -> None:
    message = refusal(rule("expect_column_values_to_match_like_pattern", column="a"))

    assert "its pandas engine has no LIKE; say it as expect_column_values_to_match_regex" in message


@pytest.mark.parametrize(
    ("type_name", "given", "said"),
    [
        ("increasing", {"on_fail": OnFail.DROP}, "sets none aside; use on_fail keep_flag or block"),
        ("increasing", {"strictly": "yes"}, "strictly is 'yes'; use true or false"),
        ("increasing", {"row_condition": "a"}, "does not take row_condition; it takes column"),
        ("match_json_schema", {}, "needs the argument json_schema"),
        (
            "match_json_schema",
            {"json_schema": {"items": [{"$ref": "http://a.example/b"}]}},
            "refers to 'http://a.example/b'; only references within it",
        ),
        ("be_in_type_list", {"type_list": ["int64"], "mostly": 0.5}, "takes no mostly"),
        ("be_in_type_list", {"type_list": []}, "type_list is empty"),
    ],
    ids=["drop", "truth", "unknown", "needed", "outside", "mostly", "empty"],
)
def test_a_rule_left_to_great_expectations_is_looked_at_like_any_other(
    rule: Rule, type_name: str, given: dict[str, Any], said: str
) -> None:
    known = type_name.removeprefix("be_").removeprefix("match_")
    name = next(each for each in GX_TYPES if each.endswith(known))
    kwargs = {"column": "a", "on_fail": OnFail.KEEP_FLAG, **given}

    assert said in refusal(rule(name, **kwargs))


def test_a_threshold_is_a_number(rule: Rule) -> None:
    z_scores = "expect_column_value_z_scores_to_be_less_than"
    kwargs = {"column": "a", "threshold": None, "double_sided": True}

    message = refusal(rule(z_scores, on_fail=OnFail.KEEP_FLAG, **kwargs))

    assert "threshold is None; use a number" in message


INCREASING = "expect_column_values_to_be_increasing"
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
LENGTHS = "expect_column_value_lengths_to_be_between"
QUANTILES = "expect_column_quantile_values_to_be_between"


@pytest.mark.parametrize(
    ("type_name", "kwargs", "said"),
    [
        (BETWEEN, {"min_value": 9, "max_value": 1}, "min_value 9 is above max_value 1"),
        (BETWEEN, {"min_value": 1, "max_value": 1, "strict_min": True}, "the range is impossible"),
        (BETWEEN, {}, "needs min_value or max_value"),
        (BETWEEN, {"min_value": "2020-01-01", "max_value": 7}, "are not of one kind"),
        (BETWEEN, {"min_value": ["1"]}, "is no bound"),
        (LENGTHS, {"max_value": -1}, "max_value is -1, which no length or count is"),
        (IN_SET, {"value_set": []}, "value_set is empty"),
        (IN_SET, {"value_set": [None]}, "value_set is empty"),
        (IN_SET, {"value_set": "abc"}, "value_set is not a list"),
        (IN_SET, {"value_set": ["a", 1]}, "mixes text with numbers"),
        (IN_SET, {"value_set": ["a"], "mostly": 1.5}, "mostly is 1.5"),
        (
            "expect_column_values_to_match_regex_list",
            {"regex_list": ["a", "(?=b)"]},
            "the pattern '(?=b)' is not RE2",
        ),
        (
            "expect_column_values_to_match_regex_list",
            {"regex_list": ["a"], "match_on": "some"},
            "match_on is 'some'; use 'any' or 'all'",
        ),
        ("expect_column_values_to_not_match_regex_list", {"regex_list": []}, "regex_list is empty"),
        (QUANTILES, {"quantile_ranges": {"quantiles": [0.5]}}, "needs quantiles and value_ranges"),
        (
            QUANTILES,
            {"quantile_ranges": {"quantiles": [2], "value_ranges": [[3, 1]]}},
            "the range [3, 1] of a quantile is impossible",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) and len(each) < 30 else "",
)
def test_what_cannot_be_meant_is_told_before_any_data_is_looked_at(
    rule: Rule, type_name: str, kwargs: dict[str, Any], said: str
) -> None:
    assert said in refusal(rule(type_name, column="a", **kwargs))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (
            ("expect_column_values_to_be_null", {}),
            ("expect_column_values_to_not_be_null", {}),
            "to be there and not to be there",
        ),
        ((IN_SET, {"value_set": [1, 2]}), (IN_SET, {"value_set": [3]}), "no value in common"),
        (
            (IN_SET, {"value_set": [1, 2]}),
            ("expect_column_values_to_not_be_in_set", {"value_set": [1, 2, 3]}),
            "every allowed value is forbidden",
        ),
        ((BETWEEN, {"max_value": 3}), (BETWEEN, {"min_value": 4}), "ranges do not meet"),
        ((LENGTHS, {"min_value": 9}), (LENGTHS, {"max_value": 8}), "ranges do not meet"),
    ],
    ids=["null", "sets", "forbidden", "ranges", "lengths"],
)
def test_rules_that_no_value_can_meet_together_are_told_in_either_order(
    rule: Rule, one: tuple[str, Any], other: tuple[str, Any], said: str
) -> None:
    both = [
        rule(type_name, called=called, column="a", **kwargs)
        for called, (type_name, kwargs) in (("one", one), ("other", other))
    ]

    for rules in (both, both[::-1]):
        message = refusal(*rules)
        assert said in message
        assert "no value meets both" in message


def test_rules_about_different_columns_or_few_values_contradict_nothing(rule: Rule) -> None:
    apart = [
        rule(IN_SET, called="a", column="a", value_set=[1]),
        rule(IN_SET, called="b", column="b", value_set=[2]),
        rule(IN_SET, called="c", column="c", value_set=[1], mostly=0.5),
        rule(IN_SET, called="d", column="c", value_set=[2], mostly=0.5),
    ]

    assert len(plan(apart).row_rules) == 4


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"year": 2020}, "year and periods go together"),
        ({"year": "2020", "periods": []}, "year is a number and periods a list"),
        ({"year": 2020, "periods": [["610102", 2021]]}, "is no period"),
        ({"year": 2020, "periods": [["610102", 2021, 2019]]}, "is no period"),
        ({"year": 2020, "periods": [["610102", 2021, None]]}, "no code of the periods is in force"),
    ],
    ids=["alone", "kinds", "short", "backwards", "not yet"],
)
def test_periods_of_division_codes_are_looked_at(
    rule: Rule, kwargs: dict[str, Any], said: str
) -> None:
    type_name = "expect_column_values_to_be_valid_division_code"

    assert said in refusal(rule(type_name, column="a", **kwargs))
