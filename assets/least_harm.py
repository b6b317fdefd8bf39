"""Least harm, measured: the candidate beside the clean rows, and milder plans tried on them.

Values are counted, never kept. Which treatment is milder, and what bars it, is
``opendata/least_harm.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from assets.workshop import Workshop
from opendata.catalog import Dataset, Field, Treatment
from opendata.least_harm import (
    LeastHarm,
    Loss,
    Trial,
    barred,
    in_words,
    is_public_fact,
    milder,
    with_treatment,
)
from opendata.presets import HIDDEN
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Action, FieldType, Role, Semantic
from resources.masker import Treated
from resources.risk import shortfall

_LOOKED_AT = 50_000
"""Rows that are counted value by value: enough for shares, and cheap on ten million."""
_STRETCHES = 5
_SAMPLE_TABLE = "_looked_at"
_SAMPLE = f"select * from {_SAMPLE_TABLE}"

_RANGED = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.DATE)
_SAME_CLASSES = (Action.PSEUDONYM, Action.REDACT_SPANS)
"""Their raw values make the same classes, or finer ones, and ask for no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One candidate in hand: ``clean`` is the SELECT it was made of, ``path`` what was written."""

    workshop: Workshop
    con: duckdb.DuckDBPyConnection
    dataset: Dataset
    clean: str
    path: Path
    required_k: int


def weigh(given: Weighing, treated: Treated) -> LeastHarm | None:
    """What the plan cost and what milder plans would do; None when DuckDB gave up counting."""
    try:
        ((rows,),) = given.con.execute(f"select count(*) from ({given.clean})").fetchall()
        losses = tuple(_losses(given, rows))
        trials = tuple(_trials(given, rows))
    except duckdb.Error:  # its message may quote data, and what it counts stands in nobody's way
        return None
    return LeastHarm(
        rows=rows,
        looked_at=min(rows, _LOOKED_AT),
        released=treated.rows,
        suppressed=treated.suppressed,
        set_aside=treated.set_aside,
        losses=losses,
        trials=trials,
        unfit=tuple(treated.unfit.items()),
        key_ids=treated.key_ids,
        key_version=treated.key_version,
    )


# --- what was lost


def _losses(given: Weighing, rows: int) -> Iterator[Loss]:
    """The same rows before and after, so that what differs was lost and not drawn otherwise."""
    touched = [each for each in given.dataset.fields if each.treatment.action is not Action.KEEP]
    if not touched:
        return
    _draw_sample(given, touched, rows)
    before = _counts(given, _SAMPLE, touched)
    # Different subjects have different pseudonyms: what was checked when they were made.
    keyed = [each for each in touched if each.treatment.action is Action.PSEUDONYM]
    others = [each for each in touched if each.released and each not in keyed]
    names = tuple(each.name for each in others)
    with given.workshop.masker.treated(given.con, _SAMPLE, given.dataset, names) as relation:
        after = _counts(given, relation, others)
    after |= {each.name: before[each.name] for each in keyed}
    for each in touched:
        was, now = before[each.name], after.get(each.name)
        yield Loss(
            field=each.name,
            action=each.treatment.action,
            distinct=(was.distinct, now.distinct if now else None),
            entropy=(was.entropy, now.entropy if now else None),
            empty=(was.empty, now.empty if now else None),
            range_kept=now.width / was.width if now and now.width and was.width else None,
        )


def _draw_sample(given: Weighing, fields: list[Field], rows: int) -> None:
    """Stretches of rows from all over the table: whole ones are read at a tenth of the cost."""
    columns = ", ".join(quoted(each.name) for each in fields)
    drawn = f"select {columns} from ({given.clean})"
    if rows > _LOOKED_AT:
        first = f"select min(_row) as low, max(_row) as high from ({given.clean})"
        ((low, high),) = given.con.execute(first).fetchall()
        each, step = _LOOKED_AT // _STRETCHES, (high - low + 1) // _STRETCHES
        starts = [low + place * step for place in range(_STRETCHES)]
        drawn = " union all ".join(f"({drawn} where _row >= {at} limit {each})" for at in starts)
    given.con.execute(f"create or replace temp table {_SAMPLE_TABLE} as {drawn}").fetchall()


@dataclass(frozen=True, slots=True)
class _Count:
    distinct: int
    entropy: float
    empty: int
    width: float | None


def _counts(given: Weighing, relation: str, fields: list[Field]) -> dict[str, _Count]:
    if not fields:
        return {}
    types = dict(
        given.con.execute(f"select column_name, column_type from (describe {relation})").fetchall()
    )
    parts = ", ".join(_counted(each, types[each.name]) for each in fields)
    (row,) = given.con.execute(f"select {parts} from ({relation})").fetchall()
    four = [row[place : place + 4] for place in range(0, len(row), 4)]
    return {
        each.name: _Count(distinct, entropy or 0.0, empty, width)
        for each, (distinct, entropy, empty, width) in zip(fields, four, strict=True)
    }


def _counted(field: Field, type_: str) -> str:
    column = quoted(field.name)
    hidden = f" or {column} = {literal(HIDDEN)}" if type_ == "VARCHAR" else ""
    ranged = field.type in _RANGED and type_ != "VARCHAR"
    width = f"(max({column}) - min({column}))::double" if ranged else "null"
    return (
        f"count(distinct {column}), entropy({column}), "
        f"count(*) filter ({column} is null{hidden}), {width}"
    )


# --- what was tried


def _trials(given: Weighing, rows: int) -> Iterator[Trial]:
    for field in given.dataset.fields:
        lighter = milder(field)
        if lighter is not None:
            yield Trial(
                field=field.name,
                milder=in_words(lighter),
                rejected=_rejected(given, field, lighter, rows),
                public_fact=is_public_fact(field),
            )


def _rejected(given: Weighing, field: Field, lighter: Treatment, rows: int) -> str | None:
    if told := barred(given.dataset, field, lighter):
        return told
    if field.semantic is Semantic.USCC and (persons := _sole_traders(given, field)):
        return f"含个体工商户代码（92开头）{_roughly(persons)}，与经营者个人相关，不宜原样开放。"
    return _too_small(given, field, lighter, rows) if field.role is Role.QUASI else None


def _roughly(count: int) -> str:
    return f"{count}个" if count >= 5 else "少于5个"


def _sole_traders(given: Weighing, field: Field) -> int:
    ((found,),) = given.con.execute(
        f"select count(*) from ({given.clean}) where starts_with({quoted(field.name)}, '92')"
    ).fetchall()
    return int(found)


def _too_small(given: Weighing, field: Field, lighter: Treatment, rows: int) -> str | None:
    """Why the classes would not do if this field were told more of; None where they would."""
    asked = with_treatment(given.dataset, field.name, lighter)
    dataset = replace(asked, fields=tuple(_without_key(each) for each in asked.fields))
    quasi, limit = dataset.quasi_identifiers, dataset.release
    sensitive = dataset.sensitive_fields if limit.l > 1 else ()
    masker, names = given.workshop.masker, (*quasi, *sensitive)
    with masker.treated(given.con, given.clean, dataset, names) as relation:
        found = shortfall(
            given.con,
            relation,
            quasi,
            below=given.required_k,
            diverse=dict.fromkeys(sensitive, limit.l),
        )
    if found.rows <= limit.max_suppression * rows:
        return None
    return (
        f"最小同类组为{found.k}条，要求不少于{given.required_k}条；"
        f"不达标的记录占{found.rows / max(rows, 1):.1%}，允许抑制{limit.max_suppression:.1%}。"
    )


def _without_key(field: Field) -> Field:
    keyed = field.treatment.action in _SAME_CLASSES
    return replace(field, treatment=Treatment()) if keyed else field
