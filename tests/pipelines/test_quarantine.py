"""问题数据 go back to the clerk as a sheet, and come in again through the same rules."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

from tests.journeys.homes import City, Kept, csv_text, rows_of

SHEET = "问题数据整改单"
CANARY = "张大彪13812345678"
NAMELESS = (("P-0097", "", "2026-03-15"), ("P-0098", "", "2026-03-15"))
APPROVED = (
    *("--rule", "name_not_null", "--by", "王某", "--role", "数据管理科科长"),
    *("--until", "2099-12-31", "--reason", "经现场核实确无名称"),
)
BAD = ("P-0099", "公园99", CANARY)


def rows_in(path: Path, columns: str) -> list[Any]:
    with duckdb.connect() as con:
        return con.execute(f"select {columns} from read_parquet(?)", [str(path)]).fetchall()


def column(book: Any, heading: str) -> int:
    found: int = next(each.column for each in book[SHEET][4] if each.value.startswith(heading))
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    """What a sheet asks, by heading."""
    page = openpyxl.load_workbook(path)[SHEET]
    heads = [cell.value for cell in page[4]]
    return [
        dict(zip(heads, row, strict=True)) for row in page.iter_rows(min_row=5, values_only=True)
    ]


def filled(path: Path, *answers: Mapping[str, Any], to: Path | None = None) -> Path:
    """The sheet with these answers in its first lines, by heading."""
    book = openpyxl.load_workbook(path)
    for row, answer in enumerate(answers, start=5):
        for heading, value in answer.items():
            book[SHEET].cell(row, column(book, heading)).value = value
    target = to or path.with_name(f"{path.stem}-filled.xlsx")
    book.save(target)
    return target


def corrected(value: object) -> dict[str, object]:
    return {"回复": "已改正", "改正后的值": value}


def export(city: City, name: str = "sheet.xlsx", dataset: str = "parks") -> Path:
    path = city.root / name
    done = city.opendata("quarantine", "export", dataset, "--to", str(path))
    assert done.code == 0, done.err
    return path


def resubmit(city: City, path: Path) -> Any:
    done = city.opendata("quarantine", "resubmit", str(path), "--json")
    return done.json | {"code": done.code}


def listed(city: City) -> Any:
    found = city.opendata("quarantine", "list", "--json").json
    return found[0] if found else None


def run(city: City) -> dict[str, Any]:
    outcome: dict[str, Any] = city.run().outcomes["parks"]
    return outcome


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    city = City.found(tmp_path_factory.mktemp("troubled") / "home")
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), BAD])
    run(city)
    return Kept.of(city)


@pytest.fixture
def troubled(kept: Kept) -> City:
    """Thirty parks, and one whose date is no date, in record 32 of the file."""
    return kept.again()


@pytest.fixture
def asking(city: City) -> City:
    """Thirty parks and two without a name, whose clerk says that they have none."""
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), *NAMELESS])
    run(city)
    reply = {"回复": "确认无误申请例外", "说明": "未命名"}
    assert resubmit(city, filled(export(city), reply, reply))["taken"] == {"exception": 2}
    return city


# --- What is told --------------------------------------------------------------------------


def test_a_city_without_bad_rows_lists_none(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    run(city)

    assert city.opendata("quarantine", "list").out.strip() == "没有问题数据。"


def test_what_is_set_aside_is_listed_by_state_and_reason_without_a_value(troubled: City) -> None:
    found = listed(troubled)

    assert (found["dataset"], found["states"]) == ("parks", {"pending": 1})
    assert {each["rule"]: each["rows"] for each in found["reasons"]} == {"updated_on_type": 1}
    assert date.fromisoformat(found["since"][:10])
    text = troubled.opendata("quarantine", "list").out
    assert "待处理 1 条" in text
    assert "“更新日期”应为日期" in text
    assert CANARY not in text


def test_the_quarantine_keeps_the_row_its_place_and_every_reason(troubled: City) -> None:
    path = troubled.root / "restricted/quarantine/parks.parquet"
    kept = rows_in(path, "no, _record, _reasons, _state")

    assert kept == [("P-0099", 32, ["updated_on_type"], "pending")]


# --- The sheet that goes out ---------------------------------------------------------------


def test_the_sheet_names_file_row_column_and_rule_as_the_clerk_knows_them(troubled: City) -> None:
    (line,) = lines(export(troubled))

    assert (line["原文件"], line["原行号"], line["列名"]) == ("parks.csv", "32", "更新日期")
    assert line["不符合的规则"] == "“更新日期”应为日期"
    assert "2026-01-31" in line["怎样改正"]
    assert line["现值（已遮盖）"] == "XXX99999999999"


def test_no_raw_value_leaves_the_restricted_zone(troubled: City) -> None:
    path = export(troubled)
    troubled.opendata("quarantine", "export", "parks")

    unpacked = "".join(str(row) for row in openpyxl.load_workbook(path)[SHEET].values)
    assert "13812345678" not in unpacked
    holders = {
        each.relative_to(troubled.root).parts[0]
        for each in troubled.root.rglob("*")
        if each.is_file() and CANARY.encode() in each.read_bytes()
    }
    assert holders == {"inbox", "restricted"}


def test_a_row_below_title_rows_keeps_its_own_number(city: City) -> None:
    city.lists("parks", source={"files": "parks*.csv", "header_row": 2})
    rows = [("编号", "名称", "更新日期"), *rows_of(30), BAD]
    city.hands_over("parks", csv_text(rows, headings=("市公园名录", "", "")))
    run(city)

    (line,) = lines(export(city))
    assert line["原行号"] == "33"


def test_a_row_of_a_workbook_is_numbered_as_excel_does(city: City) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "名录"
    for row in [("编号", "名称", "更新日期"), *rows_of(30), BAD]:
        page.append(row)
    city.lists("parks", source={"files": "parks*.xlsx", "sheet": "名录"})
    target = city.put("inbox/market/parks.xlsx", b"")
    book.save(target)
    run(city)

    (line,) = lines(export(city))
    assert (line["工作表"], line["原行号"]) == ("名录", "32")


def test_a_row_of_an_added_delivery_is_found_in_its_own_file(city: City) -> None:
    city.lists("parks", load="追加")
    city.hands_over("parks", rows_of(30))
    run(city)
    (city.root / "inbox/market/parks.csv").unlink()
    city.put("inbox/market/parks-2.csv", csv_text([*rows_of(1, start=40), BAD]))
    run(city)

    (line,) = lines(export(city))
    assert (line["原文件"], line["原行号"]) == ("parks-2.csv", "3")


def test_each_column_of_a_shared_key_is_a_line_with_how_to_mend_it(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), ("P-0001", "公园31", "2026-03-15")])
    run(city)

    asked = lines(export(city))
    assert [(each["原行号"], each["列名"]) for each in asked] == [("2", "编号"), ("32", "编号")]
    assert "是否重复登记" in asked[0]["怎样改正"]


def test_the_sheet_prints_on_a4_and_offers_its_replies(troubled: City) -> None:
    page = openpyxl.load_workbook(export(troubled))[SHEET]

    assert (page.page_setup.orientation, str(page.page_setup.paperSize)) == ("landscape", "9")
    assert (page.freeze_panes, page.print_title_rows) == ("A5", "$4:$4")
    (rule,) = page.data_validations.dataValidation
    assert rule.formula1 == '"已改正,作废本行,确认无误申请例外,无法核实"'
    assert str(rule.sqref) == "I5"
    assert page["A5"].protection.locked
    assert not page["I5"].protection.locked


def test_what_looks_like_a_formula_is_text_in_the_sheet(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), ("P-0099", "公园99", '=cmd|" /C calc"!A0')])
    run(city)

    cells = [
        cell for row in openpyxl.load_workbook(export(city))[SHEET].iter_rows() for cell in row
    ]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert any(str(cell.value).startswith("=AAA") for cell in cells)


def test_a_sheet_is_not_written_over_a_file(troubled: City) -> None:
    path = export(troubled)

    done = troubled.opendata("quarantine", "export", "parks", "--to", str(path))
    assert done.code == 2


def test_rows_made_by_sql_are_in_no_file_and_no_sheet_is_made(city: City) -> None:
    city.lists("parks")
    city.lists("few", model="select no, null as name, updated_on, _row from {{ ref('parks') }}")
    city.hands_over("parks", rows_of(3))
    city.run()

    assert (listed(city)["dataset"], listed(city)["since"]) == ("few", None)
    done = city.opendata("quarantine", "export", "few")
    assert done.code == 2
    assert "SQL" in done.err


# --- The sheet that comes back -------------------------------------------------------------


def test_a_right_value_is_released_and_the_row_is_republished(troubled: City) -> None:
    sheet = filled(export(troubled), corrected("2026-03-16"))

    assert resubmit(troubled, sheet)["taken"] == {"corrected": 1}
    assert listed(troubled)["states"] == {"pending": 1}
    outcome = run(troubled)

    assert (outcome["rows_landed"], outcome["rows_clean"], outcome["rows_released"]) == (31, 31, 31)
    assert listed(troubled)["states"] == {"republished": 1}
    query = "select updated_on::varchar from parks where no = 'P-0099'"
    assert troubled.query(query) == [("2026-03-16",)]
    assert "已重新开放 1 条" in troubled.opendata("quarantine", "list").out


def test_a_repaired_row_of_a_dataset_that_is_refused_is_repaired_and_no_more(city: City) -> None:
    city.lists("parks", openness="不予开放")
    city.hands_over("parks", [*rows_of(30), BAD])
    run(city)
    resubmit(city, filled(export(city), corrected("2026-03-16")))
    assert run(city)["rows_clean"] == 31

    assert listed(city)["states"] == {"repaired": 1}


def test_a_wrong_value_leaves_the_row_waiting_with_its_new_reason(troubled: City) -> None:
    resubmit(troubled, filled(export(troubled), corrected("（空）")))
    outcome = run(troubled)

    assert (outcome["rows_clean"], outcome["rows_quarantined"]) == (30, 1)
    found = listed(troubled)
    assert found["states"] == {"pending": 1}
    assert [each["rule"] for each in found["reasons"]] == ["updated_on_not_null"]


def test_a_value_that_failed_is_mended_on_the_same_sheet(troubled: City) -> None:
    sheet = export(troubled)
    resubmit(troubled, filled(sheet, corrected("明天")))
    run(troubled)

    assert resubmit(troubled, filled(sheet, corrected("2026-03-16")))["taken"] == {"corrected": 1}
    assert run(troubled)["rows_clean"] == 31


def test_a_day_typed_as_a_day_is_read_as_one(troubled: City) -> None:
    resubmit(troubled, filled(export(troubled), corrected(date(2026, 3, 16))))

    assert run(troubled)["rows_clean"] == 31


def test_the_same_sheet_again_changes_nothing(troubled: City) -> None:
    sheet = filled(export(troubled), corrected("2026-03-16"))
    resubmit(troubled, sheet)
    run(troubled)

    again = resubmit(troubled, sheet)

    assert (again["taken"], again["repeated"]) == ({}, 1)
    assert len(troubled.events("answered")) == 1
    assert not run(troubled)["changed"]


def test_a_corrected_row_of_an_added_delivery_is_released(city: City) -> None:
    city.lists("parks", load="追加")
    city.hands_over("parks", rows_of(30))
    run(city)
    city.hands_over("parks", [*rows_of(1, start=40), BAD])
    run(city)
    resubmit(city, filled(export(city), corrected("2026-03-16")))

    assert run(city)["rows_released"] == 32
    assert listed(city)["states"] == {"republished": 1}


def test_a_corrected_key_takes_its_place_among_deliveries_that_replace(city: City) -> None:
    city.lists("parks", load="按主键更新")
    city.hands_over("parks", rows_of(30))
    run(city)
    city.hands_over("parks", [("", "改名", "2026-03-15")])
    run(city)
    resubmit(city, filled(export(city), corrected("P-0007")))

    assert run(city)["rows_released"] == 30
    assert city.query("select name from parks where no = 'P-0007'") == [("改名",)]


def test_a_new_file_stands_for_itself(troubled: City) -> None:
    resubmit(troubled, filled(export(troubled), corrected("2026-03-16")))
    troubled.hands_over("parks", [BAD, *rows_of(31)])

    assert run(troubled)["rows_quarantined"] == 1


def test_corrections_keep_the_order_of_the_file(troubled: City) -> None:
    resubmit(troubled, filled(export(troubled), corrected("2026-03-16")))
    run(troubled)

    rows = rows_in(troubled.root / "restricted/standardised/parks.parquet", "_row")
    assert [row for (row,) in rows] == list(range(2, 33))


def test_an_exception_is_listed_for_a_steward_and_lets_nothing_pass(asking: City) -> None:
    assert run(asking)["rows_quarantined"] == 2
    first, second = listed(asking)["exceptions_asked"]
    assert (first["file"], first["record"], first["rule"]) == ("parks.csv", 32, "name_not_null")
    assert (second["record"], second["granted"]) == (33, False)
    assert "parks.csv 第 32 行" in asking.opendata("quarantine", "list").out


def test_an_approved_exception_releases_the_row_which_still_breaks_its_rule(asking: City) -> None:
    done = asking.opendata("quarantine", "waive", "parks", "--row", "32", *APPROVED)
    assert done.code == 0, done.err
    outcome = run(asking)

    assert (outcome["rows_clean"], outcome["rows_quarantined"]) == (31, 1)
    assert listed(asking)["states"] == {"pending": 1, "waived": 1}
    assert [each["granted"] for each in listed(asking)["exceptions_asked"]] == [True, False]
    (event,) = asking.events("excepted")
    assert (event["counts"], event["detail"]["gate"]) == ({"rows": 1}, "name_not_null")
    assert [each["原行号"] for each in lines(export(asking, "again.xlsx"))] == ["33"]


def test_an_approved_exception_ends_with_its_term(asking: City) -> None:
    asking.opendata("quarantine", "waive", "parks", *APPROVED)
    assert asking.run(as_of="2099-12-31").outcomes["parks"]["rows_clean"] == 32

    assert asking.run(as_of="2100-01-01").outcomes["parks"]["rows_clean"] == 30


def test_an_approved_exception_is_for_the_row_as_it_was_received(asking: City) -> None:
    asking.opendata("quarantine", "waive", "parks", *APPROVED)
    asking.hands_over("parks", [*rows_of(31), *NAMELESS])

    assert run(asking)["rows_quarantined"] == 2


def test_what_no_clerk_asked_for_is_not_waived(asking: City) -> None:
    done = asking.opendata("quarantine", "waive", "parks", "--row", "7", *APPROVED)

    assert done.code == 2
    assert "32, 33" in done.err
    assert asking.events("excepted") == []


def test_what_nobody_filled_in_says_nothing(troubled: City) -> None:
    found = resubmit(troubled, export(troubled))

    assert (found["code"], found["blank"], found["taken"]) == (0, 1, {})
    assert troubled.events("answered") == []


def test_everything_is_entered_in_the_record_without_a_value(troubled: City) -> None:
    resubmit(troubled, filled(export(troubled), corrected("2026-03-16")))
    run(troubled)

    (sent,) = troubled.events("sent_back")
    (answered,) = troubled.events("answered")
    assert sent["counts"] == {"rows": 1, "cells": 1, "waiting": 1}
    assert answered["counts"] == {"corrected": 1}
    last = troubled.events("standardised")[-1]
    assert last["counts"]["corrected"] == 1
    assert [each["rows"] for each in last["inputs"] if each["id"] == "corrections"] == [1]
    told = json.dumps(troubled.events(), ensure_ascii=False)
    assert "2026-03-16" not in told
    assert CANARY not in told


def test_answers_lie_where_only_the_owner_may_read(troubled: City) -> None:
    resubmit(troubled, filled(export(troubled), corrected("2026-03-16")))

    folder = troubled.root / "restricted/corrections/parks"
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(folder.glob("*.json"))) == 1


# --- What is refused, with the cell named --------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "cell", "said"),
    [
        ({"回复": "已改正"}, "J5", "请填写改正后的值"),
        ({"改正后的值": "2026-03-16"}, "I5", "请从下拉列表中选择"),
        ({"回复": "随便"}, "I5", "请从下拉列表中选择"),
        ({"回复": "无法核实"}, "K5", "请在此写明原因"),
        ({"回复": "确认无误申请例外", "改正后的值": "1", "说明": "x"}, "J5", "不应填写"),
        ({"回复": "确认无误申请例外", "说明": "历史档案"}, "I5", "不得例外处理"),
        (corrected("=1+1"), "J5", "公式"),
        (corrected("@SUM(A1)"), "J5", "公式"),
        (corrected(CANARY), "J5", "与原值相同"),
        (corrected("x" * 2001), "J5", "超过"),
        ({**corrected("2026-03-16"), "原行号": "31"}, "D5", "原为“32”"),
        ({**corrected("2026-03-16"), "核对码": "abc"}, "L5", "核对码"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_taken(
    troubled: City, answer: Mapping[str, Any], cell: str, said: str
) -> None:
    found = resubmit(troubled, filled(export(troubled), answer))

    assert found["code"] == 3
    ((named, note),) = [(each["cell"], each["note"]) for each in found["remarks"]]
    assert (named, said in note) == (cell, True)
    marked = openpyxl.load_workbook(found["marked"])[SHEET]
    assert said in marked[cell].comment.text
    assert not list((troubled.root / "restricted").glob("corrections/*/*.json"))
    assert CANARY not in json.dumps(found["remarks"], ensure_ascii=False)


def test_a_marked_copy_that_was_mended_is_taken(troubled: City) -> None:
    marked = Path(resubmit(troubled, filled(export(troubled), {"回复": "已改正"}))["marked"])

    assert resubmit(troubled, filled(marked, corrected("2026-03-16")))["taken"] == {"corrected": 1}


def test_a_sheet_of_another_version_is_refused_at_its_code(troubled: City) -> None:
    book = openpyxl.load_workbook(export(troubled))
    code = book[SHEET]["L2"]
    code.value = code.value.replace("QD1", "QD0")
    path = troubled.root / "other.xlsx"
    book.save(path)

    found = resubmit(troubled, path)
    assert (found["code"], [each["cell"] for each in found["remarks"]]) == (3, ["L2"])


def test_an_older_sheet_does_not_undo_what_a_newer_one_said(troubled: City) -> None:
    old = export(troubled, "old.xlsx")
    resubmit(troubled, filled(old, corrected("明天")))
    run(troubled)
    resubmit(troubled, filled(export(troubled, "new.xlsx"), corrected("2026-03-16")))

    found = resubmit(troubled, filled(old, corrected("2026-03-17")))
    assert (found["code"], [each["cell"] for each in found["remarks"]]) == (3, ["I5"])


def test_a_sheet_about_a_file_that_was_replaced_is_refused(troubled: City) -> None:
    sheet = filled(export(troubled), corrected("2026-03-16"))
    troubled.hands_over("parks", [*rows_of(31), BAD])
    run(troubled)

    found = resubmit(troubled, sheet)
    assert [each["cell"] for each in found["remarks"]] == ["B5"]
    assert "取代" in found["remarks"][0]["note"]


def test_a_line_that_is_there_twice_is_refused(troubled: City) -> None:
    path = filled(export(troubled), corrected("2026-03-16"))
    book = openpyxl.load_workbook(path)
    for cell in list(book[SHEET][5]):
        book[SHEET].cell(6, cell.column).value = cell.value
    book.save(path)

    found = resubmit(troubled, path)
    assert [each["cell"] for each in found["remarks"]] == ["L6"]


def test_what_is_no_such_sheet_is_told_in_one_sentence(troubled: City, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    (tmp_path / "text.xlsx").write_text("no workbook")

    for name in ("other.xlsx", "text.xlsx"):
        assert troubled.opendata("quarantine", "resubmit", str(tmp_path / name)).code == 2


# --- What else must hold -------------------------------------------------------------------


def test_records_keep_their_numbers_when_the_bytes_have_to_go(tmp_path: Path) -> None:
    city = City.found(
        tmp_path / "home", regimes=["xian-open-2022", "xian-share-2018"], received_term_days=0
    )
    source = {"files": "parks*.csv", "ignored_headings": ["备注"]}
    city.lists("parks", source=source)
    rows = [(*row, "x") for row in (*rows_of(30), BAD)]
    city.hands_over("parks", csv_text(rows, headings=("编号", "名称", "更新日期", "备注")))
    run(city)
    sheet = filled(export(city), corrected("2026-03-16"))
    entry = city.root / "catalog/market/parks.yaml"
    told = yaml.safe_load(entry.read_text())
    entry.write_text(yaml.safe_dump(told | {"summary": "改了摘要。"}, allow_unicode=True))
    assert run(city)["rows_quarantined"] == 1

    assert lines(export(city, "again.xlsx"))[0]["原行号"] == "32"
    resubmit(city, sheet)
    assert run(city)["rows_clean"] == 31
