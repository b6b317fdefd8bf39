"""Drafts of real files are read back by the catalog; what they must never say is tried."""

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner

from opendata.identifiers import citizen_id_check, is_uscc, uscc_check
from pipelines.cli import main
from tests.journeys.homes import City, Ran
from tests.resources.sites import Site

DECIDED = {
    "summary": "测试用数据集。",
    "theme": "城市管理",
    "openness": "无条件开放",
    "channels": ["数据下载"],
    "update_frequency": "每月",
    "security_level": "一级",
    "contact_role": "数据管理员",
    "listed_on": "2026-01-05",
}
Row = Sequence[str]


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City.found(tmp_path / "home")


class Drafting:
    """A home, and the drafts made in it from the rows of one file."""

    def __init__(self, city: City) -> None:
        self.city = city

    def file(self, content: bytes, name: str = "park_list.csv") -> Path:
        path = self.city.root.parent / name
        path.write_bytes(content)
        return path

    def run(self, source: Path | str, *words: str) -> Ran:
        given = ["draft", str(source), "--body", "market", "--home", str(self.city.root), *words]
        done = CliRunner().invoke(main, given, catch_exceptions=False)
        return Ran(done.exit_code, done.stdout, done.stderr)

    def of(self, content: bytes, name: str = "park_list.csv") -> "Made":
        told = self.run(self.file(content, name), "--json").json
        return Made(told, Path(told["draft"]).read_text(encoding="utf-8"))


class Made:
    """One draft: what the command told, and the YAML."""

    def __init__(self, told: dict[str, Any], text: str) -> None:
        self.told = told
        self.text = text
        self.entry: dict[str, Any] = yaml.safe_load(text)
        self.source = self.entry["source"]
        self.fields = self.entry["fields"]

    def says(self, *keys: str) -> str:
        return "；".join(
            each["evidence"] for each in self.told["proposals"] if each["keys"] == list(keys)
        )

    @property
    def loud(self) -> str:
        return "\n".join(self.told["look_first"])


@pytest.fixture
def drafting(city: City) -> Drafting:
    return Drafting(city)


def text(rows: Iterable[Row], encoding: str = "utf-8", **how: Any) -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held, **how).writerows(rows)
    return held.getvalue().encode(encoding)


