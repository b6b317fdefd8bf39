"""``opendata quality docs``: Data Docs of the last judgements, built by real Great Expectations.

Our results are written in its format and rendered by it, in a process of its own. The pages hold
counts and rules, no value, and load nothing from outside.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assets.standing import standing
from assets.workshop import Workshop
from opendata.errors import HomeError, StoreError
from quality.gx_apart import ask
from quality.results_json import to_result_json
from resources.home import Home

_MARK = ".opendata-data-docs"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltDocs:
    """Data Docs that were built: where they begin, and of how many datasets."""

    index: Path
    datasets: int

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"index": str(self.index), "datasets": self.datasets}

    def as_text(self) -> str:
        """In Chinese."""
        return f"{self.datasets} 个数据集的 Data Docs 已生成，从这里看起：{self.index}"


def build_docs(home_dir: Path | None, out: Path | None) -> BuiltDocs:
    """Build Data Docs of every judged dataset under ``out``, in place of those built before.

    Raises:
        HomeError: nothing was judged yet, or ``out`` holds something else.
        StoreError: Great Expectations could not build them.
    """
    home = Home.find(home_dir)
    folder = (out or home.reports / "quality" / "data-docs").absolute()
    _refuse_strangers(folder)
    with closing(Workshop.open(home)) as workshop:
        results = tuple(_results(workshop))
    if not results:
        raise HomeError("nothing was judged yet; `opendata run` first")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".data-docs-") as beside:
        (answer,) = ask([{"job": "docs", "results": results, "folder": beside}])
        if "crash" in answer:
            raise StoreError(
                "Great Expectations could not build the pages: "
                f"{answer['crash']} at {answer['where']}"
            )
        site = Path(answer["index"]).parent
        (site / _MARK).touch()
        shutil.rmtree(folder, ignore_errors=True)
        site.rename(folder)
    return BuiltDocs(index=folder / "index.html", datasets=len(results))


def _results(workshop: Workshop) -> Iterator[str]:
    for _, dossier in standing(workshop):
        if dossier.quality is not None and dossier.outcome.finished_at is not None:
            yield to_result_json(dossier.quality, judged_at=dossier.outcome.finished_at)


def _refuse_strangers(folder: Path) -> None:
    """Only what this verb built is replaced by it."""
    if folder.is_file() or (
        folder.is_dir() and any(folder.iterdir()) and not (folder / _MARK).exists()
    ):
        raise HomeError(
            f"{folder} holds something else than Data Docs; name a new or an empty folder"
        )
