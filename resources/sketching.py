"""Making the sketch of one standardised table: one pass in DuckDB, samples in numpy, then the key.

DuckDB hashes every value (fast, unkeyed, the same in one version only: ``method_of``), numpy keeps
the values that reach a level, and what is kept is enciphered under the home's key before it leaves
this module: without the key nobody can try whether a citizen's number is among the digests. Why
each step is as it is: decisions/019.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from opendata.errors import ModelError
from opendata.sql_text import literal, quoted
from opendata.vocabulary import FieldType
from resources.sketch import EMPTY, ColumnSketch, Digests, Members, Sample, Sketch
from resources.spelled import numbering, possible
from resources.vault import SecretKey

KEPT = 1024
"""Digests a sample holds at most; from half of it on a sample of more values is drawn thinner."""

INDEXED = 1 << 20
"""Values a bitmap of members holds at most; columns of more are indexed thinner"""

_FORMAT = 1
_BATCH = 122_880
_FIRST = 4096
_SEEN = 4096
_BITS_A_VALUE = 8
_VALUES, _ROWS = 0, 1
_TOP = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a field is to the sketch: every one enters the row digest unless it only counts rows.

    ``sampled`` fields may tell where they come from; ``indexed`` ones are looked up by others.
    """

    name: str
    type: FieldType
    sampled: bool
    indexed: bool


def method_of(key: SecretKey) -> str:
    """What two sketches must share to be compared: the form, the hash function and the key.

    DuckDB promises its hash for one version only; sketches of another are made again.
    """
    return f"{_FORMAT}/duckdb-{duckdb.__version__}/{key.key_id}"


def sketch(
    con: duckdb.DuckDBPyConnection, flagged: Path, planned: Sequence[Planned], key: SecretKey
) -> Sketch:
    """The sketch of the clean rows (``_dq >= 0``) of a flagged Parquet file.

    Raises:
        ModelError: DuckDB cannot read the file; its own message is withheld, it may quote data.
    """
    try:
        return _sketch(con, flagged, planned, key)
    except duckdb.Error as error:
        raise ModelError(
            f"{flagged.name} could not be sketched ({type(error).__name__}); run the dataset again"
        ) from None


def _sketch(
    con: duckdb.DuckDBPyConnection, flagged: Path, planned: Sequence[Planned], key: SecretKey
) -> Sketch:
    con.execute("set preserve_insertion_order = false").fetchall()  # half the cost of the pass
    counting = set(
        numbering(
            con,
            flagged,
            integers=[each.name for each in planned if each.type is FieldType.INTEGER],
            texts=[each.name for each in planned if each.type is FieldType.TEXT],
        )
    )
    wanted = [each for each in planned if each.name not in counting]
    gathering = _Gathering([_Gathered(each) for each in wanted], missing=_hash_of_null(con))
    for batch in _hashes(con, flagged, wanted):
        gathering.add(batch)
    sampled = [each.name for each in wanted if each.sampled]
    could_be = possible(con, flagged, gathering.rows, sampled)
    return Sketch(
        rows=gathering.rows,
        compared=len(wanted),
        digest=key.digest((f"{gathering.rows}:{gathering.sum}:{gathering.parity}",)),
        row_sample=_keyed(gathering.sample, key, _ROWS),
        columns=tuple(
            ColumnSketch(
                each.planned.name,
                each.filled,
                could_be[each.planned.name],
                _keyed(each.sample, key, _VALUES),
                _members(each.index.drawn(), key) if each.index is not None else None,
            )
            for each in gathering.columns
            if each.planned.sampled
        ),
    )


# --- hashes


def _hashes(
    con: duckdb.DuckDBPyConnection, flagged: Path, wanted: Sequence[Planned]
) -> Iterator[pa.RecordBatch]:
    if not wanted:
        return
    hashed = ", ".join(f"hash({_canonical(each)})" for each in wanted)
    clean = f"select {hashed} from read_parquet({literal(str(flagged))}) where _dq >= 0"
    yield from con.sql(clean).to_arrow_reader(_BATCH)


def _hash_of_null(con: duckdb.DuckDBPyConnection) -> np.uint64:
    ((hashed,),) = con.execute("select hash(null)").fetchall()
    return np.uint64(hashed)


def _canonical(planned: Planned) -> str:
    """A code is the same code whether a body types it as a number or as text."""
    if planned.type is FieldType.INTEGER:
        return f"{quoted(planned.name)}::varchar"
    if planned.type is FieldType.DECIMAL:
        return f"{quoted(planned.name)}::double"
    return quoted(planned.name)


