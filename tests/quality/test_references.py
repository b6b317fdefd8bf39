"""Values looked up in another dataset's current version: counted, told, never flagged."""

from collections.abc import Callable
from typing import Any

import pytest

from opendata.derivation import EXISTS_IN_DATASET
from opendata.errors import CatalogError
from opendata.findings import Expectation
from opendata.vocabulary import OnFail
from quality.plan import plan
from tests.journeys.homes import FIELDS, City, rows_of


def lists_both(city: City, *, field: str = "no", of: str = "parks") -> None:
    rule = {
        "expect": EXISTS_IN_DATASET,
        "kwargs": {"column": "name", "dataset": of, "field": field},
        "indicator": "0402",
        "description": "园名应是公园名录中的公园编号",
        "on_fail": "keep_flag",
    }
    city.lists("parks")
    city.lists("visits", quality={"rules": [rule]})


def found(city: City) -> dict[str, Any]:
    explained = city.opendata("quality", "explain", "visits", "--json").json
    return next(
        each for each in explained["results"] if each["expectation"]["type"] == EXISTS_IN_DATASET
    )


def test_values_that_the_other_dataset_does_not_hold_are_counted(city: City) -> None:
    lists_both(city)
    city.hands_over("parks", rows_of(3))
    city.run()
    rows = [("V-1", "P-0001", "2026-03-15"), ("V-2", "P-0009", "2026-03-15")]
    city.hands_over("visits", rows)

    outcome = city.run().outcomes["visits"]

    assert (found(city)["rows"], found(city)["unexpected"]) == (2, 1)
    assert (outcome["rows_clean"], outcome["rows_quarantined"]) == (2, 0)
    assert city.opendata("quality", "verify", "visits").code == 0


def test_while_the_other_dataset_is_not_there_nothing_is_assessed(city: City) -> None:
    lists_both(city)
    city.hands_over("visits", rows_of(2))
    city.run()

    assert found(city)["observed"] == "数据集 parks 尚未治理"
    assert found(city)["missing"] == 2
    assert "0/0  未评估  园名应是" in city.opendata("quality", "explain", "visits").out


@pytest.mark.parametrize(
    ("of", "field", "said"),
    [
        ("playgrounds", "no", "'playgrounds' is not a dataset of the catalog"),
        ("parks", "nummer", "'nummer' is not a field of parks"),
        ("parks", "updated_on", "name and parks.updated_on are of two types"),
    ],
    ids=["dataset", "field", "type"],
)
def test_a_look_up_that_cannot_be_is_told_when_the_catalog_is_checked(
    city: City, of: str, field: str, said: str
) -> None:
    assert field in FIELDS or field == "nummer"
    lists_both(city, field=field, of=of)

    checked = city.opendata("check")

    assert checked.code == 2
    assert said in checked.out


def test_a_look_up_sets_no_row_aside(rule: Callable[..., Expectation]) -> None:
    looked = rule(EXISTS_IN_DATASET, on_fail=OnFail.DROP, column="a", dataset="b", field="c")

    with pytest.raises(CatalogError, match="sets none aside; use on_fail keep_flag or block"):
        plan([looked])
