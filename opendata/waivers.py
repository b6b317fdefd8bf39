"""Waivers: 例外处理（经批准）, a refusal that a named person lets pass, for a term.

Which refusals may be waived, what a waiver binds to and whether it holds today. Entering one is
``pipelines/waiving.py``; where gates leave room for one stands in ``gates.yaml``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from opendata.catalog import Dataset
from opendata.findings import Refusal
from opendata.plain import fingerprint_of

NEEDS_CONSENT = frozenset({"SRC-02"})
"""Gates whose waiver rests on the written consent of the body that provided the data."""

LIFTED_OTHERWISE: Mapping[str, str] = {"REL-04": "中止开放只能依核实结果恢复（opendata restore）"}
"""Gates that have a way back of their own, which a waiver must not go round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Who let which refusal of which dataset pass, until the end of which day.

    ``fingerprint`` binds it to what was refused and to the entry as it was: what changes either
    asks for a new one. ``consent`` is the reference of the provider's written consent.
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
    covering = [
        each
        for each in waivers
        if each.gate == refusal.rule
        and each.fingerprint == refusal.waivable
        and each.until >= as_of
    ]
    if not covering:
        return refusal
    latest = max(covering, key=lambda each: each.at)
    said = latest.sentence
    remedy = "例外处理期满或者所涉数据项、来源变化后须重新批准；可随时按原办法整改。"
    return replace(refusal, text=f"{refusal.text}{said}", remedy=remedy, warns=True, exception=said)
