"""One value of an entry as the text of a cell, and back.

``to_cell`` and ``from_cell`` are each other's inverse for every value the schema allows; beyond
that ``from_cell`` takes what people type: full-width digits, trailing blanks, 是 for true, and
spellings that stand for exactly one word. Where a cell lies, and what is said of a wrong one, is
not here.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from opendata.portal_list import read_frequency
from opendata.synonyms import meant
from opendata.vocabulary import FieldType, Term, UpdateFrequency
from pipelines.authoring.columns import Column, Kind, labels

TOO_LONG = "〔过长，在 YAML 文件中维护〕"
"""Stands in a cell for a text that Excel cannot hold: the entry there is keeps what it has."""

EXCEL_CELL = 32_767
SPELLINGS_TAKEN: tuple[type[Term], ...] = (UpdateFrequency, FieldType)
"""Vocabularies whose known spellings are taken; the others are decisions, so only suggested."""

_PARTS = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^、，,;；\n]+)\s*')
_PART = re.compile(r"[、，,;；\n\"]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_TRUTHS = {"是": True, "true": True, "否": False, "false": False}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a cell says; ``read_as`` is the word that was taken for another spelling of it."""

    value: Any
    read_as: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be taken: a kind of ``sentences.yaml``, and what its sentence names."""

    kind: str
    details: Mapping[str, str] = field(default_factory=dict)


# --- Writing -------------------------------------------------------------------------------


def to_cell(value: Any, column: Column) -> str:
    """The text of a cell; empty for an absent value."""
    if value is None:
        return ""
    text = _written(value, column.kind)
    return text if len(text) <= EXCEL_CELL else TOO_LONG


def _written(value: Any, kind: Kind) -> str:
    if isinstance(value, Term):
        return str(labels().get(value.value, value.value))
    if isinstance(value, bool):
        return labels()["true" if value else "false"]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() else value)
    if isinstance(value, list | tuple):
        return "、".join(_part(_written(each, kind)) for each in value)
    return _spelled(value, kind)


def _spelled(value: Any, kind: Kind) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}={_line(heading)}" for name, heading in value.items())
    return str(value) if kind == "list" else _whole(str(value))


def _part(text: str) -> str:
    return _quoted(text) if not text or _PART.search(text) or _unseen(text) else text


def _whole(text: str) -> str:
    looks_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return _quoted(text) if _unseen(text) or looks_quoted else text


def _line(text: str) -> str:
    return _quoted(text) if "\n" in text else _whole(text)


def _unseen(text: str) -> bool:
    return text != text.strip() or bool(_CONTROL.search(text))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- Reading -------------------------------------------------------------------------------


def from_cell(text: str, column: Column) -> Taken | Fault:
    """What a cell says, as a catalog file would spell it; an empty cell is None."""
    if not text:
        return Taken(None)
    if text == TOO_LONG:
        return Fault("too_long")
    if column.vocabulary is not None:
        return _READ_TERMS[column.kind](text, column.vocabulary)
    return _READ[column.kind](text)


def _text(text: str) -> Taken:
    return Taken(_read_back(text, _whole))


def _read_back(text: str, written: Callable[[str], str]) -> str:
    """The text in quotes, where they are there because it was ``written`` so."""
    unquoted = _unquoted(text)
    return unquoted if unquoted is not None and written(unquoted) == text else text


def _name(text: str) -> Taken:
    return Taken(half_width(text))


def _bool(text: str) -> Taken | Fault:
    truth = _TRUTHS.get(half_width(text).lower())
    return Fault("not_bool") if truth is None else Taken(truth)


def _whole_number(text: str) -> Taken | Fault:
    given = re.sub(r"\.0+$", "", half_width(text))
    return Taken(int(given)) if re.fullmatch(r"-?[0-9]{1,9}", given) else Fault("not_whole")


def _number(text: str) -> Taken | Fault:
    given = half_width(text)
    right = re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,20})?([eE]-?[0-9]{1,2})?", given)
    return Taken(float(given)) if right else Fault("not_number")


def _day(text: str) -> Taken | Fault:
    found = _DAY.fullmatch(half_width(text))
    try:
        return Taken(date(*map(int, filter(None, found.groups())))) if found else Fault("not_day")
    except ValueError:
        return Fault("not_day")


def _list(text: str) -> Taken | Fault:
    parts = _split(text)
    return Fault("open_quote") if parts is None else Taken(parts)


def _pairs(text: str) -> Taken | Fault:
    pairs = [line.partition("=") for line in text.split("\n") if line.strip()]
    if not all(equals and name.strip() for name, equals, _ in pairs):
        return Fault("not_pairs")
    return Taken({name.strip(): _read_back(given.strip(), _line) for name, _, given in pairs})


def _term(text: str, vocabulary: type[Term]) -> Taken | Fault:
    given = half_width(text)
    by_label = {labels().get(each.value, each.value): each for each in vocabulary}
    if given in by_label or given in {each.value for each in vocabulary}:
        return Taken(by_label.get(given) or vocabulary(given))
    suggestion = _meant(given, vocabulary)
    if suggestion and vocabulary in SPELLINGS_TAKEN:
        return Taken(suggestion, read_as=labels().get(suggestion.value, suggestion.value))
    if suggestion:
        return Fault("resembles_term", {"meant": suggestion.value})
    return Fault("unknown_term")


def _terms(text: str, vocabulary: type[Term]) -> Taken | Fault:
    taken = [_term(part, vocabulary) for part in _split(text) or [text]]
    fault = next((each for each in taken if isinstance(each, Fault)), None)
    if fault:
        return fault
    read_as = [each.read_as for each in taken if isinstance(each, Taken) and each.read_as]
    values = tuple(each.value for each in taken if isinstance(each, Taken))
    return Taken(values, read_as="、".join(read_as) or None)


def _meant(given: str, vocabulary: type[Term]) -> Term | None:
    """A known spelling: of frequencies only those that promise exactly what the word does."""
    if vocabulary is UpdateFrequency:
        reading = read_frequency(given)
        return None if reading.no_new_data else reading.frequency
    term = meant(vocabulary, given)
    return vocabulary(term) if term else None


def _split(text: str) -> tuple[str, ...] | None:
    """The parts of a list; None where a quote is opened and not closed before the next part."""
    parts: list[str] = []
    place = 0
    while place < len(text):
        found = _PARTS.match(text, place)
        if found is None:
            place += 1
            continue
        unquoted = _unquoted(found[1])
        place = found.end()
        ends = place == len(text) or _PART.match(text, place)
        if found[1].startswith('"') and (unquoted is None or not ends):
            return None
        if unquoted is not None or found[1].strip():
            parts.append(found[1].strip() if unquoted is None else unquoted)
    return tuple(parts)


def _unquoted(text: str) -> str | None:
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return None
    try:
        given = json.loads(text)
    except json.JSONDecodeError:
        return None
    return given if isinstance(given, str) else None


def half_width(text: str) -> str:
    """A name, number or word as it was meant: full-width characters made half-width."""
    return unicodedata.normalize("NFKC", text).strip()


_READ: Mapping[str, Callable[[str], Taken | Fault]] = {
    "text": _text,
    "name": _name,
    "bool": _bool,
    "whole": _whole_number,
    "number": _number,
    "day": _day,
    "list": _list,
    "pairs": _pairs,
}
_READ_TERMS: Mapping[str, Callable[[str, type[Term]], Taken | Fault]] = {
    "term": _term,
    "terms": _terms,
}
