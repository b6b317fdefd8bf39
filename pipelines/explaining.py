"""``opendata explain``: why a dataset stands where it does, from the gates down to the counts."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assets.dossier import Dossier
from assets.probe import last_dossier
from assets.standing import as_it_stands
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import HomeError
from opendata.findings import Refusal
from opendata.lineage import Lineage, released_lineage
from opendata.plain import plain
from quality.explain import explain
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything behind one dataset's verdict."""

    dataset: Dataset
    dossier: Dossier
    lineage: Lineage

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: the entry, the dossier and the lineage as they are."""
        return {
            "dataset": plain(self.dataset),
            "dossier": plain(self.dossier),
            "lineage": plain(self.lineage.edges),
        }

    def as_text(self) -> str:
        """In Chinese, from the verdict down to the arithmetic of the score."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        outcome = self.dossier.outcome
        yield f"{self.dataset.title}（{self.dataset.id}）：{outcome.verdict.value}"
        for each in (*outcome.reasons, *outcome.warnings):
            yield from _refusal_lines(each)
        if outcome.freshness:
            yield f"更新：{outcome.freshness.punctuality.value}，{outcome.freshness.sentence}"
        if self.dossier.quality:
            yield "质量得分的算法："
            yield from (f"  {line}" for line in explain(self.dossier.quality))
        yield "治理后各数据项的来历（开放的数据项与治理后的同名数据项一一对应）："
        for edge in self.dossier.lineage.edges:
            how = "" if edge.direct else "（仅用于筛选或关联）"
            yield f"  {edge.column} ← {edge.upstream}.{edge.upstream_column}{how}"


def _refusal_lines(refusal: Refusal) -> Iterator[str]:
    word = "提示" if refusal.warns else "拒绝"
    yield f"{word} {refusal.rule}：{refusal.text}{refusal.tag}"
    if refusal.citation:
        yield f"  依据：{refusal.citation}：“{refusal.quote}”"
    yield f"  处理：{refusal.remedy}"


def explain_dataset(home_dir: Path | None, dataset_id: str, *, as_of: date | None) -> Explanation:
    """What is known of a dataset of a home.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: it was never run.
    """
    with closing(Workshop.open(Home.find(home_dir), as_of=as_of)) as workshop:
        dataset = workshop.catalog.dataset(dataset_id)
        dossier = last_dossier(workshop, dataset_id)
        if dossier is None:
            raise HomeError(f"{dataset_id} was never run; `opendata run {dataset_id}` first")
        edges = (*dossier.lineage.edges, *released_lineage(dataset).edges)
        return Explanation(
            dataset=dataset,
            dossier=as_it_stands(workshop, dataset, dossier),
            lineage=Lineage(edges=edges),
        )
