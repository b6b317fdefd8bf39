"""Headings decide where columns lie; differences are all named at once."""

from collections.abc import Sequence

import pytest

from opendata.errors import SourceError, StructureChanged
from opendata.source import Source
from opendata.vocabulary import OnChange
from resources.headings import Binder, joined


def source(*headings: str, ignored: tuple[str, ...] = ()) -> Source:
    columns = tuple((f"c{at}", heading) for at, heading in enumerate(headings))
    return Source(id="main", files="*", columns=columns, ignored_headings=ignored)


def places(found: Sequence[str | None], contract: Source, *, name: str) -> tuple[int | None, ...]:
    return Binder(source=contract, name=name).bind(found).places


def evolving(contract: Source, *required: str) -> Binder:
    return Binder(
        source=contract, name="x.csv", on_change=OnChange.EVOLVE, required=frozenset(required)
    )


def test_order_is_free() -> None:
    assert places(["名称", "编号"], source("编号", "名称"), name="x") == (1, 0)


def test_invisible_characters_blanks_and_line_breaks_do_not_count() -> None:
    found = ["\ufeff\u200b编号", " 单 位\n名称\u3000"]

    assert places(found, source("编号", "单位名称"), name="x") == (0, 1)


def test_ignored_headings_may_be_there_or_not() -> None:
    contract = source("编号", ignored=("备注", ""))

    assert places(["备注", "编号", "", None], contract, name="x") == (1,)
    assert places(["编号"], contract, name="x") == (0,)


def test_a_heading_listed_twice_is_taken_from_left_to_right() -> None:
    assert places(["金额", "编号", "金额"], source("金额", "金额", "编号"), name="x") == (0, 2, 1)


def test_all_differences_are_told_at_once_the_unknown_by_place() -> None:
    with pytest.raises(SourceError) as refusal:
        places(["编号", "编号", "电话", ""], source("编号", "名称"), name="x.csv")

    message = str(refusal.value)
    assert "missing 名称; repeated 编号; unknown in column 3、4" in message
    assert "电话" not in message
    assert "the contract says 编号、名称" in message
    assert "缺少名称；重复编号；第3、4列不在目录中" in refusal.value.reason


def test_without_headings_columns_are_counted() -> None:
    binder = Binder(source=source("编号", "名称"), name="x")

    assert binder.bind_width(2).places == (0, 1)
    with pytest.raises(StructureChanged, match="it has 3 columns") as refusal:
        binder.bind_width(3)
    assert (refusal.value.diff.new, refusal.value.diff.missing) == ((3,), ())


def test_an_order_of_its_own_is_accepted_and_noted() -> None:
    bound = Binder(source=source("编号", "名称", "电话"), name="x").bind(["电话", "名称", "编号"])

    assert bound.places == (2, 1, 0)
    assert bound.changes is not None
    assert (bound.changes.reordered, bound.changes.breaks) == (True, False)
    assert bound.changes.chinese() == "各列次序不同"


def test_headings_as_the_contract_lists_them_are_no_change() -> None:
    contract = source("编号", "名称", ignored=("备注",))

    assert Binder(source=contract, name="x").bind(["编号", "备注", "名称"]).changes is None


def test_a_missing_heading_with_an_unknown_one_in_its_place_is_hinted_at() -> None:
    with pytest.raises(StructureChanged) as refusal:
        places(["备注", "编号", "名字"], source("编号", "名称", ignored=("备注",)), name="x")

    assert refusal.value.diff.renamed == (("名称", 3),)
    assert "missing 名称; unknown in column 3; 名称 may be column 3 renamed;" in str(refusal.value)
    assert "缺少名称；第3列不在目录中；名称疑为第3列更名。" in refusal.value.reason
    assert "名字" not in str(refusal.value) + refusal.value.reason


def test_adapting_leaves_new_columns_and_reads_missing_ones_as_null() -> None:
    bound = evolving(source("编号", "名称", "电话"), "c0").bind(["编号", "传真", "电话"])

    assert bound.places == (0, None, 2)
    assert bound.changes is not None
    assert (bound.changes.missing, bound.changes.new) == (("名称",), (2,))


@pytest.mark.parametrize(
    "found",
    [["名称", "电话"], ["编号", "编号", "名称"], ["1", "甲", "2"]],
    ids=["a required column", "which of two", "another table"],
)
def test_adapting_has_its_limits(found: list[str]) -> None:
    with pytest.raises(StructureChanged):
        evolving(source("编号", "名称", "电话"), "c0").bind(found)
    with pytest.raises(StructureChanged):
        evolving(source("编号", "名称", "电话")).bind(["a", "b", "c"])


def test_a_heading_listed_twice_and_there_once_is_missing() -> None:
    with pytest.raises(SourceError, match="missing 金额"):
        places(["金额", "编号"], source("金额", "金额", "编号"), name="x")


def test_the_difference_is_told_without_a_heading_of_the_file() -> None:
    with pytest.raises(StructureChanged) as refusal:
        places(["编号", "秘密"], source("编号", "名称"), name="x")

    assert refusal.value.diff.facts() == {
        "columns": 2,
        "expected": 2,
        "missing": ["名称"],
        "repeated": [],
        "new": [2],
        "renamed": [["名称", 2]],
        "reordered": False,
    }


@pytest.mark.parametrize(
    ("records", "headings"),
    [
        ([["编号", "地址", ""], ["", "区", "街道"]], ["编号", "地址/区", "地址/街道"]),
        ([["编号", "编号"], ["编号", "名称"]], ["编号", "编号/名称"]),
        ([["2023年", "", "2024年"], ["件", "元"]], ["2023年/件", "2023年/元", "2024年"]),
        (
            [["A", "", "", "B", ""], ["x", "", "y", "", "z"], ["1", "2", "3", "4", "5"]],
            ["A/x/1", "A/x/2", "A/y/3", "B/4", "B/z/5"],
        ),
        ([["", "甲"], ["乙", ""]], ["乙", "甲"]),
    ],
    ids=["merged", "said before", "ragged", "three rows", "nothing above"],
)
def test_a_heading_over_several_records_is_its_parts_from_top_to_bottom(
    records: list[list[str]], headings: list[str]
) -> None:
    assert joined(records) == headings
