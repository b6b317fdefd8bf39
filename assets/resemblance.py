"""Resemblance: every standardised table sketched, and all sketches compared in one nightly pass.

Sketches and findings are kept in the state, which may be lost: a missing or outdated sketch is made
again from the standardised file, the findings by the next pass. A finding never refuses anything.
"""

from collections.abc import Iterator, Mapping
from functools import cache, partial, reduce

import duckdb
from pydantic import TypeAdapter

from assets.probe import twins
from assets.workshop import Workshop
from opendata.catalog import Catalog, Dataset
from opendata.errors import ModelError, UnknownDataset
from opendata.resemblance import (
    Counted,
    Likeness,
    Resemblance,
    as_copy,
    in_order,
    is_authority,
    is_declared,
    is_derived,
    is_looked_up,
    may_tell,
)
from resources.overlaps import Inclusion, inclusions, nearly_same_rows, same_rows
from resources.sketch import Sketch, from_bytes, to_bytes
from resources.sketching import Planned, method_of, sketch
from resources.state import stat_of

_DUPLICATES = "duplicates"


def find_resemblances(workshop: Workshop) -> tuple[Resemblance, ...]:
    """Compare every standardised dataset with every other; what was found is remembered.

    Sketches that are missing or outdated are made on the way, while no passage is at work; a table
    that cannot be read is told as progress and left out.

    Raises:
        KeyMissing, HomeError: there is no key to make sketches with.
    """
    sketches: dict[str, Sketch] = {}
    with workshop.home.working(), workshop.connection() as con:
        for dataset in workshop.catalog.datasets:
            try:
                made = sketched(workshop, con, dataset)
            except ModelError as error:
                workshop.progress(str(error))
            else:
                sketches |= {dataset.id: made} if made else {}
    found = compared(workshop.catalog, sketches, tuple(_same_bytes(workshop)))
    workshop.state.remember_findings(_DUPLICATES, _adapter().dump_json(found).decode())
    return found


def known_resemblances(workshop: Workshop) -> tuple[Resemblance, ...] | None:
    """What the last pass found among what the catalog still lists; None before the first pass."""
    kept = workshop.state.recall_findings(_DUPLICATES)
    try:
        found = _adapter().validate_json(kept) if kept is not None else None
    except ValueError:  # written by another version of the product
        return None
    return found and tuple(each for each in found if _is_listed(workshop.catalog, each))


