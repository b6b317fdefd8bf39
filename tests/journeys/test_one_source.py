"""One number, one source: two bodies, one register of names, and what people decide about it."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click import Command
from click.testing import CliRunner

from opendata.vocabulary import OnConflict
from pipelines.cli import main
from pipelines.cli_source import source
from pipelines.cli_waive import waive
from resources.register import DecisionKind
from tests.journeys.homes import City, Ran, csv_text
from tests.journeys.test_real_files import BOUND, CITY, FILES

ELEMENTS: Mapping[str, Any] = {
    "elements": {
        "permit_no": {"title": "许可证号", "authority": "register.no"},
        "unit_name": {"title": "单位名称", "authority": "register.name"},
    }
}
REGISTER: Mapping[str, Any] = {
    "no": {"title": "许可证号", "required": True, "key": True, "element": "permit_no"},
    "name": {"title": "单位名称", "required": True, "element": "unit_name"},
    "updated_on": {"title": "更新日期", "type": "date", "required": True},
}
OWN = [(f"P-{n:04d}", f"公司{n}", "2026-03-15") for n in range(1, 21)]
THEIRS = [*OWN[:17], ("P-0018", "旧名18", "2026-03-15"), ("P-0099", "公司99", "2026-03-15")]
HEADINGS = ("许可证号", "单位名称", "更新日期")


def carried(policy: OnConflict = OnConflict.REPORT, **name: Any) -> Mapping[str, Any]:
    """The fields of a dataset that carries number and name; ``name`` changes the latter."""
    own = {**REGISTER["name"], "checked_against": "register.name", "on_conflict": policy.value}
    return {
        "no": {**REGISTER["no"], "checked_against": "register.no"},
        "name": {**own, **name},
        "updated_on": REGISTER["updated_on"],
    }


def found(city: City, policy: OnConflict = OnConflict.REPORT, **name: Any) -> City:
    """The register of one body, and the permits of another that carry its names."""
    # Bodies in this order: the one that carries comes before the one that is the source.
    city.lists("permits", body="art", fields=carried(policy, **name))
    city.lists("register", body="market", fields=REGISTER)
    city.put("catalog/elements.yaml", yaml.safe_dump(ELEMENTS, allow_unicode=True))
    city.hands_over("register", csv_text(OWN, headings=HEADINGS))
    city.hands_over("permits", csv_text(THEIRS, headings=HEADINGS), body="art")
    return city


def told(city: City, command: Command, *words: str) -> Ran:
    """A verb of these groups, called through the command."""
    args = [command.name or "", *words, "--home", str(city.root)]
    done = CliRunner().invoke(main, args, catch_exceptions=False)
    return Ran(done.exit_code, done.stdout, done.stderr)


def released(city: City, dataset: str) -> dict[str, str]:
    return dict(city.query(f"select no, name from {dataset}"))


def conflicts(city: City) -> list[tuple[Any, ...]]:
    table = city.root / "restricted" / "conflicts" / "permits.parquet"
    columns = "key, field, ours, theirs, row"
    with duckdb.connect() as con:
        return con.execute(f"select {columns} from '{table}'").fetchall()


def page(city: City, dataset: str = "permits") -> str:
    return (city.root / "reports" / f"{dataset}.html").read_text(encoding="utf-8")


def rules(ran: Ran, dataset: str = "permits") -> list[str]:
    return [each["rule"] for each in ran.outcomes[dataset]["reasons"]]


# --- comparing


def test_a_difference_is_reported_released_and_shown_to_both_who_are_open(city: City) -> None:
    ran = found(city).run()

    assert rules(ran) == []
    assert released(city, "permits")["P-0018"] == "旧名18"
    assert conflicts(city) == [(["P-0018"], "name", "旧名18", "公司18", 19)]
    section = page(city).partition('id="sources"')[2].partition("</section>")[0]
    assert re.findall(r'class="num">(\d+)<', section) == ["18", "0", "1", "0", "17", "1", "1", "0"]
    assert "旧名18" in section
    assert "公司18" in section


def test_the_source_comes_first_whatever_the_order_of_bodies(city: City) -> None:
    found(city).run()

    order = [each["dataset_id"] for each in city.events("standardised")]
    assert order == ["register", "permits"]


def test_the_source_is_an_input_of_the_event(city: City) -> None:
    found(city).run()

    event = next(each for each in city.events("standardised") if each["dataset_id"] == "permits")
    output = city.events("standardised")[0]["outputs"][0]
    assert {"id": "register", "sha256": output["sha256"]} in event["inputs"]


def test_running_again_without_change_compares_nothing_again(city: City) -> None:
    found(city).run()
    before = len(city.events("standardised"))

    city.run()

    assert len(city.events("standardised")) == before


def test_a_carrier_is_compared_again_when_its_source_changes(city: City) -> None:
    found(city).run()
    corrected = [*OWN[:17], ("P-0018", "旧名18", "2026-03-16"), *OWN[18:]]
    city.hands_over("register", csv_text(corrected, headings=HEADINGS))

    city.run()

    assert [each["dataset_id"] for each in city.events("standardised")][2:] == [
        "register",
        "permits",
    ]
    assert not (city.root / "restricted" / "conflicts" / "permits.parquet").exists()


def test_what_is_declared_to_block_is_refused_and_the_version_before_stays(city: City) -> None:
    found(city).run()
    city.lists("permits", body="art", fields=carried(OnConflict.BLOCK))

    ran = city.run()

    (reason,) = ran.outcomes["permits"]["reasons"]
    assert reason["rule"] == "SRC-01"
    assert "数据项单位名称的数源单位为市market局" in reason["text"]
    assert "有1条与数源不一致" in reason["text"]
    assert released(city, "permits")["P-0018"] == "旧名18"
    assert "旧名18" not in page(city)


def test_the_authoritys_value_takes_the_place_of_another(city: City) -> None:
    ran = found(city, OnConflict.AUTHORITY_WINS).run()

    assert rules(ran) == []
    assert released(city, "permits")["P-0018"] == "公司18"
    assert conflicts(city) == [(["P-0018"], "name", "旧名18", "公司18", 19)]
    event = next(each for each in city.events("standardised") if each["dataset_id"] == "permits")
    edges = [each for each in event["lineage"] if each["upstream"] == "register"]
    assert {
        (each["column"], each["upstream_column"], each.get("direct", True)) for each in edges
    } == {
        ("name", "name", True),
        ("name", "no", False),
    }
    assert "旧名18" not in page(city)


def test_suspending_a_source_reaches_what_holds_its_values(city: City) -> None:
    found(city, OnConflict.AUTHORITY_WINS).run()

    suspended = city.opendata("suspend", "register", "--reason", "有误", "--json").json
    ran = city.run()

    assert suspended["datasets"] == ["register", "permits"]
    assert rules(ran) == ["REL-04"]


def test_suspending_a_source_does_not_reach_what_is_only_compared(city: City) -> None:
    found(city).run()

    suspended = city.opendata("suspend", "register", "--reason", "有误", "--json").json

    assert suspended["datasets"] == ["register"]
    city.opendata("report", "--as-of", "2026-03-31")
    assert "旧名18" not in page(city)  # its source is not open any more


def test_values_taken_from_what_was_obtained_by_sharing_are_refused(city: City) -> None:
    found(city, OnConflict.AUTHORITY_WINS)
    shared = {"acquired": "共享获取", "acquired_from": "市发展改革委"}
    city.lists(
        "register", body="market", fields=REGISTER, openness="不予开放", basis="某法", **shared
    )

    (reason,) = city.run().outcomes["permits"]["reasons"]

    assert reason["rule"] == "SRC-02"
    assert "register目录的单位名称→permits目录的单位名称" in reason["text"]


def test_being_compared_with_what_was_obtained_by_sharing_taints_nothing(city: City) -> None:
    found(city)
    shared = {"acquired": "共享获取", "acquired_from": "市发展改革委"}
    city.lists(
        "register", body="market", fields=REGISTER, openness="不予开放", basis="某法", **shared
    )

    assert rules(city.run()) == []
    assert "旧名18" not in page(city)


@pytest.mark.parametrize("policy", list(OnConflict))
def test_a_source_that_was_never_made_agrees_with_nobody(city: City, policy: OnConflict) -> None:
    found(city, policy)
    shutil.rmtree(city.root / "inbox" / "market")

    ran = city.run()

    waits = policy is not OnConflict.REPORT
    assert rules(ran) == (["SRC-01"] if waits else [])
    assert "尚未核对" in page(city)
    assert "数源数据尚未治理" in page(city)


def test_personal_values_in_conflict_are_digests_on_the_page(city: City) -> None:
    kept: dict[str, Any] = {
        "semantic": "自然人姓名",
        "role": "直接标识符",
        "action": "遮盖",
        "preset": "姓名",
    }
    found(city, **kept).run()

    twin = (city.root / "reports" / "permits.json").read_text(encoding="utf-8")
    (line,) = json.loads(twin)["sources"][1]["conflicts"]
    assert re.fullmatch("[0-9a-f]{16}", line["ours"])
    assert "旧名18" not in page(city) + twin
    assert "P-0018" not in page(city) + twin
    assert json.loads(twin)["sources"][1]["agreement"]["differ"] == "<5"


def test_a_lost_key_hides_conflicts_and_stops_no_page(city: City) -> None:
    found(city, role="敏感属性", action="保留", ground="依法应当公示").run()
    city.key.unlink()

    assert city.opendata("report", "--as-of", "2026-03-31").code == 0
    assert "旧名18" not in page(city)


# --- deciding


def verified(city: City, *words: str) -> Ran:
    return told(city, source, "verify", "unit_name", "--json", *words)


def test_verifying_tells_the_counts_again_from_the_files(city: City) -> None:
    found(city).run()

    ran = verified(city)

    (carrier,) = ran.json["carriers"]
    counts = [carrier["agreement"][each] for each in ("agree", "differ", "missing")]
    assert (ran.code, counts) == (0, [17, 1, 1])


def test_verifying_fails_where_a_difference_blocks(city: City) -> None:
    found(city, OnConflict.BLOCK).run()

    assert verified(city).code == 3


def decided(city: City) -> Sequence[DecisionKind]:
    workshop = city.workshop()
    kinds = [each.kind for each in workshop.register.decisions()]
    workshop.close()
    return kinds


def claim(city: City, place: str, *words: str) -> Ran:
    return told(city, source, "claim", "unit_name", "--as", place, "--reason", "法定职责", *words)


def test_a_second_claim_is_refused_recorded_and_decides_nothing(city: City) -> None:
    found(city)

    ran = claim(city, "permits.name")

    assert ran.code == 3
    assert "数源单位为市market局（register目录·单位名称）" in ran.out
    assert "市art局（permits目录·单位名称）仅可用于校核" in ran.out
    assert "争议各方协商" in ran.out
    assert decided(city) == []
    (event,) = city.events("refused")
    assert event["detail"]["claimed"] == "permits.name"


def unclaimed(city: City) -> City:
    """Both bodies carry the name, and nobody is its source yet."""
    elements = {"elements": {**ELEMENTS["elements"], "unit_name": {"title": "单位名称"}}}
    plain = {**carried(), "name": REGISTER["name"]}
    found(city)
    city.lists("permits", body="art", fields=plain)
    city.put("catalog/elements.yaml", yaml.safe_dump(elements, allow_unicode=True))
    return city


def test_a_claim_makes_the_other_a_carrier_from_the_next_run_on(city: City) -> None:
    unclaimed(city).run()
    paper = city.put("paper.pdf", b"the statute")

    ran = claim(city, "register.name", "--evidence", str(paper), "--json")
    city.run()

    assert (ran.code, ran.json["authority"]) == (0, "register.name")
    assert decided(city) == [DecisionKind.CLAIM]
    (carrier,) = verified(city).json["carriers"]
    assert carrier["agreement"]["differ"] == 1
    assert [each[0] for each in conflicts(city)] == [["P-0018"]]
    explained = told(city, source, "explain", "unit_name", "--json").json
    assert len(explained["claims"][0]["evidence"]) == 64
    assert claim(city, "permits.name").code == 3


def test_claiming_again_what_is_claimed_enters_nothing(city: City) -> None:
    unclaimed(city)
    claim(city, "register.name")

    assert claim(city, "register.name").code == 0
    assert decided(city) == [DecisionKind.CLAIM]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("claim", "colour", "--as", "register.name"), "no element 'colour'"),
        (("claim", "unit_name", "--as", "register.no"), "no field with `element: unit_name`"),
        (("claim", "unit_name", "--as", "nowhere.name"), "no field with `element: unit_name`"),
        (("dispute", "unit_name", "--settle", "register.name", "--by", "x"), "no dispute"),
        (("dispute", "unit_name", "--settle", "register.name"), "go together"),
        (("dispute", "unit_name", "--settle", "register.name", "--by", " "), "must not be blank"),
    ],
    ids=["no_element", "other_element", "no_dataset", "nothing_open", "nobody_decided", "blank"],
)
def test_a_decision_that_cannot_be_is_wrong_input(
    city: City, words: tuple[str, ...], said: str
) -> None:
    ran = told(found(city), source, *words, "--reason", "x")

    assert ran.code == 2
    assert said in ran.err
    assert decided(city) == []


def dispute(city: City, *words: str) -> Ran:
    return told(city, source, "dispute", "unit_name", "--reason", "名称以许可为准", *words)


def test_while_a_source_is_disputed_its_parties_open_no_new_version(city: City) -> None:
    found(city).run()
    dispute(city, "--claimant", "permits.name")
    city.hands_over(
        "register", csv_text([*OWN, ("P-0021", "公司21", "2026-03-15")], headings=HEADINGS)
    )

    ran = city.run()

    assert (rules(ran, "register"), rules(ran, "permits")) == (["SRC-05"], ["SRC-05"])
    assert len(released(city, "register")) == 20
    assert dispute(city).code == 2  # one at a time


def test_a_settlement_points_the_city_to_the_source_it_names(city: City) -> None:
    found(city).run()
    before = city.events()
    dispute(city, "--claimant", "permits.name")
    city.run()

    settled = dispute(city, "--settle", "permits.name", "--by", "市政府")
    ran = city.run()

    assert settled.code == 0
    assert (rules(ran, "register"), rules(ran, "permits")) == ([], [])
    explained = told(city, source, "explain", "unit_name", "--json").json
    assert explained["authority"] == "permits.name"
    assert [each["dataset"] for each in explained["carriers"]] == ["register"]
    assert explained["carriers"][0]["agreement"]["differ"] == 1
    assert explained["disputes"][0]["settlement"]["by"] == "市政府"
    assert city.events()[: len(before)] == before
    assert city.opendata("record", "verify").code == 0


def test_an_unreadable_register_lets_nothing_open_but_suspends(city: City) -> None:
    found(city).run()
    city.put("register.sqlite", b"not a database, but something else" * 200)

    assert city.run().code == 2
    assert city.opendata("suspend", "register", "--reason", "有误").code == 2
    assert "register" in (city.root / "store" / "withheld.json").read_text(encoding="utf-8")


# --- exceptions

SHARED: Mapping[str, Any] = {
    "acquired": "共享获取",
    "acquired_from": "市税务局",
    "openness": "不予开放",
    "basis": "《统计法》",
}
READS = "select no, name, updated_on, row_number() over () as _row from {{ ref('credit') }}"


def sharing(city: City) -> City:
    """A dataset made of what was obtained by sharing."""
    city.lists("credit", body="data", **SHARED)
    city.lists("board", body="data", model=READS, source=None)
    city.hands_over("credit", csv_text(OWN, headings=("编号", "名称", "更新日期")), body="data")
    return city


def waived(city: City, *words: str, until: str = "2099-12-31") -> Ran:
    approved = (
        "--by",
        "王某",
        "--role",
        "数据主管",
        "--reason",
        "已取得书面同意",
        "--until",
        until,
    )
    return told(city, waive, "board", "--gate", "SRC-02", *approved, *words)


def test_a_named_person_lets_derived_data_pass_with_the_providers_consent(city: City) -> None:
    sharing(city).run()

    ran = waived(city, "--consent", "税函〔2026〕3号")
    outcome = city.run().outcomes["board"]

    assert ran.code == 0
    assert outcome["verdict"] == "released"
    said = next(each["text"] for each in outcome["warnings"] if each["rule"] == "SRC-02")
    assert "王某（数据主管）批准，依据税函〔2026〕3号" in said
    assert "王某" in page(city, "board")
    gated = [each for each in city.events("gated") if each["dataset_id"] == "board"]
    assert "王某" in gated[-1]["detail"]["exceptions"][0]
    assert city.events("excepted")[0]["detail"]["consent"] == "税函〔2026〕3号"


def test_an_exception_ends_with_its_term(city: City) -> None:
    sharing(city).run()
    waived(city, "--consent", "税函〔2026〕3号")
    assert city.run().outcomes["board"]["verdict"] == "released"

    assert rules(city.run(as_of="2100-01-01"), "board") == ["SRC-02"]


def test_an_exception_ends_when_the_entry_changes(city: City) -> None:
    sharing(city).run()
    waived(city, "--consent", "税函〔2026〕3号")
    fields = {
        "no": {"title": "编号", "key": True, "required": True},
        "updated_on": REGISTER["updated_on"],
    }
    model = "select no, updated_on, row_number() over () as _row from {{ ref('credit') }}"
    city.lists("board", body="data", model=model, source=None, fields=fields)

    assert rules(city.run(), "board") == ["SRC-02"]


def test_without_the_providers_consent_nothing_is_waived(city: City) -> None:
    sharing(city).run()

    ran = waived(city)

    assert (ran.code, decided(city)) == (2, [])
    assert "--consent" in ran.err


def test_under_the_sharing_measures_nobody_may_waive(tmp_path: Path) -> None:
    city = sharing(City.found(tmp_path / "home", regimes=["xian-open-2022", "xian-share-2018"]))
    city.run()

    ran = waived(city, "--consent", "税函〔2026〕3号", "--json")

    assert (ran.code, decided(city)) == (3, [])
    assert ran.json["barred"][0]["clause"] == "xian-share-2018/22.p2"


def test_what_is_not_refused_is_not_waived(city: City) -> None:
    found(city).run()

    ran = told(
        city, waive, "permits", "--gate", "SRC-02", "--by", "甲", "--role", "乙",
        "--reason", "丙", "--until", "2099-12-31",
    )  # fmt: skip

    assert ran.code == 2
    assert "not refused by SRC-02 but by nothing" in ran.err


# --- the real pair


@pytest.mark.skipif(
    not FILES.is_dir(), reason=f"the published files are not on this machine ({FILES})"
)
def test_the_real_pair_shares_1888_codes_of_which_212_have_another_name(tmp_path: Path) -> None:
    city = City.found(tmp_path / "real")
    shutil.copytree(CITY, city.root, dirs_exist_ok=True)
    for place, name in BOUND.items():
        (city.root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FILES / name, city.root / place)

    city.run("tech_smes", "hightech_enterprises", as_of="2024-06-30")

    counted = {}
    for element in ("uscc", "enterprise_name"):
        (carrier,) = told(city, source, "verify", element, "--json").json["carriers"]
        counted[element] = carrier["agreement"]
    assert (counted["uscc"]["agree"], counted["uscc"]["differ"]) == (1888, 0)
    assert counted["enterprise_name"]["differ"] == 212
    assert counted["enterprise_name"]["agree"] == 1888 - 212
    table = city.root / "restricted" / "conflicts" / "tech_smes.parquet"
    with duckdb.connect() as con:
        rows = con.execute(f"select count(*), count(distinct key) from '{table}'").fetchall()
    assert rows == [(212, 212)]
