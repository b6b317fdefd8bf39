"""Clocks: the terms that run on a dataset, and how it kept those of its declared frequency."""

from datetime import date, datetime

from assets.history import Past
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.findings import Refusal
from opendata.punctuality import KeptPeriod, Made, history_of
from opendata.statutory import notice


def notices(workshop: Workshop, dataset: Dataset) -> tuple[Refusal, ...]:
    """What the running statutory clocks of a dataset warn of on the day of judgement."""
    found = (
        notice(each, dataset, workshop.settings.regimes, workshop.calendar, workshop.clock.as_of)
        for each in workshop.clocks
        if each.dataset_id == dataset.id
    )
    return tuple(each for each in found if each)


def punctuality_of(workshop: Workshop, dataset: Dataset, past: Past) -> tuple[KeptPeriod, ...]:
    """How the last periods of a dataset's declared frequency were kept, as of the day of judgement.

    What counts is what its store still holds: a suspended or withdrawn dataset has no history.
    """
    return history_of(
        dataset.update_frequency,
        _releases(workshop, dataset, past),
        workshop.clock.as_of,
        grace_days=dataset.grace_days,
        calendar=workshop.calendar,
        extend=workshop.settings.extend_over_days_off,
    )


def _releases(workshop: Workshop, dataset: Dataset, past: Past) -> tuple[Made, ...]:
    """Its versions by the day of judgement they were made on, as the record tells it."""
    store = workshop.store_of(dataset)
    return tuple(
        Made(
            released_on=past.released_on(store.name, each.version)
            or datetime.fromisoformat(each.published_at).date(),
            data_time=date.fromisoformat(each.data_time) if each.data_time else None,
        )
        for each in store.versions(dataset.id)
    )
