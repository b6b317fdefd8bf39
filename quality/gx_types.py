"""Great Expectations' own types that no SQL of ours says: those it judges itself, and the rest.

Data only; Great Expectations is not imported. How such rules are judged is ``gx_rules.py``. With
the compiled types these are exactly the types of its core (``tests/quality/test_gx.py``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opendata.vocabulary import FieldType

_TEXT = frozenset({FieldType.TEXT})
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})
_ORDERED = _NUMBERS | {FieldType.DATE, FieldType.DATETIME}
_ANY = _ORDERED | _TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class GxType:
    """A type that Great Expectations judges itself: its arguments and the fields it is for.

    Of the others it would crash. ``of_column`` is a verdict on a whole column, where no row is
    counted; ``in_order`` depends on the order of the rows, which is the table's own.
    """

    needs: frozenset[str]
    allows: frozenset[str] = frozenset()
    fields: frozenset[FieldType] = _ANY
    of_column: bool = False
    in_order: bool = False


GX_TYPES: Mapping[str, GxType] = {
    "expect_column_values_to_match_strftime_format": GxType(
        needs=frozenset({"column", "strftime_format"}), fields=_TEXT
    ),
    "expect_column_values_to_be_dateutil_parseable": GxType(
        needs=frozenset({"column"}), fields=_TEXT
    ),
    "expect_column_values_to_be_json_parseable": GxType(needs=frozenset({"column"}), fields=_TEXT),
    "expect_column_values_to_match_json_schema": GxType(
        needs=frozenset({"column", "json_schema"}), fields=_TEXT
    ),
    "expect_column_values_to_be_increasing": GxType(
        needs=frozenset({"column"}),
        allows=frozenset({"strictly"}),
        fields=_ORDERED,
        in_order=True,
    ),
    "expect_column_values_to_be_decreasing": GxType(
        needs=frozenset({"column"}),
        allows=frozenset({"strictly"}),
        fields=_ORDERED,
        in_order=True,
    ),
    "expect_column_value_z_scores_to_be_less_than": GxType(
        needs=frozenset({"column", "threshold", "double_sided"}), fields=_NUMBERS
    ),
    "expect_column_values_to_not_be_outliers": GxType(
        needs=frozenset({"column"}),
        allows=frozenset({"method", "multiplier"}),
        fields=_NUMBERS,
    ),
    "expect_multicolumn_values_to_be_equal": GxType(
        needs=frozenset({"column_list"}), allows=frozenset({"ignore_row_if"})
    ),
    "expect_column_kl_divergence_to_be_less_than": GxType(
        needs=frozenset({"column", "partition_object", "threshold"}),
        allows=frozenset({"internal_weight_holdout", "tail_weight_holdout"}),
        of_column=True,
    ),
    "expect_column_type_to_be": GxType(needs=frozenset({"column", "type_"}), of_column=True),
    "expect_column_values_to_be_in_type_list": GxType(
        needs=frozenset({"column", "type_list"}), fields=_ORDERED, of_column=True
    ),
}

_LIKE = "its pandas engine has no LIKE; say it as expect_column_values_to_match_regex"
_NOT_LIKE = "its pandas engine has no LIKE; say it as expect_column_values_to_not_match_regex"
_QUERY = "it asks a database with SQL of its own; write a model beside the entry instead"

NOT_ON_PANDAS: Mapping[str, str] = {
    "expect_column_values_to_match_like_pattern": _LIKE,
    "expect_column_values_to_match_like_pattern_list": f"{_LIKE}_list",
    "expect_column_values_to_not_match_like_pattern": _NOT_LIKE,
    "expect_column_values_to_not_match_like_pattern_list": f"{_NOT_LIKE}_list",
    "expect_query_results_to_match_comparison": _QUERY,
    "expect_table_row_count_to_equal_other_table": (
        "its pandas engine knows one table; use expect_column_values_to_exist_in_dataset, or a "
        "model beside the entry"
    ),
    "unexpected_rows_expectation": _QUERY,
}
"""Types of Great Expectations that run on a database alone, and what to use instead."""


def wrong_fields(type_name: str, held: Iterable[FieldType]) -> Iterator[str]:
    """Types of fields that Great Expectations would crash of in such a rule."""
    known = GX_TYPES.get(type_name)
    for each in held:
        if known and each not in known.fields:
            kinds = ", ".join(sorted(kind.value for kind in known.fields))
            yield f"{type_name} is for fields of type {kinds}, not {each.value}"


def wrong_gx_arguments(kwargs: Mapping[str, Any]) -> Iterator[str]:
    """What of the arguments asks for nothing, or for something outside, which is never fetched."""
    if "threshold" in kwargs and not _is_number(kwargs["threshold"]):
        yield f"threshold is {kwargs['threshold']!r}; use a number"
    for name in ("strictly", "double_sided"):
        if not isinstance(kwargs.get(name, True), bool):
            yield f"{name} is {kwargs[name]!r}; use true or false"
    if "type_list" in kwargs and not kwargs["type_list"]:
        yield "type_list is empty, so it asks for nothing"
    if outside := sorted(set(_referred_outside(kwargs.get("json_schema")))):
        yield f"json_schema refers to {outside[0]!r}; only references within it (#/…) are followed"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _referred_outside(schema: Any) -> Iterator[str]:
    """References of a JSON schema that would be fetched from somewhere."""
    if isinstance(schema, Mapping):
        for name in ("$ref", "$dynamicRef", "$recursiveRef"):
            if not str(schema.get(name, "#")).startswith("#"):
                yield str(schema[name])
    elif not isinstance(schema, list | tuple):
        return
    for each in schema.values() if isinstance(schema, Mapping) else schema:
        yield from _referred_outside(each)
