"""Candidates: staged Parquet files on their way to become versions, checked against their entry.

The last look before bytes enter the store: are these exactly the declared columns and the rows the
run accounts for. Whether their content may be published was decided by gates, before this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from opendata.catalog import Dataset
from opendata.errors import StoreError
from resources.fsio import flush, sha256_of_file
from resources.manifest import Column, Version
from resources.views import read_schemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A staged Parquet file that passed its gates.

    ``publisher`` is the body's title, if known; ``upstreams`` are the datasets it was made from,
    near and far.
    """

    dataset: Dataset
    parquet: Path
    rows: int
    data_time: date | None
    publisher: str | None = None
    upstreams: tuple[str, ...] = ()


def drafts_of(candidates: Sequence[Candidate], *, moment: str) -> tuple[Version, ...]:
    """The candidates as versions without numbers: on the disk, hashed once, exactly as declared.

    ``moment`` is the time of publication, as ISO 8601 text.

    Raises:
        StoreError: a file is not Parquet, holds other columns or rows than declared, or two
            candidates are for one dataset.
    """
    files = tuple(each.parquet for each in candidates)
    if len({each.dataset.id for each in candidates}) < len(candidates):
        raise StoreError("one release was given two candidates for one dataset; give one each")
    if not files:
        return ()
    schemas = read_schemas(files)
    flush(files)
    return tuple(
        _draft(each, rows=rows, types=types, moment=moment)
        for each, (rows, types) in zip(candidates, schemas, strict=True)
    )


def _draft(
    candidate: Candidate, *, rows: int, types: tuple[tuple[str, str], ...], moment: str
) -> Version:
    dataset = candidate.dataset
    _check_declared(candidate, rows=rows, columns=tuple(name for name, _ in types))
    return Version(
        dataset_id=dataset.id,
        version=0,
        release=0,
        published_at=moment,
        sha256=sha256_of_file(candidate.parquet),
        rows=rows,
        bytes=candidate.parquet.stat().st_size,
        data_time=candidate.data_time.isoformat() if candidate.data_time else None,
        title=dataset.title,
        summary=dataset.summary,
        body=dataset.body,
        publisher=candidate.publisher or dataset.body,
        theme=dataset.theme,
        openness=dataset.openness.code if dataset.openness else None,
        licence=dataset.release.licence,
        update_frequency=dataset.update_frequency.code if dataset.update_frequency else None,
        columns=tuple(
            Column(name=name, title=dataset.field(name).title, type=kind) for name, kind in types
        ),
        upstreams=candidate.upstreams,
    )


def _check_declared(candidate: Candidate, *, rows: int, columns: tuple[str, ...]) -> None:
    """Fail closed: exactly the released fields, exactly the rows that were accounted for."""
    declared = {each.name for each in candidate.dataset.released_fields}
    if set(columns) != declared or len(columns) != len(declared):
        raise StoreError(
            f"{candidate.dataset.id}: the staged file has the columns {', '.join(columns)}; its "
            f"entry releases {', '.join(sorted(declared))}; nothing undeclared is ever published"
        )
    if rows != candidate.rows:
        raise StoreError(
            f"{candidate.dataset.id}: the staged file has {rows} rows, the run accounts for "
            f"{candidate.rows}; run it again"
        )
