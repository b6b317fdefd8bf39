"""Drift: a new standardised version beside the last released ones, as rules of its suite.

Five types of our own namespace, each with its dimension and indicator. A rule that has nothing to
compare with gives no result, so that it is 未评估. Sentences hold counts and titles, never a value.
What is compared is counted by ``profile.py`` and ``churn.py``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log
from statistics import median
from typing import Any

from opendata.catalog import Dataset
from opendata.drift import DriftRule
from opendata.findings import Expectation, RuleResult
from opendata.indicators import dimension_of
from opendata.vocabulary import Load
from quality.churn import Churn
from quality.profile import Profile

NOISE = 0.02
"""An index that chance alone would bring about on average; with fewer rows nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftType:
    """What a rule on changes is called in a suite, and the indicator of GB/T 36344 it bears on."""

    id: str
    indicator: str


DRIFT_TYPES: Mapping[str, DriftType] = {
    "expect_table_row_count_not_to_swing": DriftType(id="rows_as_before", indicator="0501"),
    "expect_table_null_rates_not_to_rise": DriftType(id="filled_as_before", indicator="0201"),
    "expect_table_keys_not_to_churn": DriftType(id="keys_as_before", indicator="0202"),
    "expect_table_categories_not_to_drift": DriftType(id="divided_as_before", indicator="0501"),
    "expect_table_to_change_when_updated": DriftType(id="updated_and_changed", indicator="0502"),
}

Place = Callable[[str, str], int | None]
"""The place of a digest among the codes of a field, from 1; None where it is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What only the rows of both versions can tell; None where it was not asked."""

    churn: Churn | None = None
    unchanged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """A version with the profiles of those released before it, oldest first, at least one.

    ``release`` names the last of these.
    """

    dataset: Dataset
    release: str
    now: Profile
    before: Sequence[Profile]
    measured: Measured
    place: Place

    @property
    def last(self) -> Profile:
        """The last released version."""
        return self.before[-1]

    def title(self, name: str) -> str:
        """A field as people call it, in quotes."""
        return f"“{self.dataset.field(name).title}”"


def drift_results(given: Succession) -> tuple[RuleResult, ...]:
    """One result a rule that is judged and has something to compare with."""
    return tuple(result for rule in _RULES for result in rule(given))


