"""``opendata freshness audit``: any list, no home, the whole answer."""

import csv
import gzip
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from pipelines.auditing import audit_lists
from pipelines.cli import main

PORTALS = Path(__file__).parents[2].parent / "shared" / "data" / "cn_portal_catalogues"
real = pytest.mark.skipif(not PORTALS.is_dir(), reason=f"the portals' lists are not at {PORTALS}")

RECORDS = [
    {"标题": "公园", "更新频率": "每月", "更新日期": "2023-06-10", "来源部门": "市园林局"},
    {"标题": "广场", "更新频率": "每月", "更新日期": "2022-06-10", "来源部门": "市园林局"},
    {"标题": "车站", "更新频率": "按需", "更新日期": "2023-06-15", "来源部门": "市交通局"},
]
ROWS = [list(RECORDS[0]), *(list(each.values()) for each in RECORDS)]


def ran(*words: object) -> Result:
    return CliRunner().invoke(main, ["freshness", "audit", *map(str, words)])


def told(*words: object) -> dict[str, Any]:
    found = ran(*words, "--json")
    assert found.exit_code == 0, found.output
    (answer,) = json.loads(found.output)
    return dict(answer)


def a_list(folder: Path, records: object = RECORDS) -> Path:
    path = folder / "清单.json"
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return path


def as_csv(path: Path) -> None:
    path.write_bytes("\n".join(map(",".join, ROWS)).encode("gb18030"))


def as_lines(path: Path) -> None:
    path.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")


def as_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(json.dumps(RECORDS).encode()))


def as_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(ROWS):
            sheet.write_row(place, 0, row)
            if place:
                sheet.write_datetime(place, 2, date.fromisoformat(row[2]))


