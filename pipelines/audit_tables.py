"""The audit of catalogue lists as aligned text and as CSV, one line a tally."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from opendata.freshness_audit import Audit, merged_classes
from opendata.freshness_tally import REASONS, Tally, merged
from opendata.pages.audit import (
    HEADINGS,
    NUMBERS,
    as_of_source,
    as_of_words,
    cells,
    columns_words,
    realtime_remark,
    remarks,
    rules,
    shown_providers,
    unjudged,
)
from opendata.pages.words import number, percent

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the start of a formula."""


def audits_text(audits: Sequence[Audit]) -> str:
    """One list in full; of several the totals first, then each by declared frequency."""
    lines: list[str] = []
    if len(audits) > 1:
        whole = merged("合计", (each.whole for each in audits))
        lines += [_headline(whole), *realtime_remark(whole), "", "各清单（以各自的判定日判定）"]
        lines += _table("清单", (*(each.whole for each in audits), whole))
        lines += ["", "按更新频率（全部清单）", *_table("更新频率", merged_classes(audits))]
    for each in audits:
        lines += ["", *_section(each, providers=len(audits) == 1)]
    if len(audits) > 1:
        lines += ["", "各提供单位见 --csv、--html、--json，或单独核查一份清单。"]
    lines += ["", "判定规则"]
    lines += [f"{place}. {each}" for place, each in enumerate(rules(), start=1)]
    return "\n".join(lines).strip()


def audits_csv(audits: Iterable[Audit]) -> str:
    """Every tally of every list: the whole, each declared frequency, each provider."""
    stream = StringIO()
    writer = csv.writer(stream)
    reasons = tuple(f"不能判定：{each}" for each in REASONS.values())
    ends = ("逾期率", "逾期天数中位数", *reasons, "判定日", "判定日来源", "数据时间所在列")
    writer.writerow(("清单", "范围", "名称", "记录", "重复", "没有名称", *NUMBERS, *ends))
    for audit in audits:
        for scope, tally in _tallies(audit):
            writer.writerow(map(_cell, _line(audit, scope, tally)))
    return stream.getvalue()


def _section(audit: Audit, *, providers: bool) -> Iterator[str]:
    contents = audit.contents
    yield f"{contents.name}　判定日{as_of_words(audit)}"
    yield (
        f"记录{number(contents.records)}条：重复{number(contents.repeats)}条，"
        f"没有名称{number(contents.untitled)}条，数据集{number(audit.whole.datasets)}个。"
        f"{columns_words(audit)}"
    )
    yield _headline(audit.whole)
    yield from remarks(audit)
    yield from _table("更新频率", audit.classes)
    if providers and audit.providers:
        yield ""
        yield "按提供单位（逾期多者在前）"
        yield from _table("提供单位", shown_providers(audit))


def _headline(tally: Tally) -> str:
    said = f"可判定{number(tally.judged)}个，逾期{number(tally.overdue)}个"
    if tally.share is not None:
        said += f"，逾期率{percent(tally.share)}"
    if tally.median_days is not None:
        said += f"，逾期天数中位数{tally.median_days:g}天"
    left = tally.datasets - tally.judged
    return f"{said}；不能判定{number(left)}个{'：' if left else ''}{unjudged(tally)}。"


def _table(first: str, tallies: Iterable[Tally]) -> Iterator[str]:
    rows = [(first, *HEADINGS), *((each.name, *cells(each)) for each in tallies)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        name, *numbers, why = row
        padded = [name + " " * (widths[0] - _width(name))]
        padded += [
            " " * (width - _width(each)) + each
            for each, width in zip(numbers, widths[1:-1], strict=True)
        ]
        yield "  ".join((*padded, why))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text)


def _tallies(audit: Audit) -> Iterator[tuple[str, Tally]]:
    yield "合计", audit.whole
    yield from (("更新频率", each) for each in audit.classes)
    yield from (("提供单位", each) for each in audit.providers)


def _line(audit: Audit, scope: str, tally: Tally) -> Iterator[object]:
    contents = audit.contents
    counted = (contents.records, contents.repeats, contents.untitled)
    yield from (contents.name, scope, tally.name)
    yield from counted if scope == "合计" else ("", "", "")
    yield from (of(tally) for of in NUMBERS.values())
    yield "" if tally.share is None else round(tally.share, 4)
    yield "" if tally.median_days is None else tally.median_days
    yield from (tally.unjudged.get(each, 0) for each in REASONS)
    taken = contents.columns.get("updated")
    yield from (audit.as_of.isoformat(), as_of_source(audit), taken.number if taken else "")


def _cell(value: object) -> object:
    """What a spreadsheet shows as it stands: a text never begins a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
