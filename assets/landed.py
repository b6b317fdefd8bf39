"""Landed: the bytes as received (归集), kept with their hash, size, source and time."""

from dataclasses import dataclass

from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.record import Artefact, Event, Kind
from resources.received import LandedFile


@dataclass(frozen=True, slots=True)
class Landed:
    """The received files of one dataset, one a source."""

    dataset: Dataset
    files: tuple[LandedFile, ...]

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """Source id and SHA-256 of every file."""
        return tuple((each.source_id, each.sha256) for each in self.files)


def land(workshop: Workshop, dataset: Dataset) -> Landed:
    """Keep every source file of the dataset exactly as it came.

    Raises:
        SourceError: a file is missing, doubled, empty or unreadable; nothing is kept of it.
    """
    received_at = workshop.clock.now()
    files = tuple(
        workshop.landing.land(dataset, source, received_at=received_at)
        for source in dataset.sources
    )
    workshop.record(
        Event(
            kind=Kind.RECEIVED,
            dataset_id=dataset.id,
            outputs=tuple(Artefact(id=each.source_id, sha256=each.sha256) for each in files),
            detail={
                "acquired": dataset.acquired.value,
                "acquired_from": dataset.acquired_from,
                "files": [each.original_name for each in files],
                "bytes": [each.size for each in files],
            },
        )
    )
    return Landed(dataset, files)
