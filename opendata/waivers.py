"""Waivers: 例外处理（经批准）, what a named person lets pass, for a term.

What may be waived, what a waiver binds to and whether it holds today: the refusal of a gate, a rule
of a suite as a whole; one row is ``quarantine.py``. Entering one is ``pipelines/waiving.py`` and
``pipelines/rule_waiving.py``; where gates leave room for one stands in ``gates.yaml``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from opendata.catalog import Dataset
from opendata.findings import Expectation, Refusal
from opendata.plain import fingerprint_of

NEEDS_CONSENT = frozenset({"SRC-02"})
"""Gates whose waiver rests on the written consent of the body that provided the data."""

LIFTED_OTHERWISE: Mapping[str, str] = {
    "REL-04": "中止开放只能依核实结果恢复（opendata restore）",
    "RSK-03": "汇聚关联风险以安全评估的结论为准（opendata risk assess）",
}
"""Gates that have a way back of their own, which a waiver must not go round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Who let what of which dataset pass, until the end of which day.

    ``gate`` is the id of the gate that refused, or of a rule of the suite. ``fingerprint`` binds it
    to what was refused and to the entry as it was: what changes either asks for a new one.
    ``consent`` is the reference of the provider's written consent.
    """

    dataset_id: str
    gate: str
    fingerprint: str
    by: str
    role: str
    reason: str
    until: date
    at: datetime
    actor: str
    consent: str | None = None
    evidence: str | None = None

    @property
    def sentence(self) -> str:
        """Who approved it, on what, until when."""
        consent = f"，依据{self.consent}" if self.consent else ""
        return f"已作例外处理（经批准）：{self.by}（{self.role}）批准{consent}，至{self.until}。"


def holding(waivers: Iterable[Waiver], as_of: date) -> dict[tuple[str, str], Waiver]:
    """The waivers in force on that day, by gate and fingerprint.

    Of several for the same the last one entered counts, so that a term can be cut short.
    """
    entered = sorted(waivers, key=lambda each: each.at)
    last = {(each.gate, each.fingerprint): each for each in entered}
    return {what: each for what, each in last.items() if each.until >= as_of}


def rule_fingerprint(dataset: Dataset, expectation: Expectation) -> str:
    """What a waiver of a rule as a whole binds to: everything about the rule but its sentence."""
    return fingerprint_of([dataset.id, "rule", replace(expectation, description="")])


def waived_rules(
    dataset: Dataset, expectations: Iterable[Expectation], waivers: Iterable[Waiver], as_of: date
) -> dict[str, Waiver]:
    """Those of the rules that are waived as a whole on that day, by id, with their waivers."""
    held = holding(waivers, as_of)
    if not held:
        return {}
    bound = {
        each.id: (each.id, rule_fingerprint(dataset, each))
        for each in expectations
        if not why_never_waived(dataset, each)
    }
    return {rule: held[what] for rule, what in bound.items() if what in held}


def why_never_waived(dataset: Dataset, expectation: Expectation) -> str:
    """Why nobody may waive this rule as a whole, in Chinese; empty where somebody may."""
    if expectation.type == "expect_column_values_to_be_of_type":
        return (
            "值不是登记的类型，转换后原值已不存在，放行也无值可开放；请改正，或者调整目录登记的类型"
        )
    columns = {expectation.kwargs.get("column"), *expectation.kwargs.get("column_list", ())}
    if expectation.type in _UNIQUENESS and columns - {None} == set(dataset.keys):
        return (
            "主键重复的各行无法分辨，版本对比、按主键更新、一数一源核对都以主键为准；"
            "请改正编号，或者在整改单上作废多余的行"
        )
    return ""


_UNIQUENESS = frozenset(
    {"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"}
)


def refusal_fingerprint(dataset: Dataset, gate_text: str, found: tuple[str, ...]) -> str:
    """What a waiver of this refusal binds to: what was said, and how the data comes about.

    Titles and summaries may change under a waiver; sources, fields, class, channels and model not.
    """
    made = replace(dataset, title="", summary=None, theme=None, contact_role=None, listed_on=None)
    return fingerprint_of([gate_text, found, made])


def waived(refusal: Refusal, waivers: Iterable[Waiver], as_of: date) -> Refusal:
    """The refusal as a warning that names its approval, where a waiver covers it on that day."""
    if not refusal.waivable:
        return refusal
    covering = holding(waivers, as_of).get((refusal.rule, refusal.waivable))
    if covering is None:
        return refusal
    said = covering.sentence
    remedy = "例外处理期满或者所涉数据项、来源变化后须重新批准；可随时按原办法整改。"
    return replace(refusal, text=f"{refusal.text}{said}", remedy=remedy, warns=True, exception=said)
