"""A draft of a catalog entry: proposals gathered, written as YAML, and told to whoever asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendata.entry_yaml import entry_yaml
from pipelines.drafting.seen import Confidence, Proposal

_DECISIONS = {
    "openness": "开放属性：无条件开放、有条件开放或不予开放，由数据管理员决定，草案不代拟",
    "basis": "依据：限制开放时写明条款，由数据管理员填写",
    "channels": "开放方式：数据下载、接口调用、算法模型，由数据管理员决定",
    "conditions": "开放条件：有条件开放时由数据管理员填写",
    "update_frequency": "更新频率：由数据管理员按业务承诺填写",
    "security_level": "安全级别：由数据管理员定级",
    "acquired": "获取方式：不写即自行采集；共享获取须改并写 acquired_from",
    "contact_role": "联系岗位：写岗位，不写姓名与号码",
    "listed_on": "列入日期：列入开放目录之日",
    "theme": "主题：按门户的主题分类",
    "summary": "摘要：一句话说明内容",
}
_HEAD = """\
目录条目草案：由数据推断，尚未列入目录。每项后面是把握（确定、很可能、待定）和依据；
依据只有计数，没有数据内容。核对后移到 catalog/{body}/{id}.yaml，填好未写的项，
再运行 opendata check。"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Every proposal for one entry; ``refused`` says in Chinese why the file does not land by it.

    ``rows`` were landed by the draft itself, ``blank`` skipped; both are 0 when refused.
    """

    id: str
    body: str
    file: str
    proposals: tuple[Proposal, ...]
    rows: int = 0
    blank: int = 0
    refused: str | None = None

    def values(self) -> dict[str, Any]:
        """The entry as it is spelled in YAML."""
        entry: dict[str, Any] = {}
        for each in self.proposals:
            if each.value is not None:
                holder = entry
                for key in each.keys[:-1]:
                    holder = holder.setdefault(key, {})
                holder[each.keys[-1]] = each.value
        return entry

    def text(self) -> str:
        """The YAML of the draft, every proposal with its evidence behind it."""
        return entry_yaml(self.values(), comments=self._comments())

    def look_first(self) -> tuple[str, ...]:
        """What a steward should look at before anything else."""
        landing = [f"按此草案不能落地：{self.refused}"] if self.refused else []
        loud = [f"{_place(each)}：{each.evidence}" for each in self.proposals if each.loud]
        return (*landing, *loud)

    def undecided(self) -> tuple[str, ...]:
        """What the data could not decide."""
        open_ones = [
            f"{_place(each)}：{each.evidence}"
            for each in self.proposals
            if each.confidence is Confidence.OPEN and not each.loud
        ]
        return (*open_ones, *(f"{key}：{said}" for key, said in _DECISIONS.items()))

    def as_json(self, path: Path) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "draft": str(path),
            "id": self.id,
            "body": self.body,
            "rows": self.rows,
            "blank_rows": self.blank,
            "refused": self.refused,
            "look_first": list(self.look_first()),
            "undecided": list(self.undecided()),
            "proposals": [
                {
                    "keys": list(each.keys),
                    "value": each.value,
                    "confidence": each.confidence.value,
                    "evidence": each.evidence,
                }
                for each in self.proposals
            ],
        }

    def as_text(self, path: Path) -> str:
        """What the command prints."""
        landed = f"{self.rows} rows landed by it" if not self.refused else "the file does not land"
        lines = [f"draft: {path} ({landed})"]
        for title, said in (("先看", self.look_first()), ("待定", self.undecided())):
            lines += [f"{title}：", *(f"  - {each}" for each in said)] if said else []
        return "\n".join(lines)

    def _comments(self) -> Mapping[tuple[str | int, ...], str]:
        said: dict[tuple[str | int, ...], list[str]] = {
            (): _HEAD.format(body=self.body, id=self.id).splitlines()
        }
        if self.refused:
            said[()].append(f"注意：按此草案不能落地：{self.refused}")
        for key, text in _DECISIONS.items():
            said[key,] = [f"{key}：{text}"]
        for each in self.proposals:
            said.setdefault(each.keys, []).append(each.comment)
        return {keys: "\n".join(lines) for keys, lines in said.items()}


def _place(proposal: Proposal) -> str:
    return ".".join(proposal.keys)


def joined(*groups: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Proposals of several groups, one behind the other."""
    return tuple(each for group in groups for each in group)


def said_once(proposals: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """A later value for a key takes the place of an earlier one; remarks stay."""
    last = {each.keys: each for each in proposals if each.value is not None}
    return tuple(each for each in proposals if each.value is None or last[each.keys] is each)
