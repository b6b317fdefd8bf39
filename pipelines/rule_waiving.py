"""``opendata quarantine waive --all-rows``: a named person lets a rule of a suite pass as a whole.

No clerk has to have asked, and the rule may be about the table. What the waiver binds to is
``opendata/waivers.py``: it holds from the next run on and lies in the register only.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.quarantine import held_of, judged_rules
from assets.settled import rules_waived
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import DecisionError
from opendata.findings import Expectation
from opendata.record import Event, Kind
from opendata.vocabulary import OnFail, Severity
from opendata.waivers import rule_fingerprint, why_never_waived
from pipelines.approvals import enter
from pipelines.waiving import Request
from resources.home import Home
from resources.register import DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWaived:
    """A rule that was waived as a whole; with ``barred``, why it may not be, and nothing was.

    ``waiting`` rows are 问题数据 now that break it. ``ended`` says that a running waiver was ended.
    """

    request: Request
    expectation: Expectation
    waiting: int = 0
    ended: bool = False
    barred: str = ""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.request.dataset,
            "rule": self.expectation.id,
            "whole": True,
            "until": self.request.until.isoformat(),
            "waiting": self.waiting,
            "ended": self.ended,
            "barred": self.barred,
        }

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._barred() if self.barred else self._told())

    def _barred(self) -> Iterator[str]:
        yield f"不得例外处理 {self.expectation.id} {self.expectation.description}"
        yield f"  原因：{self.barred}。未作任何登记。"

    def _told(self) -> Iterator[str]:
        asked, rule = self.request, self.expectation
        if self.ended:
            yield f"例外处理提前终止 {rule.id} {rule.description}（整条规则）"
            yield f"  决定：{asked.by}（{asked.role}）；下次运行起按原规则处理，已入登记。"
            return
        yield f"例外处理（经批准） {rule.id} {rule.description}（整条规则）"
        yield f"  批准：{asked.by}（{asked.role}），至{asked.until}；下次运行起生效，已入登记。"
        yield f"  效果：{self._effect()}"
        yield "  期满或者规则改变时自行失效；提前终止，以早于今日的 --until 再登记一次。"

    def _effect(self) -> str:
        rule = self.expectation
        said = {
            OnFail.BLOCK: "未通过时不再暂缓开放",
            OnFail.DROP: f"只违反此规则的数据照常开放（现有问题数据 {self.waiting} 条违反此规则）",
            OnFail.KEEP_FLAG: "此规则未通过时数据本就照常开放",
        }[rule.on_fail]
        capped = rule.severity is Severity.CRITICAL
        score = "；严重规则未通过的，总分仍不超过59.9" if capped else ""
        return f"{said}。得分、报告和页面照常计入{score}。"


def waive_rule(home_dir: Path | None, request: Request) -> RuleWaived:
    """Enter a waiver of the whole rule ``request.gate``, or end the one that holds.

    Raises:
        UnknownDataset: the catalog has no such entry.
        CatalogError: the entry's own rules have problems.
        DecisionError: the dataset has no such rule, or the term is over and nothing is to be ended.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        dataset = workshop.catalog.dataset(request.dataset)
        rule = _rule(workshop, dataset, request.gate)
        if barred := why_never_waived(dataset, rule):
            return RuleWaived(request=request, expectation=rule, barred=barred)
        running = bool(rules_waived(workshop, dataset, [rule]))
        ends = request.refuse_term(workshop.clock.as_of, running=running)
        held = held_of(workshop, dataset)
        waiting = held.reasons.get(rule.id, 0) if held else 0
        _enter(workshop, dataset, request, rule, waiting=waiting, ended=ends)
        return RuleWaived(request=request, expectation=rule, waiting=waiting, ended=ends)


def _rule(workshop: Workshop, dataset: Dataset, rule: str) -> Expectation:
    known = judged_rules(workshop, dataset)
    if rule not in known:
        raise DecisionError(
            f"{dataset.id} has no rule {rule!r} in its suite; it has: {', '.join(sorted(known))}. "
            "The refusal of a gate is waived with `opendata waive --gate`"
        )
    return known[rule]


def _enter(  # noqa: PLR0913 - what is decided, by whom, about how much
    workshop: Workshop,
    dataset: Dataset,
    request: Request,
    rule: Expectation,
    *,
    waiting: int,
    ended: bool,
) -> None:
    detail = {
        "gate": rule.id,
        "fingerprint": rule_fingerprint(dataset, rule),
        "refused": rule.description,
        "whole": True,
        "ended": ended,
    }
    event = Event(kind=Kind.EXCEPTED, counts={"rows": waiting}, detail=detail)
    enter(workshop, request, event, DecisionKind.EXCEPTION, [detail])
