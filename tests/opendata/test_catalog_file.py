import json
from importlib.resources import files

import pytest

from opendata.catalog import Catalog, DataTime, Treatment
from opendata.catalog_file import parse_catalog, read_catalog_files
from opendata.catalog_schema import json_schema
from opendata.errors import CatalogError
from opendata.vocabulary import Action, FieldType, Openness, Semantic, UpdateFrequency

BODIES = "bodies: {market: 市市场监督管理局, civil: 市民政局}"
PERMITS = """\
id: permits
title: 许可证
body: market
openness: 无条件开放
update_frequency: 每月
listed_on: 2026-01-05
data_time: {field: issued_on}
source:
  files: 许可证*.csv
  header_row: 3
  null_spellings: ["/", no, 2012]
fields:
  permit_no: {title: 许可证号, heading: 编号, required: true, key: true}
  issued_on: {title: 发证日期, type: date}
  district: {title: 区县, code_table: districts}
  mobile: {title: 联系电话, semantic: 手机号码, role: 直接标识符, action: 遮盖, preset: 手机号}
quality:
  rules:
    - expect: expect_column_values_to_be_between
      kwargs: {column: issued_on, min_value: 3, or_equal: true, value_set: ["1", no]}
      indicator: 0503
      description: 发证日期合理
"""


def texts(**changes: str) -> dict[str, str]:
    """A catalog of one good entry, with files replaced or added."""
    paths = {
        "bodies": "catalog/bodies.yaml",
        "elements": "catalog/elements.yaml",
        "permits": "catalog/market/permits.yaml",
        "permits_sql": "catalog/market/permits.sql",
        "districts": "codes/districts.csv",
    }
    given = {"bodies": BODIES, "permits": PERMITS, "districts": "code,title\n01,东区\n"}
    return {paths.get(name, name): text for name, text in (given | changes).items()}


def problems(given: dict[str, str]) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        parse_catalog(given)
    return [str(problem) for problem in caught.value.problems]


def one_problem(old: str, new: str, **changes: str) -> str:
    assert old in PERMITS
    (problem,) = problems(texts(permits=PERMITS.replace(old, new, 1), **changes))
    return problem


def parsed(**changes: str) -> Catalog:
    return parse_catalog(texts(**changes))


def test_an_entry_becomes_a_dataset() -> None:
    dataset = parsed().dataset("permits")

    assert (dataset.openness, dataset.update_frequency) == (
        Openness.UNCONDITIONAL,
        UpdateFrequency.MONTHLY,
    )
    assert dataset.data_time == DataTime(field="issued_on")
    assert dataset.field("issued_on").type is FieldType.DATE
    assert dataset.field("mobile").semantic is Semantic.MOBILE
    assert dataset.field("mobile").treatment == Treatment(action=Action.MASK, preset="手机号")


def test_a_lone_source_is_called_main_and_reads_every_field_by_its_heading() -> None:
    (source,) = parsed().dataset("permits").sources

    assert source.id == "main"
    assert source.columns[:2] == (("permit_no", "编号"), ("issued_on", "发证日期"))


def test_scalars_stay_as_written_save_under_kwargs() -> None:
    dataset = parsed().dataset("permits")
    (rule,) = dataset.quality.rules

    assert dataset.sources[0].null_spellings == ("/", "no", "2012")
    assert rule.indicator == "0503"
    assert rule.kwargs["min_value"] == 3
    assert rule.kwargs["or_equal"] is True
    assert rule.kwargs["value_set"] == ["1", False]


def test_a_model_reads_what_it_names() -> None:
    counts = "id: counts\ntitle: 数量\nbody: civil\nfields: {n: {title: 数, type: integer}}"
    sql = "select n from {{ ref('permits') }} join {{ ref('permits') }} -- not ref('ghost')"

    catalog = parse_catalog(
        texts() | {"catalog/civil/counts.yaml": counts, "catalog/civil/counts.sql": sql}
    )

    assert catalog.dataset("counts").reads == ("permits",)
    assert catalog.dataset("counts").sources == ()


def test_the_version_does_not_hang_on_the_order_of_files() -> None:
    given = texts()

    assert parse_catalog(given).version == parse_catalog(dict(reversed(given.items()))).version


