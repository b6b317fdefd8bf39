"""Gates on how easily somebody is singled out in, or seen through, the file about to be released.

Each fails closed: what was not measured is refused. Measuring is ``resources/risk.py``; what a gate
says is ``gate_texts.py``.
"""

from collections.abc import Iterator

from opendata.case import Breach, Candidate, Case
from opendata.catalog import Dataset
from opendata.findings import Diversity, Risk
from opendata.gate_texts import enumeration
from opendata.linkage import Difference, Link, LinkageVerdict, covering, is_about_people
from opendata.linkage_words import in_words
from opendata.pages.words import percent


def hard_to_single_out(case: Case, candidate: Candidate) -> Iterator[Breach]:
    """Groups over the quasi-identifiers are large and varied enough, and cells not too small."""
    dataset, risk = case.dataset, candidate.risk
    if dataset.quasi_identifiers:
        yield from _large_enough(case, risk)
        yield from _varied_enough(dataset, risk)
        yield from _few_left_out(dataset, risk)
    if dataset.release.small_cell:
        yield from _no_small_cells(dataset, risk)


def not_linked(case: Case, candidate: Candidate) -> Iterator[Breach]:
    """Joined with what is open, or with its last version, it tells nobody apart (汇聚关联)."""
    dataset, linkage = case.dataset, candidate.linkage
    if not is_about_people(dataset):
        return
    if linkage is None:
        yield Breach(wording="unmeasured")
        return
    consult = case.regime.value("risk.mosaic")["consult"] == "shall"
    for each in linkage.findings:
        blanks = {"finding": in_words(case.catalog, each)}
        if each.verdict is LinkageVerdict.BLOCK:
            yield Breach(blanks=blanks, wording="block")
        elif not _assessed(case, each, opinion=False):
            yield Breach(blanks=blanks)
        elif consult and not _assessed(case, each, opinion=True):
            yield Breach(blanks=blanks, wording="opinion")


def _assessed(case: Case, finding: Link | Difference, *, opinion: bool) -> bool:
    given = case.assessments
    return bool(covering(case.dataset, finding, given, case.as_of, opinion=opinion))


def _large_enough(case: Case, risk: Risk | None) -> Iterator[Breach]:
    quasi = case.dataset.quasi_identifiers
    if risk is None or risk.k is None or not set(quasi) <= set(risk.quasi_identifiers):
        yield Breach(blanks={"columns": _titles(case.dataset, quasi)}, wording="unmeasured")
        return
    required = max(case.dataset.release.k or case.settings.default_k, risk.required_k or 0)
    if risk.k < required:
        yield Breach(blanks={"k": str(risk.k), "required": str(required)})


def _varied_enough(dataset: Dataset, risk: Risk | None) -> Iterator[Breach]:
    asked = dataset.release
    wanted = dataset.sensitive_fields if asked.l > 1 or asked.t is not None else ()
    found = {each.field: each for each in risk.diversity} if risk else {}
    if missing := [each for each in wanted if not _is_measured(found.get(each))]:
        yield Breach(blanks={"columns": _titles(dataset, missing)}, wording="undiversified")
    measured = [found[each] for each in wanted if each not in missing]
    for each in measured:
        if (each.distinct or 0) < asked.l:
            blanks = {"l": str(each.distinct), "required": str(asked.l)}
            yield Breach(blanks=blanks | _title(dataset, each), wording="alike")
        if asked.t is not None and (each.distance or 0.0) > asked.t:
            blanks = {"t": f"{each.distance:.2f}", "allowed": f"{asked.t:g}"}
            yield Breach(blanks=blanks | _title(dataset, each), wording="skewed")


def _is_measured(found: Diversity | None) -> bool:
    return found is not None and found.distinct is not None and found.distance is not None


def _few_left_out(dataset: Dataset, risk: Risk | None) -> Iterator[Breach]:
    limit = dataset.release.max_suppression
    if risk and risk.suppressed_rows and risk.suppressed_share > limit:
        blanks = {"share": percent(risk.suppressed_share), "limit": percent(limit)}
        yield Breach(blanks=blanks, wording="suppressed")


def _no_small_cells(dataset: Dataset, risk: Risk | None) -> Iterator[Breach]:
    cells = dataset.release.small_cell
    if cells is None:
        return
    blanks = {"count": dataset.field(cells.count).title, "below": str(cells.below)}
    if risk is None or risk.small_cells is None:
        yield Breach(blanks=blanks, wording="uncounted")
    elif risk.small_cells:
        yield Breach(blanks=blanks | {"cells": str(risk.small_cells)}, wording="cells")


def _title(dataset: Dataset, found: Diversity) -> dict[str, str]:
    return {"field": dataset.field(found.field).title}


def _titles(dataset: Dataset, names: tuple[str, ...] | list[str]) -> str:
    return enumeration(dataset.field(each).title for each in names)
