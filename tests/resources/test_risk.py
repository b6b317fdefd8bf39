"""k, l and t are measured exactly: the same as an oracle that knows only their definitions."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest

from resources.risk import diversity, failing_classes, measure, shortfall

QUASI = ("born", "sex", "district")
FROM_PEOPLE = "from people"


def people(seed: int = 3, rows: int = 500) -> pl.DataFrame:
    chance = random.Random(seed)
    return pl.DataFrame(
        {
            "born": [chance.choice(["1980", "1981", None]) for _ in range(rows)],
            "sex": [chance.choice("男女") for _ in range(rows)],
            "district": [chance.choice("ABCD") for _ in range(rows)],
            "disease": [chance.choice(["甲", "乙", "丙", None]) for _ in range(rows)],
            "amount": [chance.choice([100, 100, 250, 900, 4000, None]) for _ in range(rows)],
        },
        schema_overrides={"amount": pl.Int64},
    )


def registered(frame: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.register("people", frame.to_arrow())
    return con


# --- the oracle: definitions, and nothing of how the product computes them


def classes_of(frame: pl.DataFrame, field: str) -> list[list[object]]:
    found: dict[object, list[object]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        found[tuple(row[each] for each in QUASI)].append(row[field])
    return list(found.values())


def entropy_l(values: Sequence[object]) -> float:
    shares = [count / len(values) for count in Counter(values).values()]
    return math.exp(-sum(share * math.log(share) for share in shares))


def equal_distance(values: Sequence[object], table: Sequence[object]) -> float:
    ours, all_ = Counter(values), Counter(table)
    return sum(abs(ours[each] / len(values) - all_[each] / len(table)) for each in all_) / 2


def ordered_distance(values: Sequence[object], table: Sequence[object]) -> float:
    order = sorted(set(table), key=lambda each: (each is not None, each or 0))
    ours, all_ = Counter(values), Counter(table)
    running, total = 0.0, 0.0
    for each in order[:-1]:
        running += ours[each] / len(values) - all_[each] / len(table)
        total += abs(running)
    return total / (len(order) - 1)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rows", [1, 7, 60, 500])
def test_k_l_and_t_are_those_of_the_definitions(seed: int, rows: int, tmp_path: Path) -> None:
    frame = people(seed, rows)
    frame.write_parquet(tmp_path / "people.parquet")

    risk = measure(
        duckdb.connect(),
        tmp_path / "people.parquet",
        QUASI,
        sensitive=("disease", "amount"),
        required_k=5,
    )
    disease, amount = risk.diversity
    diseases, amounts = classes_of(frame, "disease"), classes_of(frame, "amount")

    assert (risk.k, risk.classes, risk.rows) == (min(map(len, diseases)), len(diseases), rows)
    assert risk.small_rows == sum(len(each) for each in diseases if len(each) < 5)
    assert disease.distinct == min(len(set(each)) for each in diseases)
    assert amount.distinct == min(len(set(each)) for each in amounts)
    assert disease.entropy == pytest.approx(min(map(entropy_l, diseases)))
    assert disease.distance == pytest.approx(
        max(equal_distance(each, frame["disease"].to_list()) for each in diseases)
    )
    if frame["amount"].n_unique() > 1:
        assert amount.distance == pytest.approx(
            max(ordered_distance(each, frame["amount"].to_list()) for each in amounts)
        )


def test_numbers_are_ordered_so_neighbours_are_told_from_extremes() -> None:
    """Li et al. (2007): of nine salaries {3,4,5} is farther from the table than {6,8,11}."""
    frame = pl.DataFrame(
        {"class": [1, 1, 1, 2, 2, 2, 3, 3, 3], "salary": [3, 4, 5, 6, 8, 11, 7, 9, 10]}
    )
    con = registered(frame)
    low = diversity(con, "from people where true", ("class",), "salary")

    assert low.distance == pytest.approx(0.375)
    assert ordered_distance([6, 8, 11], frame["salary"].to_list()) == pytest.approx(0.167, abs=1e-3)


def test_k_is_the_smallest_class_nulls_included(tmp_path: Path) -> None:
    frame = people()
    frame.write_parquet(tmp_path / "people.parquet")
    expected = min(Counter(frame.select(QUASI).iter_rows()).values())

    risk = measure(duckdb.connect(), tmp_path / "people.parquet", QUASI, required_k=5)

    assert (risk.k, risk.required_k, risk.quasi_identifiers) == (expected, 5, QUASI)


def test_there_is_no_k_without_quasi_identifiers_or_rows() -> None:
    con = duckdb.connect()

    assert shortfall(con, "select 1 as a", (), below=2).k is None
    assert shortfall(con, "select 1 as a where false", ("a",), below=2).k is None


def test_an_empty_table_has_no_diversity() -> None:
    found = diversity(registered(people().clear()), FROM_PEOPLE, QUASI, "amount")

    assert (found.distinct, found.entropy, found.distance) == (None, None, None)


def test_a_field_of_one_value_is_no_farther_in_one_class_than_in_another() -> None:
    frame = people().with_columns(amount=pl.lit(5), disease=pl.lit("甲"))
    con = registered(frame)

    assert [
        diversity(con, FROM_PEOPLE, QUASI, each).distance for each in ("amount", "disease")
    ] == [
        0.0,
        0.0,
    ]


def test_small_classes_come_with_their_size() -> None:
    con = duckdb.connect()
    rows = "select unnest(['a', 'a', 'a', 'b', null]) as v"

    found = con.execute(f"{failing_classes(rows, ('v',), below=3)} order by v").fetchall()

    assert found == [("b", 1), (None, 1)]


def test_classes_that_tell_a_sensitive_value_fail_however_large() -> None:
    con = duckdb.connect()
    rows = "select * from (values ('a', 1), ('a', 1), ('a', 1), ('b', 1), ('b', null)) t(q, s)"

    found = con.execute(failing_classes(rows, ("q",), below=2, diverse={"s": 2})).fetchall()

    assert found == [("a", 3)]
