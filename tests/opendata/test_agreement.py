from dataclasses import replace
from typing import Any

import pytest

from opendata.agreement import (
    AMBIGUOUS_KEY,
    NO_KEY,
    Agreement,
    comparisons,
    may_show,
    precedence,
    taken_edges,
)
from opendata.catalog import Catalog, Dataset, Field, Treatment
from opendata.derivation import made_from, upstreams_of
from opendata.vocabulary import Action, OnConflict, Openness, Role, Semantic
from tests.support import a_catalog, a_dataset, a_field

REGISTER = a_dataset(
    id="register",
    fields=(a_field("code", key=True, element="code"), a_field("name", element="name")),
)


def carried(name: str, element: str | None = None, **changes: Any) -> Field:
    of = element or name
    return a_field(name, element=of, checked_against=f"register.{of}", **changes)


def permits(*fields: Field, **changes: object) -> Dataset:
    given = fields or (carried("code"), carried("name"))
    return a_dataset(id="permits", body="office", fields=given, **changes)


def keys(dataset: Dataset) -> dict[str, object]:
    found = comparisons(a_catalog(REGISTER, dataset), dataset)
    return {each.field.name: each.keys or each.why for each in found}


def test_rows_meet_by_the_authoritys_key_wherever_it_stands_here() -> None:
    assert keys(permits(carried("holder", "code"), carried("name"))) == {
        "holder": (("holder", "code"),),
        "name": (("holder", "code"),),
    }


def test_with_two_keys_nobody_guesses_which_is_meant() -> None:
    two = permits(carried("buyer", "code"), carried("seller", "code"), carried("name"))

    assert keys(two) == {
        "buyer": (("buyer", "code"),),
        "seller": (("seller", "code"),),
        "name": AMBIGUOUS_KEY,
    }


def test_without_the_key_nothing_can_be_compared() -> None:
    assert keys(permits(carried("name"))) == {"name": NO_KEY}


def test_an_authority_comes_before_those_who_carry_it_and_after_what_it_reads() -> None:
    catalog = a_catalog(
        permits(),
        replace(REGISTER, sources=(), model="select 1", reads=("base",)),
        a_dataset(id="base"),
        a_dataset(id="alone"),
    )

    assert precedence(catalog) == {"permits": 0, "register": 1, "base": 1, "alone": 0}


def test_a_circle_of_authorities_has_an_order_all_the_same() -> None:
    left = permits(carried("name"))
    right = replace(REGISTER, fields=(a_field("name", checked_against="permits.name"),))

    assert set(precedence(a_catalog(left, right))) == {"permits", "register"}


def deferring(policy: OnConflict) -> Catalog:
    return a_catalog(REGISTER, permits(carried("code"), carried("name", on_conflict=policy)))


def test_taking_values_is_deriving_from_their_dataset() -> None:
    catalog = deferring(OnConflict.AUTHORITY_WINS)

    assert [each.id for each in made_from(catalog, "register")] == ["permits"]
    assert upstreams_of(catalog, "permits") == ("register",)
    assert [
        (each.column, each.upstream_column, each.direct)
        for each in taken_edges(catalog, catalog.dataset("permits"))
    ] == [("name", "name", True), ("name", "code", False)]


@pytest.mark.parametrize("policy", [OnConflict.REPORT, OnConflict.BLOCK])
def test_being_compared_is_not_deriving(policy: OnConflict) -> None:
    catalog = deferring(policy)

    assert made_from(catalog, "register") == ()
    assert list(taken_edges(catalog, catalog.dataset("permits"))) == []


def shown(ours: Dataset, theirs: Dataset = REGISTER) -> bool:
    policy = ours.field("name").on_conflict
    found = Agreement(field="name", element="name", authority="register.name", policy=policy)
    return may_show(a_catalog(theirs, ours), ours, found)


def test_values_that_both_give_to_everybody_may_be_shown() -> None:
    assert shown(permits())


@pytest.mark.parametrize(
    "hidden",
    [
        {"role": Role.SENSITIVE},
        {"semantic": Semantic.PERSON_NAME},
        {"treatment": Treatment(action=Action.DROP)},
        {"treatment": Treatment(action=Action.MASK, preset="姓名")},
        {"on_conflict": OnConflict.AUTHORITY_WINS},
    ],
    ids=["role", "semantic", "dropped", "masked", "replaced"],
)
def test_a_value_that_is_not_given_as_it_is_is_not_shown(hidden: dict[str, Any]) -> None:
    assert not shown(permits(carried("code"), carried("name", **hidden)))


def test_a_key_that_is_not_given_as_it_is_hides_the_values_too() -> None:
    assert not shown(permits(carried("code", role=Role.DIRECT), carried("name")))


@pytest.mark.parametrize("openness", [Openness.CONDITIONAL, Openness.NOT_OPEN, None])
def test_values_of_what_is_not_open_to_all_are_not_shown(openness: Openness | None) -> None:
    assert not shown(permits(openness=openness))
    assert not shown(permits(), replace(REGISTER, openness=openness))
