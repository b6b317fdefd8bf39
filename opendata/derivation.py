"""Derivation: what a dataset may hold of others, by reading them or by deferring to them.

What the catalog declares, dataset by dataset; columns are ``lineage.py``. A dataset whose entry
says 以数源为准 holds its authority's values exactly as one whose SQL reads it does.
"""

from collections.abc import Collection

from opendata.catalog import Catalog, Dataset
from opendata.vocabulary import OnConflict

EXISTS_IN_DATASET = "expect_column_values_to_exist_in_dataset"
"""The type of quality rules that look values up in the current version of another dataset."""


def made_of(dataset: Dataset) -> tuple[str, ...]:
    """Ids of the datasets whose values it may hold: those it reads, and those it defers to."""
    deferred = (
        each.checked_against.partition(".")[0]
        for each in dataset.fields
        if each.checked_against and each.on_conflict is OnConflict.AUTHORITY_WINS
    )
    return tuple(dict.fromkeys((*dataset.reads, *deferred)))


def following(catalog: Catalog, changed: Collection[str]) -> set[str]:
    """Ids of the datasets compared with one of these, and of all that follows from them.

    Compared are elements with their authority, and values with the dataset they must exist in.
    """
    followers: dict[str, set[str]] = {}
    for dataset in catalog.datasets:
        sources = {
            each.checked_against.partition(".")[0]
            for each in dataset.fields
            if each.checked_against
        }
        for source in sources.union(looked_up(dataset)) - {dataset.id}:
            followers.setdefault(source, set()).add(dataset.id)
    reached: set[str] = set()
    frontier = set(changed) if followers else set()
    while frontier:
        found = {each for one in frontier for each in followers.get(one, ())} - reached
        found |= {each.id for one in found for each in catalog.readers_of(one)}
        reached |= found
        frontier = found
    return reached


def looked_up(dataset: Dataset) -> tuple[str, ...]:
    """Ids of the other datasets in which values of this one must exist, by its quality rules."""
    rules = (each for each in dataset.quality.rules if each.expect == EXISTS_IN_DATASET)
    named = dict.fromkeys(str(each.kwargs.get("dataset")) for each in rules)
    return tuple(each for each in named if each != dataset.id)


def upstreams_of(catalog: Catalog, dataset_id: str) -> tuple[str, ...]:
    """Ids of every dataset that this one is made of, directly or through others, sorted."""
    reached: set[str] = set()
    frontier = set(made_of(catalog.dataset(dataset_id)))
    while frontier:
        reached |= frontier
        frontier = {up for each in frontier for up in made_of(catalog.dataset(each))} - reached
    return tuple(sorted(reached - {dataset_id}))


def made_from(catalog: Catalog, dataset_id: str) -> tuple[Dataset, ...]:
    """Every dataset that may hold values of this one, nearest first."""
    reached: list[Dataset] = []
    frontier = {dataset_id}
    while frontier:
        found = [
            each
            for each in catalog.datasets
            if each.id != dataset_id and frontier & set(made_of(each)) and each not in reached
        ]
        reached += found
        frontier = {each.id for each in found}
    return tuple(reached)
