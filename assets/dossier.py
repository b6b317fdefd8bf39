"""The dossier: all that is known of a dataset's last passage, as one value that can be kept.

Outcome, judgement, findings and evidence, never a row. The reports, the command, Dagster's checks
and the next run's "nothing changed" all read it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from pydantic import TypeAdapter

from assets.workshop import Workshop
from opendata.agreement import Agreement
from opendata.catalog import Dataset
from opendata.findings import LeakFinding, Outcome, QualityReport, Refusal, Risk
from opendata.least_harm import LeastHarm
from opendata.lineage import NOTHING_READ, Lineage
from opendata.linkage import Linkage
from opendata.vocabulary import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Outcome plus evidence of one dataset; ``None`` where the passage did not get that far.

    ``landed`` and ``set_aside`` name deliveries, read and not read, by source and SHA-256.
    """

    outcome: Outcome
    fingerprint: str
    run_id: str
    data_time: date | None = None
    landed: tuple[tuple[str, str], ...] = ()
    set_aside: tuple[tuple[str, str], ...] = ()
    standardised_sha256: str | None = None
    released_sha256: str | None = None
    lineage: Lineage = NOTHING_READ
    quality: QualityReport | None = None
    agreements: tuple[Agreement, ...] = ()
    leaks: tuple[LeakFinding, ...] | None = None
    risk: Risk | None = None
    linkage: Linkage | None = None
    treated: tuple[tuple[str, str], ...] = ()
    harm: LeastHarm | None = None
    record_seq: int | None = None

    @classmethod
    def ended_early(
        cls, workshop: Workshop, dataset: Dataset, *, verdict: Verdict, refusal: Refusal
    ) -> "Dossier":
        """A passage that took nothing, with the one reason for it; the next run looks again."""
        outcome = Outcome(
            dataset_id=dataset.id,
            title=dataset.title,
            body=dataset.body,
            verdict=verdict,
            changed=True,
            reasons=(refusal,),
            finished_at=workshop.clock.now(),
        )
        return cls(outcome=outcome, fingerprint="", run_id=workshop.run_id)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What stands in the way of release."""
        return self.outcome.reasons

    @property
    def failed_rules(self) -> int:
        """How many quality rules did not succeed."""
        return sum(not each.success for each in self.quality.results) if self.quality else 0

    def without(self, warnings: tuple[Refusal, ...]) -> "Dossier":
        """The same dossier without these warnings, for readers who are told them once for all."""
        rest = tuple(each for each in self.outcome.warnings if each not in warnings)
        return replace(self, outcome=replace(self.outcome, warnings=rest))

    def compared_with(self, before: "Dossier | None") -> "Dossier":
        """The same dossier, ``changed`` only where it says something else than the one before."""
        if before is None:
            return self
        told = (_told(each.outcome) for each in (self, before))
        changed = next(told) != next(told) or self.released_sha256 != before.released_sha256
        return replace(self, outcome=replace(self.outcome, changed=changed))

    def unchanged(self) -> "Dossier":
        """The dossier of a run that found nothing new."""
        return replace(self, outcome=replace(self.outcome, changed=False))


def said_of_all(dossiers: Iterable[Dossier]) -> tuple[Refusal, ...]:
    """Warnings that every dataset put before the gates was given: to be told once."""
    judged = [each.outcome.warnings for each in dossiers if each.outcome.warnings]
    if len(judged) < 2:
        return ()
    return tuple(each for each in judged[0] if all(each in others for others in judged))


def _told(outcome: Outcome) -> Outcome:
    """The outcome without what differs in every run."""
    return replace(outcome, changed=False, finished_at=None, freshness=None)


@cache
def _adapter() -> TypeAdapter[Dossier]:
    return TypeAdapter(Dossier)


def to_json(dossier: Dossier) -> str:
    """The dossier as JSON text."""
    return _adapter().dump_json(dossier).decode()


def from_json(text: str) -> Dossier | None:
    """The dossier kept as ``text``; None when it was written by another version of the product."""
    try:
        return _adapter().validate_json(text)
    except ValueError:
        return None
