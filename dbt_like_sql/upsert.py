"""Rows of several deliveries, of which the newest with the same key counts (按主键更新)."""

from opendata.sql_text import quoted


def newest_rows(sql: str, keys: tuple[str, ...], *, rows_a_delivery: int) -> str:
    """SELECT the rows of ``sql`` that no later delivery replaces, in the order of ``_row``.

    The n-th delivery's ``_row`` counts from ``n * rows_a_delivery``. Rows of one delivery never
    replace one another (they are duplicates, which the suite tells), and a row without its whole
    key replaces nothing and stays to be judged.
    """
    return f"select * from ({sql}) qualify {_counts(keys, rows_a_delivery)} order by _row"


def replaced_rows(sql: str, keys: tuple[str, ...], *, rows_a_delivery: int) -> str:
    """SELECT how many rows of ``sql`` a later delivery replaces."""
    newest = f"max(_row // {rows_a_delivery}) over ({_same_key(keys)})"
    replaced = f"_row // {rows_a_delivery} < {newest} and not {_keyless(keys)}"
    return f"select count(*) from (select 1 from ({sql}) qualify {replaced})"


def _counts(keys: tuple[str, ...], rows_a_delivery: int) -> str:
    rank = f"rank() over ({_same_key(keys)} order by _row // {rows_a_delivery} desc)"
    return f"{_keyless(keys)} or {rank} = 1"


def _same_key(keys: tuple[str, ...]) -> str:
    return f"partition by {', '.join(map(quoted, keys))}"


def _keyless(keys: tuple[str, ...]) -> str:
    return f"({' or '.join(f'{quoted(each)} is null' for each in keys)})"
