"""Linkage across what is open: a candidate before it opens, and the whole store every night.

Sketches of released columns and the findings of the last pass are kept in the state, which may be
lost: they are made again from the released files. What a finding means is ``opendata/linkage.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import duckdb
from pydantic import TypeAdapter

from assets.workshop import Workshop
from opendata.catalog import Dataset, Field
from opendata.errors import UnknownDataset
from opendata.linkage import Difference, Link, Linkage, is_about_people
from opendata.vocabulary import Role
from resources.grains import Opened, from_register, opened, register_text
from resources.linkage import difference, link
from resources.manifest import Version
from resources.store import OpenStore

_NIGHTLY = "linkage"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLinkage:
    """What the pass over everything open found: ``tables`` of them are about people."""

    tables: int
    pairs: int
    found: tuple[Linkage, ...]


def linked(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path
) -> Linkage | None:
    """What a treated candidate tells beside everything open and its version before it.

    None when DuckDB gave up, which the gate refuses; nothing found where nobody is in it.
    """
    if not is_about_people(dataset):
        return Linkage()
    try:
        return _linked(workshop, con, dataset, path)
    except duckdb.Error:
        return None


def _linked(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path
) -> Linkage:
    store = workshop.store_of(dataset)
    others = [each for each in _open_tables(workshop, con) if each.dataset.id != dataset.id]
    last = store.versions(dataset.id)[-1:]
    if not others and not last:
        return Linkage()
    ours = opened(con, dataset, path, required_k=_required_k(workshop, dataset))
    links = tuple(found for each in others if (found := link(con, ours, each)))
    files = [_file(store, each) for each in last]
    changed = [difference(con, ours, file, version=number) for number, file in files]
    return Linkage(links=links, difference=next(iter(changed), None), compared=len(others))


def link_store(workshop: Workshop) -> StoreLinkage:
    """Compare everything open about people, each pair once, each with the version before it.

    What was found is remembered for the pages.
    """
    with workshop.home.working(), workshop.connection() as con:
        tables = tuple(_open_tables(workshop, con))
        links = {each.dataset.id: _later_links(con, each, tables) for each in tables}
        found = tuple(
            Linkage(
                links=links[each.dataset.id],
                difference=_since_last(workshop, con, each),
                compared=len(tables) - 1,
            )
            for each in tables
        )
    told = StoreLinkage(
        tables=len(tables),
        pairs=len(tuple(combinations(tables, 2))),
        found=tuple(each for each in found if each.findings),
    )
    workshop.state.remember_findings(_NIGHTLY, _adapter().dump_json(told).decode())
    return told


def known_linkage(workshop: Workshop) -> StoreLinkage | None:
    """What the last pass found; None before the first, or when another version wrote it."""
    kept = workshop.state.recall_findings(_NIGHTLY)
    try:
        return _adapter().validate_json(kept) if kept is not None else None
    except ValueError:
        return None


def _later_links(
    con: duckdb.DuckDBPyConnection, ours: Opened, tables: tuple[Opened, ...]
) -> tuple[Link, ...]:
    """Links with the tables after it, so that a pair is told once."""
    later = tables[tables.index(ours) + 1 :]
    return tuple(found for each in later if (found := link(con, ours, each)))


def _since_last(
    workshop: Workshop, con: duckdb.DuckDBPyConnection, now: Opened
) -> Difference | None:
    for store in workshop.stores:
        versions = store.versions(now.dataset.id)
        if len(versions) > 1:
            number, file = _file(store, versions[-2])
            return difference(con, now, file, version=number)
    return None


def _open_tables(workshop: Workshop, con: duckdb.DuckDBPyConnection) -> Iterator[Opened]:
    """Everything in both stores that is about people, by id."""
    for store in workshop.stores:
        for dataset_id in sorted(store.current().datasets):
            version = store.versions(dataset_id)[-1]
            dataset = _described(workshop, version)
            if is_about_people(dataset):
                yield _registered(workshop, con, dataset, _file(store, version)[1], version.sha256)


def _registered(
    workshop: Workshop,
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    path: Path,
    sha256: str,
) -> Opened:
    """The table with its sketches, made once for each version and entry."""
    k = _required_k(workshop, dataset)
    name = f"open {dataset.id}"
    made_of = f"{_FORMAT}/duckdb-{duckdb.__version__}/{sha256}/{dataset.fingerprint}"
    kept = workshop.state.recall_sketch(name, made_of=made_of)
    if kept is not None:
        return from_register(kept.decode(), dataset, path, required_k=k)
    made = opened(con, dataset, path, required_k=k)
    workshop.state.remember_sketch(name, made_of=made_of, sketch=register_text(made).encode())
    return made


def _described(workshop: Workshop, version: Version) -> Dataset:
    """The entry; of what the catalog no longer lists nobody knows who could be told by it."""
    try:
        return workshop.catalog.dataset(version.dataset_id)
    except UnknownDataset:
        columns = (
            Field(name=each.name, title=each.title, heading=each.title, role=Role.QUASI)
            for each in version.columns
        )
        return Dataset(
            id=version.dataset_id, title=version.title, body=version.body, fields=tuple(columns)
        )


def _file(store: OpenStore, version: Version) -> tuple[int, Path]:
    return version.version, store.root / "datasets" / version.dataset_id / version.file


def _required_k(workshop: Workshop, dataset: Dataset) -> int:
    return dataset.release.k or workshop.settings.default_k


@cache
def _adapter() -> TypeAdapter[StoreLinkage]:
    return TypeAdapter(StoreLinkage)
