"""The scan reads the released bytes: IDs block, serial numbers do not, and no value is told."""

import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import Dataset, Field, Treatment
from opendata.findings import LeakFinding
from opendata.identifiers import citizen_id_check, is_bank_card
from opendata.vocabulary import Action, Semantic
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
        [each.lower() for each in citizen_ids(50)],
        [f"{each[:6]} {each[6:14]} {each[14:]}" for each in citizen_ids(50)],
        [f"{each}.0" for each in citizen_ids(50)],
    ],
    ids=["integer", "lower", "spaced", "float_text"],
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