def ids(count: int, *, good: float = 1.0, seed: int = 7) -> list[str]:
    """Characters shaped like citizen IDs of nobody's division, this share with a right check."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        day = date(1950, 1, 1) + timedelta(days=chance.randrange(18000))
        body = f"110199{day:%Y%m%d}{chance.randrange(1000):03d}"
        right = citizen_id_check(body)
        wrong = next(each for each in "0123456789" if each != right)
        made.append(body + (right if number < good * count else wrong))
    return made


def codes(count: int) -> list[str]:
    made = (f"91110100MA{number:07d}" for number in range(count))
    return [each + uscc_check(each) for each in made]


NAMES = [f"示例{word}{number}有限公司" for number in range(25) for word in "甲乙丙丁"]


def register(count: int = 100) -> list[Row]:
    return [
        ["编号", "企业名称", "统一社会信用代码", "登记日期", "注册资本", "状态"],
        *(
            [f"{n:06d}", NAMES[n % 100], code, f"2026/{n % 3 + 1}/{n % 27 + 1}", f"{n}.50", "存续"]
            for n, code in enumerate(codes(count))
        ),
    ]


# --- Where the table lies ------------------------------------------------------------------


def test_a_heading_like_f3_takes_no_other_column_s_name(drafting: Drafting) -> None:
    rows = [[f"{10 + number}.5", f"甲{number}", f"乙{number}"] for number in range(30)]

    made = drafting.of(text([["f3", "天地玄黄名称", "宇宙洪荒名称"], *rows]))

    assert [each["title"] for each in made.fields.values()] == [
        "f3",
        "天地玄黄名称",
        "宇宙洪荒名称",
    ]
    assert list(made.fields) == ["f3", "f2", "f3_"]


def test_a_title_and_a_unit_line_above_the_headings_are_seen(drafting: Drafting) -> None:
    rows = [["企业登记情况表"], ["", "", "", "", "单位：万元"], *register()]

    made = drafting.of(text([[*row, *[""] * (6 - len(row))] for row in rows], "gb18030"))

    assert made.source["header_row"] == 3
    assert "gb18030" in made.says("source", "files")
    assert list(made.fields) == ["number", "name", "uscc", "registered_on", "capital", "status"]
    assert made.told["rows"] == 100


def test_headings_over_two_records_are_joined_as_the_landing_joins_them(
    drafting: Drafting,
) -> None:
    heads = [["编号", "企业名称", "地址", "", "登记日期"], ["", "", "所属区县", "街道", ""]]
    rows = [[f"{n:06d}", NAMES[n % 100], f"{n % 3}区", f"{n}街", "2026-01-05"] for n in range(60)]

    made = drafting.of(text([*heads, *rows]))

    assert (made.source["header_row"], made.source["header_rows"]) == (1, 2)
    assert [each["title"] for each in made.fields.values()][2:4] == ["地址/所属区县", "地址/街道"]
    assert made.told["rows"] == 60


def test_notes_below_the_rows_and_blank_records_are_no_data(drafting: Drafting) -> None:
    rows = register()
    rows.insert(50, [""] * 6)
    notes = [["合计", "", "", "", "4950", ""], ["说明：数据截至当日", "", "", "", "", ""]]

    made = drafting.of(text([*rows, *notes]))

    assert (made.source["footer_rows"], made.source["blank_rows"]) == (2, True)
    assert (made.told["rows"], made.told["blank_rows"]) == (100, 1)


def test_other_delimiters_and_quotes_are_found(drafting: Drafting) -> None:
    made = drafting.of(text(register(), delimiter="|", quotechar="'", quoting=csv.QUOTE_ALL))

    assert (made.source["delimiter"], made.source["quote"]) == ("|", "'")
    assert made.told["rows"] == 100
    assert made.fields["uscc"]["semantic"] == "统一社会信用代码"


def test_short_records_are_told_and_padded(drafting: Drafting) -> None:
    made = drafting.of(text([*register(), ["000999", "示例某有限公司"], *register()[1:]]))

    assert made.source["padded"] is True
    assert "1 条记录少列" in made.loud


def test_columns_without_a_heading_of_their_own_are_left_out_aloud(drafting: Drafting) -> None:
    heads, *rows = register()
    doubled = [[*heads, "状态", ""], *([*row, "存续", "多余"] for row in rows)]

    made = drafting.of(text(doubled))

    assert made.source["ignored_headings"] == ["状态", ""]
    assert "1 个标题重复" in made.loud
    assert "第 8 列无标题却有内容" in made.loud
    assert made.told["rows"] == 100


def test_several_tables_one_below_another_are_told(drafting: Drafting) -> None:
    made = drafting.of(text([*register(60), *register(60)]))

    assert "1 条与标题相同" in made.loud


def test_spellings_of_nothing_are_listed_with_their_counts(drafting: Drafting) -> None:
    heads, *rows = register()
    rows = [[*row[:3], "/" if n < 7 else row[3], *row[4:]] for n, row in enumerate(rows)]
    rows = [[*row[:5], "无" if n < 30 else "有"] for n, row in enumerate(rows)]

    made = drafting.of(text([heads, *rows]))

    assert made.source["null_spellings"] == ["/"]
    assert "“/” 7" in made.says("source", "null_spellings")
    assert "“无” 30 多见于文字列" in made.says("source", "null_spellings")
    assert "required" not in made.fields["registered_on"]


@pytest.mark.parametrize("packed", ["plain", "gzip", "zip"])
def test_packed_files_are_looked_into(drafting: Drafting, packed: str) -> None:
    content = text(register())
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.csv", content)
    name, given = {
        "plain": ("list_a.csv", content),
        "gzip": ("list_a.csv.gz", gzip.compress(content)),
        "zip": ("list_a.zip", held.getvalue()),
    }[packed]

    made = drafting.of(given, name)

    assert made.told["rows"] == 100
    assert made.source["files"] == name.replace("list_a", "list_a*", 1)


def test_a_workbook_is_read_whatever_it_is_called(drafting: Drafting, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    for name in ("一", "二"):
        sheet = book.add_worksheet(name)
        for at, row in enumerate(register()):
            sheet.write_row(at, 0, row)
    book.close()

    made = drafting.of((tmp_path / "book.xlsx").read_bytes(), "list_a.csv")

    assert made.told["rows"] == 100
    assert "共 2 个工作表" in made.loud


def test_records_inside_a_json_document_are_found(drafting: Drafting) -> None:
    heads, *rows = register()
    records = [dict(zip(heads, row, strict=True)) | {"附件": ["a"]} for row in rows]
    document = json.dumps({"code": 0, "data": {"items": records}}, ensure_ascii=False)

    made = drafting.of(document.encode(), "list_a.json")

    assert made.source["records"] == "data.items"
    assert made.source["ignored_headings"] == ["附件"]
    assert "header_row" not in made.source
    assert made.told["rows"] == 100


def test_columns_of_a_parquet_file_are_headings(drafting: Drafting, tmp_path: Path) -> None:
    heads, *rows = register()
    columns = dict(zip(heads, zip(*rows, strict=True), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")

    made = drafting.of((tmp_path / "a.parquet").read_bytes(), "list_a.parquet")

    assert made.fields["uscc"]["semantic"] == "统一社会信用代码"
    assert made.told["rows"] == 100


def test_a_file_that_is_no_table_is_refused_in_words(drafting: Drafting) -> None:
    refused = drafting.run(drafting.file(b"%PDF-1.7 ..."))

    assert refused.code == 3
    assert "不是表格文本" in refused.err or "PDF" in refused.err


def test_an_address_is_drafted_from_like_a_file(city: City, drafting: Drafting) -> None:
    with Site(lambda asked: asked.says(200, text(register()))) as site:
        host = f"127.0.0.1:{site.server_address[1]}"
        settings = yaml.safe_load((city.root / "opendata.yaml").read_text(encoding="utf-8"))
        settings["pulling"] = {"hosts": [host], "private_hosts": [host]}
        city.put("opendata.yaml", yaml.safe_dump(settings, allow_unicode=True))
        url = f"http://{host}/list_a.csv"

        told = drafting.run(url, "--json")

    made = Made(told.json, Path(told.json["draft"]).read_text(encoding="utf-8"))
    assert made.source == {"pull": {"url": url}, "header_row": 1}
    assert made.told["rows"] == 100


# --- Types, keys, times --------------------------------------------------------------------


def test_codes_stay_text_and_figures_get_types(drafting: Drafting) -> None:
    heads = ["序号", "许可证编号", "金额", "数量", "登记日期", "更新时间"]
    rows = [
        [f"{n}", f"{20230000 + n}", f"{n}.125", f"{n * 7}", f"{44744 + n}", "2026-01-05 10:20:30"]
        for n in range(1, 80)
    ]

    made = drafting.of(text([heads, *rows]))

    types = {name: field.get("type", "text") for name, field in made.fields.items()}
    assert types == {
        "seq_no": "integer",
        "permit_no": "text",
        "amount": "decimal",
        "quantity": "integer",
        "registered_on": "date",
        "updated_at": "datetime",
    }
    assert made.fields["amount"]["scale"] == 3


def test_leading_zeros_keep_a_column_text(drafting: Drafting) -> None:
    made = drafting.of(text([["区域", "名额"], *([f"0{n:04d}", f"{n}"] for n in range(50))]))

    assert "type" not in made.fields["district"]


@pytest.mark.parametrize(
    ("spelled", "formats", "unclear"),
    [
        ("{d}/{m}/2025", ["%d/%m/%Y"], False),
        ("{m}/{d}/2025", ["%m/%d/%Y"], False),
        ("{m}/{m}/2025", ["%d/%m/%Y"], True),
        ("{d:02d}/{m:02d}/2025 10:20:30", ["%d/%m/%Y %H:%M:%S"], False),
    ],
    ids=["day_first", "month_first", "unclear", "with_time"],
)
def test_days_that_do_not_begin_with_the_year_are_declared(
    drafting: Drafting, spelled: str, formats: list[str], *, unclear: bool
) -> None:
    days = [spelled.format(d=n % 27 + 1, m=n % 12 + 1) for n in range(60)]

    made = drafting.of(text([["名称", "发布日期"], *([f"名{n}", d] for n, d in enumerate(days))]))

    assert made.fields["published_at"]["date_formats"] == formats
    assert ("日与月的先后无从判断" in made.loud) is unclear


def test_codes_a_spreadsheet_has_ruined_are_told(drafting: Drafting) -> None:
    rows = [["2.02115E+17" if n % 3 else f"2021-{n:06d}", f"项目{n}"] for n in range(60)]

    made = drafting.of(text([["项目代码", "项目名称"], *rows]))

    assert "40 个值成了科学计数法，已损坏" in made.loud
    assert "type" not in made.fields["project_code"]


def test_the_key_is_what_tells_all_rows_apart(drafting: Drafting) -> None:
    rows = [[f"{n}", f"企业{n % 40}", f"{2020 + n // 40}", "甲"] for n in range(120)]

    made = drafting.of(text([["序号", "企业名称", "年度", "等级"], *rows]))

    assert [name for name, each in made.fields.items() if each.get("key")] == ["name", "year"]


def test_the_data_time_is_the_date_that_says_when_data_were_updated(drafting: Drafting) -> None:
    rows = [
        [f"企业{n}", f"2019-01-{n % 27 + 1:02d}", f"2025-{n % 9 + 1:02d}-01", "2099-12-31"]
        for n in range(60)
    ]

    made = drafting.of(text([["企业名称", "成立日期", "更新时间", "有效期至"], *rows]))

    assert made.entry["data_time"] == {"field": "updated_at"}
    assert "每月" in made.says("update_frequency")
    assert "update_frequency" not in made.entry


# --- Meaning -------------------------------------------------------------------------------


def test_citizen_ids_under_another_heading_are_proposed_as_what_they_are(
    drafting: Drafting,
) -> None:
    rows = [[each, f"经营者{n}"] for n, each in enumerate(ids(60))]

    made = drafting.of(text([["统一社会信用代码", "名称"], *rows]))

    field = made.fields["uscc"]
    assert (field["semantic"], field["role"], field["action"]) == (
        "公民身份号码",
        "直接标识符",
        "删除",
    )
    assert "标题未言明，内容实为公民身份号码" in made.loud


@pytest.mark.parametrize(
    ("good", "semantic", "action"),
    [(1 / 11, "业务编号", None), (0.4, None, "删除"), (0.8, "公民身份号码", "删除")],
    ids=["permits", "undecided", "people"],
)
def test_eighteen_digits_are_told_apart_by_how_many_pass_the_check(
    drafting: Drafting, good: float, semantic: str | None, action: str | None
) -> None:
    rows = [[each, f"工程{n}"] for n, each in enumerate(ids(110, good=good))]

    made = drafting.of(text([["施工许可证号", "名称"], *rows]))

    (field,) = (each for each in made.fields.values() if each["title"] == "施工许可证号")
    assert (field.get("semantic"), field.get("action")) == (semantic, action)


def test_a_few_citizen_ids_among_credit_codes_are_told_aloud(drafting: Drafting) -> None:
    mixed = [*codes(300), *(each for each in ids(9) if not is_uscc(each))]
    rows = [[each, NAMES[n % 100]] for n, each in enumerate(mixed)]

    made = drafting.of(text([["统一社会信用代码", "企业名称"], *rows]))

    assert made.fields["uscc"]["semantic"] == "统一社会信用代码"
    assert f"全文件 {len(mixed) - 300} 个值为公民身份号码" in made.loud


def test_citizen_ids_outside_the_sample_are_counted_too(
    drafting: Drafting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.drafting.looking.SAMPLE_ROWS", 200)
    many = [*codes(3000)]
    many[1501:1503] = ids(2)

    made = drafting.of(
        text([["统一社会信用代码", "序号"], *([c, f"{n}"] for n, c in enumerate(many))])
    )

    assert "全文件 2 个值为公民身份号码" in made.loud


def test_people_and_their_numbers_are_proposed_to_be_left_out(drafting: Drafting) -> None:
    rows = [
        [f"{n}", "王李张刘"[n % 4] + "小明", f"163{n:08d}", "男", f"示例市{n}路{n}号", "1980-01-01"]
        for n in range(60)
    ]

    made = drafting.of(
        text([["序号", "联系人", "联系电话", "性别", "家庭住址", "出生日期"], *rows])
    )

    treated = {
        name: (each.get("semantic"), each.get("action")) for name, each in made.fields.items()
    }
    assert treated["contact"] == ("自然人姓名", "删除")
    assert treated["phone"] == ("手机号码", "删除")
    assert treated["home_address"] == ("详细地址", "泛化")
    assert treated["birth_date"] == (None, "删除")


def test_mobiles_inside_texts_make_them_free_text_to_be_redacted(drafting: Drafting) -> None:
    rows = [[f"{n}", f"情况属实，请联系经办人，电话16300000{n:03d}，谢谢"] for n in range(60)]

    made = drafting.of(text([["序号", "备注"], *rows]))

    remark = made.fields["remark"]
    assert (remark["semantic"], remark["action"]) == ("自由文本", "抹除文中标识")
    assert "手机号码 60" in made.loud


def test_a_few_people_among_organisations_are_told(drafting: Drafting) -> None:
    parties = [*NAMES, "王小明", "李小红"]

    made = drafting.of(
        text([["序号", "行政相对人"], *([f"{n}", p] for n, p in enumerate(parties))])
    )

    assert "2 个值像自然人姓名" in made.loud


def test_elements_of_the_home_are_carried_and_checked_against_their_source(
    city: City, drafting: Drafting
) -> None:
    carried = {
        "uscc": {"title": "统一社会信用代码", "key": True, "element": "uscc"},
        "updated_on": {"title": "更新日期", "type": "date"},
    }
    city.lists("register", fields=carried)
    element = {"title": "统一社会信用代码", "authority": "register.uscc"}
    city.put("catalog/elements.yaml", yaml.safe_dump({"elements": {"uscc": element}}))

    made = drafting.of(text(register()))

    assert made.fields["uscc"]["element"] == "uscc"
    assert made.fields["uscc"]["checked_against"] == "register.uscc"


# --- What a draft must not do --------------------------------------------------------------


def test_no_cell_of_the_file_is_in_a_draft_or_in_what_is_told(drafting: Drafting) -> None:
    heads = ["编号", "单位名称", "联系人", "备注", "等级"]
    canary = [
        [f"KX{n:05d}", f"鸿鹄{n}厂", "王麒麟", f"貔貅{n}电话1630000{n:04d}", "饕餮级"]
        for n in range(60)
    ]
    path = drafting.file(text([heads, *canary]))

    told = drafting.run(path)
    as_json = drafting.run(path, "--json")

    said = told.out + told.err + as_json.out + Path(as_json.json["draft"]).read_text("utf-8")
    assert not re.search("KX0|鸿鹄|麒麟|貔貅|饕餮|1630000", said)


@pytest.mark.parametrize("kind", ["typed", "words"])
def test_a_file_without_headings_shows_no_cell_as_a_title(drafting: Drafting, kind: str) -> None:
    typed = [[f"{n:06d}", f"鸿鹄{n}厂", "2026-01-05", f"{n}.5"] for n in range(60)]
    words = [[f"鸿鹄{n}厂", "王麒麟", "饕餮"] for n in range(60)]

    made = drafting.of(text(typed if kind == "typed" else words))

    assert made.source["header_row"] == 0
    assert [each["title"] for each in made.fields.values()][:3] == ["第1列", "第2列", "第3列"]
    assert not re.search("鸿鹄|麒麟|饕餮|000000", made.text + json.dumps(made.told))
    assert made.told["rows"] == 60


def test_nothing_about_opening_is_proposed(drafting: Drafting) -> None:
    made = drafting.of(text(register()))

    asked = {"openness", "basis", "channels", "conditions", "update_frequency", "security_level"}
    assert asked & set(made.entry) == set()
    assert all(f"# {each}：" in made.text for each in asked)


def test_a_draft_listed_as_it_is_does_not_pass_the_gates(city: City, drafting: Drafting) -> None:
    made = drafting.of(text(register()))
    listed(city, made, {})

    (told,) = city.run("park_list").json

    assert not told["verdict"].startswith("released")
    assert told["reasons"]


def test_a_draft_with_the_decisions_filled_in_lands_and_opens_its_file(
    city: City, drafting: Drafting
) -> None:
    content = text([["企业登记情况表", *[""] * 5], *register()], "gb18030")
    made = drafting.of(content)
    listed(city, made, DECIDED | {"data_time": {"field": "registered_on"}})
    city.put("inbox/market/park_list.csv", content)

    (told,) = city.run("park_list").json

    assert (told["verdict"], told["rows_landed"], told["rows_quarantined"]) == ("released", 100, 0)


def listed(city: City, made: Made, decided: dict[str, Any]) -> None:
    entry = made.entry | decided
    city.put("catalog/bodies.yaml", "bodies: {market: 市场监管局}\n")
    city.put(
        "catalog/market/park_list.yaml", yaml.safe_dump(entry, allow_unicode=True, sort_keys=False)
    )
    city.put("inbox/market/park_list.csv", text(register()))


def test_a_draft_lies_beside_the_catalog_and_never_in_it(city: City, drafting: Drafting) -> None:
    path = drafting.file(text(register()))

    made = drafting.run(path, "--json")
    refused = drafting.run(path, "--out", str(city.root / "catalog" / "market" / "a.yaml"))

    assert made.json["draft"] == str(city.root / "drafts" / "market" / "park_list.yaml")
    assert refused.code == 2
    assert "lies in the catalog" in refused.err


def test_a_draft_somebody_may_have_worked_on_is_not_overwritten(drafting: Drafting) -> None:
    path = drafting.file(text(register()))
    worked_on = Path(drafting.run(path, "--json").json["draft"])
    worked_on.write_text(worked_on.read_text("utf-8") + "summary: 已核对\n", encoding="utf-8")

    refused = drafting.run(path)

    assert refused.code == 2
    assert "somebody may have worked on it" in refused.err
    assert "已核对" in worked_on.read_text("utf-8")


def test_a_draft_leaves_no_data_behind(city: City, drafting: Drafting) -> None:
    drafting.of(gzip.compress(text(register())), "a_list.csv.gz")

    assert list((city.root / "restricted").glob("draft-*")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--id", "Bad Id"), "is no name"), (("--body", "../x"), "is no name")],
    ids=["id", "body"],
)
def test_names_that_are_no_names_are_refused(
    drafting: Drafting, words: tuple[str, ...], said: str
) -> None:
    refused = drafting.run(drafting.file(text(register())), *words)

    assert refused.code == 2
    assert said in refused.err


def test_a_path_where_no_file_is_is_wrong_input(drafting: Drafting) -> None:
    refused = drafting.run("nowhere.csv")

    assert refused.code == 2
    assert "is no file" in refused.err
