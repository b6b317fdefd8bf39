"""Gates: the questions a dataset must answer before it may be opened, each on its clause.

Small checks in a tuple: what a gate says and cites is ``gate_texts.py``, what the regulations rule
is ``regime.py``. A gate looks at declarations (here; those about sources in ``source_gates.py``) or
at the file about to be released (``candidate_gates.py``); it never reads data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from opendata.candidate_gates import (
    columns_as_listed,
    desensitised,
    good_enough,
    lateness,
    recordable,
    up_to_date,
)
from opendata.case import Breach, CandidateGate, Case, EntryGate, missing_elements
from opendata.catalog import Dataset
from opendata.derivation import made_from
from opendata.findings import Freshness, Refusal
from opendata.gate_texts import Concern, GateText, Override, enumeration, gate_texts, refusal
from opendata.profiles import Rule
from opendata.regime import Regime
from opendata.risk_gates import hard_to_single_out, not_linked
from opendata.source_gates import not_shared, one_source, undisputed
from opendata.sourcing import dispute_ladders
from opendata.vocabulary import Channel, Openness
from opendata.waivers import LIFTED_OTHERWISE, refusal_fingerprint, waived


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Every no, every warning, and the gates of an opening that nobody judges yet (尚未判断)."""

    refusals: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]
    pending: tuple[GateText, ...]


def review(case: Case) -> Review:
    """Put a case before every gate; each refusal is given, not only the first."""
    said = [each for gate in GATES for each in _refusals(gate, case)]
    return Review(
        refusals=tuple(each for each in said if not each.warns),
        warnings=tuple(each for each in said if each.warns),
        pending=pending_gates(case.regime.ids),
    )


def pending_gates(regimes: Sequence[str]) -> tuple[GateText, ...]:
    """The gates of an opening that these regulations ask for and nobody judges yet (尚未判断)."""
    judged = {gate.id for gate in GATES}
    return tuple(
        each
        for each in gate_texts().values()
        if each.rule not in judged
        and each.concerns is Concern.OPENING
        and any(regime in each.grounds for regime in regimes)
    )


def unreadable(regime: Regime, dataset: Dataset, reason: str) -> Refusal:
    """LND-01: the source of ``dataset`` cannot be landed, for the clerk's ``reason`` (Chinese)."""
    contact = dataset.contact_role or "数据管理员"
    return refusal(gate_texts()["LND-01"], regime.ids, {"reason": reason, "contact": contact})


def held_upstream(regime: Regime, held: Mapping[str, str]) -> Refusal:
    """QUA-05: what a dataset reads cannot be used; ``held`` maps upstream titles to why."""
    upstreams = enumeration(f"{title}（{why}）" for title, why in held.items())
    return refusal(gate_texts()["QUA-05"], regime.ids, {"upstreams": upstreams})


def undesensitised(regime: Regime, reason: str) -> Refusal:
    """DES-01: the plan could not be carried out (no key), for ``reason`` (Chinese)."""
    return refusal(gate_texts()["DES-01/unexecuted"], regime.ids, {"reason": reason})


def unexecuted(regime: Regime) -> Refusal:
    """LND-01: the dataset's own SQL or rules could not be carried out; no fault of its source."""
    return refusal(gate_texts()["LND-01/model"], regime.ids, {})


def unjudged(regime: Regime, reason: str) -> Refusal:
    """LND-01: a quality rule could not be judged, for ``reason`` (Chinese)."""
    return refusal(gate_texts()["LND-01/rule"], regime.ids, {"reason": reason})


def claimed_twice(regime: Regime, *, element: str, body: str, rival: str) -> Refusal:
    """SRC-01: ``rival`` claims an element whose source is a field of ``body`` already."""
    ladder = "；".join(each.sentence for each in dispute_ladders(regime))
    blanks = {"element": element, "body": body, "rival": rival, "ladder": ladder}
    return refusal(gate_texts()["SRC-01/claimed"], regime.ids, blanks)


def overdue(regime: Regime, dataset: Dataset, freshness: Freshness) -> Refusal | None:
    """QUA-04 as it stands with this freshness; None while the dataset is not overdue."""
    found = next(lateness(dataset, freshness), None)
    return refusal(gate_texts()["QUA-04"], regime.ids, found.blanks) if found else None


def unrecorded(regime: Regime) -> Refusal:
    """REC-01: the processing record could not be written, so nothing was done."""
    return refusal(gate_texts()["REC-01"], regime.ids, {})


def _refusals(gate: EntryGate | CandidateGate, case: Case) -> Iterator[Refusal]:
    for breach in gate.breaches(case):
        text = gate_texts()[f"{gate.id}/{breach.wording}" if breach.wording else gate.id]
        said = refusal(text, breach.regimes or case.regime.ids, breach.blanks)
        yield _unless_waived(said, text, breach, case)


def _unless_waived(said: Refusal, text: GateText, breach: Breach, case: Case) -> Refusal:
    never = text.override_in(case.regime.ids) is not Override.NAMED
    if never or text.rule in LIFTED_OTHERWISE:
        return said
    found = breach.bound or tuple(f"{name}={word}" for name, word in sorted(breach.blanks.items()))
    bound = refusal_fingerprint(case.dataset, text.id, found)
    return waived(replace(said, waivable=bound), case.waivers, case.as_of)


