"""Desensitised: the candidate file by the entry's plan (脱敏), with the evidence of what is left.

Whether it may be opened is asked in ``released.py``. The file waits outside the public root.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from assets.least_harm import Weighing, weigh
from assets.linkage import linked
from assets.standardised import Standardised
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import LeakFinding, Risk
from opendata.least_harm import LeastHarm
from opendata.linkage import Linkage
from opendata.sql_text import literal
from quality.flags import clean_relation
from resources.leak_metadata import scan_metadata
from resources.leak_scan import scan
from resources.masker import Treated
from resources.risk import measure
from resources.small_cells import Emptied, published_small_cells, small_cells_hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Desensitised:
    """A treated file with the evidence of what was done to it and what is left in it."""

    path: Path
    treated: Treated
    leaks: tuple[LeakFinding, ...] | None
    risk: Risk | None
    linkage: Linkage | None
    harm: LeastHarm | None


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
    with workshop.connection() as con, small_cells_hidden(con, clean, dataset) as emptied:
        treated = workshop.masker.release(
            con, emptied.sql, dataset, path, metadata=metadata, required_k=k
        )
        leaks = _scan(workshop, con, dataset, path)
        risk = _risk(con, dataset, path, k, emptied)
        risk = risk and replace(risk, suppressed_rows=treated.suppressed)
        found = linked(workshop, con, dataset, path)
        candidate = Weighing(
            workshop=workshop, con=con, dataset=dataset, clean=emptied.sql, path=path, required_k=k
        )
        harm = weigh(candidate, treated)
    return Desensitised(
        path=path, treated=treated, leaks=leaks, risk=risk, linkage=found, harm=harm
    )


def _scan(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path
) -> tuple[LeakFinding, ...] | None:
    """What the scan found; None when it did not finish, which the gate refuses."""
    try:
        key = workshop.masker.digest_key()
        told = scan_metadata(con, path, dataset, digest_key=key)
        return (*scan(con, path, dataset, digest_key=key), *told)
    except (duckdb.Error, pl.exceptions.PolarsError):
        return None


def _risk(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path, k: int, emptied: Emptied
) -> Risk | None:
    cells = dataset.release.small_cell
    if not dataset.quasi_identifiers and cells is None:
        return None
    found = measure(
        con, path, dataset.quasi_identifiers, sensitive=dataset.sensitive_fields, required_k=k
    )
    if cells:
        shown = published_small_cells(con, f"from read_parquet({literal(str(path))})", cells)
        found = replace(found, small_cells=shown + emptied.exposed, hidden_cells=emptied.hidden)
    return found
