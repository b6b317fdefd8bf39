"""The de-identification report of each dataset's last candidate, written for its page to link to.

``reports/deidentification/<dataset>.html`` and ``.json`` tell of the last candidate;
``<dataset>-<version>.json`` beside them stays as it was when that version came out.
"""

from assets.dossier import Dossier
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.linkage_words import linkage_sentences
from opendata.pages.deidentification import DeidentificationView, deidentification_view
from opendata.pages.render import deidentification_page, report_json
from opendata.pages.views import Frame
from resources.fsio import write_swapped

_FOLDER = "deidentification"


def report_address(dataset: Dataset) -> str:
    """Where the report's page lies, seen from the pages of ``reports/``."""
    return f"{_FOLDER}/{dataset.id}.html"


def report_view(
    workshop: Workshop, frame: Frame, dataset: Dataset, dossier: Dossier
) -> DeidentificationView | None:
    """The report as a view; None where the last passage made no candidate."""
    if dossier.harm is None:
        return None
    return deidentification_view(
        frame,
        dataset,
        dossier.outcome,
        body_title=workshop.catalog.body(dataset.body).title,
        harm=dossier.harm,
        risk=dossier.risk,
        leaks=dossier.leaks,
        linkage=linkage_sentences(workshop.catalog, dossier.linkage),
    )


def write_report(workshop: Workshop, frame: Frame, dataset: Dataset, dossier: Dossier) -> None:
    """Write the report and, once, that of a version that was released."""
    view = report_view(workshop, frame, dataset, dossier)
    if view is None:
        return
    told, page = report_json(view).encode(), workshop.home.reports / report_address(dataset)
    page.parent.mkdir(exist_ok=True)
    write_swapped(page, deidentification_page(view).encode())
    write_swapped(page.with_suffix(".json"), told)
    kept = page.with_name(f"{dataset.id}-{view.version}.json")
    if view.released and view.version and not kept.exists():
        write_swapped(kept, told)
