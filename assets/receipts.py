"""Receipts: what became of a dropped file, told to its body once a passage has judged it.

A delivery is judged when the dataset's dossier is of the very state the inbox is in; until then it
waits, through crashes too. Taking files from the drop folders is ``dropping.py``.
"""

from collections.abc import Collection, Iterator
from contextlib import closing

from assets.dossier import Dossier
from assets.probe import fingerprint, last_dossier
from assets.workshop import Workshop
from opendata.receipts import Receipt, Remark, receipt_text
from opendata.vocabulary import Verdict
from resources.deliveries import Delivery
from resources.drop import DropFolder


def drop_folders(workshop: Workshop) -> Iterator[tuple[str, DropFolder]]:
    """The drop folder of every body of the catalog that can be used, with the body's id."""
    for body in workshop.catalog.bodies:
        yield body.id, DropFolder(workshop.home.inbox / body.id)


def write_receipts(workshop: Workshop, dataset_ids: Collection[str]) -> None:
    """Close every delivery to these datasets that was judged; whoever calls holds the home.

    What was read goes to ``done``, what could not be read to ``failed``, each with its receipt.
    Deliveries that wait for another source, an upstream or a key are left as they are.
    """
    waiting = [
        (folder, delivery)
        for _, folder in drop_folders(workshop)
        for delivery in folder.claimed()
        if delivery.dataset_id in dataset_ids
    ]
    if not waiting:
        return
    # NOTE: the workshop of a run remembers what it saw in the inbox when the run began.
    with closing(workshop.looking_again()) as now:
        judged = [(folder, each, _judged(now, folder, each)) for folder, each in waiting]
    for folder, delivery, said in judged:
        if said is not None:
            _close(folder, delivery, *said)


def _judged(
    workshop: Workshop, folder: DropFolder, delivery: Delivery
) -> tuple[Dossier, str] | None:
    """The dossier that judges a delivery and the SHA-256 of its file; None while there is none."""
    path = folder.inbox / delivery.name
    dataset = next((x for x in workshop.catalog.datasets if x.id == delivery.dataset_id), None)
    if dataset is None or not path.is_file():
        return None
    dossier = last_dossier(workshop, dataset.id)
    if dossier is None or dossier.fingerprint != fingerprint(workshop, dataset):
        return None
    sha256 = workshop.state.sha256_of(path)
    was_read = (delivery.source_id, sha256) in dossier.landed
    return (dossier, sha256) if was_read or _could_not_be_read(workshop, dossier) else None


def _could_not_be_read(workshop: Workshop, dossier: Dossier) -> bool:
    """Whether the files, all of which are there, are what the dataset failed for."""
    hashes = workshop.source_hashes[dossier.outcome.dataset_id]
    there = not any(each.startswith("not landable") for each in hashes)
    return there and dossier.outcome.verdict is Verdict.FAILED


def _close(folder: DropFolder, delivery: Delivery, dossier: Dossier, sha256: str) -> None:
    done = dossier.outcome.verdict is not Verdict.FAILED
    remarks = (*dossier.refusals, *dossier.outcome.warnings)

    def text(place: str) -> str:
        return receipt_text(
            Receipt(
                name=delivery.shown,
                received_at=delivery.received_at,
                size=delivery.size,
                sha256=sha256,
                handled=done,
                place=place,
                outcome=dossier.outcome,
                remarks=tuple(map(Remark.of, remarks)),
            )
        )

    folder.close(delivery, done=done, receipt=text)
