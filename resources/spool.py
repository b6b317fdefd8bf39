"""The spool: rows that Python had to read, put into a scratch Parquet for DuckDB.

For exactly read text and for workbooks; nothing here outlives its run.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from resources.rows import Row

ROW_NUMBER = "_row"
_BATCH = 8192


def spool(rows: Iterable[Row], names: Sequence[str], path: Path) -> None:
    """Write ``rows`` to ``path``: text columns called ``names``, and ``_row``, in row order."""
    fields = [pa.field(each, pa.string()) for each in names]
    schema = pa.schema([*fields, pa.field(ROW_NUMBER, pa.int64())])
    with pq.ParquetWriter(path, schema, compression="zstd", write_statistics=False) as writer:
        remaining = iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            numbers, cells = zip(*batch, strict=True)
            columns = [pa.array(each, pa.string()) for each in zip(*cells, strict=True)]
            writer.write_table(pa.table([*columns, pa.array(numbers, pa.int64())], schema=schema))
