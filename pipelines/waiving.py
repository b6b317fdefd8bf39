"""``opendata waive``: what is entered when a named person lets a refusal pass, or why it is not.

A waiver binds to the refusal as the dataset's last passage found it and holds from the next run on.
What it binds to is ``opendata/waivers.py``; where there is room for one, ``opendata/gates.yaml``.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.errors import DecisionError, HomeError
from opendata.findings import Refusal
from opendata.record import Event, Kind
from opendata.waivers import LIFTED_OTHERWISE, NEEDS_CONSENT
from pipelines.approvals import Approval, enter
from pipelines.tables import reason_json
from resources.home import Home
from resources.register import DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Approval):
    """What somebody asks to let pass: the refusals of ``gate``; ``basis`` is a written consent."""

    gate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was let pass; ``barred`` are refusals nobody may waive, and then nothing was."""

    request: Request
    waived: tuple[Refusal, ...] = ()
    barred: tuple[Refusal, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.request.dataset,
            "gate": self.request.gate,
            "until": self.request.until.isoformat(),
            "waived": [reason_json(each) for each in self.waived],
            "barred": [reason_json(each) for each in self.barred],
        }

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        asked = self.request
        for each in self.barred:
            yield f"不得例外处理 {each.rule} {each.text}{each.tag}"
            if each.citation:
                yield f"  依据：{each.citation}：“{each.quote}”"
            yield f"  处理：{LIFTED_OTHERWISE.get(each.rule, each.remedy)}"
        for each in self.waived:
            yield f"例外处理（经批准） {each.rule} {each.text}{each.tag}"
            yield f"  批准：{asked.by}（{asked.role}），至{asked.until}；下次运行起生效，已入登记。"


def waive_refusal(home_dir: Path | None, request: Request) -> Told:
    """Enter a waiver of what the gate refuses now; enter nothing where any of it may not be.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: the dataset was never run.
        DecisionError: the gate does not refuse it, the term is over, or the consent is missing.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        refusals = _refusals(workshop, request)
        barred = tuple(each for each in refusals if not each.waivable)
        if barred:
            return Told(request=request, barred=barred)
        _check(workshop, request)
        for each in refusals:
            _enter(workshop, request, each)
        return Told(request=request, waived=refusals)


def _refusals(workshop: Workshop, request: Request) -> tuple[Refusal, ...]:
    """What the gate said when the dataset was last run; a running exception can be renewed."""
    workshop.catalog.dataset(request.dataset)
    dossier = last_dossier(workshop, request.dataset)
    if dossier is None:
        raise HomeError(f"{request.dataset} was never run; `opendata run {request.dataset}` first")
    renewed = [each for each in dossier.outcome.warnings if each.exception]
    found = [each for each in (*dossier.refusals, *renewed) if each.rule == request.gate]
    if not found:
        rules = ", ".join(dict.fromkeys(each.rule for each in dossier.refusals)) or "nothing"
        raise DecisionError(
            f"{request.dataset} is not refused by {request.gate} but by {rules}; "
            "a waiver is given for a refusal that was made"
        )
    return tuple(found)


def _check(workshop: Workshop, request: Request) -> None:
    request.refuse_term(workshop.clock.as_of)
    if request.gate in NEEDS_CONSENT and not (request.basis or "").strip():
        raise DecisionError(
            f"{request.gate} is waived on the written consent of the body that provided the data; "
            "give its reference with --consent"
        )


def _enter(workshop: Workshop, request: Request, refusal: Refusal) -> None:
    detail = {
        "gate": refusal.rule,
        "fingerprint": refusal.waivable,
        "refused": refusal.text,
    }
    event = Event(
        kind=Kind.EXCEPTED, clauses=refusal.clauses, detail={**detail, "consent": request.basis}
    )
    enter(workshop, request, event, DecisionKind.EXCEPTION, [detail])
