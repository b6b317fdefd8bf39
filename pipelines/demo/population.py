"""The city's companies and its lots: what several tables have in common."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

from pipelines.demo.persons import Company, companies

COMPANIES = 30_000


@dataclass(frozen=True)
class City:
    """Everything drawn from one seed; ``as_of`` is the last day any file knows of."""

    seed: int
    as_of: date

    def lots(self, name: str) -> Random:
        """The random numbers of one table: no table's rows hang on another's."""
        return Random(f"{self.seed}:{name}")

    @cached_property
    def companies(self) -> tuple[Company, ...]:
        """Every registered company, in order of its code."""
        return companies(self.lots("companies"), COMPANIES, until=self.as_of)

    def recent_day(self, rng: Random, *, days: int) -> date:
        """A day of the last so many days, ``as_of`` included."""
        return self.as_of - timedelta(days=rng.randrange(days))
