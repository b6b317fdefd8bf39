"""Parquet sources: the wanted columns as text, cast exactly or refused.

Decimals keep every digit, dates are 2023-05-01, times 10:20:30, timestamps 2023-05-01 10:20:30 with
as much of the fraction as is not zero, truth values true and false. A point in time that the file
counts in UTC ends in +00. Floats are the shortest decimals that stand for them.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from opendata.errors import SourceError
from opendata.source import Source
from opendata.sql_text import literal, quoted
from opendata.structure import listed
from resources.headings import Binder
from resources.received import LISTED
from resources.source_errors import cannot_land
from resources.source_table import SourceTable, Target

RECORD = "__record__"
"""What was kept of a delivery whose bytes had to go numbers its records as the bytes did."""

_WHERE = ("its columns", "列名")
_DIGITS = 38  # what a DuckDB decimal holds; a wider one would become a float
_PLAIN: tuple[Callable[[pa.DataType], bool], ...] = (
    types.is_string,
    types.is_large_string,
    types.is_string_view,
    types.is_integer,
    types.is_floating,
    types.is_boolean,
    types.is_date,
    types.is_time,
    types.is_timestamp,
    types.is_null,
)


def open_parquet(path: Path, binder: Binder, *, target: Target) -> SourceTable:
    """Register the wanted columns of ``path`` as text, and ``_row``, counted by its footer.

    Raises:
        SourceError: it is damaged, its columns differ, or a wanted one holds no plain values.
    """
    name, source = binder.name, binder.source
    _refuse_what_it_has_not(source, name)
    schema, rows = _footer(path, name)
    numbered = path.suffix == LISTED and RECORD in schema.names
    headings = [each for each in schema.names if not (numbered and each == RECORD)]
    found = binder.bind(headings, where=_WHERE)
    _refuse_nested(schema, found.places, source, name)
    try:
        number = quoted(RECORD) if numbered else "row_number() over ()"
        target.view(_select(target.con, path, schema, found.places, source, number))
    except duckdb.Error:
        raise _damaged(name) from None
    return SourceTable(
        relation=target.relation,
        name=name,
        rows=rows,
        changes=found.changes,
        misread=lambda error: _damaged(name) if _is_damage(error) else None,
        leftovers=target.leftovers,
    )


def _footer(path: Path, name: str) -> tuple[pa.Schema, int]:
    try:
        with pq.ParquetFile(path) as file:
            return file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError):
        raise _damaged(name) from None


def _select(  # noqa: PLR0913, PLR0917 - a file, and what is wanted of it
    con: duckdb.DuckDBPyConnection,
    path: Path,
    schema: pa.Schema,
    places: tuple[int | None, ...],
    source: Source,
    number: str,
) -> str:
    file = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    called = [each[0] for each in con.execute(f"describe select * from {file}").fetchall()]
    wanted = ",\n".join(
        f"  {_as_text(quoted(called[at]), schema.field(at).type)} as {quoted(name)}"
        if at is not None
        else f"  null::varchar as {quoted(name)}"
        for at, (name, _) in zip(places, source.columns, strict=True)
    )
    return f"select\n{wanted},\n  {number} as _row\nfrom {file}"


def _as_text(column: str, kind: pa.DataType) -> str:
    if types.is_timestamp(kind) and kind.tz:
        unit = "ns" if kind.unit == "ns" else "us"
        made = "make_timestamp_ns" if unit == "ns" else "make_timestamp"
        return f"{made}(epoch_{unit}({column}))::varchar || '+00'"
    return f"nullif({column}::varchar, '')"


def _refuse_nested(
    schema: pa.Schema, places: tuple[int | None, ...], source: Source, name: str
) -> None:
    odd = [
        heading
        for at, (_, heading) in zip(places, source.columns, strict=True)
        if at is not None and not _is_plain(schema.field(at).type)
    ]
    if odd:
        raise cannot_land(
            name,
            f"its columns {listed(odd)} hold lists, objects, bytes or numbers of more than "
            f"{_DIGITS} digits; only plain values are read: leave them out, or write them as text",
            reason=f"的列（{listed(odd)}）不是单个值（列表、对象、二进制或超过 {_DIGITS} 位的"
            "数值），请改为文本后重新报送。",
        )


def _is_plain(kind: pa.DataType) -> bool:
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_decimal(kind):
        return bool(kind.precision <= _DIGITS)
    return any(is_plain(kind) for is_plain in _PLAIN)


def _refuse_what_it_has_not(source: Source, name: str) -> None:
    if source.footer_rows or source.blank_rows:
        raise cannot_land(
            name,
            "it is Parquet, which has no footers and no blank records; take `footer_rows` and "
            "`blank_rows` out of the catalog entry, or ask for the file as agreed",
            reason="是 Parquet 文件，没有表尾和空行，请更正目录登记，或按登记的格式重新报送。",
        )


def _is_damage(error: duckdb.Error) -> bool:
    """Whether DuckDB blames the file; a cast of the city's own SQL is another matter."""
    return type(error) is duckdb.Error or isinstance(
        error, duckdb.IOException | duckdb.InvalidInputException | duckdb.SerializationException
    )


def _damaged(name: str) -> SourceError:
    return cannot_land(
        name,
        "its Parquet is cut short, damaged or of a kind that is not read; transfer it again",
        reason="Parquet 文件不完整或已损坏，请重新传输。",
    )
