"""What is built, locked and declared is what the code needs: no more, no less."""

import ast
import re
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.test_layers import PROJECT, ROOMS, ROOT, modules

STARTED = {"dagster-webserver"}  # a program that `make ui` runs, not a library


def declared(*, dev: bool) -> list[Requirement]:
    project = PROJECT["project"]
    extra = project["optional-dependencies"]["dev"] if dev else []
    return [Requirement(each) for each in (*project["dependencies"], *extra)]


def test_every_file_of_the_rooms_is_in_the_wheel() -> None:
    setup = PROJECT["tool"]["setuptools"]
    files = [each for room in ROOMS for each in (ROOT / room).rglob("*") if each.is_file()]
    named = {ROOT / each.replace(".", "/") for each in setup["packages"]}
    globs = [
        (package, pattern)
        for package in named
        for key, patterns in setup["package-data"].items()
        if key in {"*", package.relative_to(ROOT).as_posix().replace("/", ".")}
        for pattern in patterns
    ]
    shipped = {each for package, pattern in globs for each in package.glob(pattern)}

    assert {each.parent for each in files if each.suffix == ".py"} <= named
    assert {each for each in files if each.suffix not in {".py", ".pyc"}} <= shipped


def test_the_lock_holds_what_is_declared() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", lines, re.MULTILINE))

    assert [
        str(each)
        for each in declared(dev=True)
        if not each.specifier.contains(locked.get(canonicalize_name(each.name), "0"))
    ] == []


def test_every_dependency_is_used() -> None:
    imported = {
        name.split(".")[0]
        for _, tree in modules()
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    origins = packages_distributions()
    used = {canonicalize_name(dist) for name in imported for dist in origins.get(name, [])}

    assert {canonicalize_name(each.name) for each in declared(dev=False)} - used == STARTED
