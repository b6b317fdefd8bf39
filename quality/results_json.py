"""A judgement as Great Expectations stores it: a genuine validation result, without one data value.

Great Expectations itself would put samples of unexpected values, minima and maxima in here; ours
has counts. Building pages of it is ``gx/docs.py``.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opendata.findings import QualityReport, RuleResult
from quality.agreement import AGREES
from quality.gx_types import GX_TYPES
from quality.plan import UNIQUE_TYPES
from quality.references import REFERENCE_TYPES
from quality.row_rules import ROW_TYPES
from quality.suite_json import configuration, gx_version

_ABOUT_MISSING = ("expect_column_values_to_not_be_null", "expect_column_values_to_be_null")


def to_result_json(report: QualityReport, *, judged_at: datetime) -> str:
    """The report as the text of a Great Expectations validation result."""
    return json.dumps(
        {
            "success": all(each.success for each in report.results),
            "results": [_result(each) for each in report.results],
            "suite_name": report.dataset_id,
            "suite_parameters": {},
            "statistics": _statistics(report),
            "meta": _meta(report, judged_at),
            "id": None,
        },
        ensure_ascii=False,
        indent=2,
    )


def _result(result: RuleResult) -> Mapping[str, Any]:
    kind = result.expectation.type
    of_rows = {*ROW_TYPES, *UNIQUE_TYPES, *REFERENCE_TYPES, AGREES}
    about_rows = kind in of_rows or (kind in GX_TYPES and not GX_TYPES[kind].of_column)
    return {
        "success": result.success,
        "expectation_config": {**configuration(result.expectation), "description": result.told},
        "result": _row_counts(result) if about_rows else {"observed_value": result.observed},
        "meta": {"judged_by": result.judged_by} if result.judged_by else {},
        "exception_info": {
            "raised_exception": False,
            "exception_traceback": None,
            "exception_message": None,
        },
    }


def _row_counts(result: RuleResult) -> Mapping[str, Any]:
    counts: dict[str, Any] = {
        "element_count": result.rows,
        "unexpected_count": result.unexpected,
        "unexpected_percent": _percent(result.unexpected, result.evaluated),
        "partial_unexpected_list": [],
    }
    if result.expectation.type in _ABOUT_MISSING:
        return counts
    return {
        **counts,
        "missing_count": result.missing,
        "missing_percent": _percent(result.missing, result.rows),
        "unexpected_percent_total": _percent(result.unexpected, result.rows),
        "unexpected_percent_nonmissing": _percent(result.unexpected, result.evaluated),
    }


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


def _statistics(report: QualityReport) -> Mapping[str, Any]:
    met = sum(each.success for each in report.results)
    return {
        "evaluated_expectations": len(report.results),
        "successful_expectations": met,
        "unsuccessful_expectations": len(report.results) - met,
        "success_percent": _percent(met, len(report.results)),
    }


def _meta(report: QualityReport, judged_at: datetime) -> Mapping[str, Any]:
    return {
        "great_expectations_version": gx_version(),
        "run_id": {"run_name": report.suite_hash[:12], "run_time": judged_at.isoformat()},
        "batch_spec": {},
        "batch_markers": {},
        "active_batch_definition": {
            "datasource_name": "standardised",
            "data_connector_name": "fluent",
            "data_asset_name": report.dataset_id,
            "batch_identifiers": {},
        },
        "opendata": {
            "suite_hash": report.suite_hash,
            "score": round(report.score, 4),
            "coverage": report.coverage,
            "rows": report.rows,
            "clean": report.clean,
            "quarantined": report.quarantined,
            "excepted": report.excepted,
            "struck": report.struck,
            "waived": dict(report.waived),
            "dimensions": {each.dimension.code: each.score for each in report.dimensions},
        },
    }
