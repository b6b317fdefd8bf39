"""The leak scan: reads the bytes about to be released and reports whom they give away.

Every text and number column is scanned, whatever the entry says of it. A cheap pattern chooses the
columns and values that could hold anything; only those are looked at in Python. What a column's
values amount to belongs to ``leak_verdicts.py``, columns judged by their look alone (names, doors,
coordinates) to ``leak_columns.py``; refusing belongs to the gates.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import duckdb
import polars as pl

from opendata.catalog import Dataset
from opendata.findings import LeakFinding
from opendata.sql_text import literal, quoted
from resources.leak_columns import Held, coordinates, doors, names
from resources.leak_evidence import Evidence
from resources.leak_numbers import BareNumbers
from resources.leak_verdicts import findings_of
from resources.recognisers import SCANNED
from resources.recognisers_places import DOOR_CANDIDATE
from resources.vault import SecretKey

_BATCH = 32_768
_SLICE = 1 << 20
_DIGIT = "[0-9\uff10-\uff19]"
_EXACT = ("INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL")
_FLOAT = ("DOUBLE", "FLOAT")
_ORGANISATION = (
    "9[13][0-9]{4}(?:[03-9A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY]|1[0-8A-HJ-NPQRTUWXY]"
    "|2[1-9A-HJ-NPQRTUWXY])[0-9A-HJ-NPQRTUWXY]{10}"
)
"""A credit code of an organisation: 91 and 93 begin no citizen ID, and where a foreigner's number
has the century of birth it has none. Columns of them are long."""

_PSEUDONYM = "[a-z2-7]{26}"
_DIGEST = "(?:[0-9]{0,10}[a-f]){6,}[0-9]{0,10}"
_NOBODY = f"^(?:{_ORGANISATION}|{_PSEUDONYM}|{_DIGEST})$"


def scan(
    con: duckdb.DuckDBPyConnection, parquet: Path, dataset: Dataset, *, digest_key: SecretKey
) -> tuple[LeakFinding, ...]:
    """Everything identifying in a released Parquet file, column by column in file order.

    Masked values and pseudonyms hold no run of digits and are not found. Personal names, plates of
    nobody's, doors of companies and coordinates are never certain: they are reported for review.
    """
    source = f"read_parquet({literal(str(parquet))})"
    columns = con.execute(f"select column_name, column_type from (describe from {source})")
    found: list[LeakFinding] = []
    told = {each.name: each for each in dataset.fields}
    kinds = dict(columns.fetchall())
    for name, type_name in kinds.items():
        evidence = Evidence(name, told.get(name))
        if type_name == "VARCHAR":
            found += doors(_read_text(parquet, evidence), evidence, digest_key)
            found += names(parquet, evidence, digest_key)
        elif type_name.startswith((*_EXACT, *_FLOAT)):
            _read_numbers(con, source, evidence, rounded=type_name.startswith(_FLOAT))
        if evidence.mobiles:
            evidence.distinct = _distinct(con, source, name)
        found += findings_of(evidence, digest_key=digest_key)
    return (*found, *coordinates(parquet, kinds, told, digest_key))


def _read_text(parquet: Path, evidence: Evidence) -> Held:
    """Show the evidence every value that may hold something; the addresses, if most values are.

    Rust's regex engine costs half of RE2 over a clean column, and most columns are clean. What is
    nothing but a number is judged by arithmetic.
    """
    numbers, hits = BareNumbers(), list[pl.DataFrame]()
    homes = [pl.Series(dtype=pl.String)]
    rows, at_door = 0, 0
    for counted in _slices(parquet, evidence.column):
        rows += _rows_of(counted)
        texts = numbers.hold(counted)
        door = texts.to_series().str.contains(DOOR_CANDIDATE)
        at_home = texts.filter(door)
        homes.append(at_home.to_series())
        at_door += _rows_of(at_home)
        wanted = texts.to_series().str.contains(_DIGIT if evidence.paper else SCANNED)
        hits.append(texts.filter(wanted | door if at_door * 2 < rows else wanted))
    for text, count in _distinct_of([numbers.show(evidence), *hits]).iter_rows():
        evidence.take(text, count)
        if evidence.paper:
            evidence.take_paper(text, count)
    if at_door * 2 < rows:
        return homes[0], 0
    return pl.concat(homes).unique(), at_door


def _rows_of(counted: pl.DataFrame) -> int:
    return int(counted.to_series(1).sum())


def _distinct_of(parts: list[pl.DataFrame]) -> pl.DataFrame:
    nothing = pl.DataFrame(schema={"value": pl.String, "count": pl.UInt32})
    return pl.concat([nothing, *parts]).group_by("value").agg(pl.col("count").sum())


def _slices(parquet: Path, column: str) -> Iterator[pl.DataFrame]:
    """Values that could be somebody's, with their rows, a part of the column at a time.

    What is in memory stays bounded. Values that repeat are counted first: looking at each once is
    cheaper. Credit codes of organisations, our pseudonyms and digests are nobody's.
    """
    scanned, start = pl.scan_parquet(parquet).select(pl.col(column).alias("value")), 0
    while (values := scanned.slice(start, _SLICE).collect().to_series()).len():
        start += values.len()
        if cast("int", values.approx_n_unique()) * 3 < values.len():
            counted = values.value_counts()
        else:
            counted = pl.DataFrame(
                {"value": values, "count": pl.repeat(1, values.len(), dtype=pl.UInt32, eager=True)}
            )
        yield counted.filter(~pl.col("value").str.contains(_NOBODY))


def _read_numbers(
    con: duckdb.DuckDBPyConnection, source: str, evidence: Evidence, *, rounded: bool
) -> None:
    value = quoted(evidence.column)
    whole = f"cast(try_cast(trunc(abs({value})) as hugeint) as varchar)"
    where = f"abs({value}) >= 10000000000"
    hits = con.sql(f"select {whole}, count(*) from {source} where {where} group by 1")
    take = evidence.take_rounded if rounded else evidence.take
    for batch in hits.to_arrow_reader(_BATCH):
        pairs = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        for text, rows in pairs:
            if text is not None:
                take(text, rows)


def _distinct(con: duckdb.DuckDBPyConnection, source: str, column: str) -> int:
    """About how many distinct values the column has (HyperLogLog)."""
    counted = con.execute(f"select approx_count_distinct({quoted(column)}) from {source}")
    ((count,),) = counted.fetchall()
    return int(count)
