"""Group sizes are counted exactly: the same as a brute-force count in Python."""

import random
from collections import Counter
from pathlib import Path

import duckdb
import polars as pl
import pytest

from resources.risk import measure, measure_k, small_classes

QUASI = ("born", "sex", "district")


@pytest.fixture
def people() -> pl.DataFrame:
    chance = random.Random(3)
    return pl.DataFrame(
        {
            "born": [chance.choice(["1980", "1981", None]) for _ in range(500)],
            "sex": [chance.choice("男女") for _ in range(500)],
            "district": [chance.choice("ABCD") for _ in range(500)],
        }
    )


def test_k_is_the_smallest_class_nulls_included(people: pl.DataFrame, tmp_path: Path) -> None:
    people.write_parquet(tmp_path / "people.parquet")
    expected = min(Counter(people.iter_rows()).values())

    risk = measure(duckdb.connect(), tmp_path / "people.parquet", QUASI, required_k=5)

    assert (risk.k, risk.required_k, risk.quasi_identifiers) == (expected, 5, QUASI)


def test_there_is_no_k_without_quasi_identifiers_or_rows() -> None:
    con = duckdb.connect()

    assert measure_k(con, "select 1 as a", ()) is None
    assert measure_k(con, "select 1 as a where false", ("a",)) is None


def test_small_classes_come_with_their_size() -> None:
    con = duckdb.connect()
    rows = "select unnest(['a', 'a', 'a', 'b', null]) as v"

    found = con.execute(f"{small_classes(rows, ('v',), below=3)} order by v").fetchall()

    assert found == [("b", 1), (None, 1)]
