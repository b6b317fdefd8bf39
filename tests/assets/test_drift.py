"""A dataset's new version beside the last one that was released: what the steward is told of it."""

from pathlib import Path
from typing import Any

import pytest

from assets.dossier import Dossier
from assets.drift import KEPT_VERSIONS
from assets.journey import travel
from opendata.findings import RuleResult
from opendata.vocabulary import Verdict
from quality.drift import DRIFT_TYPES
from tests.journeys.homes import FIELDS, City, Row, csv_text, rows_of

DISTRICTS = {**FIELDS, "district": {"title": "区县", "code_table": "districts"}}


@pytest.fixture
def parks(city: City) -> City:
    city.lists("parks")
    return city


def delivers(city: City, rows: int, **given: Any) -> Dossier:
    return handed(city, rows_of(rows, **given))


def handed(city: City, rows: Any) -> Dossier:
    city.hands_over("parks", rows)
    return passage(city)


def passage(city: City) -> Dossier:
    workshop = city.workshop()
    try:
        return travel(workshop, workshop.catalog.dataset("parks"))
    finally:
        workshop.close()


def told(dossier: Dossier) -> dict[str, RuleResult]:
    assert dossier.quality
    found = (each for each in dossier.quality.results if each.expectation.type in DRIFT_TYPES)
    return {each.expectation.id: each for each in found}


def profiles(city: City) -> Path:
    return city.root / "restricted" / "profiles"


def test_a_first_version_has_nothing_to_be_compared_with(parks: City) -> None:
    assert told(delivers(parks, 100)) == {}


def test_a_version_is_compared_with_the_one_before_it(parks: City) -> None:
    delivers(parks, 100)
    dossier = delivers(parks, 60, start=11)

    found = told(dossier)

    assert dossier.outcome.version == 2
    assert not found["rows_as_before"].success
    assert found["keys_as_before"].observed == "减少 40 条（40.00%），新增 0 条，变化 0 条"
    assert found["filled_as_before"].success


def test_a_row_that_holds_something_else_is_counted_as_changed(parks: City) -> None:
    delivers(parks, 100)
    changed = handed(parks, [*rows_of(90), *rows_of(10, word="花园", start=91)])

    assert told(changed)["keys_as_before"].observed == "减少 0 条（0.00%），新增 0 条，变化 10 条"


def test_lost_keys_stop_a_version_only_where_the_entry_says_so(city: City) -> None:
    city.lists("parks", quality={"drift": {"keys": {"on_fail": "block"}}})
    delivers(city, 100)

    refused = delivers(city, 90)

    assert refused.outcome.verdict is Verdict.BLOCKED
    assert "减少 10 条（10.00%）" in refused.refusals[0].text
    assert len(city.query("select * from parks")) == 100


def test_what_was_refused_is_not_what_the_next_version_is_compared_with(city: City) -> None:
    city.lists("parks", quality={"drift": {"keys": {"on_fail": "block"}}})
    delivers(city, 100)
    delivers(city, 50)

    dossier = delivers(city, 98)

    assert dossier.outcome.version == 2
    assert told(dossier)["keys_as_before"].observed == "减少 2 条（2.00%），新增 0 条，变化 0 条"
    assert told(dossier)["rows_as_before"].observed == "由 100 条变为 98 条，变动 -2.00%"


def test_a_passage_over_what_is_released_already_says_the_same_again(parks: City) -> None:
    delivers(parks, 100)
    first = told(delivers(parks, 60))
    parks.lists("parks", summary="另一段说明。")

    assert told(passage(parks)) == first
    assert not first["rows_as_before"].success


def test_an_update_with_nothing_new_in_it_is_told(parks: City) -> None:
    delivers(parks, 100)
    turned = handed(parks, rows_of(100)[::-1])

    found = told(turned)["updated_and_changed"]

    assert not found.success
    assert "承诺每月更新" in found.expectation.description
    assert "更新了但没变：数据时间以外，100 条逐条相同" in found.expectation.description


def test_a_new_date_on_old_rows_is_no_update(parks: City) -> None:
    delivers(parks, 100)
    dated = handed(parks, [(no, name, "2026-03-20") for no, name, _ in rows_of(100)])

    assert not told(dated)["updated_and_changed"].success


