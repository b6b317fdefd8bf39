"""What a gate says: its wording, its clauses per regulation, and the refusal made of both.

Words and citations belong here (data in ``gates.yaml``); whether a gate says no is ``gates.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from opendata.findings import Refusal
from opendata.law import clause, regulation
from opendata.vocabulary import Basis, Term

_FIRMEST_FIRST = (Basis.TEXT, Basis.INFERRED, Basis.LOCAL)


class Override(Term):
    """例外处理: whether anybody may let a refusal pass."""

    NEVER = "不得例外处理"
    NAMED = "例外处理（经批准）"
    WARN = "仅提示"


_STRICTNESS = (Override.WARN, Override.NAMED, Override.NEVER)


class Concern(Term):
    """When a gate is judged: at release, at access, in a case, or in running the platform."""

    OPENING = "数据开放"
    ACCESS = "申请与获取"
    CASES = "校核与异议"
    OPERATIONS = "运行与记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a gate stands in one regulation, with a wording of its own where the texts differ.

    ``clauses`` of a LOCAL ground are the nearest ones, for orientation; they may be none.
    ``override`` is given where a text leaves less room for exceptions than the gate does elsewhere.
    """

    basis: Basis
    clauses: tuple[str, ...] = ()
    zh: str | None = None
    en: str | None = None
    remedy: str | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateText:
    """One wording of one gate; ``id`` is ``rule`` or ``rule/wording``, ``title`` names its subject.

    ``zh``, ``en`` and ``remedy`` may hold {blanks}, which the gate's check fills.
    """

    id: str
    title: str
    zh: str
    en: str
    remedy: str
    override: Override
    concerns: Concern
    grounds: Mapping[str, Ground]

    @property
    def rule(self) -> str:
        """The gate this is a wording of: ``SRC-02`` for ``SRC-02/derived``."""
        return self.id.partition("/")[0]

    @property
    def warns(self) -> bool:
        """Whether it only warns."""
        return self.override is Override.WARN

    def override_in(self, regimes: Sequence[str]) -> Override:
        """Whether anybody may let it pass where all of these regulations apply: the strictest."""
        found = [self.grounds[each].override for each in regimes if each in self.grounds]
        return max((each or self.override for each in found or [None]), key=_STRICTNESS.index)

    def citation(self, regimes: Sequence[str]) -> str:
        """Where it stands in these regulations, for lists of rules; empty when in none of them."""
        clauses = standing(self, regimes)[0].clauses
        return clause(clauses[0]).citation if clauses else ""


@cache
def gate_texts() -> Mapping[str, GateText]:
    """Every wording of every gate by id, in the order of ``gates.yaml``."""
    text = files("opendata").joinpath("gates.yaml").read_text(encoding="utf-8")
    given = yaml.load(text, Loader=yaml.CSafeLoader)
    return MappingProxyType({each: _gate_text(each, entry) for each, entry in given.items()})


def standing(gate: GateText, regimes: Sequence[str]) -> tuple[Ground, ...]:
    """The grounds of ``gate`` in these regulations, firmest first, never none.

    Where one regulation speaks to the matter, local grounds of the others are left out: the nearest
    clause of a text that does not say it adds nothing.
    """
    found = [gate.grounds[each] for each in regimes if each in gate.grounds]
    spoken = [each for each in found if each.basis is not Basis.LOCAL]
    firmest = sorted(spoken or found, key=lambda ground: _FIRMEST_FIRST.index(ground.basis))
    return tuple(firmest) or (Ground(basis=Basis.LOCAL),)


def refusal(gate: GateText, regimes: Sequence[str], blanks: Mapping[str, str]) -> Refusal:
    """The gate's no under these regulations (at least one), its blanks filled."""
    grounds = standing(gate, regimes)
    leading = grounds[0]
    clauses = tuple(dict.fromkeys(each for ground in grounds for each in ground.clauses))
    first = clause(clauses[0]) if clauses else None
    return Refusal(
        rule=gate.rule,
        clauses=clauses,
        text=(leading.zh or gate.zh).format_map(blanks),
        text_en=(leading.en or gate.en).format_map(blanks),
        remedy=(leading.remedy or gate.remedy).format_map(blanks),
        basis=leading.basis,
        status=regulation(first.regime if first else regimes[0]).status,
        warns=gate.warns,
        citation=first.citation if first else "",
        quote=first.quote if first else "",
    )


def _gate_text(gate_id: str, entry: Mapping[str, Any]) -> GateText:
    grounds = {regime: _ground(regime, given) for regime, given in entry["grounds"].items()}
    return GateText(
        id=gate_id,
        title=entry["title"],
        zh=entry["zh"],
        en=entry["en"],
        remedy=entry["remedy"],
        override=Override[entry["override"].upper()],
        concerns=Concern[entry["concerns"].upper()],
        grounds=MappingProxyType(grounds),
    )


def _ground(regime: str, given: Mapping[str, Any]) -> Ground:
    return Ground(
        basis=Basis[given["basis"].upper()],
        clauses=tuple(each if "/" in each else f"{regime}/{each}" for each in given["clauses"]),
        zh=given.get("zh"),
        en=given.get("en"),
        remedy=given.get("remedy"),
        override=Override[given["override"].upper()] if "override" in given else None,
    )


def enumeration(words: Iterable[str]) -> str:
    """Words one after another as a Chinese sentence lists them.

    >>> enumeration(["姓名", "住址"]), enumeration([])
    ('姓名、住址', '无')
    """
    return "、".join(words) or "无"
