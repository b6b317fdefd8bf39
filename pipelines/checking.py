"""``opendata check``: every problem of the catalog and its models, in one go."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_like_sql.project import Project, compile_project
from opendata.catalog import Catalog
from opendata.errors import CatalogError, ModelError, Problem
from quality.plan import plan
from quality.suite import expectations_for
from resources.home import Home


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
    """Read a home's catalog, compile its models and its rules, and collect what is wrong."""
    home = Home.find(home_dir)
    try:
        catalog = home.read_catalog()
    except CatalogError as error:
        return CheckReport(bodies=0, datasets=0, problems=error.problems)
    problems: list[Problem] = []
    project = None
    try:
        project = compile_project(catalog)
    except ModelError as error:
        problems += getattr(error, "problems", (Problem("models", str(error)),))
    problems += _rule_problems(catalog, project)
    return CheckReport(
        bodies=len(catalog.bodies), datasets=len(catalog.datasets), problems=tuple(problems)
    )


def _rule_problems(catalog: Catalog, project: Project | None) -> Iterator[Problem]:
    """What is wrong with the rules of any dataset, also where a model somewhere is wrong too."""
    for dataset in catalog.datasets:
        casts = project.model(dataset.id).casts if project else ()
        entry = f"catalog/{dataset.body}/{dataset.id}.yaml"
        try:
            plan(expectations_for(dataset, catalog), casts=casts)
        except CatalogError as error:
            for each in error.problems:
                yield Problem(f"{entry} {each.where}", each.message)
