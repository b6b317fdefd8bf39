"""A model somebody wrote: rendered, parsed, and held against its entry before anything runs.

Add a check when a model could read, name or yield something its entry does not say. Each check
is a function from the parsed model to sentences; all of them are reported at once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError

from dbt_like_sql.lineage import DIALECT, Relation, lineage_of, qualified
from dbt_like_sql.rendering import (
    Rendered,
    Unrendered,
    casts_of,
    render_written,
    wrap_written,
)
from opendata.catalog import Catalog, Dataset
from opendata.errors import Problem
from opendata.lineage import Lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A model that passed: the SQL to run, what it reads, and its column lineage."""

    sql: str
    sources: tuple[str, ...]
    reads: tuple[str, ...]
    lineage: Lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """Everything the checks look at."""

    dataset: Dataset
    rendered: Rendered
    tree: exp.Query
    relations: tuple[Relation, ...]

    @property
    def own_names(self) -> frozenset[str]:
        """Names the statement defines itself."""
        return frozenset(each.alias.lower() for each in self.tree.find_all(exp.CTE))

    @property
    def tables(self) -> tuple[exp.Table, ...]:
        """Every table that is not one of the statement's own names."""
        found = self.tree.find_all(exp.Table)
        return tuple(each for each in found if each.db or each.name.lower() not in self.own_names)


def compile_written(
    dataset: Dataset,
    catalog: Catalog,
    *,
    source_relation: Callable[[str, str], str],
    ref_relation: Callable[[str], str],
) -> Written | list[Problem]:
    """The dataset's own SQL as a checked model, or everything that is wrong with it."""
    rendered = render_written(
        dataset, source=lambda name: source_relation(dataset.id, name), ref=ref_relation
    )
    if isinstance(rendered, Unrendered):
        return [_problem(dataset, rendered.line, rendered.message)]
    relations = (*_landed(dataset, source_relation), *_readable(rendered, catalog, ref_relation))
    tree = _parse(dataset, rendered)
    if isinstance(tree, Problem):
        return [tree]
    parsed = _Parsed(dataset=dataset, rendered=rendered, tree=tree, relations=relations)
    problems = [_problem(dataset, line, said) for check in _CHECKS for line, said in check(parsed)]
    return problems or _bind(parsed)


def _bind(parsed: _Parsed) -> Written | list[Problem]:
    dataset = parsed.dataset
    try:
        bound = qualified(parsed.tree, parsed.relations)
    except OptimizeError as error:
        first_line = str(error).splitlines()[0]
        return [_problem(dataset, 1, f"{first_line.rstrip('.')}.")]
    names = tuple(each.alias_or_name for each in bound.selects)
    wrong = [_problem(dataset, 1, said) for said in _output_problems(dataset, names)]
    if wrong:
        return wrong
    body = parsed.rendered.sql.strip().removesuffix(";")
    return Written(
        sql=wrap_written(dataset, body, frozenset(names)),
        sources=parsed.rendered.sources,
        reads=parsed.rendered.refs,
        lineage=lineage_of(bound, parsed.relations),
    )


def _parse(dataset: Dataset, rendered: Rendered) -> exp.Query | Problem:
    try:
        statements = [each for each in sqlglot.parse(rendered.sql, read=DIALECT) if each]
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        said = str(first.get("description") or "this is not SQL").rstrip(".")
        return _problem(dataset, first.get("line") or 1, f"{said} (column {first.get('col')}).")
    except TokenError:
        return _problem(dataset, 1, "a quotation mark or comment is not closed.")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return _problem(dataset, 1, "a model is exactly one SELECT.")
    return statements[0]


def _landed(dataset: Dataset, source_relation: Callable[[str, str], str]) -> Iterator[Relation]:
    for each in dataset.sources:
        yield Relation(
            name=source_relation(dataset.id, each.id),
            upstream=f"source:{each.id}",
            columns=(*(name for name, _ in each.columns), "_row"),
        )


