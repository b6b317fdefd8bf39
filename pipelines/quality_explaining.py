"""``opendata quality explain``: the score of the last passage, worked out again from its counts.

The counts are those kept in the dossier; a kept score they do not bear out is a crash of the
product or somebody's hand in the state, and is told as one.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.dossier import Dossier
from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import HomeError
from opendata.findings import QualityReport
from opendata.pages.words import score
from opendata.plain import plain
from quality.explain import discrepancies, explain
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreExplanation:
    """A kept judgement with the calculation that leads to its score, or does not."""

    dataset: Dataset
    quality: QualityReport

    @property
    def discrepancies(self) -> tuple[str, ...]:
        """What the counts do not bear out; nothing where the kept score is reproduced."""
        return discrepancies(self.quality)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.dataset.id,
            "score": self.quality.score,
            "coverage": self.quality.coverage,
            "reproduced": not self.discrepancies,
            "discrepancies": list(self.discrepancies),
            "dimensions": plain(self.quality.dimensions),
            "results": plain(self.quality.results),
            "waived": dict(self.quality.waived),
        }

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        quality = self.quality
        yield f"{self.dataset.title}（{self.dataset.id}）：得分 {score(quality.score)}"
        struck = f"，另有已作废 {quality.struck} 条" if quality.struck else ""
        counted = f"共 {quality.rows} 条，问题数据 {quality.quarantined} 条{struck}"
        yield f"{counted}；符合数/评估数如下："
        yield from (f"  {line}" for line in explain(quality))
        for rule, said in quality.waived.items():
            yield f"整条规则 {rule} {said}得分照常计算。"
        if self.discrepancies:
            yield "由计数不能得出所保存的得分，不得采信："
            yield from (f"  {line}" for line in self.discrepancies)
        else:
            yield "由计数重算，与所保存的得分一致。"


def explain_score(home_dir: Path | None, dataset_id: str) -> ScoreExplanation:
    """The score of a dataset's last passage and the calculation behind it.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: it was never run, or its last passage ended before it was judged.
    """
    with closing(Workshop.open(Home.find(home_dir))) as workshop:
        dataset = workshop.catalog.dataset(dataset_id)
        _, quality = judged(workshop, dataset)
        return ScoreExplanation(dataset=dataset, quality=quality)


def judged(workshop: Workshop, dataset: Dataset) -> tuple[Dossier, QualityReport]:
    """What the last passage of a dataset left, and the judgement in it.

    Raises:
        HomeError: there is none.
    """
    dossier = last_dossier(workshop, dataset.id)
    if dossier is None:
        raise HomeError(f"{dataset.id} was never run; `opendata run {dataset.id}` first")
    if dossier.quality is None:
        raise HomeError(
            f"the last run of {dataset.id} ended before it was judged; "
            f"`opendata explain {dataset.id}` says why"
        )
    return dossier, dossier.quality
