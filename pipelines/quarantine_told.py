"""What ``opendata quarantine`` answers: counts, places and rules, and no value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.quarantine import Asked, Held
from opendata.catalog import Dataset
from opendata.quarantine import Reply
from resources.correction_sheet import Remark

_MOST = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """The datasets with 问题数据, and their bodies by dataset."""

    held: tuple[Held, ...]
    bodies: Mapping[str, str]

    def as_json(self) -> list[dict[str, Any]]:
        """For ``--json``."""
        return [
            {
                "dataset": each.dataset.id,
                "title": each.dataset.title,
                "body": each.dataset.body,
                "states": {state.code: rows for state, rows in each.states.items()},
                "since": each.since.isoformat() if each.since else None,
                "reasons": [
                    {"rule": rule, "description": each.descriptions.get(rule, ""), "rows": rows}
                    for rule, rows in each.reasons.items()
                ],
                "exceptions_asked": [
                    {
                        "file": asked.file,
                        "record": asked.spot.record,
                        "field": asked.spot.field,
                        "rule": asked.rule,
                        "granted": asked.granted,
                    }
                    for asked in each.asked
                ],
                "rules_waived": [
                    {
                        "rule": rule,
                        "description": each.descriptions.get(rule, ""),
                        "by": waiver.by,
                        "role": waiver.role,
                        "reason": waiver.reason,
                        "until": waiver.until.isoformat(),
                    }
                    for rule, waiver in each.waived.items()
                ],
            }
            for each in self.held
        ]

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._lines()) if self.held else "没有问题数据。"

    def _lines(self) -> Iterator[str]:
        for each in self.held:
            dataset = each.dataset
            yield f"{dataset.title}（{dataset.id}） {self.bodies[dataset.id]}"
            counted = (f"{state.value} {rows} 条" for state, rows in each.states.items())
            states = "，".join(counted) or "没有问题数据"
            since = f"；最早自 {each.since:%Y-%m-%d} 起" if each.since else ""
            yield f"  {states}{since}"
            for rule, rows in each.reasons.items():
                said = each.descriptions.get(rule, "规则已不在现行规则集中")
                yield f"  {rows} 条：{said}（{rule}）"
            yield from _exceptions(each)
            for rule, waiver in each.waived.items():
                yield f"  整条规则：{each.descriptions.get(rule, '')}（{rule}）"
                yield f"    {waiver.sentence}"


def _exceptions(held: Held) -> Iterator[str]:
    open_ = [each for each in held.asked if not each.granted]
    if open_:
        yield f"  申请例外 {len(open_)} 处，待管理员决定："
    for each in open_[:_MOST]:
        where = f"{each.file} 第 {each.spot.record} 行"
        title = held.dataset.field(each.spot.field).title
        yield f"    {where} “{title}”：{each.description}（{each.rule}）"
    if len(open_) > _MOST:
        yield f"    另有 {len(open_) - _MOST} 处，见 --json"


@dataclass(frozen=True, slots=True)
class Exported:
    """The sheet that was written, and what it asks; no path where there was nothing to ask."""

    dataset: Dataset
    asked: Asked
    path: Path | None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.dataset.id,
            "path": str(self.path) if self.path else None,
            "lines": len(self.asked.lines),
            "rows": self.asked.rows,
            "waiting": self.asked.waiting,
        }

    def as_text(self) -> str:
        """In Chinese."""
        if self.path is None:
            return f"{self.dataset.title}（{self.dataset.id}）没有待处理的问题数据，未生成整改单。"
        rest = self.asked.waiting - self.asked.rows
        said = f"整改单已写入 {self.path}：{self.asked.rows} 条数据，{len(self.asked.lines)} 处。"
        return said + (f"另有 {rest} 条未列入，待本批改正后再导出。" if rest > 0 else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resubmitted:
    """What a sheet that came back said; with ``remarks`` nothing of it was taken."""

    dataset: str
    replies: Mapping[Reply, int] = field(default_factory=dict)
    repeated: int = 0
    blank: int = 0
    settled: int = 0
    remarks: Sequence[Remark] = ()
    marked: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "dataset": self.dataset,
            "taken": {reply.code: count for reply, count in self.replies.items()},
            "repeated": self.repeated,
            "blank": self.blank,
            "settled": self.settled,
            "remarks": [{"cell": each.cell, "note": each.text} for each in self.remarks],
            "marked": str(self.marked) if self.marked else None,
        }

    def as_text(self) -> str:
        """In Chinese."""
        return "\n".join(self._refused() if self.remarks else self._taken())

    def _refused(self) -> Iterator[str]:
        yield f"整改单有 {len(self.remarks)} 处问题，未作任何登记："
        for each in self.remarks[:_MOST]:
            yield f"  {each.cell}：{each.text}"
        yield f"每处已在单元格加注：{self.marked}"

    def _taken(self) -> Iterator[str]:
        said = [f"{reply.value} {count} 处" for reply, count in self.replies.items()]
        others = {"此前已登记": self.repeated, "未回复": self.blank, "已不是问题数据": self.settled}
        said += [f"{name} {count} 处" for name, count in others.items() if count]
        yield f"{self.dataset} 的整改单：{'，'.join(said) or '没有内容'}。"
        if self.replies.get(Reply.CORRECTED):
            yield f"改正的值在下次 opendata run {self.dataset} 时按同一套规则校核后生效。"
        if struck := self.replies.get(Reply.STRUCK):
            yield (
                f"作废的行（{struck} 处）在下次 opendata run {self.dataset} 时移出校核，计为"
                "“已作废”，仍留存备查；改作其他回复即恢复。"
            )
        if self.replies.get(Reply.EXCEPTION):
            yield "申请例外的，须由管理员决定，见 opendata quarantine list；未经批准仍为问题数据。"
