"""YAML as text with line numbers: scalars as they were written, and where each key stands.

What a key means is ``catalog_schema.py``. YAML 1.1's own guesses (``0503`` as octal 323, ``no`` as
false, dates as dates) are not made here: every scalar stays text and the schema decides. Only under
``kwargs``, whose values have no schema of ours, are numbers and booleans resolved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import yaml

from opendata.errors import CatalogError, Problem

KeyPath = tuple[str | int, ...]

_TYPED_KEY = "kwargs"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_GUESSES = yaml.resolver.Resolver()
_BOOL, _INT, _FLOAT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlText:
    """One YAML file: its values, and its text, from which lines are counted when one is asked."""

    path: str
    values: dict[str, Any]
    text: str

    def problem(self, keys: KeyPath, message: str) -> Problem:
        """A problem at ``keys``, or at the nearest key above that the file really has."""
        dotted = ".".join(str(key) for key in keys)
        return Problem(where=f"{self.path}:{self.line(keys)} {dotted}".rstrip(), message=message)

    def line(self, keys: KeyPath) -> int:
        """The 1-based line of the key at ``keys``, or of the nearest key above it."""
        node, line = _tree(self.text), 1
        for key in keys:
            found = _entry(node, key)
            if found is None:
                return line
            mark, node = found
            line = mark.line + 1
        return line


def read_yaml(path: str, text: str) -> YamlText:
    """Read a file whose top level is a mapping.

    Raises:
        CatalogError: it is not YAML, not a mapping, repeats a key, or uses an alias.
    """
    try:
        root = _composed(text)
    except yaml.YAMLError as error:
        raise CatalogError([_not_yaml(path, error)]) from None
    if not isinstance(root, yaml.MappingNode):
        raise CatalogError([Problem(where=f"{path}:1", message="expected keys and values.")])
    problems = [Problem(where=where, message=said) for where, said in _faults(path, root, set())]
    if problems:
        raise CatalogError(problems)
    return YamlText(path=path, values=_value(root), text=text)


def _composed(text: str) -> yaml.Node:
    return cast("yaml.Node", yaml.compose(text, Loader=yaml.CBaseLoader))


# Trees are kept for files with problems only: keeping a thousand doubles the time of reading them.
_tree = lru_cache(maxsize=4)(_composed)


def _not_yaml(path: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    said = getattr(error, "problem", None) or getattr(error, "reason", "unreadable characters")
    return Problem(where=f"{path}:{line}", message=f"this is not YAML: {said}.")


def _faults(path: str, node: yaml.Node, seen: set[int]) -> Iterator[tuple[str, str]]:
    if not isinstance(node, yaml.CollectionNode):
        return
    where = f"{path}:{node.start_mark.line + 1}"
    if id(node) in seen:
        yield where, "anchors and aliases are not read; write the values out."
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _faults(path, item, seen)
        return
    keys: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield where, "a key must be plain text."
            continue
        if key.value in keys:
            yield (
                f"{path}:{key.start_mark.line + 1} {key.value}",
                f"the key {key.value!r} stands here a second time; keep one.",
            )
        keys.add(key.value)
        yield from _faults(path, value, seen)


def _entry(node: yaml.Node, key: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark, node.value[key]
    return None


def _value(node: yaml.Node, *, typed: bool = False) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {
            key.value: _value(value, typed=typed or key.value == _TYPED_KEY)
            for key, value in node.value
        }
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, typed=typed) for item in node.value]
    if not isinstance(node, yaml.ScalarNode):
        return None
    plain = not node.style
    if plain and node.value in _NULLS:
        return None
    return _resolved(node.value) if typed and plain else node.value


def _resolved(text: str) -> Any:
    tag = _GUESSES.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag == _BOOL:
        return text.lower() in {"true", "yes", "on"}
    if tag == _INT and text.lstrip("+-").isdigit():
        return int(text)
    return float(text) if tag == _FLOAT else text
