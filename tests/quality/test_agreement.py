from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from opendata.agreement import Agreement, Comparison, comparisons
from opendata.catalog import Dataset
from opendata.findings import Expectation
from opendata.vocabulary import Dimension, FieldType, OnConflict, OnFail, Severity
from quality.agreement import (
    Authority,
    agreement_results,
    counted,
    meet,
    take_authority,
    write_conflicts,
)
from quality.flags import NOTHING_SETTLED, Settled, standardise
from quality.plan import Plan, plan
from tests.support import a_catalog, a_dataset, a_field

REGISTER = a_dataset(
    id="register",
    fields=(
        a_field("code", key=True, element="code"),
        a_field("name", element="name"),
        a_field("capital", type=FieldType.INTEGER, element="capital"),
    ),
)
ROWS = (("A", "甲", 1), ("B", "乙", 2), ("C", None, 3))


def permits(on_conflict: OnConflict = OnConflict.REPORT) -> Dataset:
    def carried(name: str, **more: object) -> object:
        given = {"element": name, "checked_against": f"register.{name}"}
        return a_field(name, **given, on_conflict=on_conflict, **more)

    return a_dataset(
        id="permits",
        fields=(
            carried("code"),
            carried("name"),
            carried("capital", type=FieldType.INTEGER),
            a_field("place"),
        ),
    )


def suite(dataset: Dataset) -> Plan:
    longer = Expectation(
        id="name_is_short",
        type="expect_column_value_lengths_to_be_between",
        kwargs={"column": "name", "max_value": 3},
        dimension=Dimension.CONFORMITY,
        indicator="0302",
        description="不超过三个字",
        severity=Severity.WARNING,
        on_fail=OnFail.DROP,
    )
    typed = replace(
        longer,
        id="capital_is_integer",
        type="expect_column_values_to_be_of_type",
        kwargs={"column": "capital", "type_": "int64"},
        on_fail=OnFail.KEEP_FLAG,
    )
    return plan([longer, typed], casts=("capital",) if dataset.id == "permits" else ())


