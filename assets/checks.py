"""What the judges found, as Dagster check results and materialisation metadata; never a value.

Three checks a dataset: ``quality``, ``freshness``, ``gate``. None blocks: withholding is done by
the journey, so that one bad dataset never stops its neighbours.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.dossier import Dossier
from assets.keys import CHECKS, Layer, asset_key
from opendata.catalog import Catalog, Dataset, Field
from opendata.findings import Freshness, QualityReport, Refusal
from opendata.lineage import ColumnEdge, Lineage
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
        fresh = freshness.punctuality not in _LATE
        yield _result(dataset, "freshness", _freshness(freshness), passed=fresh, warns=True)


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
    return quality.score >= dataset.quality.min_score and not quality.failed_critical


def _quality(quality: QualityReport) -> Metadata:
    dimensions = {
        each.dimension.value: "未评估"
        if each.score is None
        else f"{each.score:.1f}（{each.good}/{each.total}）"
        for each in quality.dimensions
    }
    failed = [
        f"| {each.expectation.description} | {each.unexpected} | {each.evaluated} |"
        for each in quality.results
        if not each.success and each.expectation.severity is not Severity.INFO
    ]
    table = "\n".join(["| 未达到的规则 | 不符合 | 评估 |", "|---|---|---|", *failed])
    return {
        "得分": quality.score,
        "覆盖": quality.coverage,
        **dimensions,
        "问题数据": quality.quarantined,
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
