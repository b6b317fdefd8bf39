"""How ``quality.drift`` is spelled in a catalog entry; the values it becomes are ``drift.py``."""

from pydantic import Field

from opendata.drift import CategoryDrift, Drift, DriftRule, KeyChurn, NullRise, RowSwing
from opendata.source_schema import Spelling
from opendata.vocabulary import OnFail, Severity


class DriftRuleFile(Spelling):
    """What every rule on changes says."""

    judged: bool = Field(default=True, description="启用: false leaves the rule out")
    severity: Severity = Field(
        default=Severity.WARNING, description="轻重: a failed critical rule caps the score below 60"
    )
    on_fail: OnFail = Field(
        default=OnFail.KEEP_FLAG, description="处理: tell of it (keep_flag), or block the version"
    )


class RowSwingFile(DriftRuleFile):
    """``quality.drift.rows``: the number of rows (条数骤变)."""

    versions: int = Field(
        default=5, ge=1, le=12, description="对比版本数: the median of so many released versions"
    )
    max_swing: float = Field(
        default=0.3, ge=0, description="变动上限: the share by which the rows may differ from it"
    )


class NullRiseFile(DriftRuleFile):
    """``quality.drift.nulls``: how much of each field is empty (空值率上升)."""

    max_points: float = Field(
        default=2.0, ge=0, le=100, description="上升上限: percentage points, for each field"
    )


class KeyChurnFile(DriftRuleFile):
    """``quality.drift.keys``: the keys of a 全量 dataset (主键增减)."""

    max_removed: float = Field(
        default=0.05, ge=0, le=1, description="减少上限: the share of the keys that may be gone"
    )
    max_rows: int = Field(
        default=200_000, ge=0, description="条数上限: larger tables are not asked; it costs a join"
    )
    changed: bool = Field(
        default=True, description="统计变化: also count rows whose key stayed and the rest did not"
    )


class CategoryDriftFile(DriftRuleFile):
    """``quality.drift.categories``: fields of few values (类别分布变化)."""

    max_psi: float = Field(
        default=0.2, ge=0, description="PSI 上限: of the population stability index of a field"
    )
    max_values: int = Field(
        default=50, ge=2, le=1000, description="取值数上限: a field of more is no category"
    )
    fields: tuple[str, ...] = Field(
        default=(), description="数据项: those looked at; any with few values when absent"
    )


class DriftFile(Spelling):
    """``quality.drift``: a new version beside the last released one (版本对比)."""

    rows: RowSwingFile = Field(default_factory=RowSwingFile, description="条数骤变")
    nulls: NullRiseFile = Field(default_factory=NullRiseFile, description="空值率上升")
    keys: KeyChurnFile = Field(default_factory=KeyChurnFile, description="主键增减")
    categories: CategoryDriftFile = Field(
        default_factory=CategoryDriftFile, description="类别分布变化"
    )
    unchanged: DriftRuleFile = Field(default_factory=DriftRuleFile, description="更新了但没变")


def drift_of(file: DriftFile) -> Drift:
    """The settings as values."""
    return Drift(
        rows=RowSwing(**dict(file.rows)),
        nulls=NullRise(**dict(file.nulls)),
        keys=KeyChurn(**dict(file.keys)),
        categories=CategoryDrift(**dict(file.categories)),
        unchanged=DriftRule(**dict(file.unchanged)),
    )
