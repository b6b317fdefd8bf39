"""Standardised tables for tests of sketches: columns of Python values as a flagged Parquet file."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from opendata.vocabulary import FieldType
from resources.sketch import Sketch
from resources.sketching import Planned, sketch
from resources.vault import SecretKey

KEY = SecretKey(b"k" * 32)
Columns = Mapping[str, Sequence[Any]]


def codes(count: int, *, seed: int = 0) -> list[str]:
    """So many different credit codes, as sparse as real ones."""
    chosen = random.Random(seed)
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return ["91" + "".join(chosen.choices(signs, k=16)) for _ in range(count)]


def flagged(path: Path, columns: Columns, *, dirty: Sequence[int] = ()) -> Path:
    """The table; rows at the places ``dirty`` are 问题数据."""
    frame = pl.DataFrame(columns)
    marks = [-1 if place in dirty else 0 for place in range(frame.height)]
    rows = pl.Series("_row", range(1, frame.height + 1), dtype=pl.Int64)
    frame.with_columns(rows, pl.Series("_dq", marks, dtype=pl.Int64)).write_parquet(path)
    return path


def type_of(values: Sequence[Any]) -> FieldType:
    kinds = {int: FieldType.INTEGER, float: FieldType.DECIMAL, str: FieldType.TEXT}
    given = next((each for each in values if each is not None), "")
    return kinds.get(type(given), FieldType.DATE)


def sketched(
    path: Path, columns: Columns, *, indexed: str = "", key: SecretKey = KEY, **given: Any
) -> Sketch:
    """The sketch of these columns, of which texts and integers are sampled."""
    planned = [
        Planned(
            name=name,
            type=type_of(values),
            sampled=type_of(values) in (FieldType.TEXT, FieldType.INTEGER),
            indexed=name == indexed,
        )
        for name, values in columns.items()
    ]
    with duckdb.connect() as con:
        return sketch(con, flagged(path, columns, **given), planned, key)
