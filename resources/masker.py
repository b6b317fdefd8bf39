"""The masker: clean rows in, the desensitised Parquet out, by the plan and nothing else.

Each action runs as SQL where an operator has a SQL twin; pseudonyms and texts are computed over
distinct values, streamed through Arrow and joined back, so that no key is ever in a statement.
What an action means belongs to ``operators.py``, its SQL to ``treating.py``, keys to ``vault.py``,
judging what is left to ``leak_scan.py`` and ``risk.py``.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from opendata.catalog import Dataset
from opendata.desensitise import Step, plan_for
from opendata.errors import ModelError, UnfitValues
from opendata.hierarchies import Hierarchy
from opendata.sql_text import literal, quoted
from opendata.vocabulary import Action, OnInvalid
from resources.mapping import MAP, pseudonymised, redacted
from resources.risk import failing_classes
from resources.treating import (
    Work,
    is_joined,
    map_name,
    rows_with_nulls,
    setting_aside,
    treated_rows,
    unfit,
)
from resources.vault import KeyProvider, SecretKey

ROW_GROUP = 122_880


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What was written: its columns in order, what was done to each, and how many rows.

    ``suppressed`` rows were left out because their class was smaller than the k asked for,
    ``set_aside`` because of values that are not what their field holds: ``unfit`` counts those by
    field. ``key_ids`` are public fingerprints of the keys used, ``key_version`` theirs, where any.
    """

    columns: tuple[str, ...]
    treated: Mapping[str, Action]
    rows: int
    suppressed: int
    key_ids: tuple[str, ...] = ()
    key_version: int | None = None
    set_aside: int = 0
    unfit: Mapping[str, int] = field(default_factory=dict)


