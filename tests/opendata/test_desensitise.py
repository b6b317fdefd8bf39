"""The plan is total, says what survives, and knows which columns may not stand together."""

import dataclasses

import pytest

from opendata.catalog import Dataset, Field, Treatment
from opendata.desensitise import conflicts, plan_for
from opendata.errors import CatalogError
from opendata.presets import MASKS, Mask
from opendata.vocabulary import Action, FieldType, Role, Semantic


def field(name: str, action: Action = Action.KEEP, **more: object) -> Field:
    treatment = Treatment(
        action=action,
        preset=more.pop("preset", None),  # type: ignore[arg-type]
        purpose=more.pop("purpose", None),  # type: ignore[arg-type]
        ground=more.pop("ground", None),  # type: ignore[arg-type]
    )
    made = Field(name=name, title=name, heading=name, treatment=treatment)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def dataset(*fields: Field) -> Dataset:
    return Dataset(id="subsidy", title="补贴", body="civil", fields=fields)


MASKED_ID = field("person", Action.MASK, preset="证件号", semantic=Semantic.CITIZEN_ID)


def test_every_field_gets_exactly_one_step_in_catalog_order() -> None:
    plan = plan_for(
        dataset(
            field("district"),
            field("mobile", Action.MASK, preset="手机号"),
            field("name", Action.DROP),
            field("born", Action.GENERALISE, preset="年"),
            field("remark", Action.REDACT_SPANS),
            field("person", Action.PSEUDONYM, purpose="统计"),
        )
    )

    assert [each.field for each in plan] == [
        "district", "mobile", "name", "born", "remark", "person",
    ]  # fmt: skip
    assert all(each.reveals.endswith("。") for each in plan)


def test_a_pseudonym_without_a_purpose_stays_inside_its_dataset() -> None:
    (step,) = plan_for(dataset(field("person", Action.PSEUDONYM)))

    assert step.purpose == "subsidy"


def test_every_unknown_preset_is_refused_at_once() -> None:
    entry = dataset(
        field("mobile", Action.MASK, preset="手机"),
        field("born", Action.GENERALISE),
        field("kept"),
    )

    with pytest.raises(CatalogError) as refused:
        plan_for(entry)

    assert [each.where for each in refused.value.problems] == ["subsidy.mobile", "subsidy.born"]


@pytest.mark.parametrize("mask", MASKS, ids=[f"mask{place}" for place in range(len(MASKS))])
def test_no_mask_shows_more_than_seven_characters(mask: Mask) -> None:
    assert mask.head + mask.tail <= 7


@pytest.mark.parametrize(
    "neighbour",
    [
        field("born", type=FieldType.DATE, role=Role.QUASI),
        field("birth", title="出生年月"),
        field("area", semantic=Semantic.DIVISION),
        field("home", Action.GENERALISE, preset="区县", semantic=Semantic.ADDRESS),
    ],
    ids=["birth_date", "birth_title", "division", "address"],
)
def test_a_masked_citizen_id_may_not_stand_beside_what_completes_it(neighbour: Field) -> None:
    (conflict,) = conflicts(dataset(MASKED_ID, neighbour))

    assert (conflict.field, conflict.beside) == ("person", neighbour.name)
    assert neighbour.title in conflict.sentence


@pytest.mark.parametrize(
    "fields",
    [
        (MASKED_ID, field("amount")),
        (MASKED_ID, field("born", Action.DROP, type=FieldType.DATE, role=Role.QUASI)),
        (field("person", Action.PSEUDONYM), field("area", semantic=Semantic.DIVISION)),
    ],
    ids=["plain_neighbour", "dropped_neighbour", "pseudonym"],
)
def test_nothing_is_wrong_without_both_halves(fields: tuple[Field, ...]) -> None:
    assert conflicts(dataset(*fields)) == ()
