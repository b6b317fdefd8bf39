"""Workbooks are written, filled in and read as stewards do it: as files, through openpyxl."""

import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from opendata.catalog_checks import CATALOG_CHECKS
from opendata.catalog_schema import EntryFile, FieldFile
from opendata.entry_checks import ENTRY_CHECKS
from opendata.errors import CatalogError
from opendata.field_checks import FIELD_CHECKS
from opendata.source_schema import ExchangeFile, PullFile, SourceFile
from opendata.vocabulary import Channel
from pipelines.authoring.cells import Fault, Taken, from_cell, to_cell
from pipelines.authoring.columns import DATASETS, FIELDS, columns
from pipelines.authoring.complaints import Complaint, complaint
from pipelines.authoring.exporting import export_catalog
from pipelines.authoring.importing import Imported, import_workbook, replace_all
from pipelines.authoring.shelf import shelf_of, value_at
from pipelines.authoring.workbook import Cell, Place
from pipelines.cli import main
from pipelines.new_home import sample_entry
from resources.home import Home

CITY = Path(__file__).parents[2] / "pipelines" / "demo" / "city"
VENUES = "catalog/culture/venues.yaml"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    shutil.copytree(CITY, tmp_path / "home")
    return Home.find(tmp_path / "home")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    export_catalog(Home.find(CITY), folder / "目录.xlsx")
    return folder / "目录.xlsx"


@pytest.fixture
def book(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(exported, tmp_path / "目录.xlsx"))


def texts(home: Home) -> dict[str, bytes]:
    return home.catalog_files()


def edit(path: Path, change: Callable[[Workbook], None]) -> None:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def column(sheet: Any, heading: str) -> int:
    headings = [str(each.value).rstrip("*") for each in sheet[1]]
    return headings.index(heading) + 1


def cell(book: Workbook, sheet: str, heading: str, *, row: tuple[str, ...]) -> Any:
    """The cell under a heading in the row that begins with these ids."""
    filled = book[sheet]
    for each in filled.iter_rows(min_row=2):
        key = (each[0].value, each[2].value) if len(row) == 2 else (each[0].value,)
        if key == row:
            return filled.cell(each[0].row, column(filled, heading))
    raise KeyError(row)


def fill(path: Path, heading: str, value: object, *, row: tuple[str, ...] = ("venues",)) -> None:
    sheet = FIELDS if len(row) == 2 else DATASETS

    def change(book: Workbook) -> None:
        cell(book, sheet, heading, row=row).value = value

    edit(path, change)


def add(path: Path, sheet: str, **by_heading: object) -> None:
    def change(book: Workbook) -> None:
        number = book[sheet].max_row + 1
        for heading, value in by_heading.items():
            book[sheet].cell(number, column(book[sheet], heading)).value = value

    edit(path, change)


def done(home: Home, path: Path) -> Imported:
    return import_workbook(home, path, dry_run=False)


def only_complaint(home: Home, path: Path) -> Complaint:
    before = texts(home)

    (complaint,) = done(home, path).complaints

    assert texts(home) == before
    return complaint


# --- There and back ------------------------------------------------------------------------


def test_an_exported_workbook_changes_nothing_when_it_is_imported(home: Home, book: Path) -> None:
    before, version = texts(home), home.read_catalog().version

    imported = done(home, book)

    assert len(imported.unchanged) == 27
    assert (imported.new, imported.changed, imported.absent) == ((), {}, ())
    assert (texts(home), home.read_catalog().version) == (before, version)


def test_every_cell_of_an_exported_workbook_reads_back_as_what_it_was(home: Home) -> None:
    for entry in shelf_of(home).entries.values():
        for values, sheet in [(entry.values, DATASETS)] + [
            (each, FIELDS) for each in entry.values["fields"].values()
        ]:
            for each in columns(sheet):
                if each.of_the_entry:
                    value = value_at(values, each.key)
                    assert from_cell(to_cell(value, each), each) == Taken(value), each.heading


