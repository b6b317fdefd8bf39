"""Rules that hold a table beside another, counted in pandas and plain Python.

Great Expectations asks this of a batch where ours is a query: nothing of those queries is used
here, or one opinion would be held against itself. What the counts mean is told in
``docs/gx-differences.md``.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from quality.agreement import AGREES
from quality.gx.held import authority_of, before

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a rule found: ``unexpected`` of the ``rows`` that are not ``missing``."""

    success: bool
    rows: int
    unexpected: int
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """How a type is counted on a batch, and its arguments, by name, all of them needed."""

    count: Callable[[Any, Given], Count]
    arguments: Mapping[str, type]


def _agreement(frame: Any, given: Given) -> Count:
    """Each row that has a value and a whole key meets the authority's row of that key."""
    ours = frame[[given["column"]]].set_axis(["ours"], axis=1)
    keys = [f"k{at}" for at in range(len(given["column_list"]))]
    for key, column in zip(keys, given["column_list"], strict=True):
        ours[key] = frame[column]
    whole = ours.dropna()
    met = whole.merge(authority_of(given).dropna(subset=keys), how="left", on=keys)
    found = met[met["theirs"].notna()]
    differ = int((found["ours"] != found["theirs"]).sum())
    incomplete = len(ours) - len(whole)
    return Count(
        success=differ == 0,
        rows=incomplete + len(met),
        missing=incomplete + len(met) - len(found),
        unexpected=differ,
    )


def _swing(frame: Any, given: Given) -> Count:
    """The rows beside the median of the versions before; what may grow may only not shrink."""
    usual = Fraction(median(before(given["before"]).kept.rows[-given["versions"] :]))
    off = len(frame) - usual
    moved = max(-off, Fraction(0)) if given["may_grow"] else abs(off)
    within = moved <= usual * _limit(given["max_swing"])
    of = math.ceil(usual)
    return _changed(success=within, unexpected=min(math.ceil(abs(off)), of), rows=of)


def _nulls(frame: Any, given: Given) -> Count:
    """Each field's share of empty values beside what it was; a field whose share rose too far."""
    kept = before(given["before"]).kept
    most = _limit(given["max_points"]) / 100
    empty = frame.isna().sum()
    rose = [
        Fraction(int(empty[name]), len(frame)) - Fraction(kept.nulls[name], kept.rows[-1])
        for name in given["column_list"]
    ]
    risen = sum(each > most for each in rose)
    return _changed(success=not risen, unexpected=risen, rows=len(rose))


def _keys(frame: Any, given: Given) -> Count:
    """The earlier rows whose key is nowhere any more, of those with a whole key."""
    names = given["column_list"]
    now = set(frame[names].dropna().itertuples(index=False, name=None))
    were = list(before(given["before"]).rows[names].dropna().itertuples(index=False, name=None))
    gone = sum(key not in now for key in were)
    within = gone <= len(were) * _limit(given["max_removed"])
    return _changed(success=within, unexpected=gone, rows=len(were))


def _categories(frame: Any, given: Given) -> Count:
    """Each field's population stability index, half a row added to every value."""
    kept = before(given["before"]).kept
    drifted = sum(
        _index(kept.categories[name], Counter(frame[name].dropna())) > given["max_psi"]
        for name in given["column_list"]
    )
    return _changed(success=not drifted, unexpected=drifted, rows=len(given["column_list"]))


def _index(were: Mapping[str, int], are: Mapping[str, int]) -> float:
    values = sorted({*were, *are})
    old, new = ([counted.get(each, 0) + 0.5 for each in values] for counted in (were, are))
    old, new = ([each / math.fsum(side) for each in side] for side in (old, new))
    return math.fsum((b - a) * math.log(b / a) for a, b in zip(old, new, strict=True))


def _unchanged(frame: Any, given: Given) -> Count:
    """All rows together, in whatever order: one table, which is the same or is not."""
    names, were = given["column_list"], before(given["before"]).rows
    same = set(names) <= set(were.columns) and _rows(frame[names]) == _rows(were[names])
    return _changed(success=not same, unexpected=1, rows=1)


def _rows(frame: Any) -> Counter[tuple[Any, ...]]:
    """How often each row is there; what is empty equals what is empty."""
    told = frame.astype(object).where(frame.notna(), None)
    return Counter(told.itertuples(index=False, name=None))


def _changed(*, success: bool, unexpected: int, rows: int) -> Count:
    """What changed within the limits is the course of things and counts as nothing."""
    return Count(success=success, rows=rows, unexpected=0 if success else unexpected)


def _limit(number: float) -> Fraction:
    """A limit as it is written: 0.3 is three tenths, which no float is."""
    return Fraction(str(number))


COUNTED: Mapping[str, Beside] = {
    AGREES: Beside(
        count=_agreement,
        arguments={"column": str, "authority": str, "column_list": list, "authority_keys": list},
    ),
    "expect_table_row_count_not_to_swing": Beside(
        count=_swing,
        arguments={"before": str, "versions": int, "max_swing": float, "may_grow": bool},
    ),
    "expect_table_null_rates_not_to_rise": Beside(
        count=_nulls, arguments={"before": str, "column_list": list, "max_points": float}
    ),
    "expect_table_keys_not_to_churn": Beside(
        count=_keys, arguments={"before": str, "column_list": list, "max_removed": float}
    ),
    "expect_table_categories_not_to_drift": Beside(
        count=_categories, arguments={"before": str, "column_list": list, "max_psi": float}
    ),
    "expect_table_to_change_when_updated": Beside(
        count=_unchanged, arguments={"before": str, "column_list": list}
    ),
}
"""Our types that are about more than one table."""
