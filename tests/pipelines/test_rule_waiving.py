"""A rule let pass as a whole: released all the same, counted all the same, until it ends."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.homes import City, rows_of
from tests.pipelines.test_quarantine import (
    BAD,
    CANARY,
    NAMELESS,
    export,
    filled,
    lines,
    listed,
    resubmit,
    rows_in,
    run,
)

MANY_ROWS = {
    "expect": "expect_table_row_count_to_be_between",
    "kwargs": {"min_value": 100},
    "indicator": "0202",
    "description": "应不少于100条",
    "severity": "critical",
    "on_fail": "block",
}
TOO_FEW = "rule_table_row_count_to_be_between"
BY = ("--by", "王某", "--role", "数据管理科科长", "--reason", "分批报送，年底补齐")


def waive(city: City, rule: str, *, until: str = "2099-12-31", words: tuple[str, ...] = ()) -> Any:
    asked = ("--rule", rule, "--all-rows", *BY, "--until", until)
    return city.opendata("quarantine", "waive", "parks", *asked, *words)


def page(city: City) -> str:
    return (city.root / "reports" / "parks.html").read_text(encoding="utf-8")


@pytest.fixture
def barred(city: City) -> City:
    """Thirty parks, of which a hundred are asked for, or nothing is opened."""
    city.lists("parks", quality={"rules": [MANY_ROWS]})
    city.hands_over("parks", rows_of(30))
    assert run(city)["verdict"] == "blocked"
    return city


@pytest.fixture
def nameless(city: City) -> City:
    """Thirty parks and two without a name, so many that the rule on names fails as well."""
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), *NAMELESS])
    assert run(city)["verdict"] == "blocked"
    return city


def test_a_waived_rule_bars_nothing_and_lifts_no_score(barred: City) -> None:
    done = waive(barred, TOO_FEW)
    assert done.code == 0, done.err
    outcome = run(barred)

    assert (outcome["verdict"], outcome["rows_released"]) == ("released", 30)
    assert outcome["score"] < 60
    last = barred.events("judged")[-1]
    assert TOO_FEW in last["detail"]["failed"]
    assert "王某（数据管理科科长）批准，至2099-12-31" in last["detail"]["waived"][TOO_FEW]


def test_the_page_names_who_let_a_rule_pass_and_until_when(barred: City) -> None:
    waive(barred, TOO_FEW)
    run(barred)

    told = page(barred)
    assert "已作例外处理（经批准）：王某（数据管理科科长）批准，至2099-12-31。" in told
    assert "1项规则" in told
    explained = barred.opendata("quality", "explain", "parks").out
    assert "王某（数据管理科科长）批准" in explained


def test_every_row_that_breaks_only_a_waived_rule_is_released_and_counted(nameless: City) -> None:
    waive(nameless, "name_not_null")
    outcome = run(nameless)

    assert (outcome["rows_clean"], outcome["rows_quarantined"]) == (32, 0)
    assert (outcome["verdict"], outcome["score"] < 60) == ("released", True)
    found = listed(nameless)
    assert found["states"] == {"waived": 2}
    (waived,) = found["rules_waived"]
    assert (waived["rule"], waived["by"], waived["until"]) == (
        "name_not_null",
        "王某",
        "2099-12-31",
    )
    assert nameless.events("judged")[-1]["counts"]["excepted"] == 2
    assert "2条经例外处理照常开放" in page(nameless)


def test_rows_that_come_later_pass_a_waived_rule_too(nameless: City) -> None:
    waive(nameless, "name_not_null")
    nameless.hands_over("parks", [*rows_of(40), *NAMELESS])

    assert run(nameless)["rows_clean"] == 42


def test_a_row_that_breaks_another_rule_stays_and_only_that_is_asked(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), ("P-0099", "", CANARY)])
    run(city)
    waive(city, "name_not_null")

    assert run(city)["rows_quarantined"] == 1
    assert [each["列名"] for each in lines(export(city))] == ["更新日期"]
    path = city.root / "restricted/quarantine/parks.parquet"
    assert rows_in(path, "_reasons, _state") == [(["name_not_null", "updated_on_type"], "pending")]


def test_a_waiver_of_a_rule_ends_with_its_term(nameless: City) -> None:
    waive(nameless, "name_not_null")
    assert nameless.run(as_of="2099-12-31").outcomes["parks"]["rows_clean"] == 32

    assert nameless.run(as_of="2100-01-01").outcomes["parks"]["rows_clean"] == 30


@pytest.mark.parametrize(
    "change", [{"kwargs": {"min_value": 99}}, {"severity": "warning"}, {"on_fail": "keep_flag"}]
)
def test_a_waiver_ends_when_its_rule_changes(barred: City, change: dict[str, Any]) -> None:
    waive(barred, TOO_FEW)
    barred.lists("parks", quality={"rules": [MANY_ROWS | change]})
    run(barred)

    assert "waived" not in barred.events("judged")[-1]["detail"]


def test_a_waiver_outlives_a_new_wording_of_its_rule(barred: City) -> None:
    waive(barred, TOO_FEW)
    barred.lists("parks", quality={"rules": [MANY_ROWS | {"description": "至少100条"}]})

    assert run(barred)["verdict"] == "released"


def test_a_waiver_is_ended_early_by_a_day_that_is_over(nameless: City) -> None:
    waive(nameless, "name_not_null")
    assert run(nameless)["rows_clean"] == 32

    done = waive(nameless, "name_not_null", until="2020-01-01", words=("--json",))
    assert (done.code, done.json["ended"]) == (0, True)
    assert run(nameless)["rows_clean"] == 30
    assert [each["detail"]["ended"] for each in nameless.events("excepted")] == [False, True]


def test_a_day_that_is_over_waives_nothing(nameless: City) -> None:
    assert waive(nameless, "name_not_null", until="2020-01-01").code == 2
    assert nameless.events("excepted") == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [("updated_on_type", "转换后原值已不存在"), ("no_unique", "主键重复的各行无法分辨")],
)
def test_what_would_be_lost_or_mixed_up_may_not_be_waived(
    nameless: City, rule: str, said: str
) -> None:
    done = waive(nameless, rule)

    assert (done.code, said in done.out) == (3, True)
    assert nameless.events("excepted") == []


def test_a_rule_the_dataset_has_not_is_not_waived(nameless: City) -> None:
    done = waive(nameless, "QUA-02")

    assert done.code == 2
    assert "name_not_null" in done.err
    assert "opendata waive --gate" in done.err


def test_rows_are_named_or_the_whole_rule_is_meant(nameless: City) -> None:
    assert waive(nameless, "name_not_null", words=("--row", "32")).code == 2


def test_a_dataset_made_by_sql_has_rules_that_can_be_waived(city: City) -> None:
    city.lists("parks")
    city.lists("few", model="select no, null as name, updated_on, _row from {{ ref('parks') }}")
    city.hands_over("parks", rows_of(3))
    assert city.run().outcomes["few"]["rows_quarantined"] == 3

    asked = ("--rule", "name_not_null", "--all-rows", *BY, "--until", "2099-12-31")
    assert city.opendata("quarantine", "waive", "few", *asked).code == 0
    assert city.run().outcomes["few"]["rows_quarantined"] == 0


def test_a_row_waiver_is_ended_early_too(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), *NAMELESS])
    run(city)
    reply = {"回复": "确认无误申请例外", "说明": "未命名"}
    resubmit(city, filled(export(city), reply, reply))
    asked = ("quarantine", "waive", "parks", "--rule", "name_not_null", *BY, "--until")
    city.opendata(*asked, "2099-12-31")
    assert run(city)["rows_clean"] == 32

    assert city.opendata(*asked, "2020-01-01", "--row", "33").code == 0
    assert run(city)["rows_clean"] == 31


def test_the_waiver_lies_in_the_register_and_names_no_value(city: City, tmp_path: Path) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), BAD, *NAMELESS])
    run(city)
    paper = tmp_path / "批准单.txt"
    paper.write_text("同意")
    assert waive(city, "name_not_null", words=("--evidence", str(paper))).code == 0

    (event,) = city.events("excepted")
    assert (event["counts"], event["detail"]["whole"]) == ({"rows": 2}, True)
    told = yaml.safe_dump(city.events(), allow_unicode=True)
    assert CANARY not in told


def test_a_body_is_told_once_of_exceptions_given_together_that_end_soon(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", [*rows_of(30), *NAMELESS])
    run(city)
    reply = {"回复": "确认无误申请例外", "说明": "未命名"}
    resubmit(city, filled(export(city), reply, reply))
    asked = ("--rule", "name_not_null", *BY, "--until", "2099-12-31")
    city.opendata("quarantine", "waive", "parks", *asked)
    city.run(as_of="2099-12-15")

    (body,) = city.root.glob("reports/**/body-market.html")
    told = body.read_text(encoding="utf-8")
    assert told.count("将于2099年12月31日届满（规则name_not_null）") == 1
