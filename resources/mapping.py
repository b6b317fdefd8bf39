"""Values that are treated outside of SQL: once each, and joined back to the rows that hold them.

Distinct values are streamed through Arrow, so that no key is ever in a statement and a text that
stands a million times is read once. What the values become belongs to ``pseudonyms.py`` and the
operators; joining them to the rows belongs to ``treating.py``.
"""

from collections.abc import Callable

import polars as pl
import pyarrow as pa

from opendata.desensitise import Step
from opendata.errors import ModelError
from opendata.sql_text import quoted
from resources.pseudonyms import all_canonical, canonical_of, pseudonyms
from resources.redaction import redacted_texts
from resources.treating import Work

MAP = pa.schema([("value", pa.string()), ("treated", pa.string())])
"""What a mapping holds: a raw value, and what it becomes."""

_BATCH = 32_768


def pseudonymised(work: Work, step: Step) -> pa.Table:
    """The pseudonym of every distinct value of the column; null where it names nobody.

    Raises:
        ModelError: two subjects got one pseudonym.
    """
    semantic = work.dataset.field(step.field).semantic
    canonical, key = canonical_of(semantic), work.keys[step.field]
    seen: list[pa.Array] = []

    def treat(given: pa.Array) -> pa.Array:
        values = given.to_pylist()
        if all_canonical(given, semantic):  # nearly every batch, and nothing is to be converted
            seen.append(given)
            return pseudonyms(values, key, semantic)
        spelled = [canonical(each) for each in values]
        seen.append(pa.array(spelled, pa.string()))
        named = [each for each in spelled if each is not None]
        places = iter(range(len(named)))
        chosen = [None if each is None else next(places) for each in spelled]
        return pseudonyms(named, key, semantic).take(pa.array(chosen, pa.int32()))

    mapping = _over_distinct(work, step, treat)
    if _distinct(pa.chunked_array(seen, pa.string())) != _distinct(mapping["treated"]):
        raise ModelError(
            f"{work.dataset.id}.{step.field}: two subjects were given one pseudonym; "
            "nothing is written, report this as a defect"
        )
    return mapping


def redacted(work: Work, step: Step) -> pa.Table:
    """Every distinct text that holds an identifier, with its identifiers named by kind."""
    column = quoted(step.field)
    distinct = work.con.sql(f"select distinct {column} from ({work.clean})")
    parts = [redacted_texts(pl.Series(each.column(0))) for each in distinct.to_arrow_reader(_BATCH)]
    return pa.Table.from_batches([], MAP) if not parts else pa.concat_tables(parts)


def _over_distinct(work: Work, step: Step, treat: Callable[[pa.Array], pa.Array]) -> pa.Table:
    column = quoted(step.field)
    distinct = work.con.sql(
        f"select distinct {column} from ({work.clean}) where {column} is not null"
    )
    values = (batch.column(0).cast(pa.string()) for batch in distinct.to_arrow_reader(_BATCH))
    batches = [
        pa.RecordBatch.from_arrays([each, treat(each)], names=["value", "treated"])
        for each in values
    ]
    return pa.Table.from_batches(batches, MAP)


def _distinct(values: pa.ChunkedArray) -> int:
    return pl.Series(values).drop_nulls().n_unique()
