"""Each operator is one meaning with two executors, and Presidio's engine agrees with both."""

import re
from collections.abc import Mapping
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult

from opendata.presets import GENERALISATIONS, HIDDEN, MASKS, Mask
from opendata.vocabulary import FieldType, Semantic
from resources.operators import Generalise, MaskByPreset, Pseudonymise, Redact, RedactSpans
from resources.pseudonyms import canonical_of
from resources.recognisers import find
from resources.treating import OPERATORS
from resources.vault import SecretKey
from tests.resources.values import many_values

KEY = SecretKey(bytes(range(32)))
ID = "11010519491231002X"
WIDE = {ord(each): ord(each) + 0xFEE0 for each in "0123456789X"}
GOOD = {
    "手机号": "13800138000",
    "证件号": ID,
    "姓名": "欧阳娜娜",
    "银行卡": "6222021234567890128",
    "车牌": "陕A12345",
    "邮箱": "zhang.san@qq.com",
    "固定电话": "029-88881234",
    "地址": "陕西省西安市雁塔区科技路1号",
}
NAMES = [each.name for each in GENERALISATIONS]
NAME_IDS = [f"name{place}" for place in range(len(NAMES))]
MASK_IDS = [f"mask{place}" for place in range(len(MASKS))]

shaped = st.one_of([st.from_regex(each.shape, fullmatch=True) for each in MASKS])
addresses = st.lists(
    st.sampled_from(
        [
            "陕西省",
            "西安市",
            "雁塔区",
            "阳光小区",
            "户县",
            "科技路",
            "1号",
            "内蒙古自治区",
            "张三",
            "旗",
        ]
    )
).map("".join)
dates = st.dates().map(date.isoformat)
odd = st.sampled_from(
    ["", "*", "123", "１３８００１３８０００", "无", "a@b", "\n", "1" * 5000, "张", "𠮷田"]
)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.lists(st.one_of(st.none(), shaped, addresses, dates, odd, anything), max_size=30)


def in_sql(expression: str, given_values: list[str | None]) -> list[str | None]:
    rows = "select unnest($1::varchar[]) as v, generate_subscripts($1::varchar[], 1) as i"
    with duckdb.connect(config={"threads": 1}) as con:
        sql = f"select {expression} from ({rows}) order by i"
        found = con.execute(sql, [given_values]).fetchall()
    return [row[0] for row in found]


@settings(max_examples=60, deadline=None)
@given(values)
@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
def test_a_mask_in_sql_is_the_operator(mask: Mask, given_values: list[str | None]) -> None:
    operate = MaskByPreset().operate
    expected = [None if v is None else operate(v, {"preset": mask.name}) for v in given_values]

    assert in_sql(MaskByPreset.sql("v", mask.name), given_values) == expected


@settings(max_examples=60, deadline=None)
@given(values)
@pytest.mark.parametrize("name", NAMES, ids=NAME_IDS)
def test_a_generalisation_in_sql_is_the_operator(name: str, given_values: list[str | None]) -> None:
    operate = Generalise().operate
    expected = [None if v is None else operate(v, {"preset": name}) or None for v in given_values]

    assert in_sql(Generalise.sql("v", name), given_values) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dates(), min_size=1))
@pytest.mark.parametrize("name", ["年", "月", "五年", "十年"], ids=["y", "m", "five", "ten"])
def test_a_real_date_is_generalised_as_its_text(name: str, days: list[date]) -> None:
    expected = [Generalise().operate(day.isoformat(), {"preset": name}) or None for day in days]
    expression = Generalise.sql("cast(v as date)", name, type=FieldType.DATE)

    assert in_sql(expression, [day.isoformat() for day in days]) == expected


@settings(max_examples=300, deadline=None)
@given(st.one_of(shaped, odd, anything))
@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
def test_a_mask_shows_at_most_half_of_what_is_personal(mask: Mask, text: str) -> None:
    masked = MaskByPreset().operate(text, {"preset": mask.name})

    if masked == HIDDEN:
        return
    personal = (
        text[mask.common :].partition(mask.tail_from)[0] if mask.tail_from else text[mask.common :]
    )
    assert mask.head - mask.common + mask.tail <= len(personal) / 2


@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
@pytest.mark.parametrize(
    "text", ["", "123", "？", "1" * 300], ids=["empty", "short", "mark", "long"]
)
def test_a_value_of_another_kind_is_hidden_whole(mask: Mask, text: str) -> None:
    assert MaskByPreset().operate(text, {"preset": mask.name}) == HIDDEN


