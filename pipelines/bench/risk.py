"""Risk at size: k and l of ten million rows, the lattice at a million, two tables linked."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import duckdb

from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure

ROUNDS = 3
_LARGE, _MIDDLE = 10_000_000, 1_000_000
_QUASI = ("born", "sex", "region", "edu", "work", "married")
_PERSONS = (
    "select 1931 + hash(i, 1) % 95 as born, if(hash(i, 2) % 2 = 0, '男', '女') as sex, "
    "(610100 + floor(120 * pow(hash(i, 3) / 18446744073709551616.0, 3)))::int::varchar as region, "
    "chr(65 + (hash(i, 4) % 7)::int) as edu, "
    "floor(60 * pow(hash(i, 5) / 18446744073709551616.0, 4))::int::varchar as work, "
    "chr(87 + (hash(i, 6) % 4)::int) as married, "
    "'D' || floor(20 * pow(hash(i, 7) / 18446744073709551616.0, 2))::int as disease "
    "from range({rows}) t(i)"
)


def risk_figures(folder: Path) -> Iterator[Figure]:
    """Wall clock of each, two threads; the search's detail says how much of the lattice it saw."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    con.execute("set enable_progress_bar = false").fetchall()
    yield _diversity(con, folder)
    yield _lattice(con)
    yield _linkage(con, folder)


def _diversity(con: duckdb.DuckDBPyConnection, folder: Path) -> Figure:
    from resources.risk import measure

    path = folder / "persons.parquet"
    con.execute(f"copy ({_PERSONS.format(rows=_LARGE)}) to '{path}' (format parquet)").fetchall()
    quasi = _QUASI[:4]
    found = measure(con, path, quasi, sensitive=("disease",), required_k=5)
    spent = [
        _spent(lambda: measure(con, path, quasi, sensitive=("disease",), required_k=5))
        for _ in range(ROUNDS)
    ]
    detail = f"{_LARGE:,} rows x 4: k {found.k}, {found.classes:,} classes; with entropy l and t"
    return figure(limits.K_L, median(spent), f"{detail}, {ROUNDS} rounds")


def _lattice(con: duckdb.DuckDBPyConnection) -> Figure:
    from opendata.catalog import Catalog, Dataset, Field, Treatment
    from opendata.hierarchies import Hierarchy
    from opendata.vocabulary import Action, Role
    from resources.ladders import base_of
    from resources.lattice import Asked, search

    hierarchies = tuple(Hierarchy(id=name, rows=rows) for name, rows in _hierarchies().items())
    by_file = {
        name: Treatment(action=Action.GENERALISE, hierarchy=name, level=1) for name in _QUASI
    }
    fields = tuple(
        Field(name=name, title=name, heading=name, role=Role.QUASI, treatment=by_file[name])
        for name in _QUASI
    )
    dataset = Dataset(id="persons", title="人员", body="civil", fields=fields)
    catalog = Catalog(bodies=(), datasets=(dataset,), hierarchies=hierarchies)
    con.execute(
        "create table persons as select * replace (born::varchar as born) from "
        f"({_PERSONS.format(rows=_MIDDLE)})"
    ).fetchall()

    def searched() -> str:
        base = base_of(con, "from persons", catalog, dataset)
        found = search(base, Asked(k=5, max_suppression=0.02), seconds=600)
        classes = len(base.classes[0].counts)
        return (
            f"{_MIDDLE:,} rows, {classes:,} classes, {found.lattice} nodes: {found.checked} "
            f"checked, {len(found.nodes)} to choose from"
        )

    started = time.perf_counter()
    detail = searched()
    return figure(limits.LATTICE, time.perf_counter() - started, detail)


def _linkage(con: duckdb.DuckDBPyConnection, folder: Path) -> Figure:
    from opendata.catalog import Dataset, Field
    from opendata.vocabulary import Role
    from resources.grains import opened
    from resources.linkage import link

    sides = []
    for dataset_id, step in (("aid", 1), ("work", 4)):
        path = folder / f"{dataset_id}.parquet"
        con.execute(
            f"copy (select born, sex, 'S' || (hash(i, 8) % 800) as street, {step}00 + i % 7 as "
            f"{dataset_id} from (select *, row_number() over () as i from "
            f"({_PERSONS.format(rows=2 * _MIDDLE)})) where (i // {step}) % 4 = 0) "
            f"to '{path}' (format parquet)"
        ).fetchall()
        fields = tuple(
            Field(name=name, title=name, heading=name, role=Role.QUASI)
            for name in ("born", "sex", "street")
        )
        own = Field(name=dataset_id, title=dataset_id, heading=dataset_id)
        dataset = Dataset(id=dataset_id, title=dataset_id, body="civil", fields=(*fields, own))
        sides.append((dataset, path))

    def pair() -> str:
        ours, theirs = (opened(con, dataset, path, required_k=5) for dataset, path in sides)
        found = link(con, ours, theirs)
        if found is None or len(found.keys) != 3:
            raise SystemExit("the two tables were not joined on what they share")
        return (
            f"{found.rows:,} x {found.other_rows:,} rows on {len(found.keys)} columns: "
            f"{found.linked:,} stand alone on both sides; sketches of both included"
        )

    detail = pair()
    spent = [_spent(pair) for _ in range(ROUNDS)]
    return figure(limits.LINKAGE, median(spent), f"{detail}, {ROUNDS} rounds")


def _hierarchies() -> dict[str, tuple[tuple[str, ...], ...]]:
    """5 x 2 x 4 x 3 x 3 x 2 = 720 nodes."""
    born = range(1931, 2026)
    spans = tuple((f"{y}", *(f"{y - y % n}+{n}" for n in (5, 10, 20)), "*") for y in born)
    regions = tuple((f"{r}", f"{r}"[:5], f"{r}"[:4], "*") for r in range(610100, 610221))
    return {
        "born": spans,
        "sex": (("男", "*"), ("女", "*")),
        "region": regions,
        "edu": tuple((letter, "low" if letter < "C" else "high", "*") for letter in "ABCDEFG"),
        "work": tuple((f"{n}", f"{n // 10}", "*") for n in range(60)),
        "married": tuple((letter, "*") for letter in "WXYZ"),
    }


def _spent(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
