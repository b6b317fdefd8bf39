"""Suite files read back as what they were; hand-edited ones are told what they lack."""

import json

import pytest

from opendata.catalog import Catalog, Dataset
from opendata.errors import CatalogError
from opendata.findings import Expectation
from quality.suite import expectations_for
from quality.suite_json import from_suite_json, to_suite_json


@pytest.fixture
def suite(dataset: Dataset, catalog: Catalog) -> tuple[Expectation, ...]:
    return expectations_for(dataset, catalog)


def test_a_suite_read_back_is_the_suite(suite: tuple[Expectation, ...]) -> None:
    assert from_suite_json(to_suite_json("enterprises", suite)) == suite


def test_a_rule_without_an_indicator_is_refused_by_name(suite: tuple[Expectation, ...]) -> None:
    written = json.loads(to_suite_json("enterprises", suite))
    del written["expectations"][1]["meta"]["indicator"]

    with pytest.raises(CatalogError, match=r"expectations\[2\]: lacks meta.indicator"):
        from_suite_json(json.dumps(written))


def test_a_rule_with_an_unknown_consequence_is_told_the_known_ones(
    suite: tuple[Expectation, ...],
) -> None:
    written = json.loads(to_suite_json("enterprises", suite))
    written["expectations"][0]["meta"]["on_fail"] = "explode"

    with pytest.raises(CatalogError, match=r"use one of .*keep_flag"):
        from_suite_json(json.dumps(written))


@pytest.mark.parametrize("text", ["", "[]", "{}", "{"], ids=["empty", "list", "object", "torn"])
def test_what_is_not_a_suite_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="is not the JSON"):
        from_suite_json(text)
