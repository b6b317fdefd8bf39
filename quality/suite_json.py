"""A suite as Great Expectations stores it, both ways, without importing Great Expectations.

What that format has no place for (our id, the indicator, what a failure does) travels in ``meta``.
Text written here, read by real Great Expectations and written again is the same JSON
(``tests/quality/test_gx.py``). What the rules mean is ``plan.py``.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from opendata.errors import CatalogError, Problem
from opendata.findings import Expectation
from opendata.indicators import INDICATORS, dimension_of
from opendata.vocabulary import OnFail, Severity

_META = ("id", "indicator", "dimension", "on_fail")
# Great Expectations leaves out what it would assume anyway; so do we, or nothing round-trips.
_ASSUMED: Mapping[str, tuple[Any, ...]] = {
    "mostly": (1, 1.0),
    "strict_min": (False,),
    "strict_max": (False,),
    "ignore_row_if": ("both_values_are_missing", "all_values_are_missing"),
}


@cache
def gx_version() -> str:
    """The version of Great Expectations whose formats are written."""
    return version("great_expectations")


def to_suite_json(dataset_id: str, expectations: Sequence[Expectation]) -> str:
    """The suite as the text of a Great Expectations suite file."""
    suite = {
        "name": dataset_id,
        "id": None,
        "expectations": [configuration(each) for each in expectations],
        "meta": {"great_expectations_version": gx_version()},
        "notes": None,
    }
    return json.dumps(suite, ensure_ascii=False, indent=2)


def from_suite_json(text: str) -> tuple[Expectation, ...]:
    """The expectations of a suite file, hand-edited or ours.

    Raises:
        CatalogError: it is not a suite, or a rule lacks the meta that says what it is for.
    """
    try:
        written = json.loads(text)["expectations"]
    except (ValueError, KeyError, TypeError):
        problem = Problem(where="suite", message="is not the JSON of a Great Expectations suite")
        raise CatalogError([problem]) from None
    problems = [
        problem for number, each in enumerate(written, 1) for problem in _wrong(each, number)
    ]
    if problems:
        raise CatalogError(problems)
    return tuple(map(_expectation, written))


def configuration(expectation: Expectation) -> Mapping[str, Any]:
    """One expectation as Great Expectations' configuration object, ready for JSON."""
    given = {**expectation.kwargs, "mostly": expectation.mostly}
    kept = {name: value for name, value in given.items() if value not in _ASSUMED.get(name, ())}
    return {
        "type": expectation.type,
        "kwargs": dict(sorted(kept.items())),
        "meta": {
            "id": expectation.id,
            "indicator": expectation.indicator,
            "dimension": expectation.dimension.code,
            "on_fail": expectation.on_fail.value,
        },
        "description": expectation.description,
        "severity": expectation.severity.value,
    }


def _expectation(written: Mapping[str, Any]) -> Expectation:
    kwargs = dict(written["kwargs"])
    meta = written["meta"]
    return Expectation(
        id=meta["id"],
        type=written["type"],
        mostly=float(kwargs.pop("mostly", 1.0)),
        kwargs=kwargs,
        dimension=dimension_of(meta["indicator"]),
        indicator=meta["indicator"],
        description=written.get("description") or meta["id"],
        severity=Severity(written.get("severity", Severity.CRITICAL.value)),
        on_fail=OnFail(meta["on_fail"]),
    )


def _wrong(written: Mapping[str, Any], number: int) -> list[Problem]:
    where = f"suite expectations[{number}]"
    absent = [name for name in ("type", "kwargs", "meta") if name not in written]
    absent += [f"meta.{name}" for name in _META if name not in written.get("meta", {})]
    if absent:
        return [Problem(where=where, message=f"lacks {', '.join(absent)}")]
    meta = written["meta"]
    allowed = [each.value for each in OnFail]
    return [
        Problem(where=where, message=f"meta.{name} is {meta[name]!r}; use one of {known}")
        for name, known in (("indicator", list(INDICATORS)), ("on_fail", allowed))
        if meta[name] not in known
    ]
