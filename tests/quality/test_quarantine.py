"""Rows that were waived or repaired are accounted for like all others: good + bad = input."""

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from opendata.catalog import Dataset
from opendata.findings import Expectation
from opendata.vocabulary import Dimension, OnFail, Severity
from quality.flags import Settled, clean_relation, standardise, write_quarantine
from quality.judge import judge
from quality.plan import plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.quality.conftest import Bench

SMALL, UNIQUE = "small", "unique"
TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    SMALL: ("expect_column_values_to_be_between", {"column": "n", "max_value": 3}),
    UNIQUE: ("expect_column_values_to_be_unique", {"column": "n"}),
}
RULES = plan(
    [
        Expectation(
            id=name,
            type=type_name,
            kwargs=kwargs,
            dimension=Dimension.ACCURACY,
            indicator="0301",
            description=name,
            severity=Severity.WARNING,
            on_fail=OnFail.DROP,
        )
        for name, (type_name, kwargs) in TYPES.items()
    ]
)
ROWS = st.frozensets(st.integers(0, 7))


def broken(numbers: list[int], row: int) -> set[str]:
    """The rules a row breaks, worked out without the product."""
    found = set()
    if numbers[row] > 3:
        found.add(SMALL)
    if numbers.count(numbers[row]) > 1:
        found.add(UNIQUE)
    return found


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(st.integers(1, 6), max_size=8),
    waived=st.fixed_dictionaries({}, optional={SMALL: ROWS, UNIQUE: ROWS}),
    repaired=ROWS,
)
def test_every_row_is_clean_or_waiting_and_every_settled_row_is_kept(
    opened_bench: "Callable[[], AbstractContextManager[Bench]]",
    dataset: Dataset,
    numbers: list[int],
    waived: dict[str, frozenset[int]],
    repaired: frozenset[int],
) -> None:
    settled = Settled(
        deliveries=["ab" * 32],
        rows_a_delivery=1_000,
        repaired=dict.fromkeys(repaired, ("type",)),
        waived={rule: tuple(rows) for rule, rows in waived.items() if rows},
    )
    listed = ", ".join(f"({number}, {row})" for row, number in enumerate(numbers)) or "(1, 0)"
    model = f"select n, _row from (values {listed}) as given(n, _row) where _row < {len(numbers)}"
    with opened_bench() as bench:
        standardise(bench.con, model, ("n",), RULES, bench.flagged, settled=settled)
        report = judge(bench.con, bench.flagged, dataset, RULES)
        held = bench.folder / "held.parquet"
        waiting = write_quarantine(bench.con, bench.flagged, RULES, held, settled=settled)
        clean = bench.con.execute(f"select _row from {clean_relation(bench.flagged)}").fetchall()
        kept = bench.con.execute(
            f"select _row, _state, _reasons, _record from read_parquet('{held}')"
        ).fetchall()

    everything = range(len(numbers))
    breaks = {row: broken(numbers, row) for row in everything}
    stays = {
        row for row in everything if any(row not in waived.get(rule, ()) for rule in breaks[row])
    }
    assert {row for (row,) in clean} == set(everything) - stays
    assert (report.clean, report.quarantined, waiting) == (len(clean), len(stays), len(stays))
    assert [each.unexpected for each in report.results] == [
        sum(rule in breaks[row] for row in everything) for rule in (SMALL, UNIQUE)
    ]
    states = {row: state for row, state, _, _ in kept}
    assert states == {
        **dict.fromkeys(stays, "pending"),
        **{row: "waived" for row in set(everything) - stays if breaks[row]},
        **{row: "repaired" for row in repaired & set(everything) if not breaks[row]},
    }
    assert len(states) == len(kept)
    assert all(row == record for row, _, _, record in kept)
    assert all(set(reasons) == (breaks[row] or {"type"}) for row, _, reasons, _ in kept)
