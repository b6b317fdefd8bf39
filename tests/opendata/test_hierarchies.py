"""A hierarchy file is a hierarchy, or every mistake in it is told where it stands."""

import pytest

from opendata.hierarchies import read_hierarchy

PATH = "codes/hierarchies/education.csv"


@pytest.mark.parametrize(
    "text",
    ["小学,中等以下,*\n本科,高等,*\n", "\ufeff小学;中等以下;*\r\n本科;高等;*\r\n"],
    ids=["commas", "semicolons"],
)
def test_a_file_says_what_each_value_becomes(text: str) -> None:
    read, problems = read_hierarchy(PATH, text)

    assert problems == ()
    assert (read.id, read.depth) == ("education", 2)
    assert read.at(1) == {"小学": "中等以下", "本科": "高等"}
    assert {*read.at(2).values()} == {"*"}


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", PATH, "there is no line"),
        ("小学,*\n本科,高等,*\n", f"{PATH}:2", "3 cells where the first line has 2"),
        ("小学,中等以下\n", f"{PATH}:1", "the last cell must be *"),
        ("小学,,*\n", f"{PATH}:1", "a cell is empty"),
        ("小学,低,*\n小学,低,*\n", PATH, "'小学' stands here 2 times"),
        ("甲,丙,戊,*\n乙,丙,己,*\n", f"{PATH}:2", "'丙' of level 1 has two different parents"),
    ],
    ids=["empty", "ragged", "no_top", "hole", "twice", "parents"],
)
def test_what_is_no_hierarchy_is_told_with_its_line(text: str, where: str, said: str) -> None:
    _, problems = read_hierarchy(PATH, text)

    assert problems[0].where == where
    assert said in problems[0].message
