"""The probe: has anything changed that a passage would depend on? Cheap, and without Dagster.

A fingerprint covers the entry, its model, code tables and hierarchies, settings, the key in use
where it matters, the product's own code, the bytes of every source, every upstream dataset and the
state of availability. Equal fingerprints mean that
a passage would end as the last one did, freshness aside, which is judged anew every time.
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from assets.agreement import sources_now
from assets.collected import collect, is_collected
from assets.corrections import corrections_of
from assets.decided import decisions_now
from assets.dossier import Dossier, from_json
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.derivation import following, looked_up
from opendata.errors import HomeError, KeyMissing
from opendata.vocabulary import Action

_ROOT = Path(__file__).parent.parent
_ROOMS = ("opendata", "dbt_like_sql", "quality", "resources", "assets")


def changed_datasets(workshop: Workshop, datasets: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Those of ``datasets`` whose passage would not simply repeat, in the order given."""
    known: dict[str, str] = {}
    datasets = tuple(datasets)
    new = {
        each.id for each in datasets if _is_new(workshop, each, fingerprint(workshop, each, known))
    }
    # What is compared with a dataset that is made anew in this run is compared anew in it.
    changed = new | following(workshop.catalog, new)
    return tuple(each for each in datasets if each.id in changed)


def as_they_were(workshop: Workshop, datasets: Iterable[Dataset]) -> frozenset[str]:
    """Ids of those that had to be read from elsewhere to see that nothing changed.

    Not of what others read: their steps would wait in vain for what is not made again.
    """
    datasets = tuple(datasets)
    elsewhere = [x for x in datasets if is_collected(x) and not workshop.catalog.readers_of(x.id)]
    collect(workshop, elsewhere)
    changed = {each.id for each in changed_datasets(workshop, datasets)}
    unchanged = frozenset(each.id for each in elsewhere if each.id not in changed)
    workshop.collected.difference_update(unchanged)  # no passage comes: the next run reads anew
    return unchanged


def last_dossier(workshop: Workshop, dataset_id: str) -> Dossier | None:
    """What the last passage of a dataset left; None when there was none."""
    remembered = workshop.state.recall(dataset_id)
    return from_json(remembered.outcome_json) if remembered else None


def fingerprint(workshop: Workshop, dataset: Dataset, known: dict[str, str] | None = None) -> str:
    """SHA-256 over all that a passage of the dataset depends on; ``known`` remembers upstreams."""
    known = {} if known is None else known
    if dataset.id not in known:
        upstream = (workshop.catalog.dataset(each) for each in dataset.reads)
        parts = [
            *_parts(workshop, dataset),
            *(fingerprint(workshop, each, known) for each in upstream),
        ]
        known[dataset.id] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return known[dataset.id]


def twins(workshop: Workshop, dataset: Dataset) -> tuple[Dataset, ...]:
    """Other datasets that were handed the very same bytes: one of them is probably a mistake."""
    own = workshop.source_hashes[dataset.id]
    holders = dict.fromkeys(each for sha in own for each in workshop.holders[sha])
    return tuple(workshop.catalog.dataset(each) for each in holders if each != dataset.id)


def _is_new(workshop: Workshop, dataset: Dataset, fingerprint: str) -> bool:
    remembered = workshop.state.recall(dataset.id)
    if remembered is None or remembered.fingerprint != fingerprint:
        return True
    if workshop.flagged(dataset.id).exists():
        return False  # reading every dossier would cost more than all the rest
    dossier = from_json(remembered.outcome_json)
    return dossier is None or dossier.standardised_sha256 is not None


def _parts(workshop: Workshop, dataset: Dataset) -> Iterator[str]:
    yield product_digest()
    yield dataset.fingerprint
    yield workshop.settings.fingerprint
    yield f"listed={bool(dataset.listed_on and dataset.listed_on <= workshop.clock.as_of)}"
    yield f"withheld={dataset.id in workshop.withheld()}"
    tables = {each.code_table for each in dataset.fields if each.code_table}
    yield from (workshop.catalog.code_table(each).fingerprint for each in sorted(tables))
    levels = {each.treatment.hierarchy for each in dataset.fields if each.treatment.hierarchy}
    yield from (workshop.catalog.hierarchy(each).fingerprint for each in sorted(levels))
    yield from _key_in_use(workshop, dataset)
    yield from workshop.source_hashes[dataset.id]
    yield from (f"twin={each.id}" for each in twins(workshop, dataset))
    yield from sources_now(workshop, dataset)
    yield from _looked_up_now(workshop, dataset)
    yield from decisions_now(workshop, dataset)
    if digest := corrections_of(workshop, dataset).digest:
        yield f"corrections={digest}"


def _looked_up_now(workshop: Workshop, dataset: Dataset) -> Iterator[str]:
    known = {each.id for each in workshop.catalog.datasets}
    for each in sorted(known.intersection(looked_up(dataset))):
        flagged = workshop.flagged(each)
        now = workshop.state.sha256_of(flagged) if flagged.exists() else "absent"
        yield f"looked up {each} {now}"


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


def _key_in_use(workshop: Workshop, dataset: Dataset) -> Iterator[str]:
    """A rotated key makes new pseudonyms: within a purpose all must come from one version."""
    if any(each.treatment.action is Action.PSEUDONYM for each in dataset.fields):
        try:
            yield f"key={workshop.masker.key_id}"
        except (KeyMissing, HomeError):
            yield "key=none"
