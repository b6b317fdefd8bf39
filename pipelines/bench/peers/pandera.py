"""pandera on polars: one schema validated lazily, so that every check is run and told.

It wants an eager frame: of a lazy one it looks at the schema only. The failures are counted on the
errors themselves, as their joint table repeats every failing value as text.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pipelines.bench.peers.answer import answer

DISTRICTS = [str(610101 + each) for each in range(20)]
STATES = ["存续", "注销", "吊销", "迁出"]
RULES = {
    ("id", "not_nullable"): "rule_03",
    ("district", "not_nullable"): "rule_04",
    ("id", "field_uniqueness"): "rule_05",
    ("uscc", "str_matches"): "rule_07",
    ("phone", "str_matches"): "rule_08",
    ("status", "isin"): "rule_09",
    ("district", "isin"): "rule_10",
    ("capital", "in_range"): "rule_11",
    ("longitude", "in_range"): "rule_12",
    ("latitude", "in_range"): "rule_13",
    ("phone", "str_length"): "rule_19",
}
TABLE_RULES = {
    "COLUMN_NOT_IN_SCHEMA": "rule_02",
    "COLUMN_NOT_IN_DATAFRAME": "rule_02",
    "DUPLICATES": "rule_14",
}
ON_THE_TABLE = {"rule_01", "rule_02", "rule_16", "rule_17", "rule_18"}


def main() -> None:
    """Import what is needed, then judge."""
    import pandera.polars as pa
    import polars as pl

    schema = _schema()

    def judge(table: str) -> Mapping[str, int]:
        try:
            schema.validate(pl.read_parquet(table), lazy=True)
        except pa.errors.SchemaErrors as errors:
            return _counted(errors.schema_errors)
        return _counted([])

    answer("pandera", judge)


def _schema() -> Any:
    import pandera.polars as pa
    import polars as pl

    def check(rule: str, asked: Any) -> Any:
        return pa.Check(_selected(asked), name=rule)

    capital, uscc = pl.col("capital"), pl.col("uscc")
    first, last = datetime(2026, 11, 19), datetime(2026, 11, 21)  # noqa: DTZ001
    low, middle, high = (capital.quantile(each) for each in (0.1, 0.5, 0.9))
    spread = low.is_between(500, 1500) & middle.is_between(4500, 5500) & high.is_between(8500, 9500)
    return pa.DataFrameSchema(
        {
            "id": pa.Column(pl.Int64, unique=True),
            "uscc": pa.Column(
                pl.String,
                [
                    pa.Check.str_matches("^[0-9A-Z]{18}$"),
                    check("rule_06", uscc.is_unique() | uscc.is_null()),
                ],
                nullable=True,
            ),
            "name": pa.Column(pl.String, nullable=True),
            "district": pa.Column(pl.String, pa.Check.isin(DISTRICTS)),
            "status": pa.Column(pl.String, pa.Check.isin(STATES), nullable=True),
            "capital": pa.Column(pl.Float64, pa.Check.in_range(0, 9000), nullable=True),
            "established_on": pa.Column(pl.Date, nullable=True),
            "approved_on": pa.Column(pl.Date, nullable=True),
            "updated_at": pa.Column(pl.Datetime, nullable=True),
            "longitude": pa.Column(pl.Float64, pa.Check.in_range(107, 110), nullable=True),
            "latitude": pa.Column(pl.Float64, pa.Check.in_range(33, 35), nullable=True),
            "phone": pa.Column(
                pl.String,
                [pa.Check.str_matches("^1[3-9][0-9]{9}$"), pa.Check.str_length(11, 11)],
                nullable=True,
            ),
        },
        checks=[
            check("rule_01", pl.len().is_between(1000, 100_000_000)),
            check("rule_15", pl.col("approved_on") >= pl.col("established_on")),
            check("rule_16", pl.col("updated_at").max().is_between(first, last)),
            check("rule_17", spread),
            check("rule_18", capital.mean().is_between(4000, 6000)),
        ],
        unique=["id", "uscc"],
        strict=True,
    )


def _selected(asked: Any) -> Callable[[Any], Any]:
    return lambda data: data.lazyframe.select(asked)


def _counted(errors: list[Any]) -> Mapping[str, int]:
    named = {f"rule_{number:02}": 0 for number in range(1, 20)}
    for each in errors:
        name = getattr(each.check, "name", None) or str(each.check)
        rule = name if name in named else _rule(each, name)
        named[rule] = 1 if rule in ON_THE_TABLE else len(each.failure_cases)
    return named


def _rule(error: Any, name: str) -> str:
    code = error.reason_code.name
    return RULES.get((error.schema.name, name)) or TABLE_RULES.get(code, f"{code} {name}")


if __name__ == "__main__":
    main()
