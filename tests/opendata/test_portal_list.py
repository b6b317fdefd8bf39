import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata.catalog_file import read_catalog_files
from opendata.entry_yaml import entry_yaml
from opendata.portal_entries import Proposals, propose
from opendata.portal_list import (
    read_day,
    read_formats,
    read_frequency,
    read_headings,
    read_opening,
)
from opendata.vocabulary import Openness, UpdateFrequency
from opendata.yaml_text import read_yaml

DATA = Path(__file__).parents[2].parent / "shared" / "data"
PORTALS = DATA / "cn_portal_catalogues"
OTHERS = (DATA / "gz_baiyun_open_plan", DATA / "beijing_catalogue")
REACHES = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|[\w.]+@[\w.]+\.\w+|已移除")


def proposed(*records: dict[str, str], body: str = "culture") -> Proposals:
    keys = list(dict.fromkeys(key for each in records for key in each))
    cells = [[each.get(key, "") for key in keys] for each in records]
    return propose(read_headings(keys), cells, body=body)


def written(proposals: Proposals) -> list[str]:
    return [entry_yaml(each.values, comments=each.comments) for each in proposals.entries]


@pytest.mark.parametrize(
    ("text", "frequency"),
    [
        ("每天", UpdateFrequency.DAILY),
        ("即时", UpdateFrequency.REALTIME),
        ("小时级", UpdateFrequency.HOURLY),
        ("每半月", UpdateFrequency.HALF_MONTHLY),
        ("季度", UpdateFrequency.QUARTERLY),
        ("年", UpdateFrequency.YEARLY),
        ("不定时", UpdateFrequency.IRREGULAR),
        ("不定期更新", UpdateFrequency.IRREGULAR),
        ("静态数据", UpdateFrequency.STATIC),
        ("每 １ 个月", UpdateFrequency.MONTHLY),
        ("每三个月一次", UpdateFrequency.QUARTERLY),
        ("1次/年", UpdateFrequency.YEARLY),
        ("每12个月", UpdateFrequency.YEARLY),
        ("每7天", UpdateFrequency.WEEKLY),
    ],
)
def test_real_spellings_of_frequencies_are_read(text: str, frequency: UpdateFrequency) -> None:
    reading = read_frequency(text)

    assert (reading.frequency, reading.unknown, reading.no_new_data) == (frequency, False, False)


@pytest.mark.parametrize(
    "text",
    [
        "其他",
        "其它",
        "自定义",
        "每6分钟",
        "分钟级",
        "每10天",
        "每15天",
        "每两年",
        "按需",
        "每月5日",
        "无",
    ],
)
def test_what_is_no_word_of_the_catalog_is_not_guessed(text: str) -> None:
    assert (read_frequency(text).frequency, read_frequency(text).unknown) == (None, True)


@pytest.mark.parametrize("text", ["", " \u3000", "暂无", "null", "-"])
def test_a_list_that_says_nothing_is_not_unknown(text: str) -> None:
    assert read_frequency(text).kind == "absent"
    assert read_opening(text) == read_opening("")
    assert not read_opening(text).unknown


def test_a_declaration_of_no_new_data_is_kept_beside_the_frequency() -> None:
    for text, kind in [("每月", "interval"), ("不定期", "irregular"), ("分钟级", "unknown")]:
        reading = read_frequency(f"{text}(更新说明:暂无新业务数据产生)")
        assert (reading.kind, reading.no_new_data) == (kind, True)
    assert read_frequency("每月（更新说明：系统改造）").unknown


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022-06-07", date(2022, 6, 7)),
        ("2022-06-07\n15:13", date(2022, 6, 7)),
        ("2022-06-07 00:00:00.0", date(2022, 6, 7)),
        ("2022/6/7 1:02", date(2022, 6, 7)),
        ("2022.06.07", date(2022, 6, 7)),
        ("2022年6月7日", date(2022, 6, 7)),
        ("２０２２/０６/０７", date(2022, 6, 7)),
        ("20220607", date(2022, 6, 7)),
        ("20220607235959", date(2022, 6, 7)),
        ("2022-06-07T23:30:00+08:00", date(2022, 6, 7)),
        ("2022-06-07T23:30:00Z", date(2022, 6, 8)),
        ("1602757265000", date(2020, 10, 15)),
        ("1602777600000", date(2020, 10, 16)),
    ],
)
def test_a_date_is_read_however_a_portal_writes_it(text: str, day: date) -> None:
    assert read_day(text).day == day


