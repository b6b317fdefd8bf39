"""``opendata quality verify``: real Great Expectations on the same standardised table.

What is compared is the judgement kept in the dossier, with the file it was made of: a file that has
changed since is told, not judged. Great Expectations runs in a process of its own, asked for counts
and never for values.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import HomeError
from opendata.findings import QualityReport, RuleResult
from pipelines.quality_explaining import judged
from pipelines.quality_references import References, references_of
from quality.gx.opinion import SecondOpinion
from quality.gx_apart import ask
from quality.suite_json import gx_version, to_suite_json
from quality.verify import Compared, Comparison, comparable, compare
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One dataset: rule by rule, or in ``unverified`` (Chinese) why nothing could be compared.

    ``harmless`` where nothing was to be compared: the dataset was never judged.
    """

    dataset: Dataset
    rules: tuple[Compared, ...] = ()
    unverified: str = ""
    harmless: bool = False

    @property
    def agrees(self) -> bool:
        """Whether nothing speaks against our judgement."""
        return self.harmless or (not self.unverified and all(each.agrees for each in self.rules))

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.dataset.id,
            "agrees": self.agrees,
            "unverified": self.unverified or None,
            "rules": [_rule_json(each) for each in self.rules],
        }

    def lines(self) -> Iterator[str]:
        """In Chinese: the counts, every difference, and what could not be compared and why."""
        name = f"{self.dataset.title}（{self.dataset.id}）"
        if self.unverified:
            yield f"{name}：未核对，{self.unverified}"
            return
        counts = {each: sum(rule.comparison is each for rule in self.rules) for each in Comparison}
        told = "，".join(f"{each.value} {count} 条" for each, count in counts.items() if count)
        yield f"{name}：{len(self.rules)} 条规则，{told}"
        for each in self.rules:
            if not each.agrees:
                yield f"  {each.comparison.value} {each.ours.expectation.id} {_sides(each)}"
        named = (Comparison.NOT_COMPARED, Comparison.SAME_BUT_FOR_CASTS)
        reasons = sorted(
            (each.comparison.value, each.why, each.ours.expectation.id)
            for each in self.rules
            if each.comparison in named
        )
        for (word, why), those in groupby(reasons, key=lambda each: each[:2]):
            yield f"  {word}（{why}）：{'、'.join(each[2] for each in those)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A judgement to be asked about, with what its rules were held against."""

    dataset: Dataset
    report: QualityReport
    beside: References


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What real Great Expectations says of the judgements of a home."""

    datasets: tuple[Verified, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing speaks against any judgement."""
        return all(each.agrees for each in self.datasets)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "engine": f"great_expectations {gx_version()} (pandas)",
            "agrees": self.agrees,
            "datasets": [each.as_json() for each in self.datasets],
        }

    def as_text(self) -> str:
        """In Chinese."""
        lines = [line for each in self.datasets for line in each.lines()]
        rules = [rule for each in self.datasets for rule in each.rules]
        wrong = sum(not each.agrees for each in rules)
        left = sum(each.comparison is Comparison.NOT_COMPARED for each in rules)
        closing_line = (
            f"Great Expectations {gx_version()}（pandas）：核对 {len(rules) - left} 条规则，"
            f"不一致 {wrong} 条，不作比较 {left} 条。"
        )
        return "\n".join([*lines, closing_line])


def verify_quality(home_dir: Path | None, only: tuple[str, ...]) -> Verification:
    """Ask Great Expectations about the datasets ``only``, or about all that were judged.

    Raises:
        UnknownDataset: the catalog has no such entry.
        HomeError: a dataset asked for by name was never judged.
    """
    home = Home.find(home_dir)
    with closing(Workshop.open(home)) as workshop:
        catalog = workshop.catalog
        wanted = tuple(map(catalog.dataset, only)) or catalog.in_reading_order
        looked_at = [_asked(workshop, each, named=bool(only)) for each in wanted]
        possible = [each for each in looked_at if isinstance(each, Asked)]
        answers = ask([_order(workshop, each) for each in possible])
    verified = {
        asked.dataset.id: _verified(asked, answer)
        for asked, answer in zip(possible, answers, strict=True)
    }
    return Verification(
        datasets=tuple(
            verified[each.dataset.id] if isinstance(each, Asked) else each for each in looked_at
        )
    )


def _asked(workshop: Workshop, dataset: Dataset, *, named: bool) -> Asked | Verified:
    try:
        dossier, report = judged(workshop, dataset)
    except HomeError:
        if named:
            raise
        return Verified(dataset=dataset, unverified="没有质量评价", harmless=True)
    flagged = workshop.flagged(dataset.id)
    if not flagged.exists() or workshop.state.sha256_of(flagged) != dossier.standardised_sha256:
        why = f"治理后的数据已不是评价时的数据，请先运行 opendata run {dataset.id}"
        return Verified(dataset=dataset, unverified=why)
    beside = references_of(workshop, dataset, dossier, report)
    return Asked(dataset=dataset, report=report, beside=beside)


def _order(workshop: Workshop, asked: Asked) -> Mapping[str, Any]:
    dataset, beside = asked.dataset, asked.beside
    rules = [each.expectation for each in comparable(asked.report, beside.gone)]
    return {
        "job": "judge",
        "flagged": str(workshop.flagged(dataset.id).absolute()),
        "suite": to_suite_json(dataset.id, rules),
        "fields": [each.name for each in dataset.fields],
        "scratch": str(workshop.home.scratch.absolute()),
        "earlier": asdict(beside.earlier) if beside.earlier else None,
    }


def _verified(asked: Asked, answer: Mapping[str, Any]) -> Verified:
    if "crash" in answer:
        why = f"GX 进程出错：{answer['crash']}（{answer['where']}）"
        return Verified(dataset=asked.dataset, unverified=why)
    opinions = {each["expectation_id"]: SecondOpinion(**each) for each in answer["opinions"]}
    rules = compare(asked.report, opinions, answer["crashed"], asked.beside.gone)
    return Verified(dataset=asked.dataset, rules=rules)


def _sides(rule: Compared) -> str:
    theirs = rule.theirs
    said = _side(theirs) if theirs else "无结果"
    description = rule.ours.expectation.description
    return f"{description}：{rule.why}；本系统 {_side(rule.ours)}，GX {said}"


def _side(opinion: RuleResult | SecondOpinion) -> str:
    verdict = "通过" if opinion.success else "未通过"
    if opinion.unexpected is None:
        return verdict
    return f"{verdict}（元素 {opinion.rows}、缺失 {opinion.missing}、不符合 {opinion.unexpected}）"


def _rule_json(rule: Compared) -> dict[str, Any]:
    return {
        "rule": rule.ours.expectation.id,
        "type": rule.ours.expectation.type,
        "comparison": rule.comparison.name.lower(),
        "why": rule.why or None,
        "ours": _opinion_json(rule.ours),
        "theirs": _opinion_json(rule.theirs) if rule.theirs else None,
    }


def _opinion_json(opinion: RuleResult | SecondOpinion) -> dict[str, Any]:
    names = ("success", "rows", "missing", "unexpected")
    return {name: getattr(opinion, name) for name in names}
