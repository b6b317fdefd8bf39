"""What the judges found, as Dagster check results and materialisation metadata; never a value.

Three checks a dataset: ``quality``, ``freshness``, ``gate``. None blocks: withholding is done by
the journey, so that one bad dataset never stops its neighbours.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from assets.dossier import Dossier
from assets.keys import CHECKS, Layer, asset_key
from assets.rejudged import Verdicts
from opendata.catalog import Catalog, Dataset, Field
from opendata.findings import Freshness, QualityReport, Refusal
from opendata.lineage import ColumnEdge, Lineage
from opendata.pages.words import score
from opendata.vocabulary import Punctuality, Severity

_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal",
    "date": "date",
    "datetime": "timestamp",
}
Metadata = dict[str, Any]
_LATE = {Punctuality.OVERDUE, Punctuality.UNKNOWN}
_AT_A_TIME = 5_000
_SAID = ("状态", "应更新日")
"""What of a freshness verdict is news when it changes."""


def gate_result(dataset: Dataset, dossier: Dossier) -> Iterator[dg.AssetCheckResult]:
    """What the gates said, where the passage reached them."""
    if dossier.quality:
        yield _result(dataset, "gate", _gate(dossier), passed=not dossier.refusals)


def judged_results(
    dataset: Dataset, quality: QualityReport | None, freshness: Freshness | None
) -> Iterator[dg.AssetCheckResult]:
    """The two verdicts over the standardised layer."""
    if quality:
        passed = _good_enough(dataset, quality)
        yield _result(dataset, "quality", _quality(quality), passed=passed)
    if freshness:
        fresh = _is_fresh(freshness)
        yield _result(dataset, "freshness", _freshness(freshness), passed=fresh, warns=True)


def tell_changed(instance: dg.DagsterInstance, verdicts: Verdicts) -> int:
    """Report each verdict that differs from the last one told, without a run; how many there were.

    A dataset whose run is under way is left to it: the run tells its own verdict.
    """
    last = _last_told(instance, [_freshness_key(dataset) for dataset, _ in verdicts])
    changed = [
        (dataset, fresh)
        for dataset, fresh in verdicts
        if not _is_told(instance, last.get(_freshness_key(dataset)), fresh)
    ]
    for dataset, fresh in changed:
        instance.report_runless_asset_event(_evaluation(dataset, fresh))
    return len(changed)


def _last_told(
    instance: dg.DagsterInstance, keys: Sequence[dg.AssetCheckKey]
) -> dict[dg.AssetCheckKey, Any]:
    """The last execution of each check, planned or done; as many at a time as a database takes."""
    read = instance.event_log_storage.get_latest_asset_check_execution_by_key
    starts = range(0, len(keys), _AT_A_TIME)
    return {key: each for n in starts for key, each in read(keys[n : n + _AT_A_TIME]).items()}


def _freshness_key(dataset: Dataset) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(asset_key(dataset, CHECKS["freshness"]), "freshness")


def _is_told(instance: dg.DagsterInstance, last: Any, fresh: Freshness) -> bool:
    """Whether the last evaluation, or the run it waits for, says the same of state and due day.

    The sentence counts days and is another one every day.
    """
    if last is None:
        return False
    if not isinstance(last.evaluation, dg.AssetCheckEvaluation):  # planned, and perhaps never made
        run = instance.get_run_by_id(last.run_id)
        return run is not None and not run.is_finished
    told = {key: each.value for key, each in last.evaluation.metadata.items()}
    return all(told.get(key) == _freshness(fresh)[key] for key in _SAID)


def _evaluation(dataset: Dataset, fresh: Freshness) -> dg.AssetCheckEvaluation:
    key = _freshness_key(dataset)
    return dg.AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=_is_fresh(fresh),
        severity=dg.AssetCheckSeverity.WARN,
        metadata=_freshness(fresh),
    )


def _is_fresh(freshness: Freshness) -> bool:
    return freshness.punctuality not in _LATE


def _result(
    dataset: Dataset,
    name: str,
    metadata: Metadata,
    *,
    passed: bool,
    warns: bool = False,
) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=asset_key(dataset, CHECKS[name]),
        check_name=name,
        severity=severity,
        metadata=metadata,
    )


def _good_enough(dataset: Dataset, quality: QualityReport) -> bool:
    return quality.score_to_release >= dataset.quality.min_score and not quality.decisive


def _quality(quality: QualityReport) -> Metadata:
    dimensions = {
        each.dimension.value: score(each.score)
        if each.score is None
        else f"{score(each.score)}（{each.good}/{each.total}）"
        for each in quality.dimensions
    }
    failed = [
        f"| {each.told} | {each.unexpected} | {each.evaluated} |"
        for each in quality.results
        if not each.success and each.expectation.severity is not Severity.INFO
    ]
    table = "\n".join(["| 未达到的规则 | 不符合 | 评估 |", "|---|---|---|", *failed])
    return {
        "得分": quality.score,
        "覆盖": quality.coverage,
        **dimensions,
        "问题数据": quality.quarantined,
        **({"已作废": quality.struck} if quality.struck else {}),
        **({"例外处理": quality.excepted} if quality.excepted else {}),
        "未达到的规则": dg.MetadataValue.md(table if failed else "无"),
    }


def _freshness(fresh: Freshness) -> Metadata:
    return {
        "状态": fresh.punctuality.value,
        "说明": fresh.sentence,
        "判断日": fresh.as_of.isoformat(),
        "应更新日": fresh.due.isoformat() if fresh.due else "无",
    }


def _gate(dossier: Dossier) -> Metadata:
    rows = [_refusal(each) for each in (*dossier.refusals, *dossier.outcome.warnings)]
    table = "\n".join(["| 规则 | 依据 | 说明 | 处理办法 |", "|---|---|---|---|", *rows])
    return {
        "结论": dossier.outcome.verdict.value,
        "审查": dg.MetadataValue.md(table if rows else "未发现不符合所载规则的情形"),
    }


def _refusal(refusal: Refusal) -> str:
    said = f"{refusal.text}{refusal.tag}"
    return f"| {refusal.rule} | {refusal.citation} | {said} | {refusal.remedy} |"


def column_metadata(catalog: Catalog, dataset: Dataset, layer: Layer, lineage: Lineage) -> Metadata:
    """The layer's columns with types, Chinese titles and, where known, what they come from."""
    fields = dataset.released_fields if layer is Layer.RELEASED else dataset.fields
    return {
        "dagster/column_schema": dg.TableSchema(columns=[_column(each) for each in fields]),
        "dagster/column_lineage": _column_lineage(catalog, dataset, fields, lineage),
    }


def _column(field: Field) -> dg.TableColumn:
    tags = {"role": field.role.code, "action": field.treatment.action.code}
    return dg.TableColumn(
        field.name, type=_TYPES[field.type.value], description=field.title, tags=tags
    )


def _column_lineage(
    catalog: Catalog, dataset: Dataset, fields: tuple[Field, ...], lineage: Lineage
) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            field.name: [_dep(catalog, dataset, edge) for edge in lineage.of(field.name)]
            for field in fields
        }
    )


def _dep(catalog: Catalog, dataset: Dataset, edge: ColumnEdge) -> dg.TableColumnDep:
    if edge.upstream.startswith("source:"):
        return dg.TableColumnDep(asset_key(dataset, Layer.LANDED), edge.upstream_column)
    upstream = catalog.dataset(edge.upstream)
    return dg.TableColumnDep(asset_key(upstream, Layer.STANDARDISED), edge.upstream_column)