@settings(deadline=None)  # the first one reads the columns
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_text_survives_a_cell(text: str) -> None:
    by_key = {each.key: each for each in columns(DATASETS)}
    title, formats = by_key["title",], by_key["formats",]
    headings = by_key["source", "columns"]

    assert from_cell(to_cell(text, title).strip(), title) == Taken(text)
    assert from_cell(to_cell((text, "", text), formats).strip(), formats) == Taken((text, "", text))
    pairs = {"uscc": text, "name": f"{text}\n（{text}）"}
    assert from_cell(to_cell(pairs, headings).strip(), headings) == Taken(pairs)


def test_a_text_too_long_for_excel_is_kept_and_never_invented(home: Home, tmp_path: Path) -> None:
    entry = home.root / VENUES
    entry.write_text(entry.read_text("utf-8") + "basis: " + "长" * 40_000 + "\n", "utf-8")
    export_catalog(home, tmp_path / "a.xlsx")

    assert done(home, tmp_path / "a.xlsx").changed == {}
    entry.unlink()
    assert [each.kind for each in done(home, tmp_path / "a.xlsx").complaints] == ["too_long"]


def test_what_cells_can_tell_makes_the_same_entries_in_an_empty_catalog(
    home: Home, book: Path
) -> None:
    before = {each.id: each for each in home.read_catalog().datasets}
    several = {name for name, each in before.items() if len(each.sources) > 1 or each.quality.rules}
    for path in (home.root / "catalog").glob("*/*.yaml"):
        if path.stem not in several:
            path.unlink()

    imported = done(home, book)

    assert set(imported.new) == before.keys() - several
    assert {each.id: each.fingerprint for each in home.read_catalog().datasets} == {
        name: each.fingerprint for name, each in before.items()
    }


def test_the_sample_entry_survives_the_workbook_with_its_comments(
    home: Home, tmp_path: Path
) -> None:
    folder = home.root / "catalog" / "example"
    folder.mkdir()
    (folder / "example_dataset.yaml").write_text(sample_entry(), "utf-8")
    bodies = home.root / "catalog" / "bodies.yaml"
    bodies.write_text(bodies.read_text("utf-8") + "  example: 示例局\n", "utf-8")
    version = home.read_catalog().version
    export_catalog(home, tmp_path / "a.xlsx")

    done(home, tmp_path / "a.xlsx")
    fill(tmp_path / "a.xlsx", "宽限天数", "7", row=("example_dataset",))
    changed = done(home, tmp_path / "a.xlsx")
    fill(tmp_path / "a.xlsx", "宽限天数", None, row=("example_dataset",))
    done(home, tmp_path / "a.xlsx")

    assert changed.changed == {"example_dataset": ("grace_days",)}
    assert changed.lost_comments["example_dataset"] > 10
    assert home.read_catalog().version == version
    assert "yaml-language-server" in (folder / "example_dataset.yaml").read_text("utf-8")


def test_every_key_has_a_column_or_stays_in_yaml() -> None:
    told_in_yaml = {
        ("sources",),
        ("fields",),
        ("quality", "rules"),
        ("quality", "drift"),
        ("release", "small_cell"),
    }
    parts: dict[str, Any] = {
        "source": SourceFile,
        "data_time": EntryFile.model_fields["data_time"].annotation,
        "quality": EntryFile.model_fields["quality"].annotation,
        "release": EntryFile.model_fields["release"].annotation,
    }
    inner = {"exchange": ExchangeFile, "pull": PullFile}

    def keys(model: Any, nested: dict[str, Any]) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for name in model.model_fields:
            below = keys(nested[name], inner) if name in nested else {()}
            found |= {(name, *each) for each in below}
        return found

    shown = {each.key for each in columns(DATASETS) if each.of_the_entry}
    assert shown == keys(EntryFile, parts) - told_in_yaml
    assert {each.key for each in columns(FIELDS) if each.of_the_entry} == keys(FieldFile, {})


