"""The audit of catalogue lists in words, columns and as a page: what a steward reads of it.

The same columns stand in the text, the CSV and the page. No script, no outside address. Judging is
``opendata/freshness_audit.py``; nothing of a list is shown but names of bodies and spellings.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from opendata.freshness import chinese_date
from opendata.freshness_audit import Audit, graces, merged_classes
from opendata.freshness_tally import REASONS, Tally, merged
from opendata.pages import words
from opendata.pages.templates import page_of
from opendata.portal_list import Role

SHOWN_PROVIDERS = 40
"""Providers told line by line; the rest are one line together."""

NUMBERS: Mapping[str, Callable[[Tally], float | None]] = MappingProxyType(
    {
        "数据集": lambda each: each.datasets,
        "有更新日期": lambda each: each.datable,
        "可判定": lambda each: each.judged,
        "按时": lambda each: each.on_time,
        "宽限内": lambda each: each.in_grace,
        "逾期": lambda each: each.overdue,
    }
)
"""The counts of a tally by heading, in the order of the columns."""

HEADINGS = (*NUMBERS, "逾期率", "逾期中位天数", "不能判定")
_COLUMNS: Mapping[Role, str] = MappingProxyType(
    {"updated": "数据时间", "frequency": "更新频率", "provider": "提供单位", "released": "发布日期"}
)


def cells(tally: Tally) -> tuple[str, ...]:
    """A tally in words, one a heading of ``HEADINGS``."""
    share = "—" if tally.share is None else words.percent(tally.share)
    days = "—" if tally.median_days is None else f"{tally.median_days:g}"
    numbers = (words.number(of(tally)) for of in NUMBERS.values())
    return (*numbers, share, days, unjudged(tally) or "—")


def unjudged(tally: Tally) -> str:
    """Why how many could not be judged: 不定期361、实时220; blank where all could."""
    return "、".join(f"{REASONS[why]}{words.number(n)}" for why, n in tally.unjudged.items())


def as_of_words(audit: Audit) -> str:
    """The day of judging, and where it comes from."""
    return f"{chinese_date(audit.as_of)}（{as_of_source(audit)}）"


def as_of_source(audit: Audit) -> str:
    """Where the day of judging comes from."""
    return {
        "given": "指定",
        "updated": "清单中最新的更新日期",
        "released": "清单中没有更新日期，取最新的发布日期",
        "today": "清单中没有可用的日期，取今日",
    }[audit.as_of_from]


def columns_words(audit: Audit) -> str:
    """Which columns of the list were taken for what, by number and heading."""
    found = audit.contents.columns
    said = [
        f"{what}取自第{found[role].number}列{_quoted(found[role].heading)}"
        if role in found
        else f"{what}未找到对应的列"
        for role, what in _COLUMNS.items()
        if role in found or role != "released"
    ]
    return "；".join(said).replace("发布日期取自", "发布日期在") + "。"


def remarks(audit: Audit) -> tuple[str, ...]:
    """What else is to be known about a list: spellings, dates after the day, what 实时 hides."""
    said = []
    if audit.unknown_frequencies:
        listed = "、".join(f"“{each}”{n}" for each, n in audit.unknown_frequencies.items())
        said.append(f"不识别的更新频率写法：{listed}。")
    if audit.unknown_dates:
        said.append(f"更新日期写法不识别{words.number(audit.unknown_dates)}个。")
    if audit.later:
        said.append(f"更新日期晚于判定日{words.number(audit.later)}个，请核对。")
    return (*said, *realtime_remark(audit.whole))


def realtime_remark(tally: Tally) -> tuple[str, ...]:
    """What is declared 实时 and has an old date, in a sentence; nothing where none has."""
    if not tally.realtime_behind:
        return ()
    late = words.number(tally.realtime_behind)
    return (f"标注“实时”而更新日期早于判定日前一日的{late}个，未计入逾期，请核实接口。",)


def rules() -> tuple[str, ...]:
    """The rule everything was judged by, in sentences."""
    return (
        "以清单所载更新日期为数据时间：数据时间所在周期的下一周期届满时应已再次更新，按自然日计；"
        "周期为自然日、自然周（周一至周日）、旬、半月、月、季度、半年、年。",
        f"宽限为本市规则（此处取默认值：{graces()}，自然日）；宽限届满仍未更新为逾期，逾期天数自宽限届满"
        "次日起算。逾期率为逾期数除以可判定数。",
        "不定期、静态（不更新）没有固定期限；“实时”数据经接口变动，清单中的日期不能反映；注明暂无新业务"
        "数据的，日期早不等于迟；以上均不判定。写法不识别的如实计数，不作推测。",
        "发布日期不能代替更新日期。清单的更新日期如由门户自动改写，或只是目录的修改日期，结论随之。",
        "各列完全相同的记录只计一次；没有名称的记录不计。",
    )


def shown_providers(audit: Audit) -> tuple[Tally, ...]:
    """The providers with most overdue one by one, and the rest as one."""
    first, rest = audit.providers[:SHOWN_PROVIDERS], audit.providers[SHOWN_PROVIDERS:]
    return (*first, merged(f"其余{len(rest)}家", rest)) if rest else first


def audit_page(audits: Sequence[Audit]) -> str:
    """A page about one list or several: a whole HTML document."""
    return page_of(
        "audit.html",
        audits=audits,
        whole=merged("合计", (each.whole for each in audits)),
        classes=merged_classes(audits),
        headings=HEADINGS,
        cells=cells,
        as_of_words=as_of_words,
        columns_words=columns_words,
        remarks=remarks,
        realtime_remark=realtime_remark,
        rules=rules,
        shown_providers=shown_providers,
        unjudged=unjudged,
    )


def _quoted(heading: str) -> str:
    return f"“{heading}”" if heading else ""