def test_an_update_with_one_other_value_is_one(parks: City) -> None:
    delivers(parks, 100)
    changed = handed(parks, [*rows_of(99), *rows_of(1, word="花园", start=100)])

    assert told(changed)["updated_and_changed"].success


@pytest.mark.parametrize("frequency", ["不更新", "不定期", None])
def test_where_no_rhythm_is_promised_nothing_need_change(city: City, frequency: str | None) -> None:
    city.lists("parks", update_frequency=frequency, quality={"min_score": 0})
    delivers(city, 100)

    assert "updated_and_changed" not in told(handed(city, rows_of(100)[::-1]))


def test_what_adds_to_what_was_there_is_not_asked_for_its_keys(city: City) -> None:
    city.lists("parks", load="追加")
    delivers(city, 100)
    added = told(delivers(city, 200, start=101))

    assert "keys_as_before" not in added
    assert added["rows_as_before"].success


def test_a_large_table_is_asked_for_its_keys_only_where_the_entry_says_so(city: City) -> None:
    city.lists("parks", quality={"drift": {"keys": {"max_rows": 99}}})
    delivers(city, 100)

    assert told(delivers(city, 60)).keys() == {
        "rows_as_before",
        "filled_as_before",
        "updated_and_changed",
    }


def coded(rows: int, *, second: int) -> list[Row]:
    """Rows of which ``second`` in a hundred are of the second district."""
    return [(*row, "D02" if n % 100 < second else "D01") for n, row in enumerate(rows_of(rows))]


def test_a_code_that_grows_common_is_told_by_its_place(city: City) -> None:
    city.lists("parks", fields=DISTRICTS)
    city.put("codes/districts.csv", "code,title\nD01,东区\nD02,西区\n")
    headings = ("编号", "名称", "更新日期", "区县")
    handed(city, csv_text(coded(400, second=5), headings=headings))
    moved = handed(city, csv_text(coded(400, second=60), headings=headings))

    said = told(moved)["divided_as_before"].expectation.description

    assert "变化最大的代码表第 2 项由 5.0% 变为 60.0%" in said
    assert "D02" not in said


def test_what_is_kept_holds_counts_and_no_value(city: City) -> None:
    city.lists("parks", fields=DISTRICTS)
    city.put("codes/districts.csv", "code,title\nD01,东区\nD02,西区\n")
    headings = ("编号", "名称", "更新日期", "区县")
    handed(city, csv_text(coded(400, second=5), headings=headings))

    kept = (profiles(city) / "parks.json").read_text("utf-8")

    assert '"rows":400' in kept
    assert [each for each in ("D01", "D02", "公园", "P-0001") if each in kept] == []


def test_counts_are_kept_of_the_last_versions_and_the_rows_of_one(parks: City) -> None:
    for rows in range(100, 100 + KEPT_VERSIONS + 2):
        delivers(parks, rows)

    (table,) = profiles(parks).glob("*.parquet")

    assert table.name == f"parks.public-{KEPT_VERSIONS + 2}.parquet"
    kept = (profiles(parks) / "parks.json").read_text("utf-8")
    assert kept.count('"release"') == KEPT_VERSIONS


def test_what_a_crash_left_unkept_is_kept_by_the_next_passage(parks: City) -> None:
    delivers(parks, 100)
    before = (profiles(parks) / "parks.json").read_bytes()
    for each in profiles(parks).iterdir():
        each.unlink()

    passage(parks)

    assert (profiles(parks) / "parks.json").read_bytes() == before
    assert (profiles(parks) / "parks.public-1.parquet").exists()


def test_what_cannot_be_read_any_more_is_as_if_it_was_not_there(parks: City) -> None:
    delivers(parks, 100)
    (profiles(parks) / "parks.json").write_text("[{}]", "utf-8")

    dossier = delivers(parks, 60)

    assert dossier.outcome.version == 2
    assert told(dossier) == {}


def test_every_rule_can_be_left_out(city: City) -> None:
    rules = ("rows", "nulls", "keys", "categories", "unchanged")
    city.lists("parks", quality={"drift": {each: {"judged": False} for each in rules}})
    delivers(city, 100)

    assert told(delivers(city, 10)) == {}
