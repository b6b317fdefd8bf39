"""A city of a thousand standardised tables, some planted as copies and some as mere likenesses.

Of each forty: whole copies (re-ordered, re-headed, renumbered), near copies, tables that share 70%
of the rows only, lists whose credit codes come from the register for 98%, for 80%, and for 98% but
declared, and lists of persons from another body's key. Every table has districts, years, dates and
numbers counted up besides. ``register.sql`` makes a single large table; this makes many small ones.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from opendata.resemblance import Likeness
from pipelines.bench.workloads import CITY

TABLES = 1000
REGISTER = 200_000
_BODIES = 40
_OF_EACH = 40
_RANGE = 10_000_000
_COLUMNS = {
    "no": ("integer", "row_number() over (order by {order})"),
    "uscc": ("text", "'9161' || upper(lpad(to_hex(hash(u, 1)), 16, '0'))[1:14]"),
    "name": ("text", "'云州' || chr(19968 + (hash(u, 2) % 9000)::int) || hash(u, 3) % 900 || '号'"),
    "person": ("text", "'610199' || lpad((hash(p, 5) % 1000000000000)::varchar, 12, '0')"),
    "mobile": ("text", "'163' || lpad((hash(e, 6) % 100000000)::varchar, 8, '0')"),
    "address": ("text", "'和平路' || hash(e, 7) % 3000 || '号' || hash(e, 8) % 900 || '室'"),
    "document": ("text", "'云审〔' || 2015 + hash(e, 9) % 10 || '〕' || i || '号'"),
    "district": ("text", "'6101' || lpad((hash(e, 10) % 13)::varchar, 2, '0')"),
    "status": ("text", "['存续', '注销', '吊销', '迁出'][1 + (hash(e, 11) % 4)::int]"),
    "year": ("integer", "2010 + (hash(e, 12) % 15)::int"),
    "registered": ("date", "date '2005-01-01' + (hash(e, 13) % 7300)::int"),
    "updated": ("datetime", "timestamp '2025-01-01' + to_seconds((hash(e, 14) % 30000000)::int)"),
    "amount": ("decimal", "((hash(e, 15) % 100000000) / 100)::decimal(18, 2)"),
    "remark": ("text", "'已核查' || hash(e, 16) % 5000"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. Its row ``i`` is the entity ``own + i``, but for what is taken from elsewhere.

    ``like`` is the range of another table's entities and ``changed`` the share of rows that differ
    from it; ``coded`` is the share of credit codes that are the register's; ``persons`` the range
    the persons are from.
    """

    number: int
    rows: int
    own: int
    like: int | None = None
    changed: float = 0.0
    coded: float = 0.0
    declared: bool = False
    persons: int | None = None

    @property
    def name(self) -> str:
        """The id of its entry."""
        return f"t{self.number:04d}" if self.number else "register"

    @property
    def body(self) -> str:
        """The body that lists it."""
        return f"b{self.number % _BODIES:02d}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in order: a copy has them the other way round."""
        return tuple(_COLUMNS) if self.like is None else tuple(reversed(_COLUMNS))

    @property
    def heads(self) -> tuple[str, ...]:
        """What they are called: a copy calls them something else."""
        return self.columns if self.like is None else tuple(f"{each}_2" for each in self.columns)


def make_city(folder: Path) -> dict[tuple[str, str], Likeness]:
    """Write entries, inbox and standardised tables; the (copy, original) that are to be found."""
    con = duckdb.connect(config={"threads": 2})
    con.execute("set enable_progress_bar = false").fetchall()
    standardised = folder / "restricted" / "standardised"
    for each in (standardised, folder / "codes", folder / "catalog"):
        each.mkdir(parents=True)
    (folder / "opendata.yaml").write_text(CITY, encoding="utf-8")
    bodies = {f"b{each:02d}": f"第{each}局" for each in range(_BODIES)}
    _put(folder / "catalog" / "bodies.yaml", {"bodies": bodies})
    uscc = {"title": "统一社会信用代码", "authority": "register.uscc"}
    _put(folder / "catalog" / "elements.yaml", {"elements": {"uscc": uscc}})
    for number in range(TABLES):
        table = _table(number)
        _put(folder / "catalog" / table.body / f"{table.name}.yaml", _entry(table))
        _put(folder / "inbox" / table.body / f"{table.name}.csv", table.name)
        out = standardised / f"{table.name}.parquet"
        con.execute(f"copy ({_rows(table)}) to '{out}' (format parquet)").fetchall()
    return _planted()


