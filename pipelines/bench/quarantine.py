"""Setting 问题数据 aside: writing a flagged table and its quarantine, against one plain COPY."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import duckdb

from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure

if TYPE_CHECKING:
    from quality.plan import Plan

ROWS = 1_000_000
ROUNDS = 5
BAD = 33
"""One row in so many breaks a rule, and they lie evenly, so that no row group is without one."""
_FIELDS = (
    "no", "uscc", "name", "district", "address", "mobile", "registered", "updated", "amount",
    "area", "status", "remark",
)  # fmt: skip
_PLAIN = "format parquet, compression zstd"


def quarantine_figures(folder: Path) -> Iterator[Figure]:
    """CPU of the flagged table and the quarantine over that of one plain COPY, interleaved.

    Both read the same Parquet file; the COPY is as anybody would write it. Which rows are bad comes
    with the rows, as failed casts do: what judging costs is not the question, what writing its
    verdicts costs is. The quarantine holds the bad rows a second time, with their reasons, which
    takes a scan of the flagged table. Beside it, the same against a COPY with our own, cheaper
    settings.
    """
    from quality.flags import ROWS_PER_GROUP, WRITTEN, write_quarantine

    con = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    con.execute("set enable_progress_bar = false").fetchall()
    given, rules = _given(con, folder), _rules()
    flagged, aside, copied = (folder / f"{name}.parquet" for name in ("flagged", "aside", "copy"))

    def ours() -> None:
        _standardise(con, given, rules, flagged)
        if (held := write_quarantine(con, flagged, rules, aside)) != ROWS // BAD:
            raise SystemExit(f"{held} rows were set aside of {ROWS // BAD}")

    def bare(settings: str) -> Callable[[], object]:
        columns = ", ".join((*_FIELDS, "_row"))
        sql = f"copy (select {columns} from '{given}') to '{copied}' ({settings})"
        return lambda: con.execute(sql).fetchall()

    same = f"{WRITTEN}, row_group_size {ROWS_PER_GROUP}"
    works = (ours, lambda: _standardise(con, given, rules, flagged), bare(same), bare(_PLAIN))
    ours()  # what only the first round pays is not asked about
    yield _figure([[_cpu(work) for work in works] for _ in range(ROUNDS)])


def _figure(rounds: Sequence[Sequence[float]]) -> Figure:
    ratios = [mine / plain for mine, _, _, plain in rounds]
    both, flags, same, plain = (median(each) for each in zip(*rounds, strict=True))
    beside = median(mine / other for mine, _, other, _ in rounds)
    detail = (
        f"{ROWS:,} rows x {len(_FIELDS)} columns, one in {BAD} set aside: {both:.2f} CPU s, of "
        f"them the flagged table {flags:.2f}; a plain zstd COPY {plain:.2f}, one with the settings "
        f"of ours {same:.2f} (ratio {beside:.2f}); ratios {min(ratios):.2f} to {max(ratios):.2f} "
        f"in {ROUNDS} interleaved rounds"
    )
    return figure(limits.QUARANTINE, median(ratios), detail)


def _standardise(con: duckdb.DuckDBPyConnection, given: Path, rules: "Plan", out: Path) -> None:
    from quality.flags import standardise

    standardise(con, f"select * from read_parquet('{given}')", _FIELDS, rules, out)


def _rules() -> "Plan":
    """Three rules that drop, each of which reads a flag that comes with the rows."""
    from opendata.catalog import Catalog, Dataset, Field
    from opendata.vocabulary import FieldType
    from quality.plan import plan
    from quality.suite import expectations_for

    types = {"amount": FieldType.DECIMAL, "area": FieldType.DECIMAL, "registered": FieldType.DATE}
    fields = (
        Field(name=name, title=name, heading=name, type=type_) for name, type_ in types.items()
    )
    listed = Dataset(id="measured", title="测量", body="market", fields=tuple(fields))
    suite = expectations_for(listed, Catalog(bodies=(), datasets=(listed,)))
    casts = tuple(each for each in suite if each.id.endswith("_type"))
    return plan(casts, casts=tuple(types))


def _given(con: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    path = folder / "quarantine-given.parquet"
    bad = ", ".join(
        f"i % {3 * BAD} = {place * BAD} as _bad_{name}"
        for place, name in enumerate(("amount", "area", "registered"))
    )
    con.execute(
        "copy (select i::bigint as no, '91610102' || upper(lpad(to_hex(hash(i) >> 28), 10, '0')) "
        "as uscc, '西安第' || (hash(i + 1) % 400000) || '商贸有限公司' as name, "
        "'D' || (hash(i + 2) % 12) as district, '西安市第' || (hash(i + 3) % 12) || '区和平路' || "
        "(hash(i + 4) % 900) || '号' || (hash(i + 5) % 30) || '单元' as address, "
        "'13' || lpad((hash(i + 6) % 1000000000)::varchar, 9, '0') as mobile, "
        "date '2005-01-01' + (hash(i + 7) % 7300)::integer as registered, "
        "timestamp '2025-01-01' + to_seconds((hash(i + 8) % 38000000)::bigint) as updated, "
        "((hash(i + 9) % 100000000) / 100)::decimal(18, 2) as amount, "
        "((hash(i + 10) % 1000000) / 100)::decimal(18, 2) as area, "
        "['存续', '注销', '吊销', '迁出'][1 + (hash(i + 11) % 4)::integer] as status, "
        f"'正常经营，年报已公示' || (hash(i + 12) % 5000) as remark, {bad}, i as _row "
        f"from range(1, {ROWS} + 1) t(i)) to '{path}' ({_PLAIN})"
    ).fetchall()
    return path


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
