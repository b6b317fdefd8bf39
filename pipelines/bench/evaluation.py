"""A suite of nineteen rules over a typed table: beside a plain query, and beside the real thing.

The plain query asks every rule of every row in one statement, as most would write it. Great
Expectations is asked on pandas, which its users have. Other tools are ``peers``.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure
from pipelines.bench.measure import apart, cpu_and_rss

ROUNDS = 3
MILLION = 1_000_000
_NAIVE: Mapping[str, str] = {
    "expect_table_row_count_to_be_between": "count(*)",
    "expect_column_values_to_not_be_null": "count({c})",
    "expect_column_values_to_be_unique": "count({c}), count(distinct {c})",
    "expect_compound_columns_to_be_unique": "count(distinct ({list}))",
    "expect_column_values_to_match_regex": "count_if(not regexp_matches({c}, {regex}))",
    "expect_column_values_to_be_in_set": "count_if({c} not in ({set}))",
    "expect_column_values_to_be_between": "count_if({c} < {low} or {c} > {high})",
    "expect_column_pair_values_a_to_be_greater_than_b": "count_if(not ({a} >= {b}))",
    "expect_column_max_to_be_between": "max({c})",
    "expect_column_mean_to_be_between": "avg({c})",
    "expect_column_quantile_values_to_be_between": "quantile_disc({c}, {shares})",
    "expect_column_value_lengths_to_equal": "count_if(length({c}) <> {value})",
}


def evaluation_figures(folder: Path) -> Iterator[Figure]:
    """CPU in one process, then whole processes; every pair interleaved."""
    small, large = (make_table(folder, rows=each * MILLION) for each in (1, 10))
    yield apart(_beside_naive, limits.QUALITY_NAIVE_1E6, small)
    yield apart(_beside_naive, limits.QUALITY_NAIVE_1E7, large)
    yield apart(_beside_gx, small)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(cpu_and_rss(evaluate_apart, small))
        theirs.append(cpu_and_rss(gx_apart, small))
    ratio = median(one / other for (one, _), (other, _) in zip(ours, theirs, strict=True))
    told = f"{median(c for c, _ in ours):.2f} and {median(c for c, _ in theirs):.1f} CPU s"
    yield figure(limits.QUALITY_COLD, ratio, f"whole processes at 1e6: {told}, {ROUNDS} rounds")
    peak = max(cpu_and_rss(evaluate_apart, large)[1] for _ in range(ROUNDS))
    yield figure(limits.QUALITY_RSS, peak, "1e7 rows, memory_limit 1GB, the process's peak")


def make_table(folder: Path, *, rows: int) -> Path:
    """Write the generated table as Parquet; nothing is done when it is there."""
    path = folder / f"enterprises-{rows}.parquet"
    if not path.exists():
        cpu_and_rss(_generate, path, rows)  # elsewhere: a child's peak starts at its parent's
    return path


def suite_text() -> str:
    """The nineteen rules, as a suite file of Great Expectations."""
    return resources.files("pipelines.bench").joinpath("enterprises.json").read_text("utf-8")


def connection() -> duckdb.DuckDBPyConnection:
    """Two threads and a gigabyte, which is what every round of ours gets."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    con.execute("set enable_progress_bar = false").fetchall()
    return con


def evaluate_apart(table: Path) -> None:
    """Judge ``table``, in a process that has imported nothing yet."""
    _evaluate(connection(), table)


def gx_apart(table: Path) -> None:
    """The same by real Great Expectations."""
    _gx(connection(), table)


def _generate(path: Path, rows: int) -> None:
    sql = resources.files("pipelines.bench").joinpath("enterprises.sql").read_text("utf-8")
    connection().execute(sql.replace("{rows}", str(rows)).replace("{path}", str(path))).fetchall()


def _beside_naive(bar: limits.Bar, table: Path) -> Figure:
    con = connection()
    _check(con, table)
    query = f"select {', '.join(_naive())} from read_parquet('{table}')"
    return _interleaved(
        bar, partial(_evaluate, con, table), lambda: con.execute(query).fetchall(), "a plain query"
    )


def _beside_gx(table: Path) -> Figure:
    con = connection()
    _gx(con, table)  # what it imports is not asked about here
    ours, theirs = partial(_evaluate, con, table), partial(_gx, con, table)
    return _interleaved(limits.QUALITY_GX, ours, theirs, "Great Expectations on pandas")


def _interleaved(
    bar: limits.Bar, ours: Callable[[], object], theirs: Callable[[], object], name: str
) -> Figure:
    spent = [(_cpu(ours), _cpu(theirs)) for _ in range(ROUNDS + 2)]
    ratios = [one / other for one, other in spent]
    told = (
        f"19 rules: {median(one for one, _ in spent):.2f} CPU s, {name} "
        f"{median(other for _, other in spent):.2f}; ratios {min(ratios):.2f} to {max(ratios):.2f}"
    )
    return figure(bar, median(ratios), f"{told} in {len(spent)} interleaved rounds")


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _evaluate(con: duckdb.DuckDBPyConnection, table: Path) -> tuple[Any, ...]:
    from quality.evaluation import evaluate
    from quality.plan import plan
    from quality.suite_json import from_suite_json

    return evaluate(con, table, plan(from_suite_json(suite_text())))


def _gx(con: duckdb.DuckDBPyConnection, table: Path) -> tuple[Any, ...]:
    from quality.gx.opinion import second_opinion
    from quality.suite_json import from_suite_json

    rules = from_suite_json(suite_text())
    return second_opinion(con, f"read_parquet('{table}')", rules)


def _check(con: duckdb.DuckDBPyConnection, table: Path) -> None:
    """What was planted is counted, or nothing is worth measuring."""
    found = {each.expectation.id: each.unexpected for each in _evaluate(con, table)}
    rows = int(table.stem.rpartition("-")[2])
    planted = {"rule_04": rows // 1000, "rule_06": rows // 2000, "rule_08": rows // 10_000}
    if wrong := {each: found[each] for each in planted if found[each] != planted[each]}:
        msg = f"of the planted faults {planted} were counted {wrong}"
        raise SystemExit(msg)


def _naive() -> Iterator[str]:
    for each in json.loads(suite_text())["expectations"]:
        kwargs = each["kwargs"]
        if each["type"] in _NAIVE:
            yield _NAIVE[each["type"]].format(
                c=kwargs.get("column"),
                a=kwargs.get("column_A"),
                b=kwargs.get("column_B"),
                list=", ".join(kwargs.get("column_list", ())),
                regex=_text(kwargs.get("regex")),
                set=", ".join(map(_text, kwargs.get("value_set", ()))),
                low=kwargs.get("min_value"),
                high=kwargs.get("max_value"),
                shares=kwargs.get("quantile_ranges", {}).get("quantiles"),
                value=kwargs.get("value"),
            )


def _text(value: Any) -> str:
    return f"'{value}'"
