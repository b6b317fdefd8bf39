"""A received file as it lies, looked at outside a passage: to ask about its cells.

The passage itself opens its files in ``inputs.py``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from assets.corrections import corrections_of
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.sql_text import quoted
from opendata.vocabulary import OnChange
from resources.corrections import correct
from resources.received import LandedFile
from resources.sources import open_source

_RECEIVED = "looked_at"
_CORRECTED = "looked_at_corrected"


@contextmanager
def looked_at(
    workshop: Workshop, dataset: Dataset, file: LandedFile, *, as_received: bool = False
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A delivery that counts as a relation of text and ``_row``, with its corrections in.

    With ``as_received`` it is without corrections.

    Raises:
        SourceError: the file cannot be read any more.
    """
    source = next(each for each in dataset.sources if each.id == file.source_id)
    with (
        workshop.connection() as con,
        open_source(
            con,
            file,
            source.as_collected,
            relation=_RECEIVED,
            scratch=workshop.home.scratch,
            on_change=OnChange.EVOLVE,
        ) as table,
        table.reading(),
    ):
        if as_received:
            yield con, quoted(_RECEIVED)
            return
        columns = [name for name, _ in source.columns]
        correct(
            con, _RECEIVED, _CORRECTED, columns, corrections_of(workshop, dataset).of(file.sha256)
        )
        yield con, quoted(_CORRECTED)
