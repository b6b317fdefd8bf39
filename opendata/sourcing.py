"""Sourcing: who is the one source of a data element (数源), as described and as decided since.

Claims, disputes and how they were settled, as values, and the catalog as they leave it. The latest
settlement goes before ``catalog/elements.yaml``, and that before a claim. Where the decisions are
kept is ``resources/register.py``; what the gates make of them is ``gates.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from opendata.agreement import comparisons
from opendata.catalog import Catalog, Dataset, Element, Field
from opendata.law import clause
from opendata.linkage import Assessment
from opendata.profiles import load_profile
from opendata.regime import Regime
from opendata.vocabulary import Basis
from opendata.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """认领数源: ``authority`` (``dataset.field``) was entered as the source of ``element``."""

    element: str
    authority: str
    at: datetime
    actor: str
    reason: str
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """争议处理: who decided that ``authority`` is the source, and why."""

    authority: str
    at: datetime
    by: str
    actor: str
    reason: str
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """数源争议: open until it is settled; ``parties`` are the ``dataset.field`` at issue."""

    element: str
    parties: tuple[str, ...]
    at: datetime
    actor: str
    reason: str
    id: int | None = None
    evidence: str | None = None
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Everything decided about sources and exceptions, oldest first."""

    claims: tuple[Claim, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    assessments: tuple[Assessment, ...] = ()

    @property
    def open_disputes(self) -> tuple[Dispute, ...]:
        """Disputes nobody has settled yet."""
        return tuple(each for each in self.disputes if each.settlement is None)

    def open_dispute(self, element: str) -> Dispute | None:
        """The open dispute over an element; there is at most one."""
        return next((each for each in self.open_disputes if each.element == element), None)

    def waivers_of(self, dataset_id: str) -> tuple[Waiver, ...]:
        """Every waiver ever given for a dataset; whether one holds is asked of the refusal."""
        return tuple(each for each in self.waivers if each.dataset_id == dataset_id)

    def assessments_of(self, dataset_id: str) -> tuple[Assessment, ...]:
        """Every assessment of a dataset; whether one holds is asked of the finding."""
        return tuple(each for each in self.assessments if each.dataset_id == dataset_id)

    def authority_of(self, element: Element) -> str | None:
        """The field that is the element's source now."""
        settled = [
            each.settlement
            for each in self.disputes
            if each.element == element.id and each.settlement
        ]
        if settled:
            return max(settled, key=lambda each: each.at).authority
        claimed = (each.authority for each in reversed(self.claims) if each.element == element.id)
        return element.authority or next(claimed, None)


def as_decided(catalog: Catalog, decided: Decided) -> Catalog:
    """The catalog with the authorities that were claimed or settled since it was written.

    Every other field with the element is then checked against the new authority. A decision about
    a field that is no longer there changes nothing.
    """
    changed = {
        each.id: authority
        for each in catalog.elements
        if (authority := decided.authority_of(each)) != each.authority
        and authority is not None
        and carries(catalog, authority, each.id)
    }
    if not changed:
        return catalog
    return replace(
        catalog,
        elements=tuple(
            replace(each, authority=changed.get(each.id, each.authority))
            for each in catalog.elements
        ),
        datasets=tuple(_repointed(each, changed) for each in catalog.datasets),
    )


def _repointed(dataset: Dataset, changed: dict[str, str]) -> Dataset:
    if not any(each.element in changed for each in dataset.fields):
        return dataset
    fields = tuple(_checked(dataset, each, changed) for each in dataset.fields)
    return replace(dataset, fields=fields)


def _checked(dataset: Dataset, field: Field, changed: dict[str, str]) -> Field:
    authority = changed.get(field.element or "")
    if authority is None:
        return field
    own = authority == f"{dataset.id}.{field.name}"
    return replace(field, checked_against=None if own else authority)


def carries(catalog: Catalog, place: str, element: str) -> bool:
    """Whether ``place`` (``dataset.field``) is a field with this element."""
    dataset_id, _, name = place.partition(".")
    return any(
        field.name == name and field.element == element
        for dataset in catalog.datasets
        if dataset.id == dataset_id
        for field in dataset.fields
    )


def carriers(catalog: Catalog, element: str) -> Iterator[tuple[Dataset, Field]]:
    """Every field with the element that is not its authority."""
    authority = catalog.element(element).authority
    for dataset in catalog.datasets:
        for field in dataset.fields:
            if field.element == element and f"{dataset.id}.{field.name}" != authority:
                yield dataset, field


def bars(dispute: Dispute, catalog: Catalog, dataset: Dataset) -> bool:
    """Whether a dispute keeps new versions of the dataset from opening.

    It does where the dataset holds a field at issue, or takes its values from one (以数源为准).
    """
    own = any(each.partition(".")[0] == dataset.id for each in dispute.parties)
    taken = {each.authority for each in comparisons(catalog, dataset) if each.takes}
    return own or bool(taken & set(dispute.parties))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The way a dispute over a source goes under one regulation (a local rule: no citation)."""

    steps: tuple[str, ...]
    basis: Basis
    citation: str = ""
    quote: str = ""

    @property
    def sentence(self) -> str:
        """The steps in order, with where they stand."""
        where = f"（{self.citation}，{self.basis.value}）" if self.citation else "（本市规则）"
        return "→".join(self.steps) + where


def dispute_ladders(regime: Regime) -> tuple[Ladder, ...]:
    """How a dispute over a source is settled under each regulation that says so."""
    parts = regime.rule("src.dispute").parts
    if not parts:
        local = ("争议各方协商", "同级主管部门协调")
        return (Ladder(steps=local, basis=Basis.LOCAL),)
    return tuple(
        Ladder(
            steps=tuple(_step(each.regime, step) for step in each.value),
            basis=each.basis,
            citation=clause(each.cites[0]).citation,
            quote=clause(each.cites[0]).quote,
        )
        for each in parts
    )


def _step(regime: str, step: str) -> str:
    authority = load_profile(regime).actors["authority"]
    return {
        "parties": "争议各方协商",
        "authority": f"{authority}组织协商",
        "coordination": f"{authority}协调解决",
        "government": "报本级人民政府决定",
    }[step]
