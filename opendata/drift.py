"""What a dataset asks of a new version beside the last released one (版本对比), as values.

Rows, empty fields, keys and categories may change from one version to the next, but not by more
than the entry allows. How the settings are spelled is ``drift_schema.py``; who measures is
``quality/drift.py``.
"""

from dataclasses import dataclass, field

from opendata.vocabulary import OnFail, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRule:
    """One rule on what changed: whether it is judged at all, and what becomes of a no."""

    judged: bool = True
    severity: Severity = Severity.WARNING
    on_fail: OnFail = OnFail.KEEP_FLAG


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSwing(DriftRule):
    """条数骤变: the rows differ from the median of the last ``versions`` by more than a share."""

    versions: int = 5
    max_swing: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class NullRise(DriftRule):
    """空值率上升: more of a field is empty than was, by more than so many percentage points."""

    max_points: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChurn(DriftRule):
    """主键增减: more than a share of the keys are gone; not asked of more than ``max_rows`` rows.

    ``changed`` also counts the rows whose key stayed and whose other fields did not.
    """

    max_removed: float = 0.05
    max_rows: int = 200_000
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDrift(DriftRule):
    """类别分布变化: the population stability index of a field of few values exceeds a limit.

    ``fields`` are the ones looked at; where none are named, those with at most ``max_values``.
    """

    max_psi: float = 0.2
    max_values: int = 50
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All rules on what changed since the last released version (本市规则)."""

    rows: RowSwing = field(default_factory=RowSwing)
    nulls: NullRise = field(default_factory=NullRise)
    keys: KeyChurn = field(default_factory=KeyChurn)
    categories: CategoryDrift = field(default_factory=CategoryDrift)
    unchanged: DriftRule = field(default_factory=DriftRule)
    """更新了但没变: a new delivery in time, with nothing new in it."""
