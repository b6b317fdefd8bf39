"""The workshop: everything a stage needs to work on one home, opened once per process.

Plain objects only; which run is working and who asked for it are part of the value, so that every
record entry can say so.
"""

import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from assets.decided import clocks_in, decided_in
from dbt_like_sql.project import Project, compile_project
from dbt_like_sql.sharing import shared_paths
from opendata.case import Case
from opendata.catalog import Catalog, Dataset
from opendata.derivation import made_from
from opendata.errors import OpenDataError, SourceError
from opendata.record import Entry, Event, Kind
from opendata.regime import Regime, load_regime
from opendata.settings import Settings
from opendata.sourcing import Decided, as_decided
from opendata.statutory import StatutoryClock
from opendata.vocabulary import Openness
from opendata.workdays import Calendar
from resources.calendar_file import calendar_of
from resources.clock import Clock
from resources.home import Home
from resources.landing import Landing
from resources.masker import Masker
from resources.record_book import RecordBook
from resources.state import State
from resources.store import OpenStore
from resources.vault import KeyProvider
from resources.withheld import Withholding

if TYPE_CHECKING:
    from resources.register import Register


def _silent(message: str) -> None:
    """Say nothing: the default progress."""


@dataclass(frozen=True)
class Workshop:
    """One home, opened: catalog, law, tools and stores, and the run they serve.

    ``collected`` are the datasets whose sources were read from elsewhere for the passage to come.
    """

    home: Home
    catalog: Catalog
    clock: Clock
    run_id: str
    actor: str
    progress: Callable[[str], None] = _silent
    collected: set[str] = field(default_factory=set, compare=False)
    _runs: dict[str, "Workshop"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def open(
        cls,
        home: Home,
        *,
        as_of: date | None = None,
        run_id: str = "local",
        actor: str = "opendata",
        progress: Callable[[str], None] = _silent,
    ) -> "Workshop":
        """Read the catalog and settings of ``home`` and be ready to work.

        Raises:
            CatalogError: the catalog has problems; all of them are listed.
            HomeError: the home's settings are not valid, or its register cannot be read.
        """
        clock = Clock(home.settings.timezone, as_of)
        return cls(home, home.read_catalog(), clock, run_id, actor, progress)._as_decided()

    @classmethod
    def without_catalog(cls, home: Home, *, actor: str) -> "Workshop":
        """A workshop for what must be possible while the catalog cannot be read: suspending."""
        clock = Clock(home.settings.timezone)
        return cls(home, Catalog(bodies=(), datasets=()), clock, "local", actor)

    def serving(self, run_id: str) -> "Workshop":
        """The same workshop for another run: one for all its steps, which sees the inbox anew."""
        if run_id not in self._runs:
            self.close_runs()
            self._runs[run_id] = replace(self, run_id=run_id)._as_decided()
        return self._runs[run_id]

    def looking_again(self) -> "Workshop":
        """The same workshop with nothing opened or seen yet."""
        return replace(self)._as_decided()

    def _as_decided(self) -> "Workshop":
        """The same workshop with the sources of elements as decided by now (一数一源)."""
        catalog = as_decided(self.catalog, self.decided)
        return self if catalog is self.catalog else replace(self, catalog=catalog)

    def close_runs(self) -> None:
        """Let go of what was opened while serving runs."""
        while self._runs:
            self._runs.popitem()[1].close()

    def close(self) -> None:
        """Let go of the state and the register; what is asked for later is opened again."""
        self.close_runs()
        for name in ("state", "register"):
            if opened := self.__dict__.pop(name, None):
                opened.close()

    @property
    def settings(self) -> Settings:
        """The home's decisions."""
        return self.home.settings

    @cached_property
    def project(self) -> Project:
        """Every dataset's compiled SQL model, cross-checked."""
        return compile_project(self.catalog)

    @cached_property
    def regime(self) -> Regime:
        """The regulations this home works under, merged."""
        return load_regime(self.settings.regimes)

    @cached_property
    def calendar(self) -> Calendar:
        """Working days of the home's region, with the years imported (HomeError: a bad file)."""
        return calendar_of(self.home)

    @cached_property
    def clocks(self) -> tuple[StatutoryClock, ...]:
        """Every event a steward entered (opendata clock), stopped or running, oldest first."""
        return clocks_in(self.home)

    @cached_property
    def landing(self) -> Landing:
        """The inbox and the bytes as received."""
        restricted = self.home.restricted
        return Landing(self.home.inbox, restricted / "landed", restricted / "collected")

    @cached_property
    def masker(self) -> Masker:
        """Executes desensitising plans; the only one that sees keys."""
        return Masker(KeyProvider(self.home.key_location()), self.catalog.hierarchies)

    @cached_property
    def book(self) -> RecordBook:
        """The processing record."""
        return RecordBook(self.home.record, clock=self.clock)

    @cached_property
    def register(self) -> "Register":
        """What people decided."""
        # SQLAlchemy costs a tenth of a second to import, and a passage decides nothing.
        from resources.register import Register

        return Register(self.home.register_url)

    @cached_property
    def decided(self) -> Decided:
        """What was decided about sources and exceptions, as it stood when the run began."""
        return decided_in(self.home)

    @cached_property
    def state(self) -> State:
        """What was seen last time; a cache that may be deleted."""
        return State(self.home.root / "state.sqlite")

    @cached_property
    def public(self) -> OpenStore:
        """The store anybody may read."""
        return OpenStore(self.home.store / "public", name="public", clock=self.clock)

    @cached_property
    def conditional(self) -> OpenStore:
        """The store of 有条件开放 data, under a root of its own."""
        return OpenStore(self.home.store / "conditional", name="conditional", clock=self.clock)

    @property
    def stores(self) -> tuple[OpenStore, OpenStore]:
        """Both stores."""
        return self.public, self.conditional

    def store_of(self, dataset: Dataset) -> OpenStore:
        """The store a dataset of this class is released to."""
        return self.conditional if dataset.openness is Openness.CONDITIONAL else self.public

    @cached_property
    def shared_paths(self) -> Mapping[str, tuple[str, ...]]:
        """For each dataset, how data obtained by sharing reaches its released columns."""
        return shared_paths(self.catalog, self.project)

    @property
    def listed_only(self) -> tuple[Dataset, ...]:
        """What the public may apply for but not download: 有条件开放 data that is there now."""
        there = self.conditional.current().datasets
        return tuple(
            each
            for each in self.catalog.datasets
            if each.openness is Openness.CONDITIONAL and each.id in there
        )

    def relist(self) -> None:
        """Make the public catalogue list exactly the conditional data that can be applied for."""
        self.public.publish((), listed=self.listed_only, announce=lambda _: self.book.head)

    @cached_property
    def source_hashes(self) -> Mapping[str, tuple[str, ...]]:
        """For each dataset the SHA-256 of its source files as they lie in the inbox now."""
        return {each.id: tuple(self._source_hashes(each)) for each in self.catalog.datasets}

    def forget_sources(self) -> None:
        """Look at the sources anew when they are asked for next: more of them was collected."""
        for name in ("source_hashes", "holders"):
            self.__dict__.pop(name, None)

    @cached_property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """For each source hash the ids of the datasets it was handed over for."""
        found: dict[str, tuple[str, ...]] = {}
        for dataset_id, hashes in self.source_hashes.items():
            for sha in hashes:
                found[sha] = (*found.get(sha, ()), dataset_id)
        return found

    def _source_hashes(self, dataset: Dataset) -> Iterator[str]:
        try:
            for found in self.landing.probe(dataset):
                yield self.state.sha256_of(found.path)
        except SourceError as error:
            yield f"not landable: {error}"

    def withheld(self) -> dict[str, str]:
        """Ids of the datasets that a case was opened on, with the case and its reason.

        Those that are only derived from one are left to the catalog's own lineage, except where it
        does not know of it any more.
        """
        return {
            each.dataset_id: f"{each.case}，{each.reason}"
            for each in self.public.withheld()
            if each.dataset_id == each.origin or not self._knows_to_be_derived(each)
        }

    def _knows_to_be_derived(self, withholding: Withholding) -> bool:
        made = made_from(self.catalog, withholding.origin)
        return any(each.id == withholding.dataset_id for each in made)

    def case(self, dataset: Dataset) -> Case:
        """The dataset as the gates see it before there is a candidate."""
        return Case(
            dataset=dataset,
            catalog=self.catalog,
            regime=self.regime,
            settings=self.settings,
            as_of=self.clock.as_of,
            withheld=self.withheld(),
            disputes=self.decided.open_disputes,
            waivers=self.decided.waivers_of(dataset.id),
            assessments=self.decided.assessments_of(dataset.id),
        )

    def withdraw(self, dataset: Dataset, *, from_stores: Sequence[OpenStore]) -> None:
        """Take a dataset out of these stores where it is live, entered in the record first."""
        for store in from_stores:
            if dataset.id in store.current().datasets:
                detail = {
                    "store": store.name,
                    "openness": dataset.openness and dataset.openness.value,
                }
                kind = Kind.WITHDRAWN
                self.record(Event(kind=kind, dataset_id=dataset.id, detail=detail))
                store.withdraw(dataset.id)
                self.relist()

    def record(self, event: Event) -> Entry:
        """Append to the processing record, before the effect it describes."""
        stamped = replace(
            event,
            run_id=self.run_id,
            actor=self.actor,
            catalog_version=self.catalog.version,
            as_of=self.clock.as_of,
        )
        return self.book.append(stamped)

    def last_record_seq(self) -> int | None:
        """Number of the last entry of the processing record."""
        last = self.book.last()
        return last.seq if last else None

    def recordable(self) -> bool:
        """Whether the processing record can take an entry now (REC-01)."""
        return os.access(self.home.record, os.W_OK)

    def report_crash(self, dataset_id: str, crash: Exception) -> None:
        """Say where a dataset's passage crashed; never the message, which may hold row values."""
        frames = traceback.extract_tb(crash.__traceback__)[-3:]
        where = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames))
        said = f": {crash}" if isinstance(crash, OpenDataError) else ""
        self.progress(f"{dataset_id} crashed: {type(crash).__name__} at {where}{said}")
        detail = {"crash": type(crash).__name__, "where": where}
        event = Event(kind=Kind.FAILED, dataset_id=dataset_id, detail=detail)
        self.record(event)

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB of its own, in memory, bounded by the home's limits, spilling to scratch."""
        con = duckdb.connect(
            config={
                "memory_limit": self.settings.memory_limit,
                "threads": self.settings.threads,
                "temp_directory": str(self.home.scratch),
                "preserve_insertion_order": True,
            }
        )
        con.execute("set enable_progress_bar = false").fetchall()
        try:
            yield con
        finally:
            con.close()

    def flagged(self, dataset_id: str) -> Path:
        """The dataset's standardised and flagged Parquet: private, replaced as a whole."""
        return self.home.restricted / "standardised" / f"{dataset_id}.parquet"

    def conflicts(self, dataset_id: str) -> Path:
        """Where the dataset differs from the sources of what it carries: private, may be absent."""
        return self.home.restricted / "conflicts" / f"{dataset_id}.parquet"

    def quarantined(self, dataset_id: str) -> Path:
        """The dataset's 问题数据: rows set aside with every reason."""
        return self.home.restricted / "quarantine" / f"{dataset_id}.parquet"
