"""The size budget: modules one can read in a sitting, functions one can hold in the head."""

import ast
from statistics import median

from tests.house.test_layers import ROOT, modules

MODULE_LIMIT = 500
FUNCTION_LIMIT = 50
MEDIAN_FUNCTION = 8


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef, source: list[str]) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    if not body:
        return 0
    lines = source[body[0].lineno - 1 : node.end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def functions() -> list[tuple[str, int]]:
    found = []
    for name, tree in modules():
        source = (ROOT / name).read_text(encoding="utf-8").splitlines()
        found += [
            (f"{name}:{node.lineno} {node.name}", code_lines(node, source))
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
    return found


def test_no_module_is_longer_than_the_hard_limit() -> None:
    long = [name for name, _ in modules() if (ROOT / name).read_text().count("\n") > MODULE_LIMIT]

    assert long == []


def test_no_function_is_longer_than_the_hard_limit() -> None:
    assert [name for name, lines in functions() if lines > FUNCTION_LIMIT] == []


def test_the_median_function_is_short() -> None:
    assert median(lines for _, lines in functions()) <= MEDIAN_FUNCTION


def test_every_module_says_what_it_is() -> None:
    assert [name for name, tree in modules() if not ast.get_docstring(tree)] == []
