"""How easily somebody is singled out: group sizes over quasi-identifiers, measured in DuckDB.

Only measuring. Suppressing rows is the masker's; what k is enough is the catalog entry's and the
gates'.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from opendata.findings import Risk
from opendata.sql_text import literal, quoted


def measure_k(
    con: duckdb.DuckDBPyConnection, relation: str, quasi_identifiers: Sequence[str]
) -> int | None:
    """Rows of the smallest class over these columns of ``relation`` (a SELECT or a table's name).

    Nulls are a value like any other. None without quasi-identifiers, and for an empty relation.
    """
    if not quasi_identifiers:
        return None
    found = con.execute(f"select min(_n) from ({_classes(relation, quasi_identifiers)})").fetchall()
    smallest: int | None = found[0][0]
    return smallest


def measure(
    con: duckdb.DuckDBPyConnection,
    parquet: Path,
    quasi_identifiers: Sequence[str],
    *,
    required_k: int | None,
) -> Risk:
    """The risk left in a released file (k-anonymity, GB/T 37964-2019)."""
    return Risk(
        quasi_identifiers=tuple(quasi_identifiers),
        k=measure_k(con, f"from read_parquet({literal(str(parquet))})", quasi_identifiers),
        required_k=required_k,
    )


def small_classes(relation: str, quasi_identifiers: Sequence[str], *, below: int) -> str:
    """SQL: the classes with fewer than ``below`` rows, with their size ``_n``."""
    return f"{_classes(relation, quasi_identifiers)} having count(*) < {below}"


def _classes(relation: str, quasi_identifiers: Sequence[str]) -> str:
    columns = ", ".join(map(quoted, quasi_identifiers))
    return f"select {columns}, count(*) as _n from ({relation}) group by {columns}"
