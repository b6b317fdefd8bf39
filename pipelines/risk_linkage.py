"""``opendata risk linkage`` and ``assess``: the nightly pass on demand, and entering an assessment.

The record first, then the register. What an assessment covers is ``opendata/linkage.py``.
"""

import getpass
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.linkage import StoreLinkage, link_store
from assets.probe import last_dossier
from assets.reports import write_reports
from assets.workshop import Workshop
from opendata.catalog import Catalog, Dataset
from opendata.errors import DecisionError, HomeError
from opendata.linkage import Difference, Link, LinkageVerdict, finding_fingerprint
from opendata.linkage_words import advice, in_words
from opendata.record import Event, Kind
from pipelines.approvals import Approval, enter
from resources.home import Home
from resources.register import DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What the pass found, in words."""

    catalog: Catalog
    told: StoreLinkage

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: no count of people below five is told apart."""
        return {
            "tables": self.told.tables,
            "pairs": self.told.pairs,
            "findings": [
                {
                    "dataset": each.dataset,
                    "other": each.other if isinstance(each, Link) else None,
                    "verdict": each.verdict.code,
                    "text": in_words(self.catalog, each),
                    "remedy": advice(each),
                }
                for each in self._findings()
            ],
        }

    def as_text(self) -> str:
        """In Chinese, a finding a paragraph."""
        findings = self._findings()
        head = (
            f"已开放、涉及个人的数据集{self.told.tables}个，两两比对{self.told.pairs}对，"
            f"并与上一版本对照，发现{len(findings)}项。"
        )
        told = (
            f"{each.verdict.value}：{in_words(self.catalog, each)}。\n  处理：{advice(each)}"
            for each in findings
        )
        return "\n".join((head, *told, "详见报告 data-linkage.html（附送审材料草稿）。"))

    def _findings(self) -> list[Link | Difference]:
        return [finding for each in self.told.found for finding in each.findings]


def link_everything(home_dir: Path | None) -> Linked:
    """Compare everything open that is about people; its page follows.

    Raises:
        HomeError: there is no home, or its settings are wrong.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor="opendata risk linkage")) as workshop:
        told = link_store(workshop)
        write_reports(workshop)
        return Linked(catalog=workshop.catalog, told=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What the assessment covers."""

    catalog: Catalog
    conclusion: Approval
    findings: tuple[Link | Difference, ...]
    lacks_opinion: bool

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.conclusion.dataset,
            "until": self.conclusion.until.isoformat(),
            "opinion": self.conclusion.basis,
            "lacks_opinion": self.lacks_opinion,
            "covers": [in_words(self.catalog, each) for each in self.findings],
        }

    def as_text(self) -> str:
        """In Chinese."""
        given = self.conclusion
        lines = [f"已登记安全评估：{in_words(self.catalog, each)}。" for each in self.findings]
        lines.append(f"  结论人：{given.by}（{given.role}），至{given.until}；下次运行起生效。")
        if self.lacks_opinion:
            lines.append("  尚缺专家委员会意见：条文要求征求，补登记（--opinion）前仍不得开放。")
        return "\n".join(lines)


def enter_assessment(home_dir: Path | None, given: Approval) -> Entered:
    """Enter the assessment of what the last passage of a dataset found.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: the dataset was never run, or was not compared.
        DecisionError: there is nothing to assess, something may not be assessed away, or the term
            is over.
    """
    home = Home.find(home_dir).prepare()
    with closing(Workshop.open(home, actor=getpass.getuser())) as workshop:
        dataset = workshop.catalog.dataset(given.dataset)
        findings = _findings(workshop, dataset)
        given.refuse_term(workshop.clock.as_of)
        _enter(workshop, dataset, given, findings)
        consult = workshop.regime.value("risk.mosaic")["consult"] == "shall"
        return Entered(
            catalog=workshop.catalog,
            conclusion=given,
            findings=findings,
            lacks_opinion=consult and not given.basis,
        )


def _findings(workshop: Workshop, dataset: Dataset) -> tuple[Link | Difference, ...]:
    dossier = last_dossier(workshop, dataset.id)
    if dossier is None or dossier.linkage is None:
        raise HomeError(f"{dataset.id} was never compared; `opendata run {dataset.id}` first")
    findings = dossier.linkage.findings
    if not findings:
        raise DecisionError(f"nothing was found to assess about the linkage of {dataset.id}")
    if any(each.verdict is LinkageVerdict.BLOCK for each in findings):
        raise DecisionError(
            f"{dataset.id} can be joined with names that are open; no assessment lifts that: "
            "generalise or drop what joins them, or drop the names"
        )
    return findings


def _enter(
    workshop: Workshop,
    dataset: Dataset,
    given: Approval,
    findings: tuple[Link | Difference, ...],
) -> None:
    detail = {
        "covers": [finding_fingerprint(dataset, each) for each in findings],
        "findings": [in_words(workshop.catalog, each) for each in findings],
    }
    event = Event(
        kind=Kind.ASSESSED,
        clauses=workshop.regime.rule("risk.mosaic").cites,
        detail={**detail, "opinion": given.basis},
    )
    enter(workshop, given, event, DecisionKind.ASSESS, [detail])