def test_every_check_has_a_sentence_for_the_steward(home: Home) -> None:
    cell = Cell(Place(DATASETS, 2, 1), "甲")
    for check in (*ENTRY_CHECKS, *FIELD_CHECKS, *CATALOG_CHECKS):
        kind = check.__name__.lstrip("_")
        if kind != "fields_hold_together":  # gives out what the checks of fields say
            assert not complaint(cell, Fault(kind), english="…").general, kind


# --- Changing ------------------------------------------------------------------------------


def test_a_changed_cell_rewrites_that_entry_alone(home: Home, book: Path) -> None:
    before = texts(home)
    fill(book, "信息资源摘要", "图书馆的名称和地址。")

    imported = done(home, book)

    assert imported.changed == {"venues": ("summary",)}
    assert {path for path, text in texts(home).items() if text != before[path]} == {VENUES}
    assert home.read_catalog().dataset("venues").summary == "图书馆的名称和地址。"


def test_a_cleared_cell_takes_the_key_away(home: Home, book: Path) -> None:
    fill(book, "安全级别", None)

    assert done(home, book).changed == {"venues": ("security_level",)}
    assert home.read_catalog().dataset("venues").security_level is None


def test_a_new_row_becomes_an_entry(home: Home, book: Path) -> None:
    add(
        book,
        DATASETS,
        信息资源代码="parks",
        信息资源名称="公园",
        信息资源提供方="市文化和旅游局",
        来源文件="公园*.csv",
    )
    add(book, FIELDS, 信息资源代码="parks", 信息项代码="name", 信息项名称="公园名称", 必填="是")

    imported = done(home, book)

    assert imported.new == ("parks",)
    assert (home.root / "catalog/culture/parks.yaml").read_text("utf-8") == (
        "id: parks\n"
        "title: 公园\n"
        "body: culture\n"
        "source: {files: 公园*.csv}\n"
        "fields:\n"
        "  name: {title: 公园名称, required: true}\n"
    )


def test_fields_are_added_removed_and_ordered_as_the_rows_are(home: Home, book: Path) -> None:
    def drop(filled: Workbook) -> None:
        sheet = filled[FIELDS]
        sheet.delete_rows(cell(filled, FIELDS, "信息项代码", row=("venues", "kind")).row)

    edit(book, drop)
    add(book, FIELDS, 信息资源代码="venues", 信息项代码="phone", 信息项名称="服务热线")

    assert done(home, book).changed == {"venues": ("fields.kind (removed)", "fields.phone (added)")}
    assert [each.name for each in home.read_catalog().dataset("venues").fields][-1] == "phone"


def test_a_workbook_without_a_column_or_a_row_leaves_those_alone(home: Home, book: Path) -> None:
    version = home.read_catalog().version

    def thin(filled: Workbook) -> None:
        filled[DATASETS].delete_cols(column(filled[DATASETS], "信息资源摘要"))
        filled[DATASETS].delete_rows(cell(filled, DATASETS, "信息资源代码", row=("orphans",)).row)
        sheet = filled[FIELDS]
        for number in range(sheet.max_row, 1, -1):
            if sheet.cell(number, 1).value == "orphans":
                sheet.delete_rows(number)

    edit(book, thin)
    imported = done(home, book)

    assert imported.absent == ("orphans",)
    assert home.read_catalog().version == version


def test_what_cells_cannot_tell_is_kept_when_its_entry_changes(home: Home, book: Path) -> None:
    before = home.read_catalog().dataset("food_inspections")
    fill(book, "许可", "另一许可", row=("food_inspections",))

    assert done(home, book).changed == {"food_inspections": ("release",)}
    after = home.read_catalog().dataset("food_inspections")
    assert (after.sources, after.release.licence) == (before.sources, "另一许可")


