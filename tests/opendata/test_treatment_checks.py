"""What an entry says of a field's desensitising holds together, or is told with its remedy."""

import pytest

from opendata.catalog import Treatment
from opendata.catalog_file import parse_catalog
from opendata.errors import CatalogError
from opendata.vocabulary import Action, KeepingGround, OnInvalid

ENTRY = """id: people
title: 人员
body: civil
source: {{files: 人员*.csv}}
fields:
  no: {{title: 编号, required: true, key: true}}
  it: {{title: 此项, {said}}}
"""
EDUCATION = {"codes/hierarchies/education.csv": "小学,中等以下,*\n本科,高等,*\n"}


def read(said: str) -> Treatment:
    files = {
        "catalog/bodies.yaml": "bodies: {civil: 民政局}\n",
        "catalog/civil/people.yaml": ENTRY.format(said=said),
    }
    return parse_catalog(files | EDUCATION).dataset("people").field("it").treatment


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "type: integer, action: 分段, edges: [0, 500]",
            Treatment(action=Action.BIN, edges=("0", "500")),
        ),
        ("type: decimal, action: 取整, unit: 0.5", Treatment(action=Action.ROUND, unit="0.5")),
        (
            "type: date, action: 封顶保底, top: 2010-12-31",
            Treatment(action=Action.CLAMP, top="2010-12-31"),
        ),
        (
            "action: 泛化, hierarchy: education, level: 1, on_invalid: 隔离",
            Treatment(
                action=Action.GENERALISE,
                hierarchy="education",
                level=1,
                on_invalid=OnInvalid.QUARANTINE,
            ),
        ),
        ("action: 整值抹除", Treatment(action=Action.REDACT)),
        (
            "semantic: 手机号码, action: 保留, ground: 示, ground_kind: 依法公开, signed_by: 主任",
            Treatment(ground="示", ground_kind=KeepingGround.STATUTORY, signed_by="主任"),
        ),
    ],
    ids=["bin", "round", "clamp", "hierarchy", "redact", "keep"],
)  # fmt: skip
def test_an_entry_says_what_is_done_to_a_field(said: str, expected: Treatment) -> None:
    assert read(said) == expected


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("action: 分段, edges: ['1']", "action: 分段 works on numbers, and this field is text"),
        ("type: integer, action: 分段", "edges: 分段 needs its edges"),
        ("type: integer, action: 分段, edges: [5, 5]", "edges: the edges must rise"),
        ("type: integer, action: 分段, edges: [甲]", "edges: '甲' is not a integer"),
        ("type: integer, action: 取整", "unit: 取整 needs a unit"),
        ("type: integer, action: 取整, unit: 0", "unit: the unit must be above nought"),
        ("type: decimal, action: 取整, unit: 0.001", "unit: '0.001' has more decimals than the"),
        ("type: integer, action: 封顶保底", "top: 封顶保底 needs a top, a bottom or both"),
        ("type: integer, action: 封顶保底, bottom: 9, top: 3", "bottom: the bottom is not below"),
        ("action: 封顶保底, top: z", "action: 封顶保底 works on numbers and dates"),
        (
            "action: 泛化, hierarchy: gone, level: 1",
            "hierarchy: there is no codes/hierarc",
        ),
        ("action: 泛化, hierarchy: education, level: 3", "level: 'education' has 2 level(s)"),
        ("action: 泛化, hierarchy: education", "level: a hierarchy and a level go together"),
        ("action: 泛化, preset: 区县, hierarchy: education, level: 1", "hierarchy: a preset and a"),
        ("action: 遮盖, preset: 姓名, unit: '5'", "unit: only 取整 has a unit"),
        ("action: 删除, on_invalid: 隔离", "on_invalid: only 遮盖、假名、泛化 meet values"),
        ("action: 删除, signed_by: 主任", "signed_by: this says more of a `ground`"),
    ],
    ids=[f"case{place}" for place in range(17)],
)
def test_what_does_not_hold_together_is_told(said: str, problem: str) -> None:
    with pytest.raises(CatalogError) as told:
        read(said)

    assert any(f"fields.it.{problem}" in str(each) for each in told.value.problems)


def test_a_hierarchy_with_mistakes_is_told_and_not_read() -> None:
    files = {"catalog/bodies.yaml": "bodies: {}\n", "codes/hierarchies/x.csv": "a,b\n"}

    with pytest.raises(CatalogError, match=r"codes/hierarchies/x.csv:1: the last cell must be \*"):
        parse_catalog(files)
