"""What an entry may ask of a new version beside the last: read, defaulted, and held together."""

import pytest

from opendata.catalog import Dataset
from opendata.catalog_file import read_catalog_files
from opendata.drift import CategoryDrift, Drift, DriftRule, KeyChurn, NullRise, RowSwing
from opendata.vocabulary import OnFail, Severity

ENTRY = """
id: parks
title: 公园
body: garden
source: {{files: parks.csv}}
load: {load}
fields:
  no: {{title: 编号, key: {key}}}
  district: {{title: 区县}}
{quality}
"""


def read(
    drift: str | None, *, load: str = "全量", key: str = "true"
) -> tuple[Dataset | None, list[str]]:
    quality = f"quality: {{drift: {drift}}}" if drift else ""
    files = {
        "catalog/bodies.yaml": "bodies: {garden: 市园林局}",
        "catalog/garden/parks.yaml": ENTRY.format(load=load, key=key, quality=quality),
    }
    reading = read_catalog_files(files)
    found = next(iter(reading.catalog.datasets), None)
    return found, [each.message for each in reading.problems]


def test_a_dataset_that_says_nothing_is_warned_of_everything_and_stopped_by_nothing() -> None:
    dataset, problems = read(None)

    assert dataset
    assert (dataset.quality.drift, problems) == (Drift(), [])
    rules = [
        getattr(Drift(), name) for name in ("rows", "nulls", "keys", "categories", "unchanged")
    ]
    assert {(each.judged, each.severity, each.on_fail) for each in rules} == {
        (True, Severity.WARNING, OnFail.KEEP_FLAG)
    }


def test_every_rule_is_tunable_by_itself() -> None:
    dataset, problems = read(
        "{rows: {versions: 3, max_swing: 0.5}, nulls: {max_points: 1}, "
        "keys: {max_removed: 0.1, max_rows: 9, changed: false, on_fail: block}, "
        "categories: {max_psi: 0.1, max_values: 9, fields: [district], severity: info}, "
        "unchanged: {judged: false}}"
    )

    assert problems == []
    assert dataset
    assert dataset.quality.drift == Drift(
        rows=RowSwing(versions=3, max_swing=0.5),
        nulls=NullRise(max_points=1),
        keys=KeyChurn(max_removed=0.1, max_rows=9, changed=False, on_fail=OnFail.BLOCK),
        categories=CategoryDrift(
            max_psi=0.1, max_values=9, fields=("district",), severity=Severity.INFO
        ),
        unchanged=DriftRule(judged=False),
    )


def test_another_setting_is_another_entry() -> None:
    (strict, _), (plain, _) = read("{nulls: {max_points: 1}}"), read(None)

    assert strict
    assert plain
    assert strict.fingerprint != plain.fingerprint


@pytest.mark.parametrize(
    ("drift", "given", "said"),
    [
        ("{rows: {on_fail: drop}}", {}, "sets no row aside; write keep_flag or block"),
        ("{categories: {fields: [town]}}", {}, "no field is called 'town'"),
        ("{keys: {max_removed: 0.1}}", {"load": "追加"}, "only a 全量 delivery can lose keys"),
        ("{keys: {max_removed: 0.1}}", {"key": "false"}, "no field has `key: true`"),
        ("{rows: {versions: 13}}", {}, "above the largest allowed, 12"),
        ("{rows: {max_swing: -1}}", {}, "below the smallest allowed, 0"),
        ("{keys: {max_removed: 5}}", {}, "above the largest allowed, 1"),
        ("{row: {}}", {}, "allowed are rows, nulls, keys, categories, unchanged"),
    ],
)
def test_what_cannot_be_meant_is_told(drift: str, given: dict[str, str], said: str) -> None:
    dataset, problems = read(drift, **given)

    assert dataset is None
    assert [each for each in problems if said in each] == problems != []


def test_leaving_the_keys_out_needs_no_key() -> None:
    assert read("{keys: {judged: false}}", key="false")[1] == []
