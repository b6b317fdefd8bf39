"""What becomes of figures: a file for machines, a table for whoever measured."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines.bench.limits import Figure


def tell(figures: Sequence[Figure], path: Path) -> int:
    """Write the figures to ``path`` and print them; 1 when a bar does not hold."""
    told = json.dumps([asdict(each) for each in figures], ensure_ascii=False, indent=2)
    path.write_text(told + "\n", encoding="utf-8")
    table = Table("name", "value", "limit", "unit", "holds", "detail")
    for each in figures:
        table.add_row(
            each.name, f"{each.value:g}", f"{each.limit:g}", each.unit,
            "yes" if each.holds else "NO", each.detail,
        )  # fmt: skip
    Console().print(table)
    return 0 if all(each.holds for each in figures) else 1
