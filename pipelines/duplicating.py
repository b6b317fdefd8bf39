"""``opendata source duplicates``: the nightly pass on demand, in words and as JSON."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.reports import write_reports
from assets.resemblance import find_resemblances
from assets.workshop import Workshop
from opendata.catalog import Catalog
from opendata.plain import plain
from opendata.resemblance import Resemblance, in_words, remedy
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What the pass found, strongest likeness first."""

    catalog: Catalog
    found: tuple[Resemblance, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """For ``--json``: the finding, and what the steward reads."""
        return [
            plain(each)
            | {"text": in_words(self.catalog, each), "remedy": remedy(self.catalog, each)}
            for each in self.found
        ]

    def as_text(self) -> str:
        """In Chinese, one finding a paragraph."""
        if not self.found:
            return "未发现未登记的重复数据。"
        told = (
            f"{in_words(self.catalog, each)}\n  处理：{remedy(self.catalog, each)}"
            for each in self.found
        )
        return "\n".join((f"疑似重复{len(self.found)}项（不影响开放，请核实）：", *told))


def duplicates_of(home_dir: Path | None) -> Duplicates:
    """Compare every standardised dataset of a home with every other; its pages follow.

    Raises:
        KeyMissing, HomeError: there is no key to make sketches with.
    """
    with closing(
        Workshop.open(Home.find(home_dir).prepare(), actor="opendata source duplicates")
    ) as workshop:
        found = find_resemblances(workshop)
        write_reports(workshop)
        return Duplicates(catalog=workshop.catalog, found=found)