def test_a_wrong_word_is_refused_with_what_was_meant() -> None:
    assert one_problem("每月", "每天") == (
        "catalog/market/permits.yaml:5 update_frequency: '每天' is not one of 实时, 每小时, 每日, "
        "每工作日, 每周, 每旬, 每半月, 每月, 每季度, 每半年, 每年, 不定期, 不更新. "
        "Did you mean '每日'?"
    )


def test_a_wrong_word_nobody_knows_gets_no_suggestion() -> None:
    assert one_problem("无条件开放", "随缘").endswith("不予开放.")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: permits", "id: permit", ":1 id: 'permit' is not the file name 'permits'."),
        ("body: market", "body: civil", ":3 body: 'civil' is not the folder 'market'."),
        ("title: 许可证\n", "", ":1 title: this key is missing; add it."),
        ("openness:", "opennes:", ":4 opennes: 'opennes' is not a key here; allowed are id, title"),
        ("2026-01-05", "20260105", ":6 listed_on: '20260105' is not a day; write it like"),
        ("header_row: 3", "header_row: drei", ":10 source.header_row: 'drei' is not a whole"),
        ("header_row: 3", "header_row: -1", ":10 source.header_row: '-1' is below the smallest"),
        ("{field: issued_on}", "{field: mobile}", ":7 data_time.field: 'mobile' is text; name a"),
        ("{field: issued_on}", "{field: gone}", ":7 data_time.field: no field is called 'gone';"),
        ("data_time: {", "data_time: {fixed: 2026-01-01, ", ":7 data_time: give either field or"),
        ("files: 许", "columns: {a: A}\n  files: 许", ":9 source.columns: columns go with hand-w"),
        ("files: 许", "encoding: gbq\n  files: 许", ":9 source.encoding: 'gbq' is no encoding;"),
        ("heading: 编号", "heading: 区县", ":8 source: the heading '区县' is named twice; name it"),
        ("  permit_no:", "  _row:", ":13 fields._row: '_row' is not a field name; names match"),
        ("  permit_no:", "  rowid:", ":13 fields.rowid: 'rowid' is a column the engine makes up"),
        ("type: date", "type: 日期", ":14 fields.issued_on.type: '日期' is not one of text, integ"),
        ("type: date", "type: date, minimum: x", ":14 fields.issued_on.minimum: 'x' is not a date"),
        ("required: true", "minimum: 3", ":13 fields.permit_no.minimum: a text field has no mini"),
        ("required: true", "pattern: '['", ":13 fields.permit_no.pattern: this is not a regular"),
        ("required: true", "pattern: '(?!x)'", ":13 fields.permit_no.pattern: look-around and"),
        ("required: true", "required: vrai", ":13 fields.permit_no.required: 'vrai' is neither"),
        ("required: true", "date_formats: ['%Y']", ":13 fields.permit_no.date_formats: only date"),
        (
            "type: date",
            "type: date, date_formats: [Y]",
            ":14 fields.issued_on.date_formats: 'Y' is",
        ),
        ("districts}", "towns}", ":15 fields.district.code_table: there is no codes/towns.csv;"),
        ("districts}", "districts, element: e}", ":15 fields.district.element: 'e' is not in cata"),
        (", action: 遮盖, preset: 手机号", "", ":16 fields.mobile.action: this identifying field"),
        (
            "遮盖, preset: 手机号",
            "保留",
            ":16 fields.mobile.ground: keeping a 手机号码 field needs",
        ),
        (", preset: 手机号", "", ":16 fields.mobile.preset: missing; choose one of 手机号、证件号"),
        ("preset: 手机号", "preset: 年", ":16 fields.mobile.preset: '年' is not one of 手机号"),
        ("遮盖, preset: 手机号", "假名", ":16 fields.mobile.purpose: 假名 needs a purpose"),
        ("遮盖, preset: 手机号", "泛化, preset: 年", ":16 fields.mobile.preset: 年 works on dates"),
        ("action: 遮盖", "type: integer, action: 遮盖", ":16 fields.mobile.action: 遮盖 works on"),
        (
            "遮盖, preset",
            "删除, preset",
            ":16 fields.mobile.preset: only 遮盖 and 泛化 have a pres",
        ),
        (
            "action: 遮盖",
            "ground: g, action: 遮盖",
            ":16 fields.mobile.ground: a ground is a reason",
        ),
        ("action: 遮盖", "purpose: p, action: 遮盖", ":16 fields.mobile.purpose: only 假名 has a"),
        ("expect: expect_", "expect: check_", ":19 quality.rules.0.expect: 'check_column_values_"),
        ("column: issued_on", "column: gone", ":20 quality.rules.0.kwargs.column: no field is"),
        ("indicator: 0503", "indicator: 503", ":21 quality.rules.0.indicator: '503' is no GB/T"),
        ("indicator", "mostly: 3\n      indicator", ":21 quality.rules.0.mostly: '3' is above"),
        ("body: market", "body: market\nlead_body: gone", ":4 lead_body: 'gone' is not in catalog"),
        ("body: market", "body: market\nacquired: 共享获取", ":1 acquired_from: 共享获取 needs"),
        ("body: market", "body: market\nrelease: {sort_by: [gone]}", ":4 release.sort_by.0: no fi"),
        (
            "body: market",
            "body: market\nrelease: {k: 1}",
            ":4 release.k: '1' is below the smallest",
        ),
        ("body: market", "body: market\nrelease: {t: 2}", ":4 release.t: '2' is above"),
        (
            "body: market",
            "body: market\nrelease: {small_cell: {count: gone, groups: [permit_no]}}",
            ":4 release.small_cell.count: no field is called 'gone'",
        ),
        ("body: market", "body: market\nbody: market", ":4 body: the key 'body' stands here a sec"),
        ("body: market", "body: [market", ":4: this is not YAML: "),
    ],
    ids=lambda value: value if value.isascii() and len(value) < 40 else "case",
)
def test_a_mistake_is_told_with_its_line_and_its_remedy(old: str, new: str, said: str) -> None:
    assert one_problem(old, new).startswith(f"catalog/market/permits.yaml{said}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"catalog/market/x.sql": "select 1"},
            "catalog/market/x.sql: there is no entry beside this SQL; write the .yaml.",
        ),
        ({"catalog/x.yaml": "id: x"}, "catalog/x.yaml: this is no place for a catalog file;"),
        (
            {"permits_sql": "select *\nfrom {{ ref('ghost') }}"},
            "catalog/market/permits.sql:2: no dataset is called 'ghost'.",
        ),
        (
            {"permits_sql": "from {{ source('gone') }}"},
            "catalog/market/permits.sql:1: no source is called 'gone'; the entry has main.",
        ),
        (
            {"permits_sql": "from {{ ref('permits') }}"},
            "catalog/market/permits.sql:1: this dataset reads itself; break the circle.",
        ),
        (
            {"catalog/civil/permits.yaml": PERMITS.replace("body: market", "body: civil")},
            "catalog/market/permits.yaml:1 id: 'permits' is already catalog/civil/permits.yaml;",
        ),
        ({"districts": "code,name\n"}, "codes/districts.csv:1: the first line must be code,title."),
        ({"districts": "code,title\n1,a\n1,b\n"}, "codes/districts.csv: the code '1' stands"),
        ({"districts": "code,title\n1\n"}, "codes/districts.csv:2: a line has a code and a title"),
        (
            {"elements": "elements: {uscc: {title: 信用代码, authority: tax.uscc}}"},
            "catalog/elements.yaml:1 elements.uscc.authority: 'tax.uscc' names no dataset of this",
        ),
        (
            {"bodies": "bodies: {market: 甲, Tax-1: 乙}"},
            "catalog/bodies.yaml:1 bodies.Tax-1: 'Tax-1' is no body id; ids match [a-z]",
        ),
    ],
    ids=[
        "sql_alone",
        "misplaced",
        "unknown_ref",
        "unknown_source",
        "circle",
        "same_id",
        "codes_header",
        "codes_twice",
        "codes_ragged",
        "element_body",
        "body_id",
    ],
)
def test_a_mistake_between_files_is_told(change: dict[str, str], said: str) -> None:
    (problem,) = problems(texts(**change))

    assert problem.startswith(said)


