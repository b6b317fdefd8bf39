"""A catalog entry written as YAML, the way people of this house write one.

Only writing: keys in the order of the schema, Chinese without quotes where YAML allows it, short
mappings in braces, comments where they are asked for. What is written reads back through
``catalog_file.py`` as the same values; whether those are right is not judged here.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from opendata.catalog_schema import EntryFile

Path = tuple[str | int, ...]

WIDTH = 100
_STEP = 2
_BARE_KEYS = frozenset({"minimum", "maximum", "listed_on", "fixed"})
"""Keys whose schema takes what looks like a number or a day, so that it needs no quotes."""

_LOOKS_TYPED = re.compile(
    r"[-+]?(?:[0-9][0-9_,]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?0[xob][0-9A-Fa-f_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[-+]?\.(?:inf|nan)|~|=|<<"
    r"|null|true|false|yes|no|on|off|y|n",
    re.IGNORECASE,
)
_NOT_PLAIN = re.compile(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|\s$|:(?:\s|$)|\s#"
    r"|[^\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NOT_IN_BRACES = re.compile(r"[,\[\]{}:?]")
_ESCAPED = re.compile("[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NO_COMMENTS: Mapping[Path, str] = MappingProxyType({})


def entry_yaml(values: Mapping[str, Any], *, comments: Mapping[Path, str] = _NO_COMMENTS) -> str:
    """The text of an entry; ``values`` are spelled as in a catalog file, or are terms and days.

    A comment belongs to the key its path names, ``()`` being the head of the file. One line goes
    behind a short value, several go above it. Where the key has no value the comment stands in its
    place, so that a proposal can be left out and still be told. A key whose value is None is left
    out, except under ``kwargs``, where None is an argument.

    >>> print(entry_yaml({"title": "企业登记", "id": "register", "formats": ("CSV",)},
    ...                  comments={("openness",): "由数据管理员确定"}), end="")
    id: register
    title: 企业登记
    formats: [CSV]
    # 由数据管理员确定
    """
    said = _said(comments)
    lines = [f"# {line}".rstrip() for line in said.lines.get((), ())]
    lines += _mapping(values, EntryFile, (), said)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Said:
    """Comments by the path of their key: ``told`` has the keys commented right beneath a path."""

    lines: Mapping[Path, tuple[str, ...]]
    told: Mapping[Path, tuple[str, ...]]
    explained: frozenset[Path]
    """Paths with a comment somewhere beneath them."""


def _said(comments: Mapping[Path, str]) -> Said:
    told: dict[Path, list[str]] = {}
    for path in comments:
        if path and isinstance(path[-1], str):
            told.setdefault(path[:-1], []).append(path[-1])
    return Said(
        lines={path: tuple(text.splitlines()) for path, text in comments.items()},
        told={path: tuple(keys) for path, keys in told.items()},
        explained=frozenset(path[:end] for path in comments for end in range(len(path))),
    )


def _mapping(values: Mapping[str, Any], model: Any, at: Path, said: Said) -> Iterator[str]:
    indent = " " * (_STEP * len([each for each in at if isinstance(each, str)]))
    for key in _ordered(values, model, at, said.told.get(at, ())):
        path = (*at, key)
        value = values.get(key)
        if value is None and "kwargs" not in at:
            yield from (f"{indent}# {line}".rstrip() for line in said.lines[path])
            continue
        head = f"{indent}{_scalar(key, path)}:"
        yield from _commented(_node(head, value, _below(model, key), path, said), path, said)


def _ordered(
    values: Mapping[str, Any], model: Any, at: Path, told: Sequence[str] = ()
) -> list[str]:
    """The keys to write: those of the schema as it has them, then any others as they come."""
    given = [key for key, value in values.items() if value is not None or "kwargs" in at]
    keys = dict.fromkeys([*given, *told])
    known = tuple(model.model_fields) if _is_model(model) else ()
    return [*(key for key in known if key in keys), *(key for key in keys if key not in known)]


def _node(head: str, value: Any, model: Any, path: Path, said: Said) -> list[str]:
    """The lines of one key, its value in braces where that fits and nothing inside is explained."""
    short = f"{head} {_flow(value, model, path)}"
    if not isinstance(value, Mapping | list | tuple):
        return [f"{head} {_scalar(value, path)}"]
    if not value or (
        len(short) <= WIDTH and path not in said.explained and _may_be_short(value, path)
    ):
        return [short]
    if isinstance(value, Mapping):
        return [head, *_mapping(value, model, path, said)]
    return [head, *_sequence(value, _item(model), path, said)]


def _may_be_short(value: Any, path: Path) -> bool:
    """Braces hold scalars and lists of them; an entry's fields stand one a line."""
    if path in {("fields",), ("sources",)}:
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return path[-1] == "kwargs" or not any(_nested(each) for each in inner)


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple)
        and any(isinstance(each, Mapping | list | tuple) for each in value)
    )


