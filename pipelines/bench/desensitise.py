"""Desensitising sixteen columns by nine treatments, beside only reading and writing them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from opendata.catalog import Dataset, Field, Treatment
from opendata.vocabulary import Action, FieldType, Semantic
from pipelines.bench import limits
from pipelines.bench.limits import Bar, Figure, figure
from pipelines.bench.people import make_people

ROWS = 1_000_000
ROUNDS = 5
_CELLS = 10_000
_KEPT = ("uscc", "sex", "region", "edu", "occ", "cat")
_MASKED = {
    "mobile": ("手机号", None),
    "name": ("姓名", None),
    "card": ("银行卡", Semantic.BANK_CARD),
    "plate": ("车牌", None),
    "email": ("邮箱", None),
}


def desensitise_figures(folder: Path) -> Iterator[Figure]:
    """CPU of the masker against a bare COPY of the same columns, and against Presidio's engine."""
    for bar, distinct in ((limits.MASK_CPU, 0.6), (limits.MASK_CPU_FEW, 0.05)):
        people = make_people(folder / f"people-{distinct}.parquet", rows=ROWS, distinct=distinct)
        yield _beside_copying(bar, people, folder)
    yield _beside_the_engine(folder / "people-0.6.parquet", folder)


def _beside_copying(bar: Bar, people: Path, folder: Path) -> Figure:
    works = (
        lambda: _release(people, folder / "treated.parquet"),
        lambda: _copy(people, folder / "copied.parquet"),
        lambda: _stream(people, folder / "streamed.parquet"),
    )
    rounds = [tuple(_cpu(work) for work in works) for _ in range(ROUNDS)]
    ratios = [ours / bare for ours, bare, _ in rounds]
    ours, bare, streamed = (median(each[place] for each in rounds) for place in range(3))
    detail = (
        f"{ROWS:,} rows, 16 columns, 9 treatments, rows in total order: {ours:.2f} CPU s, bare "
        f"COPY {bare:.2f}, polars scan to sink {streamed:.2f}; ratios {min(ratios):.2f} to "
        f"{max(ratios):.2f} in {ROUNDS} interleaved rounds"
    )
    return figure(bar, median(ratios), detail)


def _beside_the_engine(people: Path, folder: Path) -> Figure:
    """Ours on all rows, Presidio's engine cell by cell on some of them, each per row."""
    ours = median(_cpu(lambda: _release(people, folder / "treated.parquet")) for _ in range(3))
    theirs = _cpu(lambda: _by_engine(people))
    share = (ours / ROWS) / (theirs / _CELLS)
    detail = (
        f"{1 / share:.0f} times less CPU a row than AnonymizerEngine with the same operators over "
        f"7 columns, {_CELLS:,} rows of them; reading and writing included on our side only"
    )
    return figure(limits.MASK_VS_PRESIDIO, share, detail)


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _fields() -> Iterator[Field]:
    yield _field("row_id", Treatment(), type=FieldType.INTEGER, key=True)
    pseudonym = Treatment(action=Action.PSEUDONYM, purpose="测量")
    yield _field("id_no", pseudonym, semantic=Semantic.CITIZEN_ID)
    for name, (preset, semantic) in _MASKED.items():
        masked = Treatment(action=Action.MASK, preset=preset)
        yield _field(name, masked, semantic=semantic)
    yield _field("addr", Treatment(action=Action.GENERALISE, preset="区县"))
    year = Treatment(action=Action.GENERALISE, preset="年")
    yield _field("birth", year, type=FieldType.DATE)
    binned = Treatment(action=Action.BIN, edges=("500", "1000", "5000"))
    yield _field("amount", binned, type=FieldType.DECIMAL)
    yield from (_field(each, Treatment()) for each in _KEPT)


def _field(name: str, treatment: Treatment, **more: object) -> Field:
    given: dict[str, Any] = {"title": name, "heading": name, "treatment": treatment, **more}
    return Field(name=name, **given)


def _connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 2, "memory_limit": "700MB"})
    con.execute("set enable_progress_bar = false").fetchall()
    return con


def _release(people: Path, out: Path) -> None:
    from resources.masker import Masker
    from resources.vault import KeyProvider

    dataset = Dataset(id="people", title="人员", body="bench", fields=tuple(_fields()))
    masker = Masker(KeyProvider("env:KEY", environ={"KEY": "5a" * 32}))
    clean = f"select * from read_parquet('{people}')"
    with _connection() as con:
        done = masker.release(con, clean, dataset, out, metadata={}, required_k=5)
    if (done.rows, len(done.columns)) != (ROWS, 16):
        msg = f"{done.rows} rows of {len(done.columns)} columns were released"
        raise SystemExit(msg)


def _copy(people: Path, out: Path) -> None:
    with _connection() as con:
        con.execute(
            f"copy (from read_parquet('{people}')) to '{out}' (format parquet, compression zstd, "
            "compression_level 1, parquet_version v2, row_group_size 122880)"
        ).fetchall()


def _stream(people: Path, out: Path) -> None:
    import polars as pl

    pl.scan_parquet(people).sink_parquet(out, compression="zstd")


def _by_engine(people: Path) -> None:
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    from opendata.desensitise import plan_for
    from resources.treating import OPERATORS, operator_of
    from resources.vault import SecretKey

    engine = AnonymizerEngine()
    for each in OPERATORS.values():
        engine.add_anonymizer(each)
    dataset = Dataset(id="people", title="人员", body="bench", fields=tuple(_fields()))
    steps = {each.field: each for each in plan_for(dataset)}
    con = _connection()
    for name in ("id_no", *_MASKED, "addr"):
        operator, params = operator_of(steps[name], dataset.field(name))
        given = params | {"key": SecretKey(bytes(32))} if name == "id_no" else params
        configs = {"X": OperatorConfig(operator.operator_name(), given)}
        column = f"select {name} from read_parquet('{people}') limit {_CELLS}"
        for (text,) in con.execute(column).fetchall():
            whole = [RecognizerResult("X", 0, len(text), 1.0)]
            engine.anonymize(text, whole, configs, merge_entities_with_spaces=False)
