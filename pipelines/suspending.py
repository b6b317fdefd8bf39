"""``opendata suspend`` and ``restore``: what was reached, in words and as JSON."""

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.reports import write_reports
from assets.suspension import Suspension, restore, suspend
from assets.workshop import Workshop
from opendata.errors import CatalogError, HomeError
from resources.home import Home


@dataclass(frozen=True, slots=True)
class Told:
    """A suspension or restoration, as it is told."""

    act: str
    done: Suspension

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"act": self.act, "case": self.done.case, "datasets": list(self.done.reached)}

    def as_text(self) -> str:
        """One sentence."""
        reached = "、".join(self.done.reached)
        return f"{self.act}：{reached}（案件 {self.done.case}），即时生效，已入处理记录。"


def suspend_dataset(
    home_dir: Path | None, dataset_id: str, *, reason: str, basis: str, case_id: str | None
) -> Told:
    """Suspend a dataset of a home; its pages follow.

    A catalog that cannot be read does not stand in the way: the stores know what is open.
    """
    with _opened(home_dir) as (workshop, catalog_reads):
        done = suspend(workshop, dataset_id, reason=reason, basis=basis, case=case_id)
        if catalog_reads:
            workshop.relist()
            write_reports(workshop)
    return Told("中止开放", done)


def restore_dataset(home_dir: Path | None, dataset_id: str, *, reason: str) -> Told:
    """Restore a suspended dataset of a home; its pages follow."""
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        done = restore(workshop, dataset_id, reason=reason)
        workshop.relist()
        write_reports(workshop)
    return Told("恢复开放", done)


@contextmanager
def _opened(home_dir: Path | None) -> Iterator[tuple[Workshop, bool]]:
    """The home's workshop, and whether its catalog could be read."""
    home, actor = Home.find(home_dir).prepare(), getpass.getuser()
    try:
        workshop, reads = Workshop.open(home, actor=actor), True
    except (CatalogError, HomeError):  # HomeError: the register cannot be read
        workshop, reads = Workshop.without_catalog(home, actor=actor), False
    with closing(workshop):
        yield workshop, reads
