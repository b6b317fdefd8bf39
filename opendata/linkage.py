"""Linkage: what an open table, joined with another or with its own last version, tells of somebody.

The findings as values, the verdict on each, and which assessment covers one (安全评估). Counting is
``resources/linkage.py``; what a regulation asks for then is RSK-03 in ``risk_gates.py``; the words
for a steward and for the committee are ``linkage_words.py``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from opendata.catalog import Dataset, Field
from opendata.catalog_schema import PERSONAL_SEMANTICS
from opendata.plain import fingerprint_of
from opendata.vocabulary import Action, Role, Semantic, Term


class LinkageVerdict(Term):
    """What a finding means for a release; the later the graver."""

    NONE = "未发现风险"
    REVIEW = "须经安全评估"
    BLOCK = "不得开放"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One table against another that is open, joined on ``keys`` (our field, theirs, how told).

    ``linked`` are rows (persons, where a pseudonym joins them) that stand alone on both sides and
    meet; ``small`` rows lie in joins of fewer than five pairs. ``singled_out`` of the linked are in
    a class below ``required_k`` once the quasi-identifiers of both are put together, the smallest
    having ``k``. ``attached`` are fields of theirs that ours learns, ``given`` the reverse.
    ``naming`` says that one side names people and the other does not: whoever is linked is then
    singled out, however large the classes.
    """

    dataset: str
    other: str
    keys: tuple[tuple[str, str, str], ...]
    rows: int
    other_rows: int
    unique: int
    other_unique: int
    linked: int
    small: int
    k: int | None
    required_k: int
    singled_out: int
    attached: tuple[str, ...]
    given: tuple[str, ...]
    naming: bool = False

    @property
    def verdict(self) -> LinkageVerdict:
        """Nobody singled out is nothing found; somebody named thereby is never to be opened."""
        if not self.singled_out:
            return LinkageVerdict.NONE
        return LinkageVerdict.BLOCK if self.naming else LinkageVerdict.REVIEW

    @property
    def bound(self) -> tuple[str, ...]:
        """What an assessment rests on, from either side: not the counts, which change."""
        sides = [(self.dataset, self.given), (self.other, self.attached)]
        turned = self.dataset > self.other
        if turned:
            sides.reverse()
        keys = ((theirs, ours) if turned else (ours, theirs) for ours, theirs, _ in self.keys)
        told = (" ".join((name, *fields)) for name, fields in sides)
        return (*told, *sorted("=".join(each) for each in keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A version beside the one open before it: rows that came or went alone.

    ``appeared`` and ``vanished`` rows lie in classes of equal quasi-identifiers that gained (lost)
    fewer than ``required_k`` of them, of ``came`` and ``went`` rows in all.
    """

    dataset: str
    before: int
    quasi_identifiers: tuple[str, ...]
    required_k: int
    came: int
    went: int
    appeared: int
    vanished: int

    @property
    def verdict(self) -> LinkageVerdict:
        """Whoever has both versions knows that these rows are those of the newcomers."""
        alone = self.appeared or self.vanished
        return LinkageVerdict.REVIEW if alone else LinkageVerdict.NONE

    @property
    def bound(self) -> tuple[str, ...]:
        """What an assessment of it rests on."""
        return (self.dataset, "版本", *self.quasi_identifiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """All that was found of one table; ``compared`` others were open and about people."""

    links: tuple[Link, ...] = ()
    difference: Difference | None = None
    compared: int = 0

    @property
    def findings(self) -> tuple[Link | Difference, ...]:
        """What is to be assessed or mended, gravest first."""
        told = (*self.links, *((self.difference,) if self.difference else ()))
        found = [each for each in told if each.verdict is not LinkageVerdict.NONE]
        return tuple(sorted(found, key=lambda each: each.verdict is LinkageVerdict.REVIEW))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """安全评估: who assessed which findings of a dataset, with what conclusion, for how long.

    ``opinion`` is the reference of the expert committee's opinion; ``covers`` are fingerprints.
    """

    dataset_id: str
    covers: tuple[str, ...]
    by: str
    role: str
    reason: str
    until: date
    at: datetime
    actor: str
    opinion: str | None = None
    evidence: str | None = None


def finding_fingerprint(dataset: Dataset, finding: Link | Difference) -> str:
    """What an assessment binds to: the finding, and how the data comes about.

    来源、数据项、属性、脱敏方式不变的，结论在期限内沿用: titles may change, and so may the counts.
    """
    made = replace(dataset, title="", summary=None, theme=None, contact_role=None, listed_on=None)
    return fingerprint_of([finding.bound, made])


def covering(
    dataset: Dataset,
    finding: Link | Difference,
    assessments: Iterable[Assessment],
    as_of: date,
    *,
    opinion: bool = False,
) -> Assessment | None:
    """The assessment that covers it on that day, with the committee's opinion where asked for."""
    fingerprint = finding_fingerprint(dataset, finding)
    holding = [
        each
        for each in assessments
        if fingerprint in each.covers and each.until >= as_of and (each.opinion or not opinion)
    ]
    return max(holding, key=lambda each: each.at, default=None)


_NAMING = PERSONAL_SEMANTICS - {Semantic.ADDRESS, Semantic.FREE_TEXT, Semantic.LANDLINE}


def hides_people(dataset: Dataset) -> bool:
    """Whether people in it are meant not to be told: it has quasi-identifiers, or pseudonyms.

    Two registers that name people by law are joined by anybody, and nobody in them is hidden.
    """
    return bool(dataset.quasi_identifiers) or any(map(is_pseudonym, dataset.released_fields))


def is_about_people(dataset: Dataset) -> bool:
    """Whether it opens anything that bears on somebody."""
    return any(bears_on_somebody(each) for each in dataset.released_fields)


def bears_on_somebody(field: Field) -> bool:
    """Whether a field says something of a person."""
    return field.role is not Role.PLAIN or field.semantic in PERSONAL_SEMANTICS


def is_pseudonym(field: Field) -> bool:
    """Whether it stands for a person without naming them."""
    return field.treatment.action is Action.PSEUDONYM


def names_people(dataset: Dataset) -> bool:
    """Whether it opens a direct identifier as it stands (on whatever ground)."""
    return any(
        each.treatment.action is Action.KEEP
        and (each.role is Role.DIRECT or each.semantic in _NAMING)
        for each in dataset.released_fields
    )
