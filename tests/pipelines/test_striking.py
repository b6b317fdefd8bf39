"""A row struck out on the sheet is left out of what is judged, and never lost."""

import json
from collections.abc import Mapping
from hashlib import sha256

import openpyxl
import pytest

from tests.journeys.homes import City, rows_of
from tests.pipelines.test_quarantine import (
    BAD,
    CANARY,
    SHEET,
    column,
    corrected,
    export,
    filled,
    lines,
    listed,
    resubmit,
    rows_in,
    run,
)

STRUCK = {"回复": "作废本行", "说明": "重复登记"}
TWICE = ("P-0001", "公园1（重复）", "2026-03-15")
HELD = "restricted/quarantine/parks.parquet"


@pytest.fixture
def doubled(city: City) -> City:
    """Thirty parks, and the key of the first once more in record 32 of the file."""
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), TWICE])
    assert run(city)["rows_quarantined"] == 2
    return city


def strike(city: City, *answers: Mapping[str, object]) -> None:
    done = resubmit(city, filled(export(city), *answers))
    assert done["code"] == 0, done["remarks"]


def test_of_two_rows_with_one_key_striking_one_lets_the_other_pass(doubled: City) -> None:
    strike(doubled, {}, STRUCK)
    outcome = run(doubled)

    counted = ("rows_landed", "rows_clean", "rows_quarantined", "rows_struck", "rows_released")
    assert [outcome[each] for each in counted] == [31, 30, 0, 1, 30]
    assert doubled.query("select name from parks where no = 'P-0001'") == [("公园1",)]


def test_a_struck_row_is_kept_with_its_place_and_every_reason(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), ("P-0001", "", CANARY)])
    run(city)
    places = [(each["原行号"], each["列名"]) for each in lines(export(city, "asked.xlsx"))]
    answers = [STRUCK if place == ("32", "更新日期") else {} for place in places]
    strike(city, *answers)
    run(city)

    ((no, record, reasons, state),) = rows_in(city.root / HELD, "no, _record, _reasons, _state")
    assert (no, record, state) == ("P-0001", 32, "struck")
    assert sorted(reasons) == ["name_not_null", "no_unique", "updated_on_type"]
    assert listed(city)["states"] == {"struck": 1}
    assert "已作废 1 条" in city.opendata("quarantine", "list").out


def test_what_was_struck_out_is_told_in_record_and_report(doubled: City) -> None:
    strike(doubled, {}, STRUCK)
    run(doubled)

    standardised, judged = (doubled.events(each)[-1] for each in ("standardised", "judged"))
    counts = standardised["counts"]
    assert (counts["landed"], counts["standardised"], counts["struck"]) == (31, 30, 1)
    assert judged["counts"] == {"clean": 30, "quarantined": 0, "struck": 1}
    assert [each["rows"] for each in standardised["inputs"] if each["id"] == "corrections"] == [1]
    page = doubled.root / "reports" / "parks.html"
    assert "另有1条已作废" in page.read_text(encoding="utf-8")
    assert "已作废 1 条" in doubled.opendata("quality", "explain", "parks").out
    assert doubled.events("answered")[-1]["counts"] == {"struck": 1}


def test_the_same_sheet_again_strikes_nothing_twice(doubled: City) -> None:
    sheet = filled(export(doubled), {}, STRUCK)
    resubmit(doubled, sheet)
    run(doubled)

    assert resubmit(doubled, sheet)["repeated"] == 1
    assert not run(doubled)["changed"]


def test_whoever_struck_a_row_by_mistake_answers_otherwise(doubled: City) -> None:
    sheet = export(doubled)
    resubmit(doubled, filled(sheet, {}, STRUCK))
    assert run(doubled)["rows_struck"] == 1
    resubmit(doubled, filled(sheet, {}, corrected("P-0031")))
    outcome = run(doubled)

    assert (outcome["rows_clean"], outcome["rows_struck"]) == (31, 0)


def test_a_struck_row_says_why(doubled: City) -> None:
    found = resubmit(doubled, filled(export(doubled), {}, {"回复": "作废本行"}))

    assert (found["code"], [each["cell"] for each in found["remarks"]]) == (3, ["K6"])


def test_a_row_is_struck_out_or_mended_and_not_both(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), ("P-0099", "", CANARY)])
    run(city)
    found = resubmit(city, filled(export(city), STRUCK, corrected("2026-03-16")))

    assert [each["cell"] for each in found["remarks"]] == ["I6"]
    assert "另一处已选“作废本行”" in found["remarks"][0]["note"]


def test_a_struck_row_of_an_added_delivery_is_found_in_its_own_file(city: City) -> None:
    city.lists("parks", load="追加")
    city.hands_over("parks", rows_of(30))
    run(city)
    city.hands_over("parks", [*rows_of(1, start=40), BAD])
    run(city)
    strike(city, STRUCK)
    outcome = run(city)

    assert (outcome["rows_released"], outcome["rows_struck"]) == (31, 1)
    assert rows_in(city.root / HELD, "_record, _state") == [(3, "struck")]


def test_a_struck_row_replaces_nothing(city: City) -> None:
    city.lists("parks", load="按主键更新")
    city.hands_over("parks", rows_of(30))
    run(city)
    city.hands_over("parks", [("P-0007", "", "2026-03-15")])
    assert run(city)["rows_clean"] == 29
    strike(city, STRUCK)

    assert run(city)["rows_clean"] == 30
    assert city.query("select name from parks where no = 'P-0007'") == [("公园7",)]


def test_the_order_of_the_file_stays(doubled: City) -> None:
    strike(doubled, STRUCK, {})
    run(doubled)

    rows = rows_in(doubled.root / "restricted/standardised/parks.parquet", "_row")
    assert [row for (row,) in rows] == list(range(3, 33))


def test_a_new_file_is_asked_about_again(doubled: City) -> None:
    strike(doubled, {}, STRUCK)
    doubled.hands_over("parks", [*rows_of(31), TWICE])
    outcome = run(doubled)

    assert (outcome["rows_quarantined"], outcome["rows_struck"]) == (2, 0)


# --- A sheet that is refused ---------------------------------------------------------------


def test_a_refused_sheet_leaves_an_entry_with_kinds_and_no_word_of_it(doubled: City) -> None:
    wrong = {"回复": "已改正", "改正后的值": f"={CANARY}", "说明": "我的说明"}
    sheet = filled(export(doubled), wrong, {"回复": "随便"})
    resubmit(doubled, sheet)

    (event,) = doubled.events("answer_refused")
    assert event["counts"] == {"lines": 2, "cells": 2, "unreadable": 1, "reply": 1}
    assert event["dataset_id"] == "parks"
    (artefact,) = event["inputs"]
    assert artefact["sha256"] == sha256(sheet.read_bytes()).hexdigest()
    told = json.dumps(event, ensure_ascii=False)
    assert not any(word in told for word in (CANARY, "我的说明", "随便"))
    assert doubled.events("answered") == []


def test_a_sheet_of_another_home_is_entered_as_nobodys(doubled: City) -> None:
    book = openpyxl.load_workbook(export(doubled))
    book[SHEET].cell(2, column(book, "核对码")).value = "QD0.parks.0.0123456789"
    path = doubled.root / "other.xlsx"
    book.save(path)
    resubmit(doubled, path)

    (event,) = doubled.events("answer_refused")
    assert ("dataset_id" in event, event["counts"]["foreign"]) == (False, 1)
