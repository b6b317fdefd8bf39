"""The spoiled table: every rule is broken in it, so that no peer agrees by finding nothing."""

from importlib import resources
from pathlib import Path

from pipelines.bench.evaluation import connection
from pipelines.bench.measure import cpu_and_rss

ROWS = 900
"""Fewer than the rule on the number of rows allows."""


def spoiled(table: Path) -> Path:
    """A small spoiled copy of an enterprise table, beside it."""
    path = table.with_name("spoiled.parquet")
    cpu_and_rss(_write, table, path)  # elsewhere: a child's peak starts at its parent's
    return path


def _write(table: Path, path: Path) -> None:
    sql = resources.files("pipelines.bench.peers").joinpath("spoiled.sql").read_text("utf-8")
    given = {"rows": str(ROWS), "table": str(table), "path": str(path)}
    for name, value in given.items():
        sql = sql.replace(f"{{{name}}}", value)
    connection().execute(sql).fetchall()
