"""A version of 1e7 rows beside the one before it: its footer's counts, and which keys went."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import duckdb

from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure

ROWS = 10_000_000
ROUNDS = 5
_COLUMNS = 12
_LOST, _EMPTY = 20, 50
"""One key in so many is gone from the later version, and one name in so many is empty in it."""


def drift_figures(folder: Path) -> Iterator[Figure]:
    """Wall clock of the footer; CPU of the keys against a bare full join, interleaved.

    The versions are written as the product writes them, and are one in twenty keys apart.
    """
    from quality.churn import churn
    from quality.profile import read_footer

    con = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    con.execute("set enable_progress_bar = false").fetchall()
    before, now = (_version(con, folder, lost=lost) for lost in (False, True))
    footer = read_footer(con, now)
    if footer.nulls["name"] != footer.rows // _EMPTY:
        msg = f"the footer counts {footer.nulls['name']} empty names in {footer.rows} rows"
        raise SystemExit(msg)
    spent = [_spent(time.perf_counter, lambda: read_footer(con, now)) for _ in range(ROUNDS)]
    detail = f"{ROWS:,} rows x {_COLUMNS} columns: rows, empty values and few-valued columns"
    yield figure(limits.DRIFT_FOOTER, 1000 * median(spent), f"{detail}, {ROUNDS} rounds")
    yield _churn_figure(
        lambda: churn(con, before, now, ("no",)).removed, lambda: _bare_join(con, before, now)
    )


def _churn_figure(ours: Callable[[], int], bare: Callable[[], object]) -> Figure:
    if (removed := ours()) != ROWS // _LOST:
        msg = f"{removed} keys were found to be gone of {ROWS // _LOST}"
        raise SystemExit(msg)
    rounds = [
        (_spent(time.process_time, ours), _spent(time.process_time, bare)) for _ in range(ROUNDS)
    ]
    ratios = [mine / floor for mine, floor in rounds]
    detail = (
        f"{removed:,} of {ROWS:,} keys gone: {median(mine for mine, _ in rounds):.2f} CPU s, "
        f"bare full join {median(floor for _, floor in rounds):.2f} CPU s, "
        f"ratios {min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} interleaved rounds"
    )
    return figure(limits.DRIFT_CHURN, median(ratios), detail)


def _spent(clock: Callable[[], float], work: Callable[[], object]) -> float:
    started = clock()
    work()
    return clock() - started


def _version(con: duckdb.DuckDBPyConnection, folder: Path, *, lost: bool) -> Path:
    from quality.flags import standardise
    from quality.plan import plan

    path = folder / f"drift-{'now' if lost else 'before'}.parquet"
    numbers = ", ".join(f"(i * {n}) % 100003 as n{n}" for n in range(1, _COLUMNS - 3))
    rows = (
        f"select i::bigint as no, if({lost} and (i // {_LOST}) % {_EMPTY} = 0, null, 'n' || i) "
        f"as name, 'D' || (i % 12) as district, {numbers}, i as _row from range({ROWS}) t(i)"
        + (f" where i % {_LOST} <> 0" if lost else "")
    )
    names = ("no", "name", "district", *(f"n{n}" for n in range(1, _COLUMNS - 3)))
    standardise(con, rows, names, plan(()), path)
    return path


def _bare_join(con: duckdb.DuckDBPyConnection, before: Path, now: Path) -> object:
    return con.execute(
        f"select count(*) from read_parquet('{before}') as b "
        f"full join read_parquet('{now}') as n on b.no = n.no"
    ).fetchone()
