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

_ASIDE = Remark(
    text="表头与目录登记不一致，该批数据已隔离，未予采用；数据集沿用此前的数据。",
    remedy="按目录登记的表头重新报送；确需改变表头的，先修改目录登记。",
)


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
    was_judged = (delivery.source_id, sha256) in (*dossier.landed, *dossier.set_aside)
    return (dossier, sha256) if was_judged or _could_not_be_read(workshop, dossier) else None


def _could_not_be_read(workshop: Workshop, dossier: Dossier) -> bool:
    """Whether the files, all of which are there, are what the dataset failed for."""
    hashes = workshop.source_hashes[dossier.outcome.dataset_id]
    there = not any(each.startswith("not landable") for each in hashes)
    return there and dossier.outcome.verdict is Verdict.FAILED


def _close(folder: DropFolder, delivery: Delivery, dossier: Dossier, sha256: str) -> None:
    aside = (delivery.source_id, sha256) in dossier.set_aside
    done = dossier.outcome.verdict is not Verdict.FAILED and not aside
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
                remarks=(*([_ASIDE] if aside else []), *map(Remark.of, remarks)),
            )
        )

    folder.close(delivery, done=done, receipt=text)