@pytest.mark.parametrize(
    "text",
    [
        *("2022年6月", "2022-02-30", "06-07-2022", "2022-06-07/2022-07-01", "每周一", "45000"),
        *("1602757265", "2022-06-07 24:00", "2022-06/07", "2022-06-07T10:00:00+99:00"),
        *("1970-01-01", "1900-01-01", "0001-01-01 00:00:00", "0000000000000", "9" * 40),
    ],
)
def test_what_is_no_known_form_of_a_date_is_not_guessed(text: str) -> None:
    assert (read_day(text).day, read_day(text).unknown) == (None, True)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_date_or_nothing_or_unknown(text: str) -> None:
    reading = read_day(text)

    assert reading.day is None or not reading.unknown


def test_a_date_that_is_not_given_is_not_unknown() -> None:
    for text in ("", " ", "暂无", "null", "-"):
        assert (read_day(text).day, read_day(text).unknown) == (None, False)


def test_a_date_of_publication_is_told_from_one_of_an_update() -> None:
    read = read_headings(["标题", "发布日期", "更新日期", "最近维护"])

    assert (read.by_role["released"], read.by_role["updated"], read.unknown) == ((1,), (2,), (4,))
    assert read.texts == ("标题", "发布日期", "更新日期", "最近维护")


@pytest.mark.parametrize(
    ("text", "openness"),
    [
        ("完全开放", Openness.UNCONDITIONAL),
        ("无条件", Openness.UNCONDITIONAL),
        ("依申请开放", Openness.CONDITIONAL),
        ("申请后开放", Openness.CONDITIONAL),
        ("受限开放", Openness.CONDITIONAL),
    ],
)
def test_real_spellings_of_openness_are_read(text: str, openness: Openness) -> None:
    assert read_opening(text).openness is openness


@pytest.mark.parametrize(
    "text",
    [
        "无",
        "无特殊条件",
        "开放网站",
        "实名制开放",
        "登录开放",
        "可开放",
        "1级\t不脱敏",
        "用于数据校验",
    ],
)
def test_what_only_resembles_an_attribute_is_not_guessed(text: str) -> None:
    assert (read_opening(text).openness, read_opening(text).unknown) == (None, True)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("['xls', 'xml']", ("XLS", "XML")),
        ("xls、xml、csv", ("XLS", "XML", "CSV")),
        ("数据库/mysql", ()),
        ("", ()),
    ],
)
def test_formats_are_read_however_they_are_listed(text: str, formats: tuple[str, ...]) -> None:
    assert read_formats(text)[0] == formats


def test_conditions_hold_the_attribute_only_where_nothing_else_does() -> None:
    assert read_headings(["标题", "开放条件"]).by_role["opening"] == (1,)
    both = read_headings(["标题", "开放条件", "开放属性", "备注栏"])
    assert (both.by_role["opening"], both.by_role["conditions"], both.unknown) == ((2,), (1,), (4,))


def test_openness_is_told_and_never_decided() -> None:
    (text,) = written(proposed({"标题": "公园", "开放属性": "完全开放", "发布日期": "2022-01-01"}))

    assert read_yaml("", text).values.keys() == {"id", "title", "body"}
    assert "# 开放属性：原文“完全开放”，读作“无条件开放”；由数据管理员确定 openness" in text


def test_items_become_fields_and_those_about_people_are_pointed_out() -> None:
    items = "单位名称、负责人姓名；收入（万元、含税），单位名称"
    (text,) = written(proposed({"信息资源名称": "名单", "数据项": items}))

    assert text.endswith(
        "fields:\n"
        "  f1: {title: 单位名称}\n"
        "  f2: {title: 负责人姓名}  # 可能涉及个人信息：请确定 semantic 和 action\n"
        "  f3: {title: 收入（万元、含税）}\n"
    )


def test_a_completed_draft_is_an_entry() -> None:
    (entry,) = proposed(
        {"标题": "公园", "摘要": "名称: 地址 # 等", "更新频率": "每年", "数据项": "名称、地址"}
    ).entries
    text = entry_yaml({**entry.values, "source": {"files": "公园.csv"}}, comments=entry.comments)

    reading = read_catalog_files(
        {"catalog/bodies.yaml": "bodies: {culture: 局}", f"catalog/culture/{entry.id}.yaml": text}
    )

    assert reading.problems == ()
    assert reading.catalog.dataset(entry.id).update_frequency is UpdateFrequency.YEARLY


def test_rows_that_go_on_with_items_belong_to_the_dataset_above() -> None:
    made = proposed(
        {"信息资源名称": "公园", "信息项名称": "名称"},
        {"信息资源名称": "", "信息项名称": "地址"},
        {"信息资源名称": "广场", "信息项名称": "名称"},
        {"信息资源名称": "", "信息项名称": ""},
    )

    assert [len(each.values["fields"]) for each in made.entries] == [2, 1]
    assert (made.folded, made.left_over) == (1, ((4, "no title"),))


