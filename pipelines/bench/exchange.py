"""Reading a million rows from PostgreSQL: our capture against the driver's own Arrow read.

Both are processes of their own, both start from nothing; only the client's CPU counts. The driver's
read is what its manual shows: the same columns, all at once into an Arrow table in memory, thrown
away. Ours also sorts (at the server), checks, compresses, writes and syncs a Parquet file.
"""

import importlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from rich.console import Console

from opendata.settings import Connection
from opendata.source import Exchange, Source
from pipelines.bench import limits, workloads
from pipelines.bench.limits import Figure, figure
from pipelines.bench.measure import cpu_and_rss

SERVER = os.environ.get("OPENDATA_BENCH_PG", "postgresql://root@127.0.0.1:5432/test")
ROUNDS = 7
ROWS = 1_000_000
_EXACT = {"金额": "decimal(18, 2)"}


def exchange_figures(folder: Path) -> Iterator[Figure]:
    """The ratio of CPU, the median of interleaved rounds; nothing when there is no server."""
    if not _answers():
        told = (
            f"{limits.INGEST_PG.name} is not measured: no PostgreSQL answers at OPENDATA_BENCH_PG"
        )
        Console(stderr=True).print(told)
        return
    home = workloads.make_home(folder / "exchange", workloads.make_register(folder, rows=ROWS))
    with _table(home / "inbox/market/register.csv") as table:
        idle, floors, ready, ours = [], [], [], []
        for round_no in range(ROUNDS):
            idle.append(cpu_and_rss(load_driver)[0])
            floors.append(cpu_and_rss(drivers_read, table))
            ready.append(cpu_and_rss(load_capture)[0])
            ours.append(cpu_and_rss(our_capture, home, table, home / f"round-{round_no}"))
    read = [cpu - median(idle) for cpu, _ in floors]
    captured = [cpu - median(ready) for cpu, _ in ours]
    ratios = [each / floor for each, floor in zip(captured, read, strict=True)]
    detail = (
        f"capture {median(captured):.2f} CPU s and {max(mb for _, mb in ours):.0f} MB, "
        f"driver {median(read):.2f} CPU s and {max(mb for _, mb in floors):.0f} MB, without the "
        f"{median(ready):.2f} and {median(idle):.2f} CPU s of loading each, "
        f"ratios {min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} interleaved rounds"
    )
    yield figure(limits.INGEST_PG, median(ratios), detail)


def load_driver() -> None:
    """Start Python and load the driver: no part of reading."""
    importlib.import_module("adbc_driver_postgresql.dbapi")


def load_capture() -> None:
    """Start Python and load what a capture needs: no part of reading either."""
    load_driver()
    for each in ("pyarrow.parquet", "resources.exchange", "resources.exchange_postgresql"):
        importlib.import_module(each)


def drivers_read(table: str) -> None:
    """The floor: ADBC's read of the table into Arrow."""
    from adbc_driver_postgresql import dbapi

    columns = ", ".join(f'"{each}"' for each in limits.COLUMNS)
    with dbapi.connect(SERVER) as db, db.cursor() as cursor:
        cursor.execute(f"select {columns} from {table}")
        if cursor.fetch_arrow_table().num_rows != ROWS:
            raise SystemExit("the driver did not read every row")


def our_capture(home: Path, table: str, into: Path) -> None:
    """The same columns of the same table, captured."""
    from resources.exchange import capture
    from resources.home import Home

    columns = tuple((f"c{place}", each) for place, each in enumerate(limits.COLUMNS))
    exchange = Exchange(connection="bench", table=table)
    captured = capture(
        Source(id="register", columns=columns, exchange=exchange),
        Connection(id="bench", url=SERVER, tls="disable"),
        home=Home(home),
        into=into,
    )
    if captured.rows != ROWS:
        raise SystemExit("the capture did not read every row")


def _answers() -> bool:
    import socket

    parts = urlsplit(SERVER)
    try:
        socket.create_connection((parts.hostname, parts.port or 5432), timeout=3).close()
    except OSError:
        return False
    return True


@contextmanager
def _table(register: Path) -> Iterator[str]:
    """The register as a typed table with a primary key, in a schema dropped afterwards."""
    schema = f"bench_{uuid.uuid4().hex}"
    _run(f"create schema {schema}")
    try:
        cpu_and_rss(fill, register, schema)  # elsewhere: a child's peak starts at its parent's
        yield f"{schema}.register"
    finally:
        _run(f"drop schema {schema} cascade")


def fill(register: Path, schema: str) -> None:
    """Make the table of the register's rows."""
    import duckdb
    from adbc_driver_postgresql import dbapi

    types = ", ".join(
        f"'{name}': '{_EXACT.get(name, kind)}'" for name, kind in limits.COLUMNS.items()
    )
    read = f"from read_csv('{register}', header=true, auto_detect=false, columns={{{types}}})"
    with duckdb.connect() as con, dbapi.connect(SERVER) as db, db.cursor() as cursor:
        con.execute("set enable_progress_bar = false").fetchall()
        rows = con.sql(read).to_arrow_reader(100_000)
        cursor.adbc_ingest("register", rows, db_schema_name=schema)
        db.commit()
    _run(f'alter table {schema}.register add primary key ("编号")', f"analyze {schema}.register")


def _run(*statements: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(SERVER, autocommit=True) as db, db.cursor() as cursor:
        for each in statements:
            cursor.execute(each)
