"""The workshop: everything a stage needs to work on one home, opened once per process.

Plain objects only; which run is working and who asked for it are part of the value, so that every
record entry can say so.
"""

import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from dbt_like_sql.project import Project, compile_project
from dbt_like_sql.sharing import shared_paths
from opendata.catalog import Catalog, Dataset
from opendata.errors import OpenDataError, SourceError
from opendata.record import Entry, Event, Kind
from opendata.regime import Regime, load_regime
from opendata.settings import Settings
from opendata.vocabulary import Openness
from opendata.workdays import Calendar
from resources.clock import Clock
from resources.home import Home
from resources.landing import Landing
from resources.masker import Masker
from resources.record_book import RecordBook
from resources.register import Register
from resources.state import State
from resources.store import OpenStore
from resources.vault import KeyProvider


def _silent(message: str) -> None:
    """Say nothing: the default progress."""


@dataclass(frozen=True)
class Workshop:
    """One home, opened: catalog, law, tools and stores, and the run they serve."""

    home: Home
    catalog: Catalog
    clock: Clock
    run_id: str
    actor: str
    progress: Callable[[str], None] = _silent

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
            HomeError: the home's settings are not valid.
        """
        clock = Clock(home.settings.timezone, as_of)
        return cls(home, home.read_catalog(), clock, run_id, actor, progress)

    def serving(self, run_id: str) -> "Workshop":
        """The same workshop, working for another run."""
        return replace(self, run_id=run_id)

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
        """Working days of the home's region."""
        return Calendar.load(self.settings.region)

    @cached_property
    def landing(self) -> Landing:
        """The inbox and the bytes as received."""
        return Landing(self.home.inbox, self.home.restricted / "landed")

    @cached_property
    def masker(self) -> Masker:
        """Executes desensitising plans; the only one that sees keys."""
        return Masker(KeyProvider(self.home.key_location()))

    @cached_property
    def book(self) -> RecordBook:
        """The processing record."""
        return RecordBook(self.home.record, clock=self.clock)

    @cached_property
    def register(self) -> Register:
        """What people decided."""
        return Register(self.home.register_url)

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
        """What the public catalogue lists without a distribution: 有条件开放 data."""
        return tuple(
            each for each in self.catalog.datasets if each.openness is Openness.CONDITIONAL
        )

    @cached_property
    def source_hashes(self) -> Mapping[str, tuple[str, ...]]:
        """For each dataset the SHA-256 of its source files as they lie in the inbox now."""
        return {each.id: tuple(self._source_hashes(each)) for each in self.catalog.datasets}

    def _source_hashes(self, dataset: Dataset) -> Iterator[str]:
        try:
            for found in self.landing.probe(dataset):
                yield self.state.sha256_of(found.path)
        except SourceError as error:
            yield f"not landable: {error}"

    def withheld(self) -> dict[str, str]:
        """Suspended dataset ids with their case and reason."""
        return {each.dataset_id: each.case for each in self.public.withheld()}

    def withdraw(self, dataset: Dataset, *, from_stores: Sequence[OpenStore]) -> None:
        """Take a dataset out of these stores where it is live, entered in the record first."""
        for store in from_stores:
            if dataset.id in store.current().datasets:
                detail = {
                    "store": store.name,
                    "openness": dataset.openness and dataset.openness.value,
                }
                kind = Kind.WITHDRAWN
                self.record(
                    Event(kind=kind, actor=self.actor, dataset_id=dataset.id, detail=detail)
                )
                store.withdraw(dataset.id)

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
        last = self.book._last_entry()
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
        event = Event(kind=Kind.FAILED, actor=self.actor, dataset_id=dataset_id, detail=detail)
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

    def quarantined(self, dataset_id: str) -> Path:
        """The dataset's 问题数据: rows set aside with every reason."""
        return self.home.restricted / "quarantine" / f"{dataset_id}.parquet"
