"""``opendata risk frontier``: how coarsely quasi-identifiers must be told, to choose from.

Proposals only: an entry is never changed by it. The search is ``resources/lattice.py``.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.workshop import Workshop
from opendata.catalog import Dataset, Treatment
from opendata.errors import HomeError
from opendata.ladders import Ladder
from opendata.pages import words
from opendata.plain import plain
from opendata.vocabulary import Action
from quality.flags import clean_relation
from resources.home import Home
from resources.ladders import base_of
from resources.lattice import Asked, Frontier, Node, search

SHOWN = 5
"""Choices printed for a person; ``--json`` has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of the search; None stands for what the entry says."""

    k: int | None = None
    l: int | None = None  # noqa: E741 - the name the measure has
    t: float | None = None
    max_suppression: float | None = None
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was found, with what was asked."""

    dataset: Dataset
    asked: Asked
    ladders: tuple[Ladder, ...]
    found: Frontier

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: every choice with its treatments."""
        return {
            "dataset": self.dataset.id,
            "asked": plain(self.asked),
            "lattice": self.found.lattice,
            "checked": self.found.checked,
            "complete": self.found.complete,
            "rows": self.found.rows,
            "choices": [self._json(each) for each in self.found.nodes],
        }

    def as_text(self) -> str:
        """In Chinese, cheapest first."""
        return "\n".join(self._lines())

    def _json(self, node: Node) -> dict[str, Any]:
        told = zip(self.ladders, node.levels, strict=True)
        fields = {each.field: plain(each.rungs[level].treatment) for each, level in told}
        made: dict[str, Any] = plain(node)
        return made | {"suppressed": words.small_count(node.suppressed), "fields": fields}

    def _lines(self) -> Iterator[str]:
        found, nodes = self.found, self.found.nodes
        titles = "、".join(each.title for each in self.ladders)
        yield (
            f"“{self.dataset.title}”的准标识符（{titles}）由细到粗共{found.lattice}种组合，"
            f"检查{found.checked}次，可选{len(nodes)}种，每一种都不能再细。"
        )
        yield f"要求：{self._wanted()}。"
        if not found.complete:
            yield "时限已到，未查完全部组合：可能还有更细的方案，可用 --seconds 延长。"
        if not nodes:
            yield "没有可选方案：请放宽抑制比例上限，或者减少准标识符。"
        for place, each in enumerate(nodes[:SHOWN], start=1):
            yield from self._choice(place, each)
        if len(nodes) > SHOWN:
            yield f"其余{len(nodes) - SHOWN}种见 --json。"
        if nodes:
            yield "以上仅为建议，目录未作改动；选定后写入目录条目的 fields，再运行 opendata run。"

    def _wanted(self) -> str:
        asked = [f"最小同类组不少于{self.asked.k}条"]
        if self.asked.l > 1:
            asked.append(f"每组敏感属性不少于{self.asked.l}种取值")
        if self.asked.t is not None:
            asked.append(f"分布相差不超过{self.asked.t:g}")
        asked.append(f"删去的记录不超过{words.percent(self.asked.max_suppression)}")
        return "，".join(asked)

    def _choice(self, place: int, node: Node) -> Iterator[str]:
        told = tuple(zip(self.ladders, node.levels, strict=True))
        best = "（推荐：保留的信息最多）" if place == 1 else ""
        shown = "；".join(f"{each.title} {each.rungs[level].title}" for each, level in told)
        yield f"方案{place}{best}　{shown}"
        yield f"  {'，'.join(self._reached(node))}。"
        for each, level in told:
            yield f"    {each.field}: {_written(each.rungs[level].treatment)}"

    def _reached(self, node: Node) -> Iterator[str]:
        share = words.percent(node.suppressed / (self.found.rows or 1))
        yield f"最小同类组{words.number(node.k)}条"
        if self.dataset.sensitive_fields:
            yield f"敏感属性至少{words.number(node.l)}种取值、分布最多相差{node.distance or 0:.2f}"
        yield f"删去{words.small_count(node.suppressed)}条（{share}）"
        yield f"平均每条记录与{node.discernibility:,.0f}条相同"
        yield f"泛化程度{words.percent(node.intensity)}"


def choices_for(home_dir: Path | None, dataset_id: str, wish: Wish) -> Choices:
    """Search the lattice of a dataset over its last standardised rows.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: it was never standardised, or has no quasi-identifiers.
    """
    with closing(Workshop.open(Home.find(home_dir), actor="opendata risk frontier")) as workshop:
        dataset = workshop.catalog.dataset(dataset_id)
        flagged = workshop.flagged(dataset_id)
        if not dataset.quasi_identifiers:
            raise HomeError(
                f"{dataset_id} releases no field with `role: 准标识符`; say in the entry which "
                "fields could single somebody out together"
            )
        if not flagged.exists():
            raise HomeError(f"{dataset_id} was never run; `opendata run {dataset_id}` first")
        asked = _asked(workshop, dataset, wish)
        with workshop.connection() as con:
            relation = f"from {clean_relation(flagged)}"
            base = base_of(con, relation, workshop.catalog, dataset)
        found = search(base, asked, seconds=wish.seconds)
        return Choices(dataset=dataset, asked=asked, ladders=base.ladders, found=found)


def _asked(workshop: Workshop, dataset: Dataset, wish: Wish) -> Asked:
    plan = dataset.release
    limit = plan.max_suppression if wish.max_suppression is None else wish.max_suppression
    return Asked(
        k=wish.k or plan.k or workshop.settings.default_k,
        l=(wish.l or plan.l) if dataset.sensitive_fields else 1,
        t=(plan.t if wish.t is None else wish.t) if dataset.sensitive_fields else None,
        max_suppression=limit,
    )


def _written(treatment: Treatment) -> str:
    """The keys as an entry has them."""
    keys = [f"action: {treatment.action.value}"]
    if treatment.preset:
        keys.append(f"preset: {treatment.preset}")
    if treatment.hierarchy:
        keys.append(f"hierarchy: {treatment.hierarchy}, level: {treatment.level}")
    if treatment.action is Action.BIN:
        keys.append(f"edges: [{', '.join(treatment.edges)}]")
    if treatment.action is Action.KEEP:
        keys.append(f"ground: {treatment.ground or '（须写明依据）'}")
    return "{" + ", ".join(keys) + "}"
