"""What the bench runs: each workload is one child process, so that CPU and memory are its own."""

import shutil
from datetime import date
from importlib import resources
from pathlib import Path

import duckdb

from pipelines.bench import limits
from pipelines.bench.measure import cpu_and_rss

CITY = """city: 测量市
regimes: [xian-open-2022]
deployment_role: platform_operator
platform: {name: 统一开放平台, unified: true}
"""


def make_register(folder: Path, *, rows: int) -> Path:
    """Write the generated register as CSV and return its path; nothing is done when it is there."""
    path = folder / f"register-{rows}.csv"
    if not path.exists():
        cpu_and_rss(_generate, path, rows)  # elsewhere: a child's peak starts at its parent's
    return path


def _generate(path: Path, rows: int) -> None:
    sql = resources.files("pipelines.bench").joinpath("register.sql").read_text("utf-8")
    con = duckdb.connect()
    con.execute("set enable_progress_bar = false").fetchall()
    con.execute(sql.replace("{rows}", str(rows)).replace("{path}", str(path))).fetchall()


def as_gb18030(register: Path) -> Path:
    """The same text in the encoding most bodies send; nothing is done when it is there."""
    path = register.with_name(f"{register.stem}-gb18030.csv")
    if not path.exists():
        with (
            register.open(encoding="utf-8", newline="") as given,
            path.open("w", encoding="gb18030", newline="") as made,
        ):
            shutil.copyfileobj(given, made, 1 << 22)
    return path


def make_home(folder: Path, register: Path, *, entry: str = "entry.yaml") -> Path:
    """A fresh home whose one dataset is the register, described by ``entry``."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("catalog/market", "codes", "inbox/market"):
        (folder / name).mkdir(parents=True)
    described = resources.files("pipelines.bench").joinpath(entry).read_text("utf-8")
    (folder / "opendata.yaml").write_text(CITY, encoding="utf-8")
    (folder / "catalog/bodies.yaml").write_text("bodies: {market: 测量局}\n", encoding="utf-8")
    (folder / "catalog/market/register.yaml").write_text(described, encoding="utf-8")
    districts = "".join(f"D{each:02d},第{each}区\n" for each in range(12))
    (folder / "codes/districts.csv").write_text(f"code,title\n{districts}", encoding="utf-8")
    states = "".join(f"{each},{each}\n" for each in ("存续", "注销", "吊销", "迁出"))
    (folder / "codes/states.csv").write_text(f"code,title\n{states}", encoding="utf-8")
    (folder / "inbox/market/register.csv").hardlink_to(register)
    return folder


def bare_copy(register: Path, out: Path) -> None:
    """The floor: DuckDB's own COPY from typed CSV to zstd Parquet, nothing else."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in limits.COLUMNS.items())
    con = duckdb.connect(config={"threads": 2, "memory_limit": "700MB"})
    con.execute("set enable_progress_bar = false").fetchall()
    con.execute(
        f"copy (select * from read_csv('{register}', header=true, auto_detect=false, "
        f"delim=',', quote='\"', columns={{{types}}})) to '{out}' "
        "(format parquet, compression zstd, compression_level 3, parquet_version v2)"
    ).fetchall()


def whole_path(home: Path) -> None:
    """Land, standardise, judge, desensitise, scan, release and record, without the orchestrator."""
    from assets.journey import travel
    from assets.workshop import Workshop
    from resources.home import Home
    from resources.vault import create_master_key

    opened = Home.find(home).prepare()
    create_master_key(opened.restricted / "keys" / "master.key")
    workshop = Workshop.open(opened, as_of=date(2026, 3, 31))
    dossier = travel(workshop, workshop.catalog.dataset("register"))
    if dossier.outcome.verdict.code != "released":
        msg = f"the bench dataset was not released: {dossier.outcome}"
        raise SystemExit(msg)


def ingest(home: Path) -> None:
    """Land and standardise, and no more."""
    from assets.landed import land
    from assets.standardised import standardise_and_judge
    from assets.workshop import Workshop
    from resources.home import Home

    workshop = Workshop.open(Home.find(home).prepare(), as_of=date(2026, 3, 31))
    landed = land(workshop, workshop.catalog.dataset("register"))
    rows = standardise_and_judge(workshop, landed).quality.rows
    if not rows:
        msg = "the bench dataset was not standardised"
        raise SystemExit(msg)
