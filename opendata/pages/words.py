"""How numbers, days and terms are written for stewards.

Single words and short phrases only. What needs doing is ``needs.py``; what a page looks like is its
template.
"""

from datetime import date, datetime

from opendata.catalog import Dataset
from opendata.findings import Freshness
from opendata.freshness import chinese_date
from opendata.indicators import INDICATORS
from opendata.vocabulary import OnFail, Punctuality, Severity, Verdict

SMALL = 5
"""Counts of findings about people below this are written ``<5``."""

LEGAL_STATUS = (
    "规则依据五份文本整理：三份为征求意见稿（未见生效文本）；西安共享办法按其第四十七条已于2023年11月"
    "届满，是否延续未核实；重庆文本来源未载标题与公布日期。本产品不构成法律意见，启用前须由本单位法制机构"
    "核对现行规定并签署。"
)

_SEVERITIES = {Severity.CRITICAL: "严重", Severity.WARNING: "一般", Severity.INFO: "提示"}
_ON_FAIL = {
    OnFail.DROP: "转为问题数据",
    OnFail.KEEP_FLAG: "标记后保留",
    OnFail.BLOCK: "暂缓开放",
}
_TONES = {
    Verdict.RELEASED: "good",
    Verdict.RELEASED_CONDITIONALLY: "good",
    Verdict.BLOCKED: "hold",
    Verdict.FAILED: "fail",
    Verdict.SUSPENDED: "stop",
    Verdict.NOT_OPEN: "none",
}
_PUNCTUALITY_TONES = {
    Punctuality.ON_TIME: "good",
    Punctuality.DUE_SOON: "hold",
    Punctuality.IN_GRACE: "hold",
    Punctuality.OVERDUE: "fail",
}


def number(value: float | None) -> str:
    """A count with thousands separated, or a dash.

    >>> number(12050), number(None)
    ('12,050', '—')
    """
    return "—" if value is None else f"{value:,}"


def small_count(value: int) -> str:
    """A count of findings about people: below five it is not told apart.

    >>> small_count(3), small_count(0), small_count(12)
    ('<5', '0', '12')
    """
    return f"<{SMALL}" if 0 < value < SMALL else f"{value:,}"


def score(value: float | None) -> str:
    """A score of 0 to 100 with one decimal, rounded down so that 59.96 never reads as 60.

    >>> score(59.96), score(100), score(None)
    ('59.9', '100.0', '未评估')
    """
    return "未评估" if value is None else f"{int(value * 10 + 1e-9) / 10:.1f}"


def title_of(dataset: Dataset, column: str) -> str:
    """The Chinese title of a column; the column's own name where the entry has no such field."""
    return next((each.title for each in dataset.fields if each.name == column), column)


def percent(share: float) -> str:
    """A share of one as per cent, rounded down: 100% means all of it.

    >>> percent(0.99996), percent(0.5)
    ('99.99%', '50%')
    """
    return f"{int(share * 10000 + 1e-9) / 100:g}%"


def day(value: date | None) -> str:
    """A day as officials write it, or a dash."""
    return "—" if value is None else chinese_date(value)


def moment(value: datetime) -> str:
    """A day and a time of day."""
    return f"{chinese_date(value)} {value:%H:%M}"


def punctuality(state: Punctuality) -> str:
    """The state of freshness; an approved exception is named as one."""
    return "例外处理（经批准）" if state is Punctuality.EXEMPT else state.value


def lateness(freshness: Freshness) -> str:
    """The state of freshness, with the days when it is overdue: 逾期12天."""
    word = punctuality(freshness.punctuality)
    return f"{word}{freshness.overdue_days}天" if freshness.overdue_days else word


def indicator(code: str) -> str:
    """The code of an indicator with its name.

    >>> indicator("0503")
    '0503 时序性'
    """
    return f"{code} {INDICATORS.get(code, '')}".strip()


def severity(value: Severity) -> str:
    """How much a rule weighs."""
    return _SEVERITIES[value]


def on_fail(value: OnFail) -> str:
    """What a broken rule does to the row or to the version."""
    return _ON_FAIL[value]


def verdict_tone(value: Verdict) -> str:
    """The family of marks and colours for a verdict; the word always stands beside it."""
    return _TONES[value]


def punctuality_tone(state: Punctuality) -> str:
    """The family of marks and colours for a state of freshness."""
    return _PUNCTUALITY_TONES.get(state, "none")
