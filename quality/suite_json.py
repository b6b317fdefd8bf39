"""A suite as Great Expectations stores it, both ways, without importing Great Expectations.

What that format has no place for (our id, the indicator, what a failure does) travels in ``meta``.
Text written here, read by real Great Expectations and written again is the same JSON
(``tests/quality/test_gx.py``). What the rules mean is ``plan.py``.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    "match_on": ("any",),
    "exact_match": (True,),
    "strict_min": (False,),
    "strict_max": (False,),
    "method": ("iqr",),
    "multiplier": (1.5,),
    "internal_weight_holdout": (0,),
    "tail_weight_holdout": (0,),
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
    written = _rules_of(text)
    problems = [
        problem for number, each in enumerate(written, 1) for problem in _wrong(each, number)
    ]
    if problems:
        raise CatalogError(problems)
    return tuple(map(_expectation, written))


def _rules_of(text: str) -> list[Any]:
    """The list of rules in a suite's text, not looked into yet; numbers JSON has none for go."""
    try:
        suite = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = f"suite line {error.lineno} column {error.colno}"
        raise _no_suite(f": {error.msg}", where) from None
    except ValueError as error:
        raise _no_suite(f": {error}") from None
    rules = suite.get("expectations") if isinstance(suite, dict) else None
    if not isinstance(rules, list):
        raise _no_suite(": it has no list `expectations`")
    return rules


def _no_suite(why: str, where: str = "suite") -> CatalogError:
    message = f"is not the JSON of a Great Expectations suite{why}"
    return CatalogError([Problem(where=where, message=message)])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two equal ones JSON would keep the last without a word."""
    names = Counter(name for name, _ in pairs)
    if twice := [name for name, times in names.items() if times > 1]:
        raise ValueError(f"an object has the name {twice[0]!r} more than once")
    return dict(pairs)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


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


def _wrong(written: Any, number: int) -> list[Problem]:
    where = f"suite expectations[{number}]"
    if not isinstance(written, dict):
        return [Problem(where=where, message="is not an object")]
    told = [_lacking(written), *_of_wrong_kind(written)]
    return [Problem(where=where, message=each) for each in told if each]


def _lacking(written: Mapping[str, Any]) -> str:
    absent = [name for name in ("type", "kwargs", "meta") if name not in written]
    meta = written.get("meta", {})
    if isinstance(meta, dict):
        absent += [f"meta.{name}" for name in _META if name not in meta]
    return f"lacks {', '.join(absent)}" if absent else ""


def _of_wrong_kind(written: Mapping[str, Any]) -> Iterator[str]:
    kwargs, meta = written.get("kwargs", {}), written.get("meta", {})
    for name, value in (("kwargs", kwargs), ("meta", meta)):
        if not isinstance(value, dict):
            yield f"{name} is not an object"
            return
    mostly = kwargs.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 <= mostly <= 1:
        yield f"kwargs.mostly is {mostly!r}; use a number from 0 to 1"
    texts = {"type": written.get("type", ""), "meta.id": meta.get("id", "")}
    yield from (f"{name} is not text" for name, each in texts.items() if not isinstance(each, str))
    severities = [each.value for each in Severity]
    for name, value, known in (
        ("meta.indicator", meta.get("indicator"), list(INDICATORS)),
        ("meta.on_fail", meta.get("on_fail"), [each.value for each in OnFail]),
        ("severity", written.get("severity", severities[0]), severities),
    ):
        if value is not None and value not in known:
            yield f"{name} is {value!r}; use one of {known}"
