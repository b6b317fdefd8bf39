"""``make docs``: the documents that are made from code, so that they cannot rot.

``python -m pipelines.docs --check`` writes nothing and fails when a document is out of date.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path

import click

from opendata import vocabulary
from opendata.catalog_schema import json_schema
from opendata.coverage import render as coverage
from pipelines.bench.recall import precision_rows, recall_rows
from pipelines.cli import main as command
from pipelines.describing import describing

ROOT = Path(__file__).parents[1]


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
    nouns = (ROOT / "docs" / "glossary-nouns.md").read_text(encoding="utf-8")
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
        context = click.Context(
            verb,
            info_name=name,
            terminal_width=90,
            max_content_width=90,
            **command.context_settings,  # click keeps a verb's help option from its first use
        )
        lines += [f"## `{name}`", "", "```text", verb.get_help(context), "```", ""]
    return "\n".join(lines)


def _verbs(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, verb in sorted(group.commands.items()):
        if isinstance(verb, click.Group):
            yield from _verbs(verb, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", verb


def entry_schema() -> str:
    """The JSON Schema of a catalog entry."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def detection() -> str:
    """Recall and precision of the recognisers on the seeded corpus, then how to read them."""
    lines = [
        "# 识别个人信息：召回与精确",
        "",
        "Made from `pipelines/bench/pii_corpus.py` by `make docs`; the notes below the tables are "
        "`docs/detection-notes.md`.",
        "",
        f"## 召回率（每格 {_PLANTED_A_CELL} 个）",
        "",
        *recall_rows(_PLANTED_A_CELL),
        "",
        f"## 相似而非（每类 {_LOOK_ALIKES} 条）",
        "",
        *precision_rows(_LOOK_ALIKES),
        "",
    ]
    notes = (ROOT / "docs" / "detection-notes.md").read_text(encoding="utf-8")
    return "\n".join(lines) + "\n" + notes


_PLANTED_A_CELL, _LOOK_ALIKES = 100, 400

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/glossary.md": glossary,
    "docs/command.md": command_reference,
    "docs/describing.md": describing,
    "docs/detection.md": detection,
    "docs/regulations.md": coverage,
    "opendata/catalog.schema.json": entry_schema,
}


def stale() -> list[str]:
    """Names of the documents that differ from what the code says."""
    return [
        name
        for name, render in PAGES.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != render()
    ]


def main(arguments: list[str]) -> int:
    """Write every document, or with ``--check`` only compare."""
    if "--check" in arguments:
        out_of_date = stale()
        sys.stdout.write("".join(f"out of date: {name}\n" for name in out_of_date))
        return 1 if out_of_date else 0
    for name, render in PAGES.items():
        (ROOT / name).write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
