from typing import Any

import pytest

from resources.fsio import sha256_of_file
from tests.journeys.homes import City, Kept, rows_of

CONDITIONAL: dict[str, Any] = {
    "openness": "有条件开放",
    "basis": "《测试法》第一条",
    "channels": ["接口调用"],
    "conditions": "实名认证。",
}
NOT_OPEN: dict[str, Any] = {"openness": "不予开放", "basis": "《测试法》第二条", "channels": None}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    city = City.found(tmp_path_factory.mktemp("classes") / "home")
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(3, word=dataset))
    city.run()
    return Kept.of(city)


@pytest.fixture
def opened(kept: Kept) -> City:
    return kept.again()


def hashes_in(city: City, store: str) -> set[str]:
    return {
        sha256_of_file(path) for path in (city.root / "store" / store).rglob("*") if path.is_file()
    }


def test_open_data_made_conditional_moves_to_the_other_store(opened: City) -> None:
    bytes_before = opened.manifest()["datasets"]["parks"]["sha256"]
    opened.lists("parks", **CONDITIONAL)

    done = opened.run()

    assert done.outcomes["parks"]["verdict"] == "released_conditionally"
    assert set(opened.manifest()["datasets"]) == {"zoo"}
    assert set(opened.manifest("conditional")["datasets"]) == {"parks"}
    assert bytes_before not in hashes_in(opened, "public")
    assert opened.manifest("conditional")["datasets"]["parks"]["version"] == 2


def test_the_public_catalogue_lists_it_without_a_distribution(opened: City) -> None:
    opened.lists("parks", **CONDITIONAL)

    opened.run()

    listed = "select id, downloadable, sha256 is null from _datasets order by id"
    assert opened.query(listed) == [("parks", False, True), ("zoo", True, False)]
    assert opened.manifest()["listed"]["parks"]["channels"] == ["api"]
    assert opened.query("select view_name from duckdb_views() where not internal") == [("zoo",)]


def test_the_withdrawal_is_recorded_before_the_new_release(opened: City) -> None:
    opened.lists("parks", **CONDITIONAL)

    opened.run()

    kinds = [each["kind"] for each in opened.events() if each.get("dataset_id") == "parks"]
    after = kinds[kinds.index("withdrawn") :]
    assert after == [
        "withdrawn",
        "received",
        "standardised",
        "judged",
        "gated",
        "desensitised",
        "released",
    ]


def test_data_made_not_open_is_withdrawn_from_wherever_it_is(opened: City) -> None:
    opened.lists("parks", **CONDITIONAL)
    opened.run()
    opened.lists("parks", **NOT_OPEN)

    done = opened.run()

    assert done.outcomes["parks"]["verdict"] == "not_open"
    assert set(opened.manifest()["datasets"]) == {"zoo"}
    assert opened.manifest()["listed"] == {}
    assert opened.manifest("conditional")["datasets"] == {}
    assert not (opened.conditional / "datasets" / "parks").exists()
    assert [each["detail"]["store"] for each in opened.events("withdrawn")] == [
        "public",
        "conditional",
    ]


def test_a_version_number_is_never_used_again(opened: City) -> None:
    opened.lists("parks", **NOT_OPEN)
    opened.run()
    opened.lists("parks")

    done = opened.run()

    assert done.outcomes["parks"]["verdict"] == "released"
    assert opened.manifest()["datasets"]["parks"]["version"] == 2


@pytest.mark.parametrize(
    ("stricter", "delivery", "verdict"),
    [
        (CONDITIONAL | {"channels": ["数据下载"]}, rows_of(4), "blocked"),
        (CONDITIONAL, b"%PDF-", "failed"),
        (NOT_OPEN, b"%PDF-", "failed"),
    ],
    ids=["conditional_but_refused", "conditional_but_unreadable", "not_open_and_unreadable"],
)
def test_a_stricter_class_does_not_wait_for_good_data(
    opened: City, stricter: dict[str, Any], delivery: Any, verdict: str
) -> None:
    opened.lists("parks", **stricter)
    opened.hands_over("parks", delivery)

    done = opened.run()

    assert done.outcomes["parks"]["verdict"] == verdict
    assert set(opened.manifest()["datasets"]) == {"zoo"}
    assert not (opened.public / "datasets" / "parks").exists()
