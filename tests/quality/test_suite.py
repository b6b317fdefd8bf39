"""Every promise of a catalog entry becomes one rule, with a sentence a steward can read."""

import dataclasses
from collections.abc import Callable

import pytest

from opendata.catalog import Catalog, Dataset, Field, QualityGate, Rule
from opendata.errors import CatalogError
from opendata.findings import Expectation
from opendata.vocabulary import FieldType, OnFail, Severity
from quality.suite import expectations_for

AFTER = Rule(
    expect="expect_column_pair_values_a_to_be_greater_than_b",
    kwargs={"column_A": "opened", "column_B": "name"},
    indicator="0503",
    description="先后有序",
    mostly=0.99,
)


SuiteOf = Callable[[Dataset], dict[str, Expectation]]


@pytest.fixture
def suite_of(catalog: Catalog) -> SuiteOf:
    return lambda entry: {each.id: each for each in expectations_for(entry, catalog)}


def with_rules(dataset: Dataset, *rules: Rule) -> Dataset:
    return dataclasses.replace(dataset, quality=QualityGate(rules=rules))


def test_the_entry_yields_its_rules(dataset: Dataset, suite_of: SuiteOf) -> None:
    assert list(suite_of(dataset)) == [
        "rows_present",
        "uscc_unique",
        "uscc_not_null",
        "uscc_valid_uscc",
        "name_not_null",
        "district_in_code_table",
        "capital_type",
        "capital_range",
        "opened_type",
        "opened_plausible",
        "mobile_valid_mobile",
        "code_format",
    ]


def test_rules_carry_their_indicator_and_dimension(dataset: Dataset, suite_of: SuiteOf) -> None:
    shown = {
        name: (each.indicator, each.dimension.value) for name, each in suite_of(dataset).items()
    }

    assert shown["uscc_valid_uscc"] == ("0301", "准确性")
    assert shown["district_in_code_table"] == ("0105", "规范性")
    assert shown["name_not_null"] == ("0201", "完整性")


def test_rules_say_in_chinese_what_is_expected(dataset: Dataset, suite_of: SuiteOf) -> None:
    assert suite_of(dataset)["uscc_valid_uscc"].description == (
        "“统一社会信用代码”应符合 GB 32100 的字符集和校验位"
    )


def test_only_rows_keys_and_required_fields_are_critical(
    dataset: Dataset, suite_of: SuiteOf
) -> None:
    critical = [
        name for name, each in suite_of(dataset).items() if each.severity is Severity.CRITICAL
    ]

    assert critical == ["rows_present", "uscc_unique", "uscc_not_null", "name_not_null"]


def test_a_far_future_date_is_flagged_at_most_and_2099_is_plausible(
    dataset: Dataset, suite_of: SuiteOf
) -> None:
    plausible = suite_of(dataset)["opened_plausible"]

    assert plausible.on_fail is OnFail.KEEP_FLAG
    assert plausible.kwargs["max_value"] > "2099-12-31"


def test_limits_of_numbers_are_numbers(dataset: Dataset, suite_of: SuiteOf) -> None:
    assert suite_of(dataset)["capital_range"].kwargs == {"column": "capital", "min_value": 0}


def test_codes_of_an_integer_field_are_numbers(dataset: Dataset, suite_of: SuiteOf) -> None:
    district = Field(
        name="district",
        title="区县",
        heading="区县",
        type=FieldType.INTEGER,
        code_table="districts",
    )
    suite = suite_of(dataclasses.replace(dataset, fields=(district,)))

    assert suite["district_in_code_table"].kwargs["value_set"] == [610102, 610103]


def test_several_keys_are_unique_together(dataset: Dataset, suite_of: SuiteOf) -> None:
    fields = tuple(
        dataclasses.replace(each, key=each.name in ("name", "code")) for each in dataset.fields
    )
    suite = suite_of(dataclasses.replace(dataset, fields=fields))

    assert suite["name_code_unique"].kwargs == {"column_list": ["name", "code"]}
    assert suite["name_code_unique"].type == "expect_compound_columns_to_be_unique"


def test_handwritten_rules_stand_as_written_and_have_ids_of_their_own(
    dataset: Dataset, suite_of: SuiteOf
) -> None:
    suite = suite_of(with_rules(dataset, AFTER, AFTER))
    first, second = list(suite)[-2:]

    assert (first, second) == (
        "rule_opened_name_a_to_be_greater_than_b",
        "rule_opened_name_a_to_be_greater_than_b_2",
    )
    assert suite[first].kwargs == AFTER.kwargs
    assert suite[first].mostly == 0.99


def test_a_rule_about_an_unknown_field_or_indicator_is_refused_with_what_is_allowed(
    dataset: Dataset, suite_of: SuiteOf
) -> None:
    wrong = dataclasses.replace(
        AFTER, kwargs={"column_A": "closed", "column_B": "opened"}, indicator="0999"
    )

    with pytest.raises(CatalogError) as caught:
        suite_of(with_rules(dataset, wrong))

    assert len(caught.value.problems) == 2
    assert "0502" in str(caught.value)
    assert "'closed' is not a field of enterprises" in str(caught.value)
