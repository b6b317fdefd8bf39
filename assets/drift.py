"""Drift of a dataset: its new standardised version beside the last one released (版本对比).

What was released leaves a profile, kept for the last twelve versions under ``restricted/profiles``,
and the last one its flagged table under a second name, so that keys can be compared. A version that
was refused leaves nothing: the next one is compared with what people can read. A passage over what
was released already is compared with what was released before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
from pydantic import TypeAdapter

from assets.inputs import Inputs
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.errors import HomeError, KeyMissing
from opendata.findings import Expectation, RuleResult
from opendata.frequency import period_end
from opendata.vocabulary import Load
from quality.churn import churn, same_rows, shared_columns
from quality.drift import Measured, Place, Succession, drift_results, told_of
from quality.earlier import Earlier
from quality.profile import Digest, Profile, distinct_values, profile
from resources.fsio import link_into_place, write_durably

KEPT_VERSIONS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one passage read and counted; ``measured`` is how it met the version before it."""

    sources: tuple[str, ...]
    data_time: date | None
    profile: Profile
    measured: Measured = field(default_factory=Measured)

    def repeats(self, other: "Taken") -> bool:
        """Whether both read the same deliveries and counted the same."""
        return self.sources == other.sources and self.counts_as(other)

    def counts_as(self, other: "Taken") -> bool:
        """Whether both have as many rows, and as many empty in every field."""
        ours, theirs = self.profile, other.profile
        return ours.rows == theirs.rows and ours.nulls == theirs.nulls


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one released version; ``release`` is its store and number."""

    release: str
    taken: Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """The rules on what changed, and what will be kept of the version once it is released."""

    results: tuple[RuleResult, ...]
    taken: Taken


def compare_with_last(
    workshop: Workshop,
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    inputs: Inputs,
    data_time: date | None,
) -> Drifted:
    """Profile what was standardised just now and compare it; a first version has no results."""
    digest = _digest(workshop)
    taken = Taken(
        sources=tuple(sorted(each.sha256 for each in inputs.read)),
        data_time=data_time,
        profile=profile(con, workshop.flagged(dataset.id), dataset, digest),
    )
    kept = _kept(workshop, dataset)
    again = bool(kept) and taken.repeats(kept[-1].taken)
    before = kept[:-1] if again else kept
    if kept:
        met = kept[-1].taken.measured if again else _met(workshop, con, dataset, kept[-1], taken)
        taken = replace(taken, measured=met)
    if not before:
        return Drifted(results=(), taken=taken)
    given = Succession(
        dataset=dataset,
        now=taken.profile,
        before=[each.taken.profile for each in before],
        release=before[-1].release,
        measured=taken.measured,
        place=_places(workshop, dataset, digest),
    )
    return Drifted(results=drift_results(given), taken=taken)


def keep_released(workshop: Workshop, dataset: Dataset, drifted: Drifted, version: int) -> None:
    """Keep the counts and the table of what was released as ``version``; safe to repeat."""
    folder = _folder(workshop)
    folder.mkdir(exist_ok=True)
    release = f"{workshop.store_of(dataset).name}-{version}"
    table = _table(workshop, dataset, release)
    link_into_place(workshop.flagged(dataset.id), table)
    before = [each for each in _kept(workshop, dataset) if each.release != release]
    kept = (*before, Kept(release=release, taken=drifted.taken))[-KEPT_VERSIONS:]
    write_durably(folder / f"{dataset.id}.json", _adapter().dump_json(kept))
    for older in folder.glob(f"{dataset.id}.*.parquet"):
        if older != table:
            older.unlink()


def earlier_versions(
    workshop: Workshop,
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    rules: Sequence[Expectation],
    sources: Sequence[str],
) -> Earlier | None:
    """What is still kept of the version these rules name as the one before, and of those before it.

    They are the rules on what changed of one passage, which read ``sources``. Categories the
    passage has too are values again, so the result is as raw as the table. None where nothing is
    kept, or what is kept is that very passage.
    """
    release = next((each.kwargs["before"] for each in rules if "before" in each.kwargs), None)
    kept = _kept(workshop, dataset)
    at = next((at for at, each in enumerate(kept) if each.release == release), None)
    if at is None or (at == len(kept) - 1 and _is_judged_one(workshop, dataset, kept[at], sources)):
        return None
    last, table = kept[at].taken.profile, _table(workshop, dataset, kept[at].release)
    now, digest = workshop.flagged(dataset.id), _digest(workshop)
    divided = {x for each in rules if "max_psi" in each.kwargs for x in each.kwargs["column_list"]}
    return Earlier(
        release=kept[at].release,
        rows=[each.taken.profile.rows for each in kept[: at + 1]],
        nulls=last.nulls,
        categories={
            name: named
            for name, counted in last.categories.items()
            if name in divided and (named := _named(con, now, name, counted, digest))
        },
        table=str(table.absolute()) if table.exists() else None,
        shared=sorted(shared_columns(con, table, now)) if table.exists() else (),
        whole=len(kept) < KEPT_VERSIONS,
    )


def _is_judged_one(
    workshop: Workshop, dataset: Dataset, kept: Kept, sources: Sequence[str]
) -> bool:
    """Whether what is kept is of the judged file itself: released again under the same number."""
    table, now = _table(workshop, dataset, kept.release), workshop.flagged(dataset.id)
    if tuple(kept.taken.sources) != tuple(sources) or not table.exists():
        return False
    return workshop.state.sha256_of(table) == workshop.state.sha256_of(now)


def _named(
    con: duckdb.DuckDBPyConnection,
    now: Path,
    name: str,
    counted: Mapping[str, int],
    digest: Digest | None,
) -> Mapping[str, int]:
    """Rows by value where the table has it, by digest elsewhere; nothing where no digest is known.

    A key that changed since knows none of them.
    """
    if digest is None:
        return {}
    held = {digest(value): value for value in distinct_values(con, now, name)}
    known = {held.get(each, each): rows for each, rows in counted.items()}
    return known if held.keys() & counted.keys() else {}


def _met(
    workshop: Workshop,
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    last: Kept,
    taken: Taken,
) -> Measured:
    """Compare the rows themselves, where a rule asks for it and the last table is there."""
    before, now = _table(workshop, dataset, last.release), workshop.flagged(dataset.id)
    asks_keys, asks_rows = _asks_keys(dataset, last.taken, taken), _is_update(dataset, last, taken)
    if not before.exists() or not (asks_keys or asks_rows):
        return Measured()
    shared = shared_columns(con, before, now)
    fields = told_of(dataset)
    others = [each.name for each in dataset.fields if not each.key]
    counts = dataset.quality.drift.keys.changed and shared.issuperset(others)
    unchanged = taken.counts_as(last.taken) and shared.issuperset(fields)
    return Measured(
        churn=churn(con, before, now, dataset.keys, changing=others if counts else ())
        if asks_keys and shared.issuperset(dataset.keys)
        else None,
        unchanged=(unchanged and same_rows(con, before, now, fields)) if asks_rows else None,
    )


def _asks_keys(dataset: Dataset, last: Taken, taken: Taken) -> bool:
    rule, rows = dataset.quality.drift.keys, max(last.profile.rows, taken.profile.rows)
    has_keys = bool(dataset.keys) and dataset.load is Load.SNAPSHOT
    return rule.judged and has_keys and rows <= rule.max_rows


def _is_update(dataset: Dataset, last: Kept, taken: Taken) -> bool:
    """Whether something new was delivered for the same time, of what is promised in a rhythm."""
    promised = dataset.update_frequency
    has_rhythm = promised is not None and period_end(promised, date.min) is not None
    judged = dataset.quality.drift.unchanged.judged
    return judged and has_rhythm and taken.sources != last.taken.sources


def _places(workshop: Workshop, dataset: Dataset, digest: Digest | None) -> Place:
    def place(name: str, value: str) -> int | None:
        table = dataset.field(name).code_table
        if table is None or digest is None:
            return None
        codes = workshop.catalog.code_table(table).values
        return next((at for at, code in enumerate(codes, start=1) if digest(code) == value), None)

    return place


def _digest(workshop: Workshop) -> Digest | None:
    """Keyed digests; None without the key, without which nothing is released to compare with."""
    try:
        key = workshop.masker.digest_key()
    except (KeyMissing, HomeError):
        return None
    return lambda value: key.digest([value])


def _kept(workshop: Workshop, dataset: Dataset) -> tuple[Kept, ...]:
    """What was kept, oldest first; nothing where another version of the product wrote it."""
    path = _folder(workshop) / f"{dataset.id}.json"
    try:
        return _adapter().validate_json(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return ()


def _folder(workshop: Workshop) -> Path:
    return workshop.home.restricted / "profiles"


def _table(workshop: Workshop, dataset: Dataset, release: str) -> Path:
    return _folder(workshop) / f"{dataset.id}.{release}.parquet"


@cache
def _adapter() -> TypeAdapter[tuple[Kept, ...]]:
    return TypeAdapter(tuple[Kept, ...])
