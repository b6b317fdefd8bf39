"""Time alone makes data late: Dagster, the pages and ``status`` hear of it without a run."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.checks import tell_changed
from assets.rejudged import verdicts_now
from assets.workshop import Workshop
from pipelines.assembly import build_defs
from resources.home import Home
from tests.journeys.homes import City, Row, rows_of

ON_TIME, IN_GRACE, OVERDUE, LATER = "2026-04-20", "2026-05-03", "2026-05-06", "2026-05-09"
KEY = dg.AssetCheckKey(dg.AssetKey(["market", "parks", "standardised"]), "freshness")


@pytest.fixture
def city(tmp_path: Path) -> City:
    """Parks are promised monthly, their data is of the middle of March: due by the 5th of May."""
    city = City.found(tmp_path / "city")
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()
    return city


def rows_dated(day: str) -> tuple[Row, ...]:
    return tuple((no, name, day) for no, name, _ in rows_of(3))


@contextmanager
def opened(city: City, as_of: str) -> Iterator[Workshop]:
    home = Home.find(city.root).prepare()
    with closing(Workshop.open(home, as_of=date.fromisoformat(as_of))) as workshop:
        yield workshop


@contextmanager
def instance_of(city: City) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(city.root / "dagster")) as instance:
        yield instance


def night(city: City, as_of: str) -> dg.ExecuteInProcessResult:
    with opened(city, as_of) as workshop, instance_of(city) as instance:
        job = build_defs(workshop).resolve_job_def("nightly")
        return job.execute_in_process(instance=instance, raise_on_error=False)


def told(city: City, key: dg.AssetCheckKey = KEY) -> list[tuple[bool, str]]:
    """What Dagster holds on the freshness of a dataset, oldest first: passed, and the state."""
    with instance_of(city) as instance:
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=50)
    made = [each.evaluation for each in reversed(records)]
    return [
        (each.passed, str(each.metadata["状态"].value))
        for each in made
        if isinstance(each, dg.AssetCheckEvaluation)
    ]


def status(city: City, as_of: str, dataset: str = "parks") -> Any:
    return city.opendata("status", "--as-of", as_of, "--json").outcomes[dataset]["freshness"]


def page(city: City, dataset: str = "parks") -> Any:
    path = city.root / "reports" / f"{dataset}.json"
    return json.loads(path.read_text(encoding="utf-8"))["outcome"]["freshness"]


def test_a_dataset_turns_late_without_a_run_and_is_told_once(city: City) -> None:
    assert told(city) == [(True, "按时")]

    for day in (ON_TIME, OVERDUE, LATER):
        assert night(city, day).success

    assert told(city) == [(True, "按时"), (False, "逾期")]


def test_every_change_of_state_is_told_and_grace_still_passes(city: City) -> None:
    for day in (IN_GRACE, OVERDUE):
        night(city, day)

    assert told(city) == [(True, "按时"), (True, "宽限内"), (False, "逾期")]


def test_data_that_arrives_passes_again_by_its_own_run(city: City) -> None:
    night(city, OVERDUE)
    city.hands_over("parks", rows_dated("2026-05-06"))
    city.run(as_of=OVERDUE)
    night(city, OVERDUE)

    assert told(city) == [(True, "按时"), (False, "逾期"), (True, "按时")]


def test_a_release_that_repeats_old_data_is_late_however_recently_it_was_made(city: City) -> None:
    night(city, OVERDUE)
    before = city.manifest()["release"]
    city.hands_over("parks", [*rows_of(3), ("P-0009", "新公园", "2026-03-15")])

    ran = city.run(as_of=LATER)
    night(city, LATER)

    assert city.manifest()["release"] > before
    assert ran.outcomes["parks"]["freshness"] == "overdue"
    assert [state for _, state in told(city)] == ["按时", "逾期", "逾期"]
    assert not told(city)[-1][0]


def test_dagster_the_page_and_status_say_the_same_on_the_same_day(city: City) -> None:
    for day, state, word in (
        (ON_TIME, "on_time", "按时"),
        (IN_GRACE, "in_grace", "宽限内"),
        (OVERDUE, "overdue", "逾期"),
    ):
        night(city, day)

        assert status(city, day) == state
        assert told(city)[-1][1] == word
        assert page(city)["punctuality"] == state
        assert page(city)["as_of"] == day


def test_what_is_late_is_told_though_the_other_work_of_the_night_fails(city: City) -> None:
    city.key.unlink()

    assert not night(city, OVERDUE).success

    assert told(city)[-1] == (False, "逾期")
    assert page(city)["as_of"] == OVERDUE


def test_a_check_that_a_run_planned_and_never_made_is_told(city: City) -> None:
    city.hands_over("parks", "没有这些列\n1\n".encode())
    city.run(as_of=ON_TIME)
    assert len(told(city)) == 1

    night(city, ON_TIME)
    night(city, ON_TIME)

    assert len(told(city)) == 2


def test_a_dataset_whose_run_is_under_way_is_left_to_it(city: City) -> None:
    with opened(city, OVERDUE) as workshop, instance_of(city) as instance:
        job = build_defs(workshop).resolve_job_def("everything")
        # the run plans the check when it is created
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)

        assert tell_changed(instance, verdicts_now(workshop)) == 0

        instance.report_run_failed(run)
        assert tell_changed(instance, verdicts_now(workshop)) == 1


def test_what_came_out_after_it_was_due_and_is_old_is_told_as_that(city: City) -> None:
    city.opendata("report", "--as-of", "2100-01-15")

    assert "虽有开放，内容仍截至2026年3月15日" in page(city)["sentence"]


def test_the_page_shows_how_the_periods_were_kept(city: City) -> None:
    city.hands_over("parks", rows_dated("2026-05-06"))
    city.run(as_of="2026-05-20")

    text = (city.root / "reports/parks.html").read_text(encoding="utf-8")

    assert "最近3期中，已有结论3期，按期2期。" in text
    assert text.count('<li class="good"') == 2
    assert "截至2026年4月30日的一期：逾期15天，应于2026年5月5日前更新，2026年5月20日开放。" in text
