"""One sensor: what was dropped is taken, and a run of the datasets it is for is asked for.

It is off until somebody switches it on, like the schedules. A tick while a run is at work takes
nothing: a file must not change places while it is read.
"""

import hashlib
from contextlib import closing

import dagster as dg

from assets.dropping import take_dropped
from assets.probe import changed_datasets, fingerprint
from assets.workshop import Workshop
from opendata.catalog import Dataset
from pipelines.schedules import EVERYTHING, selection

_EVERY_SECONDS = 30


def drop_sensor(workshop: Workshop) -> dg.SensorDefinition:
    """Looks into the drop folders of all bodies every thirty seconds."""

    @dg.sensor(
        name="drop_folders",
        job_name=EVERYTHING,
        minimum_interval_seconds=_EVERY_SECONDS,
        description="投递目录中的文件静置后收取，并处理相应的数据集",
    )
    def look() -> dg.RunRequest | dg.SkipReason:
        with closing(workshop.looking_again()) as now:
            if now.home.is_busy:
                return dg.SkipReason("正在处理数据，稍后再看")
            changed = changed_datasets(now, _concerned(now, take_dropped(now)))
            if not changed:
                return dg.SkipReason("投递目录中没有待处理的文件")
            return dg.RunRequest(run_key=_state(now, changed), asset_selection=selection(changed))

    return look


def _concerned(workshop: Workshop, dropped: tuple[Dataset, ...]) -> tuple[Dataset, ...]:
    """These datasets and all that read them, in reading order."""
    readers = {reader.id for each in dropped for reader in workshop.catalog.readers_of(each.id)}
    wanted = readers | {each.id for each in dropped}
    return tuple(each for each in workshop.catalog.in_reading_order if each.id in wanted)


def _state(workshop: Workshop, datasets: tuple[Dataset, ...]) -> str:
    """What the run would see: it is asked for once, and again only when that has changed."""
    seen = "\n".join(fingerprint(workshop, each) for each in datasets)
    return hashlib.sha256(seen.encode()).hexdigest()
