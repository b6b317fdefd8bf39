"""``opendata check``: every problem of the settings, the catalog, its models and its rules at once.

A mistake in one entry hides nothing of another: models and rules are checked for every entry that
can be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_like_sql.project import compile_project
from dbt_like_sql.rendering import casts_of
from opendata.catalog import Catalog
from opendata.errors import (
    CatalogError,
    HomeError,
    ModelError,
    OpenDataError,
    Problem,
    SourceError,
)
from quality.gx_rules import wrong_for_gx
from quality.plan import plan
from quality.suite import expectations_for
from resources.addresses import is_listed, parse_address
from resources.home import SETTINGS_FILE, Home


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What was read, and what is wrong with it."""

    bodies: int
    datasets: int
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        problems = [{"where": each.where, "message": each.message} for each in self.problems]
        return {"bodies": self.bodies, "datasets": self.datasets, "problems": problems}

    def as_text(self) -> str:
        """One line a problem, or one line saying that there is none."""
        if not self.problems:
            return f"{self.datasets} datasets of {self.bodies} bodies: no problem found"
        return "\n".join([*map(str, self.problems), f"{len(self.problems)} problem(s)"])


def check_home(home_dir: Path | None) -> CheckReport:
    """Read a home's settings and catalog, compile its models and its rules, and tell what is wrong.

    ``bodies`` and ``datasets`` count what nothing is wrong with in the catalog itself.

    Raises:
        HomeError: there is no home.
    """
    home = Home.find(home_dir)
    reading = home.examine_catalog()
    catalog = reading.catalog
    problems = (
        *_settings_problems(home),
        *reading.problems,
        *_model_problems(catalog),
        *_rule_problems(catalog),
        *_connection_problems(home, catalog),
    )
    return CheckReport(
        bodies=len(catalog.bodies), datasets=len(catalog.datasets), problems=problems
    )


def _settings_problems(home: Home) -> Iterator[Problem]:
    try:
        _ = home.settings
    except HomeError as error:
        yield from _each_problem(error, SETTINGS_FILE)


def _model_problems(catalog: Catalog) -> Iterator[Problem]:
    try:
        compile_project(catalog)
    except ModelError as error:
        yield from _each_problem(error, "catalog")


def _each_problem(error: OpenDataError, where: str) -> Iterator[Problem]:
    """The lines of a message, ``where: what``; a message of one piece stands for itself."""
    head, *lines = str(error).split("\n  ")
    if not lines:
        yield Problem(where, head.removeprefix(where).lstrip(": "))
    for line in lines:
        place, _, said = line.partition(": ")
        yield Problem(place, said)


def _rule_problems(catalog: Catalog) -> Iterator[Problem]:
    judged_by_gx = []
    for dataset in catalog.datasets:
        entry = f"catalog/{dataset.body}/{dataset.id}.yaml"
        casts = tuple(each.name for each in casts_of(dataset))
        try:
            planned = plan(expectations_for(dataset, catalog), casts=casts)
            judged_by_gx.append((dataset, planned.gx_rules))
        except CatalogError as error:
            for each in error.problems:
                yield Problem(f"{entry} {each.where}", each.message)
    yield from wrong_for_gx(judged_by_gx)


def _connection_problems(home: Home, catalog: Catalog) -> Iterator[Problem]:
    """Exchange databases and hosts that entries name and the settings do not know."""
    try:
        settings = home.settings
    except HomeError:
        return  # told already
    connections = {each.id for each in settings.connections}
    for dataset in catalog.datasets:
        where = f"catalog/{dataset.body}/{dataset.id}.yaml"
        for source in dataset.sources:
            if source.exchange and source.exchange.connection not in connections:
                known = ", ".join(sorted(connections)) or "none"
                said = (
                    f"opendata.yaml has no connection {source.exchange.connection!r}, it has "
                    f"{known}; add it under `connections`."
                )
                yield Problem(where, said)
            if source.pull:
                yield from _address_problems(where, source.pull.url, settings.pulling.hosts)


def _address_problems(where: str, url: str, hosts: tuple[str, ...]) -> Iterator[Problem]:
    try:
        address = parse_address(url)
    except SourceError as error:
        yield Problem(where, str(error))
        return
    if not is_listed(address, hosts):
        said = (
            f"the host {address.authority!r} is not one that may be asked; add it to "
            "`pulling.hosts` in opendata.yaml."
        )
        yield Problem(where, said)
