"""The Parquet of a capture: written beside, compared with earlier captures, swapped in by rename.

Nothing here knows databases. Equal rows in equal order give equal bytes: no time, host or version
of a server is written down.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from resources.exchange_mark import Mark, MarkValue
from resources.fsio import fsync, sha256_of_file

_GROUP_ROWS = 122_880
_GROUP_BYTES = 64 << 20
_DICTIONARY_BYTES = 8 << 10
_SPILL = ".spill"


class CaptureFile:
    """A Parquet file being written: zstd, row groups of a fixed number of rows."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self._writer: Any = None
        self._held: list[Any] = []

    def add(self, batch: Any) -> None:
        """Take a record batch; every batch has the columns of the first."""
        import pyarrow.parquet as pq

        if self._writer is None:
            self.path.unlink(missing_ok=True)
            self.path.touch(mode=0o600)
            # Low level and small dictionaries: repeated codes shrink, the rest costs little CPU.
            self._writer = pq.ParquetWriter(
                self.path,
                batch.schema,
                compression="zstd",
                compression_level=1,
                dictionary_pagesize_limit=_DICTIONARY_BYTES,
                store_schema=False,
            )
        self._held.append(batch)
        self.rows += batch.num_rows
        rows = sum(each.num_rows for each in self._held)
        if rows >= _GROUP_ROWS or sum(each.nbytes for each in self._held) >= _GROUP_BYTES:
            self._flush()

    def finish(self, mark: Mark | None) -> None:
        """Write what is held and the mark, and have it on the disk."""
        self._flush()
        if self._writer is None:
            return
        if mark is not None:
            self._writer.add_key_value_metadata(mark.footer())
        self._writer.close()
        fsync(self.path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._writer is not None:
            self._writer.close()
        self._held = []
        self.path.unlink(missing_ok=True)

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            rows = pa.Table.from_batches(self._held)
            self._writer.write_table(rows, row_group_size=max(1, rows.num_rows))
            self._held = []


def put_in_place(written: Path, target: Path) -> bool:
    """Swap a finished file in and clear the folder of all others; False when nothing changed.

    A file of the same bytes is left as it is, with its times.
    """
    same = target.is_file() and sha256_of_file(target) == sha256_of_file(written)
    if same:
        written.unlink()
    else:
        written.rename(target)
    for other in target.parent.iterdir():
        if other != target:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    fsync(target.parent)
    return not same


def fresh_rows(
    read: Path, earlier: Sequence[Path], since: tuple[str, MarkValue] | None
) -> Iterable[Any]:
    """The rows of ``read`` that ``earlier`` does not hold, as record batches in their order.

    Rows are compared whole and exactly, as text; of rows that occur several times, as many are
    fresh as are held too few. ``since`` names the watermark column and the lowest value from which
    rows of ``earlier`` are compared, so that not everything ever captured is looked at.
    """
    import duckdb
    import pyarrow.parquet as pq

    schema = pq.read_schema(read)
    names = schema.names
    with duckdb.connect(config=_modest(read.parent / _SPILL)) as con:
        con.execute("set enable_progress_bar = false").fetchall()
        _view(con, "captured", [read], names, "file_row_number")
        _view(con, "held", earlier, names, "0")
        con.execute(_FRESH.format(**_spelled_out(names, since))).fetchall()
        rows = con.sql(
            f"select {', '.join(map(_ident, names))} from captured "
            "where _place in (select _place from fresh) order by _place"
        )
        for batch in rows.to_arrow_reader(_GROUP_ROWS):
            yield batch.cast(schema)


_FRESH = """
create temp table fresh as
with counted as (
  select _place, {texts}, row_number() over (partition by {texts_of} order by _place) as _nth
  from captured
), known as (
  select {texts}, count(*) as _times from held where {since} group by all
)
select counted._place from counted left join known on {equal}
where counted._nth > coalesce(known._times, 0)
"""


def _spelled_out(names: Sequence[str], since: tuple[str, MarkValue] | None) -> dict[str, str]:
    texts = [f"cast({_ident(name)} as varchar)" for name in names]
    equal = [f"counted.c{i} is not distinct from known.c{i}" for i in range(len(names))]
    known_from = "true"
    if since is not None:
        column, floor = since
        type_ = "hugeint" if isinstance(floor, int) else "timestamp"
        mark = f"try_cast({_ident(column)} as {type_})"
        known_from = f"{mark} >= cast('{floor}' as {type_}) or {mark} is null"
    return {
        "texts": ", ".join(f"{text} as c{i}" for i, text in enumerate(texts)),
        "texts_of": ", ".join(texts),
        "equal": " and ".join(equal),
        "since": known_from,
    }


def _view(con: Any, name: str, files: Sequence[Path], names: Sequence[str], place: str) -> None:
    """The columns of ``names`` over these files; a column that none of them has is NULL."""
    import pyarrow.parquet as pq

    there = {each for file in files for each in pq.read_schema(file).names}
    listed = ", ".join(
        _ident(each) if each in there else f"null as {_ident(each)}" for each in names
    )
    paths = ", ".join("'" + str(each).replace("'", "''") + "'" for each in files)
    numbered = ", file_row_number = true" if place != "0" else ""
    con.execute(
        f"create temp view {name} as select {listed}, {place} as _place "
        f"from read_parquet([{paths}], union_by_name = true{numbered})"
    ).fetchall()


def _modest(spill: Path) -> dict[str, Any]:
    return {
        "threads": 2,
        "memory_limit": "500MB",
        "temp_directory": str(spill),
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
    }


def _ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
