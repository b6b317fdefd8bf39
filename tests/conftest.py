import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # tests of the law alone must not wait for the libraries of the other rooms
    from tests.journeys.homes import City, Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> "Demo":
    from pipelines.demo.generator import build_city
    from tests.journeys.homes import AS_OF, City, Demo

    city = City(tmp_path_factory.mktemp("demo"))
    build_city(city.root)
    run = city.apart("run", "--as-of", AS_OF, "--json")
    assert run.code == 3, run.err
    return Demo(city, run)


@pytest.fixture(scope="session")
def demo_home(demo: "Demo") -> "City":
    return demo.city


@pytest.fixture
def city(tmp_path: Path) -> "City":
    from tests.journeys.homes import City

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