def test_lost_comments_are_counted_line_by_line_and_told(home: Home, book: Path) -> None:
    entry = home.root / VENUES
    below = 'basis: "甲 # 乙"  # 一\nconditions: | # 二\n  # 不是注释\n# 三\n'
    entry.write_text(f"# 文化 # 旅游\n\n# 次行\n{entry.read_text('utf-8')}{below}", "utf-8")
    command = ["catalog", "import", str(book), "--home"]
    fill(book, "宽限天数", "3")

    tried = CliRunner().invoke(main, [*command, str(home.root), "--dry-run"])
    told = CliRunner().invoke(main, [*command, str(home.root)])

    assert "venues: 3 line(s) of comments would be lost\n" in tried.output
    assert "venues: 3 line(s) of comments are lost; only those at its head are kept" in told.output
    assert entry.read_text("utf-8").startswith("# 文化 # 旅游\n#\n# 次行\nid: venues\n")


def test_a_dry_run_writes_nothing(home: Home, book: Path) -> None:
    before = texts(home)
    fill(book, "宽限天数", "3")

    assert import_workbook(home, book, dry_run=True).changed == {"venues": ("grace_days",)}
    fill(book, "宽限天数", "三")
    assert import_workbook(home, book, dry_run=True).complaints

    assert texts(home) == before
    assert sorted(each.name for each in book.parent.iterdir()) == ["home", "目录.xlsx"]


