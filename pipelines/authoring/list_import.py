"""``opendata catalog import-list``: a department's own list becomes drafts, never entries.

Drafts lie outside the catalog until a person has completed and moved them. Nobody's work is
overwritten: a draft that was edited stays, a dataset the catalog has is not drafted again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendata.entry_yaml import entry_yaml
from opendata.errors import CatalogError, Problem
from opendata.portal_entries import LEFT_OUT, Proposal, Proposals, propose
from pipelines.authoring.list_files import read_list
from pipelines.drafting.handed import private_folder
from resources.fsio import write_swapped
from resources.home import Home
from resources.reading import reading
from resources.recognisers import find
from resources.recognisers_names import PERSON_SHAPE

_LONGEST = 20
_MOST_DIGITS = 4
_NOT_SHOWN = "(long texts, numbers and names, which are not shown)"
_MOST = 12

Outcome = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A list in numbers: ``records`` is the sum of ``outcomes``; none is lost.

    ``frequencies`` and ``openings`` count how the drafts' values were read; the spellings that were
    not are in ``unknown_frequencies`` and ``unknown_openings``, as far as they can be about nobody.
    ``unknown_headings`` are numbers of columns.
    """

    folder: Path
    records: int
    outcomes: Mapping[Outcome, int]
    left_over: tuple[tuple[int, str], ...]
    frequencies: Mapping[str, int]
    openings: Mapping[str, int]
    unknown_frequencies: Mapping[str, int]
    unknown_openings: Mapping[str, int]
    unknown_headings: tuple[int, ...]
    left_out: int

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "folder": str(self.folder),
            "records": self.records,
            "outcomes": dict(self.outcomes),
            "left_over": [{"record": place, "reason": why} for place, why in self.left_over],
            "frequencies": dict(self.frequencies),
            "openings": dict(self.openings),
            "unknown_frequencies": dict(self.unknown_frequencies),
            "unknown_openings": dict(self.unknown_openings),
            "unknown_headings": list(self.unknown_headings),
            "left_out": self.left_out,
        }

    def as_text(self) -> str:
        """What became of the records, and which spellings are not known."""
        lines = [f"{self.records} records: {_counted(self.outcomes)}; drafts are in {self.folder}"]
        lines += [f"record {place}: {why}, not drafted" for place, why in self.left_over[:_MOST]]
        lines += _more(len(self.left_over))
        lines.append(f"update frequencies: {_counted(self.frequencies)}")
        lines += _spellings(self.unknown_frequencies)
        lines.append(f"opening attributes, as comments only: {_counted(self.openings)}")
        lines += _spellings(self.unknown_openings)
        if self.unknown_headings:
            listed = ", ".join(map(str, self.unknown_headings))
            lines.append(f"columns whose headings are not known, and were not read: {listed}")
        if self.left_out:
            lines.append(f"{self.left_out} telephone numbers, mails and the like were left out")
        return "\n".join(lines)


def import_list(home: Home, path: Path, *, body: str, into: Path | None) -> Drafted:
    """Read a catalogue list of ``body`` and write a draft for every dataset it names.

    Raises:
        CatalogError: the body is not declared, the folder lies in the catalog, or the list cannot
            be read.
    """
    catalog = home.examine_catalog().catalog
    folder = (into or home.root / "drafts" / body).resolve()
    _check(home, folder, body, [each.id for each in catalog.bodies])
    with private_folder(home) as scratch:
        listed = read_list(path, scratch=scratch)
    proposals = propose(listed.headings, listed.records, body=body)
    known = {each.id for each in catalog.datasets}
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = Counter(_draft(each, folder, known) for each in proposals.entries)
    outcomes.update(why for _, why in proposals.left_over)
    outcomes["going on with the items of the one above"] = proposals.folded
    return Drafted(
        folder=folder,
        records=len(listed.records),
        outcomes=outcomes,
        left_over=proposals.left_over,
        unknown_headings=listed.headings.unknown,
        left_out=sum(each.left_out for each in proposals.entries),
        **_readings(proposals),
    )


def _check(home: Home, folder: Path, body: str, bodies: list[str]) -> None:
    if body not in bodies:
        known = ", ".join(bodies) or "none"
        said = f"{body!r} is not in catalog/bodies.yaml, which has {known}; declare it first."
        raise CatalogError([Problem(where="--body", message=said)])
    if folder.is_relative_to((home.root / "catalog").resolve()):
        said = "drafts are not part of the catalog; choose a folder outside catalog/."
        raise CatalogError([Problem(where="--into", message=said)])


def _draft(proposal: Proposal, folder: Path, known: set[str]) -> Outcome:
    if proposal.id in known:
        return "in the catalog already"
    path = folder / f"{proposal.id}.yaml"
    text = entry_yaml(proposal.values, comments=proposal.comments).encode()
    if path.exists():
        return "drafted before" if path.read_bytes() == text else "edited draft kept"
    write_swapped(path, text)
    return "drafted"


def _readings(proposals: Proposals) -> dict[str, Any]:
    entries = proposals.entries
    return {
        "frequencies": Counter(each.frequency.kind for each in entries)
        | Counter({"no new data declared": sum(each.frequency.no_new_data for each in entries)}),
        "openings": Counter(_opening(each) for each in entries),
        "unknown_frequencies": _shown(each.said[0] for each in entries if each.frequency.unknown),
        "unknown_openings": _shown(each.said[1] for each in entries if each.opening.unknown),
    }


def _opening(proposal: Proposal) -> str:
    if proposal.opening.openness:
        return proposal.opening.openness.code
    return "unknown" if proposal.opening.unknown else "absent"


def _shown(spellings: Iterable[str]) -> Counter[str]:
    """Spellings by how often they occur; what may be about somebody is counted and not shown."""
    return Counter(each if is_spelling(each) else _NOT_SHOWN for each in spellings)


def is_spelling(text: str) -> bool:
    """Whether a text can stand for a term and for nobody: short, without a number or a name."""
    digits = sum(each.isdigit() for each in reading(text))
    plain = len(text) <= _LONGEST and digits <= _MOST_DIGITS and LEFT_OUT not in text
    return plain and not find(text) and not re.fullmatch(PERSON_SHAPE, text)


def _spellings(unknown: Mapping[str, int]) -> list[str]:
    most = sorted(unknown.items(), key=lambda each: (-each[1], each[0]))
    return [f"  unknown: {spelling} ({count})" for spelling, count in most[:_MOST]] + _more(
        len(most)
    )


def _more(count: int) -> list[str]:
    return [f"  … and {count - _MOST} more; --json lists all"] if count > _MOST else []


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "none"
