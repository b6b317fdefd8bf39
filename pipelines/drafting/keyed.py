"""Files that name their columns themselves: Parquet, and JSON whose records have keys.

Their cells come through the readers that land them; here it is only found out which columns there
are, and in JSON where the list of records lies.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from opendata.errors import SourceError
from opendata.source import Source
from pipelines.drafting.handed import as_landed
from pipelines.drafting.seen import Confidence, Heads
from resources.headings import tidy
from resources.json_text import records_of
from resources.rows import Record
from resources.sources import open_source
from resources.transcode import TextFile, open_text

_DEEPEST = 4
_WRAPPERS = ("data", "rows", "list", "records", "items", "result", "results")
_BATCH = 4096
_COLUMNS = "columns"


def parquet_heads(path: Path) -> tuple[Heads, tuple[str, ...]]:
    """The columns of a Parquet file as headings, and those of them that hold no plain values."""
    import pyarrow.parquet as pq
    from pyarrow import types

    schema = pq.read_schema(path)
    odd = (types.is_nested, types.is_binary, types.is_large_binary, types.is_fixed_size_binary)
    nested = {each.name for each in schema if any(is_odd(each.type) for is_odd in odd)}
    return _heads(schema.names, "列名写在文件中", nested), tuple(sorted(nested))


def json_heads(text: TextFile) -> tuple[Heads, tuple[str, ...], str | None]:
    """The keys of all records, those with lists or objects, and where the records lie."""
    where = _records_path(text)
    keys: dict[str, bool] = {}
    number = 0
    for record in records_of(text, where):
        number += 1
        for key, value in record.items() if isinstance(record, dict) else ():
            keys[key] = keys.get(key, False) or isinstance(value, list | dict)
    nested = {key for key, odd in keys.items() if odd}
    said = f"{number:,} 条记录的键即标题"
    return _heads(list(keys), said, nested), tuple(sorted(nested)), where


def _heads(names: Sequence[str], said: str, nested: set[str]) -> Heads:
    if nested:
        said += f"；{len(nested)} 列为列表或对象，不能采集"
    return Heads(
        row=1,
        keyed=True,
        headings=tuple(tidy(each) for each in names if each not in nested),
        confidence=Confidence.SURE,
        evidence=said,
    )


def _records_path(text: TextFile) -> str | None:
    """The keys to the list of records; None where the document is the list, or is records."""
    try:
        first = list(islice(records_of(text, None), 2))
    except SourceError:
        return next((each for each in _WRAPPERS if _leads(text, each)), None)
    if len(first) != 1 or not isinstance(first[0], dict):
        return None
    found = next(_lists_below(first[0], ()), None)
    return ".".join(found) if found else None


def _leads(text: TextFile, path: str) -> bool:
    try:
        return any(isinstance(each, dict) for each in islice(records_of(text, path), 1))
    except SourceError:
        return False


def _lists_below(value: dict[str, Any], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, below in value.items():
        if isinstance(below, list) and below and all(isinstance(each, dict) for each in below):
            yield (*at, key)
        elif isinstance(below, dict) and len(at) < _DEEPEST:
            yield from _lists_below(below, (*at, key))


def keyed_rows(path: Path, name: str, source: Source, *, scratch: Path) -> Iterator[Record]:
    """The cells of every record as the landing reads them."""
    landed = as_landed(path, name)
    with (
        duckdb.connect() as con,
        open_source(con, landed, source, relation=_COLUMNS, scratch=scratch) as table,
        table.reading(),
    ):
        con.execute(f"select * exclude (_row) from {_COLUMNS}")
        while rows := con.fetchmany(_BATCH):
            yield from rows


def keyed_source(heads: Heads, nested: Sequence[str], where: str | None) -> Source:
    """A source of every column that holds plain values."""
    return Source(
        id="main",
        columns=tuple((f"c{place}", each) for place, each in enumerate(heads.headings)),
        ignored_headings=tuple(nested),
        records=where,
    )


def json_text(path: Path, name: str) -> TextFile:
    """A JSON file as text; it may be one line."""
    return open_text(path, name=name, declared=None, lined=False)
