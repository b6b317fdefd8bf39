"""The calendar of a dataset's periods (更新日历) on a page: one cell a period, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from opendata.freshness import chinese_date
from opendata.punctuality import KeptPeriod, kept_share
from opendata.vocabulary import Punctuality


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCell:
    """One period: its last day and a word that fit into the cell, and all of it as a sentence."""

    end: str
    word: str
    tone: str
    sentence: str


def period_cells(history: Sequence[KeptPeriod]) -> tuple[PeriodCell, ...]:
    """The periods from the first that counts, oldest first; none before the first release."""
    return tuple(_cell(x) for x in history if x.state is not Punctuality.NOT_APPLICABLE)


def kept_in_words(history: Sequence[KeptPeriod]) -> str:
    """How many of the periods that are decided were kept."""
    kept, decided = kept_share(history)
    counted = len(period_cells(history))
    return f"最近{counted}期中，已有结论{decided}期，按期{kept}期。"


def _cell(period: KeptPeriod) -> PeriodCell:
    tone, word = _said(period)
    met = f"{chinese_date(period.met_on)}开放" if period.met_on else "尚未更新"
    tail = "（暂定）" if period.provisional else ""
    return PeriodCell(
        end=f"{period.end:%y-%m-%d}",
        word=word,
        tone=tone,
        sentence=f"截至{chinese_date(period.end)}的一期：{word}，"
        f"应于{chinese_date(period.due)}前更新{tail}，{met}。",
    )


def _said(period: KeptPeriod) -> tuple[str, str]:
    if period.state is Punctuality.OVERDUE:
        return "fail", f"逾期{period.late_days}天"
    if period.met_on is not None:
        return "good", "按期"
    waits = {Punctuality.IN_GRACE: "宽限内", Punctuality.DUE_SOON: "即将到期"}
    return ("hold", waits[period.state]) if period.state in waits else ("none", "未到期")
