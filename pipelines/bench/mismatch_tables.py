"""Random tables in which every kind of value stands that has told two judges apart."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from opendata.identifiers import citizen_id_check, uscc_check

COLUMNS = {
    "s": "varchar",
    "t": "varchar",
    "n": "bigint",
    "x": "decimal(18,2)",
    "d": "date",
    "e": "date",
    "u": "varchar",
    "c": "varchar",
    "v": "varchar",
}
TEXTS = ("a", "b", "ab", "", "中文", "a\nb", " a", "\uff21")
DIVISIONS = (
    "610102", "610100", "610002", "000000", "110101", "6101", "６１０１０２", "610102\n", "830101",
)  # fmt: skip
GAPS = (0.0, 0.1, 0.5, 1.0)
HEIGHTS = (0, 1, 5, 40)


def random_tables(con: duckdb.DuckDBPyConnection, chance: random.Random) -> Iterator[str]:
    """Tables without end, one at a time, by name."""
    while True:
        gap, height = chance.choice(GAPS), chance.choice(HEIGHTS)
        _create(con, "narrow", COLUMNS, [_row(chance, gap) for _ in range(height)])
        yield "narrow"


def wide_table(
    con: duckdb.DuckDBPyConnection, chance: random.Random, count: int
) -> tuple[str, tuple[str, ...]]:
    """So many random tables of one height side by side: a name, and columns from ``s_0`` on."""
    height, gaps = chance.choice(HEIGHTS), [chance.choice(GAPS) for _ in range(count)]
    rows = [[value for gap in gaps for value in _row(chance, gap)] for _ in range(height)]
    columns = {f"{name}_{at}": kind for at in range(count) for name, kind in COLUMNS.items()}
    _create(con, "wide", columns, rows)
    return "wide", tuple(columns)


def other_dataset(con: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    """The folder of standardised tables, with one whose last row was set aside."""
    path = folder / "others.parquet"
    rows = "('a', 1, date '2020-01-02', 0), ('中文', 4, null, 0), ('', 7, date '2020-01-05', 1)"
    con.execute(
        f"copy (select * from (values {rows}, ('b', 2, date '2020-01-03', -1)) "
        f"as t(word, number, day, _dq)) to '{path}' (format parquet)"
    ).fetchall()
    return folder


def _create(
    con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[list[Any]]
) -> None:
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    con.execute(f"create or replace table {name} ({declared})").fetchall()
    if rows:
        con.executemany(f"insert into {name} values ({', '.join('?' * len(columns))})", rows)


def _row(chance: random.Random, gap: float) -> list[Any]:
    body = f"110105{date(1990, 1, 1) + timedelta(chance.randrange(9000)):%Y%m%d}00"
    person = body + str(chance.randrange(10))
    company = f"9135010{chance.randrange(10)}M000{chance.randrange(10)}00Y4"
    values = (
        chance.choice(TEXTS),
        chance.choice(TEXTS),
        chance.randrange(10),
        chance.randrange(40) / 4,
        date(2020, 1, chance.randrange(1, 10)),
        date(2020, 1, chance.randrange(1, 10)),
        company + chance.choice((uscc_check(company), "0")),
        chance.choice((person + citizen_id_check(person), "13800138000", "4" * 16)),
        chance.choice(DIVISIONS),
    )
    return [None if chance.random() < gap else each for each in values]
