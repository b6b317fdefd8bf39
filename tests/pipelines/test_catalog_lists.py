"""Catalogue lists as departments keep them, in every container they come in."""

import gzip
import json
from pathlib import Path

import pytest
import xlsxwriter

from opendata.errors import CatalogError
from pipelines.authoring.list_files import read_list
from pipelines.authoring.list_import import import_list
from pipelines.new_home import create_home
from resources.home import Home

RECORDS = [{"标题": "公园", "更新频率": "每月"}, {"标题": "广场", "更新频率": None}]
CELLS = [["公园", "每月"], ["广场", ""]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = create_home(
        tmp_path / "home",
        city="测试市",
        role="opener_upstream",
        regimes=("xian-open-2022",),
        platform="平台",
    )
    (home.root / "catalog" / "bodies.yaml").write_text("bodies: {culture: 文旅局}\n", "utf-8")
    return home


def a_list(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS, ensure_ascii=False),
        "\n".join(json.dumps(each, ensure_ascii=False) for each in RECORDS),
        json.dumps(RECORDS[:1]) + json.dumps(RECORDS[1:]),
        json.dumps({"code": 0, "data": {"total": 2, "items": RECORDS}}),
    ],
    ids=["array", "lines", "documents one after another", "wrapped"],
)
def test_records_are_found_in_any_json(tmp_path: Path, text: str) -> None:
    assert read_list(a_list(tmp_path, text)).records == CELLS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
def test_tables_are_read_under_any_title_delimiter_and_encoding(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = ["某市数据目录清单", "", "标题,更新频率", "公园,每月", ",", "广场,"]
    text = "\r\n".join(lines).replace(",", delimiter)

    assert read_list(a_list(tmp_path, text, encoding=encoding)).records == CELLS


def test_a_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "list.json.gz"
    path.write_bytes(gzip.compress(json.dumps(RECORDS).encode()))

    assert read_list(path).records == CELLS


def test_a_workbook_is_read_below_its_title(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(1, 0, "某市数据目录清单")
        sheet.write_row(3, 0, ["序号", "数据集名称", "更新周期"])
        sheet.write_row(4, 0, [1, "公园", "每月"])

    read = read_list(tmp_path / "list.xlsx")

    assert read.records == [["1", "公园", "每月"]]
    assert read.headings.by_role["title"] == (1,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8b\x08cut", "the gzip is damaged or cut short"),
        ('[{"标题": "公园"}, {"标题'.encode(), "the document from line 1 on is not JSON"),
        ("编号,备注\n1,2\n".encode(), "no heading of this list is known for the name of a dataset"),
        (b"", "no heading of this list is known for the name of a dataset"),
        (b"PK\x03\x04broken", "its content is damaged ZIP"),
    ],
    ids=["gzip", "json", "headings", "empty", "workbook"],
)
def test_a_list_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "list").write_bytes(content)

    with pytest.raises(CatalogError, match=said):
        read_list(tmp_path / "list")


def test_no_draft_that_somebody_edited_is_overwritten(home: Home, tmp_path: Path) -> None:
    path = a_list(tmp_path, json.dumps(RECORDS))
    first = import_list(home, path, body="culture", into=None)
    edited = sorted(first.folder.iterdir())[0]
    edited.write_text("id: mine\n", encoding="utf-8")

    again = import_list(home, path, body="culture", into=None)

    assert first.folder == home.root / "drafts" / "culture"
    assert dict(first.outcomes) == {"drafted": 2, "going on with the items of the one above": 0}
    assert (again.outcomes["edited draft kept"], again.outcomes["drafted before"]) == (1, 1)
    assert edited.read_text("utf-8") == "id: mine\n"


def test_a_dataset_of_the_catalog_is_not_drafted_again(home: Home, tmp_path: Path) -> None:
    entry = home.root / "catalog" / "culture" / "parks.yaml"
    entry.parent.mkdir()
    entry.write_text(
        "{id: parks, title: 公园, body: culture, source: {files: a.csv}, fields: {a: {title: 甲}}}",
        "utf-8",
    )
    path = a_list(tmp_path, "信息资源代码,信息资源名称\nPARKS,公园\n")

    drafted = import_list(home, path, body="culture", into=tmp_path / "drafts")

    assert drafted.outcomes["in the catalog already"] == 1
    assert list((tmp_path / "drafts").iterdir()) == []


def test_every_record_is_accounted_for(home: Home, tmp_path: Path) -> None:
    records = [*RECORDS, RECORDS[0], {"标题": "", "更新频率": "每月"}, "no record", 5]
    path = a_list(tmp_path, json.dumps(records))

    drafted = import_list(home, path, body="culture", into=None)

    assert drafted.records == sum(drafted.outcomes.values()) == 6
    assert drafted.left_over == ((3, "repeated"), (4, "no title"), (5, "no title"), (6, "no title"))