@pytest.mark.parametrize(
    ("semantic", "preset", "right", "wrong"),
    [
        (Semantic.CITIZEN_ID, "证件号", ID, ID[:17] + "1"),
        (Semantic.BANK_CARD, "银行卡", "6222021234567890128", "6222021234567890120"),
    ],
    ids=["id", "card"],
)
def test_a_value_that_fails_its_check_digit_is_never_masked(
    semantic: Semantic, preset: str, right: str, wrong: str
) -> None:
    params = {"preset": preset, "semantic": semantic}
    shown = [MaskByPreset().operate(each, params) for each in (right, wrong)]

    assert shown[0] != HIDDEN
    assert shown[1] == HIDDEN


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("五年", "1988-02-29", "1985-1989"),
        ("十年", "1988-02-29", "1980-1989"),
        ("地市", "陕西省西安市雁塔区科技路1号", "陕西省西安市"),
        ("地市", "重庆市云阳县城市花园", "重庆市"),
        ("省份", "陕西省西安市雁塔区科技路1号", "陕西省"),
        ("省份", "西安市雁塔区", ""),
        ("区划地市", "610113", "6101"),
        ("区划省份", "610113001002", "61"),
        ("区划省份", "61011", ""),
    ],
    ids=["five", "ten", "city", "municipality", "province", "none", "div4", "div2", "short"],
)
def test_a_generalisation_climbs_as_far_as_it_says(name: str, text: str, kept: str) -> None:
    assert Generalise().operate(text, {"preset": name}) == kept


MANY = many_values(10_000)


@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
def test_ten_thousand_values_are_masked_alike_by_operator_sql_and_engine(mask: Mask) -> None:
    params = {"preset": mask.name}
    expected = [None if v is None else MaskByPreset().operate(v, params) for v in MANY]

    assert in_sql(MaskByPreset.sql("v", mask.name), MANY) == expected
    assert by_engine("mask_by_preset", params, MANY) == expected
    assert len({*expected}) > 5


@pytest.mark.parametrize("name", NAMES, ids=NAME_IDS)
def test_ten_thousand_values_are_generalised_alike(name: str) -> None:
    operate = Generalise().operate
    expected = [None if v is None else operate(v, {"preset": name}) for v in MANY]

    assert in_sql(Generalise.sql("v", name), MANY) == [each or None for each in expected]
    assert by_engine("generalise", {"preset": name}, MANY) == expected


def test_ten_thousand_values_are_redacted_whole_alike() -> None:
    expected = [None if v is None else Redact().operate(v) for v in MANY]

    assert in_sql(Redact.sql("v"), MANY) == expected
    assert {*expected} == {None, HIDDEN}
    assert by_engine("redact_whole", {}, MANY) == expected


def test_ten_thousand_values_get_the_pseudonyms_the_engine_gives() -> None:
    params = {"key": KEY, "semantic": Semantic.CITIZEN_ID}
    expected = [None if v is None else Pseudonymise().operate(v, params) for v in MANY]

    assert by_engine("pseudonymise", params, MANY) == expected
    canonical = {canonical_of(Semantic.CITIZEN_ID)(v) for v in MANY if v is not None} - {None}
    assert len({*expected} - {None, ""}) == len(canonical) > 200


def test_ten_thousand_texts_have_their_spans_redacted_as_the_engine_does() -> None:
    expected = [None if v is None else RedactSpans().operate(v) for v in MANY]

    assert by_engine("redact_spans", {}, MANY) == expected


def by_engine(
    name: str, params: Mapping[str, object], given_values: list[str | None]
) -> list[str | None]:
    """Presidio's engine over each value as one span; it takes no empty text."""
    made, config = engine(), {"X": OperatorConfig(name, dict(params))}
    operate = next(each for each in OPERATORS.values() if each.name == name)().operate

    def one(text: str) -> str:
        whole = [RecognizerResult("X", 0, len(text), 1.0)]
        found = made.anonymize(text, whole, dict(config), merge_entities_with_spaces=False)
        return str(found.text)

    return [None if v is None else one(v) if v else operate(v, params) for v in given_values]


def test_the_masks_look_as_officials_expect() -> None:
    masked = {name: MaskByPreset().operate(text, {"preset": name}) for name, text in GOOD.items()}

    assert masked == {
        "手机号": "138****8000",
        "证件号": "1****************X",
        "姓名": "欧**",
        "银行卡": "****0128",
        "车牌": "陕A****",
        "邮箱": "z***@qq.com",
        "固定电话": "029****",
        "地址": "陕西省西安市雁塔区****",
    }


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("陕西省西安市雁塔区科技路1号", "陕西省西安市雁塔区"),
        ("西安市雁塔区阳光小区3栋", "西安市雁塔区"),
        ("广西壮族自治区南宁市青秀区民族大道1号", "广西壮族自治区南宁市青秀区"),
        ("重庆市云阳县青龙街道1号", "重庆市云阳县"),
        ("陕西省咸阳市兴平市西城街道", "陕西省咸阳市兴平市"),
        ("济南市市中区经四路", "济南市市中区"),
        ("内蒙古自治区鄂尔多斯市准格尔旗薛家湾镇", "内蒙古自治区鄂尔多斯市准格尔旗"),
        ("雁塔区科技路1号", "雁塔区"),
        ("西安市科技路1号", ""),
        ("西安市阳光小区3号楼2单元", ""),
        ("西安市科技路阳光社区", ""),
        ("张三家", ""),
        ("户主张三雁塔区", ""),
    ],
    ids=[f"address{place}" for place in range(13)],
)
def test_an_address_survives_to_its_district_and_no_further(address: str, kept: str) -> None:
    assert Generalise().operate(address, {"preset": "区县"}) == kept


