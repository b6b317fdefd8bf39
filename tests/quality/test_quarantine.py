"""Rows waived, repaired or struck out are accounted for like all others: good + bad = input."""

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from opendata.catalog import Dataset
from opendata.findings import Expectation
from opendata.vocabulary import Dimension, OnFail, Severity
from quality.flags import (
    Settled,
    clean_relation,
    remaining,
    standardise,
    struck_out,
    write_quarantine,
)
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


def broken(numbers: dict[int, int], row: int) -> set[str]:
    """The rules a row breaks, worked out without the product."""
    found = set()
    if numbers[row] > 3:
        found.add(SMALL)
    if list(numbers.values()).count(numbers[row]) > 1:
        found.add(UNIQUE)
    return found


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(st.integers(1, 6), max_size=8),
    waived=st.fixed_dictionaries({}, optional={SMALL: ROWS, UNIQUE: ROWS}),
    waived_rules=st.frozensets(st.sampled_from([SMALL, UNIQUE])),
    repaired=ROWS,
    struck=ROWS,
)
def test_every_row_is_clean_waiting_or_struck_and_every_settled_row_is_kept(
    opened_bench: "Callable[[], AbstractContextManager[Bench]]",
    dataset: Dataset,
    numbers: list[int],
    waived: dict[str, frozenset[int]],
    waived_rules: frozenset[str],
    repaired: frozenset[int],
    struck: frozenset[int],
) -> None:
    struck &= set(range(len(numbers)))
    settled = Settled(
        deliveries=["ab" * 32],
        rows_a_delivery=1_000,
        repaired=dict.fromkeys(repaired, ("type",)),
        struck=dict.fromkeys(struck, ("before",)),
        waived={rule: tuple(rows) for rule, rows in waived.items() if rows},
        waived_rules=waived_rules,
    )
    listed = ", ".join(f"({number}, {row})" for row, number in enumerate(numbers)) or "(1, 0)"
    model = f"select n, _row from (values {listed}) as given(n, _row) where _row < {len(numbers)}"
    with opened_bench() as bench:
        left = remaining(model, settled)
        standardise(bench.con, left, ("n",), RULES, bench.flagged, settled=settled)
        report = judge(bench.con, bench.flagged, dataset, RULES)
        held = bench.folder / "held.parquet"
        out = struck_out(model, ("n",), settled)
        waiting = write_quarantine(
            bench.con, bench.flagged, RULES, held, settled=settled, struck=out
        )
        clean = bench.con.execute(f"select _row from {clean_relation(bench.flagged)}").fetchall()
        kept = bench.con.execute(
            f"select _row, _state, _reasons, _record from read_parquet('{held}')"
        ).fetchall()

    everything = set(range(len(numbers))) - struck
    judged = {row: numbers[row] for row in sorted(everything)}
    breaks = {row: broken(judged, row) for row in everything}
    stays = {
        row
        for row in everything
        if any(row not in waived.get(rule, ()) for rule in breaks[row] - waived_rules)
    }
    let_pass = {row for row in everything - stays if breaks[row]}
    assert {row for (row,) in clean} == everything - stays
    assert (report.clean, report.quarantined, waiting) == (len(clean), len(stays), len(stays))
    assert report.excepted == len(let_pass)
    assert report.clean + report.quarantined + len(struck) == len(numbers)
    assert [each.unexpected for each in report.results] == [
        sum(rule in breaks[row] for row in everything) for rule in (SMALL, UNIQUE)
    ]
    states = {row: state for row, state, _, _ in kept}
    assert states == {
        **dict.fromkeys(stays, "pending"),
        **dict.fromkeys(let_pass, "waived"),
        **{row: "repaired" for row in repaired & everything if not breaks[row]},
        **dict.fromkeys(struck, "struck"),
    }
    assert len(states) == len(kept)
    assert all(row == record for row, _, _, record in kept)
    why = {row: found or {"type"} for row, found in breaks.items()}
    assert all(set(reasons) == why.get(row, {"before"}) for row, _, reasons, _ in kept)
