"""The rows of a dataset as its plan treats them, as SQL: a step a column, what is joined included.

What an action means belongs to the operators; what is joined is made in ``mapping.py``; writing the
rows, and knowing when not to, belongs to ``masker.py``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from opendata.catalog import Dataset, Field
from opendata.check_digits import Steps, bank_card_broken, citizen_id_broken, uscc_broken
from opendata.desensitise import Step
from opendata.presets import HIDDEN
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Action, FieldType, OnInvalid, Semantic
from resources.number_operators import Bin, Clamp, Climb, Round
from resources.operators import (
    Anonymising,
    Generalise,
    MaskByPreset,
    Pseudonymise,
    Redact,
    RedactSpans,
)
from resources.vault import SecretKey

OPERATORS: Mapping[Action, type[Anonymising]] = {
    Action.REDACT: Redact,
    Action.MASK: MaskByPreset,
    Action.PSEUDONYM: Pseudonymise,
    Action.GENERALISE: Generalise,
    Action.BIN: Bin,
    Action.ROUND: Round,
    Action.CLAMP: Clamp,
    Action.REDACT_SPANS: RedactSpans,
}
"""The meaning of every action that changes a value, as Presidio runs it."""

_BROKEN = {
    Semantic.CITIZEN_ID: citizen_id_broken,
    Semantic.USCC: uscc_broken,
    Semantic.BANK_CARD: bank_card_broken,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One release in hand: ``clean`` is the SELECT of clean rows, ``steps`` those released.

    ``maps`` are the joined values by field. With ``sound_only`` the rows with values that must not
    pass are left out.
    """

    con: duckdb.DuckDBPyConnection
    dataset: Dataset
    clean: str
    steps: tuple[Step, ...]
    keys: Mapping[str, SecretKey]
    maps: Mapping[str, pa.Table] = field(default_factory=dict)
    sound_only: bool = False


def operator_of(step: Step, told: Field) -> tuple[Anonymising, dict[str, Any]]:
    """The operator that means this step, and its parameters but for keys and hierarchies."""
    asked = step.treatment
    if step.action is Action.GENERALISE and asked.hierarchy:
        return Climb(), {}
    scale = told.scale
    params: dict[Action, dict[str, Any]] = {
        Action.MASK: {"preset": asked.preset, "semantic": told.semantic},
        Action.PSEUDONYM: {"semantic": told.semantic},
        Action.GENERALISE: {"preset": asked.preset},
        Action.BIN: {"edges": asked.edges},
        Action.ROUND: {"unit": asked.unit, "scale": scale, "type": told.type},
        Action.CLAMP: {
            "bottom": asked.bottom,
            "top": asked.top,
            "scale": scale,
            "type": told.type,
        },
    }
    return OPERATORS[step.action](), params.get(step.action, {})


def is_joined(step: Step) -> bool:
    """Whether the step is computed outside of SQL, or looked up, and joined to the rows."""
    looked_up = step.action is Action.GENERALISE and step.treatment.hierarchy is not None
    return looked_up or step.action in (Action.PSEUDONYM, Action.REDACT_SPANS)


def _checks_of(step: Step, told: Field) -> Steps:
    """The columns of a check digit that the step's SQL asks for, over the clean rows."""
    broken = _BROKEN.get(told.semantic) if told.semantic else None
    return broken(told.name) if broken and step.action is Action.MASK else ()


def _expression(step: Step, told: Field) -> str:
    """The treated value as SQL, over the clean rows ``c`` and what is joined to them."""
    asked, kind, column = step.treatment, told.type, f"c.{quoted(step.field)}"
    if is_joined(step):
        treated = f"{map_name(step)}.treated"
        return f"coalesce({treated}, {column})" if step.action is Action.REDACT_SPANS else treated
    if step.action is Action.MASK:
        checks = _checks_of(step, told)
        broken = f"c.{checks[-1][0]}" if checks else None
        return MaskByPreset.sql(column, asked.preset or "", broken=broken)
    if step.action is Action.CLAMP:
        return Clamp.sql(column, asked.bottom, asked.top, scale=told.scale, type=kind)
    simple = {
        Action.REDACT: lambda: Redact.sql(column),
        Action.GENERALISE: lambda: Generalise.sql(column, asked.preset or "", type=kind),
        Action.BIN: lambda: Bin.sql(column, asked.edges),
        Action.ROUND: lambda: Round.sql(column, asked.unit or "1", scale=told.scale, type=kind),
    }
    return simple[step.action]() if step.action in simple else column


def treated_rows(work: Work, names: tuple[str, ...]) -> str:
    """SQL: these columns of the clean rows, treated."""
    steps = tuple(each for each in work.steps if each.field in names)
    barred = (*setting_aside(work.steps),) if work.sound_only else ()
    used = tuple(each for each in work.steps if each in steps or each in barred)
    if not barred:
        return _rows(work, used, ())
    kept = ", ".join(quoted(each.field) for each in steps)
    sound = " and ".join(f"not {unfit(each)}" for each in barred)
    return f"select {kept} from ({_rows(work, used, barred)}) where {sound}"


def rows_with_nulls(work: Work, steps: tuple[Step, ...]) -> str:
    """SQL: the columns of these steps, treated, and what ``unfit`` asks of each."""
    return _rows(work, steps, steps)


def _rows(work: Work, used: tuple[Step, ...], barred: tuple[Step, ...]) -> str:
    of = work.dataset.field
    columns = [f"{_expression(each, of(each.field))} as {quoted(each.field)}" for each in used]
    columns += [f"c.{quoted(each.field)} is null as _null_{each.field}" for each in barred]
    joins = "".join(
        f" left join {map_name(each)} on {map_name(each)}.value = {_as_text(of(each.field))}"
        for each in used
        if is_joined(each)
    )
    checks = [f"{sql} as {name}" for each in used for name, sql in _checks_of(each, of(each.field))]
    clean = f"select {', '.join(('*', *checks))} from ({work.clean})" if checks else work.clean
    return f"select {', '.join(columns)} from ({clean}) c{joins}"


def _as_text(told: Field) -> str:
    column = f"c.{quoted(told.name)}"
    return column if told.type is FieldType.TEXT else f"cast({column} as varchar)"


def unfit(step: Step) -> str:
    """SQL over such rows: whether nothing of the value survived, because it is no such value."""
    column = quoted(step.field)
    if step.action is Action.MASK:
        return f"coalesce({column} = {literal(HIDDEN)}, false)"
    return f"({column} is null and not _null_{step.field})"


def map_name(step: Step) -> str:
    """What the joined values of a column are called in SQL."""
    return f"_treated_{step.field}"


def setting_aside(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps whose unfit values do not pass: their rows are left out, or everything stops."""
    for each in steps:
        if each.on_invalid in (OnInvalid.QUARANTINE, OnInvalid.FAIL):
            yield each
