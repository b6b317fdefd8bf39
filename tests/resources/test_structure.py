"""A structure that changed is refused, or borne and noted, before any row is read."""

import gzip
from pathlib import Path

import pytest

from opendata.errors import StructureChanged
from opendata.vocabulary import OnChange
from tests.resources.deliveries import opened, xlsx, zipped

HEADS = [["企业", "", "地址", "", "备注"], ["编号", "名称", "区", "街道", ""]]
ROW = ["007", "甲", "朝阳", "望京", "略"]
DEEP = (("code", "企业/编号"), ("name", "企业/名称"), ("town", "地址/街道"))


def text(*records: list[str]) -> bytes:
    return "".join(",".join(record) + "\n" for record in records).encode()


@pytest.mark.parametrize("pack", [text, xlsx, lambda *records: gzip.compress(xlsx(*records))])
@pytest.mark.parametrize("above", [0, 2])
def test_headings_over_two_records_are_read_from_texts_and_workbooks(  # type: ignore[no-untyped-def]
    tmp_path: Path, pack, above: int
) -> None:
    records = [*[["标题", "", "", "", ""]] * above, *HEADS, ROW]

    table, rows = opened(
        tmp_path,
        pack(*records),
        columns=DEEP,
        ignored_headings=("地址/区", "备注"),
        header_row=above + 1,
        header_rows=2,
    )

    assert rows == [("007", "甲", "望京", above + 3)]
    assert table.changes is None


def test_a_refusal_names_all_heading_records(tmp_path: Path) -> None:
    with pytest.raises(StructureChanged, match="the headings of records 1 to 2 are") as refusal:
        opened(tmp_path, text(*HEADS, ROW), columns=DEEP, header_rows=2)

    assert refusal.value.reason == (
        "文件“许可.csv”第 1 至 2 行的表头与目录登记不符：第3、5列不在目录中。请核对表头或目录登记。"
    )


@pytest.mark.parametrize(
    "pack",
    [text, xlsx, lambda *records: zipped({"x": text(*records)})],
    ids=["text", "workbook", "zip"],
)
def test_adapting_reads_a_missing_column_as_null_and_stores_no_new_one(  # type: ignore[no-untyped-def]
    tmp_path: Path, pack
) -> None:
    content = pack(["新列", "编号"], ["秘密", "007"])

    table, rows = opened(tmp_path, content, on_change=OnChange.EVOLVE, required=("code",))

    assert rows == [("007", None, 2)]
    assert table.changes is not None
    assert table.changes.english() == ("missing 名称; unknown in column 1")
    assert table.changes.chinese() == "缺少名称；第1列不在目录中"


@pytest.mark.parametrize("policy", list(OnChange))
def test_a_required_column_may_not_be_missing_under_any_policy(
    tmp_path: Path, policy: OnChange
) -> None:
    with pytest.raises(StructureChanged) as refusal:
        opened(tmp_path, text(["编号"], ["1"]), on_change=policy, required=("name",))

    assert refusal.value.diff.missing == ("名称",)


@pytest.mark.parametrize("policy", [OnChange.REFUSE, OnChange.QUARANTINE])
def test_a_policy_that_does_not_adapt_hands_the_difference_to_the_caller(
    tmp_path: Path, policy: OnChange
) -> None:
    with pytest.raises(StructureChanged) as refusal:
        opened(tmp_path, text(["编号", "名字"], ["1", "甲"]), on_change=policy)

    assert refusal.value.diff.renamed == (("名称", 2),)
    assert refusal.value.reason == (
        "文件“许可.csv”第 1 行的表头与目录登记不符：缺少名称；第2列不在目录中；"
        "名称疑为第2列更名。请核对表头或目录登记。"
    )


def test_columns_in_another_order_are_read_and_noted(tmp_path: Path) -> None:
    table, rows = opened(tmp_path, text(["名称", "编号"], ["甲", "1"]))

    assert rows == [("1", "甲", 2)]
    assert table.changes is not None
    assert table.changes.facts()["reordered"] is True


def test_without_headings_only_the_width_can_be_compared(tmp_path: Path) -> None:
    with pytest.raises(StructureChanged) as refusal:
        opened(tmp_path, text(["1", "甲", "x"]), header_row=0, on_change=OnChange.EVOLVE)

    assert refusal.value.reason == ("文件“许可.csv”共 3 列，登记为 2 列，请核对文件或目录登记。")
    assert refusal.value.diff.new == (3,)


def test_the_structure_is_judged_before_a_row_is_read(tmp_path: Path) -> None:
    content = text(["编号", "名字"]) + b'1,"never closed\n'

    with pytest.raises(StructureChanged):
        opened(tmp_path, content)
