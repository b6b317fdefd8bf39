"""Events start terms by article, shown wherever a steward looks until they are stopped."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from opendata.statutory import ClockEvent, StatutoryClock, limits, notice
from opendata.vocabulary import Basis, Openness
from opendata.workdays import Calendar
from tests.journeys.homes import City, Ran, rows_of
from tests.support import a_dataset

NATIONAL = Calendar.load("cn")
TODAY = date(2026, 9, 30)  # the day before the holidays of 国庆
XO, XS, CQ, GX, GZ = (
    "xian-open-2022",
    "xian-share-2018",
    "chongqing-open",
    "guangxi-open",
    "guangzhou-open-2022",
)
E = ClockEvent


def found(event: ClockEvent, *regimes: str, openness: Openness = Openness.UNCONDITIONAL) -> Any:
    dataset = a_dataset(openness=openness)
    return [
        (each.workdays, each.due.day.isoformat(), [one.id for one in each.clauses])
        for each in limits(event, dataset, TODAY, regimes, NATIONAL)
    ]


@pytest.mark.parametrize(
    ("event", "regime", "expected"),
    [
        (E.SOURCE_CHANGED, XS, (5, "2026-10-13", [f"{XS}/21.a"])),
        (E.LAW_CHANGED, XS, (15, "2026-10-27", [f"{XS}/12.p2.a"])),
        (E.LAW_CHANGED, CQ, (10, "2026-10-20", [f"{CQ}/17.p1"])),
        (E.LAW_CHANGED, GX, (10, "2026-10-20", [f"{GX}/15.a"])),
        (E.CORRECTION_ASKED, XO, (10, "2026-10-20", [f"{XO}/25.p1"])),
        (E.CORRECTION_ASKED, CQ, (10, "2026-10-20", [f"{CQ}/22.p2.a"])),
        (E.CORRECTION_ASKED, GZ, (15, "2026-10-27", [f"{GZ}/29.p3.a"])),
    ],
)
def test_an_event_runs_for_the_working_days_of_the_article(
    event: ClockEvent, regime: str, expected: tuple[int, str, list[str]]
) -> None:
    assert found(event, regime) == [expected]


def test_guangxi_answers_within_three_days_for_conditional_data_only() -> None:
    conditional = found(E.CORRECTION_ASKED, GX, openness=Openness.CONDITIONAL)

    assert conditional == [(3, "2026-10-10", [f"{GX}/20.6.b"])]
    assert found(E.CORRECTION_ASKED, GX) == [(10, "2026-10-20", [])]


@pytest.mark.parametrize(
    ("event", "regime"),
    [(E.SOURCE_CHANGED, XO), (E.SOURCE_CHANGED, GZ), (E.LAW_CHANGED, XO), (E.LAW_CHANGED, GZ)],
)
def test_what_no_text_gives_a_term_has_none(event: ClockEvent, regime: str) -> None:
    assert found(event, regime) == []


def test_a_text_that_says_promptly_leaves_the_local_term_and_says_whose_it_is() -> None:
    (local,) = limits(E.CORRECTION_ASKED, a_dataset(), TODAY, (XS,), NATIONAL)

    assert (local.workdays, local.basis, local.clauses) == (10, Basis.LOCAL, ())


def test_of_several_regulations_the_soonest_governs_and_the_others_are_told() -> None:
    clock = StatutoryClock(
        number=7, dataset_id="parks", event=E.LAW_CHANGED, started_on=TODAY, reason="修订"
    )

    told = notice(clock, a_dataset(), (XS, CQ), NATIONAL, TODAY)

    assert told is not None
    assert told.due == date(2026, 10, 20)
    assert told.clauses == (f"{CQ}/17.p1", f"{XS}/12.p2.a")
    assert told.text == (
        "法规变化（2026年9月30日，第7号）：应于2026年10月20日前办理目录更新（10个工作日），还剩20天。"
        "另有期限2026年10月27日（15个工作日，《西安市政务数据资源共享管理办法》第十二条）。"
    )
    assert told.citation.endswith("第十七条")


def test_the_alarm_sounds_when_the_last_day_is_over_and_not_before() -> None:
    clock = StatutoryClock(
        number=1, dataset_id="parks", event=E.SOURCE_CHANGED, started_on=TODAY, reason="变化"
    )
    due = date(2026, 10, 13)

    def told(days: int) -> tuple[str, int]:
        said = notice(clock, a_dataset(), (XS,), NATIONAL, due + timedelta(days=days))
        assert said is not None
        return said.text.rpartition("，")[2], said.late_days

    assert [told(-1), told(0), told(1)] == [("还剩1天。", 0), ("当日届满。", 0), ("已逾期1天。", 1)]


def test_a_term_into_an_unpublished_year_is_provisional_with_its_earliest_day() -> None:
    clock = StatutoryClock(
        number=1,
        dataset_id="parks",
        event=E.SOURCE_CHANGED,
        started_on=date(2026, 12, 28),
        reason="变化",
    )

    told = notice(clock, a_dataset(), (XS,), NATIONAL, date(2026, 12, 29))

    assert told is not None
    assert told.due == date(2027, 1, 4)
    assert "暂定，最早可能为2027年1月2日" in told.text


# --- the command


@pytest.fixture
def city(tmp_path: Path) -> City:
    city = City.found(tmp_path / "city", regimes=[XO, XS])
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()
    return city


def start(city: City, event: str = "来源变化", on: str = "2026-03-02", *words: str) -> Ran:
    words = ("parks", "--event", event, "--on", on, "--reason", "来源系统升级", *words)
    return city.opendata("clock", "start", *words)


def warned(city: City, as_of: str) -> list[str]:
    outcome = city.opendata("status", "--as-of", as_of, "--json").outcomes["parks"]
    return [each["rule"] for each in outcome["warnings"] if each["rule"].startswith("CLK-")]


def running(city: City, as_of: str, *words: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = city.opendata(
        "clock", "list", "--as-of", as_of, "--json", *words
    ).json
    return told


def test_a_started_clock_is_listed_with_its_article(city: City) -> None:
    said = start(city)

    assert said.code == 0
    assert said.out.splitlines() == [
        "已登记来源变化，期限起算：",
        "第1号 来源变化 parks目录（parks）：来源系统升级",
        said.out.splitlines()[2],
        "  期限：2026年3月9日（5个工作日，《西安市政务数据资源共享管理办法》第二十一条）",
    ]
    (listed,) = running(city, "2026-03-10")
    assert (listed["due"], listed["late_days"]) == ("2026-03-09", 1)
    assert listed["limits"][0]["clauses"] == [f"{XS}/21.a"]


def test_status_and_the_page_tell_what_runs_until_it_is_stopped(city: City) -> None:
    start(city)

    assert warned(city, "2026-03-03") == ["CLK-01"]
    assert "第1号" in city.opendata("status", "--as-of", "2026-03-10").out
    city.opendata("report", "--as-of", "2026-03-10")
    page = (city.root / "reports" / "parks.html").read_text(encoding="utf-8")
    assert "已逾期1天" in page
    assert "《西安市政务数据资源共享管理办法》第二十一条" in page

    assert city.opendata("clock", "stop", "1", "--reason", "已更新", "--on", "2026-03-09").code == 0

    assert warned(city, "2026-03-10") == []
    assert warned(city, "2026-03-08") == ["CLK-01"]
    assert running(city, "2026-03-10") == []
    (stopped,) = running(city, "2026-03-10", "--all")
    assert (stopped["stopped_on"], stopped["late_days"]) == ("2026-03-09", 0)


def test_a_clock_is_entered_in_the_record_and_starts_no_run(city: City) -> None:
    start(city, "更正申请")
    city.opendata("clock", "stop", "1", "--reason", "已答复", "--on", "2026-03-20")

    (started,) = city.events("clock_started")
    (stopped,) = city.events("clock_stopped")
    assert started["dataset_id"] == stopped["dataset_id"] == "parks"
    assert started["clauses"] == [f"{XO}/25.p1"]
    assert started["detail"] == {"event": "correction_asked", "on": "2026-03-02"}
    assert stopped["detail"] == {"clock": 1, "on": "2026-03-20"}
    assert not city.run().outcomes["parks"]["changed"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "nowhere", "--event", "来源变化", "--on", "2026-03-02"), "nowhere"),
        (("start", "parks", "--event", "来源变化", "--on", "2199-01-01"), "still to come"),
        (("start", "parks", "--event", "下雨", "--on", "2026-03-02"), "下雨"),
        (("stop", "9"), "no clock 9 is running; there are 1"),
        (("stop", "1", "--on", "2026-03-01"), "started on 2026-03-02"),
        (("stop", "1", "--on", "2199-01-01"), "give a day between them"),
    ],
    ids=["dataset", "future", "event", "number", "before", "after"],
)
def test_what_cannot_be_entered_is_refused_and_enters_nothing(
    city: City, words: tuple[str, ...], said: str
) -> None:
    start(city)
    before = len(city.events())

    done = city.opendata("clock", *words, "--reason", "试")

    assert done.code == 2
    assert said in done.err
    assert len(city.events()) == before
    assert len(running(city, "2026-04-01", "--all")) == 1


def test_an_event_without_a_term_is_refused(tmp_path: Path) -> None:
    city = City.found(tmp_path / "city")
    city.lists("parks")

    done = start(city)

    assert done.code == 2
    assert "counts days after 来源变化" in done.err


def test_a_stopped_clock_cannot_be_stopped_again(city: City) -> None:
    start(city)
    stop = ("clock", "stop", "1", "--reason", "已更新", "--on", "2026-03-03")

    assert city.opendata(*stop).code == 0
    assert city.opendata(*stop).code == 2


def test_a_clock_of_a_dataset_that_is_not_listed_any_more_is_still_told(city: City) -> None:
    start(city)
    (city.root / "catalog" / "market" / "parks.yaml").unlink()
    city.lists("zoo")

    assert "目录中已无此数据集" in city.opendata("clock", "list").out


def test_the_history_of_a_dataset_can_be_asked_for_any_day(tmp_path: Path) -> None:
    city = City.found(tmp_path / "city")
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()
    rows = tuple((no, name, "2026-05-06") for no, name, _ in rows_of(3))
    city.hands_over("parks", rows)
    city.run(as_of="2026-05-20")

    def states(as_of: str) -> list[tuple[str, str]]:
        told = city.opendata("clock", "history", "parks", "--as-of", as_of, "--json").json
        assert len(told["periods"]) == 24
        return [(each["end"], each["state"]) for each in told["periods"][-3:]]

    assert states("2026-05-10") == [
        ("2026-03-31", "on_time"),
        ("2026-04-30", "overdue"),
        ("2026-05-31", "on_time"),
    ]
    assert states("2026-06-01")[0] == ("2026-04-30", "overdue")
    said = city.opendata("clock", "history", "parks", "--as-of", "2026-06-01").out.splitlines()
    assert "  2026-04-30  逾期15天  应于2026-05-05前，2026-05-20开放" in said
    assert "最近24期中，已有结论3期，按期2期。" in said
    assert "  其中20期在首次开放前，不计。" in said


@pytest.mark.parametrize(("switch", "state"), [(False, "overdue"), (True, "in_grace")])
def test_the_switch_of_the_home_extends_a_term_over_days_off(
    tmp_path: Path, switch: bool, state: str
) -> None:
    city = City.found(tmp_path / "city", extend_over_days_off=switch)
    city.lists("parks")
    city.hands_over("parks", [("P-0001", "公园", "2026-08-20")])
    city.run(as_of="2026-08-31")

    status = city.opendata("status", "--as-of", "2026-10-08", "--json").outcomes["parks"]
    history = city.opendata("clock", "history", "parks", "--as-of", "2026-10-08", "--json").json

    assert status["freshness"] == state
    assert (history["periods"][-2]["end"], history["periods"][-2]["state"]) == ("2026-09-30", state)


def test_what_promises_no_day_is_told_as_such(tmp_path: Path) -> None:
    city = City.found(tmp_path / "city")
    city.lists("parks", update_frequency="不定期")

    assert "没有固定的更新期限。" in city.opendata("clock", "history", "parks").out
