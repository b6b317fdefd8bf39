"""What is written down about the code is true of the code."""

import ast
import importlib
import re
from pathlib import Path

import click
import pytest

from opendata import errors
from pipelines.cli import main as command
from pipelines.docs import stale
from tests.house.test_layers import ROOMS, ROOT, modules

NAMED_FILE = re.compile(r"(?<![\w.*{/<>-])[\w/]+[.]py\b")
BRANCH = re.compile(r"^([│ ]*)[├└]── (\w+)", re.MULTILINE)


def verbs(group: click.Group, prefix: str = "opendata") -> list[str]:
    named = []
    for name, verb in group.commands.items():
        whole = f"{prefix} {name}"
        named += verbs(verb, whole) if isinstance(verb, click.Group) else [whole]
    return named


def there(name: str, beside: Path) -> bool:
    room = ROOT / beside.relative_to(ROOT).parts[0]
    return any((folder / name).is_file() for folder in (beside.parent, room, ROOT))


def below(parent: type[Exception]) -> dict[str, str]:
    found = {each.__name__: parent.__name__ for each in parent.__subclasses__()}
    for each in parent.__subclasses__():
        found |= below(each)
    return found


def test_documents_made_from_code_are_current() -> None:
    assert stale() == [], "run `make docs`"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_each_readme_tells_every_verb(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")

    assert [verb for verb in verbs(command) if f"`{verb}" not in text] == []


def test_every_file_named_in_the_code_is_there() -> None:
    sources = [
        each
        for room in ROOMS
        for each in (ROOT / room).rglob("*")
        if each.suffix in {".py", ".yaml", ".sql", ".html"}
    ]
    strays = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources
        for name in NAMED_FILE.findall(path.read_text(encoding="utf-8"))
        if not there(name, path)
    ]

    assert strays == []


def test_the_drawn_tree_of_errors_is_the_tree_of_errors() -> None:
    for name, _ in modules():
        if not name.endswith(("__main__.py", "definitions.py")):
            importlib.import_module(name.removesuffix(".py").replace("/", "."))
    drawn, path = {}, ["OpenDataError"]
    for indent, name in BRANCH.findall(errors.__doc__ or ""):
        depth = len(indent) // 4
        path[depth + 1 :] = [name]
        drawn[name] = path[depth]

    assert drawn == below(errors.OpenDataError)


def test_every_product_error_is_raised_somewhere() -> None:
    raised = {
        node.id
        for name, tree in modules()
        if name != "opendata/errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
    }

    assert below(errors.OpenDataError).keys() - raised == set()


def test_every_identifier_in_the_glossary_is_in_the_code() -> None:
    nouns = (ROOT / "docs" / "glossary-nouns.md").read_text(encoding="utf-8")
    code = " ".join(
        each.read_text(encoding="utf-8") for room in ROOMS for each in (ROOT / room).rglob("*.py")
    )
    words = set(re.findall(r"\w+", code))

    assert set(re.findall(r"`(\w+)`", nouns)) <= words
