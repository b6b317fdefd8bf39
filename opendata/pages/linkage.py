"""The page about linkage across everything open: its input, and the page made of it."""

import json
from dataclasses import dataclass

from opendata.linkage import LinkageVerdict
from opendata.pages.tables import Table
from opendata.pages.templates import page_of
from opendata.pages.views import Frame
from opendata.plain import plain

_TONES = {LinkageVerdict.BLOCK: "fail", LinkageVerdict.REVIEW: "hold", LinkageVerdict.NONE: "good"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageLine:
    """One finding: which dataset, what it means, and the draft for the committee.

    ``covered`` says until when an assessment covers it; empty where none does.
    """

    dataset_id: str
    title: str
    verdict: LinkageVerdict
    text: str
    advice: str
    evidence: tuple[tuple[str, str], ...]
    covered: str = ""

    @property
    def tone(self) -> str:
        """The family of marks and colours; the word stands beside it."""
        return "good" if self.covered else _TONES[self.verdict]

    @property
    def href(self) -> str:
        """The dataset's own page."""
        return f"{self.dataset_id}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageView:
    """Everything the page says; ``basis`` are the clauses with what they ask for."""

    frame: Frame
    tables: int
    pairs: int
    lines: tuple[LinkageLine, ...]
    basis: str
    stem: str
    overview_href: str

    @property
    def tone(self) -> str:
        """The gravest of its findings."""
        tones = {each.tone for each in self.lines}
        return next((each for each in ("fail", "hold") if each in tones), "good")


def linkage_page(view: LinkageView) -> str:
    """The page a steward and the committee read: a whole HTML document."""
    return page_of("linkage.html", view=view, frame=view.frame)


def linkage_json(view: LinkageView) -> str:
    """The same for machines."""
    return json.dumps(plain(view), ensure_ascii=False, sort_keys=True, indent=1)


def linkage_tables(view: LinkageView) -> tuple[Table, ...]:
    """The findings, and the drafts item by item."""
    findings = tuple(
        (each.dataset_id, each.title, each.verdict.value, each.text, each.advice, each.covered)
        for each in view.lines
    )
    drafts = tuple(
        (each.dataset_id, each.title, label, text)
        for each in view.lines
        for label, text in each.evidence
    )
    return (
        Table(
            name="汇聚关联",
            headings=("数据集编号", "数据集", "结论", "发现", "处理", "评估"),
            rows=findings,
        ),
        Table(name="送审材料", headings=("数据集编号", "数据集", "项目", "内容"), rows=drafts),
    )
