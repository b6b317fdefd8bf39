"""The lattice: which combinations of rungs are coarse enough, and what each of them costs.

Full-domain generalisation (Samarati; LeFevre; ARX's Flash): a node is one rung for each
quasi-identifier. A coarser node never suppresses more rows, so one check settles all nodes above a
good one and below a bad one; nodes are tried by halving chains. What is left over in small classes
may be suppressed up to the limit. The answer is every node that no finer one could replace, with
its cost, for a person to choose from.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import prod

import numpy as np
import polars as pl
from numpy.typing import NDArray

from resources.distance import farthest_of
from resources.ladders import Base, Classes, Codes, Steps

Levels = tuple[int, ...]
Grid = NDArray[np.bool_]
_DENSE = 1 << 21
_LARGEST = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a node must reach: k rows and l sensitive values a class, within t of the table."""

    k: int
    l: int = 1  # noqa: E741 - the name the measure has
    t: float | None = None
    max_suppression: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A combination of rungs with what it reaches and costs.

    ``intensity`` is how far up the ladders it is (0 to 1), ``discernibility`` the size of the class
    a row lies in on average (a suppressed row counts as one with all others). ``k``, ``l`` and
    ``distance`` are those of what is left; None where nothing is.
    """

    levels: Levels
    suppressed: int
    classes: int
    k: int | None
    l: int | None  # noqa: E741 - the name the measure has
    distance: float | None
    intensity: float
    discernibility: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The nodes to choose from, least costly first; not ``complete`` when time was up before."""

    nodes: tuple[Node, ...]
    lattice: int
    checked: int
    complete: bool
    rows: int


def search(base: Base, asked: Asked, *, seconds: float) -> Frontier:
    """Every minimal node that reaches what is asked, within the time given.

    k and distinct l decide what is suppressed, and settle nodes above and below. t is asked of what
    is left: of a node that reaches k and l it is measured, not inferred.
    """
    lattice = _Lattice(base, asked, time.monotonic() + seconds)
    lattice.settle()
    levels = lattice.close_enough() if asked.t is not None else lattice.minimal(lattice.good)
    nodes = [lattice.node(each) for each in levels]
    return Frontier(
        nodes=tuple(sorted(nodes, key=lambda each: (each.discernibility, each.levels))),
        lattice=prod(lattice.shape),
        checked=lattice.checked,
        complete=lattice.complete,
        rows=base.rows,
    )


@dataclass(slots=True)
class _Lattice:
    """The search: what is known to be good and bad, as grids over all nodes."""

    base: Base
    asked: Asked
    until: float
    good: Grid
    bad: Grid
    checked: int = 0
    complete: bool = True

    def __init__(self, base: Base, asked: Asked, until: float) -> None:
        self.base, self.asked, self.until = base, asked, until
        self.good, self.bad = np.zeros(self.shape, np.bool_), np.zeros(self.shape, np.bool_)
        self.checked, self.complete = 0, True

    @property
    def shape(self) -> Levels:
        return tuple(len(each.rungs) for each in self.base.ladders)

    def settle(self) -> None:
        """Know of every node whether it is good, as far as there is time."""
        for node in sorted(product(*map(range, self.shape)), key=sum):
            if not self._is_known(node):
                self._halve(self._chain(node))

    def minimal(self, good: Grid) -> tuple[Levels, ...]:
        """The good nodes that are good at no finer rung of any field."""
        finer = np.zeros_like(good)
        for axis in range(good.ndim):
            above = [slice(None)] * good.ndim
            below = [slice(None)] * good.ndim
            above[axis], below[axis] = slice(1, None), slice(None, -1)
            finer[tuple(above)] |= good[tuple(below)]
        return tuple(map(tuple, np.argwhere(good & ~finer).tolist()))

    def close_enough(self) -> tuple[Levels, ...]:
        """The minimal nodes among the good ones whose classes are within t of the table."""
        close = np.zeros(self.shape, np.bool_)
        covered = np.zeros(self.shape, np.bool_)
        for node in map(tuple, sorted(np.argwhere(self.good).tolist(), key=sum)):
            if covered[node] or self._is_over():
                continue
            distance = self.node(node).distance
            if distance is not None and distance <= (self.asked.t or 0.0):
                close[node] = True
                covered[_above(node)] = True
        return self.minimal(close)

    def node(self, levels: Levels) -> Node:
        """What a node reaches and costs."""
        self.checked += 1
        grouped = _Grouped.of(self.base, levels)
        failing, rows = grouped.failing(self.asked), self.base.rows
        kept = grouped.sizes[~failing]
        suppressed = int(grouped.sizes[failing].sum())
        squares = float((kept.astype(np.float64) ** 2).sum()) + float(suppressed) * rows
        tops = [max(len(each.rungs) - 1, 1) for each in self.base.ladders]
        return Node(
            levels=levels,
            suppressed=suppressed,
            classes=len(kept),
            k=int(kept.min()) if len(kept) else None,
            l=min((int(each[~failing].min()) for each in grouped.values), default=None)
            if len(kept)
            else None,
            distance=grouped.distance(self.base, ~failing) if len(kept) else None,
            intensity=sum(a / b for a, b in zip(levels, tops, strict=True)) / len(levels),
            discernibility=squares / max(rows, 1),
        )

    def _is_known(self, node: Levels) -> bool:
        return bool(self.good[node] or self.bad[node])

    def _is_over(self) -> bool:
        self.complete = self.complete and time.monotonic() < self.until
        return not self.complete

    def _chain(self, node: Levels) -> list[Levels]:
        """From ``node`` upwards through nodes not known yet, the coarsest step of each first."""
        chain = [node]
        while True:
            above = [
                each for each in _successors(chain[-1], self.shape) if not self._is_known(each)
            ]
            if not above:
                return chain
            chain.append(min(above, key=self._size))

    def _size(self, levels: Levels) -> int:
        steps = zip(self.base.steps, levels, strict=True)
        return prod(each.sizes[level] for each, level in steps)

    def _halve(self, chain: list[Levels]) -> None:
        low, high = 0, len(chain)
        while low < high and not self._is_over():
            middle = (low + high) // 2
            if self._is_good(chain[middle]):
                self.good[_above(chain[middle])] = True
                high = middle
            else:
                self.bad[_below(chain[middle])] = True
                low = middle + 1

    def _is_good(self, levels: Levels) -> bool:
        self.checked += 1
        grouped = _Grouped.of(self.base, levels)
        left_out = int(grouped.sizes[grouped.failing(self.asked)].sum())
        limit, rows = self.asked.max_suppression, self.base.rows
        return left_out <= limit * rows and left_out < rows


