"""Corrections change the cells they were made for, and nothing else of a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from opendata.quarantine import Answer, Reply, Spot
from resources.corrections import Corrections, correct, rules_by_record, still_as_struck

FILE = "ab" * 32
AT = datetime(2026, 3, 31, tzinfo=UTC)


def correction(record: int, field: str, was: str | None, value: str | None) -> Answer:
    spot = Spot(sha256=FILE, record=record, field=field)
    return Answer(
        spot=spot, reply=Reply.CORRECTED, rules=(f"{field}_format",), was=was, value=value
    )


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(
            "create table received as select 'P-' || i as no, 'x' as name, i + 1 as _row "
            "from range(1, 5001) as given(i)"
        )
        yield con


def rows(con: duckdb.DuckDBPyConnection, *corrections: Answer) -> list[Any]:
    correct(con, "received", "corrected", ["no", "name"], corrections)
    return con.execute("select no, name, _row from corrected").fetchall()


def test_only_the_cells_that_were_corrected_change_and_the_order_stays(
    con: duckdb.DuckDBPyConnection,
) -> None:
    before = con.execute("select no, name, _row from received").fetchall()

    after = rows(con, correction(3, "no", "P-2", "Q"), correction(5, "name", "x", None))

    different = [new for old, new in zip(before, after, strict=True) if old != new]
    assert different == [("Q", "x", 3), ("P-4", None, 5)]


def test_several_cells_of_one_record_are_corrected_together(con: duckdb.DuckDBPyConnection) -> None:
    found = rows(con, correction(3, "no", "P-2", "Q"), correction(3, "name", "x", "y"))

    assert found[1] == ("Q", "y", 3)


def test_a_cell_that_holds_something_else_by_now_is_left_alone(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(con, correction(3, "no", "another", "Q"))[1] == ("P-2", "x", 3)


def test_a_correction_of_a_column_that_is_not_read_any_more_is_left_out(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(con, correction(3, "gone", None, "Q"))[1] == ("P-2", "x", 3)


def test_where_there_is_no_folder_there_are_no_corrections(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "none")

    assert (corrections.number, corrections.digest, corrections.of(FILE)) == (0, None, ())


def test_the_last_correction_of_a_cell_is_in_force(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "parks")
    with corrections.locked():
        corrections.take("1" * 64, [correction(3, "no", "P-2", "Q")], at=AT, by="a")
        before = corrections.digest
        corrections.take("2" * 64, [correction(3, "no", "P-2", "R")], at=AT, by="a")

    again = Corrections(tmp_path / "parks")
    assert [(each.value, each.number) for each in again.of(FILE)] == [("R", 2)]
    assert before != again.digest
    assert again.of("cd" * 32) == ()


def test_the_rules_of_a_record_are_those_of_all_its_cells() -> None:
    told = rules_by_record([correction(3, "no", "a", "b"), correction(3, "name", "a", "b")])

    assert told == {3: ("no_format", "name_format")}


def strike(record: int, was: str | None, *, field: str = "no") -> Answer:
    spot = Spot(sha256=FILE, record=record, field=field)
    return Answer(spot=spot, reply=Reply.STRUCK, rules=("no_unique",), was=was, said="重复登记")


def test_a_row_is_struck_out_only_while_it_holds_what_it_held(
    con: duckdb.DuckDBPyConnection,
) -> None:
    asked = [
        strike(3, "P-2"),
        strike(4, "another"),
        strike(9_999, "P-1"),
        strike(5, "P-4", field="x"),
    ]

    found = still_as_struck(con, "received", ["no", "name"], asked)
    assert [each.spot.record for each in found] == [3]


def test_a_row_is_struck_out_until_somebody_answers_otherwise_for_it(tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "parks")
    with corrections.locked():
        corrections.take("1" * 64, [strike(3, "P-2"), strike(4, "P-3")], at=AT, by="a")
        corrections.take("2" * 64, [correction(3, "name", "x", "y")], at=AT, by="a")

    assert [each.spot.record for each in corrections.strikes(FILE)] == [4]
    assert corrections.strikes("cd" * 32) == ()
