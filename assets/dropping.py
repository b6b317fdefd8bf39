"""Dropping: what lies still in the drop folders is taken into the inboxes, before a run begins.

Which file may be taken is ``resources/drop.py``; what is told of it afterwards ``receipts.py``.
"""

import time
from collections.abc import Callable

from assets.receipts import drop_folders, write_receipts
from assets.workshop import Workshop
from opendata.catalog import Dataset
from resources.drop import DropFolder, settled

_BETWEEN_LOOKS = 1


def take_dropped(
    workshop: Workshop, *, sleep: Callable[[float], object] = time.sleep
) -> tuple[Dataset, ...]:
    """Take what has settled, and finish what a crash cut off; the datasets that are to be run.

    Costs a look into a folder for every body where nothing is dropped. Waits until nobody else
    works in the home: a file must not change places while it is read.
    """
    used = [(body, folder) for body, folder in drop_folders(workshop) if _is_used(workshop, folder)]
    if not used:
        return ()
    before = [folder.look() for _, folder in used]
    sleep(min(_BETWEEN_LOOKS, workshop.settings.settle_seconds))
    with workshop.home.working():
        now = workshop.clock.now()
        term = workshop.settings.settle_seconds
        for (body, folder), first in zip(used, before, strict=True):
            files = settled(first, folder.look(), at=now, settle_seconds=term)
            own = (each for each in workshop.catalog.datasets if each.body == body)
            folder.claim(files, own, received_at=now)
        write_receipts(workshop, {each.id for each in workshop.catalog.datasets})
    open_ids = {each.dataset_id for _, folder in used for each in folder.claimed()}
    return tuple(each for each in workshop.catalog.in_reading_order if each.id in open_ids)


def _is_used(workshop: Workshop, folder: DropFolder) -> bool:
    if folder.trouble:
        workshop.progress(folder.trouble)
    return folder.is_used
