"""``opendata desensitise explain``: the de-identification report of the last run, as lines."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.deidentification import report_view
from assets.probe import last_dossier
from assets.reports import frame_of
from assets.workshop import Workshop
from opendata.errors import HomeError
from opendata.pages.deidentification import DeidentificationView
from opendata.pages.render import report_json
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One report, for reading in a terminal."""

    view: DeidentificationView

    def as_json(self) -> Any:
        """For ``--json``: what stands beside the page."""
        return json.loads(report_json(self.view))

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        view = self.view
        standing = f"第{view.version}版" if view.released and view.version else "未开放"
        yield f"{view.title}（{view.dataset_id}）{standing}：去标识化效果{view.grade}（未核实）"
        yield f"  {view.grade_reason}"
        yield from (f"  {each}" for each in view.rows)
        yield "处理方式："
        yield from (f"  {each.title}：{each.done}。{each.survives}" for each in view.done)
        yield "损失（处理前 → 处理后）："
        for loss in view.losses:
            counted = f"不同取值 {loss.distinct}，信息量 {loss.entropy} 比特，空值 {loss.empty}"
            ranged = "" if loss.range_kept == "—" else f"，取值范围保留 {loss.range_kept}"
            yield f"  {loss.title}（{loss.done}）：{counted}{ranged}"
        yield "较轻的方式："
        for each in view.trials:
            mark = "可改" if each.would_do else "不采用"
            yield f"  {each.title} → {each.milder}：{mark}。{each.found}"
        yield "剩余风险："
        yield from (f"  {each}" for each in view.risks)
        yield "由谁决定："
        yield from (f"  {each}" for each in view.decided)
        yield view.grade_standing


def explain_desensitising(home_dir: Path | None, dataset_id: str) -> Explained:
    """The report of a dataset's last run.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: it was never run, or its last run made nothing that could be opened.
    """
    with closing(Workshop.open(Home.find(home_dir))) as workshop:
        dataset = workshop.catalog.dataset(dataset_id)
        dossier = last_dossier(workshop, dataset.id)
        view = dossier and report_view(workshop, frame_of(workshop), dataset, dossier)
        if not view:
            raise HomeError(
                f"the last run of {dataset.id} desensitised nothing, or there was none; "
                f"`opendata run {dataset.id}` and `opendata explain {dataset.id}` tell why"
            )
        return Explained(view=view)
