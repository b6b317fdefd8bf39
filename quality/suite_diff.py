"""A suite edited by hand beside the suite of the contract, rule by rule, known by their ids.

The contract wins: an edited file changes nothing by itself. What it says differently is told, so
that somebody can write it into the catalog entry, where it counts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opendata.findings import Expectation

_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing a file says of a rule otherwise than the contract; each side as JSON, shortened."""

    name: str
    contract: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDiff:
    """One rule that is not the same on both sides; None where a side does not have it."""

    rule: str
    contract: Expectation | None
    file: Expectation | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs within a rule both sides have."""
        if self.contract is None or self.file is None:
            return ()
        ours, theirs = _told(self.contract), _told(self.file)
        return tuple(_changes(ours, theirs))


def suite_diff(
    contract: Sequence[Expectation], file: Sequence[Expectation]
) -> tuple[RuleDiff, ...]:
    """Every rule that differs: those of the contract in its order, then what the file adds."""
    ours = {each.id: each for each in contract}
    theirs = {each.id: each for each in file}
    return tuple(
        RuleDiff(rule=rule, contract=ours.get(rule), file=theirs.get(rule))
        for rule in dict.fromkeys((*ours, *theirs))
        if rule not in ours or rule not in theirs or _told(ours[rule]) != _told(theirs[rule])
    )


def _told(expectation: Expectation) -> Mapping[str, Any]:
    kwargs = {f"kwargs.{name}": value for name, value in expectation.kwargs.items()}
    return {
        "type": expectation.type,
        **json.loads(json.dumps(kwargs)),
        "mostly": expectation.mostly,
        "indicator": expectation.indicator,
        "severity": expectation.severity.value,
        "on_fail": expectation.on_fail.value,
        "description": expectation.description,
    }


def _changes(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*ours, *theirs)):
        if name not in ours or name not in theirs or ours[name] != theirs[name]:
            first, second = (_short(each, name) for each in (ours, theirs))
            yield Change(name=name, contract=first, file=second)


def _short(side: Mapping[str, Any], name: str) -> str:
    if name not in side:
        return "（无）"
    value = side[name]
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _SHOWN:
        return text
    return (
        f"{text[:_SHOWN]}…（共 {len(value)} 项）"
        if isinstance(value, list)
        else f"{text[:_SHOWN]}…"
    )
