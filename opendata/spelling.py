"""A YAML text held against one Pydantic model: the value, and every mistake as a plain sentence.

Knows nothing of catalogs. Pydantic's words are for programmers; a steward gets what was written,
what is allowed and, where the synonym table knows, what was meant.
"""

import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from opendata.errors import CatalogError, Problem
from opendata.synonyms import meant
from opendata.vocabulary import Term
from opendata.yaml_text import KeyPath, YamlText, read_yaml

Model = TypeVar("Model", bound=BaseModel)

_SENTENCES = {
    "missing": "this key is missing; add it.",
    "string_type": "expected text, not {given}; quote it when it looks like something else.",
    "bool_parsing": "{given} is neither true nor false.",
    "int_parsing": "{given} is not a whole number.",
    "int_type": "expected a whole number, not {given}.",
    "float_parsing": "{given} is not a number.",
    "float_type": "expected a number, not {given}.",
    "value_error": "{given} is not a day; write it like 2026-01-05.",
    "date_type": "{given} is not a day; write it like 2026-01-05.",
    "tuple_type": "expected a list, not {given}; write [a, b].",
    "dict_type": "expected keys and values, not {given}.",
    "model_type": "expected keys and values, not {given}.",
    "string_too_short": "this must not be empty.",
    "string_too_long": "{given} is longer than {max_length} character(s).",
    "too_short": "at least {min_length} is needed here.",
    "greater_than_equal": "{given} is below the smallest allowed, {ge}.",
    "less_than_equal": "{given} is above the largest allowed, {le}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelt(Generic[Model]):
    """What could be read: ``value`` without the keys in ``unreadable``, or None when hopeless."""

    text: YamlText | None
    value: Model | None
    problems: tuple[Problem, ...] = ()
    unreadable: tuple[KeyPath, ...] = ()


def read_spelling(model: type[Model], path: str, text: str) -> Spelt[Model]:
    """Hold a text against the model; go on without wrong keys, so that other checks still run."""
    try:
        marked = read_yaml(path, text)
    except CatalogError as error:
        return Spelt(text=None, value=None, problems=error.problems)
    try:
        return Spelt(text=marked, value=model.model_validate(marked.values))
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    return Spelt(
        text=marked,
        value=_without(model, marked, tuple(_keys(each) for each in wrong)),
        problems=tuple(marked.problem(_keys(each), _sentence(model, each)) for each in wrong),
        unreadable=tuple(_keys(each) for each in wrong if each["type"] != "extra_forbidden"),
    )


def _keys(error: ErrorDetails) -> KeyPath:
    return tuple(key for key in error["loc"] if key != "[key]")


def _without(model: type[Model], text: YamlText, wrong: tuple[KeyPath, ...]) -> Model | None:
    values = copy.deepcopy(text.values)
    try:
        for keys in sorted(wrong, key=str, reverse=True):
            holder: Any = values
            for key in keys[:-1]:
                holder = holder[key]
            del holder[keys[-1]]
        return model.model_validate(values)
    except (KeyError, IndexError, TypeError, ValidationError):
        return None


def _sentence(model: type[BaseModel], error: ErrorDetails) -> str:
    given = _short(error["input"])
    if error["type"] == "extra_forbidden":
        return _unknown_key(model, error)
    if error["type"] == "enum":
        return _unknown_term(model, error)
    template = _SENTENCES.get(error["type"], error["msg"].replace("{", "{{").replace("}", "}}"))
    return template.format(given=given, **error.get("ctx", {}))


def _unknown_key(model: type[BaseModel], error: ErrorDetails) -> str:
    *parents, key = _keys(error)
    holder = _class_at(model, tuple(parents), BaseModel)
    allowed = ", ".join(holder.model_fields) if holder else "nothing"
    return f"{str(key)!r} is not a key here; allowed are {allowed}."


def _unknown_term(model: type[BaseModel], error: ErrorDetails) -> str:
    vocabulary = _class_at(model, _keys(error), Term)
    allowed = ", ".join(each.value for each in vocabulary) if vocabulary else ""
    given = error["input"]
    suggestion = meant(vocabulary, given) if vocabulary and isinstance(given, str) else None
    hint = f". Did you mean {suggestion!r}?" if suggestion else "."
    return f"{_short(given)} is not one of {allowed}{hint}"


def _short(given: object) -> str:
    said = {type(None): "nothing", dict: "keys and values", list: "a list"}.get(type(given))
    return said or repr(given if len(str(given)) <= 40 else f"{str(given)[:40]}…")


Sort = TypeVar("Sort")


def _class_at(model: type[BaseModel], keys: KeyPath, sort: type[Sort]) -> type[Sort] | None:
    """The model or vocabulary that governs the value at ``keys``."""
    annotation: Any = model
    for key in keys:
        annotation = _step(_bare(annotation), key)
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, sort) else None


def _step(annotation: Any, key: str | int) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(key))
        return field.annotation if field else None
    arguments = get_args(annotation)
    return arguments[1 if get_origin(annotation) is dict else 0] if arguments else None


def _bare(annotation: Any) -> Any:
    """``X`` for ``X | None``."""
    arguments = get_args(annotation)
    return arguments[0] if type(None) in arguments else annotation
