"""Headings decide where columns lie; differences are all named at once."""

import pytest

from opendata.errors import SourceError
from opendata.source import Source
from resources.headings import places, places_by_position


def source(*headings: str, ignored: tuple[str, ...] = ()) -> Source:
    columns = tuple((f"c{at}", heading) for at, heading in enumerate(headings))
    return Source(id="main", files="*", columns=columns, ignored_headings=ignored)


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
    assert places_by_position(2, source("编号", "名称"), name="x") == (0, 1)
    with pytest.raises(SourceError, match="it has 3 columns"):
        places_by_position(3, source("编号", "名称"), name="x")
