"""``opendata source``: claims, disputes and comparisons of the one source of a data element.

The processing record is told first, then the register of what people decided; a refused claim is
recorded and decides nothing. What decisions do to the catalog is ``opendata/sourcing.py``.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.workshop import Workshop
from opendata.catalog import Catalog, Element
from opendata.errors import CatalogError, DecisionError, Problem
from opendata.findings import Refusal
from opendata.gate_texts import gate_texts, standing
from opendata.gates import claimed_twice
from opendata.record import Event, Kind
from opendata.sourcing import carries, dispute_ladders
from pipelines.elements import element_of
from pipelines.tables import reason_json
from resources.fsio import locked, sha256_of_file
from resources.home import Home
from resources.register import Decision, DecisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was entered about an element, in a sentence; ``refusal`` where nothing was."""

    act: str
    element: str
    authority: str | None
    sentence: str
    refusal: Refusal | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "act": self.act,
            "element": self.element,
            "authority": self.authority,
            "refused": reason_json(self.refusal) if self.refusal else None,
        }

    def as_text(self) -> str:
        """The sentence, or the refusal with its ground and its way out."""
        if self.refusal is None:
            return self.sentence
        said = self.refusal
        ground = f"\n  依据：{said.citation}：“{said.quote}”" if said.citation else ""
        return f"拒绝 {said.rule}：{said.text}{said.tag}{ground}\n  处理：{said.remedy}"


def claim_source(
    home_dir: Path | None, element: str, place: str, *, reason: str, evidence: Path | None
) -> Told:
    """认领数源: enter ``place`` as the element's source, unless it has another one.

    Raises:
        CatalogError: there is no such element, or ``place`` is no field that carries it.
        DecisionError: the element is in dispute.
    """
    with _deciding(home_dir) as workshop:
        found = element_of(workshop.catalog, element)
        _carrying(workshop.catalog, place, element)
        if workshop.decided.open_dispute(element):
            raise DecisionError(
                f"{element} is in dispute; settle it (`opendata source dispute {element} --settle`)"
            )
        if found.authority not in (None, place):
            return _refused(workshop, found, place, reason)
        if found.authority is None:
            _enter(workshop, _act(Kind.CLAIMED, element, place, reason), evidence)
        said = (
            f"认领数源：数据元“{found.title}”的数源为{_named(workshop.catalog, place)}，已入登记。"
        )
        hint = (
            f"请在 catalog/elements.yaml 写明 authority: {place}；其他数据集自下次运行起与其核对。"
        )
        return Told(act="claim", element=element, authority=place, sentence=said + hint)


def _refused(workshop: Workshop, element: Element, place: str, reason: str) -> Told:
    authority = element.authority or ""
    refusal = claimed_twice(
        workshop.regime,
        element=element.title,
        body=_named(workshop.catalog, authority),
        rival=_named(workshop.catalog, place),
    )
    detail = {"element": element.id, "claimed": place, "authority": authority, "reason": reason}
    workshop.record(
        Event(
            kind=Kind.REFUSED,
            dataset_id=place.partition(".")[0],
            clauses=refusal.clauses,
            detail={**detail, "refused_by": [refusal.rule]},
        )
    )
    return Told(act="claim", element=element.id, authority=authority, sentence="", refusal=refusal)


def open_dispute(
    home_dir: Path | None,
    element: str,
    claimants: tuple[str, ...],
    *,
    reason: str,
    evidence: Path | None,
) -> Told:
    """数源争议: until it is settled no new version of a dataset at issue is opened.

    Raises:
        CatalogError: there is no such element, or a claimant does not carry it.
        DecisionError: a dispute is open already, or there is nobody to dispute with.
    """
    with _deciding(home_dir) as workshop:
        found = element_of(workshop.catalog, element)
        for each in claimants:
            _carrying(workshop.catalog, each, element)
        if workshop.decided.open_dispute(element):
            raise DecisionError(f"{element} is in dispute already; settle that first")
        parties = tuple(
            dict.fromkeys((*((found.authority,) if found.authority else ()), *claimants))
        )
        if not parties:
            raise DecisionError(
                f"{element} has no source and no claimant; name one with --claimant dataset.field"
            )
        act = _act(Kind.DISPUTED, element, parties[0], reason, parties=list(parties))
        _enter(workshop, act, evidence)
        bodies = "、".join(_named(workshop.catalog, each) for each in parties)
        ladder = "；".join(each.sentence for each in dispute_ladders(workshop.regime))
        said = (
            f"数源争议：数据元“{found.title}”（{bodies}），已入登记。争议解决前，上述数据集不开放新版本，"
            f"已开放的版本不变。\n  程序：{ladder}"
        )
        return Told(act="dispute", element=element, authority=found.authority, sentence=said)


