"""``opendata source verify`` and ``explain``: an element beside everyone who carries it.

Nothing is changed: comparisons are made again from the standardised files, or told from the last
passage. Claims and disputes are ``sourcing.py``.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.agreement import compared_now
from assets.probe import last_dossier
from assets.workshop import Workshop
from opendata.agreement import Agreement, comparisons
from opendata.catalog import Catalog, Dataset, Element
from opendata.errors import CatalogError, Problem
from opendata.plain import plain
from opendata.sourcing import Claim, Dispute, carriers
from opendata.vocabulary import OnConflict
from resources.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A field that carries the element, and how it compares; None where nobody has compared yet."""

    dataset: Dataset
    field: str
    title: str
    body: str
    agreement: Agreement | None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        found = self.agreement
        return {
            "dataset": self.dataset.id,
            "field": self.field,
            "body": self.dataset.body,
            "agreement": plain(found) if found else None,
        }

    def as_text(self) -> str:
        """One line of counts."""
        return f"{self.body} {self.dataset.title}·{self.title}（{self.place}）：{self._found()}"

    @property
    def place(self) -> str:
        """``dataset.field``."""
        return f"{self.dataset.id}.{self.field}"

    def _found(self) -> str:
        found = self.agreement
        if found is None:
            return "没有数源可以核对"
        if found.unverified is not None:
            return f"尚未核对（{found.unverified}）"
        return (
            f"一致{found.agree:,}，不一致{found.differ:,}，数源中没有{found.missing:,}，"
            f"本处为空{found.not_compared:,}；不一致时{found.policy.value}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Every carrier of an element, compared with its source again."""

    element: Element
    carriers: tuple[Carrier, ...]

    @property
    def blocked(self) -> bool:
        """Whether a field whose differences block differs, or could not be compared."""
        return any(
            each.policy is OnConflict.BLOCK and (each.differ or each.unverified is not None)
            for each in (carrier.agreement for carrier in self.carriers)
            if each is not None
        )

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "element": self.element.id,
            "authority": self.element.authority,
            "blocked": self.blocked,
            "carriers": [each.as_json() for each in self.carriers],
        }

    def as_text(self) -> str:
        """The source, then a line a carrier."""
        head = f"数据元“{self.element.title}”，数源：{self.element.authority or '尚未认领'}"
        return "\n".join([head, *(f"  {each.as_text()}" for each in self.carriers)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What an element is, where it comes from, and what was decided about that."""

    verified: Verified
    body: str | None
    claims: tuple[Claim, ...]
    disputes: tuple[Dispute, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        element = self.verified.element
        return {
            **self.verified.as_json(),
            "title": element.title,
            "standard": element.standard,
            "body": self.body,
            "claims": plain(self.claims),
            "disputes": plain(self.disputes),
        }

    def as_text(self) -> str:
        """In Chinese, from the element to its disputes."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        element = self.verified.element
        yield f"数据元“{element.title}”（{element.id}）"
        yield f"标准：{element.standard or '未标注'}"
        yield f"数源：{element.authority or '尚未认领'}" + (f"（{self.body}）" if self.body else "")
        yield "沿用：" if self.verified.carriers else "沿用：无"
        yield from (f"  {each.as_text()}" for each in self.verified.carriers)
        for claim in self.claims:
            yield f"认领 {claim.at:%Y-%m-%d}：{claim.authority}，{claim.actor}：{claim.reason}"
        for each in self.disputes:
            parties = "、".join(each.parties)
            yield f"争议 {each.at:%Y-%m-%d}：{parties}，{each.actor}：{each.reason}"
            yield f"  {_ending(each)}"


def _ending(dispute: Dispute) -> str:
    done = dispute.settlement
    if done is None:
        return "尚未解决：有关数据集不开放新版本"
    return f"解决 {done.at:%Y-%m-%d}：{done.by}决定数源为{done.authority}：{done.reason}"


def verify_element(home_dir: Path | None, element: str) -> Verified:
    """Compare every carrier with the element's source, from the standardised files.

    Raises:
        CatalogError: there is no such element.
    """
    with closing(Workshop.open(Home.find(home_dir).prepare())) as workshop:
        return _verified(workshop, element_of(workshop.catalog, element), again=True)


def explain_element(home_dir: Path | None, element: str) -> Explained:
    """What is known of an element; counts are those of the last passages.

    Raises:
        CatalogError: there is no such element.
    """
    with closing(Workshop.open(Home.find(home_dir))) as workshop:
        found = element_of(workshop.catalog, element)
        owner = (
            workshop.catalog.dataset(found.authority.partition(".")[0]) if found.authority else None
        )
        return Explained(
            verified=_verified(workshop, found, again=False),
            body=workshop.catalog.body(owner.body).title if owner else None,
            claims=tuple(each for each in workshop.decided.claims if each.element == element),
            disputes=tuple(each for each in workshop.decided.disputes if each.element == element),
        )


def element_of(catalog: Catalog, element: str) -> Element:
    """The element of this id.

    Raises:
        CatalogError: there is none; the message lists those there are.
    """
    found = next((each for each in catalog.elements if each.id == element), None)
    if found is None:
        known = ", ".join(each.id for each in catalog.elements) or "none"
        said = f"there is no element {element!r}; the catalog has {known}."
        raise CatalogError([Problem("catalog/elements.yaml", said)])
    return found


def _verified(workshop: Workshop, element: Element, *, again: bool) -> Verified:
    found: dict[str, dict[str, Agreement]] = {}
    lines = []
    for dataset, field in carriers(workshop.catalog, element.id):
        if dataset.id not in found:
            agreements = compared_now(workshop, dataset) if again else _told(workshop, dataset)
            found[dataset.id] = {each.field: each for each in agreements}
        lines.append(
            Carrier(
                dataset=dataset,
                field=field.name,
                title=field.title,
                body=workshop.catalog.body(dataset.body).title,
                agreement=found[dataset.id].get(field.name),
            )
        )
    return Verified(element=element, carriers=tuple(lines))


def _told(workshop: Workshop, dataset: Dataset) -> tuple[Agreement, ...]:
    """What the last passage found, as far as it was about today's source."""
    dossier = last_dossier(workshop, dataset.id)
    known = {(each.field, each.authority): each for each in dossier.agreements} if dossier else {}
    return tuple(
        known.get((each.field.name, each.authority)) or each.unverified("数据集尚未重新处理")
        for each in comparisons(workshop.catalog, dataset)
    )
