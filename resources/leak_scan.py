"""The leak scan: reads the bytes about to be released and reports whom they give away.

Every text and number column is scanned, whatever the entry says of it. A cheap pattern chooses the
columns and values that could hold anything; only those are looked at in Python. What a column's
values amount to belongs to ``leak_evidence.py``; refusing belongs to the gates.
"""

from pathlib import Path

import duckdb
import polars as pl

from opendata.catalog import Dataset, Field
from opendata.findings import LeakFinding
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Semantic
from resources.leak_evidence import SPEAKS_OF_NAME, Evidence, findings_of
from resources.recognisers import CANDIDATE, PERSON_SHAPE
from resources.vault import SecretKey

_BATCH = 32_768
_NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DOUBLE", "DECIMAL")
_NAMES_AT_LEAST = 0.8
_ORGANISATION = "^9[1-3][0-9A-HJ-NPQRTUWXY]{16}$"
"""A credit code of an organisation: no province, so no citizen ID, begins with 91 to 93."""


def scan(
    con: duckdb.DuckDBPyConnection, parquet: Path, dataset: Dataset, *, digest_key: SecretKey
) -> tuple[LeakFinding, ...]:
    """Everything identifying in a released Parquet file, column by column in file order.

    Masked values and pseudonyms hold no run of digits and are not found. Personal names are never
    certain: they are reported for review, in columns whose heading speaks of people.
    """
    source = f"read_parquet({literal(str(parquet))})"
    columns = con.execute(f"select column_name, column_type from (describe from {source})")
    found: list[LeakFinding] = []
    for name, type_name in columns.fetchall():
        told = next((each for each in dataset.fields if each.name == name), None)
        evidence = Evidence(name, told)
        if type_name == "VARCHAR":
            _read_text(parquet, evidence)
        elif type_name.startswith(_NUMBERS):
            _read_numbers(con, source, evidence)
        if evidence.mobiles:
            evidence.distinct = _distinct(con, source, name)
        found += findings_of(evidence, digest_key=digest_key)
        if type_name == "VARCHAR" and _may_hold_names(evidence, told):
            found += _names(con, source, name, digest_key)
    return tuple(found)


def _read_text(parquet: Path, evidence: Evidence) -> None:
    # Rust's regex engine costs half of RE2 over a clean column, and most columns are clean.
    value = pl.col(evidence.column)
    hits = (
        pl.scan_parquet(parquet)
        .select(value)
        .filter(value.str.contains(CANDIDATE) & ~value.str.contains(_ORGANISATION))
        .group_by(value)
        .len()
        .collect(engine="streaming")
    )
    for batch in hits.iter_slices(_BATCH):
        for text, rows in batch.iter_rows():
            evidence.take(text, rows)


def _read_numbers(con: duckdb.DuckDBPyConnection, source: str, evidence: Evidence) -> None:
    value = quoted(evidence.column)
    whole = f"cast(try_cast(trunc(abs({value})) as hugeint) as varchar)"
    where = f"abs({value}) >= 10000000000"
    hits = con.sql(f"select {whole}, count(*) from {source} where {where} group by 1")
    for batch in hits.to_arrow_reader(_BATCH):
        pairs = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        for text, rows in pairs:
            if text is not None:
                evidence.take(text, rows)


def _distinct(con: duckdb.DuckDBPyConnection, source: str, column: str) -> int:
    """About how many distinct values the column has (HyperLogLog)."""
    counted = con.execute(f"select approx_count_distinct({quoted(column)}) from {source}")
    ((count,),) = counted.fetchall()
    return int(count)


def _may_hold_names(evidence: Evidence, told: Field | None) -> bool:
    return evidence.is_called(SPEAKS_OF_NAME) or (
        told is not None and told.semantic is Semantic.PERSON_NAME
    )


def _names(
    con: duckdb.DuckDBPyConnection, source: str, column: str, digest_key: SecretKey
) -> tuple[LeakFinding, ...]:
    """A finding when most distinct values of the column are built like names of people."""
    value = quoted(column)
    like = f"regexp_full_match({value}, {literal(PERSON_SHAPE)})"
    counts = f"count(*), count(*) filter (where {like}), sum(_n) filter (where {like})"
    per_value = f"select {value}, count(*) as _n from {source} where {value} is not null group by 1"
    ((distinct, alike, rows),) = con.execute(f"select {counts} from ({per_value})").fetchall()
    if not alike or alike < _NAMES_AT_LEAST * distinct:
        return ()
    reader = con.sql(f"select distinct {value} from {source} where {like}").to_arrow_reader(_BATCH)
    values = (each for batch in reader for each in batch.column(0).to_pylist())
    return (
        LeakFinding(
            column=column,
            semantic=Semantic.PERSON_NAME.value,
            count=int(rows),
            digest=digest_key.digest(values),
            blocks=False,
        ),
    )
