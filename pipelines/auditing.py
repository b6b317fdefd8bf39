"""``opendata freshness audit``: catalogue lists judged against their own declarations.

Needs no home. Here lists are read and what may be shown of them is decided; judging is
``opendata/freshness_audit.py``, wording ``opendata/pages/audit.py``.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from opendata.errors import CatalogError, Problem
from opendata.freshness_audit import Audit, Column, Contents, Listed, OwnDay, audit, own_day
from opendata.pages.audit import audit_page
from opendata.portal_list import (
    Headings,
    Role,
    read_day,
    read_frequency,
    read_headings,
    says_nothing,
)
from opendata.workdays import Calendar
from pipelines.audit_tables import audits_csv, audits_text
from pipelines.authoring.list_files import read_list
from pipelines.authoring.list_import import is_spelling
from resources.clock import Clock
from resources.fsio import write_swapped
from resources.recognisers import find
from resources.recognisers_names import PERSON_SHAPE

_ROLES: tuple[Role, ...] = ("updated", "released", "frequency", "provider")
_LONGEST_NAME = 60
_OFFICE = re.compile(r".+[局委办院厅署处区县乡旗]")
_UNNAMED = "（未填）"
_NO_SPELLING = "（长文本、号码或姓名，不显示）"
_HIDDEN = "（疑似个人信息，不显示）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What the lists say, in the order they were given."""

    audits: tuple[Audit, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """For ``--json``: one object a list."""
        return [_plain(each) for each in self.audits]

    def as_text(self) -> str:
        """In Chinese: tables and the rule."""
        return audits_text(self.audits)


def audit_lists(
    paths: Sequence[Path],
    *,
    as_of: date | None,
    updated: str | None,
    csv: Path | None,
    html: Path | None,
) -> Audited:
    """Judge each list, at ``as_of`` or its own newest date, and write ``csv`` and ``html``.

    ``updated`` names the column that holds the date of the last update, by heading or number,
    where its heading is not known.

    Raises:
        CatalogError: a list cannot be read or has no such column, or a file cannot be written.
    """
    _check(paths, csv, html)
    today = Clock().as_of
    audits = tuple(_audit(path, as_of, today, updated) for path in paths)
    if csv:
        _write(csv, audits_csv(audits).encode("utf-8-sig"))
    if html:
        _write(html, audit_page(audits).encode())
    return Audited(audits=audits)


def _audit(path: Path, as_of: date | None, today: date, updated: str | None) -> Audit:
    contents = _contents(path, updated)
    own: OwnDay = ("given", as_of) if as_of else own_day(contents.listed, today=today)
    return audit(contents, as_of_from=own[0], as_of=own[1], calendar=Calendar.load())


def _contents(path: Path, updated: str | None) -> Contents:
    with tempfile.TemporaryDirectory(prefix="opendata-audit-") as scratch:
        found = read_list(path, scratch=Path(scratch))
    places = _places(found.headings, path, updated)
    titled = [each for each in found.records if not says_nothing(_first(each, places["title"]))]
    kept = dict.fromkeys(map(tuple, titled))
    return Contents(
        name=path.name,
        columns={
            role: _column(found.headings, places[role], updated)
            for role in _ROLES
            if role in places
        },
        records=len(found.records),
        repeats=len(titled) - len(kept),
        untitled=len(found.records) - len(titled),
        listed=[_listed(each, places) for each in kept],
    )


def _places(headings: Headings, path: Path, updated: str | None) -> dict[Role, tuple[int, ...]]:
    """Where each role stands; the column a person named goes before the one that was known."""
    places = dict(headings.by_role)
    if updated is None:
        return places
    texts = [each.strip() for each in headings.texts]
    if updated.strip() in texts:
        place = texts.index(updated.strip())
    elif updated.isdecimal() and 0 < int(updated) <= len(texts):
        place = int(updated) - 1
    else:
        said = f"--updated {updated!r} is neither the heading nor the number of one of its columns."
        raise CatalogError([Problem(where=path.name, message=said)])
    return {**places, "updated": (place,)}


def _column(headings: Headings, places: Sequence[int], updated: str | None) -> Column:
    text = headings.texts[places[0]].strip()
    known = text == updated or bool(read_headings([text]).by_role)
    return Column(number=places[0] + 1, heading=text if known else "")


def _first(cells: Sequence[str], places: Sequence[int]) -> str:
    """The first of these cells that says something; most roles have one column."""
    given = (cells[each] for each in places if each < len(cells))
    return next((each for each in given if not says_nothing(each)), "")


def _listed(cells: Sequence[str], places: dict[Role, tuple[int, ...]]) -> Listed:
    frequency, provider, updated, released = (
        _first(cells, places.get(role, ()))
        for role in ("frequency", "provider", "updated", "released")
    )
    return Listed(
        provider=_provider(provider),
        frequency=read_frequency(frequency),
        spelling=_spelling(frequency),
        updated=read_day(updated),
        released=read_day(released),
    )


@lru_cache(maxsize=4096)
def _spelling(text: str) -> str:
    return text.strip() if is_spelling(text) else _NO_SPELLING


@lru_cache(maxsize=4096)
def _provider(text: str) -> str:
    """The name of a body as it may be shown: no number and nobody's name."""
    name = " ".join(text.split())
    if not name:
        return _UNNAMED
    somebody = re.fullmatch(PERSON_SHAPE, name) and not _OFFICE.fullmatch(name)
    return _HIDDEN if somebody or len(name) > _LONGEST_NAME or find(name) else name


def _plain(given: Audit) -> dict[str, Any]:
    contents = given.contents
    return {
        "list": contents.name,
        "as_of": given.as_of.isoformat(),
        "as_of_from": given.as_of_from,
        "columns": {
            role: {"number": each.number, "heading": each.heading}
            for role, each in contents.columns.items()
        },
        "records": contents.records,
        "repeats": contents.repeats,
        "untitled": contents.untitled,
        "whole": given.whole.as_json(),
        "classes": [each.as_json() for each in given.classes],
        "providers": [each.as_json() for each in given.providers],
        "unknown_frequencies": dict(given.unknown_frequencies),
        "unknown_dates": given.unknown_dates,
        "dates_after_as_of": given.later,
    }


def _check(paths: Sequence[Path], *targets: Path | None) -> None:
    given = {each.resolve() for each in paths}
    for target in filter(None, targets):
        if target.resolve() in given:
            raise _unwritable(target, "it is one of the lists, or named twice; name another file.")
        if not target.parent.is_dir():
            raise _unwritable(target, "there is no such folder.")
        given.add(target.resolve())


def _write(path: Path, content: bytes) -> None:
    try:
        write_swapped(path, content)
    except OSError as error:
        raise _unwritable(path, f"it cannot be written ({error.strerror}).") from None


def _unwritable(path: Path, said: str) -> CatalogError:
    return CatalogError([Problem(where=str(path), message=said)])
