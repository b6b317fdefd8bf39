"""SQL text for the quality room: identifiers, literals, and the names of the flag columns.

Only spelling belongs here; what a rule means in SQL is ``row_rules.py`` and ``table_rules.py``.
"""

from pathlib import Path
from typing import Any


def quoted(name: str) -> str:
    """A column name as SQL reads it.

    >>> quoted("uscc")
    '"uscc"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A JSON scalar as a SQL literal; text is quoted, everything else is spelled as it is.

    >>> literal("a'b"), literal(3), literal(None)
    ("'a''b'", '3', 'null')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return (
        str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
    )


def parquet(path: Path) -> str:
    """A Parquet file as a relation."""
    return f"read_parquet({literal(str(path))})"


def in_order(path: Path) -> str:
    """A Parquet file as a relation that knows each row's place (``file_row_number``)."""
    return f"read_parquet({literal(str(path))}, file_row_number = true)"
