"""Parquet files as relations, as the quality room reads them."""

from pathlib import Path

from opendata.sql_text import literal


def parquet(path: Path) -> str:
    """A Parquet file as a relation."""
    return f"read_parquet({literal(str(path))})"


def in_order(path: Path) -> str:
    """A Parquet file as a relation that knows each row's place (``file_row_number``)."""
    return f"read_parquet({literal(str(path))}, file_row_number = true)"
