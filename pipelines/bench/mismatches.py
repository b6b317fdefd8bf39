"""Every compiled type on random tables: does real Great Expectations say what we say?

Whole tables are judged by all rules at once. A thousand more lie ten side by side, two rules each,
because Great Expectations takes a second to look at a table, however small.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import duckdb

from opendata.catalog import Dataset
from opendata.findings import Expectation, RuleResult
from pipelines.bench import limits
from pipelines.bench.limits import Figure, figure
from pipelines.bench.mismatch_rules import COMPARED, NOT_COMPARED, expectation, suite_of_every_type
from pipelines.bench.mismatch_tables import COLUMNS, other_dataset, random_tables, wide_table
from quality.flags import standardise
from quality.gx.opinion import SecondOpinion, second_opinion
from quality.judge import judge
from quality.plan import plan
from quality.table_rules import TABLE_TYPES

WHOLE_TABLES = 24
LOOKS = 100
TABLES_A_LOOK = 10
COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
DATASET = Dataset(id="compared", title="对照表", body="nobody", fields=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One rule on one table, judged twice."""

    ours: RuleResult
    theirs: SecondOpinion

    @property
    def type(self) -> str:
        """The type of the rule."""
        return self.ours.expectation.type

    @property
    def differs(self) -> bool:
        """Whether the judgements do; of a dataset that is not there only we can say so."""
        ours, theirs = self.ours, self.theirs
        if ours.expectation.kwargs.get("dataset") == "nowhere":
            told = (ours.evaluated, ours.success, ours.observed)
            return told != (0, True, "数据集 nowhere 尚未治理")
        if self.type in TABLE_TYPES:
            return ours.success != theirs.success
        counted = (ours.success, ours.rows, ours.missing, ours.unexpected)
        return counted != (theirs.success, theirs.rows, theirs.missing, theirs.unexpected)


def mismatch_figures(folder: Path) -> Iterator[Figure]:
    """How many judgements differ, over all compiled types."""
    with duckdb.connect() as con:
        compared = [*on_whole_tables(con, folder), *side_by_side(con, folder, looks=LOOKS)]
    types = {each.type for each in compared}
    differing = sorted({each.type for each in compared if each.differs})
    told = (
        f"{len(compared):,} judgements of {len(types)} types on "
        f"{WHOLE_TABLES + LOOKS * TABLES_A_LOOK:,} random tables; "
        f"not compared: {', '.join(NOT_COMPARED)}"
    )
    named = f"; differing: {', '.join(differing)}" if differing else ""
    count = sum(each.differs for each in compared)
    yield figure(limits.QUALITY_GX_MISMATCHES, count, told + named)


def on_whole_tables(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Compared]:
    """Some random tables, each judged by every rule."""
    chance = random.Random(36344)
    for table in islice(random_tables(con, chance), WHOLE_TABLES):
        suite = suite_of_every_type(chance.choice((0.3, 0.5, 1.0)))
        yield from _compared(con, folder, table, tuple(COLUMNS), suite)


def side_by_side(con: duckdb.DuckDBPyConnection, folder: Path, *, looks: int) -> Iterator[Compared]:
    """Ten random tables to a look, each judged by the next two of the rules on named columns."""
    chance = random.Random(2018)
    variants = cycle(
        (type_name, kwargs)
        for type_name, given in COMPARED.items()
        if type_name not in TABLE_TYPES or not TABLE_TYPES[type_name].about_columns
        for kwargs in given
    )
    for _ in range(looks):
        table, columns = wide_table(con, chance, TABLES_A_LOOK)
        suite = [
            expectation(
                type_name,
                _renamed(kwargs, number),
                called=f"{number}_{place}",
                mostly=1.0 if type_name in TABLE_TYPES else chance.choice((0.3, 0.7, 1.0)),
            )
            for number in range(TABLES_A_LOOK)
            for place, (type_name, kwargs) in enumerate(islice(variants, 2))
        ]
        yield from _compared(con, folder, table, columns, suite)


def _compared(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    columns: tuple[str, ...],
    suite: Sequence[Expectation],
) -> Iterator[Compared]:
    planned, flagged = plan(suite), folder / "flagged.parquet"
    model = f"select *, row_number() over () as _row from {table}"
    standardise(con, model, columns, planned, flagged)
    opinions = second_opinion(con, table, suite, beside=other_dataset(con, folder))
    theirs = {each.expectation_id: each for each in opinions}
    for each in judge(con, flagged, DATASET, planned).results:
        yield Compared(ours=each, theirs=theirs[each.expectation.id])


def _renamed(kwargs: dict[str, Any], number: int) -> dict[str, Any]:
    """The same rule about the columns of one of the tables that lie side by side."""
    given = [name for name in COLUMN_ARGUMENTS if name in kwargs]
    changed: dict[str, Any] = {name: f"{kwargs[name]}_{number}" for name in given}
    if "column_list" in kwargs:
        changed["column_list"] = [f"{each}_{number}" for each in kwargs["column_list"]]
    return kwargs | changed
