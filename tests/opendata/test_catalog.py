import dataclasses

import pytest

from opendata.catalog import Treatment
from opendata.errors import UnknownDataset
from opendata.plain import plain
from opendata.vocabulary import Action, Openness, Role
from tests.support import a_catalog, a_dataset, a_field


def test_the_fingerprint_changes_exactly_with_the_meaning() -> None:
    dataset = a_dataset()

    assert a_dataset().fingerprint == dataset.fingerprint
    assert a_dataset(openness=Openness.CONDITIONAL).fingerprint != dataset.fingerprint


def test_a_dropped_field_is_neither_released_nor_a_quasi_identifier() -> None:
    gone = a_field("born", role=Role.QUASI, treatment=Treatment(action=Action.DROP))
    kept = a_field("district", role=Role.QUASI)

    dataset = a_dataset(fields=(gone, kept))

    assert [field.name for field in dataset.released_fields] == ["district"]
    assert dataset.quasi_identifiers == ("district",)


def test_keys_are_the_fields_marked_as_key() -> None:
    assert a_dataset().keys == ("uscc",)


def test_readers_are_found_through_others() -> None:
    first, second, third = (
        a_dataset(id="a"),
        a_dataset(id="b", reads=("a",)),
        a_dataset(id="c", reads=("b",)),
    )

    catalog = a_catalog(third, second, first)

    assert [each.id for each in catalog.readers_of("a")] == ["b", "c"]
    assert [each.id for each in catalog.in_reading_order] == ["a", "b", "c"]


def test_an_unknown_dataset_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownDataset, match="no dataset is called 'x'; the catalog has enterpr"):
        a_catalog().dataset("x")


def test_the_version_changes_with_any_entry() -> None:
    changed = dataclasses.replace(a_dataset(), title="别的")

    assert a_catalog(changed).version != a_catalog().version


def test_plain_values_are_json() -> None:
    assert plain(a_field())["role"] == "plain"
