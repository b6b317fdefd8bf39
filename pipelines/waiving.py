"""``opendata waive``: what is entered when a named person lets a refusal pass, or why it is not.

A waiver binds to the refusal as the dataset's last passage found it and holds from the next run on.
What it binds to is ``opendata/waivers.py``; where there is room for one, ``opendata/gates.yaml``.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.errors import DecisionError, HomeError
from opendata.findings import Refusal
from opendata.record import Event, Kind
from opendata.waivers import LIFTED_OTHERWISE, NEEDS_CONSENT
from pipelines.tables import reason_json
from resources.fsio import sha256_of_file
from resources.home import Home
from resources.register import Decision, DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks to let pass: the refusals of ``gate``, until the end of a day."""

    dataset: str
    gate: str
    by: str
    role: str
    reason: str
    until: date
    consent: str | None = None
    evidence: Path | None = None


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
        now = workshop.clock.now()
        for each in refusals:
            _enter(workshop, request, each, now)
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


def refuse_term(request: Request, as_of: date, *, running: bool = False) -> bool:
    """Whether the request ends a ``running`` waiver: its last day is over.

    Raises:
        DecisionError: the last day is over, and there is nothing to end.
    """
    over = request.until < as_of
    if over and not running:
        raise DecisionError(f"--until {request.until} is over; a waiver needs a term to come")
    return over


def _check(workshop: Workshop, request: Request) -> None:
    refuse_term(request, workshop.clock.as_of)
    if request.gate in NEEDS_CONSENT and not (request.consent or "").strip():
        raise DecisionError(
            f"{request.gate} is waived on the written consent of the body that provided the data; "
            "give its reference with --consent"
        )


def _enter(workshop: Workshop, request: Request, refusal: Refusal, now: datetime) -> None:
    """The record first, then the register."""
    detail = {
        "gate": refusal.rule,
        "by": request.by,
        "role": request.role,
        "until": request.until.isoformat(),
        "fingerprint": refusal.waivable,
        "refused": refusal.text,
    }
    workshop.record(
        Event(
            kind=Kind.EXCEPTED,
            dataset_id=request.dataset,
            occurred_at=now,
            clauses=refusal.clauses,
            detail={**detail, "reason": request.reason, "consent": request.consent},
        )
    )
    workshop.register.record_decision(
        Decision(
            kind=DecisionKind.EXCEPTION,
            actor=workshop.actor,
            decided_at=now,
            reason=request.reason,
            basis=request.consent,
            dataset_id=request.dataset,
            detail=detail,
            evidence=sha256_of_file(request.evidence) if request.evidence else None,
        )
    )
