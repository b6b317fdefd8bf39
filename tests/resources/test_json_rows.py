"""JSON: every record a row, every number as it is spelled, or the file is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opendata.errors import StructureChanged
from opendata.vocabulary import OnChange
from resources import text_damage, transcode
from tests.resources.deliveries import opened, refused

LIST = '[{"编号": "007", "名称": "甲"}, {"名称": "乙", "编号": 8}]'
ROWS = [("007", "甲", 1), ("8", "乙", 2)]
FLAT = (
    "; hand it over as a list of flat objects, or declare where it lies with `records`",
    "，请改报由单层键值对象组成的列表，或登记记录所在（records）。",
)


def rows(tmp_path: Path, text: str, **contract: Any) -> list[tuple[Any, ...]]:
    return opened(tmp_path, text.encode(), **contract)[1]


@pytest.mark.parametrize(
    ("text", "contract"),
    [
        (LIST, {}),
        (LIST.replace("}, {", "}\n{").strip("[]"), {}),
        (LIST.replace("}, {", "}{").strip("[]"), {}),
        (LIST.replace("}, {", "}]\n[{"), {}),
        (f'{{"code": 0, "data": {{"n": 2, "items": {LIST}}}, "x": []}}', {"records": "data.items"}),
        (
            f'{{"d": {LIST[: LIST.index("}") + 1]}]}} {{"d": [{LIST.split("}, ")[1]}}}',
            {"records": "d"},
        ),
    ],
    ids=["list", "lines", "objects side by side", "lists", "path", "pages side by side"],
)
def test_the_same_rows_come_from_every_arrangement(
    tmp_path: Path, text: str, contract: dict[str, Any]
) -> None:
    assert rows(tmp_path, text, **contract) == ROWS


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "gb18030"])
def test_json_comes_in_every_encoding(tmp_path: Path, codec: str) -> None:
    table, found = opened(tmp_path, LIST.encode(codec))

    assert (found, table.encoding) == (ROWS, codec)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.10", "1.10"),
        ("1E400", "1E400"),
        ("-0", "-0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("true", "true"),
        ("null", None),
        ('""', None),
        ('"a\\u4e2d\\n"', "a中\n"),
    ],
)
def test_a_value_is_what_is_written(tmp_path: Path, value: str, text: str | None) -> None:
    assert rows(tmp_path, f'[{{"编号": {value}, "名称": "x"}}]') == [(text, "x", 1)]


def test_a_record_may_lack_keys_that_others_have(tmp_path: Path) -> None:
    assert rows(tmp_path, '{"编号": 1}\n{"名称": "乙"}') == [("1", None, 1), (None, "乙", 2)]


def test_a_list_without_records_has_no_rows(tmp_path: Path) -> None:
    assert rows(tmp_path, "[]") == []


def test_a_key_nobody_listed_is_a_difference_told_by_its_place(tmp_path: Path) -> None:
    text = '[{"编号": 1, "名称": "x"}, {"编号": 1, "秘密": {"a": []}}]'

    with pytest.raises(StructureChanged) as refusal:
        rows(tmp_path, text)

    assert "the keys of its records are not those of the contract: unknown in column 3" in str(
        refusal.value
    )
    assert refusal.value.reason == (
        "文件“许可.csv”记录的键与目录登记不符：第3列不在目录中。请核对表头或目录登记。"
    )
    assert "秘密" not in str(refusal.value) + refusal.value.reason
    assert rows(tmp_path, text, on_change=OnChange.EVOLVE) == [("1", "x", 1), ("1", None, 2)]


def test_footers_and_blank_records_are_set_aside_here_too(tmp_path: Path) -> None:
    text = '[{"编号": 1, "名称": "x"}, {"编号": "", "名称": null}, {"名称": "合计"}]'

    table, found = opened(tmp_path, text.encode(), footer_rows=1, blank_rows=True)

    assert (found, table.blank_rows) == ([("1", "x", 1)], 1)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            '[{"编号": 1}, {"编号": [1]}]',
            "record 2 holds a list or an object under 编号, not a plain value" + FLAT[0],
            "第 2 条记录的“编号”不是单个值（为列表或对象）" + FLAT[1],
        ),
        (
            "[[1, 2]]",
            "record 1 is no object of keys and values" + FLAT[0],
            "第 1 条记录不是键值对象" + FLAT[1],
        ),
        (
            '[{"编号": "\\u0000"}]',
            "record 1 holds a NUL character" + FLAT[0],
            "第 1 条记录含有空字符（NUL）" + FLAT[1],
        ),
        (
            '[{"编号": 1, "编号": 2}]',
            "record 1 holds a key twice; export it again",
            "第 1 条记录有重复的键，请重新导出。",
        ),
        (
            '[{"编号": NaN}]',
            "record 1 holds NaN or an infinity, which are no JSON; export it again",
            "第 1 条记录含有 NaN 或 Infinity，请重新导出。",
        ),
        (
            '[{"编号": 1}, {"编号": 11010',
            "it is no well-formed JSON after record 1; it may be cut short: export it again",
            "第 1 条记录之后不是规范的 JSON，文件可能被截断，请重新导出。",
        ),
        (
            '[{"编号": 1}',
            "it is no well-formed JSON after record 1; it may be cut short: export it again",
            "第 1 条记录之后不是规范的 JSON，文件可能被截断，请重新导出。",
        ),
        (
            '{"编号": ' + "[" * 100_000,
            "record 1 is nested too deeply; export it again",
            "第 1 条记录嵌套过深，请重新导出。",
        ),
        (
            '[{"编号": "\\ud800", "名称": 1}]',
            "it holds half of a surrogate pair (such as \\ud800), which is no character; export "
            "it again",
            "含有无法表示的字符（不成对的代理码），请重新导出。",
        ),
    ],
    ids=["nested", "no object", "nul", "twice", "nan", "cut", "unclosed", "deep", "surrogate"],
)
def test_what_is_no_table_is_refused_by_record(
    tmp_path: Path, text: str, english: str, chinese: str
) -> None:
    with refused(english, chinese):
        rows(tmp_path, text)


@pytest.mark.parametrize(
    "text", ['{"code": 500}', '{"data": {"items": {}}}', LIST, '{"data": null}']
)
def test_a_path_that_leads_to_no_list_is_refused(tmp_path: Path, text: str) -> None:
    with refused(
        "in a document after record 0 `records: data.items` does not lead to exactly one list; "
        "correct it in the catalog entry, or ask for the data again",
        "第 0 条记录之后的 JSON 中，登记的路径“data.items”不是唯一的记录列表，"
        "请核对目录登记，或重新报送。",
    ):
        rows(tmp_path, text, records="data.items")


def test_a_record_without_end_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.json_text.MAX_RECORD", 10_000)
    monkeypatch.setattr(transcode, "CHUNK", 1000)

    with refused(
        f"record 2 is longer than {text_damage.MAX_RECORD} characters: a quotation mark is never "
        "closed, or there are no line breaks; export it again with both",
        f"第 2 条记录超过 {text_damage.MAX_RECORD} 个字符，引号未闭合或缺少换行，请重新导出。",
    ):
        rows(tmp_path, '{"编号": 1, "名称": 1}\n{"编号": "' + "x" * 50_000)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False)
)
RECORDS = st.lists(st.fixed_dictionaries({"编号": VALUES, "名称": VALUES}), max_size=6)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RECORDS, st.sampled_from([1, 3, 64]), st.sampled_from([None, 2]), st.booleans())
def test_any_records_come_back_whatever_the_chunks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    records: list[dict[str, Any]],
    chunk: int,
    indent: int | None,
    lined: bool,
) -> None:
    monkeypatch.setattr(transcode, "CHUNK", chunk)
    if lined:
        text = "\n".join(json.dumps(each) for each in records) or "[]"
    else:
        text = json.dumps(records, indent=indent)
    if "\\u0000" in text:
        return

    def spelled(value: Any) -> str | None:
        return (value if isinstance(value, str) else json.dumps(value)) or None

    expected = [
        tuple(None if record[key] is None else spelled(record[key]) for key in ("编号", "名称"))
        for record in records
    ]
    assert [row[:2] for row in rows(tmp_path, text)] == expected
