"""``docs/faults.md`` from the table of faults: ``python -m tests.quality.fault_page`` writes it.

A test compares the two, so that the page cannot go stale.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from opendata.indicators import INDICATORS
from tests.quality.fault_table import FAULTS, REPAIRED, UNSEEN
from tests.quality.faults import Fault
from tests.quality.permits import PERMITS, ROWS

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_HEAD = """# Faults, and what finds them

Made from `tests/quality/fault_table.py` by `python -m tests.quality.fault_page`; a test holds every
line against the product.

A table of {rows:,} permits with {columns} fields, right in every cell, is released. Its next
delivery is spoiled in one way at a time, in its cells, its bytes, its entry or its day, and goes
the whole way from landing to release. The clean delivery has no finding; a spoiled one has exactly
those named here, each with the indicator of GB/T 36344 that the rule bears on. Rules that begin
with `rule_` were written by hand into the entry, the others follow from its fields. {count} kinds
of faults, {reached} of the {indicators} indicators."""
_LIMITS = """Indicators without a line: {missing}. What the catalogue says of a dataset (0103) and
what must not be in it (0106) is judged by gates, CAT-02 and DES-01 above; 0601 and 0602 are about a
release, not about a delivery."""


def page() -> str:
    """The page as text."""
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    faults = [each for section in FAULTS.values() for each in section]
    reached = {code for each in faults for code in each.found.values()}
    yield _HEAD.format(
        rows=ROWS,
        columns=len(PERMITS),
        count=len(faults),
        reached=len(reached),
        indicators=len(INDICATORS),
    )
    for title, found in FAULTS.items():
        yield f"## {title}"
        yield "\n".join(["| fault | found by | indicator |", "|---|---|---|", *map(_line, found)])
    missing = (f"{code} {title}" for code, title in INDICATORS.items() if code not in reached)
    yield _LIMITS.format(missing="、".join(missing))
    yield "## What is no fault"
    yield f"Spelled strangely, meant plainly, standardised without a finding: {_titles(REPAIRED)}."
    yield "## What no rule sees"
    yield f"Wrong, and without a finding: {_titles(UNSEEN)}."


def _line(fault: Fault) -> str:
    rules = [f"`{each}`" for each in fault.found] + [f"{each} refuses it" for each in fault.refused]
    codes = dict.fromkeys(fault.found.values())
    told = "<br>".join(f"{each} {INDICATORS[each]}" for each in codes) or "—"
    return f"| {fault.title} | {'<br>'.join(rules)} | {told} |"


def _titles(faults: Iterable[Fault]) -> str:
    return "；".join(each.title for each in faults)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