def _above(node: Levels) -> tuple[slice, ...]:
    return tuple(slice(each, None) for each in node)


def _below(node: Levels) -> tuple[slice, ...]:
    return tuple(slice(None, each + 1) for each in node)


def _successors(node: Levels, shape: Levels) -> Iterator[Levels]:
    for place, (each, size) in enumerate(zip(node, shape, strict=True)):
        if each + 1 < size:
            yield (*node[:place], each + 1, *node[place + 1 :])


# --- one node


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """The classes of one node, in the same order whichever sensitive field is looked at.

    ``sizes`` are rows; ``values`` holds for each sensitive field how many values each class has;
    ``pairs`` for each the class, the rank of a value and its rows.
    """

    sizes: Codes
    values: tuple[Codes, ...]
    pairs: tuple[tuple[Codes, Codes, Codes], ...]

    @classmethod
    def of(cls, base: Base, levels: Levels) -> "_Grouped":
        pairs = tuple(_pairs(base.steps, each, levels) for each in base.classes)
        begins = [np.flatnonzero(np.append(True, each[1:] != each[:-1])) for each, _, _ in pairs]
        counts = pairs[0][2]
        return cls(
            sizes=np.add.reduceat(counts, begins[0]) if len(counts) else counts,
            values=tuple(
                np.diff(np.append(begin, len(each[0])))
                for begin, each in zip(begins, pairs, strict=True)
            ),
            pairs=pairs,
        )

    def failing(self, asked: Asked) -> Grid:
        """Classes with fewer rows or fewer values of a sensitive field than asked."""
        few = self.sizes < asked.k
        return reduce(np.logical_or, (each < asked.l for each in self.values), few)

    def distance(self, base: Base, kept: Grid) -> float:
        """The greatest distance of a class that is kept, over the sensitive fields."""
        found = (
            farthest_of(classes, ranks, counts, ordered=each.ordered)[kept].max()
            for (classes, ranks, counts), each in zip(self.pairs, base.classes, strict=True)
        )
        return float(max(found))


def _pairs(
    steps: tuple[Steps, ...], classes: Classes, levels: Levels
) -> tuple[Codes, Codes, Codes]:
    """Classes of the node with a sensitive value each, ascending, and their rows."""
    key, size = np.zeros(len(classes.counts), np.int64), 1
    for step, values, level in zip(steps, classes.values, levels, strict=True):
        if size * step.sizes[level] >= _LARGEST // classes.ranks:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max(initial=0)) + 1
        if step.sizes[level] > 1:
            key = key * step.sizes[level] + step.codes[level][values]
            size *= step.sizes[level]
    if classes.ranks > 1:
        key = key * classes.ranks + classes.sensitive
    size *= classes.ranks
    if size <= _DENSE:
        sums = np.bincount(key, classes.counts, size)
        found = np.flatnonzero(sums)
        counts = sums[found].astype(np.int64)
    else:
        frame = pl.DataFrame({"key": key, "rows": classes.counts})
        summed = frame.group_by("key").agg(pl.col("rows").sum()).sort("key")
        found, counts = summed["key"].to_numpy(), summed["rows"].to_numpy()
    return found // classes.ranks, found % classes.ranks, counts