def test_several_sources_need_columns_and_sql() -> None:
    two = PERMITS.replace("source:", "sources: {a: {files: a}, b: {files: b}}\nignored:")

    said = "\n".join(problems(texts(permits=two)))

    assert "sources.a.columns: each of several sources needs columns; add them." in said
    assert "source: there are 2 sources and no SQL beside the entry; give exactly one" in said


def test_every_mistake_of_a_whole_catalog_is_found_in_one_run() -> None:
    broken = (
        PERMITS.replace("无条件开放", "完全开放")
        .replace("每月", "每天")
        .replace("2026-01-05", "5.1.2026")
        .replace("header_row: 3", "header_row: x")
        .replace("type: date", "type: date, minimum: x, pattern: '['")
        .replace("preset: 手机号", "preset: 手机")
        .replace("indicator: 0503", "indicator: '9'\n      colour: red")
        .replace("{field: issued_on}", "{field: gone}")
    )
    permits_2 = broken.replace("code_table: districts", "code_table: towns, action: 假名")
    given = texts(permits=broken) | {"catalog/tax/permits_2.yaml": permits_2}

    found = problems(given)

    assert len(found) >= 20
    assert all(each.split(" ")[0].rpartition(":")[2].isdigit() for each in found)


def test_a_wrong_word_does_not_hide_or_echo_other_mistakes() -> None:
    broken = (
        PERMITS.replace("action: 遮盖", "action: 打码").replace("每月", "月").replace("0503", "1")
    )

    found = problems(texts(permits=broken))

    assert [each.split(": ")[0].split(" ")[1] for each in found] == [
        "update_frequency",
        "fields.mobile.action",
        "quality.rules.0.indicator",
    ]