def _listed(case: Case) -> Iterator[Breach]:
    listed = case.dataset.listed_on
    if case.regime.value("cat.first") and (listed is None or listed > case.as_of):
        yield Breach()


def _elements(case: Case) -> Iterator[Breach]:
    entry, ruling = case.dataset, case.regime.rule("cat.fields")
    missing = missing_elements(entry, ruling.value)
    if missing:
        asking = tuple(each.regime for each in ruling.parts if missing_elements(entry, each.value))
        yield Breach(blanks={"missing": "、".join(missing)}, regimes=asking)


def _decided(case: Case) -> Iterator[Breach]:
    missing = missing_elements(case.dataset, case.regime.value("class.outputs"))
    if missing:
        yield Breach(blanks={"missing": "、".join(missing)})


def _openable(case: Case) -> Iterator[Breach]:
    if case.dataset.openness is Openness.NOT_OPEN:
        yield Breach()


def _restriction_grounded(case: Case) -> Iterator[Breach]:
    openness = case.dataset.openness
    needing = case.regime.value("class.needs_basis")
    if openness and openness.code in needing and not case.dataset.basis:
        yield Breach(blanks={"openness": _local_name(case, openness)})


def _unified_platform(case: Case) -> Iterator[Breach]:
    """A filed channel passes where the text says 原则上, or itself provides for filing."""
    platform, ruling = case.settings.platform, case.regime.rule("chan.unified_only")
    filed = platform.filing and (
        ruling.value == "in_principle"
        or case.regime.value("chan.exception") == "prior_filing_with_authority"
    )
    if platform.unified or filed:
        return
    barring = [
        each.regime for each in ruling.parts if not platform.filing or each.value != "in_principle"
    ]
    yield Breach(blanks={"platform": platform.name}, regimes=tuple(barring))


def _lawful_channels(case: Case) -> Iterator[Breach]:
    openness = case.dataset.openness
    if openness not in (Openness.CONDITIONAL, Openness.UNCONDITIONAL):
        return
    rules = _channel_rules(case.regime, openness)
    barred = [each for each in case.dataset.channels if any(_bars(rule, each) for rule in rules)]
    if barred:
        allowed = [each for each in Channel if not any(_bars(rule, each) for rule in rules)]
        names = {
            "openness": _local_name(case, openness),
            "channels": enumeration(each.value for each in barred),
            "allowed": enumeration(each.value for each in allowed),
        }
        barring = {each.regime for each in rules if any(_bars(each, way) for way in barred)}
        yield Breach(
            blanks=names,
            wording="unconditional" if openness is Openness.UNCONDITIONAL else None,
            regimes=tuple(each for each in case.regime.ids if each in barring),
        )


def _channel_rules(regime: Regime, openness: Openness) -> tuple[Rule, ...]:
    denied = regime.rule("method.conditional.deny").parts
    allowed = regime.rule(f"method.{openness.code}.allow").parts
    return allowed + denied if openness is Openness.CONDITIONAL else allowed


def _bars(rule: Rule, channel: Channel) -> bool:
    if rule.key.endswith(".deny"):
        return channel.code in rule.value
    return rule.value != "any" and not {channel.code, "other_as_agreed"} & set(rule.value)


def _not_withheld(case: Case) -> Iterator[Breach]:
    if own := case.withheld.get(case.dataset.id):
        yield Breach(blanks={"case": own})
        return
    for withheld, reason in case.withheld.items():
        if case.dataset in made_from(case.catalog, withheld):
            upstream = case.catalog.dataset(withheld).title
            yield Breach(blanks={"upstream": upstream, "case": reason}, wording="derived")


def _standing_of_the_texts(case: Case) -> Iterator[Breach]:
    standing = [f"《{each.title}》{each.status.value}" for each in case.regime.regulations]
    yield Breach(blanks={"statuses": "；".join(standing)})


def _local_name(case: Case, openness: Openness) -> str:
    names = case.regime.value("class.names").values()
    return next((each[openness.code] for each in names if openness.code in each), openness.value)


GATES: tuple[EntryGate | CandidateGate, ...] = (
    EntryGate("CAT-01", _listed),
    EntryGate("CAT-02", _elements),
    CandidateGate("CAT-05", columns_as_listed),
    EntryGate("SRC-01", one_source),
    EntryGate("SRC-02", not_shared),
    EntryGate("SRC-05", undisputed),
    EntryGate("CLS-01", _openable),
    EntryGate("CLS-02", _decided),
    EntryGate("CLS-03", _restriction_grounded),
    CandidateGate("DES-01", desensitised),
    CandidateGate("DES-02", hard_to_single_out),
    CandidateGate("RSK-03", not_linked),
    CandidateGate("QUA-02", good_enough),
    CandidateGate("QUA-04", up_to_date),
    EntryGate("REL-01", _unified_platform),
    EntryGate("REL-02", _lawful_channels),
    EntryGate("REL-04", _not_withheld),
    CandidateGate("REC-01", recordable),
    EntryGate("POL-01", _standing_of_the_texts),
)
"""Every gate built so far, in the order a steward reads refusals."""
