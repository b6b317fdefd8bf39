"""Bins, rounding, bounds and hierarchies: one meaning, whoever carries it out."""

import random
from collections.abc import Mapping
from decimal import Decimal

import duckdb
import pytest
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from opendata.vocabulary import FieldType
from resources.number_operators import Bin, Clamp, Climb, Round
from resources.operators import Anonymising
from tests.resources.values import many_values

_CHANCE = random.Random(3)
WHOLE = [
    *("0", "-1", "49", "50", "-50", "150", "9223372036854775807", "-9223372036854775808"),
    *(str(_CHANCE.randint(-(10**e), 10**e)) for e in range(1, 19) for _ in range(560)),
]
PARTS = [
    *("0.00", "0.05", "-0.05", "149.99", "9999999999999999.99", "-9999999999999999.99"),
    *(f"{Decimal(_CHANCE.randint(-(10**e), 10**e)).scaleb(-2):f}" for e in range(1, 18)
      for _ in range(600)),
]  # fmt: skip
DAYS = [f"{1800 + n % 300}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(10_080)]
TIMES = [f"{day} {n % 24:02}:{n % 60:02}:00" for n, day in enumerate(DAYS)]
ODD = [each for each in many_values(2_000) if each and not each.isascii()]


def in_sql(expression: str, kind: str, values: list[str]) -> list[str | None]:
    rows = (
        f"select cast(unnest($1::varchar[]) as {kind}) as v, "
        "generate_subscripts($1::varchar[], 1) as i"
    )
    with duckdb.connect(config={"threads": 1}) as con:
        sql = f"select cast({expression} as varchar) from ({rows}) order by i"
        return [row[0] for row in con.execute(sql, [[*values, None]]).fetchall()]


def by_engine(operator: Anonymising, params: Mapping[str, object], values: list[str]) -> list[str]:
    engine = AnonymizerEngine()
    engine.add_anonymizer(type(operator))
    config = OperatorConfig(operator.operator_name(), dict(params))
    return [
        engine.anonymize(
            each, [RecognizerResult("X", 0, len(each), 1.0)], {"X": config},
            merge_entities_with_spaces=False,
        ).text
        for each in values
    ]  # fmt: skip


def agree(operator: Anonymising, params: Mapping[str, object], sql: str, kind: str,
          values: list[str]) -> None:  # fmt: skip
    expected = [operator.operate(each, params) for each in values]

    assert len(values) >= 10_000
    assert in_sql(sql, kind, values) == [*(each or None for each in expected), None]
    assert by_engine(operator, params, values) == expected


@pytest.mark.parametrize("edges", [("0",), ("-100", "0", "500", "1000000")], ids=["one", "four"])
def test_ten_thousand_whole_numbers_fall_into_the_same_ranges(edges: tuple[str, ...]) -> None:
    agree(Bin(), {"edges": edges}, Bin.sql("v", edges), "bigint", WHOLE)


def test_ten_thousand_decimals_fall_into_the_same_ranges() -> None:
    edges = ("0.5", "99.95", "1e6")

    agree(Bin(), {"edges": edges}, Bin.sql("v", edges), "decimal(18,2)", PARTS)


@pytest.mark.parametrize("unit", ["1", "7", "100", "1000000"], ids=["1", "7", "100", "1e6"])
def test_ten_thousand_whole_numbers_are_rounded_alike(unit: str) -> None:
    params = {"unit": unit, "scale": 0, "type": FieldType.INTEGER}
    sql = Round.sql("v", unit, scale=0, type=FieldType.INTEGER)

    agree(Round(), params, sql, "bigint", WHOLE)


@pytest.mark.parametrize("unit", ["0.05", "0.1", "1", "100"], ids=["cents", "tenth", "1", "100"])
def test_ten_thousand_decimals_are_rounded_alike(unit: str) -> None:
    params = {"unit": unit, "scale": 2, "type": FieldType.DECIMAL}
    sql = Round.sql("v", unit, scale=2, type=FieldType.DECIMAL)

    agree(Round(), params, sql, "decimal(18,2)", PARTS)


@pytest.mark.parametrize(
    ("kind", "type", "bottom", "top", "values"),
    [
        ("bigint", FieldType.INTEGER, "-500", "90", WHOLE),
        ("bigint", FieldType.INTEGER, None, "90", WHOLE),
        ("decimal(18,2)", FieldType.DECIMAL, "0.5", None, PARTS),
        ("date", FieldType.DATE, "1900-01-01", "2010-12-31", DAYS),
        ("timestamp", FieldType.DATETIME, "1900-01-01 00:00:00", None, TIMES),
    ],
    ids=["whole", "top", "decimal", "date", "datetime"],
)
def test_ten_thousand_values_are_bounded_alike(
    kind: str, type: FieldType, bottom: str | None, top: str | None, values: list[str]
) -> None:
    params = {"bottom": bottom, "top": top, "type": type, "scale": 2}
    sql = Clamp.sql("v", bottom, top, scale=2, type=type)

    agree(Clamp(), params, sql, kind, values)


@pytest.mark.parametrize(
    ("operator", "params"),
    [
        (Bin(), {"edges": ("0", "1")}),
        (Round(), {"unit": "10", "scale": 0, "type": FieldType.INTEGER}),
        (Clamp(), {"bottom": "0", "top": "9", "type": FieldType.INTEGER}),
        (Clamp(), {"bottom": None, "top": "2000-01-01", "type": FieldType.DATE}),
        (Climb(), {"levels": {"小学": "中等以下"}}),
    ],
    ids=["bin", "round", "clamp", "clamp_date", "climb"],
)
def test_of_what_is_no_such_value_nothing_survives(
    operator: Anonymising, params: Mapping[str, object]
) -> None:
    assert {operator.operate(each, params) for each in ("", "NaN", "Infinity", *ODD)} == {""}
