"""Sketches: what a table looks like from afar, small enough to compare a thousand with each other.

A sketch holds no value. Of a column it keeps how many distinct values there are and a sample of
their keyed 64-bit digests; of the rows likewise. Samples of two sketches meet: which values are
kept depends on the value alone, never on the table. The value itself and how it is kept as bytes
live here; making one is ``sketching.py``, comparing many ``overlaps.py``.
"""

import json
import struct
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Digests = NDArray[np.uint64]
Levels = NDArray[np.uint8]
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The digests whose level is at least ``level``, ascending, each with its level.

    The level of a value is the number of leading zero bits of its unkeyed hash: one value in
    ``2 ** level`` reaches it. At level 0 nothing was left out and the sample is the whole set.
    """

    level: int
    digests: Digests
    levels: Levels

    @property
    def distinct(self) -> int:
        """How many distinct values there are: exact at level 0, otherwise estimated."""
        return len(self.digests) << self.level

    def at(self, level: int) -> Digests:
        """The digests that reach a level: what two samples have in common to compare."""
        return self.digests if level <= self.level else self.digests[self.levels >= level]


EMPTY = Sample(0, np.empty(0, np.uint64), np.empty(0, np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """All digests that reach ``level``, as a bitmap: a look-up never misses one that is there.

    The leading bits of a digest are its place among ``8 * len(bits)``, a power of two.
    """

    level: int
    bits: NDArray[np.uint8]

    @property
    def chance(self) -> float:
        """The share of strangers that a look-up takes for members."""
        return int(np.bitwise_count(self.bits).sum()) / (8 * len(self.bits))

    def hold(self, digests: Digests) -> NDArray[np.bool_]:
        """For each digest whether it is a member, or (``chance``) happens to look like one."""
        places = digests >> np.uint64(64 - (8 * len(self.bits)).bit_length() + 1)
        bytes_ = self.bits[places >> np.uint64(3)]
        met: NDArray[np.bool_] = (bytes_ >> (places & np.uint64(7)).astype(np.uint8) & 1) == 1
        return met


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSketch:
    """One column that may tell whose values it holds.

    ``filled`` rows have a value; ``possible`` is how many values of this spelling there could be
    (the years 2010 to 2024 fill their spelling, credit codes do not); ``members`` is there for
    columns that others are looked up in.
    """

    name: str
    filled: int
    possible: float
    sample: Sample
    members: Members | None = None

    @property
    def density(self) -> float:
        """The share of the possible values that occur: of a stranger to occur by chance."""
        return min(1.0, self.sample.distinct / self.possible)


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """One table's clean rows.

    ``digest`` is equal for equal multisets of rows, whatever the order of rows and of columns and
    whatever the headings, 序号 left out; ``compared`` columns entered it.
    """

    rows: int
    compared: int
    digest: str
    row_sample: Sample
    columns: tuple[ColumnSketch, ...]


def to_bytes(sketch: Sketch) -> bytes:
    """The sketch as bytes: a JSON head, then the arrays it counts."""
    samples = [sketch.row_sample, *(each.sample for each in sketch.columns)]
    members = [each.members for each in sketch.columns]
    head = {
        "rows": sketch.rows,
        "compared": sketch.compared,
        "digest": sketch.digest,
        "row_sample": _counted(sketch.row_sample),
        "columns": [
            {
                "name": each.name,
                "filled": each.filled,
                "possible": each.possible,
                "sample": _counted(each.sample),
                "members": each.members and {"level": each.members.level, "bytes": bits},
            }
            for each, bits in zip(sketch.columns, map(_size, members), strict=True)
        ],
    }
    text = json.dumps(head).encode()
    arrays: list[NDArray[Any]] = [
        *(each.digests for each in samples),
        *(each.levels for each in samples),
        *(each.bits for each in members if each),
    ]
    return b"".join([_LENGTH.pack(len(text)), text, *(each.tobytes() for each in arrays)])


def from_bytes(content: bytes) -> Sketch:
    """The sketch that :func:`to_bytes` wrote; ValueError or KeyError for anything else."""
    if len(content) < _LENGTH.size:
        raise ValueError("a sketch begins with the length of its head")
    (length,) = _LENGTH.unpack_from(content)
    head = json.loads(content[_LENGTH.size : _LENGTH.size + length])
    columns = head["columns"]
    counted = [_Counted(**each) for each in (head["row_sample"], *(c["sample"] for c in columns))]
    parts = _Parts(content, _LENGTH.size + length)
    digests = [parts.take(np.uint64, each.kept) for each in counted]
    levels = [parts.take(np.uint8, each.kept) for each in counted]
    samples = [Sample(*each) for each in zip((c.level for c in counted), digests, levels)]  # noqa: B905
    return Sketch(
        rows=head["rows"],
        compared=head["compared"],
        digest=head["digest"],
        row_sample=samples[0],
        columns=tuple(
            ColumnSketch(c["name"], c["filled"], c["possible"], sample, _members(c, parts))
            for c, sample in zip(columns, samples[1:], strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    level: int
    kept: int


@dataclass(slots=True)
class _Parts:
    """Arrays read one after the other."""

    content: bytes
    place: int

    def take(self, kind: Any, count: int) -> Any:
        found = np.frombuffer(self.content, kind, count, self.place)
        self.place += found.nbytes
        return found


def _counted(sample: Sample) -> dict[str, int]:
    return asdict(_Counted(sample.level, len(sample.digests)))


def _size(members: Members | None) -> int:
    return len(members.bits) if members else 0


def _members(column: dict[str, Any], parts: _Parts) -> Members | None:
    kept = column["members"]
    return Members(kept["level"], parts.take(np.uint8, kept["bytes"])) if kept else None
