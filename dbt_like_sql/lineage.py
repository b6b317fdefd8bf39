"""Column lineage of one SELECT: a single walk over its scopes, from the tables upward.

Everything about reading SQL as a tree lives here and in ``written.py``. What the edges mean is
``opendata/lineage.py``; which of them carry shared data is ``sharing.py``. One pass, because
asking sqlglot column by column takes seconds on a wide model; sqlglot's own answer is the oracle
in the tests.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from opendata.lineage import ColumnEdge, Lineage

E = TypeVar("E", bound=exp.Expr)

DIALECT = "duckdb"
_FILTERS = ("where", "having", "qualify", "group", "order", "distinct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table a model may read: its SQL name, its name in lineage, and its columns."""

    name: str
    upstream: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Flow:
    """What reaches a column: (upstream, column) pairs by value, and those that only steer it."""

    direct: frozenset[tuple[str, str]] = frozenset()
    indirect: frozenset[tuple[str, str]] = frozenset()

    def __or__(self, other: "_Flow") -> "_Flow":
        return _Flow(self.direct | other.direct, self.indirect | other.indirect)

    def steering(self) -> "_Flow":
        """The same origins, none of them by value."""
        return _Flow(frozenset(), self.direct | self.indirect)


def qualified(tree: E, relations: Iterable[Relation]) -> E:
    """A copy of ``tree`` with every star expanded and every column bound to its table.

    Raises:
        sqlglot.errors.OptimizeError: a column is unknown or ambiguous.
    """
    schema: dict[str, object] = {
        each.name: dict.fromkeys(each.columns, "VARCHAR") for each in relations
    }
    return qualify(tree.copy(), schema=schema, dialect=DIALECT)


def lineage_of(tree: exp.Expr, relations: Iterable[Relation]) -> Lineage:
    """Every edge from the relations' columns to those of a tree that ``qualified`` has bound.

    Columns that start with an underscore are the product's own and carry no lineage.
    """
    scope = build_scope(tree)
    flows = _Walk(relations).columns(scope) if scope else {}
    return Lineage.from_edges(
        edge for column, flow in flows.items() if _is_data(column) for edge in _edges(column, flow)
    )


def _edges(column: str, flow: _Flow) -> Iterator[ColumnEdge]:
    for direct, origins in ((True, flow.direct), (False, flow.indirect - flow.direct)):
        for upstream, name in origins:
            if _is_data(name):
                yield ColumnEdge(
                    column=column, upstream=upstream, upstream_column=name, direct=direct
                )


def _is_data(column: str) -> bool:
    return not column.startswith("_")


class _Walk:
    """One walk over the scopes of one statement, each scope visited once."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._upstreams = {each.name: each.upstream for each in relations}
        self._columns: dict[int, dict[str, _Flow]] = {}

    def columns(self, scope: Scope) -> dict[str, _Flow]:
        """The flow into each output column of a scope."""
        if id(scope) not in self._columns:
            self._columns[id(scope)] = {}  # what a recursive reference sees
            combined = isinstance(scope.expression, exp.SetOperation)
            self._columns[id(scope)] = self._union(scope) if combined else self._select(scope)
        return self._columns[id(scope)]

    def _select(self, scope: Scope) -> dict[str, _Flow]:
        if not isinstance(scope.expression, exp.Select):
            return self._lateral(scope)
        rows = self._rows(scope)
        return {
            each.alias_or_name: self._expression(each, scope) | rows
            for each in scope.expression.selects
        }

    def _lateral(self, scope: Scope) -> dict[str, _Flow]:
        """The columns of a query in FROM that may look at the tables beside it."""
        inner = [self.columns(each) for each in scope.subquery_scopes if scope.is_udtf]
        renamed = scope.expression.alias_column_names
        return {
            name: flow
            for columns in inner
            for name, flow in zip(renamed or columns, columns.values(), strict=False)
        }

    def _union(self, scope: Scope) -> dict[str, _Flow]:
        left, right = (self.columns(each) for each in scope.set_operation_scopes)
        rows = self._rows(scope)
        if scope.expression.args.get("by_name"):
            names = left | right
            return {
                each: left.get(each, _Flow()) | right.get(each, _Flow()) | rows for each in names
            }
        if not isinstance(scope.expression, exp.Union):  # except, intersect: the right side filters
            rows |= _merged(right.values()).steering()
            return {name: flow | rows for name, flow in left.items()}
        pairs = zip(left.items(), right.values(), strict=False)
        return {name: one | other | rows for (name, one), other in pairs}

    def _rows(self, scope: Scope) -> _Flow:
        """What decides which rows there are, in which groups and order."""
        clauses = [scope.expression.args.get(each) for each in _FILTERS]
        clauses += [each.args.get("on") for each in scope.expression.args.get("joins") or ()]
        own = [self._expression(each, scope) for each in clauses if isinstance(each, exp.Expr)]
        read = (each for _, each in scope.selected_sources.values())
        inner = [each for each in read if isinstance(each, Scope)]
        return _merged([*own, *map(self._rows_of, inner)]).steering()

    def _rows_of(self, scope: Scope) -> _Flow:
        """What steers a scope, also when nobody above asks for any of its columns."""
        return _merged(_Flow(frozenset(), each.indirect) for each in self.columns(scope).values())

    def _expression(self, node: exp.Expr, scope: Scope) -> _Flow:
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Query):
            return self._subquery(node, scope)
        steered = _steering_parts(node)
        return _merged(
            self._expression(each, scope).steering()
            if id(each) in steered
            else self._expression(each, scope)
            for each in node.iter_expressions()
        )

    def _column(self, column: exp.Column, scope: Scope) -> _Flow:
        found = _source_of(column.table, scope)
        if isinstance(found, exp.Table):
            upstream = self._upstreams.get(found.name)
            return _Flow(frozenset({(upstream, column.name)})) if upstream else _Flow()
        if isinstance(found, Scope):
            if found.is_udtf and not found.subquery_scopes:
                return self._unnested(found)
            return self.columns(found).get(column.name, _Flow())
        return self._alias(column, scope)

    def _alias(self, column: exp.Column, scope: Scope) -> _Flow:
        """An output name used again (in order by), or a lambda's own parameter."""
        if column.table or not isinstance(scope.expression, exp.Select):
            return _Flow()
        named = (each for each in scope.expression.selects if each.alias == column.name)
        return _merged(self._expression(each, scope) for each in named)

    def _unnested(self, scope: Scope) -> _Flow:
        outer = scope.parent or scope
        return _merged(self._column(each, outer) for each in scope.expression.find_all(exp.Column))

    def _subquery(self, node: exp.Expr, scope: Scope) -> _Flow:
        inner = node.unnest()
        for each in scope.subquery_scopes:
            if each.expression.unnest() is inner:
                return _merged(self.columns(each).values())
        return _Flow()


def _steering_parts(node: exp.Expr) -> set[int]:
    """Children that choose rows instead of giving values: window partitions, filters, sorts."""
    if isinstance(node, exp.Window):
        parts = [*(node.args.get("partition_by") or ()), node.args.get("order")]
        return {id(each) for each in parts if each is not None}
    if isinstance(node, exp.Filter):
        return {id(node.expression)}
    return set()


def _source_of(name: str, scope: Scope | None) -> exp.Expr | Scope | None:
    while scope is not None and name:
        if name in scope.sources:
            source: exp.Expr | Scope = scope.sources[name]
            return source
        scope = scope.parent
    return None


def _merged(flows: Iterable[_Flow]) -> _Flow:
    merged = _Flow()
    for each in flows:
        merged |= each
    return merged
