"""``make docs``: the documents that are made from code, so that they cannot rot.

``python -m pipelines.docs --check`` writes nothing and fails when a document is out of date.
"""

import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

import click

from opendata import vocabulary
from opendata.coverage import render as coverage
from pipelines.cli import main as command

DOCS = Path(__file__).parents[1] / "docs"


def glossary() -> str:
    """Every closed word of the catalog, with its Chinese, then the nouns of the house."""
    lines = [
        "# Glossary",
        "",
        "Made from `opendata/vocabulary.py` by `make docs`. One word, one meaning.",
        "",
    ]
    for kind in _terms():
        doc = (kind.__doc__ or "").splitlines()[0]
        lines += [f"## {kind.__name__}", "", doc, "", "| word | code |", "|---|---|"]
        lines += [f"| {term.value} | `{term.name.lower()}` |" for term in kind]
        lines.append("")
    nouns = (DOCS / "glossary-nouns.md").read_text(encoding="utf-8")
    return "\n".join(lines) + "\n" + nouns


def _terms() -> Iterator[type[Enum]]:
    for kind in vars(vocabulary).values():
        if (
            isinstance(kind, type)
            and issubclass(kind, Enum)
            and kind.__name__ not in ("Enum", "Term")
        ):
            yield kind


def command_reference() -> str:
    """Every verb with its ``--help``."""
    lines = ["# The command `opendata`", "", "Made from the command itself by `make docs`.", ""]
    for name, verb in _verbs(command, "opendata"):
        context = click.Context(verb, info_name=name, terminal_width=90, max_content_width=90)
        lines += [f"## `{name}`", "", "```text", verb.get_help(context), "```", ""]
    return "\n".join(lines)


def _verbs(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, verb in sorted(group.commands.items()):
        if isinstance(verb, click.Group):
            yield from _verbs(verb, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", verb


PAGES: dict[str, Callable[[], str]] = {
    "glossary.md": glossary,
    "command.md": command_reference,
    "regulations.md": coverage,
}


def stale() -> list[str]:
    """Names of the documents that differ from what the code says."""
    return [
        name
        for name, render in PAGES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != render()
    ]


def main(arguments: list[str]) -> int:
    """Write every document, or with ``--check`` only compare."""
    if "--check" in arguments:
        out_of_date = stale()
        sys.stdout.write("".join(f"out of date: docs/{name}\n" for name in out_of_date))
        return 1 if out_of_date else 0
    for name, render in PAGES.items():
        (DOCS / name).write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
