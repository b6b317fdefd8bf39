"""Receipts (回执): what a body is told of a file it dropped, in plain Chinese text.

Words only, made from values. When a receipt is due is ``assets/receipts.py``, where it is put
``resources/drop.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from opendata.findings import Outcome, Refusal

RECEIPT_ENDING = ".回执.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something a body should know or do; ``citation`` is empty where no article is behind it."""

    text: str
    remedy: str = ""
    citation: str = ""

    @classmethod
    def of(cls, refusal: Refusal) -> "Remark":
        """A gate's no or warning, with its article and how firm the ground is."""
        return cls(
            text=f"{refusal.rule} {refusal.text}",
            remedy=refusal.remedy,
            citation=f"{refusal.citation}{refusal.tag}" if refusal.citation else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One delivery and what became of it; ``outcome`` is None where no dataset took it.

    ``name`` is shown and holds no control characters; ``sha256`` is None of what is no file.
    ``handled`` says whether the file was processed, ``place`` where it lies now.
    """

    name: str
    received_at: datetime
    size: int
    sha256: str | None
    handled: bool
    place: str
    outcome: Outcome | None = None
    remarks: tuple[Remark, ...] = ()


def receipt_text(receipt: Receipt) -> str:
    """The receipt as it is written beside the file."""
    return "\n".join(_lines(receipt)) + "\n"


def _lines(receipt: Receipt) -> Iterator[str]:
    yield "数据文件回执"
    yield ""
    yield f"文件名：{receipt.name}"
    yield f"收到时间：{receipt.received_at:%Y-%m-%d %H:%M:%S}"
    yield f"大小：{receipt.size} 字节"
    if receipt.sha256:
        yield f"SHA-256：{receipt.sha256}"
    if receipt.outcome:
        yield f"数据集：{receipt.outcome.title}（{receipt.outcome.dataset_id}）"
    yield f"处理结果：{'已处理' if receipt.handled else '未处理'}"
    if receipt.outcome:
        yield from _counts(receipt.outcome)
    for remark in receipt.remarks:
        yield from _remark(remark)
    yield f"文件现存：{receipt.place}"


def _counts(outcome: Outcome) -> Iterator[str]:
    yield f"开放结论：{outcome.verdict.value}"
    counts = {
        "读入行数": outcome.rows_landed,
        "问题数据行数": outcome.rows_quarantined,
        "开放行数": outcome.rows_released,
    }
    yield from (f"{title}：{rows}" for title, rows in counts.items() if rows is not None)


def _remark(remark: Remark) -> Iterator[str]:
    yield ""
    yield f"说明：{remark.text}"
    if remark.remedy:
        yield f"办法：{remark.remedy}"
    if remark.citation:
        yield f"依据：{remark.citation}"
