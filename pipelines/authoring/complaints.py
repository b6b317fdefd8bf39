"""What is wrong with a filled-in workbook, in the words a steward reads on the cell.

Every kind of mistake has a sentence in ``sentences.yaml``: kinds are a cell's fault, Pydantic's
type of error, or the name of the catalog check. Where a kind has none the general sentence
carries the English one, and ``general`` says so.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from opendata.vocabulary import Term
from pipelines.authoring.cells import Fault
from pipelines.authoring.columns import Column, column_of, labels
from pipelines.authoring.workbook import Cell, Place

_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One mistake: the cell it belongs to (None where no row holds it), its kind, both languages.

    ``where`` and ``english`` are for the terminal, ``chinese`` is the note on the cell.
    """

    place: Place | None
    where: str
    kind: str
    chinese: str
    english: str
    general: bool = False

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"where": self.where, "kind": self.kind, "note": self.chinese, "said": self.english}

    def __str__(self) -> str:
        """``where: what``."""
        return f"{self.where}: {self.english}"


def complaint(
    cell: Cell, fault: Fault, *, column: Column | None = None, english: str | None = None
) -> Complaint:
    """A complaint about a cell; ``english`` is what a catalog check said, if one did."""
    sentence = _sentences().get(fault.kind)
    said = (sentence or _sentences()["general"]).format_map(
        defaultdict(
            str,
            given=_given(cell),
            allowed=allowed(column),
            heading=column.heading if column else "",
            english=english or "",
            **fault.details,
        )
    )
    where = cell_name(cell.place)
    return Complaint(
        place=cell.place,
        where=where,
        kind=fault.kind,
        chinese=said,
        english=english or _english()[fault.kind],
        general=sentence is None,
    )


def nowhere(where: str, english: str, kind: str) -> Complaint:
    """A complaint about something that stands in no row of the workbook."""
    said = _sentences()["elsewhere"].format(where=where, english=english)
    return Complaint(
        place=None, where=where, kind=kind, chinese=said, english=english, general=True
    )


def cell_name(place: Place) -> str:
    """``数据集!F5``: as Excel names a cell."""
    letters, column = "", place.column
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{place.sheet}!{letters}{place.row}"


def allowed(column: Column | None) -> str:
    """The words a column takes, for a note; empty where it takes more than words."""
    if column is None or column.vocabulary is None:
        return ""
    return "、".join(_word(each) for each in column.vocabulary)


def column_at(place: Place, headings: Mapping[tuple[str, ...], int]) -> Column | None:
    """The column a cell lies in."""
    keys = {number: key for key, number in headings.items()}
    return column_of(place.sheet, keys.get(place.column, ()))


def _word(term: Term) -> str:
    return labels().get(term.value, str(term.value))


def _given(cell: Cell) -> str:
    if not cell.text:
        return "空白"
    shown = cell.text if len(cell.text) <= _SHOWN else f"{cell.text[:_SHOWN]}…"
    return f"“{shown}”"


def _sentences() -> Mapping[str, str]:
    return _file()["notes"]


def _english() -> Mapping[str, str]:
    return _file()["english"]


@cache
def _file() -> dict[str, dict[str, str]]:
    text = (files("pipelines.authoring") / "sentences.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
