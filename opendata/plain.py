"""Values of this house as plain JSON types, and the fingerprints taken over them.

How the processing record spells its lines is ``record.py``.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from functools import cache
from typing import Any

JsonValue = Any
_JSON_SCALARS = frozenset({str, int, float, bool, type(None)})


def fingerprint_of(value: object) -> str:
    """SHA-256 of a value's canonical JSON: equal exactly when the values mean the same."""
    canonical = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: Any) -> JsonValue:
    """A value of this house as JSON types: terms by code, dates in ISO, dataclasses as objects.

    >>> from opendata.vocabulary import Openness
    >>> plain({"openness": Openness.CONDITIONAL, "on": date(2026, 1, 5)})
    {'openness': 'conditional', 'on': '2026-01-05'}
    """
    kind: Any = type(value)
    if kind in _JSON_SCALARS:  # nearly everything, and a thousand entries hold half a million
        return value
    if names := _names(kind):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):  # a set has no order, so it has no canonical spelling
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass; none where it is none."""
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(each.name for each in dataclasses.fields(kind))