@dataclass(slots=True)
class _Drawn:
    """A sample being drawn: unkeyed hashes that reach ``level``, each once."""

    most: int
    level: int = 0
    kept: Digests = field(default_factory=lambda: np.empty(0, np.uint64))
    _seen: Digests = field(default_factory=lambda: np.zeros(_SEEN, np.uint64))

    def add(self, hashes: Digests) -> None:
        """Take note of hashes; the first few decide how thin the rest is drawn."""
        for part in (hashes[:_FIRST], hashes[_FIRST:]):
            self._add(part)

    def _add(self, hashes: Digests) -> None:
        if self.level:
            hashes = hashes[hashes < np.uint64(_TOP >> self.level)]
        places = hashes & np.uint64(_SEEN - 1)
        new = self._seen[places] != hashes  # what repeats, mostly repeats soon
        hashes = hashes[new]
        self._seen[places[new]] = hashes
        if len(hashes):
            self._keep(_once(np.concatenate((self.kept, hashes))))

    def _keep(self, kept: Digests) -> None:
        while len(kept) > self.most:
            self.level += 1
            kept = kept[: int(np.searchsorted(kept, np.uint64(_TOP >> self.level)))]
        self.kept = kept


@dataclass(slots=True)
class _Index:
    """All values of a column, drawn in large steps: sorting is what costs."""

    kept: _Drawn = field(default_factory=lambda: _Drawn(INDEXED))
    waiting: list[Digests] = field(default_factory=list)

    def add(self, hashes: Digests) -> None:
        self.waiting.append(hashes)
        if sum(map(len, self.waiting)) > INDEXED:
            self.drawn()

    def drawn(self) -> _Drawn:
        if self.waiting:
            self.kept.add(np.concatenate(self.waiting))
            self.waiting = []
        return self.kept


@dataclass(slots=True)
class _Gathered:
    """What is gathered of one column."""

    planned: Planned
    filled: int = 0
    sample: _Drawn = field(default_factory=lambda: _Drawn(KEPT))
    index: _Index | None = None

    def __post_init__(self) -> None:
        self.index = _Index() if self.planned.indexed else None

    def add(self, hashes: Digests) -> None:
        self.filled += len(hashes)
        self.sample.add(hashes)
        if self.index is not None:
            self.index.add(hashes)


@dataclass(slots=True)
class _Gathering:
    """What is gathered of the whole table; sums are of 64 bits and run over."""

    columns: list[_Gathered]
    missing: np.uint64
    rows: int = 0
    sum: int = 0
    parity: int = 0
    sample: _Drawn = field(default_factory=lambda: _Drawn(KEPT))

    def add(self, batch: pa.RecordBatch) -> None:
        rows = np.zeros(len(batch), np.uint64)
        for gathered, column in zip(self.columns, batch.columns, strict=True):
            hashes = column.to_numpy(zero_copy_only=False)
            missing = hashes == self.missing
            rows += np.where(missing, np.uint64(0), hashes) if missing.any() else hashes
            if gathered.planned.sampled:
                gathered.add(hashes[~missing])
        rows = _mixed(rows)
        self.rows += len(rows)
        self.sum = (self.sum + int(rows.sum(dtype=np.uint64))) % _TOP
        self.parity ^= int(np.bitwise_xor.reduce(rows))
        self.sample.add(rows)


def _once(hashes: Digests) -> Digests:
    """Ascending, each once; numpy sorts 64-bit numbers a hundred times faster than it hashes."""
    hashes = np.sort(hashes)
    once: Digests = hashes[np.append(True, hashes[1:] != hashes[:-1])]
    return once


def _mixed(values: Digests) -> Digests:
    """Sums of hashes spread over 64 bits again (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


# --- the key


def _keyed(drawn: _Drawn, key: SecretKey, kind: int) -> Sample:
    if not len(drawn.kept):
        return EMPTY
    digests = _enciphered(drawn.kept, key, kind)
    order = np.argsort(digests)
    return Sample(drawn.level, digests[order], _levels(drawn.kept)[order])


def _levels(hashes: Digests) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    powers = np.uint64(1) << np.arange(64, dtype=np.uint64)
    return (64 - np.searchsorted(powers, hashes, side="right")).astype(np.uint8)


def _enciphered(hashes: Digests, key: SecretKey, kind: int) -> Digests:
    """Each hash through the block cipher alone; the half of its block that is left says what of."""
    blocks = np.full((len(hashes), 2), kind, np.uint64)
    blocks[:, 0] = hashes
    return np.frombuffer(key.enciphered("opendata/sketch", blocks.tobytes()), np.uint64)[::2].copy()


def _members(drawn: _Drawn, key: SecretKey) -> Members:
    size = max(64, 1 << (_BITS_A_VALUE * len(drawn.kept) - 1).bit_length())
    places = _enciphered(drawn.kept, key, _VALUES) >> np.uint64(64 - size.bit_length() + 1)
    taken = np.zeros(size, np.bool_)
    taken[places] = True
    return Members(drawn.level, np.packbits(taken, bitorder="little"))
