"""A source once opened: a relation in DuckDB, its counts, and what must be tidied away after it.

What is common to all readers; how each of them gets at its rows is their own business.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import duckdb

from opendata.errors import SourceError
from opendata.sql_text import quoted
from opendata.structure import StructureDiff
from resources.source_errors import cannot_land

_KINDS = (
    ("unterminated quote", "a quotation mark stands where none can", "引号使用有误"),
    ("Maximum line size", "a record is longer than 2000000 bytes", "单行超过 2000000 字节"),
    ("", "the text cannot be read as delimited records", "无法按分隔文本读取"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a source is to appear: the connection, the relation's name, and room for scratch.

    ``leftovers`` is closed when the source is closed, or could not be opened.
    """

    con: duckdb.DuckDBPyConnection
    relation: str
    scratch: Path
    leftovers: ExitStack = field(default_factory=ExitStack)

    def scratch_file(self, suffix: str) -> Path:
        """A fresh path in the scratch folder; whatever comes to lie there is a leftover."""
        self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.scratch / f"source-{secrets.token_hex(8)}{suffix}"
        self.leftovers.callback(path.unlink, missing_ok=True)
        return path

    def view(self, select: str) -> None:
        """Make the relation stand for ``select``."""
        name = quoted(self.relation)
        self.con.execute(f"create or replace temp view {name} as {select}").fetchall()


def _nothing_wrong() -> SourceError | None:
    return None


def _no_opinion(_: duckdb.Error) -> SourceError | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """A relation of text columns and ``_row``, counted before it is scanned.

    ``rows`` is what a scan must yield, ``blank_rows`` what was skipped as blank; ``encoding`` is
    None where there was no text. ``changes`` is how the headings differ from the contract's, if
    they do; ``misread`` says what to make of DuckDB's errors about the file itself. Close it, or
    use it as a context: its scratch files go, and its relation is of no use any more.
    """

    relation: str
    name: str
    rows: int
    blank_rows: int = 0
    encoding: str | None = None
    changes: StructureDiff | None = None
    scannable_once: bool = False
    verdict: Callable[[], SourceError | None] = _nothing_wrong
    misread: Callable[[duckdb.Error], SourceError | None] = _no_opinion
    leftovers: ExitStack

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Scan the relation inside this block: what DuckDB says about the text stays inside.

        Raises:
            SourceError: the text turned out to be undecodable or badly quoted. DuckDB's own
                message shows the raw line; this one has the kind of mistake and its line number.
        """
        try:
            yield
        except duckdb.Error as error:
            if failure := self.verdict() or self.misread(error) or self._about_text(error):
                raise failure from None
            raise
        if failure := self.verdict():
            raise failure

    def recount(self, con: duckdb.DuckDBPyConnection) -> None:
        """Scan the relation to prove that it yields ``rows`` rows, where no later count does.

        Raises:
            SourceError: it yields another number; or as ``reading``.
        """
        with self.reading():
            found = con.execute(f"select count(*) from {quoted(self.relation)}").fetchall()[0][0]
        if found != self.rows:
            raise cannot_land(
                self.name,
                f"it holds {self.rows} records but {found} were read; export it again as plain "
                "CSV with text cells quoted",
                reason=f"共有 {self.rows} 行记录，却读出 {found} 行，请重新导出为规范的 CSV。",
            )

    def close(self) -> None:
        """Remove the scratch files; safe to repeat."""
        self.leftovers.close()

    def __enter__(self) -> "SourceTable":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _about_text(self, error: duckdb.Error) -> SourceError | None:
        said = str(error)
        if "CSV" not in said:
            return None
        line = re.search(r"CSV Error on Line: (\d+)", said)
        near = f"near line {line[1]}" if line else "at a line DuckDB does not name"
        place = f"第 {line[1]} 行附近" if line else "某行"
        _, english, chinese = next(each for each in _KINDS if each[0] in said)
        return cannot_land(
            self.name,
            f"{english}, {near}; export it again as plain CSV with text cells quoted",
            reason=f"{place}{chinese}，请重新导出为规范的 CSV。",
        )
