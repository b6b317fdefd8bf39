"""The probe: has anything changed that a passage would depend on? Cheap, and without Dagster.

A fingerprint covers the entry, its model, code tables, settings, the product's own code, the bytes
of every source, every upstream dataset and the state of availability. Equal fingerprints mean that
a passage would end as the last one did, freshness aside, which is judged anew every time.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from assets.dossier import Dossier, from_json
from assets.workshop import Workshop
from opendata.catalog import Dataset, plain
from opendata.errors import SourceError

_ROOT = Path(__file__).parent.parent
_ROOMS = ("opendata", "dbt_like_sql", "quality", "resources", "assets")


def changed_datasets(workshop: Workshop, datasets: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Those of ``datasets`` whose passage would not simply repeat, in the order given."""
    prints = fingerprints(workshop)
    return tuple(each for each in datasets if _is_new(workshop, each, prints[each.id]))


def last_dossier(workshop: Workshop, dataset_id: str) -> Dossier | None:
    """What the last passage of a dataset left; None when there was none."""
    remembered = workshop.state.recall(dataset_id)
    return from_json(remembered.outcome_json) if remembered else None


def fingerprints(workshop: Workshop) -> dict[str, str]:
    """The fingerprint of every dataset, upstream ones first."""
    known: dict[str, str] = {}
    for dataset in workshop.catalog.in_reading_order:
        parts = [*_parts(workshop, dataset), *(known[each] for each in dataset.reads)]
        known[dataset.id] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return known


def _is_new(workshop: Workshop, dataset: Dataset, fingerprint: str) -> bool:
    dossier = last_dossier(workshop, dataset.id)
    if dossier is None or dossier.fingerprint != fingerprint:
        return True
    return dossier.released_sha256 is not None and not workshop.flagged(dataset.id).exists()


def _parts(workshop: Workshop, dataset: Dataset) -> Iterator[str]:
    yield product_digest()
    yield dataset.fingerprint
    yield json.dumps(plain(workshop.settings), sort_keys=True, ensure_ascii=False)
    yield f"listed={bool(dataset.listed_on and dataset.listed_on <= workshop.clock.as_of)}"
    yield f"withheld={dataset.id in workshop.withheld()}"
    tables = {each.code_table for each in dataset.fields if each.code_table}
    yield from (str(workshop.catalog.code_table(each).codes) for each in sorted(tables))
    yield from _source_parts(workshop, dataset)


def _source_parts(workshop: Workshop, dataset: Dataset) -> Iterator[str]:
    try:
        for found in workshop.landing.probe(dataset):
            yield f"{found.source_id}={workshop.state.sha256_of(found.path)}"
    except SourceError as error:
        yield f"unreadable={error}"


@cache
def product_digest() -> str:
    """SHA-256 over the product's own code and rules: a changed rule is a reason to judge again."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((_ROOT / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(_ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
