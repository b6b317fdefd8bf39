"""Rejudged: what the clocks say of every dataset today, without a run of any.

Time alone makes data late. The verdicts are those that ``standing.py`` gives to the command and to
the pages, so all three say the same on the same day; ``checks.py`` tells Dagster what has changed.
"""

from assets.standing import standing
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import Freshness

Verdicts = tuple[tuple[Dataset, Freshness], ...]


def verdicts_now(workshop: Workshop) -> Verdicts:
    """The freshness of every dataset that was ever judged, on the day of judgement."""
    return tuple(
        (dataset, freshness)
        for dataset, dossier in standing(workshop)
        if (freshness := dossier.outcome.freshness)
    )
