"""``opendata clock history``: how a dataset kept the periods of its declared frequency."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assets.clocks import punctuality_of
from assets.history import Past, history
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.freshness import chinese_date
from opendata.plain import plain
from opendata.punctuality import KeptPeriod, kept_share
from opendata.vocabulary import Punctuality
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTold:
    """How one dataset kept the periods of its declared frequency, as of a day."""

    dataset: Dataset
    periods: tuple[KeptPeriod, ...]
    as_of: date

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: the periods, and how many were kept of how many decided."""
        kept, decided = kept_share(self.periods)
        return {
            "dataset": self.dataset.id,
            "as_of": plain(self.as_of),
            "kept": kept,
            "decided": decided,
            "periods": [plain(each) for each in self.periods],
        }

    def as_text(self) -> str:
        """In Chinese, one period a line, the newest last."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        frequency = self.dataset.update_frequency
        word = frequency.value if frequency else "未标注更新频率"
        yield f"{self.dataset.title}（{self.dataset.id}），{word}，判断日{chinese_date(self.as_of)}"
        if not self.periods:
            yield "没有固定的更新期限。"
            return
        kept, decided = kept_share(self.periods)
        yield f"最近{len(self.periods)}期中，已有结论{decided}期，按期{kept}期。"
        counted = [each for each in self.periods if each.state is not Punctuality.NOT_APPLICABLE]
        if before := len(self.periods) - len(counted):
            yield f"  其中{before}期在首次开放前，不计。"
        yield from map(_period_line, counted)


def _period_line(period: KeptPeriod) -> str:
    late = f"{period.late_days}天" if period.late_days else ""
    met = f"{period.met_on}开放" if period.met_on else "尚未更新"
    tail = "，暂定" if period.provisional else ""
    return f"  {period.end}  {period.state.value}{late}  应于{period.due}前，{met}{tail}"


def show_history(home_dir: Path | None, dataset_id: str, *, as_of: date | None) -> HistoryTold:
    """How a dataset kept its last periods, as it stood on a day.

    Raises:
        UnknownDataset: the catalog has no such entry.
    """
    with closing(Workshop.open(Home.find(home_dir), as_of=as_of)) as workshop:
        dataset = workshop.catalog.dataset(dataset_id)
        periods = punctuality_of(workshop, dataset, history(workshop).get(dataset.id, Past()))
        return HistoryTold(dataset=dataset, periods=periods, as_of=workshop.clock.as_of)