def sketched(workshop: Workshop, con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Sketch | None:
    """The sketch of a dataset's standardised table as it lies there; None where there is none.

    Raises:
        KeyMissing, HomeError: there is no key to make it with.
        ModelError: the table cannot be read.
    """
    flagged = workshop.flagged(dataset.id)
    if not flagged.exists():
        return None
    key = workshop.masker.digest_key()
    planned = tuple(_planned(workshop.catalog, dataset))
    stood = stat_of(flagged)
    made_of = f"{method_of(key)}|{stood}|{planned!r}"
    kept = workshop.state.recall_sketch(dataset.id, made_of=made_of)
    if kept is not None:
        return from_bytes(kept)
    made = sketch(con, flagged, planned, key)
    if stat_of(flagged) == stood:
        workshop.state.remember_sketch(dataset.id, made_of=made_of, sketch=to_bytes(made))
    return made


def compared(
    catalog: Catalog, sketches: Mapping[str, Sketch], same_bytes: tuple[tuple[str, str], ...]
) -> tuple[Resemblance, ...]:
    """What all these sketches say of each other, and the pairs known to be the same bytes.

    A pair is told once, by its strongest likeness; of equal tables each is compared with the
    original alone, and only that one with the others.
    """
    tables = [*_equal(catalog, sketches, same_bytes)]
    copies = {each.copy for each in tables}
    rest = {name: each for name, each in sketches.items() if name not in copies}
    tables += _nearly_equal(catalog, rest)
    told = {frozenset((each.copy, each.original)) for each in tables}
    return in_order((*tables, *_contained(catalog, rest, told)))


def _planned(catalog: Catalog, dataset: Dataset) -> Iterator[Planned]:
    for field in dataset.fields:
        yield Planned(
            name=field.name,
            type=field.type,
            sampled=may_tell(field),
            indexed=is_looked_up(catalog, dataset, field),
        )


def _same_bytes(workshop: Workshop) -> Iterator[tuple[str, str]]:
    for dataset in workshop.catalog.datasets:
        if dataset.sources:
            for twin in twins(workshop, dataset):
                yield as_copy(workshop.catalog, dataset.id, twin.id)


def _equal(
    catalog: Catalog, sketches: Mapping[str, Sketch], same_bytes: tuple[tuple[str, str], ...]
) -> Iterator[Resemblance]:
    same: dict[str, str] = {}
    for copy, original in same_bytes:
        same[copy] = _more_original(catalog, same.get(copy, original), original)
    for copy, original in same.items():
        yield _whole(Likeness.SAME_BYTES, copy, original, sketches)
    for group in same_rows(sketches):
        original = reduce(partial(_more_original, catalog), group)
        for copy in group:
            if copy not in {original, *same} and not is_derived(catalog, copy, original):
                yield _whole(Likeness.SAME_ROWS, copy, original, sketches)


def _more_original(catalog: Catalog, one: str, other: str) -> str:
    return one if one == other else as_copy(catalog, one, other)[1]


def _whole(
    likeness: Likeness, copy: str, original: str, sketches: Mapping[str, Sketch]
) -> Resemblance:
    sizes = [sketches[each].rows if each in sketches else 0 for each in (copy, original)]
    return Resemblance(
        likeness=likeness, copy=copy, original=original, copy_size=sizes[0], original_size=sizes[1]
    )


def _nearly_equal(catalog: Catalog, sketches: Mapping[str, Sketch]) -> Iterator[Resemblance]:
    """For each table the one it shares most rows with."""
    best: dict[str, tuple[str, Counted]] = {}
    for one, other, counted in nearly_same_rows(sketches):
        copy, original = as_copy(catalog, one, other)
        nearer = copy not in best or counted.share > best[copy][1].share
        if nearer and not is_derived(catalog, one, other):
            best[copy] = original, counted
    for copy, (original, counted) in best.items():
        yield Resemblance.counted(
            counted,
            likeness=Likeness.NEARLY_SAME_ROWS,
            copy=copy,
            original=original,
            copy_size=sketches[copy].rows,
            original_size=sketches[original].rows,
        )


def _contained(
    catalog: Catalog, sketches: Mapping[str, Sketch], told: set[frozenset[str]]
) -> Iterator[Resemblance]:
    """For each column the one that its values most probably come from."""
    best: dict[tuple[str, str], Inclusion] = {}
    for each in inclusions(sketches, {name: catalog.dataset(name).body for name in sketches}):
        known = frozenset((each.copy[0], each.original[0])) in told
        if known or is_declared(catalog, each.copy, each.original):
            continue
        if each.copy not in best or _rank(catalog, each) > _rank(catalog, best[each.copy]):
            best[each.copy] = each
    for each in best.values():
        if not _is_told_the_other_way(catalog, each, best):
            yield _inclusion(each)


def _rank(catalog: Catalog, inclusion: Inclusion) -> tuple[bool, float, int]:
    """An authority before a key, then the larger share, then the closer fit."""
    share = inclusion.counted.share
    return is_authority(catalog, *inclusion.original), share, -inclusion.original_size


def _is_told_the_other_way(
    catalog: Catalog, inclusion: Inclusion, best: Mapping[tuple[str, str], Inclusion]
) -> bool:
    """Two equal columns lie in each other: the copy's side tells it."""
    reverse = best.get(inclusion.original)
    if reverse is None or reverse.original != inclusion.copy:
        return False
    return as_copy(catalog, inclusion.copy[0], inclusion.original[0])[0] != inclusion.copy[0]


def _inclusion(inclusion: Inclusion) -> Resemblance:
    return Resemblance.counted(
        inclusion.counted,
        likeness=Likeness.CONTAINED,
        copy=inclusion.copy[0],
        copy_field=inclusion.copy[1],
        copy_size=inclusion.copy_size,
        original=inclusion.original[0],
        original_field=inclusion.original[1],
        original_size=inclusion.original_size,
    )


def _is_listed(catalog: Catalog, found: Resemblance) -> bool:
    try:
        sides = catalog.dataset(found.copy), catalog.dataset(found.original)
    except UnknownDataset:
        return False
    named = zip(sides, (found.copy_field, found.original_field), strict=True)
    return all(
        name is None or any(name == each.name for each in side.fields) for side, name in named
    )


@cache
def _adapter() -> TypeAdapter[tuple[Resemblance, ...]]:
    return TypeAdapter(tuple[Resemblance, ...])
