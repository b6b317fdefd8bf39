"""Regimes: what the regulations that bind one home rule together, key by key, with their clauses.

Merging co-applicable profiles by each key's declared operator belongs here. One regulation's rules
are ``profiles.py``, the words of the texts ``law.py``, judging a dataset ``gates.py``.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from opendata.errors import LawError
from opendata.law import Regulation, regulation
from opendata.profiles import Key, Rule, RuleValue, load_keys, load_profile
from opendata.vocabulary import Basis

_UNIT_DAYS = {"h": 1 / 24, "wd": 1.4, "q": 91.0, "y": 365.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a regime answers to one key, and from where.

    ``parts`` are the rules it was merged from (none: the product's default, 本市规则);
    ``undecided`` means that the regulations differ and a person has to choose.
    """

    key: str
    value: RuleValue
    basis: Basis
    provenance: str
    parts: tuple[Rule, ...] = ()
    undecided: bool = False

    @property
    def cites(self) -> tuple[str, ...]:
        """The clauses of every part, in the order of the home's regimes."""
        return tuple(cite for part in self.parts for cite in part.cites)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """The regulations of one home on one axis (``open`` or ``share``), merged."""

    ids: tuple[str, ...]
    axis: str
    rulings: Mapping[str, Ruling]

    @property
    def regulations(self) -> tuple[Regulation, ...]:
        """The regulations in the order the home names them."""
        return tuple(regulation(each) for each in self.ids)

    def rule(self, key: str) -> Ruling:
        """The ruling on ``key``.

        Raises:
            LawError: no key has that name.
        """
        if key not in self.rulings:
            raise LawError(f"no rule key is called {key!r}; opendata/regimes/keys.yaml lists them")
        return self.rulings[key]

    def value(self, key: str) -> RuleValue:
        """The value in force for ``key``; a ``per_regime`` key gives a mapping by regime id.

        Raises:
            LawError: no key has that name, or its regulations differ and nobody has decided.
        """
        ruling = self.rule(key)
        if ruling.undecided:
            raise LawError(f"{key} is undecided ({ruling.provenance}): a person must choose one")
        return ruling.value


def load_regime(
    ids: tuple[str, ...], axis: str = "open", *, decisions: tuple[tuple[str, str], ...] = ()
) -> Regime:
    """Merge the profiles of ``ids``; ``decisions`` name the regime that governs a ``decide`` key.

    Raises:
        LawError: a profile is unknown or wrong, a merge comes out empty, or a decision is about a
            key that is not a person's to decide.
    """
    for key, _ in decisions:
        if key not in load_keys() or load_keys()[key].merge != "decide":
            raise LawError(f"{key} is merged by rule; only `merge: decide` keys take a decision")
    return _merged(ids, axis, decisions)


@cache
def _merged(ids: tuple[str, ...], axis: str, decisions: tuple[tuple[str, str], ...]) -> Regime:
    rules = [
        rule for each in ids for rule in load_profile(each).rules if rule.axis in (axis, "both")
    ]
    governs = {key: (regime,) for key, regime in decisions}
    rulings = {
        key.name: _ruling(key, rules, governs.get(key.name, ids)) for key in load_keys().values()
    }
    return Regime(ids=ids, axis=axis, rulings=MappingProxyType(rulings))


def _ruling(key: Key, rules: Sequence[Rule], speakers: tuple[str, ...]) -> Ruling:
    parts = tuple(each for each in rules if each.key == key.name and each.regime in speakers)
    if not parts:
        return _default(key, speakers)
    explicit = all(each.basis is Basis.TEXT for each in parts)
    undecided = key.merge == "decide" and _differ(parts, speakers)
    spoke = ", ".join(each.regime for each in parts)
    return Ruling(
        key=key.name,
        value=None if undecided else OPERATORS[key.merge](key, parts),
        basis=Basis.TEXT if explicit else Basis.INFERRED,
        provenance=f"{key.merge} of {spoke}" if len(speakers) > 1 else spoke,
        parts=parts,
        undecided=undecided,
    )


def _default(key: Key, speakers: tuple[str, ...]) -> Ruling:
    per_regime = key.merge == "per_regime"
    value = MappingProxyType(dict.fromkeys(speakers, key.default)) if per_regime else key.default
    return Ruling(key=key.name, value=value, basis=Basis.LOCAL, provenance="product default")


def _differ(parts: Sequence[Rule], speakers: tuple[str, ...]) -> bool:
    # Silence beside a rule is a difference too: an enabling key read strictest-wins would bar
    # somebody whom the silent regulation serves.
    return len(parts) < len(speakers) or any(each.value != parts[0].value for each in parts)


def _any(_: Key, parts: Sequence[Rule]) -> RuleValue:
    return any(each.value for each in parts)


def _union(key: Key, parts: Sequence[Rule]) -> RuleValue:
    values = [each.value for each in parts]
    if key.type == "map":
        return MappingProxyType({word: _joined(values, word) for each in values for word in each})
    return tuple(dict.fromkeys(word for each in values for word in each))


def _joined(maps: Sequence[Mapping[str, RuleValue]], word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for given in maps for each in given.get(word, ())))


def _intersect(key: Key, parts: Sequence[Rule]) -> RuleValue:
    named = [each.value for each in parts if each.value != "any"]
    if not named:
        return "any"
    common = tuple(word for word in named[0] if all(word in each for each in named))
    if not common:
        spoke = ", ".join(each.regime for each in parts)
        raise LawError(f"{key.name} leaves nothing allowed once {spoke} are merged")
    return common


def _shortest(_: Key, parts: Sequence[Rule]) -> RuleValue:
    return min((each.value for each in parts), key=_days)


def _longest(_: Key, parts: Sequence[Rule]) -> RuleValue:
    return max((each.value for each in parts if _days(each.value) < math.inf), key=_days)


def _days(duration: str) -> float:
    if duration == "immediate":
        return 0
    number = re.fullmatch(r"(\d+)(\w+)", duration)
    # Only a counted term can be missed: beside one, "prompt" and "periodic" ask for less.
    return int(number[1]) * _UNIT_DAYS[number[2]] if number else math.inf


def _strictest(key: Key, parts: Sequence[Rule]) -> RuleValue:
    def strictness(rule: Rule) -> int:
        return key.order.index(rule.value[key.by] if key.by else rule.value)

    return max(parts, key=strictness).value


def _per_regime(_: Key, parts: Sequence[Rule]) -> RuleValue:
    return MappingProxyType({each.regime: each.value for each in parts})


def _agreed(_: Key, parts: Sequence[Rule]) -> RuleValue:
    return parts[0].value


OPERATORS: Mapping[str, Callable[[Key, Sequence[Rule]], RuleValue]] = MappingProxyType(
    {
        "any": _any,
        "union": _union,
        "intersect": _intersect,
        "min": _shortest,
        "max": _longest,
        "strictest": _strictest,
        "per_regime": _per_regime,
        "decide": _agreed,
    }
)