class Place:
    """A folder of flagged files, and one connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.con, self.folder = con, folder

    def write(self, dataset: Dataset, rows: Sequence[tuple[object, ...]]) -> Path:
        names = [each.name for each in dataset.fields]
        types = [
            "bigint" if each.type is FieldType.INTEGER else "varchar" for each in dataset.fields
        ]
        columns = ", ".join(f"{n} {t}" for n, t in zip(names, types, strict=True))
        self.con.execute(
            f"create or replace table landed ({columns}, _row bigint, _bad_capital bool)"
        )
        marks = ", ".join("?" * (len(names) + 2))
        for number, row in enumerate(rows, start=1):
            bad = len(row) > len(names)
            values = [*row[: len(names)], number, bad]
            self.con.execute(f"insert into landed values ({marks})", values)
        path = self.folder / f"{dataset.id}.parquet"
        standardise(self.con, "select * from landed", tuple(names), suite(dataset), path)
        return path

    def compared(self, dataset: Dataset) -> tuple[Comparison, ...]:
        return comparisons(a_catalog(REGISTER, dataset), dataset)

    def agreements(self, dataset: Dataset) -> dict[str, Agreement]:
        compared = self.compared(dataset)
        known = {"register": Authority(flagged=self.folder / "register.parquet", sha256="5")}
        met = meet(self.con, self.folder / "permits.parquet", compared, known)
        return {each.field: each for each in counted(self.con, met, compared, known)}


@pytest.fixture
def place(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Place:
    place = Place(con, tmp_path)
    place.write(REGISTER, ROWS)
    return place


def counts(found: Agreement) -> tuple[int, int, int, int]:
    return found.agree, found.differ, found.missing, found.not_compared


def test_every_clean_row_is_counted_once_and_in_one_way(place: Place) -> None:
    place.write(
        permits(),
        [
            ("A", "甲", 1, "x"),  # agrees
            ("B", "丙", 2, "x"),  # another name
            ("C", "丁", 3, "x"),  # the authority has no name
            ("D", "戊", 4, "x"),  # the authority has no such row
            ("A", None, 1, "x"),  # no name of its own
            (None, "甲", 1, "x"),  # no key of its own
        ],
    )

    found = place.agreements(permits())

    assert counts(found["name"]) == (1, 1, 2, 2)
    assert counts(found["code"]) == (4, 0, 1, 1)
    assert {each.rows for each in found.values()} == {6}
    assert found["name"].authority_sha256 == "5"


def test_rows_set_aside_are_not_compared(place: Place) -> None:
    place.write(permits(), [("A", "甲甲甲甲", 1, "x"), ("B", "乙", 2, "x")])

    assert counts(place.agreements(permits())["name"]) == (1, 0, 0, 0)


def test_rows_the_authority_set_aside_are_missing(place: Place) -> None:
    place.write(REGISTER, [("A", "甲甲甲甲", 1)])
    place.write(permits(), [("A", "甲", 1, "x")])

    assert counts(place.agreements(permits())["name"]) == (0, 0, 1, 0)


def test_numbers_are_compared_as_numbers(place: Place) -> None:
    place.write(permits(), [("A", "甲", 1, "x"), ("B", "乙", 9, "x")])

    assert counts(place.agreements(permits())["capital"]) == (1, 1, 0, 0)


def test_without_the_authoritys_file_nothing_agrees(place: Place) -> None:
    place.write(permits(), [("A", "甲", 1, "x")])
    compared = place.compared(permits())

    found = counted(place.con, (), compared, {})

    assert {each.unverified for each in found} == {"数源数据尚未治理"}
    assert {counts(each) for each in found} == {(0, 0, 0, 0)}
    assert agreement_results(found, compared, {}) == ()


def test_conflicts_keep_both_values_the_key_and_the_row(place: Place) -> None:
    flagged = place.write(permits(), [("A", "甲", 1, "x"), ("B", "丙", 2, "x")])
    known = {"register": Authority(flagged=place.folder / "register.parquet", sha256="5")}
    out = place.folder / "conflicts.parquet"

    written = write_conflicts(
        place.con, meet(place.con, flagged, place.compared(permits()), known), out
    )

    rows = place.con.execute(f"from '{out}'").fetchall()
    assert written == 1
    assert rows == [(2, ["B"], "name", "register.name", "丙", "乙")]


def test_a_table_of_conflicts_goes_when_there_are_none(place: Place) -> None:
    flagged = place.write(permits(), [("A", "甲", 1, "x")])
    known = {"register": Authority(flagged=place.folder / "register.parquet", sha256="5")}
    out = place.folder / "conflicts.parquet"
    out.write_bytes(b"of last month")

    write_conflicts(place.con, meet(place.con, flagged, place.compared(permits()), known), out)

    assert not out.exists()


def taken(
    place: Place, rows: Sequence[tuple[object, ...]], settled: Settled = NOTHING_SETTLED
) -> list[tuple[object, ...]]:
    dataset = permits(OnConflict.AUTHORITY_WINS)
    flagged = place.write(dataset, rows)
    known = {"register": Authority(flagged=place.folder / "register.parquet", sha256="5")}
    met = meet(place.con, flagged, place.compared(dataset), known)
    names = tuple(each.name for each in dataset.fields)
    take_authority(place.con, flagged, met, names, suite(dataset), settled=settled)
    return place.con.execute(f"select code, name, capital, _row, _dq from '{flagged}'").fetchall()


def test_an_authority_that_wins_replaces_what_differs_and_nothing_else(place: Place) -> None:
    rows = taken(
        place,
        [("B", "丙", 2, "x"), ("A", "甲", 9, "x"), ("C", "丁", 3, "x"), ("A", None, 1, "x")],
    )

    assert rows == [
        ("B", "乙", 2, 1, 0),
        ("A", "甲", 1, 2, 0),
        ("C", "丁", 3, 3, 0),
        ("A", None, 1, 4, 0),
    ]


def test_flags_outlive_the_replacing_of_other_values(place: Place) -> None:
    rows = taken(place, [("B", "丙", None, "x", "was no number"), ("A", "甲甲甲甲", 1, "x")])

    assert [row[:4] for row in rows] == [("B", "乙", None, 1), ("A", "甲甲甲甲", 1, 2)]
    assert rows[0][4] == 2  # the cast that failed
    assert int(str(rows[1][4])) < 0  # still set aside


def test_what_was_waived_stays_waived_after_values_were_replaced(place: Place) -> None:
    given = [("B", "丙", 2, "x"), ("A", "甲甲甲甲", 1, "x")]
    by_rule = taken(place, given, Settled(waived_rules=frozenset({"name_is_short"})))
    by_row = taken(place, given, Settled(waived={"name_is_short": (2,)}))

    assert [row[4] for row in by_rule] == [row[4] for row in by_row] == [0, 1]


def test_replacing_again_changes_no_byte(place: Place) -> None:
    rows = [("B", "丙", 2, "x"), ("A", "甲", 9, "x")]
    taken(place, rows)
    first = (place.folder / "permits.parquet").read_bytes()

    taken(place, rows)

    assert (place.folder / "permits.parquet").read_bytes() == first


def test_a_difference_is_a_rule_of_consistency(place: Place) -> None:
    place.write(permits(), [("A", "甲", 1, "x"), ("B", "丙", 2, "x"), ("D", "戊", 4, "x")])
    titles = {name: name for name in ("code", "name", "capital")}
    titles |= {f"register.{name}": f"登记·{name}" for name in titles}

    results = agreement_results(
        place.agreements(permits()).values(), place.compared(permits()), titles
    )

    name = next(each for each in results if each.expectation.column == "name")
    assert (name.expectation.indicator, name.expectation.dimension) == (
        "0401",
        Dimension.CONSISTENCY,
    )
    assert (name.evaluated, name.unexpected, name.success) == (2, 1, False)
    assert name.expectation.description == "“name”应与数源“登记·name”一致"