def _plain(number: int) -> Table:
    rows = 300 + number * 7919 % 6000 if number else REGISTER
    return Table(number=number, rows=rows, own=number * _RANGE)


def _base(number: int) -> Table:
    """The table that this one takes from, where it takes."""
    return _plain(TABLES - 1 - (number - 1) % _OF_EACH)


def _table(number: int) -> Table:
    table, base = _plain(number), _base(number)
    copy = replace(table, rows=base.rows, like=base.own)
    kinds = (
        copy,
        replace(copy, changed=0.05),
        replace(copy, changed=0.3),
        replace(table, coded=0.98),
        replace(table, coded=0.8),
        replace(table, coded=0.98, declared=True),
        replace(table, rows=290, persons=base.own),
    )
    kind = (number - 1) // _OF_EACH
    return kinds[kind] if number and kind < len(kinds) else table


def _planted() -> dict[tuple[str, str], Likeness]:
    """Within one body a column that lies in another is nobody's concern."""
    found = {}
    for number in range(1, _OF_EACH + 1):
        copy, near, _, coded, _, _, persons = (number + kind * _OF_EACH for kind in range(7))
        base = _base(number).name
        found[_plain(copy).name, base] = Likeness.SAME_ROWS
        found[_plain(near).name, base] = Likeness.NEARLY_SAME_ROWS
        if _plain(coded).body != _plain(0).body:
            found[_plain(coded).name, "register"] = Likeness.CONTAINED
        if _plain(persons).body != _base(number).body:
            found[_plain(persons).name, base] = Likeness.CONTAINED
    return found


def _rows(table: Table) -> str:
    order = "i" if table.like is None else "hash(i, 99)"
    entity = f"{table.own} + i"
    if table.like is not None:
        entity = (
            f"if(hash(i, {table.own}) % 100 < {table.changed * 100}, {entity}, {table.like} + i)"
        )
    coded = f"if(hash(i, {table.own}, 1) % 100 < {table.coded * 100}, hash(e, 2) % {REGISTER}, e)"
    person = "e" if table.persons is None else f"{table.persons} + i"
    columns = ", ".join(
        f"{_COLUMNS[column][1].format(order=order)} as {head}"
        for column, head in zip(table.columns, table.heads, strict=True)
    )
    return (
        f"select {columns}, i as _row, 0::bigint as _dq from (select *, {coded} as u, "
        f"{person} as p from (select i, {entity} as e from range({table.rows}) as t(i))) "
        f"order by {order}"
    )


def _entry(table: Table) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {}
    for column, head in zip(table.columns, table.heads, strict=True):
        fields[head] = {"title": head, "type": _COLUMNS[column][0]}
    key = "uscc" if not table.number else "person"
    fields[table.heads[table.columns.index(key)]]["key"] = True
    if not table.number:
        fields["uscc"]["element"] = "uscc"
    if table.declared:
        fields["uscc"] |= {"element": "uscc", "checked_against": "register.uscc"}
    listed_first = table.number > TABLES - 1 - _OF_EACH
    return {
        "id": table.name,
        "title": table.name,
        "body": table.body,
        "listed_on": "2024-01-05" if listed_first else "2026-01-05",
        "source": {"files": f"{table.name}.csv"},
        "fields": fields,
    }


def _put(path: Path, content: object) -> None:
    """JSON, which is YAML too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
