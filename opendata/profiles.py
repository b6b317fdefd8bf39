"""Profiles: one regulation's rules as data, checked against the key registry and the clauses.

Reading and checking one regulation belong here. Merging several is ``regime.py``; the words of the
texts are ``law.py``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from opendata.errors import LawError
from opendata.law import Regulation, YamlValue, clauses_of, law_data, regulation
from opendata.vocabulary import Basis

RuleValue = Any
"""A rule's value: bool, word, duration, tuple of words, mapping, or tuple of mappings."""

AXES = ("open", "share", "both")
MODALITIES = ("shall", "shall_not", "may", "encourage")
_RULE_KEYS = {"v", "cite", "mod", "basis", "axis", "when", "note"}
_BASES = {"text": Basis.TEXT, "inferred": Basis.INFERRED}
_DURATION = re.compile(r"\d+(h|wd|q|y)|immediate|prompt|declared|agreed|periodic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A question a regulation may answer: its type, its merge operator, the product's default.

    ``order`` runs from loosest to strictest; a map is as strict as its entry called ``by``.
    """

    name: str
    type: str
    merge: str
    default: RuleValue
    reader: str
    order: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One regulation's answer to one key; ``cites`` are clause ids, at least one.

    ``when`` narrows the rule (``conditional``: only conditionally open data).
    """

    key: str
    regime: str
    value: RuleValue
    cites: tuple[str, ...]
    basis: Basis = Basis.TEXT
    modality: str = "shall"
    axis: str = "open"
    when: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One regulation as rules; every key is ruled or explicitly silent."""

    regulation: Regulation
    actors: Mapping[str, str]
    rules: tuple[Rule, ...]
    silent: tuple[str, ...]


@cache
def load_keys() -> Mapping[str, Key]:
    """The key registry, in its order."""
    given = law_data("keys.yaml")
    return MappingProxyType({name: _key(name, entry) for name, entry in given.items()})


@cache
def load_profile(regime_id: str) -> Profile:
    """One regulation's checked profile.

    Raises:
        LawError: no regulation has that id, or its file is wrong.
    """
    return check_profile(regulation(regime_id), law_data(f"{regime_id}.yaml"))


def check_profile(of: Regulation, document: Mapping[str, YamlValue]) -> Profile:
    """Make a profile of a parsed file.

    Raises:
        LawError: a key is neither ruled nor silent (or both), a cite resolves to no clause, a value
            is not of its key's type; the message lists every mistake.
    """
    rules = tuple(_rules(of.id, document))
    silent = tuple(document["silent"])
    wrong = [*_key_mistakes(rules, silent), *(said for each in rules for said in _mistakes(each))]
    if wrong:
        listed = "\n".join(f"  {each}" for each in wrong)
        raise LawError(f"the profile {of.id} has {len(wrong)} mistake(s):\n{listed}")
    return Profile(regulation=of, actors=_frozen(document["actors"]), rules=rules, silent=silent)


def _key(name: str, entry: Mapping[str, YamlValue]) -> Key:
    given = {part: _frozen(value) for part, value in entry.items()}
    return Key(name=name, **given)


def _rules(regime_id: str, document: Mapping[str, YamlValue]) -> Iterator[Rule]:
    for key, given in document["rules"].items():
        for entry in given if isinstance(given, list) else [given]:
            yield _rule(regime_id, key, {"axis": document["axis"], **entry})


def _rule(regime_id: str, key: str, entry: Mapping[str, YamlValue]) -> Rule:
    if unknown := entry.keys() - _RULE_KEYS:
        raise LawError(
            f"{regime_id} {key} has {', '.join(sorted(unknown))}; "
            f"a rule may have {', '.join(sorted(_RULE_KEYS))}"
        )
    return Rule(
        key=key,
        regime=regime_id,
        value=_frozen(entry["v"]),
        cites=tuple(f"{regime_id}/{item}" for item in entry["cite"]),
        basis=_BASES[entry.get("basis", "text")],
        modality=entry.get("mod", "shall"),
        axis=entry["axis"],
        when=entry.get("when"),
        note=entry.get("note"),
    )


def _frozen(value: YamlValue) -> RuleValue:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def _key_mistakes(rules: tuple[Rule, ...], silent: tuple[str, ...]) -> Iterator[str]:
    known, ruled = set(load_keys()), {each.key for each in rules}
    for key in sorted(known - ruled - set(silent)):
        yield f"{key} is neither ruled nor declared silent"
    for key in sorted(ruled & set(silent)):
        yield f"{key} is both ruled and declared silent"
    for key in sorted((ruled | set(silent)) - known):
        yield f"{key} is not a key of keys.yaml"


def _mistakes(rule: Rule) -> Iterator[str]:
    key = load_keys().get(rule.key)
    if key is not None and not _TYPES[key.type](key, rule.value):
        yield f"{rule.key} is not a {key.type}{f' of {key.order}' if key.order else ''}"
    clauses = {each.id for each in clauses_of(rule.regime)}
    if not rule.cites or not set(rule.cites) <= clauses:
        yield f"{rule.key} cites {', '.join(sorted(set(rule.cites) - clauses)) or 'nothing'}"
    if rule.axis not in AXES or rule.modality not in MODALITIES:
        yield f"{rule.key} has axis {rule.axis!r} and mod {rule.modality!r}"


def _is_words(_: Key, value: RuleValue) -> bool:
    return value == "any" or (
        isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    )


def _is_enum(key: Key, value: RuleValue) -> bool:
    return value in key.order


def _is_duration(_: Key, value: RuleValue) -> bool:
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def _is_steps(_: Key, value: RuleValue) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, Mapping) for each in value)


_TYPES: Mapping[str, Callable[[Key, RuleValue], bool]] = {
    "bool": lambda _, value: isinstance(value, bool),
    "word": lambda _, value: isinstance(value, str),
    "enum": _is_enum,
    "duration": _is_duration,
    "words": _is_words,
    "map": lambda _, value: isinstance(value, Mapping),
    "steps": _is_steps,
}
