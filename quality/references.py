"""Rules that look a value up in another dataset: foreign keys to its current version.

The current version is the clean rows of the other dataset's standardised table, which lies beside
the one that is judged. What rows break such a rule is counted, not flagged, so it sets nothing
aside; while the other dataset has no table yet nothing is assessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from opendata.derivation import EXISTS_IN_DATASET
from opendata.findings import Expectation, RuleResult
from opendata.sql_text import quoted
from quality.sql import parquet

REFERENCE_TYPES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    EXISTS_IN_DATASET: (frozenset({"column", "dataset", "field"}), frozenset())
}


def reference_results(
    con: duckdb.DuckDBPyConnection, flagged: Path, rules: Iterable[Expectation]
) -> Iterator[RuleResult]:
    """How each rule fares, from one join a rule."""
    for each in rules:
        held = held_values(flagged.parent, each)
        counted = _counted(con, flagged, each, held) if held else _nothing(con, flagged)
        rows, missing, unexpected = counted
        evaluated = rows - missing
        met = 1.0 if evaluated == 0 else (evaluated - unexpected) / evaluated
        yield RuleResult(
            expectation=each,
            rows=rows,
            missing=missing,
            unexpected=unexpected,
            success=met >= each.mostly,
            observed=None if held else f"数据集 {each.kwargs['dataset']} 尚未治理",
        )


def held_values(folder: Path, rule: Expectation) -> str | None:
    """The values a rule looks up, each once, as SQL; None while there are none to look up."""
    table = folder / f"{rule.kwargs['dataset']}.parquet"
    if not table.exists():
        return None
    field = quoted(rule.kwargs["field"])
    return (
        f"select distinct {field} as held from {parquet(table)} "
        f"where _dq >= 0 and {field} is not null"
    )


def _counted(
    con: duckdb.DuckDBPyConnection, flagged: Path, rule: Expectation, held: str
) -> tuple[int, int, int]:
    value = quoted(rule.kwargs["column"])
    row = con.execute(
        "select count(*), count_if(looked is null), count_if(looked is not null and held is null) "
        f"from (select {value} as looked from {parquet(flagged)}) left join ({held}) "
        "on looked = held"
    ).fetchone()
    rows, missing, unexpected = (int(each or 0) for each in row or (0, 0, 0))
    return rows, missing, unexpected


def _nothing(con: duckdb.DuckDBPyConnection, flagged: Path) -> tuple[int, int, int]:
    (rows,) = con.execute(f"select count(*) from {parquet(flagged)}").fetchone() or (0,)
    return int(rows), int(rows), 0
