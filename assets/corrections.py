"""Corrections of a dataset: where they are kept.

They take effect when the dataset is standardised next (``inputs.py``), through the same suite; what
a sheet that came back says is ``answers.py``.
"""

from assets.workshop import Workshop
from opendata.catalog import Dataset
from resources.corrections import Corrections


def corrections_of(workshop: Workshop, dataset: Dataset) -> Corrections:
    """The corrections of a dataset, as they are now."""
    return Corrections(workshop.home.restricted / "corrections" / dataset.id)