def _readable(
    rendered: Rendered, catalog: Catalog, ref_relation: Callable[[str], str]
) -> Iterator[Relation]:
    for each in catalog.datasets:
        if each.id in rendered.refs:
            yield Relation(
                name=ref_relation(each.id),
                upstream=each.id,
                columns=(*(one.name for one in each.fields), "_row"),
            )


Said = Iterator[tuple[int, str]]


def _reads_only_by_ref_and_source(parsed: _Parsed) -> Said:
    for table in parsed.tables:
        if not isinstance(table.this, exp.Identifier):
            yield _line(table), "a table function is not a source; read files by source()."
        elif table.db or table.name not in parsed.rendered.relations:
            yield _line(table), f"{table.name} is written by hand; use ref() or source()."


def _leaves_relation_names_alone(parsed: _Parsed) -> Said:
    for name in sorted(parsed.own_names & {each.name for each in parsed.relations}):
        yield 1, f"a common table expression may not be called {name}; that is a relation."


def _uses_every_source_it_declares(parsed: _Parsed) -> Said:
    declared = {each.id for each in parsed.dataset.sources}
    for name in sorted(set(parsed.rendered.sources) - declared):
        yield 1, f"source({name!r}) is not declared; the entry has {_listed(declared)}."
    for name in sorted(declared - set(parsed.rendered.sources)):
        yield 1, f"source {name!r} is declared and never read; read it or take it out."


def _reads_what_the_entry_says(parsed: _Parsed) -> Said:
    declared, written = set(parsed.dataset.reads), set(parsed.rendered.refs)
    for name in sorted(written - declared):
        yield 1, f"ref({name!r}) is not among the datasets the entry reads: {_listed(declared)}."
    for name in sorted(declared - written):
        yield 1, f"the entry reads {name!r}, but the SQL has no ref() to it."


def _uses_what_it_names(parsed: _Parsed) -> Said:
    read = {each.name for each in parsed.tables}
    for name in sorted(parsed.rendered.relations - read):
        yield 1, f"{name} is named by ref() or source() and then not read."


def _names_its_columns(parsed: _Parsed) -> Said:
    for select in _final_selects(parsed.tree):
        if any(each.is_star for each in select.selects):
            yield _line(select), "the final SELECT names its columns; `*` is refused there."


def _can_be_traced(parsed: _Parsed) -> Said:
    for node in parsed.tree.find_all(exp.Columns, exp.Pivot):
        word = "columns()" if isinstance(node, exp.Columns) else "pivot"
        yield _line(node), f"{word} hides which column comes from where; write it out."


_CHECKS: tuple[Callable[[_Parsed], Said], ...] = (
    _reads_only_by_ref_and_source,
    _leaves_relation_names_alone,
    _uses_every_source_it_declares,
    _reads_what_the_entry_says,
    _uses_what_it_names,
    _names_its_columns,
    _can_be_traced,
)


def _output_problems(dataset: Dataset, names: tuple[str, ...]) -> Iterator[str]:
    required = {*(each.name for each in dataset.fields), "_row"}
    allowed = required | {f"_bad_{each.name}" for each in casts_of(dataset)}
    if missing := required - set(names):
        yield f"the SELECT lacks {_listed(missing)}, which the entry declares."
    if extra := set(names) - allowed:
        yield f"the SELECT yields {_listed(extra)}, which the entry does not declare."
    if repeated := {each for each in names if names.count(each) > 1}:
        yield f"the SELECT yields {_listed(repeated)} more than once."


def _final_selects(tree: exp.Expr) -> Iterator[exp.Select]:
    inner = tree.unnest()
    if isinstance(inner, exp.SetOperation):
        yield from _final_selects(inner.left)
        yield from _final_selects(inner.right)
    elif isinstance(inner, exp.Select):
        yield inner


def _line(node: exp.Expr) -> int:
    """The first line the node or anything in it remembers."""
    return next((each.meta["line"] for each in node.walk() if "line" in each.meta), 1)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _problem(dataset: Dataset, line: int, said: str) -> Problem:
    return Problem(f"catalog/{dataset.body}/{dataset.id}.sql:{line}", said)
