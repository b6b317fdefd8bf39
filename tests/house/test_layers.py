"""The rooms and their one direction, as executable policy."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = ("opendata", "dbt_like_sql", "quality", "resources", "assets", "pipelines")
ALLOWED = {
    "dagster": {
        "assets/factory.py",
        "assets/checks.py",
        "assets/keys.py",
        "pipelines/assembly.py",
        "pipelines/schedules.py",
        "pipelines/sensors.py",
        "pipelines/orchestra.py",
    },
    "great_expectations": {
        "quality/gx/docs.py",
        "quality/gx/opinion.py",
        "quality/gx/registered.py",
        "pipelines/bench/peers/gx.py",
    },
    "presidio_anonymizer": {
        "resources/operators.py",
        "pipelines/bench/desensitise.py",
        "pipelines/bench/detection.py",
    },
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_imports_go_one_way_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(config_filename="pyproject.toml") == 0


@pytest.mark.parametrize("heavy", list(ALLOWED))
def test_a_heavy_library_stays_in_its_files(heavy: str) -> None:
    outside = [name for name, tree in modules() if heavy in imported(tree)]

    assert set(outside) == ALLOWED[heavy]


def test_dagster_files_evaluate_their_annotations() -> None:
    postponed = [
        name
        for name, tree in modules()
        if any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
    ]

    assert postponed == []


def test_packages_reexport_nothing() -> None:
    talkative = [
        name for name, tree in modules() if name.endswith("__init__.py") and len(tree.body) != 1
    ]

    assert talkative == []


def test_nothing_private_is_imported() -> None:
    taken = [
        f"{name}: {alias.name}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_")
    ]

    assert taken == []


def test_the_layers_are_the_rooms_there_are() -> None:
    contract = PROJECT["tool"]["importlinter"]
    layers = {room for layer in contract["contracts"][0]["layers"] for room in layer.split(" | ")}
    there = {each.parent.name for each in ROOT.glob("*/__init__.py")}

    assert set(contract["root_packages"]) == layers == set(ROOMS) == there