def settle_dispute(  # noqa: PLR0913 - a settlement names all of it
    home_dir: Path | None,
    element: str,
    place: str,
    *,
    by: str,
    reason: str,
    evidence: Path | None,
) -> Told:
    """争议处理: the open dispute ends, and ``place`` is the element's source from now on.

    Raises:
        CatalogError: there is no such element, or ``place`` is no field that carries it.
        DecisionError: no dispute is open.
    """
    with _deciding(home_dir) as workshop:
        found = element_of(workshop.catalog, element)
        _carrying(workshop.catalog, place, element)
        dispute = workshop.decided.open_dispute(element)
        if dispute is None:
            raise DecisionError(f"no dispute over {element} is open, so there is nothing to settle")
        act = _act(Kind.SETTLED, element, place, reason, by=by, dispute=dispute.id)
        _enter(workshop, act, evidence)
        source = _named(workshop.catalog, place)
        said = (
            f"争议处理：{by}决定数据元“{found.title}”的数源为{source}，已入登记，"
            f"自下次运行起生效。请在 catalog/elements.yaml 写明 authority: {place}。"
        )
        return Told(act="settle", element=element, authority=place, sentence=said)


@contextmanager
def _deciding(home_dir: Path | None) -> Iterator[Workshop]:
    """A workshop in which one process at a time decides: an element must not get two sources."""
    home = Home.find(home_dir).prepare()
    with (
        locked(home.root / ".sourcing.lock"),
        closing(Workshop.open(home, actor=getpass.getuser())) as workshop,
    ):
        yield workshop


def _carrying(catalog: Catalog, place: str, element: str) -> None:
    if not carries(catalog, place, element):
        said = (
            f"{place!r} is no field with `element: {element}`; write dataset.field, and name the "
            "element in its entry first."
        )
        raise CatalogError([Problem("catalog", said)])


def _named(catalog: Catalog, place: str) -> str:
    """A field as an official names it: the body, and where the field stands."""
    owner, _, name = place.partition(".")
    dataset = next((each for each in catalog.datasets if each.id == owner), None)
    if dataset is None:
        return place
    fields = (each.title for each in dataset.fields if each.name == name)
    return f"{catalog.body(dataset.body).title}（{dataset.title}·{next(fields, name)}）"


def _act(kind: Kind, element: str, place: str, reason: str, **more: Any) -> Event:
    detail = {"element": element, "authority": place, "reason": reason, **more}
    return Event(kind=kind, dataset_id=place.partition(".")[0], detail=detail)


_DECISIONS = {
    Kind.CLAIMED: DecisionKind.CLAIM,
    Kind.DISPUTED: DecisionKind.DISPUTE,
    Kind.SETTLED: DecisionKind.SETTLE,
}


def _enter(workshop: Workshop, act: Event, evidence: Path | None) -> None:
    """The record first, then the register."""
    now = workshop.clock.now()
    sha256 = sha256_of_file(evidence) if evidence else None
    grounds = standing(gate_texts()["SRC-01"], workshop.regime.ids)
    detail = dict(act.detail)
    workshop.record(
        Event(
            kind=act.kind,
            dataset_id=act.dataset_id,
            occurred_at=now,
            clauses=tuple(clause for ground in grounds for clause in ground.clauses),
            detail={**detail, "evidence": sha256},
        )
    )
    reason = str(detail.pop("reason"))
    workshop.register.record_decision(
        Decision(
            kind=_DECISIONS[act.kind],
            actor=workshop.actor,
            decided_at=now,
            reason=reason,
            dataset_id=act.dataset_id,
            detail=detail,
            evidence=sha256,
        )
    )