@pytest.mark.parametrize("write", [as_csv, as_lines, as_gzip, as_workbook])
def test_a_list_is_judged_in_any_container_without_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None]
) -> None:
    monkeypatch.delenv("OPENDATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "list")

    found = told("list")

    assert (found["as_of"], found["as_of_from"]) == ("2023-06-15", "updated")
    assert found["columns"]["updated"] == {"number": 3, "heading": "更新日期"}
    assert found["unknown_frequencies"] == {"按需": 1}
    assert found["whole"] == {
        "name": "list",
        "datasets": 3,
        "datable": 3,
        "judged": 2,
        "on_time": 1,
        "in_grace": 0,
        "overdue": 1,
        "overdue_share": 0.5,
        "median_days_overdue": 314,  # due on 31 July 2022, with five days' grace
        "realtime_behind": 0,
        "unjudged": {"unknown_frequency": 1},
    }
    assert [each.name for each in tmp_path.iterdir()] == ["list"]


def test_the_text_says_day_columns_reasons_and_rule(tmp_path: Path) -> None:
    told = ran(a_list(tmp_path)).output

    assert "判定日2023年6月15日（清单中最新的更新日期）" in told
    assert "数据时间取自第3列“更新日期”；更新频率取自第2列“更新频率”" in told
    assert "可判定2个，逾期1个，逾期率50%，逾期天数中位数314天" in told
    assert "不能判定1个：更新频率写法不识别1。" in told
    assert "不识别的更新频率写法：“按需”1。" in told
    assert re.search(r"市园林局 +2 +2 +2 +1 +0 +1 +50% +314 +—\n市交通局", told)
    assert "按自然日计" in told
    assert "宽限为本市规则（此处取默认值：每日1日、" in told


def test_the_day_can_be_pinned_and_dates_after_it_are_told(tmp_path: Path) -> None:
    found = told(a_list(tmp_path), "--as-of", "2023-06-01")

    assert (found["as_of"], found["as_of_from"]) == ("2023-06-01", "given")
    assert (found["dates_after_as_of"], found["whole"]["unjudged"]["later"]) == (2, 1)


def test_a_date_that_has_not_come_is_not_taken_for_the_list_s_day(tmp_path: Path) -> None:
    typo = {"标题": "错", "更新频率": "每年", "更新日期": "2999-01-01", "来源部门": "市园林局"}

    found = told(a_list(tmp_path, [*RECORDS, typo]))

    assert (found["as_of"], found["dates_after_as_of"]) == ("2023-06-15", 1)


def test_a_list_without_dates_is_judged_today_and_says_so(tmp_path: Path) -> None:
    found = ran(a_list(tmp_path, [{"标题": "公园", "更新频率": "每月"}]))

    assert "（清单中没有可用的日期，取今日）" in found.output
    assert "数据时间未找到对应的列" in found.output
    assert "不能判定1个：无更新日期1。" in found.output


def test_a_date_of_publication_is_no_update_unless_somebody_says_so(tmp_path: Path) -> None:
    path = a_list(
        tmp_path,
        [{"标题": "公园", "更新频率": "每月", "更新时间": None, "发布时间": "2022-01-01"}],
    )

    found = told(path)
    assert found["whole"]["unjudged"] == {"only_released": 1}
    assert (found["as_of"], found["as_of_from"]) == ("2022-01-01", "released")
    for column in ("发布时间", "4"):
        found = told(path, "--updated", column, "--as-of", "2023-01-01")
        assert found["columns"]["updated"] == {"number": 4, "heading": "发布时间"}
        assert found["whole"]["overdue"] == 1


def test_a_column_under_an_unknown_heading_can_be_named_by_number_and_is_not_shown(
    tmp_path: Path,
) -> None:
    path = a_list(tmp_path, [{"标题": "公园", "更新频率": "每月", "张建国": "2023-06-01"}])

    found = ran(path, "--updated", "3")

    assert "数据时间取自第3列；" in found.output
    assert "张建国" not in found.output


@pytest.mark.parametrize("column", ["维护日", "0", "5", "-1", "²"])
def test_a_column_that_is_not_there_is_refused(tmp_path: Path, column: str) -> None:
    refused = ran(a_list(tmp_path), f"--updated={column}")

    assert refused.exit_code == 2
    assert "is neither the heading nor the number of one of its columns" in refused.output


def test_repeats_and_records_without_a_title_are_counted_once(tmp_path: Path) -> None:
    untitled = {**RECORDS[0], "标题": ""}
    found = told(a_list(tmp_path, [*RECORDS, RECORDS[0], untitled]))

    counted = (found["records"], found["repeats"], found["untitled"], found["whole"]["datasets"])
    assert counted == (5, 1, 1, 3)


@pytest.mark.parametrize(
    "personal",
    ["张建国", "13800138000", "市园林局 联系人：李秀英", "a.b@example.cn", "110105 19491231 002X"],
)
@pytest.mark.parametrize("column", ["来源部门", "更新频率", "更新日期", "标题", "联系人"])
def test_nobody_of_a_list_is_shown(tmp_path: Path, column: str, personal: str) -> None:
    path = a_list(tmp_path, [{**RECORDS[0], column: personal}, {**RECORDS[1], "联系人": ""}])
    page, table = tmp_path / "page.html", tmp_path / "table.csv"

    outputs = [ran(path, "--html", page, "--csv", table).output, ran(path, "--json").output]
    outputs += [page.read_text("utf-8"), table.read_text("utf-8")]

    assert not [each for each in outputs if personal in each or personal[-4:] in each]
    assert all("市园林局" in each for each in outputs)


def test_offices_that_look_like_names_are_shown(tmp_path: Path) -> None:
    path = a_list(tmp_path, [{**RECORDS[0], "来源部门": each} for each in ("陆川县", "安监局")])

    assert [each["name"] for each in told(path)["providers"]] == ["安监局", "陆川县"]


def test_the_table_has_every_tally_and_no_formula(tmp_path: Path) -> None:
    records = [{**RECORDS[1], "来源部门": "=HYPERLINK(1)"}, *RECORDS]
    target = tmp_path / "out.csv"
    ran(a_list(tmp_path, records), "--csv", target)

    with target.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert [(each["范围"], each["名称"]) for each in rows] == [
        ("合计", "清单.json"),
        ("更新频率", "每月"),
        ("更新频率", "更新频率写法不识别"),
        ("提供单位", "'=HYPERLINK(1)"),
        ("提供单位", "市园林局"),
        ("提供单位", "市交通局"),
    ]
    assert (rows[0]["记录"], rows[0]["逾期"], rows[0]["判定日"]) == ("4", "2", "2023-06-15")
    assert rows[2]["不能判定：更新频率写法不识别"] == "1"


def test_several_lists_are_told_each_and_together(tmp_path: Path) -> None:
    one = a_list(tmp_path)
    two = one.with_name("二.json")
    two.write_bytes(one.read_bytes().replace(b"2023-06-15", b"2023-06-16"))

    told = ran(one, two, "--html", tmp_path / "page.html").output

    assert told.startswith("可判定4个，逾期2个，逾期率50%")
    assert re.search(r"\n合计 +6 +6 +4 +2 +0 +2 +50%", told)
    assert "清单.json　判定日2023年6月15日" in told
    assert "二.json　判定日2023年6月16日" in told
    assert "2份目录清单" in (tmp_path / "page.html").read_text("utf-8")


def test_neither_the_list_nor_the_page_is_written_over(tmp_path: Path) -> None:
    path = a_list(tmp_path)
    before = path.read_bytes()

    refused = [ran(path, option, path) for option in ("--csv", "--html")]
    refused.append(ran(path, "--csv", tmp_path / "a", "--html", tmp_path / "a"))
    nowhere = ran(path, "--csv", tmp_path / "no" / "a.csv")

    assert [each.exit_code for each in (*refused, nowhere)] == [2, 2, 2, 2]
    assert not (tmp_path / "a").exists()
    assert "it is one of the lists" in refused[0].output
    assert "there is no such folder" in nowhere.output
    assert path.read_bytes() == before


# --- The lists of real portals -------------------------------------------------------------


@real
def test_the_lists_of_the_24_portals_add_up_to_what_is_written_down() -> None:
    audits = audit_lists(
        sorted(PORTALS.glob("*.json.gz")), as_of=None, updated=None, csv=None, html=None
    ).audits

    def total(of: Callable[[Any], int]) -> int:
        return sum(map(of, audits))

    assert len(audits) == 24
    assert total(lambda each: each.contents.records) == 34_657
    assert total(lambda each: each.contents.repeats) == 2_956
    assert total(lambda each: each.whole.datasets) == 31_701
    assert total(lambda each: each.whole.judged) == 17_753
    assert total(lambda each: each.whole.overdue) == 4_225
    assert total(lambda each: each.unknown_dates) == 0
    assert all("updated" in each.contents.columns for each in audits)
    assert all(each.whole.datasets == sum(c.datasets for c in each.classes) for each in audits)


@real
def test_counted_as_the_wider_study_counts_the_lists_show_what_it_found() -> None:
    """Age of the last update over one period, 实时 as daily: 39 % over 52 portals, 45 % here."""
    longest = {"实时": 1, "每小时": 1, "每日": 1, "每周": 7, "每半月": 15, "每月": 31}
    longest |= {"每季度": 92, "每半年": 183, "每年": 366}
    audits = audit_lists(
        sorted(PORTALS.glob("*.json.gz")), as_of=None, updated=None, csv=None, html=None
    ).audits
    ages = [
        (longest[dataset.frequency.frequency.value], (audit.as_of - dataset.updated.day).days)
        for audit in audits
        for dataset in audit.contents.listed
        if dataset.frequency.frequency
        and dataset.frequency.frequency.value in longest
        and dataset.updated.day
    ]

    assert len(ages) == 23_040
    assert sum(age > period for period, age in ages) == 10_470


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_no_calendar_is_about_is_refused(tmp_path: Path, day: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("名称,更新频率,更新日期\n甲,每月,2023-01-01\n", encoding="utf-8")

    done = CliRunner().invoke(main, ["freshness", "audit", str(path), "--as-of", day])

    assert done.exit_code == 2
    assert "is not between 1949 and 2199" in done.stderr