@pytest.mark.parametrize(
    "spelling",
    [
        ID,
        ID.lower(),
        ID.translate(WIDE),
        "110105 19491231 002X",
        "110105-19491231-002X",
        f"'{ID}",
        f"{ID}\u200b",
        "110105491231002",
    ],
    ids=["plain", "lower", "wide", "spaced", "hyphens", "quote", "invisible", "fifteen"],
)
def test_one_person_has_one_pseudonym_however_the_id_is_spelled(spelling: str) -> None:
    params = {"key": KEY, "semantic": Semantic.CITIZEN_ID}

    assert Pseudonymise().operate(spelling, params) == Pseudonymise().operate(ID, params)


@pytest.mark.parametrize(
    "text", ["6.10102E+17", "无", "", "123"], ids=["float", "none", "empty", "short"]
)
def test_what_is_no_id_gets_no_pseudonym(text: str) -> None:
    params = {"key": KEY, "semantic": Semantic.CITIZEN_ID}

    assert Pseudonymise().operate(text, params) == ""


def test_the_same_digits_of_another_kind_are_another_subject() -> None:
    mobile, account = (
        Pseudonymise().operate("13800138000", {"key": KEY, "semantic": each})
        for each in (Semantic.MOBILE, None)
    )

    assert mobile != account
    assert re.fullmatch("[a-z2-7]{26}", mobile)


def test_an_operator_config_with_a_key_does_not_print_it() -> None:
    config = OperatorConfig("pseudonymise", {"key": KEY, "semantic": Semantic.MOBILE})

    assert bytes(range(32)).hex() not in repr(config)
    assert "***" in repr(config)


def test_a_pseudonym_without_a_secret_key_is_refused_without_showing_what_was_given() -> None:
    with pytest.raises(InvalidParamError) as refused:
        Pseudonymise().validate({"key": "plain text key", "semantic": None})

    assert "plain text key" not in str(refused.value)


def engine() -> AnonymizerEngine:
    made = AnonymizerEngine()
    for each in OPERATORS.values():
        made.add_anonymizer(each)
    return made


@pytest.mark.parametrize("mask", MASKS, ids=MASK_IDS)
@pytest.mark.parametrize("bad", ["123", "？？？"], ids=["short", "marks"])
def test_presidio_runs_the_masks_and_agrees(mask: Mask, bad: str) -> None:
    for text in (GOOD[mask.name], bad):
        whole = [RecognizerResult("X", 0, len(text), 1.0)]
        config = {"X": OperatorConfig("mask_by_preset", {"preset": mask.name})}

        by_engine = engine().anonymize(text, whole, config, merge_entities_with_spaces=False).text

        assert by_engine == MaskByPreset().operate(text, {"preset": mask.name})


@pytest.mark.parametrize(
    "text",
    [
        "联系电话13812345678 13912345678。",
        f"申请人王伟，身份证号{ID}，邮箱wang@163.com，车辆陕A12345",
        "没有什么可识别的",
    ],
    ids=["neighbours", "many", "none"],
)
def test_redacting_is_what_the_engine_does_when_it_does_not_merge(text: str) -> None:
    spans = [RecognizerResult(each.kind.code, each.start, each.end, 1.0) for each in find(text)]
    configs = {
        each.kind.code: OperatorConfig("replace", {"new_value": f"〔{each.kind.value}〕"})
        for each in find(text)
    }

    expected = (
        AnonymizerEngine().anonymize(text, spans, configs, merge_entities_with_spaces=False).text
    )

    assert RedactSpans().operate(text) == expected


def test_two_neighbouring_numbers_are_both_gone() -> None:
    assert RedactSpans().operate("13812345678 13912345678") == "〔手机号码〕 〔手机号码〕"


@settings(max_examples=200, deadline=None)
@given(st.one_of(anything, odd))
@pytest.mark.parametrize(
    "semantic", [*Semantic, None], ids=lambda each: each.code if each else "none"
)
def test_a_canonical_value_is_its_own_canonical(semantic: Semantic | None, text: str) -> None:
    canonical = canonical_of(semantic)
    once = canonical(text)

    assert once is None or canonical(once) == once
