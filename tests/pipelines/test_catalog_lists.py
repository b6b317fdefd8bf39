"""Catalogue lists as departments keep them, in every container they come in."""

import gzip
import json
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from opendata.errors import CatalogError
from pipelines.authoring.list_files import ForeignList, read_list
from pipelines.authoring.list_import import import_list
from pipelines.cli import main
from pipelines.new_home import create_home
from resources.home import Home

Read = Callable[[Path], ForeignList]

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


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return partial(read_list, scratch=tmp_path)


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
def test_records_are_found_in_any_json(read: Read, tmp_path: Path, text: str) -> None:
    assert read(a_list(tmp_path, text)).records == CELLS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
def test_tables_are_read_under_any_title_delimiter_and_encoding(
    read: Read, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = ["某市数据目录清单", "", "标题,更新频率", "公园,每月", ",", "广场,"]
    text = "\r\n".join(lines).replace(",", delimiter)

    assert read(a_list(tmp_path, text, encoding=encoding)).records == CELLS


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_a_packed_list_is_unpacked(read: Read, tmp_path: Path, packing: str) -> None:
    path, content = tmp_path / "list", json.dumps(RECORDS).encode()
    if packing == "gzip":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("清单.json", content)

    assert read(path).records == CELLS


def test_numbers_are_read_as_they_are_spelled(read: Read, tmp_path: Path) -> None:
    text = f'[{{"标题": "公园", "资源代码": 307001.10, "描述": {"9" * 5000}}}]'

    assert read(a_list(tmp_path, text)).records == [["公园", "307001.10", "9" * 5000]]


def test_a_workbook_is_read_below_its_title(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(1, 0, "某市数据目录清单")
        sheet.write_row(3, 0, ["序号", "数据集名称", "更新周期"])
        sheet.write_row(4, 0, [1, "公园", "每月"])

    listed = read_list(tmp_path / "list.xlsx", scratch=tmp_path)

    assert listed.records == [["1", "公园", "每月"]]
    assert listed.headings.by_role["title"] == (1,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8b\x08cut", "its gzip stream is cut short or damaged"),
        ('[{"标题": "公园"}, {"标题'.encode(), "the document from line 1 on is not JSON"),
        ("编号,备注\n1,2\n".encode(), "no heading of this list is known for the name of a dataset"),
        (b"", "no heading of this list is known for the name of a dataset"),
        (b"PK\x03\x04broken", "its content is damaged ZIP"),
        (b"%PDF-1.7", "its content is PDF"),
        (('{"标题": ' + "[" * 500 + "]" * 500 + "}").encode(), "nested too deeply"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested too deeply"),
        ("标题,描述\n公园,公园的名称和面积".encode() + b"\xff\n", "not utf-8 text at byte 45"),
        ('标题,描述\n公园,"没有引号\n广场,有\n'.encode(), "a quotation mark is never closed"),
    ],
    ids=[
        "gzip", "json", "headings", "empty", "workbook", "stranger", "deep records",
        "deep document", "damaged text", "open quotation mark",
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "list").write_bytes(content)

    with pytest.raises(CatalogError, match=said):
        read_list(tmp_path / "list", scratch=tmp_path)


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


@pytest.mark.parametrize(
    "personal",
    [
        "11010519491231002X",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２\uff38",
        "110105491231002",
        "13800138000",
        "+8613800138000",
        "１３８\uff0d００１３\uff0d８０００",
        "张建国 13800138000",
        "一三八〇〇一三八〇〇〇",
        "0571-87654321",
        "6222021234567890128",
        "someone@example.com",
        "张建国",
        "联系人：李秀英",
        "申请人张建国因住房困难申请公租房，家住文三路一号",
    ],
)
@pytest.mark.parametrize("heading", ["更新频率", "开放属性"])
def test_what_may_be_about_somebody_is_counted_and_not_shown(
    home: Home, tmp_path: Path, heading: str, personal: str
) -> None:
    records = [{"标题": "公园", heading: personal}, {"标题": "广场", heading: "按需"}]
    path = a_list(tmp_path, json.dumps(records))
    words = ["catalog", "import-list", str(path), "--body", "culture", "--home", str(home.root)]

    told = CliRunner().invoke(main, words)
    as_json = CliRunner().invoke(main, [*words, "--json"])

    assert (told.exit_code, as_json.exit_code) == (0, 0), told.output
    assert "unknown: (long texts, numbers and names, which are not shown) (1)" in told.output
    for output in (told.output, as_json.output):
        assert "按需" in output
        assert not any(part in output for part in (personal, personal[:5], personal[-5:]))


def test_nothing_of_a_list_stays_in_the_home_but_its_drafts(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(gzip.compress(json.dumps(RECORDS).encode()))

    import_list(home, path, body="culture", into=None)

    assert list(home.restricted.glob("draft-*")) == []


def test_every_record_is_accounted_for(home: Home, tmp_path: Path) -> None:
    records = [*RECORDS, RECORDS[0], {"标题": "", "更新频率": "每月"}, "no record", 5]
    path = a_list(tmp_path, json.dumps(records))

    drafted = import_list(home, path, body="culture", into=None)

    assert drafted.records == sum(drafted.outcomes.values()) == 6
    assert drafted.left_over == ((3, "repeated"), (4, "no title"), (5, "no title"), (6, "no title"))
