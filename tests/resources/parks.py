"""Two small datasets and a store to publish them in, for the tests of the open store."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from opendata.catalog import Dataset, Field, Treatment
from opendata.vocabulary import Action, Openness
from resources.candidates import Candidate
from resources.store import OpenStore

ROOT = Path(__file__).parents[2]
FRIDAY = datetime(2026, 1, 9, 21, 30, tzinfo=UTC)
_DROPPED = Treatment(action=Action.DROP)
PARKS = Dataset(
    id="parks",
    title="公园名录",
    summary="全市公园",
    body="landscape",
    theme="城建住房",
    openness=Openness.UNCONDITIONAL,
    fields=(
        Field(name="name", title="公园名称", heading="名称"),
        Field(name="area", title="面积（公顷）", heading="面积"),
        Field(
            name="keeper", title="管护人", heading="管护人", treatment=Treatment(action=Action.DROP)
        ),
    ),
)
PERMITS = replace(PARKS, id="permits", title="许可证", summary=None)


def a_store(folder: Path, *, name: str = "public") -> OpenStore:
    return OpenStore(folder / "store" / name, name=name)


def a_candidate(
    store: OpenStore, dataset: Dataset = PARKS, *, tag: int = 1, rows: int = 3
) -> Candidate:
    path = store.stage(dataset.id)
    duckdb.sql(
        f"copy (select 'p' || range as name, {tag}::bigint as area from range({rows})) "
        f"to '{path}' (format parquet)"
    )
    return Candidate(dataset=dataset, parquet=path, rows=rows, data_time=date(2026, 1, 5))


def ask(store: OpenStore, query: str, *, file: str = "open.duckdb") -> list[tuple[object, ...]]:
    with duckdb.connect(str(store.root / file), read_only=True) as con:
        return con.execute(query).fetchall()


def suspend(store: OpenStore, dataset_id: str = "parks") -> None:
    store.suspend([dataset_id], case="2026-7", reason="坐标有误", actor="张三", at=FRIDAY)


def everything_under(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}
