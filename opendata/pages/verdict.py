"""The one sentence at the head of a page: what became of the dataset, and is anything owed.

A positive verdict says 未发现不符合所载规则的情形 and no more: whether something is lawful is for
the legal office to say.
"""

from dataclasses import dataclass

from opendata.findings import Outcome
from opendata.pages.needs import Need
from opendata.pages.views import VersionView
from opendata.pages.words import verdict_tone
from opendata.vocabulary import Verdict

CLEAN = "未发现不符合所载规则的情形"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The verdict word, the family of marks it is drawn with, and its sentence."""

    word: str
    tone: str
    sentence: str


def headline(view: VersionView, needs: tuple[Need, ...]) -> Headline:
    """What the strip at the head of a version page says."""
    outcome = view.outcome
    tone = verdict_tone(outcome.verdict)
    if tone == "good" and any(need.weight == "must" for need in needs):
        tone = "hold"
    return Headline(word=outcome.verdict.value, tone=tone, sentence=_sentence(view, outcome, needs))


def _sentence(view: VersionView, outcome: Outcome, needs: tuple[Need, ...]) -> str:
    if outcome.verdict in (Verdict.RELEASED, Verdict.RELEASED_CONDITIONALLY):
        return _released(needs) + _unjudged(view)
    if outcome.verdict is Verdict.BLOCKED:
        return f"{_refusals(outcome)}本次未开放。{_standing(view)}"
    if outcome.verdict is Verdict.FAILED:
        return f"本次处理未完成。{_standing(view)}"
    if outcome.verdict is Verdict.SUSPENDED:
        return "全部版本均不可访问，直至恢复开放。"
    basis = f"依据：{view.dataset.basis}。" if view.dataset.basis else ""
    return f"按目录不予开放，不生成开放文件。{basis}"


def _released(needs: tuple[Need, ...]) -> str:
    if not needs:
        return f"{CLEAN}。"
    owed = sum(need.weight == "must" for need in needs)
    if owed:
        return f"数据已开放，但有{owed}件事须处理。"
    return f"数据已开放，有{len(needs)}件事请您留意。"


def _unjudged(view: VersionView) -> str:
    count = view.pending_rules
    return f"另有{count}项规则尚未判断。" if count else ""


def _refusals(outcome: Outcome) -> str:
    count = len(outcome.reasons)
    return f"有{count}项规则未满足，" if count else ""


def _standing(view: VersionView) -> str:
    if not view.history:
        return "此前没有开放过的版本。"
    return f"此前开放的第{view.history[0].version}版不变。"