def test_files_that_cannot_all_be_swapped_go_back(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("old", "utf-8")
    (tmp_path / "b.yaml").mkdir()
    (tmp_path / "b.yaml" / "full").touch()

    with pytest.raises(OSError, match=r"b\.yaml"):
        replace_all({tmp_path / "a.yaml": "new", tmp_path / "b.yaml": "new"})

    assert (tmp_path / "a.yaml").read_text("utf-8") == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


# --- What people type ----------------------------------------------------------------------


def test_known_spellings_are_taken_and_told(home: Home, book: Path) -> None:
    fill(book, "更新周期", "每个月")

    imported = done(home, book)

    venues = home.read_catalog().dataset("venues")
    assert venues.update_frequency is not None
    assert venues.update_frequency.value == "每月"
    assert [each.partition(" ")[2] for each in imported.read_as] == ["更新周期: read as 每月"]


@pytest.mark.parametrize(
    ("heading", "typed", "key", "read"),
    [
        ("宽限天数", "１０", ("grace_days",), 10),
        ("宽限天数", 10.0, ("grace_days",), 10),
        ("发布日期", date(2026, 3, 1), ("listed_on",), date(2026, 3, 1)),
        ("发布日期", "2026年3月1日", ("listed_on",), date(2026, 3, 1)),
        ("信息资源摘要", "  场馆。\u3000", ("summary",), "场馆。"),
        ("空值写法", '无、"甲、乙"、/', ("source", "null_spellings"), ("无", "甲、乙", "/")),
        ("开放方式", "数据下载；接口调用", ("channels",), (Channel.DOWNLOAD, Channel.API)),
        ("跳过空行", True, ("source", "blank_rows"), True),
    ],
    ids=["full-width", "float", "excel-date", "chinese-date", "blanks", "list", "terms", "bool"],
)
def test_cells_are_read_as_they_were_meant(
    home: Home, book: Path, heading: str, typed: object, key: tuple[str, ...], read: object
) -> None:
    fill(book, heading, typed)

    done(home, book)

    assert value_at(shelf_of(home).entries["venues"].values, key) == read


@pytest.mark.parametrize(
    ("heading", "typed", "row", "kind", "chinese"),
    [
        ("更新周期", "其他", ("venues",), "unknown_term",
         "“更新周期”填的是“其他”。只能填：实时、每小时、每日、每工作日、每周、每旬、每半月、每月、每季度、"
         "每半年、每年、不定期、不更新。请从下拉列表中选择。"),
        ("开放属性（是否向社会开放）", "完全开放", ("venues",), "resembles_term",
         "“开放属性（是否向社会开放）”填的是“完全开放”。只能填：无条件开放、有条件开放、不予开放。"
         "您要填的可能是“无条件开放”；这个词须由人确定，不能代改，请从下拉列表中选择。"),
        ("宽限天数", "三天", ("venues",), "not_whole",
         "“宽限天数”填的是“三天”。只能填整数，例如 5。请改正。"),
        ("宽限天数", "-1", ("venues",), "greater_than_equal",
         "“宽限天数”填的是“-1”，不得小于 0。请改正。"),
        ("发布日期", "2026-02-30", ("venues",), "not_day",
         "“发布日期”填的是“2026-02-30”，不是日期。请写作 2026-01-05。"),
        ("信息资源名称", "=A1", ("venues",), "formula",
         "这里是公式，结果会变，不能导入。请复制后“选择性粘贴—数值”，再导入。"),
        ("来源文件", "../别处.csv", ("venues",), "outside",
         "“来源文件”填的是“../别处.csv”，指到了 inbox 之外。只写本部门文件夹下的文件名，开头"
         "不用“/”，中间不用“..”。请改正。"),
        ("字符编码", "gbk2", ("venues",), "encodings_exist",
         "字符编码填的是“gbk2”，没有这种编码。请填 utf-8 或 gb18030，或清空。"),
        ("牵头部门代码", "nobody", ("venues",), "bodies_are_declared",
         "“牵头部门代码”填的是“nobody”，catalog/bodies.yaml 中没有这个部门。已登记：market、civil、"
         "transport、health、housing、environment、culture、emergency、data。请改正，或由数据管理员先登记。"),
        ("代码表", "colours", ("venues", "kind"), "code_tables_exist",
         "代码表填的是“colours”，codes 文件夹中没有。已有：districts、enterprise_status、"
         "inspection_results、rating_grades、sexes、water_classes。请改正，或由数据管理员先建代码表。"),
        ("必填", "对", ("venues", "kind"), "not_bool",
         "“必填”填的是“对”。只能填“是”或“否”，留空即取默认值。请改正。"),
        ("信息项名称", "负责人姓名", ("venues", "name"), "telling_title_is_answered",
         "信息项名称看起来涉及个人信息，但没有填写语义，也没有脱敏方式，会原样开放。请填写“语义”和"
         "“脱敏方式”（确可公开的，脱敏方式选“保留”）。"),
        ("信息项名称", None, ("venues", "name"), "missing", "“信息项名称”必须填写。请补充。"),
        ("最小值", "5", ("venues", "name"), "type_of_bounds",
         "“最小值”填的是“5”。文本没有最小值、最大值；数和日期的上下限须按其类型书写。请改正或清空。"),
    ],
    ids=[
        "term", "openness", "whole", "negative", "day", "formula", "outside", "encoding", "body",
        "codes", "bool", "telling", "missing", "bounds",
    ],
)  # fmt: skip
def test_a_wrong_cell_is_explained_in_chinese_and_nothing_is_written(
    home: Home,
    book: Path,
    heading: str,
    typed: object,
    row: tuple[str, ...],
    kind: str,
    chinese: str,
) -> None:
    fill(book, heading, typed, row=row)

    complaint = only_complaint(home, book)

    assert (complaint.kind, complaint.chinese) == (kind, chinese)
    assert not complaint.general


def test_the_marked_copy_has_notes_colour_and_a_list_and_can_be_mended(
    home: Home, book: Path
) -> None:
    fill(book, "宽限天数", "三天")
    imported = done(home, book)
    marked = book.with_name("目录.待修改.xlsx")

    assert imported.marked == marked
    filled = openpyxl.load_workbook(marked)
    wrong = cell(filled, DATASETS, "宽限天数", row=("venues",))
    assert wrong.comment.text == "“宽限天数”填的是“三天”。只能填整数，例如 5。请改正。"
    assert wrong.fill.fgColor.rgb == "FFFFC7CE"
    assert [each.value for each in filled["问题清单"][3]] == [
        DATASETS, wrong.coordinate, wrong.comment.text, "not_whole",
    ]  # fmt: skip

    fill(marked, "宽限天数", "3")
    assert done(home, marked).changed == {"venues": ("grace_days",)}


def test_a_second_attempt_takes_the_old_notes_away_and_overwrites_no_copy(
    home: Home, book: Path
) -> None:
    fill(book, "宽限天数", "三天")
    done(home, book)
    marked = book.with_name("目录.待修改.xlsx")
    fill(marked, "宽限天数", "3")
    fill(marked, "最低得分", "101")

    again = done(home, marked)

    assert again.marked == book.with_name("目录.待修改1.xlsx")
    filled = openpyxl.load_workbook(again.marked)
    assert cell(filled, DATASETS, "宽限天数", row=("venues",)).comment is None
    assert cell(filled, DATASETS, "最低得分", row=("venues",)).comment is not None
    assert filled.sheetnames.count("问题清单") == 1


def test_merged_cells_are_refused_cell_by_cell(home: Home, book: Path) -> None:
    def merge(filled: Workbook) -> None:
        first = cell(filled, DATASETS, "信息资源摘要", row=("venues",))
        filled[DATASETS].merge_cells(
            start_row=first.row, end_row=first.row + 1, start_column=first.column,
            end_column=first.column,
        )  # fmt: skip

    edit(book, merge)

    assert {each.kind for each in done(home, book).complaints} == {"merged"}


def test_rows_that_contradict_each_other_are_named(home: Home, book: Path) -> None:
    add(book, DATASETS, 信息资源代码="venues", 信息资源名称="又一个", 提供方代码="culture")
    add(book, DATASETS, 信息资源名称="没有代码")
    add(
        book,
        DATASETS,
        信息资源代码="parks",
        信息资源名称="公园",
        提供方代码="civil",
        信息资源提供方="市文化和旅游局",
    )
    add(book, FIELDS, 信息资源代码="nowhere", 信息项代码="name", 信息项名称="名称")
    add(book, FIELDS, 信息资源代码="venues", 信息项代码="name", 信息项名称="名称")
    fill(book, "提供方代码", "civil", row=("scenic_visits",))
    fill(book, "信息资源提供方", None, row=("scenic_visits",))

    kinds = {each.kind for each in done(home, book).complaints}

    assert kinds == {
        "repeated_row", "no_id", "body_mismatch", "stray_field", "repeated_field", "moved",
    }  # fmt: skip


def test_a_change_that_breaks_another_entry_is_refused(home: Home, book: Path) -> None:
    elements = home.root / "catalog" / "elements.yaml"
    elements.write_text(
        elements.read_text("utf-8") + "  venue: {title: 场馆, authority: venues.name}\n", "utf-8"
    )
    entry = home.root / VENUES
    whole = entry.read_text("utf-8")
    entry.write_text(
        whole.replace("name: {title: 场馆名称,", "name: {title: 场馆名称, element: venue,"), "utf-8"
    )
    home.read_catalog()
    book.unlink()
    export_catalog(home, book)
    fill(book, "数据元", None, row=("venues", "name"))

    (complaint,) = done(home, book).complaints

    assert (complaint.kind, complaint.place) == ("authorities_are_fields", None)
    assert complaint.where.startswith("catalog/elements.yaml:")


def test_an_entry_with_mistakes_is_neither_shown_nor_overwritten(home: Home, book: Path) -> None:
    entry = home.root / VENUES
    entry.write_text(entry.read_text("utf-8") + "colour: red\n", "utf-8")

    assert only_complaint(home, book).kind == "unreadable"
    exported = export_catalog(home, book.with_name("新.xlsx"))
    assert exported.left_out == ("venues",)


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("../../parks", "culture", "id_is_the_file_name"),
        ("公园", "culture", "id_is_the_file_name"),
        ("parks", "../culture", "bodies_are_declared"),
        ("parks", "parks", "bodies_are_declared"),
    ],
)
def test_a_row_leads_nowhere_outside_its_folder(
    home: Home, book: Path, name: str, body: str, kind: str
) -> None:
    add(
        book, DATASETS, 信息资源代码=name, 信息资源名称="公园", 提供方代码=body, 来源文件="公园.csv"
    )
    add(book, FIELDS, 信息资源代码=name, 信息项代码="name", 信息项名称="名称")

    assert only_complaint(home, book).kind == kind
    assert sorted(each.name for each in book.parent.iterdir()) == [
        "home", "目录.xlsx", "目录.待修改.xlsx",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", "信息资源代码".encode()])
def test_what_is_no_workbook_is_refused(home: Home, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)

    with pytest.raises(CatalogError, match="cannot be read as a workbook"):
        done(home, tmp_path / "a.xlsx")


def test_a_workbook_that_was_damaged_on_its_way_is_refused(home: Home, book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        member = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(book.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    content[start : start + 64] = bytes(range(255, 191, -1))
    book.write_bytes(content)

    with pytest.raises(CatalogError, match="cannot be read as a workbook"):
        done(home, book)


def test_exporting_into_a_folder_that_is_not_there_is_wrong_input(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "目录.xlsx"

    told = CliRunner().invoke(main, ["catalog", "export", str(path), "--home", str(CITY)])

    assert (told.exit_code, "in a folder that is there" in told.stderr) == (2, True)


def test_an_unknown_heading_is_no_column(home: Home, book: Path) -> None:
    def rename(filled: Workbook) -> None:
        filled[DATASETS].cell(1, column(filled[DATASETS], "安全级别")).value = "密级"

    edit(book, rename)

    assert only_complaint(home, book).chinese == (
        "标题“密级”不是本表的列。请改为导出工作簿中的标题，或删去这一列。"
    )


def test_every_closed_vocabulary_has_a_dropdown(book: Path) -> None:
    filled = openpyxl.load_workbook(book)
    for name in (DATASETS, FIELDS):
        validated = {
            min(part.min_col for part in each.sqref.ranges)
            for each in filled[name].data_validations.dataValidation
        }
        for place, each in enumerate(columns(name), start=1):
            if each.vocabulary or each.kind == "bool":
                assert place in validated, each.heading
            assert filled[name].cell(1, place).comment is not None
    assert filled[DATASETS].freeze_panes == "C2"


# --- The command ---------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str]:
    ran = CliRunner().invoke(main, ["catalog", *(str(each) for each in arguments)])
    return ran.exit_code, ran.output


def test_the_command_exports_imports_and_hands_back(home: Home, tmp_path: Path) -> None:
    book, at = tmp_path / "目录.xlsx", ("--home", home.root)

    assert run("export", book, *at)[0] == 0
    assert run("export", book, *at)[0] == 2
    assert run("import", book, *at) == (
        0,
        "0 new, 0 changed, 27 unchanged, 0 not in the workbook\n",
    )
    fill(book, "宽限天数", "三天")
    code, said = run("import", book, *at)

    assert code == 2
    assert "this is not a whole number." in said
    assert (tmp_path / "目录.待修改.xlsx").exists()


def test_the_command_drafts_a_list_outside_the_catalog(home: Home, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(
        "信息资源名称,更新周期,开放属性,联系人,备注栏\n公园,每月,完全开放,某某,甲\n广场,其他,,,\n".encode(
            "gb18030"
        )
    )
    before = texts(home)

    code, said = run("import-list", tmp_path / "list.csv", "--body", "culture", "--home", home.root)

    drafts = sorted((home.root / "drafts" / "culture").iterdir())
    assert (code, len(drafts), texts(home)) == (0, 2, before)
    assert "unknown: 其他 (1)" in said
    assert "were not read: 5" in said
    assert all("\nopenness:" not in each.read_text("utf-8") for each in drafts)
    assert all("某某" not in each.read_text("utf-8") for each in drafts)
    assert run(
        "import-list", tmp_path / "list.csv", "--body", "culture", "--home", home.root,
        "--into", home.root / "catalog" / "culture",
    )[0] == 2  # fmt: skip