def psi(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """The population stability index of two divisions; 0 where they divide alike.

    Half a row is added to every value, so that one that is new or gone has an index at all.

    >>> round(psi({"a": 500, "b": 500}, {"a": 800, "b": 200}), 2)
    0.42
    """
    values = {*before, *now}
    old, new = (_shares(each, values) for each in (before, now))
    return sum((new[each] - old[each]) * log(new[each] / old[each]) for each in values)


def _shares(counted: Mapping[str, int], values: set[str]) -> Mapping[str, float]:
    whole = sum(counted.values()) + len(values) / 2
    return {each: (counted.get(each, 0) + 0.5) / whole for each in values}


def _rows(given: Succession) -> Iterator[RuleResult]:
    rule = given.dataset.quality.drift.rows
    used = [each.rows for each in given.before[-rule.versions :]]
    usual, rows = median(used), given.now.rows
    if not rule.judged or not usual:
        return
    swing = Fraction(rows - usual) / Fraction(usual)
    # What adds to what was there grows; only shrinking says that something was lost.
    counted = abs(swing) if given.dataset.load is Load.SNAPSHOT else -swing
    beside = "上一个已开放版本" if len(used) == 1 else f"前 {len(used)} 个已开放版本的中位数"
    yield _result(
        "expect_table_row_count_not_to_swing",
        rule,
        f"条数与{beside}相比，变动不应超过 {_percent(rule.max_swing)}",
        told=f"由 {usual:.15g} 条变为 {rows} 条，变动 {float(swing):+.2%}",
        kwargs={
            "before": given.release,
            "versions": rule.versions,
            "max_swing": rule.max_swing,
            "may_grow": given.dataset.load is not Load.SNAPSHOT,
        },
        success=counted <= Fraction(str(rule.max_swing)),
        broken=min(ceil(abs(rows - usual)), ceil(usual)),
        of=ceil(usual),
    )


def _nulls(given: Succession) -> Iterator[RuleResult]:
    rule, now, last = given.dataset.quality.drift.nulls, given.now, given.last
    both = [name for name in now.nulls if name in last.nulls]
    if not rule.judged or not both or not now.rows or not last.rows:
        return
    rates = {
        name: (Fraction(last.nulls[name], last.rows), Fraction(now.nulls[name], now.rows))
        for name in both
    }
    most = Fraction(str(rule.max_points)) / 100
    risen = {name: ends for name, ends in rates.items() if ends[1] - ends[0] > most}
    told = "；".join(
        f"{given.title(name)}由 {float(old):.2%} 升至 {float(new):.2%}，"
        f"现有 {now.nulls[name]} 条为空"
        for name, (old, new) in risen.items()
    )
    yield _result(
        "expect_table_null_rates_not_to_rise",
        rule,
        f"各数据项的空值率与上一个已开放版本相比，上升不应超过 {rule.max_points:g} 个百分点",
        told=told or f"{len(both)} 个数据项均未超过",
        kwargs={"before": given.release, "column_list": both, "max_points": rule.max_points},
        success=not risen,
        broken=len(risen),
        of=len(both),
    )


def _keys(given: Succession) -> Iterator[RuleResult]:
    rule, found = given.dataset.quality.drift.keys, given.measured.churn
    if not rule.judged or found is None or not found.before:
        return
    changed = "" if found.changed is None else f"，变化 {found.changed} 条"
    share = Fraction(found.removed, found.before)
    yield _result(
        "expect_table_keys_not_to_churn",
        rule,
        f"上一个已开放版本的主键，减少不应超过 {_percent(rule.max_removed)}",
        told=f"减少 {found.removed} 条（{float(share):.2%}），新增 {found.added} 条{changed}",
        kwargs={
            "before": given.release,
            "column_list": list(given.dataset.keys),
            "max_removed": rule.max_removed,
        },
        success=share <= Fraction(str(rule.max_removed)),
        broken=found.removed,
        of=found.before,
    )


def _categories(given: Succession) -> Iterator[RuleResult]:
    rule, now, last = given.dataset.quality.drift.categories, given.now, given.last
    indices = {
        name: psi(last.categories[name], counted)
        for name, counted in now.categories.items()
        if name in last.categories and _can_tell(last.categories[name], counted)
    }
    if not rule.judged or not indices:
        return
    drifted = {name: index for name, index in indices.items() if index > rule.max_psi}
    told = "；".join(
        f"{given.title(name)}的 PSI 为 {index:.2f}，{_moved(given, name)}"
        for name, index in drifted.items()
    )
    yield _result(
        "expect_table_categories_not_to_drift",
        rule,
        f"取值较少的数据项，其分布与上一个已开放版本相比应稳定（PSI 不超过 {rule.max_psi:g}）",
        told=told or f"{len(indices)} 个数据项，PSI 最高 {max(indices.values()):.2f}",
        kwargs={"before": given.release, "column_list": list(indices), "max_psi": rule.max_psi},
        success=not drifted,
        broken=len(drifted),
        of=len(indices),
    )


def _can_tell(before: Mapping[str, int], now: Mapping[str, int]) -> bool:
    """Whether there are categories, and rows enough that chance does not look like drift."""
    rows = [sum(each.values()) for each in (before, now)]
    # A field with one value labels its version, as a month does, and moves with every one.
    if len(before) < 2 or not all(rows):
        return False
    return (len({*before, *now}) - 1) * sum(1 / each for each in rows) <= NOISE


def _moved(given: Succession, name: str) -> str:
    """The value that moved most, by its place among the codes, and how many came and went."""
    before, now = (each.categories[name] for each in (given.last, given.now))
    values = {*before, *now}
    old, new = (_shares(each, values) for each in (before, now))
    most = max(
        sorted(values), key=lambda each: (new[each] - old[each]) * log(new[each] / old[each])
    )
    at = given.place(name, most)
    shares = [each.get(most, 0) / sum(each.values()) for each in (before, now)]
    return (
        f"变化最大的{'取值' if at is None else f'代码表第 {at} 项'}由 {shares[0]:.1%} 变为 "
        f"{shares[1]:.1%}，新出现 {len(now.keys() - before.keys())} 种、"
        f"消失 {len(before.keys() - now.keys())} 种取值"
    )


def told_of(dataset: Dataset) -> list[str]:
    """What an update must change something of: a new date on old rows is no update."""
    fields = [each for each in dataset.fields if each.name != dataset.data_time.field]
    told = fields if any(not each.key for each in fields) else dataset.fields
    return [each.name for each in told]


def _unchanged(given: Succession) -> Iterator[RuleResult]:
    rule, same = given.dataset.quality.drift.unchanged, given.measured.unchanged
    promised = given.dataset.update_frequency
    if not rule.judged or same is None or promised is None:
        return
    yield _result(
        "expect_table_to_change_when_updated",
        rule,
        f"承诺{promised.value}更新，新交付的数据应与上一个已开放版本不同",
        told=f"更新了但没变：数据时间以外，{given.now.rows} 条逐条相同" if same else "有变化",
        kwargs={"before": given.release, "column_list": told_of(given.dataset)},
        success=not same,
        broken=1,
        of=1,
    )


def _result(  # noqa: PLR0913 - a rule, what was found of it, and nothing else
    type_: str,
    rule: DriftRule,
    says: str,
    *,
    told: str,
    kwargs: Mapping[str, Any],
    success: bool,
    broken: int,
    of: int,
) -> RuleResult:
    """A rule with what was found: ``broken`` of ``of`` where it did not succeed, else none.

    A broken rule says what was found in its sentence, for the gate quotes it. What changed within
    the limits is the course of things and takes nothing off the score.
    """
    kind = DRIFT_TYPES[type_]
    expectation = Expectation(
        id=kind.id,
        type=type_,
        kwargs=kwargs,
        dimension=dimension_of(kind.indicator),
        indicator=kind.indicator,
        description=says if success else f"{says}（{told}）",
        severity=rule.severity,
        on_fail=rule.on_fail,
    )
    return RuleResult(
        expectation=expectation,
        rows=of,
        missing=0,
        unexpected=0 if success else broken,
        success=success,
        observed=told,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.6g}%"


_RULES: tuple[Callable[[Succession], Iterator[RuleResult]], ...] = (
    _rows,
    _nulls,
    _keys,
    _categories,
    _unchanged,
)
