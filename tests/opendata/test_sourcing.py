from datetime import UTC, datetime

import pytest

from opendata.catalog import Catalog, Element
from opendata.regime import load_regime
from opendata.sourcing import (
    Claim,
    Decided,
    Dispute,
    Settlement,
    as_decided,
    bars,
    dispute_ladders,
)
from opendata.vocabulary import Basis, OnConflict
from tests.support import a_catalog, a_dataset, a_field

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FIELDS = (a_field("code", key=True, element="code"), a_field("name", element="name"))


def catalog(authority: str | None = None) -> Catalog:
    return a_catalog(
        a_dataset(id="left", body="one", fields=FIELDS),
        a_dataset(id="right", body="two", fields=FIELDS),
        elements=(
            Element(id="code", title="代码"),
            Element(id="name", title="名称", authority=authority),
        ),
    )


def claim(authority: str) -> Claim:
    return Claim(element="name", authority=authority, at=MONDAY, actor="甲", reason="法定职责")


def settled(authority: str | None) -> Dispute:
    settlement = authority and Settlement(
        authority=authority, at=MONDAY, by="市政府", actor="甲", reason="决定"
    )
    return Dispute(
        element="name",
        parties=("left.name",),
        at=MONDAY,
        actor="甲",
        reason="异议",
        settlement=settlement or None,
    )


def checked(given: Catalog, dataset: str) -> str | None:
    return given.dataset(dataset).field("name").checked_against


def test_a_claim_makes_everybody_else_a_carrier() -> None:
    found = as_decided(catalog(), Decided(claims=(claim("left.name"),)))

    assert found.element("name").authority == "left.name"
    assert (checked(found, "left"), checked(found, "right")) == (None, "left.name")
    assert found.dataset("right").field("name").on_conflict is OnConflict.REPORT


def test_the_catalog_goes_before_a_claim_and_a_settlement_before_both() -> None:
    written = catalog("left.name")

    assert as_decided(written, Decided(claims=(claim("right.name"),))) is written
    decided = Decided(claims=(claim("left.name"),), disputes=(settled("right.name"),))
    found = as_decided(written, decided)
    assert found.element("name").authority == "right.name"
    assert (checked(found, "left"), checked(found, "right")) == ("right.name", None)


def test_deciding_again_what_was_decided_changes_nothing() -> None:
    decided = Decided(disputes=(settled("right.name"),))
    once = as_decided(catalog("left.name"), decided)

    assert as_decided(once, decided) is once


def test_a_decision_about_a_field_that_is_gone_changes_nothing() -> None:
    written = catalog()

    assert as_decided(written, Decided(claims=(claim("gone.name"),))) is written


def test_an_open_dispute_is_one_nobody_settled() -> None:
    decided = Decided(disputes=(settled("left.name"), settled(None)))

    assert decided.open_dispute("name") == settled(None)
    assert decided.open_dispute("code") is None


def test_a_dispute_bars_those_at_issue_and_those_who_take_their_values() -> None:
    wins = a_field(
        "name",
        element="name",
        checked_against="left.name",
        on_conflict=OnConflict.AUTHORITY_WINS,
    )
    taker = a_dataset(id="taker", body="two", fields=(FIELDS[0], wins))
    given = a_catalog(*catalog().datasets, taker)

    barred = [each.id for each in given.datasets if bars(settled(None), given, each)]

    assert barred == ["left", "taker"]


@pytest.mark.parametrize(
    ("regime", "steps", "basis", "article"),
    [
        (
            "chongqing-open",
            ("争议各方协商", "市大数据应用发展管理主管部门组织协商", "报本级人民政府决定"),
            Basis.TEXT,
            "第十五条",
        ),
        (
            "xian-share-2018",
            ("争议各方协商", "市大数据产业发展管理机构协调解决"),
            Basis.INFERRED,
            "第二十条",
        ),
        ("xian-open-2022", ("争议各方协商", "同级主管部门协调"), Basis.LOCAL, ""),
    ],
)
def test_a_dispute_goes_the_way_of_the_homes_regulations(
    regime: str, steps: tuple[str, ...], basis: Basis, article: str
) -> None:
    (ladder,) = dispute_ladders(load_regime((regime,)))

    assert (ladder.steps, ladder.basis) == (steps, basis)
    assert article in ladder.citation
