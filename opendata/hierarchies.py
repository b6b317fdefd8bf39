"""Hierarchy files: what each value becomes at each level of a generalisation (泛化层级表).

``codes/hierarchies/<name>.csv``, a line a value and no headings: the value, what it is at level 1,
at level 2, …, and last ``*``, which is everything; commas, or semicolons as ARX writes them. Pure
values: the presets that need no file are ``presets.py``, running over a table is the masker's.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from opendata.errors import Problem
from opendata.plain import fingerprint_of

EVERYTHING = "*"


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """泛化层级表: ``rows`` hold a value and what it becomes at level 1, 2, … up to ``*``."""

    id: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def depth(self) -> int:
        """The number of levels; the last makes all values one."""
        return len(self.rows[0]) - 1 if self.rows else 0

    def at(self, level: int) -> Mapping[str, str]:
        """What each value becomes at ``level``, from 1 to ``depth``.

        >>> Hierarchy(id="edu", rows=(("小学", "中等以下", "*"),)).at(1)
        {'小学': '中等以下'}
        """
        return {row[0]: row[level] for row in self.rows}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows: changes exactly when one of them changes."""
        return fingerprint_of(self)


def read_hierarchy(path: str, text: str) -> tuple[Hierarchy, tuple[Problem, ...]]:
    """The hierarchy a file holds, and every mistake in it, told with its line."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    mark = ";" if ";" in first and "," not in first else ","
    rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=mark) if row]
    name = path.rsplit("/", 1)[1].rsplit(".", 1)[0]
    problems = tuple(
        Problem(where=f"{path}:{line}" if line else path, message=said)
        for line, said in _mistakes(rows)
    )
    sound = () if problems else tuple(rows)
    return Hierarchy(id=name, rows=sound), problems


def _mistakes(rows: list[tuple[str, ...]]) -> Iterator[tuple[int, str]]:
    if not rows:
        yield 0, "there is no line; write a value, what it becomes at each level, and last *."
        return
    width = len(rows[0])
    for line, row in enumerate(rows, start=1):
        if len(row) != width or width < 2:
            yield line, f"{len(row)} cells where the first line has {width}; at least 2 are needed."
        elif row[-1] != EVERYTHING:
            yield line, f"the last cell must be {EVERYTHING}, the level at which all is one."
        elif not all(row):
            yield line, "a cell is empty; every level says what the value becomes."
    yield from _repeated(rows)
    if all(len(row) == width for row in rows):
        yield from _partings(rows, width)


def _repeated(rows: list[tuple[str, ...]]) -> Iterator[tuple[int, str]]:
    for value, count in Counter(row[0] for row in rows if row).items():
        if count > 1:
            yield 0, f"the value {value!r} stands here {count} times; keep one."


def _partings(rows: list[tuple[str, ...]], width: int) -> Iterator[tuple[int, str]]:
    """What is one at a level must stay one above it, or it is no hierarchy."""
    for level in range(1, width - 1):
        above: dict[str, str] = {}
        for line, row in enumerate(rows, start=1):
            if above.setdefault(row[level], row[level + 1]) != row[level + 1]:
                said = f"{row[level]!r} of level {level} has two different parents; keep one."
                yield line, said
