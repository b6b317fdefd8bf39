"""Desensitised: the candidate file by the entry's plan (脱敏), with the evidence of what is left.

Whether it may be opened is asked in ``released.py``. The file waits outside the public root.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from assets.standardised import Standardised
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import LeakFinding, Risk
from quality.flags import clean_relation
from resources.leak_scan import scan
from resources.masker import Treated
from resources.risk import measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Desensitised:
    """A treated file with the evidence of what was done to it and what is left in it."""

    path: Path
    treated: Treated
    leaks: tuple[LeakFinding, ...] | None
    risk: Risk | None


def desensitise(workshop: Workshop, standardised: Standardised) -> Desensitised:
    """Write the treated candidate beside the store it may go to, scan it and measure its risk.

    Raises:
        KeyMissing, HomeError: a pseudonym is asked for and its key is not to be had.
        ModelError: DuckDB gave up while treating.
    """
    dataset = standardised.dataset
    path = workshop.store_of(dataset).stage(dataset.id)
    clean = f"from {clean_relation(standardised.flagged)}"
    metadata = {"dataset": dataset.id, "title": dataset.title, "licence": dataset.release.licence}
    k = dataset.release.k or workshop.settings.default_k
    with workshop.connection() as con:
        treated = workshop.masker.release(
            con, clean, dataset, path, metadata=metadata, required_k=k
        )
        leaks = _scan(workshop, con, dataset, path)
        risk = _risk(con, dataset, path, k, treated.suppressed)
    return Desensitised(path=path, treated=treated, leaks=leaks, risk=risk)


def _scan(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path
) -> tuple[LeakFinding, ...] | None:
    """What the scan found; None when it did not finish, which the gate refuses."""
    try:
        return scan(con, path, dataset, digest_key=workshop.masker.digest_key())
    except (duckdb.Error, pl.exceptions.PolarsError):
        return None


def _risk(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path, k: int, suppressed: int
) -> Risk | None:
    if not dataset.quasi_identifiers:
        return None
    found = measure(con, path, dataset.quasi_identifiers, required_k=k)
    return replace(found, suppressed_rows=suppressed)