class Masker:
    """Desensitises with keys from one provider.

    >>> Masker(KeyProvider("env:NOT_SET"))
    Masker(KeyProvider(spec='env:NOT_SET', home=PosixPath('.')))
    """

    def __init__(self, keys: KeyProvider, hierarchies: Iterable[Hierarchy] = ()) -> None:
        self._keys = keys
        self._hierarchies = {each.id: each for each in hierarchies}

    def __repr__(self) -> str:
        return f"Masker({self._keys!r})"

    @property
    def key_id(self) -> str:
        """The public fingerprint of the master key in use."""
        return self._keys.key_id

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
        bytes. Rows of classes below ``required_k``, or with fewer sensitive values than
        ``release.l``, are left out if they are few enough (``release.max_suppression``); otherwise
        all stay and the gate refuses what :mod:`resources.risk` then measures.

        Raises:
            CatalogError: the entry names a preset that does not exist.
            KeyMissing, HomeError: a pseudonym is asked for and its key is not to be had; nothing
                has been read by then.
            UnfitValues: a value is not what its field holds, and the entry says 中止.
            ModelError: DuckDB gave up, or two subjects got one pseudonym.
        """
        steps = tuple(each for each in plan_for(dataset) if each.action is not Action.DROP)
        keys = {
            each.field: self._keys.purpose_key(dataset.body, each.purpose or dataset.id)
            for each in steps
            if each.action is Action.PSEUDONYM
        }
        work = Work(con=con, dataset=dataset, clean=clean_sql, steps=steps, keys=keys)
        with _no_values_in_errors(dataset, out), ExitStack() as joined:
            maps = {
                each.field: joined.enter_context(self._mapping(work, each))
                for each in steps
                if is_joined(each)
            }
            written = _written(replace(work, maps=maps), out, metadata, required_k)
        return replace(
            written,
            key_ids=tuple(sorted({each.key_id for each in keys.values()})),
            key_version=self._keys.version if keys else None,
        )

    @contextmanager
    def treated(
        self,
        con: duckdb.DuckDBPyConnection,
        clean_sql: str,
        dataset: Dataset,
        names: tuple[str, ...],
    ) -> Iterator[str]:
        """SQL of these columns of ``clean_sql`` as ``dataset`` would treat them, while it lasts.

        For trying plans: columns that need a key are not among them.
        """
        steps = tuple(each for each in plan_for(dataset) if each.field in names)
        work = Work(con=con, dataset=dataset, clean=clean_sql, steps=steps, keys={})
        with ExitStack() as joined:
            for each in steps:
                if is_joined(each):
                    joined.enter_context(self._mapping(work, each))
            yield treated_rows(work, names)

    @contextmanager
    def _mapping(self, work: Work, step: Step) -> Iterator[pa.Table]:
        """Register ``value -> treated`` for one column while the release is written."""
        if step.action is Action.GENERALISE:
            levels = self._hierarchies[step.treatment.hierarchy or ""]
            at = levels.at(step.treatment.level or 1)
            made = pa.table({"value": [*at], "treated": [*at.values()]}, schema=MAP)
        elif step.action is Action.PSEUDONYM:
            made = pseudonymised(work, step)
        else:
            made = redacted(work, step)
        work.con.register(map_name(step), made)
        try:
            yield made
        finally:
            work.con.unregister(map_name(step))


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


def _written(work: Work, out: Path, metadata: Mapping[str, str], required_k: int) -> Treated:
    """Write, and write again without the rows whose values must not pass, where there are any."""
    small, suppressed = _suppression(work, required_k)
    rows, set_aside = _write(work, out, small, metadata), 0
    wrong: Mapping[str, int] = {}
    if _holds_unfit(work, out):
        wrong, clean = _unfit_values(work, out)
        sound = replace(work, sound_only=True)
        small, suppressed = _suppression(sound, required_k)
        rows = _write(sound, out, small, metadata)
        set_aside = clean - rows - suppressed if wrong else 0
    return Treated(
        columns=tuple(each.field for each in work.steps),
        treated={each.field: each.action for each in work.steps},
        rows=rows,
        suppressed=suppressed,
        set_aside=set_aside,
        unfit=wrong,
    )


# --- values that are not what their field holds


def _holds_unfit(work: Work, out: Path) -> bool:
    """Whether a value that must not pass did: looked up where that is cheapest.

    A mask leaves its stars in what was written, so that nothing is computed a second time.
    """
    barred = [*setting_aside(work.steps)]
    masked = [each for each in barred if each.action is Action.MASK]
    if any(work.maps[each.field]["treated"].null_count for each in barred if _is_named(each)):
        return True
    if masked:
        stars = " or ".join(unfit(each) for each in masked)
        found = work.con.execute(
            f"select count(*) from read_parquet({literal(str(out))}) where {stars}"
        ).fetchall()
        if found[0][0]:
            return True
    others = tuple(each for each in barred if each.action is Action.GENERALISE)
    return any(_count_unfit(work, others).values())


def _is_named(step: Step) -> bool:
    return step.action is Action.PSEUDONYM


def _unfit_values(work: Work, out: Path) -> tuple[dict[str, int], int]:
    """How many values must not pass, by field, and how many clean rows there are.

    Raises:
        UnfitValues: such a value is to stop the release; nothing is left of it.
    """
    barred = tuple(setting_aside(work.steps))
    found = {name: count for name, count in _count_unfit(work, barred).items() if count}
    stopping = [each.field for each in barred if each.on_invalid is OnInvalid.FAIL]
    if stopped := {name: found[name] for name in stopping if name in found}:
        out.unlink(missing_ok=True)
        titles = {work.dataset.field(name).title: count for name, count in stopped.items()}
        raise UnfitValues.of(work.dataset.id, stopped, titles)
    ((clean,),) = work.con.execute(f"select count(*) from ({work.clean})").fetchall()
    return found, int(clean)


def _count_unfit(work: Work, barred: tuple[Step, ...]) -> dict[str, int]:
    if not barred:
        return {}
    counts = ", ".join(f"count(*) filter ({unfit(each)})" for each in barred)
    row = work.con.execute(f"select {counts} from ({rows_with_nulls(work, barred)})").fetchall()[0]
    return dict(zip((each.field for each in barred), row, strict=True))


# --- one statement


def _suppression(work: Work, required_k: int) -> tuple[str | None, int]:
    """The SELECT of the classes to leave out with their rows, or nothing to leave out."""
    quasi, asked = work.dataset.quasi_identifiers, work.dataset.release
    if not quasi:
        return None, 0
    sensitive = work.dataset.sensitive_fields if asked.l > 1 else ()
    small = failing_classes(
        treated_rows(work, (*quasi, *sensitive)),
        quasi,
        below=required_k,
        diverse=dict.fromkeys(sensitive, asked.l),
    )
    ((left_out, rows),) = work.con.execute(
        f"select coalesce(sum(_n), 0)::bigint, (select count(*) from ({work.clean})) from ({small})"
    ).fetchall()
    few = 0 < left_out <= asked.max_suppression * rows
    return (small, left_out) if few else (None, 0)


def _write(work: Work, out: Path, small: str | None, metadata: Mapping[str, str]) -> int:
    rows = treated_rows(work, tuple(each.field for each in work.steps))
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


def _total_order(work: Work) -> str:
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
