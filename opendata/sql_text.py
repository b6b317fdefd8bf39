"""SQL spelling: identifiers and literals as DuckDB reads them back unchanged.

Only spelling, shared by the rooms that write SQL. What a statement means is theirs.
"""


def quoted(name: str) -> str:
    """A name, whatever it holds.

    >>> quoted("uscc"), quoted('a"b')
    ('"uscc"', '"a""b"')
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def literal(value: object) -> str:
    """A JSON scalar; text (and whatever else is written as text, a path) is quoted.

    >>> literal("it's"), literal(3), literal(True), literal(None)
    ("'it''s'", '3', 'true', 'null')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"
