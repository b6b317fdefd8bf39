"""pointblank on polars: one plan of steps, without the extracts that cost ten times as much.

Its counting steps take missing values as failures unless told otherwise, which they are.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.bench.peers.answer import answer

COLUMNS = [
    "id", "uscc", "name", "district", "status", "capital", "established_on", "approved_on",
    "updated_at", "longitude", "latitude", "phone",
]  # fmt: skip
DISTRICTS = [str(610101 + each) for each in range(20)]
STATES = ["存续", "注销", "吊销", "迁出"]
STEPS = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 18, 19,
)  # fmt: skip
"""The number of the rule that each step of the plan asks, in order."""


def main() -> None:
    """Import what is needed, then judge."""
    import pointblank as pb
    import polars as pl

    def judge(table: str) -> Mapping[str, int]:
        plan = _on_columns(pb, pb.Validate(data=pl.read_parquet(table)))
        done = _on_several(pb, plan).interrogate(collect_extracts=False, collect_tbl_checked=False)
        failed = done.n_failed()
        counts = {f"rule_{number:02}": 0 for number in STEPS}
        for step, number in enumerate(STEPS, start=1):
            counts[f"rule_{number:02}"] += failed[step]
        return counts

    answer("pointblank", judge)


def _on_columns(pb: Any, plan: Any) -> Any:
    """Rules 1 to 13."""
    return (
        plan.specially(lambda frame: 1000 <= frame.height <= 100_000_000)
        .col_schema_match(schema=pb.Schema(columns=COLUMNS), in_order=False)
        .col_vals_not_null(columns=["id", "district"])
        .rows_distinct(columns_subset="id")
        .rows_distinct(columns_subset="uscc", pre=lambda frame: frame.drop_nulls("uscc"))
        .col_vals_regex(columns="uscc", pattern="^[0-9A-Z]{18}$", na_pass=True)
        .col_vals_regex(columns="phone", pattern="^1[3-9][0-9]{9}$", na_pass=True)
        .col_vals_in_set(columns="status", set=[*STATES, None])
        .col_vals_in_set(columns="district", set=[*DISTRICTS, None])
        .col_vals_between(columns="capital", left=0, right=9000, na_pass=True)
        .col_vals_between(columns="longitude", left=107, right=110, na_pass=True)
        .col_vals_between(columns="latitude", left=33, right=35, na_pass=True)
    )


def _on_several(pb: Any, plan: Any) -> Any:
    """Rules 14 to 19; the mean is asked in two steps."""
    return (
        plan.rows_distinct(columns_subset=["id", "uscc"])
        .col_vals_ge(columns="approved_on", value=pb.col("established_on"), na_pass=True)
        .specially(_is_recent)
        .specially(_is_spread)
        .col_avg_ge(columns="capital", value=4000)
        .col_avg_le(columns="capital", value=6000)
        .col_vals_str_len(columns="phone", min_val=11, max_val=11, na_pass=True)
    )


def _is_recent(frame: Any) -> bool:
    first, last = datetime(2026, 11, 19), datetime(2026, 11, 21)  # noqa: DTZ001
    return bool(first <= frame["updated_at"].max() <= last)


def _is_spread(frame: Any) -> bool:
    low, middle, high = (frame["capital"].quantile(each) for each in (0.1, 0.5, 0.9))
    return bool(500 <= low <= 1500 and 4500 <= middle <= 5500 and 8500 <= high <= 9500)


if __name__ == "__main__":
    main()
