"""The masker: clean rows in, the desensitised Parquet out, by the plan and nothing else.

Each action runs as SQL where an operator has a SQL twin; pseudonyms and texts are computed over
distinct values, streamed through Arrow and joined back, so that no key is ever in a statement.
What an action means belongs to ``operators.py``, keys to ``vault.py``, judging what is left to
``leak_scan.py`` and ``risk.py``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from opendata.catalog import Dataset
from opendata.desensitise import Step, plan_for
from opendata.errors import ModelError
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Action, FieldType
from resources.operators import (
    Generalise,
    MaskByPreset,
    RedactSpans,
    all_canonical,
    canonical_of,
    pseudonyms,
)
from resources.recognisers import CANDIDATE_TEXT
from resources.risk import small_classes
from resources.vault import KeyProvider, SecretKey

ROW_GROUP = 122_880
_BATCH = 32_768
_TREATED_BY_JOIN = (Action.PSEUDONYM, Action.REDACT_SPANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What was written: its columns in order, what was done to each, and how many rows.

    ``suppressed`` rows were left out because their class was smaller than the k asked for;
    ``key_ids`` are public fingerprints of the keys used.
    """

    columns: tuple[str, ...]
    treated: Mapping[str, Action]
    rows: int
    suppressed: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One release in hand: ``clean`` is the SELECT of clean rows, ``steps`` those released."""

    con: duckdb.DuckDBPyConnection
    dataset: Dataset
    clean: str
    steps: tuple[Step, ...]
    keys: Mapping[str, SecretKey]


class Masker:
    """Desensitises with keys from one provider.

    >>> Masker(KeyProvider("env:NOT_SET"))
    Masker(KeyProvider(spec='env:NOT_SET', home=PosixPath('.')))
    """

    def __init__(self, keys: KeyProvider) -> None:
        self._keys = keys

    def __repr__(self) -> str:
        return f"Masker({self._keys!r})"

    def digest_key(self) -> SecretKey:
        """The key for the digests of findings."""
        return self._keys.digest_key()

    def release(  # noqa: PLR0913 - each part of the contract is named at the call
        self,
        con: duckdb.DuckDBPyConnection,
        clean_sql: str,
        dataset: Dataset,
        out: Path,
        *,
        metadata: Mapping[str, str],
        required_k: int,
    ) -> Treated:
        """Write the released columns of ``clean_sql``, treated, to ``out``.

        Rows are in total order: by the declared filter columns, then by a key that is kept or by
        all the others, so that nothing of the source's order survives and equal inputs give equal
        bytes. Rows of classes below
        ``required_k`` are left out if they are few enough (``release.max_suppression``); otherwise
        all stay and the gate refuses what :mod:`resources.risk` then measures.

        Raises:
            CatalogError: the entry names a preset that does not exist.
            KeyMissing, HomeError: a pseudonym is asked for and its key is not to be had; nothing
                has been read by then.
            ModelError: DuckDB gave up, or two subjects got one pseudonym.
        """
        steps = tuple(each for each in plan_for(dataset) if each.action is not Action.DROP)
        keys = {
            each.field: self._keys.purpose_key(dataset.body, each.purpose or dataset.id)
            for each in steps
            if each.action is Action.PSEUDONYM
        }
        work = _Work(con=con, dataset=dataset, clean=clean_sql, steps=steps, keys=keys)
        with _no_values_in_errors(dataset, out), ExitStack() as joined:
            for each in steps:
                if each.action in _TREATED_BY_JOIN:
                    joined.enter_context(_mapping(work, each))
            small, suppressed = _suppression(work, required_k)
            rows = _write(work, out, small, metadata)
        return Treated(
            columns=tuple(each.field for each in steps),
            treated={each.field: each.action for each in steps},
            rows=rows,
            suppressed=suppressed,
            key_ids=tuple(sorted({each.key_id for each in keys.values()})),
        )


@contextmanager
def _no_values_in_errors(dataset: Dataset, out: Path) -> Iterator[None]:
    """DuckDB quotes data in its messages: only the kind of error may leave, and no half file."""
    try:
        yield
    except duckdb.Error as error:
        out.unlink(missing_ok=True)
        raise ModelError(
            f"desensitising {dataset.id} failed in DuckDB ({type(error).__name__}); its message is "
            "withheld because it may quote data, run the model over the standardised file to see it"
        ) from None


# --- values that are computed outside SQL and joined back


@contextmanager
def _mapping(work: _Work, step: Step) -> Iterator[None]:
    """Register ``value -> treated`` for one column while the release is written."""
    made = _pseudonymised(work, step) if step.action is Action.PSEUDONYM else _redacted(work, step)
    work.con.register(_map_name(step), made)
    try:
        yield
    finally:
        work.con.unregister(_map_name(step))


def _pseudonymised(work: _Work, step: Step) -> pa.Table:
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


def _redacted(work: _Work, step: Step) -> pa.Table:
    operate = RedactSpans().operate
    holds = f"regexp_matches({quoted(step.field)}, {literal(CANDIDATE_TEXT)})"

    def treat(given: pa.Array) -> pa.Array:
        return pa.array([operate(each) for each in given.to_pylist()], pa.string())

    return _over_distinct(work, step, treat, holds)


def _over_distinct(
    work: _Work, step: Step, treat: Callable[[pa.Array], pa.Array], condition: str = "true"
) -> pa.Table:
    column = quoted(step.field)
    distinct = work.con.sql(
        f"select distinct {column} from ({work.clean}) where {column} is not null and {condition}"
    )
    values = (batch.column(0).cast(pa.string()) for batch in distinct.to_arrow_reader(_BATCH))
    batches = [
        pa.RecordBatch.from_arrays([each, treat(each)], names=["value", "treated"])
        for each in values
    ]
    schema = pa.schema([("value", pa.string()), ("treated", pa.string())])
    return pa.Table.from_batches(batches, schema)


def _distinct(values: pa.ChunkedArray) -> int:
    return pl.Series(values).drop_nulls().n_unique()


# --- one statement


def _expression(work: _Work, step: Step) -> str:
    column = f"c.{quoted(step.field)}"
    if step.action is Action.MASK:
        return MaskByPreset.sql(column, step.preset or "")
    if step.action is Action.GENERALISE:
        kind: FieldType = work.dataset.field(step.field).type
        return Generalise.sql(column, step.preset or "", type=kind)
    if step.action is Action.PSEUDONYM:
        return f"{_map_name(step)}.treated"
    if step.action is Action.REDACT_SPANS:
        return f"coalesce({_map_name(step)}.treated, {column})"
    return column


def _treated_rows(work: _Work, names: tuple[str, ...]) -> str:
    """SQL: these columns of the clean rows, treated."""
    steps = [each for each in work.steps if each.field in names]
    columns = ", ".join(f"{_expression(work, each)} as {quoted(each.field)}" for each in steps)
    joins = "".join(
        f" left join {_map_name(each)} on {_map_name(each)}.value = c.{quoted(each.field)}"
        for each in steps
        if each.action in _TREATED_BY_JOIN
    )
    return f"select {columns} from ({work.clean}) c{joins}"


def _suppression(work: _Work, required_k: int) -> tuple[str | None, int]:
    """The SELECT of the classes to leave out with their rows, or nothing to leave out."""
    quasi = work.dataset.quasi_identifiers
    if not quasi:
        return None, 0
    small = small_classes(_treated_rows(work, quasi), quasi, below=required_k)
    ((left_out, rows),) = work.con.execute(
        f"select coalesce(sum(_n), 0)::bigint, (select count(*) from ({work.clean})) from ({small})"
    ).fetchall()
    few = 0 < left_out <= work.dataset.release.max_suppression * rows
    return (small, left_out) if few else (None, 0)


def _write(work: _Work, out: Path, small: str | None, metadata: Mapping[str, str]) -> int:
    rows = _treated_rows(work, tuple(each.field for each in work.steps))
    if small:
        same = " and ".join(
            f"r.{quoted(each)} is not distinct from s.{quoted(each)}"
            for each in work.dataset.quasi_identifiers
        )
        rows = f"select r.* from ({rows}) r anti join ({small}) s on {same}"
    written = work.con.execute(
        f"copy ({rows} order by {_total_order(work)}) to {literal(str(out))} (format parquet, "
        f"compression zstd, compression_level 1, parquet_version v2, row_group_size {ROW_GROUP}, "
        "write_bloom_filter false, "
        f"kv_metadata {{{_pairs(metadata)}}})"
    ).fetchall()
    count: int = written[0][0]
    return count


def _total_order(work: _Work) -> str:
    """The filter columns, then what tells the rest apart: a key released as it is, or everything.

    Clean rows differ in their key (the suite sets duplicates and empty keys aside).
    """
    actions = {each.field: each.action for each in work.steps}
    keys = work.dataset.keys
    telling = keys if keys and all(actions.get(k) is Action.KEEP for k in keys) else tuple(actions)
    first = [each for each in work.dataset.release.sort_by if each in actions]
    return ", ".join(map(quoted, dict.fromkeys((*first, *telling))))


def _pairs(metadata: Mapping[str, str]) -> str:
    return ", ".join(f"{literal(key)}: {literal(value)}" for key, value in metadata.items())


def _map_name(step: Step) -> str:
    return f"_treated_{step.field}"
