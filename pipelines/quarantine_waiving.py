"""``opendata quarantine waive``: a named person lets rows pass a rule, where a clerk asked.

A waiver as ``opendata/waivers.py`` has it, with the rule for a gate: it binds to the row as it was
received and to the rule, holds from the next run on, and lies in the register only. A whole rule is
``rule_waiving.py``.
"""

import getpass
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.settled import exceptions_of, files_of
from assets.workshop import Workshop
from opendata.errors import DecisionError
from opendata.quarantine import AskedFor
from opendata.record import Event, Kind
from pipelines.approvals import enter
from pipelines.waiving import Request
from resources.home import Home
from resources.register import DecisionKind


@dataclass(frozen=True, slots=True)
class Waived:
    """The rows a rule was waived for; ``ended`` says that a running waiver of them was ended."""

    request: Request
    rows: tuple[AskedFor, ...]
    ended: bool = False

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.request.dataset,
            "rule": self.request.gate,
            "until": self.request.until.isoformat(),
            "ended": self.ended,
            "rows": [{"file": each.file, "record": each.spot.record} for each in self.rows],
        }

    def as_text(self) -> str:
        """In Chinese."""
        asked = self.request
        done = "例外处理提前终止" if self.ended else "例外处理（经批准）"
        lines = [f"{done} {asked.gate} {self.rows[0].description}"]
        lines += [f"  {each.file} 第 {each.spot.record} 行" for each in self.rows]
        said = (
            f"  决定：{asked.by}（{asked.role}）；下次运行起按原规则处理，已入登记。"
            if self.ended
            else f"  批准：{asked.by}（{asked.role}），至{asked.until}；下次运行起生效，已入登记。"
        )
        return "\n".join([*lines, said])


def waive_rows(home_dir: Path | None, request: Request, records: Sequence[int]) -> Waived:
    """Enter a waiver of the rule ``request.gate`` for the rows it was asked for, or some of them.

    Raises:
        UnknownDataset: the catalog has no such entry.
        DecisionError: nobody asked for it, or the term is over and nothing is to be ended.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        rows = _asked(workshop, request, records)
        running = all(each.granted for each in rows)
        ends = request.refuse_term(workshop.clock.as_of, running=running)
        _enter(workshop, request, rows)
        return Waived(request, rows, ended=ends)


def _asked(workshop: Workshop, request: Request, records: Sequence[int]) -> tuple[AskedFor, ...]:
    dataset = workshop.catalog.dataset(request.dataset)
    files = {sha256: each.original_name for sha256, each in files_of(workshop, dataset).items()}
    asked = [x for x in exceptions_of(workshop, dataset, files) if x.rule == request.gate]
    chosen = [x for x in asked if x.spot.record in records or not records]
    missing = sorted(set(records) - {each.spot.record for each in chosen})
    if not chosen or missing:
        rows = ", ".join(str(each.spot.record) for each in asked) or "none"
        raise DecisionError(
            f"nobody asked for an exception from {request.gate} for "
            f"{', '.join(map(str, missing)) or request.dataset}; it was asked for rows: {rows} "
            "(see `opendata quarantine list`)"
        )
    return tuple(chosen)


def _enter(workshop: Workshop, request: Request, rows: tuple[AskedFor, ...]) -> None:
    told = {
        "gate": request.gate,
        "refused": rows[0].description,
        "rows": [{"sha256": each.spot.sha256, "record": each.spot.record} for each in rows],
    }
    decided = (
        {
            "gate": request.gate,
            "fingerprint": each.fingerprint,
            "refused": each.description,
            "sha256": each.spot.sha256,
            "record": each.spot.record,
        }
        for each in rows
    )
    event = Event(kind=Kind.EXCEPTED, counts={"rows": len(rows)}, detail=told)
    enter(workshop, request, event, DecisionKind.EXCEPTION, decided)
