"""Collected: what lies in exchange databases and at addresses, brought to where landing finds it.

Collecting comes before anything is probed. A source that cannot be reached leaves what was
collected before in place and a note beside it, which landing reads as the reason to refuse.
"""

from collections.abc import Iterable
from pathlib import Path

from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import HomeError, SourceError
from opendata.source import Source
from opendata.vocabulary import Load


def collect(workshop: Workshop, datasets: Iterable[Dataset]) -> None:
    """Read every source of these datasets that is no file, unless this run has done so already."""
    for dataset in datasets:
        if is_collected(dataset) and dataset.id not in workshop.collected:
            workshop.collected.add(dataset.id)
            for source in dataset.sources:
                _collect(workshop, dataset, source)
            workshop.forget_sources()


def is_collected(dataset: Dataset) -> bool:
    """Whether some source of the dataset has to be read from elsewhere."""
    return any(each.files is None for each in dataset.sources)


def _collect(workshop: Workshop, dataset: Dataset, source: Source) -> None:
    if source.files is not None:
        return
    into = workshop.landing.folder_of(dataset, source)
    try:
        if source.exchange:
            _capture(workshop, dataset, source, into)
        else:
            _pull(workshop, source, into)
    except SourceError as error:
        workshop.progress(f"{dataset.title}（{dataset.id}）：{error}")
        workshop.landing.not_collected(dataset, source, error)
    else:
        workshop.landing.collected_again(dataset, source)


def _capture(workshop: Workshop, dataset: Dataset, source: Source, into: Path) -> None:
    from resources.exchange import capture  # drivers: only homes with an exchange pay for them

    assert source.exchange is not None  # noqa: S101 - the caller looked
    try:
        connection = workshop.settings.connection(source.exchange.connection)
    except HomeError as error:
        name = source.exchange.connection
        raise SourceError(str(error), reason=f"连接“{name}”未在 opendata.yaml 中登记。") from None
    adding = dataset.load is not Load.SNAPSHOT
    received = workshop.landing.received(dataset)
    known = received.counting(source.id, dataset.load), received.waiting(source.id, dataset.load)
    paths = tuple(each.path for files in known for each in files) if adding else ()
    capture(source, connection, home=workshop.home, into=into, earlier=paths)


def _pull(workshop: Workshop, source: Source, into: Path) -> None:
    from resources.pull import pull

    pull(source, workshop.settings.pulling, into=into)
