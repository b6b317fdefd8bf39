import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from opendata.catalog import Catalog
from opendata.catalog_file import parse_catalog
from opendata.identifiers import is_bank_card, is_citizen_id, is_mobile, is_uscc
from opendata.vocabulary import Action, Openness, Verdict
from pipelines.demo.generator import AS_OF, build_city, handovers
from pipelines.demo.persons import UNASSIGNED_DIVISION, a_bank_card, a_mobile, a_uscc
from pipelines.demo.population import City

GATES = ("CAT-01", "CAT-02", "CLS-01", "CLS-02", "CLS-03", "REL-02", "SRC-02", "QUA-02")
GATES_ON_RELEASE = ("DES-01", "DES-02")
OWN_RULES = ("LND-01", "QUA-05")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    build_city(home)
    return home


@pytest.fixture(scope="module")
def catalog(home: Path) -> Catalog:
    return parse_catalog(
        {
            path.relative_to(home).as_posix(): path.read_text(encoding="utf-8")
            for folder in ("catalog", "codes")
            for path in (home / folder).rglob("*")
            if path.is_file()
        }
    )


@pytest.fixture(scope="module")
def expected() -> Mapping[str, Mapping[str, object]]:
    text = (files("pipelines.demo") / "expected.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def handed_over(home: Path, pattern: str) -> bytes:
    (path,) = (home / "inbox").rglob(pattern)
    return path.read_bytes()


def states(home: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(home).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in home.rglob("*")
        if path.is_file()
    }


def test_building_again_touches_nothing(home: Path) -> None:
    before = states(home)

    build_city(home)

    assert states(home) == before


def test_another_seed_gives_other_people() -> None:
    given = next(handovers(seed=1))

    assert given.content != next(handovers(seed=2)).content


def test_the_catalog_has_no_problem_and_many_bodies(catalog: Catalog) -> None:
    assert len(catalog.datasets) >= 16
    assert len({dataset.body for dataset in catalog.datasets}) >= 7
    assert {dataset.openness for dataset in catalog.datasets} == {*Openness, None}


def test_every_source_finds_exactly_one_file(home: Path, catalog: Catalog) -> None:
    found = {
        (dataset.id, source.id): len(list((home / "inbox" / dataset.body).glob(source.files or "")))
        for dataset in catalog.datasets
        for source in dataset.sources
        if source.files
    }

    assert set(found.values()) == {1}


def test_every_dataset_has_an_expected_verdict(
    catalog: Catalog, expected: Mapping[str, Mapping[str, object]]
) -> None:
    verdicts = {each.value for each in Verdict}

    assert set(expected) == {dataset.id for dataset in catalog.datasets}
    assert all(each["verdict"] in verdicts for each in expected.values())


def test_every_gate_of_the_tour_refuses_somebody(
    expected: Mapping[str, Mapping[str, object]],
) -> None:
    refusals = " ".join(str(each["refusals"]) for each in expected.values())
    warnings = " ".join(str(each["warnings"]) for each in expected.values())

    assert [gate for gate in GATES + GATES_ON_RELEASE + OWN_RULES if gate not in refusals] == []
    assert "QUA-04" in warnings


def test_a_body_carries_names_that_another_is_the_source_of(home: Path, catalog: Catalog) -> None:
    carried = {
        f"{dataset.id}.{field.name}": field.checked_against
        for dataset in catalog.datasets
        for field in dataset.fields
        if field.checked_against
    }
    names = re.findall(r"号,　(北塬[^,]+),", handed_over(home, "公共场所*.csv").decode())

    assert carried == {
        "hygiene_permits.unit": "enterprise_register.name",
        "hygiene_permits.uscc": "enterprise_register.uscc",
    }
    assert len(names) == 5  # the name before its change


def test_every_action_is_used(catalog: Catalog) -> None:
    actions = {each.treatment.action for dataset in catalog.datasets for each in dataset.fields}

    assert actions == set(Action)


def test_models_join_aggregate_and_cross_bodies(catalog: Catalog) -> None:
    reads = {dataset.id: dataset.reads for dataset in catalog.datasets if dataset.model}

    assert reads == {
        "food_inspections": (),
        "food_pass_rates": ("food_inspections",),
        "rental_ratings": ("enterprise_register",),
        "enterprise_credit": ("enterprise_register", "tax_payments"),
        "water_grades": ("water_quality",),
    }


def test_the_register_is_gb18030_beyond_gbk_under_a_title(home: Path) -> None:
    content = handed_over(home, "企业登记信息*.csv")
    lines = content.decode("gb18030").splitlines()

    assert lines[0] == "云州市企业登记信息"
    assert lines[2].startswith("序号,统一社会信用代码")
    assert lines[-1].startswith("合计,")
    with pytest.raises(UnicodeDecodeError):
        content.decode("gbk")


@pytest.mark.parametrize(
    ("pattern", "magic"),
    [
        ("行政处罚*.csv", b"\xef\xbb\xbf"),
        ("公交站点*.csv", b"\xff\xfe"),
        ("补贴发放*.csv", b"\xd0\xcf\x11\xe0"),
        ("生产企业名录*.csv", b"PK"),
    ],
    ids=["utf8_bom", "utf16", "xls_called_csv", "xlsx_called_csv"],
)
def test_a_file_is_not_what_its_name_says(home: Path, pattern: str, magic: bytes) -> None:
    assert handed_over(home, pattern).startswith(magic)


@pytest.mark.parametrize(
    ("pattern", "encoding", "dirt"),
    [
        ("企业登记信息*.csv", "gb18030", r",\d{4}-\d\d-\d\d 11:46:00,"),
        ("企业登记信息*.csv", "gb18030", r",\d{4}/\d{1,2}/\d{1,2},"),
        ("企业登记信息*.csv", "gb18030", r",\d{4}\.\d\d\.\d\d,"),
        ("企业登记信息*.csv", "gb18030", r",\d{4}年\d\d月\d\d日,"),
        ("企业登记信息*.csv", "gb18030", r",20\d{6},"),
        ("企业登记信息*.csv", "gb18030", r',"12,000",'),
        ("企业登记信息*.csv", "gb18030", r",/,"),
        ("企业登记信息*.csv", "gb18030", r",—,"),
        ("行政处罚*.csv", "utf-8-sig", r",[0-3]\d/\d\d/20\d\d( 10:00:00)?,"),
        ("行政处罚*.csv", "utf-8-sig", r",9\.16E\+17,"),
        ("行政处罚*.csv", "utf-8-sig", r",610199(19|20)\d{9}[0-9X],"),
        ("行政处罚*.csv", "utf-8-sig", r"电话163\d{8}"),
        ("行政处罚*.csv", "utf-8-sig", r",[一-鿿]\*[一-鿿],"),
        ("抽检样品*.csv", "gbk", r",——\r"),
        ("出租汽车*.csv", "gbk", r",4\d{4}\.0,"),
        ("出租汽车*.csv", "gbk", r",\t云州"),
        ("租赁企业*.csv", "utf-8", ",\uff21\uff21\r"),
        ("公共场所*.csv", "utf-8", "许可证号\u200b,"),
        ("公共场所*.csv", "utf-8", r"\n,,,,,,,,,\r"),
        ("公共场所*.csv", "utf-8", r",2099-12-31,"),
        ("水质监测*.csv", "utf-8", r",2\.01905E\+13,"),
        ("应急避难*.csv", "utf-8", r",[０-９]{3,5},"),
    ],
    ids=[
        "date_with_time",
        "date_slashes",
        "date_dots",
        "date_chinese",
        "date_compact",
        "thousands",
        "null_slash",
        "null_dash",
        "day_first",
        "ruined_code",
        "id_as_credit_code",
        "mobile_in_text",
        "half_masked",
        "null_double_dash",
        "serial_day",
        "tab_in_cell",
        "full_width_letters",
        "zero_width_heading",
        "blank_row",
        "no_end",
        "ruined_date",
        "full_width_digits",
    ],
)
def test_every_class_of_dirt_is_there(home: Path, pattern: str, encoding: str, dirt: str) -> None:
    assert re.search(dirt, handed_over(home, pattern).decode(encoding))


def test_two_bodies_files_are_the_same_bytes(home: Path) -> None:
    assert handed_over(home, "建筑类*.csv") == handed_over(home, "市政类*.csv")


def test_records_of_one_file_are_ragged(home: Path) -> None:
    lines = handed_over(home, "公共场所*.csv").decode().splitlines()

    assert {line.count(",") for line in lines} == {6, 9}


def test_keys_are_handed_over_twice(home: Path) -> None:
    text = handed_over(home, "行政处罚*.csv").decode("utf-8-sig")

    numbers = re.findall(r"云市监罚〔\d+〕\d+号", text)

    assert len(numbers) - len(set(numbers)) == 6


def test_the_wrong_file_lacks_an_agreed_heading(home: Path, catalog: Catalog) -> None:
    headings = handed_over(home, "执法检查*.csv").decode().splitlines()[0].split(",")
    agreed = {field.heading for field in catalog.dataset("safety_inspections").fields}

    assert agreed - set(headings) == {"检查结论"}


def test_the_leak_is_exactly_41_citizen_ids(home: Path) -> None:
    cells = re.split(r"[,\r\n]+", handed_over(home, "行政检查*.csv").decode())

    assert sum(is_citizen_id(cell) for cell in cells) == 41


def test_permit_numbers_look_like_ids_and_some_pass_the_check(home: Path) -> None:
    numbers = re.findall(r"^\d{18}", handed_over(home, "建筑类*.csv").decode("gbk"), re.MULTILINE)

    passing = sum(is_citizen_id(number) for number in numbers)

    assert 0.05 < passing / len(numbers) < 0.15


def test_nobody_in_the_city_exists(home: Path) -> None:
    rng = City(seed=1, as_of=AS_OF).lots("x")
    texts = [
        path.read_bytes().decode("gb18030", "ignore") for path in (home / "inbox").rglob("*.csv")
    ]

    found = [each for text in texts for each in re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", text)]

    assert {each[:6] for each in found if is_citizen_id(each)} == {UNASSIGNED_DIVISION}
    assert is_uscc(a_uscc(7))
    assert is_bank_card(a_bank_card(rng))
    assert is_mobile(a_mobile(rng))
    assert a_mobile(rng).startswith("163")


def test_the_demo_key_is_private_to_its_owner(home: Path) -> None:
    key = home / "restricted" / "keys" / "master.key"

    assert key.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(key.read_text().strip())) == 32