def test_ids_come_from_codes_or_stay_the_same_in_any_order() -> None:
    first, second = {"标题": "公园", "来源部门": "甲局"}, {"标题": "公园", "来源部门": "乙局"}
    twins = [{"标题": "站", "摘要": "一"}, {"标题": "站", "摘要": "二"}]

    def ids(*records: dict[str, str]) -> set[str]:
        made = proposed({"标题": "头", "来源部门": "", "摘要": ""}, *records)
        return {each.id for each in made.entries}

    (coded,) = proposed({"信息资源名称": "公园", "信息资源代码": "307001/0001"}).entries
    assert coded.id == "d_307001_0001"
    assert ids(first, second, *twins) == ids(*twins, second, first)
    assert len(ids(first, second, *twins)) == 5
    assert proposed(first, first).left_over == ((2, "repeated"),)


def test_nobody_s_number_is_taken_over() -> None:
    made = proposed(
        {
            "标题": "名单 13900000000",
            "摘要": "咨询电话：0771-1234567，邮箱 a.b@example.cn，联系人：某某某",
            "联系人": "某某",
            "联系电话": "13800138000",
            "开放条件": "请电 13900000000",
            "数据项": "名称、联系电话",
        }
    )
    (text,) = written(made)

    assert not re.search(r"1390|1380|0771|example|某某", text)
    assert made.entries[0].left_out == 5
    assert "title: 联系电话" in text


@pytest.mark.parametrize(
    "number",
    [
        "+8613800138000",
        "１３８００１３８０００",
        "138\u200b0013\u200b8000",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２\uff38",
        "110105491231002",
        "（０５７１）８７６５４３２１",
        "a.b\uff20example.cn",
    ],
)
def test_a_number_is_left_out_however_it_is_spelled(number: str) -> None:
    made = proposed(
        {"标题": "名单", "摘要": f"受理 {number}，（全年）", "更新频率": f"按需 {number}"}
    )
    (text,) = written(made)

    assert (made.entries[0].left_out, number in text) == (2, False)
    assert "summary: 受理 〔已略〕，（全年）\n" in text
    assert made.entries[0].said[0] == "按需 〔已略〕"


@settings(deadline=None)  # the first one reads the spellings
@given(
    st.dictionaries(st.sampled_from(["标题", "摘要", "开放属性", "更新频率", "数据项"]), st.text())
)
def test_any_record_becomes_a_draft_or_is_left_over(record: dict[str, str]) -> None:
    made = proposed({"标题": "甲"}, record)

    assert len(made.entries) + len(made.left_over) + made.folded == 2
    for each, text in zip(made.entries, written(made), strict=True):
        assert read_yaml("", text).values["id"] == each.id


# --- The lists of real portals -------------------------------------------------------------


def real_lists() -> list[Path]:
    return sorted(
        each
        for folder in (PORTALS, *OTHERS)
        for each in folder.glob("*")
        if each.name.endswith((".json.gz", ".csv", ".xlsx"))
    )


@pytest.mark.skipif(not PORTALS.is_dir(), reason=f"the portals' lists are not here ({PORTALS})")
def test_nothing_of_the_lists_of_real_portals_is_lost_or_guessed(tmp_path: Path) -> None:
    from pipelines.authoring.list_files import read_list

    records = 0
    frequencies, openings = set(), set()
    for path in real_lists():
        listed = read_list(path, scratch=tmp_path)
        made = propose(listed.headings, listed.records, body="culture")
        drafts = written(made)
        records += len(listed.records)

        assert listed.headings.unknown == (), path.name
        assert len(made.entries) + len(made.left_over) + made.folded == len(listed.records)
        assert len({each.id for each in made.entries}) == len(made.entries)
        assert not [place for place, text in enumerate(drafts) if REACHES.search(text)], path.name
        assert not [place for place, text in enumerate(drafts) if "\nopenness:" in text], path.name
        frequencies |= {each.said[0] for each in made.entries if each.frequency.unknown}
        openings |= {each.said[1] for each in made.entries if each.opening.openness}

    assert records == 36_929
    assert frequencies == {"其他", "自定义", "每6分钟", "分钟级(更新说明:暂无新业务数据产生)"}
    assert openings == {
        *("无条件开放", "有条件开放", "完全开放", "无条件"),
        *("依申请开放", "申请后开放", "申请开放"),
    }
