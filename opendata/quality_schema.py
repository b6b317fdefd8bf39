"""How ``quality`` is spelled in a catalog entry; the values it becomes are ``catalog.py``."""

from typing import Annotated, Any

from pydantic import Field

from opendata.drift_schema import DriftFile
from opendata.source_schema import Spelling
from opendata.vocabulary import OnFail, Severity

Share = Annotated[float, Field(ge=0, le=1)]


class RuleFile(Spelling):
    """One member of ``quality.rules``."""

    expect: str = Field(description="规则: a type of Great Expectations; see the list of rules")
    kwargs: dict[str, Any] = Field(
        default_factory=dict, description="参数: its arguments; columns are fields by name"
    )
    indicator: str = Field(description="指标: four digits of GB/T 36344; quote them")
    description: str = Field(min_length=1, description="说明: the rule in Chinese, for the steward")
    severity: Severity = Field(
        default=Severity.WARNING, description="轻重: a failed critical rule caps the score below 60"
    )
    on_fail: OnFail = Field(
        default=OnFail.KEEP_FLAG,
        description="处理: set the row aside, keep and flag it, or block the version",
    )
    mostly: Share = Field(
        default=1.0, description="容许: the share of rows that must satisfy it, 0 to 1"
    )


class QualityFile(Spelling):
    """``quality``: what the dataset asks of itself (本市规则)."""

    min_score: float = Field(
        default=60.0, ge=0, le=100, description="最低得分: below it the version is withheld"
    )
    max_quarantine_rate: Share = Field(
        default=0.1, description="问题数据比例上限: above it the version is withheld"
    )
    rules: tuple[RuleFile, ...] = Field(
        default=(), description="规则: beside those the fields promise by themselves"
    )
    drift: DriftFile = Field(
        default_factory=DriftFile, description="版本对比: beside the last released version"
    )
