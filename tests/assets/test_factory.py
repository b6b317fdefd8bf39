import dagster as dg
import pytest

from assets.factory import buckets, build_assets
from opendata.catalog import Catalog, Dataset
from tests.support import a_catalog, a_dataset


def reading(dataset: str, body: str, *reads: str) -> Dataset:
    return a_dataset(id=dataset, body=body, reads=reads, model="select 1" if reads else None)


def steps(*datasets: Dataset) -> dict[str, list[str]]:
    return {
        name: [each.id for each in members]
        for name, members in buckets(a_catalog(*datasets)).items()
    }


def test_the_datasets_of_a_body_share_a_step() -> None:
    found = steps(reading("a", "x"), reading("b", "x"), reading("c", "y"))

    assert found == {"x": ["a", "b"], "y": ["c"]}


def test_reading_inside_a_body_needs_no_step_of_its_own() -> None:
    found = steps(reading("b", "x", "a"), reading("a", "x"))

    assert found == {"x": ["a", "b"]}


def test_whoever_reads_across_bodies_or_is_read_has_a_step_of_its_own() -> None:
    found = steps(reading("a", "x"), reading("b", "y", "a"), reading("c", "x"), reading("d", "y"))

    assert found == {"x__a": ["a"], "y__b": ["b"], "x": ["c"], "y": ["d"]}


@pytest.mark.parametrize(
    "chain",
    [
        (("a", "x", ()), ("b", "x", ("a",)), ("c", "y", ("b",))),
        (("a", "x", ()), ("b", "y", ("a",)), ("c", "y", ("b",))),
        (("a", "x", ()), ("b", "x", ("a",)), ("c", "y", ("a",))),
    ],
    ids=["before_the_border", "beyond_the_border", "beside_the_border"],
)
def test_all_who_are_related_to_them_have_steps_of_their_own(
    chain: tuple[tuple[str, str, tuple[str, ...]], ...],
) -> None:
    found = steps(*(reading(name, body, *reads) for name, body, reads in chain))

    assert sorted(map(tuple, found.values())) == [("a",), ("b",), ("c",)]


def test_steps_never_wait_for_each_other_in_a_circle() -> None:
    catalog = a_catalog(
        reading("a", "x"),
        reading("b", "y", "a"),
        reading("c", "x", "b"),
        reading("d", "x"),
        reading("e", "x", "d"),
    )

    defs = dg.Definitions(assets=build_assets(catalog), resources={"workshop": object()})

    dg.Definitions.validate_loadable(defs)
    assert defs.resolve_implicit_global_asset_job_def() is not None


def test_every_dataset_has_three_assets_and_three_checks() -> None:
    assets = build_assets(catalog_of(4))

    keys = [key for each in assets for key in each.keys]
    checks = [key for each in assets for key in each.check_keys]

    assert len(keys) == len(set(keys)) == 12
    assert len(checks) == len(set(checks)) == 12


def test_any_part_of_a_step_may_be_run_alone() -> None:
    assert all(each.can_subset for each in build_assets(catalog_of(2)))


def catalog_of(count: int) -> Catalog:
    return a_catalog(*(a_dataset(id=f"d{n}", body=f"b{n % 2}") for n in range(count)))
