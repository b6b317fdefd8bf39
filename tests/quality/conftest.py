"""A small enterprise register, its catalog entry, and the way from rows to a report."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from opendata.catalog import Body, Catalog, CodeTable, Dataset, Field
from opendata.findings import Expectation, QualityReport
from opendata.vocabulary import Dimension, FieldType, OnFail, Semantic, Severity
from quality.flags import standardise
from quality.judge import judge
from quality.plan import Plan, plan
from quality.suite import expectations_for

FIELDS = (
    Field(
        name="uscc",
        title="统一社会信用代码",
        heading="信用代码",
        key=True,
        semantic=Semantic.USCC,
    ),
    Field(name="name", title="企业名称", heading="企业名称", required=True),
    Field(name="district", title="区县", heading="区县", code_table="districts"),
    Field(
        name="capital", title="注册资本", heading="注册资本", type=FieldType.DECIMAL, minimum="0"
    ),
    Field(name="opened", title="成立日期", heading="成立日期", type=FieldType.DATE),
    Field(name="mobile", title="联系电话", heading="联系电话", semantic=Semantic.MOBILE),
    Field(name="code", title="档案号", heading="档案号", pattern="[A-Z]{2}[0-9]{4}"),
)
DATASET = Dataset(id="enterprises", title="企业登记信息", body="market", fields=FIELDS)
CATALOG = Catalog(
    bodies=(Body(id="market", title="市市场监督管理局"),),
    datasets=(DATASET,),
    code_tables=(CodeTable(id="districts", codes=(("610102", "新城区"), ("610103", "碑林区"))),),
)
CASTS = ("capital", "opened")
GOOD = ("91350100M000100Y43", "甲公司", "610102", "100.00", "2020-01-02", "13800138000", "AB0001")


@dataclass(frozen=True)
class Bench:
    """One connection, one folder: rows in, flagged file and report out."""

    con: duckdb.DuckDBPyConnection
    folder: Path

    @property
    def flagged(self) -> Path:
        return self.folder / "flagged.parquet"

    def standardised(self, rows: Sequence[tuple[str | None, ...]], *, suite: Plan) -> Path:
        names = [each.name for each in FIELDS]
        columns = ", ".join(f'"{name}" varchar' for name in names)
        self.con.execute(f"create or replace table landed ({columns}, _row bigint)").fetchall()
        if rows:
            numbered = [(*row, number) for number, row in enumerate(rows, start=2)]
            self.con.executemany(f"insert into landed values ({', '.join('?' * 8)})", numbered)
        casts = (("capital", "decimal(18,2)"), ("opened", "date"))
        typed = ", ".join(f"try_cast({name} as {type_}) as {name}" for name, type_ in casts)
        bad = ", ".join(
            f"{name} is not null and try_cast({name} as {type_}) is null as _bad_{name}"
            for name, type_ in casts
        )
        model = f"select * replace ({typed}), {bad} from landed"
        standardise(self.con, model, tuple(names), suite, self.flagged)
        return self.flagged

    def report(self, rows: Sequence[tuple[str | None, ...]]) -> QualityReport:
        suite = plan(expectations_for(DATASET, CATALOG), casts=CASTS)
        return judge(self.con, self.standardised(rows, suite=suite), DATASET, suite)


@contextmanager
def opened(folder: Path) -> Iterator[Bench]:
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        yield Bench(connection, folder)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as opened_bench:
        yield opened_bench


@pytest.fixture
def con(bench: Bench) -> duckdb.DuckDBPyConnection:
    return bench.con


@pytest.fixture(scope="session")
def opened_bench(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], AbstractContextManager[Bench]]:
    """A bench of one's own, for tests that run many times over."""
    return lambda: opened(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def row() -> Callable[..., tuple[str | None, ...]]:
    """A good row with some fields replaced."""

    def changed(**fields: str | None) -> tuple[str | None, ...]:
        names = [each.name for each in FIELDS]
        return tuple(fields.get(name, good) for name, good in zip(names, GOOD, strict=True))

    return changed


@pytest.fixture(scope="session")
def suite() -> Plan:
    return plan(expectations_for(DATASET, CATALOG), casts=CASTS)


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return DATASET


@pytest.fixture
def catalog() -> Catalog:
    return CATALOG


@pytest.fixture
def rule() -> Callable[..., Expectation]:
    """An expectation of a type, dropping rows; its id is the type unless said otherwise."""

    def made(
        type_name: str,
        *,
        called: str = "",
        mostly: float = 1.0,
        on_fail: OnFail = OnFail.DROP,
        **kwargs: object,
    ) -> Expectation:
        return Expectation(
            id=called or type_name,
            type=type_name,
            kwargs=kwargs,
            dimension=Dimension.CONFORMITY,
            indicator="0104",
            description="规则",
            severity=Severity.WARNING,
            on_fail=on_fail,
            mostly=mostly,
        )

    return made
