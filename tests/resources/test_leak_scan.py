"""The scan reads the released bytes: IDs block, serial numbers do not, and no value is told."""

import random
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import Dataset, Field, Treatment
from opendata.findings import LeakFinding
from opendata.identifiers import citizen_id_check, is_bank_card
from opendata.vocabulary import Action, Semantic
from pipelines.bench.pii_corpus import credit_code
from resources.leak_evidence import Evidence
from resources.leak_numbers import BareNumbers
from resources.leak_scan import scan
from resources.vault import SecretKey

KEY = SecretKey(b"k" * 32)
USCC = "91350100M000100Y43"


def citizen_ids(count: int, *, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    bodies = [
        f"110199{chance.randint(1950, 2000)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        f"{chance.randint(1, 999):03}"
        for _ in range(count)
    ]
    return [body + citizen_id_check(body) for body in bodies]


def permits(count: int, *, seed: int = 2) -> list[str]:
    """Region, date and a serial number: one in eleven passes the check by chance."""
    chance = random.Random(seed)
    return [
        f"110105{chance.randint(2010, 2025)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        f"{chance.randrange(10_000):04}"
        for _ in range(count)
    ]


def serials(count: int) -> list[str]:
    chance = random.Random(4)
    return [str(chance.randrange(10**17, 10**18)) for _ in range(count)]


def cards(count: int) -> list[str]:
    chance = random.Random(6)
    bodies = [f"622202{chance.randrange(10**12):012}" for _ in range(count)]
    return [next(b + c for c in "0123456789" if is_bank_card(b + c)) for b in bodies]


def found_in(
    tmp_path: Path,
    values: Sequence[object],
    *,
    title: str = "编号",
    semantic: Semantic | None = None,
    ground: str | None = None,
) -> tuple[LeakFinding, ...]:
    pl.DataFrame({"v": values}).write_parquet(tmp_path / "released.parquet")
    treatment = Treatment(action=Action.KEEP, ground=ground)
    told = Field(name="v", title=title, heading=title, semantic=semantic, treatment=treatment)
    dataset = Dataset(id="d", title="d", body="b", fields=(told,))
    return scan(duckdb.connect(), tmp_path / "released.parquet", dataset, digest_key=KEY)


def scanned(tmp_path: Path, columns: Mapping[str, Sequence[object]]) -> tuple[LeakFinding, ...]:
    pl.DataFrame(columns).write_parquet(tmp_path / "released.parquet")
    dataset = Dataset(id="d", title="d", body="b", fields=())
    return scan(duckdb.connect(), tmp_path / "released.parquet", dataset, digest_key=KEY)


def blocking(findings: tuple[LeakFinding, ...]) -> list[str]:
    return [each.semantic for each in findings if each.blocks]


def test_a_single_id_in_a_text_blocks(tmp_path: Path) -> None:
    (one,) = citizen_ids(1)
    findings = found_in(
        tmp_path, ["正常"] * 500 + [f"申请人证件{one}。"], semantic=Semantic.FREE_TEXT
    )

    assert blocking(findings) == ["公民身份号码"]
    assert findings[0].count == 1


def test_a_column_of_ids_blocks_whatever_it_is_called(tmp_path: Path) -> None:
    assert blocking(found_in(tmp_path, citizen_ids(200), title="备注2")) == ["公民身份号码"]


def test_ids_among_credit_codes_block(tmp_path: Path) -> None:
    values = [USCC] * 500 + citizen_ids(1)

    assert blocking(found_in(tmp_path, values, semantic=Semantic.USCC)) == ["公民身份号码"]


@pytest.mark.parametrize("make", [permits, serials], ids=["permits", "serials"])
def test_a_column_of_look_alikes_does_not_block(make: object, tmp_path: Path) -> None:
    findings = found_in(tmp_path, make(3_000))  # type: ignore[operator]

    assert blocking(findings) == []


def test_permit_numbers_inside_longer_codes_do_not_block(tmp_path: Path) -> None:
    values = [f"建字第{each}号" for each in permits(2_000)]

    assert blocking(found_in(tmp_path, values)) == []


def test_adults_hidden_among_permit_numbers_are_seen(tmp_path: Path) -> None:
    findings = found_in(tmp_path, permits(3_000) + citizen_ids(1))

    assert blocking(findings) == ["公民身份号码"]


def test_a_mixed_column_waits_for_a_steward(tmp_path: Path) -> None:
    wrong = [each[:17] + ("0" if each[17] != "0" else "1") for each in citizen_ids(300, seed=9)]

    findings = found_in(tmp_path, wrong + citizen_ids(130))

    assert blocking(findings) == ["公民身份号码（待核定）"]


@pytest.mark.parametrize(
    "values",
    [
        [int(each) for each in citizen_ids(400) if each[-1] != "X"],
        [Decimal(each) for each in citizen_ids(400) if each[-1] != "X"],
        [each.lower() for each in citizen_ids(50)],
        [f"{each[:6]} {each[6:14]} {each[14:]}" for each in citizen_ids(50)],
        [f"{each}.0" for each in citizen_ids(50)],
    ],
    ids=["integer", "decimal", "lower", "spaced", "float_text"],
)
def test_ids_block_in_every_dress(values: Sequence[object], tmp_path: Path) -> None:
    assert blocking(found_in(tmp_path, values)) == ["公民身份号码"]


def test_mobiles_block_by_share_by_heading_and_by_cue(tmp_path: Path) -> None:
    chance = random.Random(8)
    mobiles = [f"163{chance.randrange(10**8):08}" for _ in range(100)]

    assert blocking(found_in(tmp_path, mobiles)) == ["手机号码"]
    assert blocking(found_in(tmp_path, [*serials(100), mobiles[0]], title="联系方式")) == [
        "手机号码"
    ]
    assert blocking(found_in(tmp_path, ["无"] * 50 + [f"电话{mobiles[0]}"])) == ["手机号码"]
    assert blocking(found_in(tmp_path, [int(each) for each in mobiles])) == ["手机号码"]
    assert blocking(found_in(tmp_path, [Decimal(each) for each in mobiles])) == ["手机号码"]


def test_eleven_digit_serials_are_for_review(tmp_path: Path) -> None:
    chance = random.Random(8)
    values = [str(chance.randrange(10**10, 10**11)) for _ in range(500)]

    findings = found_in(tmp_path, values)

    assert [each.semantic for each in findings] == ["手机号码"]
    assert blocking(findings) == []


def test_one_number_of_eleven_digits_among_project_codes_is_for_review(tmp_path: Path) -> None:
    values = [f"2017-110109-{each:04}" for each in range(300)] + ["2017-110109-44-16300000001"]

    assert blocking(found_in(tmp_path, values)) == []


def test_masked_values_and_pseudonyms_are_clean(tmp_path: Path) -> None:
    values = ["138****8000", "1****************X", "****0128", "a2b3c4d5e6f7g2h3i4j5k6l7m2", None]

    assert found_in(tmp_path, values, title="联系电话") == ()


def test_bank_cards_block(tmp_path: Path) -> None:
    assert blocking(found_in(tmp_path, cards(100))) == ["银行卡号"]
    assert blocking(
        found_in(tmp_path, ["无", f"已打入{cards(1)[0]}"], semantic=Semantic.FREE_TEXT)
    ) == ["银行卡号"]


def test_card_like_serials_do_not_block(tmp_path: Path) -> None:
    chance = random.Random(10)
    values = [f"62{chance.randrange(10**17):017}" for _ in range(2_000)]

    assert blocking(found_in(tmp_path, values)) == []


def test_first_generation_ids_block_by_share(tmp_path: Path) -> None:
    olds = [each[:6] + each[8:17] for each in citizen_ids(50)]
    chance = random.Random(12)
    randoms = [str(chance.randrange(10**14, 10**15)) for _ in range(500)]

    assert blocking(found_in(tmp_path, olds)) == ["公民身份号码"]
    assert blocking(found_in(tmp_path, randoms)) == []


def test_names_are_for_review_and_only_where_the_heading_speaks_of_people(tmp_path: Path) -> None:
    names = ["王伟", "李娜", "欧阳小明", "张敏"]

    findings = found_in(tmp_path, names, title="法定代表人")

    assert [(each.semantic, each.blocks, each.count) for each in findings] == [
        ("自然人姓名", False, 4)
    ]
    assert found_in(tmp_path, names, title="品名") == ()
    assert found_in(tmp_path, ["金额", "方案", "业务科室"], title="负责人部门") == ()


def test_what_is_published_on_a_ground_is_reported_and_left_to_the_gate(tmp_path: Path) -> None:
    findings = found_in(tmp_path, ["16300000001"], semantic=Semantic.MOBILE, ground="依法公示")

    assert [each.semantic for each in findings] == ["手机号码"]
    assert blocking(findings) == []


def test_a_mask_that_leaves_the_birth_date_in_sight_blocks(tmp_path: Path) -> None:
    findings = found_in(tmp_path, [f"{each[:14]}****" for each in citizen_ids(30)], title="证件")

    assert blocking(findings) == ["公民身份号码（遮盖后仍见出生日期）"]


def test_ids_a_float_has_rounded_block_and_rounded_permits_do_not(tmp_path: Path) -> None:
    ids = [float(each[:17] + "0") for each in citizen_ids(200)]

    assert blocking(found_in(tmp_path, ids)) == ["公民身份号码（浮点数，末位已失真）"]
    assert blocking(found_in(tmp_path, [float(each) for each in permits(200)])) == []


def test_a_paper_is_known_by_its_word_in_a_text_or_over_its_column(tmp_path: Path) -> None:
    numbers = [f"E{each}" for each in range(10_000_000, 10_000_030)]

    assert blocking(found_in(tmp_path, numbers, title="护照号")) == ["护照号码"]
    assert blocking(found_in(tmp_path, ["无", f"持护照{numbers[0]}入境"])) == ["护照号码"]
    assert found_in(tmp_path, numbers, title="零件号") == ()


def test_homes_block_by_their_heading_and_seats_of_companies_are_public(tmp_path: Path) -> None:
    places = [f"西安市雁塔区科技路{each}号3单元{each}01室" for each in range(1, 60)]

    assert blocking(found_in(tmp_path, places, title="家庭住址")) == ["详细地址"]
    assert [each.blocks for each in found_in(tmp_path, places, title="地址")] == [False]
    assert found_in(tmp_path, places, title="企业注册地址") == ()
    assert found_in(tmp_path, ["西安市雁塔区", "西安市碑林区"] * 30, title="家庭住址") == ()


def test_a_home_in_a_text_blocks_where_the_text_was_to_be_redacted(tmp_path: Path) -> None:
    values = ["正常"] * 50 + ["其家住西安市雁塔区科技路10号"]

    assert blocking(found_in(tmp_path, values, semantic=Semantic.FREE_TEXT)) == ["详细地址"]
    assert blocking(found_in(tmp_path, values)) == []


def test_a_sole_trader_among_credit_codes_is_for_review(tmp_path: Path) -> None:
    chance = random.Random(3)
    codes = [credit_code(chance) for _ in range(50)]

    assert found_in(tmp_path, codes, semantic=Semantic.USCC) == ()
    findings = found_in(tmp_path, [*codes, credit_code(chance, "92")], semantic=Semantic.USCC)
    assert [(each.semantic, each.blocks, each.count) for each in findings] == [
        ("个体工商户信用代码", False, 1)
    ]


def test_precise_coordinates_are_for_review_where_both_columns_are_there(tmp_path: Path) -> None:
    chance = random.Random(4)
    east = [round(chance.uniform(108, 109), 6) for _ in range(50)]
    north = [round(chance.uniform(34, 35), 6) for _ in range(50)]

    both = scanned(tmp_path, {"经度": east, "纬度": north})

    assert [(each.column, each.semantic, each.blocks) for each in both] == [
        ("经度", "经纬度坐标", False),
        ("纬度", "经纬度坐标", False),
    ]
    assert scanned(tmp_path, {"经度": east, "金额": north}) == ()
    coarse = {"经度": [round(each, 2) for each in east], "纬度": [round(each, 2) for each in north]}
    assert scanned(tmp_path, coarse) == ()


def test_plates_and_addresses_of_hosts_block_where_the_heading_says_so(tmp_path: Path) -> None:
    assert blocking(found_in(tmp_path, ["京A12345", "无"], title="车牌号")) == ["机动车号牌"]
    assert blocking(found_in(tmp_path, ["京A12345", "无"])) == []
    assert blocking(found_in(tmp_path, ["192.168.100.101"], title="登录IP")) == ["网络地址"]


def test_many_names_are_for_review_whatever_the_heading(tmp_path: Path) -> None:
    names = [f"{a}{b}{c}" for a in "王李张" for b in "伟芳娜敏" for c in "强磊军洋勇"]

    findings = found_in(tmp_path, names, title="备注2")

    assert [(each.semantic, each.blocks) for each in findings] == [("自然人姓名", False)]


def test_digests_and_identifiers_of_rows_are_nobody(tmp_path: Path) -> None:
    chance = random.Random(5)
    digests = [f"{chance.randrange(16**64):064x}" for _ in range(3_000)]

    assert found_in(tmp_path, digests) == ()
    assert found_in(tmp_path, [str(uuid.UUID(each[:32])) for each in digests]) == ()


def test_a_column_taken_at_once_is_judged_as_value_by_value() -> None:
    chance = random.Random(6)
    values = [*citizen_ids(300), *permits(300), *serials(300), *cards(300)]
    values += [f"163{chance.randrange(10**8):08}" for _ in range(300)]
    values += [str(chance.randrange(10**15, 10**16)) for _ in range(300)]
    counted = pl.DataFrame({"value": values, "count": [1] * len(values)})
    one_by_one, at_once, numbers = Evidence("v", None), Evidence("v", None), BareNumbers()

    for value in values:
        one_by_one.take(value, 1)
    rest = numbers.hold(counted)
    for value, rows in (*rest.iter_rows(), *numbers.show(at_once).iter_rows()):
        at_once.take(value, rows)

    for name in ("shaped", "numbers", "elevens", "cards", "mobiles"):
        assert getattr(at_once, name) == getattr(one_by_one, name), name
    assert {kind: seen.digest(KEY) for kind, seen in at_once.seen.items()} == {
        kind: seen.digest(KEY) for kind, seen in one_by_one.seen.items()
    }


def test_a_finding_holds_no_value_and_its_digest_is_keyed(tmp_path: Path) -> None:
    (one,) = citizen_ids(1)

    (finding,) = found_in(tmp_path, [one, f" {one}"])
    pl.DataFrame({"v": [one]}).write_parquet(tmp_path / "r.parquet")
    (other,) = scan(
        duckdb.connect(),
        tmp_path / "r.parquet",
        Dataset(id="d", title="d", body="b", fields=()),
        digest_key=SecretKey(b"q" * 32),
    )

    assert one not in repr(finding)
    assert finding.digest != other.digest
    assert finding.count == 2
