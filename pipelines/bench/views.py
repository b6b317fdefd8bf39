"""A version's page as values: one dataset judged by many rules, a third of which did not hold."""

from datetime import UTC, date, datetime

from opendata.catalog import Dataset
from opendata.findings import DimensionScore, Expectation, Outcome, QualityReport, RuleResult
from opendata.pages.views import Frame, VersionView
from opendata.vocabulary import DeploymentRole, Dimension, OnFail, Openness, Severity, Verdict

_ROWS = 12_087
_DAY = date(2026, 4, 17)


def version_view(*, rules: int) -> VersionView:
    """The page of a released version."""
    return VersionView(
        frame=Frame(
            city="测量市",
            deployment_role=DeploymentRole.PLATFORM_OPERATOR,
            regimes=(),
            catalog_version="0" * 64,
            as_of=_DAY,
            run_at=datetime(2026, 4, 17, 9, tzinfo=UTC),
        ),
        dataset=Dataset(
            id="register",
            title="企业登记信息",
            body="market",
            fields=(),
            openness=Openness.UNCONDITIONAL,
        ),
        body_title="测量局",
        outcome=Outcome(
            dataset_id="register",
            title="企业登记信息",
            body="market",
            verdict=Verdict.RELEASED,
            changed=True,
            rows_landed=_ROWS,
            rows_clean=_ROWS,
            version=4,
        ),
        quality=_quality(rules),
    )


def _quality(rules: int) -> QualityReport:
    return QualityReport(
        dataset_id="register",
        rows=_ROWS,
        clean=_ROWS,
        quarantined=0,
        results=tuple(_result(n) for n in range(rules)),
        dimensions=tuple(
            DimensionScore(dimension=each, score=90.0, good=90, total=100, indicators=("0201",))
            for each in Dimension
        ),
        score=90.0,
        coverage=1.0,
        reasons=(),
        suite_hash="0" * 10,
    )


def _result(n: int) -> RuleResult:
    expectation = Expectation(
        id=f"rule_{n}",
        type="expect_column_values_to_not_be_null",
        kwargs={"column": "uscc"},
        dimension=Dimension.COMPLETENESS,
        indicator="0201",
        description=f"第{n}项数据项的取值应当符合数据标准所规定的格式与范围",
        severity=Severity.WARNING,
        on_fail=OnFail.KEEP_FLAG,
    )
    wrong = n % 3
    return RuleResult(
        expectation=expectation, rows=_ROWS, missing=37, unexpected=wrong, success=not wrong
    )
