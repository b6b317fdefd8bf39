"""A plan refuses what it cannot evaluate, and says what it can."""

from collections.abc import Callable

import pytest

from opendata.errors import CatalogError
from opendata.findings import Expectation
from quality.plan import plan, supported_types

Rule = Callable[..., Expectation]


def refusal(*expectations: Expectation, casts: tuple[str, ...] = ()) -> str:
    with pytest.raises(CatalogError) as caught:
        plan(expectations, casts=casts)
    return str(caught.value)


def test_at_least_thirty_types_are_evaluated() -> None:
    assert len(supported_types()) >= 30


def test_an_unknown_type_is_refused_with_the_types_that_exist(rule: Rule) -> None:
    message = refusal(rule("expect_column_kl_divergence_to_be_less_than", column="a"))

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
