"""dataframely: one schema, its own column rules where it has them and ``rule`` for the others.

``filter`` is its way to count: it divides the rows and tells how many broke each rule. Given a lazy
frame it builds the frame of failures alone, which is the cheaper half.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.bench.peers.answer import answer

DISTRICTS = [str(610101 + each) for each in range(20)]
STATES = ["存续", "注销", "吊销", "迁出"]
RULES = {
    "rows": "rule_01",
    "id|nullability": "rule_03",
    "district|nullability": "rule_04",
    "id_is_unique": "rule_05",
    "uscc_is_unique": "rule_06",
    "uscc|regex": "rule_07",
    "phone|regex": "rule_08",
    "status|check": "rule_09",
    "district|check": "rule_10",
    "capital|min": "rule_11",
    "capital|max": "rule_11",
    "longitude|min": "rule_12",
    "longitude|max": "rule_12",
    "latitude|min": "rule_13",
    "latitude|max": "rule_13",
    "pair_is_unique": "rule_14",
    "dates_in_order": "rule_15",
    "recent": "rule_16",
    "spread": "rule_17",
    "average": "rule_18",
    "phone|min_length": "rule_19",
    "phone|max_length": "rule_19",
}
ON_THE_TABLE = {"rule_01", "rule_16", "rule_17", "rule_18"}


def main() -> None:
    """Import what is needed, then judge."""
    import polars as pl

    schema = _schema()

    def judge(table: str) -> Mapping[str, int]:
        _, failure = schema.filter(pl.scan_parquet(table))
        counts = dict.fromkeys(RULES.values(), 0)
        for name, count in failure.counts().items():
            rule = RULES[name]
            counts[rule] = 1 if rule in ON_THE_TABLE else counts[rule] + count
        return counts

    answer("dataframely", judge)


def _columns() -> Any:
    import dataframely as dy
    import polars as pl

    class Columns(dy.Schema):
        """The rules on one column; columns beyond those listed go unsaid."""

        id = dy.Int64(nullable=False)
        uscc = dy.String(nullable=True, regex="^[0-9A-Z]{18}$")
        name = dy.String(nullable=True)
        district = dy.String(nullable=False, check=lambda each: each.is_in(DISTRICTS))
        status = dy.String(nullable=True, check=lambda each: each.is_in(STATES))
        capital = dy.Float64(nullable=True, min=0, max=9000)
        established_on = dy.Date(nullable=True)
        approved_on = dy.Date(nullable=True)
        updated_at = dy.Datetime(nullable=True)
        longitude = dy.Float64(nullable=True, min=107.0, max=110.0)
        latitude = dy.Float64(nullable=True, min=33.0, max=35.0)
        phone = dy.String(nullable=True, regex="^1[3-9][0-9]{9}$", min_length=11, max_length=11)

        @dy.rule()
        def id_is_unique(cls) -> Any:
            return pl.col("id").is_unique()

        @dy.rule()
        def uscc_is_unique(cls) -> Any:
            return pl.col("uscc").is_unique() | pl.col("uscc").is_null()

    return Columns


def _schema() -> Any:
    import dataframely as dy
    import polars as pl

    columns: Any = _columns()

    class Enterprise(columns):
        """The rules on several columns and on the table besides."""

        @dy.rule()
        def rows(cls) -> Any:
            return pl.len().is_between(1000, 100_000_000)

        @dy.rule()
        def pair_is_unique(cls) -> Any:
            return pl.len().over("id", "uscc") == 1  # a quarter less memory than a struct

        @dy.rule()
        def dates_in_order(cls) -> Any:
            return pl.col("approved_on") >= pl.col("established_on")

        @dy.rule()
        def recent(cls) -> Any:
            first, last = datetime(2026, 11, 19), datetime(2026, 11, 21)  # noqa: DTZ001
            return pl.col("updated_at").max().is_between(first, last)

        @dy.rule()
        def spread(cls) -> Any:
            low, middle, high = (pl.col("capital").quantile(each) for each in (0.1, 0.5, 0.9))
            return (
                low.is_between(500, 1500)
                & middle.is_between(4500, 5500)
                & high.is_between(8500, 9500)
            )

        @dy.rule()
        def average(cls) -> Any:
            return pl.col("capital").mean().is_between(4000, 6000)

    return Enterprise


if __name__ == "__main__":
    main()
