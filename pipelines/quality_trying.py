"""``opendata quality try``: what a suite would say of a table, without anything being changed.

The table is the last standardised one of a dataset, or any Parquet file: a published version is
judged by its suite again, and a suite edited by hand is tried before its rules go into the entry.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from assets.workshop import Workshop
from opendata.errors import CatalogError, HomeError, Problem
from opendata.findings import RuleResult
from quality.evaluation import evaluate
from quality.plan import plan
from quality.suite_json import from_suite_json
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the rules of a suite file say of a table."""

    table: str
    suite: Path
    results: tuple[RuleResult, ...]

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that are not met."""
        return tuple(each for each in self.results if not each.success)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "table": self.table,
            "suite": str(self.suite),
            "success": not self.failed,
            "rules": [_rule_json(each) for each in self.results],
        }

    def as_text(self) -> str:
        """In Chinese: the rules that are not met, then how many are."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for each in self.failed:
            rule = each.expectation
            said = each.observed or f"评估 {each.rows - each.missing}，不符合 {each.unexpected}"
            yield f"未通过 {rule.id}（{rule.description}）：{said}"
        yield (
            f"{self.table}：按 {self.suite} 试算 {len(self.results)} 条规则，"
            f"通过 {len(self.results) - len(self.failed)} 条，未通过 {len(self.failed)} 条。"
            "只作试算：未写入任何内容，也不影响开放。"
        )


def try_suite(home_dir: Path | None, table: str, suite: Path) -> Trial:
    """Judge ``table`` (a dataset, or the path of a Parquet file) by a suite file.

    Raises:
        UnknownDataset: ``table`` is no file, and the catalog has no such entry.
        HomeError: the dataset has no standardised table yet, or the file is not Parquet.
        CatalogError: the suite is not one, or names columns the table does not have.
        ModelError: a rule does not fit the values of its column.
    """
    try:
        expectations = from_suite_json(suite.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = Problem(where=str(suite), message=f"is not UTF-8 at byte {error.start}")
        raise CatalogError([problem]) from None
    rules = plan(expectations)
    with _opened(home_dir, table) as (con, path):
        return Trial(table=table, suite=suite, results=evaluate(con, path, rules))


@contextmanager
def _opened(home_dir: Path | None, table: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    path = Path(table)
    if path.is_file():
        _refuse_other_than_parquet(path)
        with duckdb.connect() as con:
            con.execute("set enable_progress_bar = false").fetchall()
            yield con, path
        return
    with closing(Workshop.open(Home.find(home_dir))) as workshop:
        path = workshop.flagged(workshop.catalog.dataset(table).id)
        if not path.exists():
            raise HomeError(f"{table} has no standardised table; `opendata run {table}` first")
        with workshop.connection() as con:
            yield con, path


def _refuse_other_than_parquet(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise HomeError(f"{path} is not a Parquet file; give one, or the name of a dataset")


def _rule_json(result: RuleResult) -> dict[str, Any]:
    return {
        "rule": result.expectation.id,
        "type": result.expectation.type,
        "success": result.success,
        "rows": result.rows,
        "missing": result.missing,
        "unexpected": result.unexpected,
        "observed": result.observed,
    }