def test_aliases_are_not_followed() -> None:
    looped = PERMITS.replace("quality:", "quality: &q\n  again: *q")

    (problem,) = problems(texts(permits=looped))

    assert "anchors and aliases are not read; write the values out." in problem


def test_the_shipped_json_schema_is_the_generated_one() -> None:
    shipped = (files("opendata") / "catalog.schema.json").read_text(encoding="utf-8")

    assert json.loads(shipped) == json.loads(json.dumps(json_schema()))
    assert '"无条件开放"' in shipped


def test_an_empty_value_is_absent_and_a_quoted_one_is_text() -> None:
    spelt = PERMITS.replace("title: 许可证\n", "title: 许可证\nbasis:\nsummary: 'null'\ntheme: ~\n")

    dataset = parsed(permits=spelt).dataset("permits")

    assert (dataset.basis, dataset.summary, dataset.theme) == (None, "null", None)


@pytest.mark.parametrize(
    "title",
    ["姓名", "身份证号", "公民身份号码", "联系人手机", "家庭住址", "车牌", "号牌号码", "出生日期"],
)
def test_a_title_that_speaks_of_somebody_asks_what_the_values_are(title: str) -> None:
    problem = one_problem("{title: 区县, code_table", f"{{title: {title}, code_table")

    assert problem.startswith("catalog/market/permits.yaml:15 fields.district.action: the title")
    assert "`semantic:` …" in problem
    assert "`action:` …" in problem


@pytest.mark.parametrize(
    "answer",
    ["action: 保留", "action: 删除", "semantic: 业务编号", "role: 准标识符, action: 删除"],
    ids=["kept", "dropped", "meant", "role"],
)
def test_a_title_that_speaks_of_somebody_may_be_answered(answer: str) -> None:
    answered = PERMITS.replace("title: 区县,", f"title: 号牌种类, {answer},")

    assert parsed(permits=answered).dataset("permits").field("district").title == "号牌种类"


@pytest.mark.parametrize("path", ["../finance/x.csv", "/etc/passwd", "a/../../x", "."])
def test_files_below_the_inbox_only(path: str) -> None:
    problem = one_problem("许可证*.csv", path)

    assert problem.startswith("catalog/market/permits.yaml:9 source.files: this leads out of the")


def test_sound_entries_are_read_beside_wrong_ones() -> None:
    reader = "id: counts\ntitle: 数量\nbody: civil\nfields: {n: {title: 数, type: integer}}"
    venues = PERMITS.replace("id: permits", "id: venues")
    reading = read_catalog_files(
        texts(permits=PERMITS.replace("每月", "每天"))
        | {"catalog/market/venues.yaml": venues}
        | {
            "catalog/civil/counts.yaml": reader,
            "catalog/civil/counts.sql": "select n from {{ ref('permits') }}",
        }
    )

    assert [each.id for each in reading.catalog.datasets] == ["venues"]
    assert [each.where.split(":")[0] for each in reading.problems] == [
        "catalog/market/permits.yaml"
    ]
