"""What the rules of a kept judgement were held against, as far as it is still there.

An authority may have changed since, an earlier version's rows go when the next one is released:
such rules are told with the reason and not compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assets.dossier import Dossier
from assets.drift import earlier_versions
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import Expectation, QualityReport
from opendata.vocabulary import OnConflict
from quality.agreement import AGREES
from quality.drift import DRIFT_TYPES
from quality.earlier import OF_ROWS, Earlier

_UNNAMED = "评价时没有记下所对照的数据，重新治理后可以比较"
_NO_ROWS = "所对比版本的表在新版本开放后不再保留，只留有计数"
_GONE = {
    "expect_table_row_count_not_to_swing": "部分较早版本的条数不再保留",
    "expect_table_null_rates_not_to_rise": "所对比版本的空值计数不再保留",
    "expect_table_keys_not_to_churn": _NO_ROWS,
    "expect_table_categories_not_to_drift": "没有评价时的密钥，不能对上所对比版本的类别",
    "expect_table_to_change_when_updated": _NO_ROWS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What can be given along with the table, and in Chinese, by rule, what is ``gone``."""

    earlier: Earlier | None
    gone: Mapping[str, str]


def references_of(
    workshop: Workshop, dataset: Dataset, dossier: Dossier, report: QualityReport
) -> References:
    """What can still be held beside the table that ``report`` is about."""
    rules = [each.expectation for each in report.results]
    agreed = [each for each in rules if each.type == AGREES]
    changes = [each for each in rules if each.type in DRIFT_TYPES]
    earlier = _earlier(workshop, dataset, dossier, changes)
    gone = dict(_changed_authorities(workshop, dossier, agreed))
    gone |= {each.id: why for each in changes if (why := _why_gone(each, earlier))}
    return References(earlier=earlier, gone=gone)


def _changed_authorities(
    workshop: Workshop, dossier: Dossier, rules: list[Expectation]
) -> Iterator[tuple[str, str]]:
    found = {each.field: each for each in dossier.agreements}
    replaced = any(
        each.differ and each.policy is OnConflict.AUTHORITY_WINS for each in found.values()
    )
    for rule in rules:
        agreement = found.get(rule.column or "")
        if agreement is None or "authority_keys" not in rule.kwargs:
            yield rule.id, _UNNAMED
        elif replaced:
            yield rule.id, "已以数源的值代替，表中不再有治理前的值"
        elif _sha256(workshop, agreement.authority_dataset) != agreement.authority_sha256:
            yield rule.id, "数源数据已在评价之后更新"


def _sha256(workshop: Workshop, dataset_id: str) -> str | None:
    flagged = workshop.flagged(dataset_id)
    return workshop.state.sha256_of(flagged) if flagged.exists() else None


def _earlier(
    workshop: Workshop, dataset: Dataset, dossier: Dossier, rules: list[Expectation]
) -> Earlier | None:
    if not rules:
        return None
    sources = tuple(sorted(sha256 for _, sha256 in dossier.landed))
    with workshop.connection() as con:
        return earlier_versions(workshop, con, dataset, rules, sources)


def _why_gone(rule: Expectation, earlier: Earlier | None) -> str:
    if "before" not in rule.kwargs:
        return _UNNAMED
    if earlier is None:
        return "所对比版本的计数不再保留"
    return "" if _is_kept(rule, earlier) else _GONE[rule.type]


def _is_kept(rule: Expectation, earlier: Earlier) -> bool:
    """Whether what is kept of the earlier versions is all that the rule is held against."""
    if "versions" in rule.kwargs:
        return earlier.counts_last(rule.kwargs["versions"])
    if rule.type in OF_ROWS:
        return earlier.table is not None
    counted = earlier.categories if "max_psi" in rule.kwargs else earlier.nulls
    return counted.keys() >= set(rule.kwargs["column_list"])
