"""A draft proven on the whole file: landed as it says, standardised as it says, and counted.

Nothing is imitated here: the file goes through the readers that will land it and the SQL that will
standardise it. Counts leave; the relation, and with it every value, stays in ``scratch``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

import duckdb

from dbt_like_sql.project import compile_project, source_relation
from opendata.catalog import Catalog, Dataset
from opendata.check_digits import citizen_id_broken
from opendata.sql_text import literal, quoted
from pipelines.drafting.handed import as_landed
from pipelines.drafting.seen import Proven
from resources.sources import open_source

MEMORY = "512MB"
MOST_PAIRS = 12
_EXACT_ROWS = 200_000
_AT_ONCE = 32
_ESTIMATED = 0.85  # how far an estimate of distinct values may lie below their number
_VIEW = "drafted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a date column lies in time, without saying when: distinct days and months, gaps in days.

    ``ahead`` values lie after the day of judgement.
    """

    filled: int
    days: int
    months: int
    median_gap: float | None
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A landed draft that can be asked; valid inside ``proving``."""

    con: duckdb.DuckDBPyConnection
    rows: int
    blank: int
    fields: Mapping[str, Proven]

    def distinct(self, names: Sequence[str]) -> int:
        """How many different combinations of these fields there are, exactly."""
        listed = ", ".join(map(quoted, names))
        one = listed if len(names) == 1 else f"({listed})"
        return int(self._one(f"select count(distinct {one}) from {_VIEW}")[0])

    def likely_pair(self, names: Sequence[str]) -> tuple[str, str] | None:
        """The first pair of these fields that tells all rows apart; few pairs are tried."""
        pairs = list(combinations(names, 2))[:MOST_PAIRS]
        if not pairs:
            return None
        asked = ", ".join(
            f"approx_count_distinct(hash({quoted(one)}, {quoted(two)}))" for one, two in pairs
        )
        estimates = self._one(f"select {asked} from {_VIEW}")
        close = (
            pair
            for pair, estimate in zip(pairs, estimates, strict=True)
            if estimate >= _ESTIMATED * self.rows
        )
        return next((each for each in close if self.distinct(each) == self.rows), None)

    def citizen_ids(self, name: str) -> int:
        """How many whole values of a text field are citizen IDs, by form and check character."""
        steps = citizen_id_broken(name)
        select = ", ".join(f"{sql} as {quoted(alias)}" for alias, sql in steps)
        broken = quoted(steps[-1][0])
        column = quoted(name)
        return int(
            self._one(
                f"select count(*) filter (not {broken}) from (select {column}, {select} from "
                f"(select {column} from {_VIEW} where length({column}) = 18))"
            )[0]
        )

    def spread(self, name: str, *, as_of: date) -> Spread:
        """How a date or datetime field lies in time."""
        day = f"try_cast({quoted(name)} as date)"
        found = self._one(
            f"select count({day}), count(distinct {day}), "
            f"count(distinct date_trunc('month', {day})), count(*) filter ({day} > ?) from {_VIEW}",
            as_of,
        )
        gap = self._one(
            f"select median(gap) from (select day - lag(day) over (order by day) as gap from "
            f"(select distinct {day} as day from {_VIEW} where {day} is not null))"
        )
        return Spread(
            filled=int(found[0]),
            days=int(found[1]),
            months=int(found[2]),
            median_gap=None if gap[0] is None else float(gap[0]),
            ahead=int(found[3]),
        )

    def _one(self, sql: str, *given: object) -> tuple[int, ...]:
        return tuple(self.con.execute(sql, list(given)).fetchall()[0])


@contextmanager
def proving(dataset: Dataset, path: Path, name: str, *, scratch: Path) -> Iterator[Proof]:
    """Land and standardise ``path`` by the drafted entry, in a connection of its own.

    Raises:
        SourceError: the file does not land as drafted.
    """
    source = dataset.sources[0]
    landed = as_landed(path, name)
    with duckdb.connect() as con:
        con.execute(f"set memory_limit = '{MEMORY}'")
        con.execute(f"set temp_directory = {literal(str(scratch / 'spill'))}")
        relation = source_relation(dataset.id, source.id)
        opened = open_source(con, landed, source, relation=relation, scratch=scratch)
        with opened as table, table.reading():
            model = compile_project(Catalog(bodies=(), datasets=(dataset,))).model(dataset.id)
            # A wide model takes longer to bind than a table takes to fill: it is bound once.
            kept = "table" if len(dataset.fields) > _AT_ONCE else "view"
            con.execute(f"create temp {kept} {_VIEW} as {model.sql}")
            counts = _counts(con, dataset, model.casts, exact=table.rows <= _EXACT_ROWS)
            yield Proof(con=con, rows=table.rows, blank=table.blank_rows, fields=counts)


def _counts(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, casts: Sequence[str], *, exact: bool
) -> dict[str, Proven]:
    """Every field counted, many to a scan; a statement over all of a wide table costs too much."""
    names = [field.name for field in dataset.fields]
    counts: dict[str, Proven] = {}
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        asked = ", ".join(_asked(each, cast=each in casts, exact=exact) for each in part)
        found = con.execute(f"select {asked} from {_VIEW}").fetchall()[0]
        triples = zip(part, found[::3], found[1::3], found[2::3], strict=True)
        counts |= {
            name: Proven(filled=int(filled), bad=int(bad), distinct=int(different))
            for name, filled, bad, different in triples
        }
    return counts


def _asked(name: str, *, cast: bool, exact: bool) -> str:
    column = quoted(name)
    bad = f"count(*) filter ({quoted(f'_bad_{name}')})" if cast else "0"
    different = f"count(distinct {column})" if exact else f"approx_count_distinct({column})"
    return f"count({column}), {bad}, {different}"
