"""No small count can be told from what is published, not even by somebody who knows every total."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import duckdb
import pytest

from opendata.catalog import ReleasePlan, SmallCell
from opendata.errors import ModelError
from opendata.vocabulary import FieldType
from resources.small_cells import published_small_cells, small_cells_hidden
from tests.support import a_dataset, a_field

BELOW = 11
Cell = tuple[str, ...]
Table = dict[Cell, int]


def a_table(seed: int, sides: Sequence[int], *, rare: float, there: float = 0.95) -> Table:
    chance = random.Random(seed)
    names = [[f"{n}{each}" for each in range(side)] for n, side in enumerate(sides)]
    return {
        cell: chance.randint(0, 10) if chance.random() < rare else chance.randint(11, 400)
        for cell in product(*names)
        if chance.random() < there
    }


def published(table: Table, groups: tuple[str, ...]) -> dict[Cell, int | None]:
    shown, exposed = as_published(table, groups)
    assert exposed == 0
    return shown


def as_published(table: Table, groups: tuple[str, ...]) -> tuple[dict[Cell, int | None], int]:
    asked = SmallCell(count="cases", groups=groups, below=BELOW)
    dataset = a_dataset(
        fields=(*map(a_field, groups), a_field("cases", type=FieldType.INTEGER)),
        release=ReleasePlan(small_cell=asked),
    )
    con = duckdb.connect()
    con.execute(
        f"create table cells ({', '.join(f'{each} varchar' for each in groups)}, cases int)"
    )
    con.executemany(
        f"insert into cells values ({', '.join('?' * (len(groups) + 1))})",
        [(*cell, count) for cell, count in table.items()],
    )
    with small_cells_hidden(con, "from cells", dataset) as emptied:
        rows = con.execute(f"select * from ({emptied.sql})").fetchall()
        assert published_small_cells(con, emptied.sql, asked) == 0
        assert emptied.hidden == sum(row[-1] is None for row in rows)
    return {row[:-1]: row[-1] for row in rows}, emptied.exposed


# --- the attack: every line's total that is no small cell is known; subtract until nothing moves


def equations(table: Table, shown: dict[Cell, int | None]) -> Iterator[tuple[set[Cell], int]]:
    sides = len(next(iter(table)))
    for along in range(sides):
        lines: dict[Cell, list[Cell]] = {}
        for cell in table:
            lines.setdefault(cell[:along] + cell[along + 1 :], []).append(cell)
        for line in lines.values():
            total = sum(table[each] for each in line)
            hidden = {each for each in line if shown[each] is None}
            if hidden and total >= BELOW:
                yield hidden, total - sum(shown[each] or 0 for each in line)


def solved(table: Table, shown: dict[Cell, int | None]) -> dict[Cell, int]:
    """What Gauss gets out of the totals, exactly: every cell that has one solution."""
    hidden = [cell for cell, count in shown.items() if count is None]
    place = {cell: n for n, cell in enumerate(hidden)}
    rows = []
    for cells, total in equations(table, shown):
        row = [Fraction(0)] * (len(hidden) + 1)
        for each in cells:
            row[place[each]] = Fraction(1)
        row[-1] = Fraction(total)
        rows.append(row)
    done = 0
    for column in range(len(hidden)):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [each / rows[done][column] for each in rows[done]]
        for n, row in enumerate(rows):
            if n != done and row[column]:
                rows[n] = [a - row[column] * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    alone = [row for row in rows if sum(bool(each) for each in row[:-1]) == 1]
    return {hidden[next(n for n, x in enumerate(row) if x)]: int(row[-1]) for row in alone}


CASES = [
    ("a line", (9,), 0.3),
    ("a table", (8, 6), 0.15),
    ("a table with many", (10, 10), 0.4),
    ("a cube", (4, 5, 3), 0.2),
]


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize(("sides", "rare"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_no_small_count_is_told_by_subtraction(
    seed: int, sides: tuple[int, ...], rare: float
) -> None:
    table = a_table(seed, sides, rare=rare, there=1)

    shown = published(table, tuple(f"g{n}" for n in range(len(sides))))
    told = solved(table, shown)

    assert all(table[cell] == count for cell, count in shown.items() if count is not None)
    assert [cell for cell in told if 0 < table[cell] < BELOW] == []
    assert all(told[cell] == table[cell] for cell in told)


@pytest.mark.parametrize("seed", range(30))
def test_what_gaps_in_a_table_give_away_is_counted(seed: int) -> None:
    table = a_table(seed, (4, 4, 3), rare=0.25, there=0.8)

    shown, exposed = as_published(table, ("g0", "g1", "g2"))
    told = solved(table, shown)

    assert len([cell for cell in told if 0 < table[cell] < BELOW]) == exposed


def test_hiding_small_counts_alone_would_not_do() -> None:
    """The attack works: the same table with its small cells left empty gives every one away."""
    table: Table = {(row, column): 100 for row in "ab" for column in "xyz"}
    table["a", "x"] = 3
    naive = {cell: None if 0 < count < BELOW else count for cell, count in table.items()}

    assert solved(table, naive) == {("a", "x"): 3}
    assert solved(table, published(table, ("g0", "g1"))) == {}


def test_a_table_without_small_counts_is_published_whole() -> None:
    table: Table = {("a", "x"): 11, ("a", "y"): 0, ("b", "x"): 40, ("b", "y"): 700}

    assert published(table, ("g0", "g1")) == table


def test_two_hidden_counts_never_make_a_known_small_sum() -> None:
    shown = published({("a",): 1, ("b",): 1, ("c",): 20, ("d",): 400}, ("g0",))

    assert shown == {("a",): None, ("b",): None, ("c",): None, ("d",): 400}


def test_a_total_that_is_small_itself_is_not_published_either() -> None:
    table: Table = {("a", "x"): 2, ("b", "y"): 50, ("c", "y"): 60}

    assert published(table, ("g0", "g1"))[("a", "x")] is None


def test_rows_that_are_one_cell_are_an_error() -> None:
    dataset = a_dataset(
        fields=(a_field("g0"), a_field("cases", type=FieldType.INTEGER)),
        release=ReleasePlan(small_cell=SmallCell(count="cases", groups=("g0",))),
    )
    con = duckdb.connect()
    twice = "select * from (values ('a', 3), ('a', 4)) t(g0, cases)"

    with (
        pytest.raises(ModelError, match="two rows are one cell"),
        small_cells_hidden(con, twice, dataset),
    ):
        pass
