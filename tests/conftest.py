import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.demo.generator import build_city
from tests.journeys.homes import AS_OF, City, Ran


class Demo(NamedTuple):
    """The demo city and the run that opened it; for reading only."""

    city: City
    run: Ran


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    city = City(tmp_path_factory.mktemp("demo"))
    build_city(city.root)
    return Demo(city, city.apart("run", "--as-of", AS_OF, "--json"))


@pytest.fixture(scope="session")
def demo_home(demo: Demo) -> City:
    return demo.city


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City.found(tmp_path / "home")


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """The command names its home to Dagster through the environment; no test sees another's."""
    before = {name: os.environ.pop(name, None) for name in ("OPENDATA_HOME", "DAGSTER_HOME")}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
