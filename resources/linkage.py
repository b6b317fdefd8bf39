"""Linkage, counted: which columns of two released tables meet, and who stands alone in the join.

Candidate keys come from the samples of ``grains.py``; the counting itself is exact, in DuckDB, over
the released files. What a count means is ``opendata/linkage.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from opendata.catalog import Dataset, Field
from opendata.linkage import (
    Difference,
    Link,
    bears_on_somebody,
    hides_people,
    is_pseudonym,
    names_people,
)
from opendata.sql_text import quoted
from opendata.vocabulary import Semantic
from resources.grains import Grain, Opened, columns_of, contained, grains, table_of

CONTAINED = 0.3
"""Share of values in common from which columns are keys whatever they are called."""

MANY = 20
"""Different values from which that is no coincidence."""

_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Two columns that meet, and at which grain."""

    ours: str
    theirs: str
    grain: str
    personal: bool


def keys_of(ours: Opened, theirs: Opened) -> tuple[Key, ...]:
    """The columns that meet, each at the finest grain at which it does; at most one for each."""
    found: dict[str, tuple[float, Key]] = {}
    for one in ours.grains:
        for other in theirs.grains:
            met = _met(ours.dataset, theirs.dataset, one, other)
            if met and (one.field not in found or met[0] > found[one.field][0]):
                found[one.field] = met
    taken: set[str] = set()
    chosen = []
    for _, key in sorted(found.values(), key=lambda each: -each[0]):
        if key.theirs not in taken:
            taken.add(key.theirs)
            chosen.append(key)
    return tuple(sorted(chosen, key=lambda each: each.ours))


def link(con: duckdb.DuckDBPyConnection, ours: Opened, theirs: Opened) -> Link | None:
    """The gravest join of two tables, over all columns that meet and over those about people.

    None where they do not meet, and where neither hides anybody.
    """
    if not (hides_people(ours.dataset) or hides_people(theirs.dataset)):
        return None
    keys = keys_of(ours, theirs)
    personal = tuple(each for each in keys if each.personal)
    sets = dict.fromkeys((keys, personal))
    found = [_joined(con, ours, theirs, each) for each in sets if any(k.personal for k in each)]
    return max(found, key=lambda each: (each.singled_out, each.linked), default=None)


def difference(
    con: duckdb.DuckDBPyConnection, now: Opened, before: Path, *, version: int
) -> Difference | None:
    """What came and went since ``version``; None without quasi-identifiers both versions have."""
    there = columns_of(con, before)
    quasi = tuple(each for each in now.dataset.quasi_identifiers if each in there)
    shared = [each for each in columns_of(con, now.path) if each in there]
    if not quasi:
        return None
    columns, groups = _listed(shared), _listed(quasi)
    new = f"select {columns} from {table_of(now.path)}"
    old = f"select {columns} from {table_of(before)}"
    came, appeared = _alone(con, f"{new} except all {old}", groups, now.required_k)
    went, vanished = _alone(con, f"{old} except all {new}", groups, now.required_k)
    return Difference(
        dataset=now.dataset.id,
        before=version,
        quasi_identifiers=quasi,
        required_k=now.required_k,
        came=came,
        went=went,
        appeared=appeared,
        vanished=vanished,
    )


def _alone(con: duckdb.DuckDBPyConnection, rows: str, groups: str, k: int) -> tuple[int, int]:
    ((all_, few),) = con.execute(
        f"select coalesce(sum(_n), 0)::bigint, coalesce(sum(_n) filter (_n < {k}), 0)::bigint "
        f"from (select count(*) as _n from ({rows}) group by {groups})"
    ).fetchall()
    return int(all_), int(few)


def _met(ours: Dataset, theirs: Dataset, one: Grain, other: Grain) -> tuple[float, Key] | None:
    mine, its = ours.field(one.field), theirs.field(other.field)
    personal = bears_on_somebody(mine) or bears_on_somebody(its)
    said = _says_the_same(mine, its) if personal else _is_the_same(mine, its)
    if one.grain != other.grain or not (personal or said):
        return None
    share = max(contained(one, other), contained(other, one))
    telling = share > CONTAINED and min(one.distinct, other.distinct) >= MANY
    if not share or not (said or telling):
        return None
    finer = list(dict(grains(mine))).index(one.grain)
    key = Key(ours=one.field, theirs=other.field, grain=one.grain, personal=personal)
    return 2.0 * said - finer + share, key


