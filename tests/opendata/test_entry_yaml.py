import sys
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from opendata.catalog_file import parse_catalog
from opendata.entry_yaml import entry_yaml
from opendata.vocabulary import Action, Openness, UpdateFrequency
from opendata.yaml_text import read_yaml
from pipelines.new_home import sample_entry

CITY = Path(__file__).parents[2] / "pipelines" / "demo" / "city"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read(text: str) -> dict[str, Any]:
    return read_yaml("entry.yaml", text).values


def entries() -> list[Path]:
    return sorted((CITY / "catalog").glob("*/*.yaml"))


def test_every_entry_of_the_demo_city_reads_back_as_it_was() -> None:
    before = {path: read(path.read_text("utf-8")) for path in entries()}

    assert len(before) > 20
    assert {path: read(entry_yaml(values)) for path, values in before.items()} == before


def test_the_sample_entry_means_the_same_when_written_again() -> None:
    def catalog(text: str) -> str:
        files = {"catalog/bodies.yaml": "bodies: {example: 示例局}"}
        return parse_catalog(files | {"catalog/example/example_dataset.yaml": text}).version

    assert catalog(entry_yaml(read(sample_entry()))) == catalog(sample_entry())


def test_an_entry_is_written_in_the_style_of_the_house() -> None:
    text = entry_yaml(
        {
            "fields": {
                "uscc": {"required": True, "title": "统一社会信用代码", "key": True},
                "amount": {"title": "金额", "minimum": "0", "action": Action.KEEP},
            },
            "source": {"files": "企业*.csv", "null_spellings": ["/", "0503", "无"]},
            "title": "企业登记信息",
            "id": "register",
            "openness": Openness.UNCONDITIONAL,
            "update_frequency": UpdateFrequency.MONTHLY,
            "listed_on": date(2026, 1, 5),
            "quality": {"rules": [{"expect": "expect_x", "kwargs": {"column": "uscc"}}]},
        }
    )

    assert text == (
        "id: register\n"
        "title: 企业登记信息\n"
        "openness: 无条件开放\n"
        "update_frequency: 每月\n"
        "listed_on: 2026-01-05\n"
        'source: {files: 企业*.csv, null_spellings: [/, "0503", 无]}\n'
        "fields:\n"
        "  uscc: {title: 统一社会信用代码, required: true, key: true}\n"
        "  amount: {title: 金额, minimum: 0, action: 保留}\n"
        "quality:\n"
        "  rules:\n"
        "    - expect: expect_x\n"
        "      kwargs: {column: uscc}\n"
    )


def test_comments_stand_by_their_key_or_in_its_place() -> None:
    text = entry_yaml(
        {
            "id": "register",
            "fields": {"f1": {"title": "姓名", "action": "遮盖"}, "f2": {"title": "区县"}},
            "formats": ["CSV", "XLS"],
        },
        comments={
            (): "草稿\n请核对",
            ("openness",): "门户原文：完全开放",
            ("formats",): "第一行\n第二行",
            ("fields", "f1", "action"): "表头为“姓名”",
            ("fields", "f1", "preset"): "未定",
            ("fields", "f2"): "无证据",
        },
    )

    assert text == (
        "# 草稿\n"
        "# 请核对\n"
        "id: register\n"
        "# 第一行\n"
        "# 第二行\n"
        "formats: [CSV, XLS]\n"
        "# 门户原文：完全开放\n"
        "fields:\n"
        "  f1:\n"
        "    title: 姓名\n"
        "    action: 遮盖  # 表头为“姓名”\n"
        "    # 未定\n"
        "  f2: {title: 区县}  # 无证据\n"
    )


def test_twice_as_many_comments_take_twice_the_steps() -> None:
    def steps(fields: int) -> int:
        names = [f"f{number}" for number in range(fields)]
        taken = 0

        def trace(frame: FrameType, event: str, _: object) -> Any:
            nonlocal taken
            frame.f_trace_opcodes = True
            taken += event == "opcode"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            entry_yaml(
                {"fields": {each: {"title": "标题"} for each in names}},
                comments={("fields", each): "说明" for each in names},
            )
        finally:
            sys.settrace(before)
        return taken

    assert steps(400) < 2.2 * steps(200)


def test_comments_change_no_value() -> None:
    values = read(sample_entry())
    comments: dict[tuple[str | int, ...], str] = {
        ("quality", "rules", 0): "规则",
        ("quality", "rules", 0, "mostly"): "容许\n两行",
        ("source", "ignored_headings", 0): "序号",
        ("fields", "head", "role"): "角色",
    }

    assert read(entry_yaml(values, comments=comments)) == values


@given(title=TEXTS, listed=st.lists(TEXTS), key=TEXTS.filter(str.strip))
def test_any_text_reads_back(title: str, listed: list[str], key: str) -> None:
    values = {
        "title": title,
        "formats": listed,
        "fields": {"f1": {"title": title, "date_formats": listed}},
        "source": {"columns": {key: title}},
    }

    assert read(entry_yaml(values)) == values


@given(
    st.dictionaries(
        st.sampled_from(["column", "min_value", "value_set"]),
        st.one_of(
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False, allow_infinity=False),
            TEXTS,
            st.none(),
            st.lists(TEXTS),
        ),
    )
)
def test_arguments_of_rules_keep_their_types(kwargs: dict[str, Any]) -> None:
    values = {"quality": {"rules": [{"expect": "expect_x", "kwargs": kwargs}]}}

    assert read(entry_yaml(values)) == values


@pytest.mark.parametrize(
    "text", ["0503", "no", "1e3", "2026-01-05", "12:30", "0x1F", "~", "=", "1."]
)
def test_text_that_other_readers_take_for_something_else_is_quoted(text: str) -> None:
    assert yaml.safe_load(entry_yaml({"title": text})) == {"title": text}
