"""Overlaps: a thousand sketches against each other, by sorted digests and bitmaps.

Pairs of tables are found where their row samples share digests; columns that lie in others are
found by looking a few of their digests up first and the rest where that went well. Counts only:
what a count means is ``opendata/resemblance.py``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from opendata.resemblance import (
    CONTAINED,
    ENOUGH,
    ENOUGH_SAMPLED,
    NEARLY,
    TELLING,
    Counted,
)
from resources.sketch import ColumnSketch, Digests, Members, Sample, Sketch

_THIN = np.uint64(1 << 62)
_CROWD = 40
_FIRST = 32
_FIRST_MET = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Values of ``copy`` (table, column) that are in ``original``, with both distinct counts."""

    copy: tuple[str, str]
    original: tuple[str, str]
    copy_size: int
    original_size: int
    counted: Counted


def same_rows(sketches: Mapping[str, Sketch]) -> tuple[tuple[str, ...], ...]:
    """Tables with equal rows, in groups of two and more, in the order given."""
    groups: dict[str, list[str]] = {}
    for name, sketch in sketches.items():
        if _is_table(sketch):
            groups.setdefault(sketch.digest, []).append(name)
    return tuple(tuple(each) for each in groups.values() if len(each) > 1)


def nearly_same_rows(sketches: Mapping[str, Sketch]) -> Iterator[tuple[str, str, Counted]]:
    """Pairs of tables that share most of their rows (Jaccard at least ``NEARLY``)."""
    tables = {name: each for name, each in sketches.items() if _is_table(each)}
    for one, other in _meeting([each.row_sample for each in tables.values()], list(tables)):
        counted = _jaccard(tables[one].row_sample, tables[other].row_sample)
        if counted.sampled >= ENOUGH_SAMPLED and counted.share >= NEARLY:
            yield one, other, counted


def inclusions(sketches: Mapping[str, Sketch], body_of: Mapping[str, str]) -> Iterator[Inclusion]:
    """Columns whose values lie in an indexed column of another body's table."""
    columns = _Columns.of(sketches, body_of)
    for name, sketch in sketches.items():
        for source in sketch.columns:
            if source.members is not None and _tells(source) and source.density <= TELLING:
                yield from columns.lying_in((name, source.name), source, body_of[name])


# --- rows


def _is_table(sketch: Sketch) -> bool:
    return sketch.rows >= ENOUGH and sketch.compared >= 2


def _meeting(samples: Sequence[Sample], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs that share digests; of a crowd that shares one, only neighbours are paired."""
    thinned = [each.digests[: int(np.searchsorted(each.digests, _THIN))] for each in samples]
    digests = np.concatenate(thinned) if thinned else np.empty(0, np.uint64)
    owners = np.repeat(np.arange(len(thinned)), [len(each) for each in thinned])
    order = np.lexsort((owners, digests))
    digests, owners = digests[order], owners[order]
    begins = np.flatnonzero(np.append(True, digests[1:] != digests[:-1]))
    met: Counter[tuple[int, int]] = Counter()
    for begin, end in zip(begins, np.append(begins[1:], len(digests)), strict=True):
        if end - begin > 1:
            group = owners[begin:end].tolist()
            met.update(combinations(group, 2) if len(group) <= _CROWD else pairwise(group))
    for (one, other), shared in met.items():
        if shared >= NEARLY / 2 * min(len(thinned[one]), len(thinned[other])):
            yield names[one], names[other]


def _jaccard(one: Sample, other: Sample) -> Counted:
    level = max(one.level, other.level)
    mine, theirs = one.at(level), other.at(level)
    shared = _shared(mine, theirs)
    return Counted(sampled=len(mine) + len(theirs) - shared, shared=shared)


def _shared(one: Digests, other: Digests) -> int:
    """How many of two ascending sets are in both."""
    both = np.sort(np.concatenate((one, other)))
    return int((both[1:] == both[:-1]).sum())


# --- columns


def _tells(column: ColumnSketch) -> bool:
    return column.sample.distinct >= ENOUGH and column.density < 0.5


@dataclass(frozen=True, slots=True)
class _Columns:
    """Every column that may be a copy; ``first`` are a few digests of each."""

    names: list[tuple[str, str]]
    columns: list[ColumnSketch]
    bodies: NDArray[np.int64]
    places: dict[str, int]
    first: NDArray[np.uint64]
    levels: NDArray[np.int16]

    @classmethod
    def of(cls, sketches: Mapping[str, Sketch], body_of: Mapping[str, str]) -> "_Columns":
        places = {body: place for place, body in enumerate(dict.fromkeys(body_of.values()))}
        found = [
            (name, column)
            for name, sketch in sketches.items()
            for column in sketch.columns
            if _tells(column)
        ]
        first = np.zeros((len(found), _FIRST), np.uint64)
        levels = np.full((len(found), _FIRST), -1, np.int16)
        for place, (_, column) in enumerate(found):
            sample = column.sample
            chosen = np.argsort(sample.levels, kind="stable")[::-1][:_FIRST]
            first[place, : len(chosen)] = sample.digests[chosen]
            levels[place, : len(chosen)] = sample.levels[chosen]
        return cls(
            names=[(name, column.name) for name, column in found],
            columns=[column for _, column in found],
            bodies=np.array([places[body_of[name]] for name, _ in found], np.int64),
            places=places,
            first=first,
            levels=levels,
        )

    def lying_in(
        self, original: tuple[str, str], source: ColumnSketch, body: str
    ) -> Iterator[Inclusion]:
        """The columns of other bodies whose values are (nearly) all members of ``source``."""
        members = source.members
        if members is None or not self.names:
            return
        for place in self._promising(members, body):
            column = self.columns[place]
            counted = _looked_up(column.sample, members)
            if counted is not None and counted.share >= CONTAINED:
                yield Inclusion(
                    copy=self.names[place],
                    original=original,
                    copy_size=column.sample.distinct,
                    original_size=source.sample.distinct,
                    counted=counted,
                )

    def _promising(self, members: Members, body: str) -> list[int]:
        usable = self.levels >= members.level
        met = (members.hold(self.first) & usable).sum(axis=1)
        enough = (met >= _FIRST_MET * usable.sum(axis=1)) & usable.any(axis=1)
        found: list[int] = np.flatnonzero(enough & (self.bodies != self.places[body])).tolist()
        return found


def _looked_up(sample: Sample, members: Members) -> Counted | None:
    digests = sample.at(members.level)
    if len(digests) < ENOUGH_SAMPLED:
        return None
    met = int(members.hold(digests).sum())
    return Counted(sampled=len(digests), shared=met, chance=members.chance)