def _is_the_same(one: Field, other: Field) -> bool:
    """The same by registration, or by what the values are; a number of one's own is neither."""
    own = (None, Semantic.SERIAL, Semantic.FREE_TEXT)
    same = one.element is not None and one.element == other.element
    return same or (one.semantic not in own and one.semantic is other.semantic)


def _says_the_same(one: Field, other: Field) -> bool:
    tables = one.code_table is not None and one.code_table == other.code_table
    return _is_the_same(one, other) or tables or one.title == other.title


# --- joins


def _joined(
    con: duckdb.DuckDBPyConnection, ours: Opened, theirs: Opened, keys: Sequence[Key]
) -> Link:
    by_person = any(is_pseudonym(ours.dataset.field(each.ours)) for each in keys)
    quasi = _together(ours.dataset, theirs.dataset, keys)
    columns = ", ".join(f"_k{place}" for place in range(len(keys)))
    least = min(ours.required_k, theirs.required_k)
    sides = (
        _side(ours, [(each.ours, each.grain) for each in keys], "a", quasi),
        _side(theirs, [(each.theirs, each.grain) for each in keys], "b", quasi),
    )
    alone = "true" if by_person else "_na = 1 and _nb = 1"
    naming = names_people(ours.dataset) is not names_people(theirs.dataset)
    union = columns if naming else ", ".join(name for _, name, _ in quasi) or columns
    ((unique, other, small, linked, k, few),) = con.execute(
        f"with a as materialized ({sides[0]}), b as materialized ({sides[1]}), "
        f"met as materialized (select * from a join b using ({columns})), "
        f"classes as (select count(*) as _n from met where {alone} group by {union}) "
        "select (select count(*) from a where _na = 1), (select count(*) from b where _nb = 1), "
        f"(select coalesce(sum(_na), 0)::bigint from met where _na * _nb < {_FEW}), "
        "coalesce(sum(_n), 0)::bigint, min(_n), "
        f"coalesce(sum(_n) filter (_n < {least}), 0)::bigint from classes"
    ).fetchall()
    met = {each.ours for each in keys}, {each.theirs for each in keys}
    return Link(
        dataset=ours.dataset.id,
        other=theirs.dataset.id,
        keys=tuple((each.ours, each.theirs, each.grain) for each in keys),
        rows=ours.rows,
        other_rows=theirs.rows,
        unique=unique,
        other_unique=other,
        linked=linked,
        small=small,
        k=k,
        required_k=least,
        singled_out=few,
        attached=_others(theirs.dataset, met[1]),
        given=_others(ours.dataset, met[0]),
        naming=naming,
    )


Carried = tuple[str, str, str]
"""A quasi-identifier taken into the join: its side (a or b), its name there, its field."""


def _together(ours: Dataset, theirs: Dataset, keys: Sequence[Key]) -> tuple[Carried, ...]:
    """The quasi-identifiers of both, those of theirs that are keys left out."""
    known = {each.theirs for each in keys if each.ours in ours.quasi_identifiers}
    mine = (("a", f"_a{n}", each) for n, each in enumerate(ours.quasi_identifiers))
    its = (("b", f"_b{n}", each) for n, each in enumerate(theirs.quasi_identifiers))
    return (*mine, *(each for each in its if each[2] not in known))


def _side(
    table: Opened, keys: Sequence[tuple[str, str]], side: str, quasi: Sequence[Carried]
) -> str:
    """One row for each combination of keys, how many rows it stands for, and what goes along."""
    told = [dict(grains(table.dataset.field(name)))[grain] for name, grain in keys]
    columns = [f"{sql} as _k{place}" for place, sql in enumerate(told)]
    carried = [
        f"any_value({quoted(field)}) as {name}" for where, name, field in quasi if where == side
    ]
    filled = " and ".join(f"({sql}) is not null" for sql in told)
    places = ", ".join(f"{place + 1}" for place in range(len(keys)))
    return (
        f"select {', '.join([*columns, f'count(*) as _n{side}', *carried])} "
        f"from {table_of(table.path)} where {filled} group by {places}"
    )


def _others(dataset: Dataset, met: set[str]) -> tuple[str, ...]:
    """What a match adds: every released field that is no key."""
    return tuple(each.name for each in dataset.released_fields if each.name not in met)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))
