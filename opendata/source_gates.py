"""Gates on where data comes from: its one source, sharing, and who answers for it.

Checks of declarations and of what was counted when the dataset was compared with its sources; the
order of all gates is ``gates.py``.
"""

import re
from collections.abc import Iterator

from opendata.case import Breach, Case
from opendata.catalog import Catalog
from opendata.gate_texts import enumeration
from opendata.sourcing import bars, dispute_ladders
from opendata.vocabulary import OnConflict


def one_source(case: Case) -> Iterator[Breach]:
    """What is blocked where it differs from its source agrees with it, and was compared."""
    for each in case.agreements:
        blanks = {
            "element": case.dataset.field(each.field).title,
            "body": _body_of(case, each.authority),
            "count": f"{each.differ:,}",
            "why": each.unverified or "",
        }
        if each.unverified and each.policy is not OnConflict.REPORT:
            yield Breach(blanks=blanks, wording="unverified")
        elif each.differ and each.policy is OnConflict.BLOCK:
            yield Breach(blanks=blanks, wording="differs")


def undisputed(case: Case) -> Iterator[Breach]:
    """The lead body publishes, and nobody disputes the source of what it publishes."""
    entry = case.dataset
    if entry.lead_body not in (None, entry.body):
        yield Breach(blanks={"body": case.catalog.body(entry.lead_body or "").title})
    for each in case.disputes:
        if bars(each, case.catalog, entry):
            blanks = {
                "element": case.catalog.element(each.element).title,
                "since": each.at.date().isoformat(),
                "parties": "、".join(dict.fromkeys(_body_of(case, one) for one in each.parties)),
                "ladder": "；".join(one.sentence for one in dispute_ladders(case.regime)),
            }
            yield Breach(blanks=blanks, wording="dispute")


def _body_of(case: Case, place: str) -> str:
    """The body behind ``dataset.field``; the place itself where the catalog has lost it."""
    owner = place.partition(".")[0]
    found = (each.body for each in case.catalog.datasets if each.id == owner)
    body = next(found, None)
    return case.catalog.body(body).title if body else place


def not_shared(case: Case) -> Iterator[Breach]:
    """Nothing of it was obtained by sharing, nor made from what was."""
    barred = case.regime.value("cat.exclude_acquired")
    shared = [
        each.title
        for each in case.dataset.released_fields
        if (each.acquired or case.dataset.acquired).code in barred
    ]
    if shared:
        yield Breach(blanks={"columns": enumeration(shared)})
    if case.shared_paths:
        paths = "；".join(_in_titles(case.catalog, each) for each in case.shared_paths)
        yield Breach(blanks={"paths": paths}, wording="derived", bound=case.shared_paths)


def _in_titles(catalog: Catalog, path: str) -> str:
    """A lineage path as an official reads it: titles for ids, arrows drawn."""
    titles = {each.id: each for each in catalog.datasets}

    def told(step: re.Match[str]) -> str:
        dataset, column = titles.get(step[1]), step[2]
        if dataset is None:
            return step[0]
        fields = (each.title for each in dataset.fields if each.name == column)
        return f"{dataset.title}的{next(fields, column)}" if column else dataset.title

    return _PATH_STEP.sub(told, path).replace(" -> ", "→")


_PATH_STEP = re.compile(r"([a-z][a-z0-9_]*)(?:[.]([a-z][a-z0-9_]*))?")
