"""Every public name of the product is used by the product."""

import ast
import re
from collections.abc import Iterator

from tests.house.test_layers import ROOT, modules

READ_BY_OTHERS = ("pipelines/cli", "pipelines/definitions.py")  # click and Dagster


def public_names() -> Iterator[str]:
    for name, tree in modules():
        if name.startswith(READ_BY_OTHERS):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name
            if isinstance(node, ast.Assign):
                yield from (each.id for each in node.targets if isinstance(each, ast.Name))


def names_in_use() -> Iterator[str]:
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield node.id
            if isinstance(node, ast.Attribute):
                yield node.attr
    for page in (ROOT / "opendata" / "pages").glob("*.html"):
        yield from re.findall(r"\w+", page.read_text(encoding="utf-8"))


def test_every_public_name_is_used() -> None:
    assert set(public_names()) - set(names_in_use()) == set()
