"""Fault injection: every fault of the table is found by its own rules and gates, and by no other.

Each delivery goes the whole way, as a run takes it, in a city whose first version is released.
"""

from collections.abc import Mapping

import pytest

from assets.dossier import Dossier
from opendata.findings import RuleResult
from opendata.vocabulary import Verdict
from tests.journeys.homes import City, Kept
from tests.quality.fault_page import PAGE, page
from tests.quality.fault_table import FAULTS, REPAIRED, UNSEEN
from tests.quality.faults import Fault
from tests.quality.permits import Delivery, delivered, found, second_rows

EVERY = [each for section in FAULTS.values() for each in section]
CLEAN = Delivery(rows=second_rows())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept.of(found(tmp_path_factory.mktemp("permits") / "home"))


@pytest.fixture
def permits(kept: Kept) -> City:
    """The city with its first version open."""
    return kept.again()


def findings(dossier: Dossier) -> Mapping[str, RuleResult]:
    """The rules that found anything."""
    results = dossier.quality.results if dossier.quality else ()
    return {each.expectation.id: each for each in results if each.unexpected or not each.success}


def gates(dossier: Dossier) -> dict[str, str]:
    """The gates that said anything, but for what is said of the regulation itself."""
    said = (*dossier.refusals, *dossier.outcome.warnings)
    return {each.rule: each.text for each in said if each.rule != "POL-01"}


def test_a_clean_delivery_has_no_finding(permits: City) -> None:
    dossier = delivered(permits, CLEAN)

    assert (dict(findings(dossier)), gates(dossier)) == ({}, {})
    assert dossier.quality
    assert dossier.quality.clean == dossier.quality.rows == len(CLEAN.rows)
    assert (dossier.outcome.verdict, dossier.outcome.version) == (Verdict.RELEASED, 2)


@pytest.mark.parametrize("fault", EVERY, ids=lambda each: each.name)
def test_a_fault_is_found_by_its_own_rules_and_gates_alone(permits: City, fault: Fault) -> None:
    dossier = delivered(permits, fault.done(CLEAN))

    told, said = findings(dossier), gates(dossier)
    assert {name: each.expectation.indicator for name, each in told.items()} == fault.found
    assert set(said) == set(fault.refused)
    assert fault.said in "".join(said.values())
    if fault.rows is not None:
        assert {each.unexpected for each in told.values()} <= {fault.rows}


@pytest.mark.parametrize("fault", [*REPAIRED, *UNSEEN], ids=lambda each: each.name)
def test_what_is_meant_plainly_or_goes_unseen_has_no_finding(permits: City, fault: Fault) -> None:
    dossier = delivered(permits, fault.done(CLEAN))

    assert (dict(findings(dossier)), gates(dossier)) == ({}, {})


def test_faults_are_named_once() -> None:
    names = [each.name for each in (*EVERY, *REPAIRED, *UNSEEN)]

    assert len(names) == len(set(names))


def test_the_page_of_faults_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.quality.fault_page"
