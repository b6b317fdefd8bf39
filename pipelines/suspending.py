"""``opendata suspend`` and ``restore``: what was reached, in words and as JSON."""

import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.reports import write_reports
from assets.suspension import Suspension, restore, suspend
from assets.workshop import Workshop
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
    """Suspend a dataset of a home; its pages follow."""
    workshop = _open(home_dir)
    dataset = workshop.catalog.dataset(dataset_id)
    done = suspend(workshop, dataset, reason=reason, basis=basis, case=case_id)
    write_reports(workshop)
    return Told("中止开放", done)


def restore_dataset(home_dir: Path | None, dataset_id: str, *, reason: str) -> Told:
    """Restore a suspended dataset of a home; its pages follow."""
    workshop = _open(home_dir)
    done = restore(workshop, workshop.catalog.dataset(dataset_id), reason=reason)
    write_reports(workshop)
    return Told("恢复开放", done)


def _open(home_dir: Path | None) -> Workshop:
    return Workshop.open(Home.find(home_dir).prepare(), actor=getpass.getuser())
