"""Datasets of a catalogue list in numbers: how many are on time, overdue, or cannot be judged.

Counting only; who is judged how is ``freshness_audit.py``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from statistics import median
from types import MappingProxyType
from typing import Any, Literal

State = Literal["on_time", "in_grace", "overdue"]
Reason = Literal[
    "no_frequency",
    "unknown_frequency",
    "irregular",
    "static",
    "realtime",
    "no_new_data",
    "no_date",
    "only_released",
    "unknown_date",
    "later",
]

REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        "no_frequency": "未标注更新频率",
        "unknown_frequency": "更新频率写法不识别",
        "irregular": "不定期",
        "static": "静态（不更新）",
        "realtime": "实时",
        "no_new_data": "注明暂无新业务数据",
        "no_date": "无更新日期",
        "only_released": "只有发布日期",
        "unknown_date": "更新日期写法不识别",
        "later": "更新日期晚于判定日",
    }
)
"""Why a dataset of a list cannot be judged, in the order in which the first that holds is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Datasets counted under one ``name``: of a list, of a declared frequency, of a provider.

    ``datasets`` is the sum of ``judged`` and of ``unjudged``. ``datable`` have a date of the last
    update not after the day of judging. ``realtime_behind`` counts those declared 实时 that would
    be overdue if a day's date could tell. ``late_days`` holds the days after the grace, sorted.
    """

    name: str
    datasets: int
    datable: int
    on_time: int
    in_grace: int
    late_days: tuple[int, ...]
    realtime_behind: int
    unjudged: Mapping[Reason, int]

    @property
    def overdue(self) -> int:
        """How many were overdue."""
        return len(self.late_days)

    @property
    def judged(self) -> int:
        """How many could be judged."""
        return self.on_time + self.in_grace + self.overdue

    @property
    def share(self) -> float | None:
        """Overdue of the judged, as a share of one; None where nothing was judged."""
        return self.overdue / self.judged if self.judged else None

    @property
    def median_days(self) -> float | None:
        """The median of the days overdue; None where nothing is."""
        return median(self.late_days) if self.late_days else None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "name": self.name,
            "datasets": self.datasets,
            "datable": self.datable,
            "judged": self.judged,
            "on_time": self.on_time,
            "in_grace": self.in_grace,
            "overdue": self.overdue,
            "overdue_share": None if self.share is None else round(self.share, 4),
            "median_days_overdue": self.median_days,
            "realtime_behind": self.realtime_behind,
            "unjudged": dict(self.unjudged),
        }


def merged(name: str, tallies: Iterable[Tally]) -> Tally:
    """Several tallies as one; the median is that of all their datasets."""
    given = tuple(tallies)
    unjudged: Counter[Reason] = Counter()
    for each in given:
        unjudged.update(each.unjudged)
    return Tally(
        name=name,
        datasets=sum(each.datasets for each in given),
        datable=sum(each.datable for each in given),
        on_time=sum(each.on_time for each in given),
        in_grace=sum(each.in_grace for each in given),
        late_days=tuple(sorted(chain.from_iterable(each.late_days for each in given))),
        realtime_behind=sum(each.realtime_behind for each in given),
        unjudged=in_order(unjudged),
    )


def in_order(counts: Mapping[Any, int]) -> Mapping[Reason, int]:
    """The reasons that occur among ``counts``, in their own order."""
    return MappingProxyType({each: counts[each] for each in REASONS if counts.get(each)})