def _sequence(values: Sequence[Any], model: Any, path: Path, said: Said) -> Iterator[str]:
    indent = " " * (_STEP * len([each for each in path if isinstance(each, str)]))
    for place, value in enumerate(values):
        here = (*path, place)
        if not isinstance(value, Mapping) or not value:
            yield from _commented([f"{indent}- {_flow(value, model, here)}"], here, said)
            continue
        lines = [f"{_STEP * ' '}{line}" for line in _mapping(value, model, here, said)]
        first = next(place for place, line in enumerate(lines) if line.lstrip()[:1] != "#")
        lines[first] = f"{indent}- {lines[first].removeprefix(indent).lstrip()}"
        yield from (f"{indent}# {line}".rstrip() for line in said.lines.get(here, ()))
        yield from lines


def _commented(lines: list[str], path: Path, said: Said) -> list[str]:
    remarks = said.lines.get(path, ())
    if len(remarks) == 1 and len(lines) == 1 and len(lines[0]) + len(remarks[0]) + 4 <= WIDTH:
        return [f"{lines[0]}  # {remarks[0]}"]
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return [*(f"{indent}# {remark}".rstrip() for remark in remarks), *lines]


def _flow(value: Any, model: Any, path: Path) -> str:
    if isinstance(value, Mapping):
        keys = _ordered(value, model, path)
        parts = [
            f"{_scalar(key, (), braces=True)}: "
            f"{_flow(value[key], _below(model, key), (*path, key))}"
            for key in keys
        ]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each, None, (*path, 0)) for each in value) + "]"
    return _scalar(value, path, braces=True)


# --- Scalars -------------------------------------------------------------------------------


def _scalar(value: Any, path: Path, *, braces: bool = False) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int | date):
        return str(value) if isinstance(value, int) else value.isoformat()
    return _text(str(value), bare=path[-1:] and path[-1] in _BARE_KEYS, braces=braces)


def _float(value: float) -> str:
    """As YAML 1.1 resolves it: with a point, also where there is an exponent."""
    text = repr(value)
    return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text


def _text(text: str, *, bare: Any, braces: bool) -> str:
    typed = not bare and _LOOKS_TYPED.fullmatch(text)
    plain = text and not typed and not _NOT_PLAIN.search(text)
    if plain and not (braces and _NOT_IN_BRACES.search(text)):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


# --- The schema ----------------------------------------------------------------------------


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(model: Any, key: str) -> Any:
    """The type of the value at ``key`` of a model, or of a mapping by name."""
    if _is_model(model):
        field = model.model_fields.get(key)
        return _bare(field.annotation) if field else None
    return _item(model) if get_origin(model) is dict else None


def _item(kind: Any) -> Any:
    """The type of the members of a list or of a mapping."""
    arguments = [each for each in get_args(kind) if each is not ...]
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: Any) -> Any:
    """``X`` for ``X | None``."""
    if get_origin(annotation) in {Union, UnionType}:
        return next(each for each in get_args(annotation) if each is not type(None))
    return annotation
