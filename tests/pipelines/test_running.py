from datetime import date, timedelta

import pytest

from opendata.errors import UnknownDataset
from opendata.vocabulary import Punctuality, Verdict
from pipelines.running import rewrite_reports, run_home, status_of
from tests.journeys.homes import AS_OF, City, rows_of

DAY = date.fromisoformat(AS_OF)


@pytest.fixture
def parks(city: City) -> City:
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(3, word=dataset))
    return city


def silent(message: str) -> None:
    pass


def test_a_run_tells_of_every_dataset_and_where_to_look(parks: City) -> None:
    finished = run_home(parks.root, as_of=DAY, progress=silent)

    assert [each.outcome.dataset_id for each in finished.dossiers] == ["parks", "zoo"]
    assert finished.as_of == DAY
    assert not finished.crashed
    places = [where for _, where in finished.look_next]
    assert str(parks.public / "open.duckdb") in places
    assert str(parks.root / "reports" / "index.html") in places


def test_only_what_changed_is_run_and_the_rest_is_told_as_unchanged(parks: City) -> None:
    run_home(parks.root, as_of=DAY, progress=silent)
    parks.hands_over("zoo", rows_of(4, word="zoo"))
    said: list[str] = []

    finished = run_home(parks.root, as_of=DAY, progress=said.append)

    changed = {each.outcome.dataset_id: each.outcome.changed for each in finished.dossiers}
    assert changed == {"parks": False, "zoo": True}
    assert said == ["1 个数据集有变化，开始处理", "zoo目录（zoo）"]


def test_a_run_is_framed_in_the_record_and_an_idle_one_leaves_no_trace(parks: City) -> None:
    run_home(parks.root, as_of=DAY, progress=silent)
    kinds = [each["kind"] for each in parks.events()]

    run_home(parks.root, as_of=DAY, progress=silent)

    assert (kinds[0], kinds[-1]) == ("run_started", "run_finished")
    assert [each["kind"] for each in parks.events()] == kinds


def test_an_unknown_dataset_stops_before_anything_is_done(parks: City) -> None:
    with pytest.raises(UnknownDataset, match="the catalog has parks, zoo"):
        run_home(parks.root, as_of=DAY, only=("parks", "zo"), progress=silent)

    assert parks.events() == []


def test_status_judges_freshness_on_its_own_day_and_runs_nothing(parks: City) -> None:
    run_home(parks.root, as_of=DAY, progress=silent)
    parks.hands_over("zoo", rows_of(4, word="zoo"))
    events = parks.events()

    told = status_of(parks.root, as_of=date(2026, 9, 30))

    assert {each.outcome.verdict for each in told} == {Verdict.RELEASED}
    fresh = [each.outcome.freshness for each in told]
    assert {each.punctuality for each in fresh if each} == {Punctuality.OVERDUE}
    assert parks.events() == events


def test_pages_can_be_written_for_another_day(parks: City) -> None:
    run_home(parks.root, as_of=DAY, progress=silent)

    pages = rewrite_reports(parks.root, as_of=date(2026, 9, 30))

    assert pages[0].name == "index.html"
    assert Punctuality.OVERDUE.value in pages[1].read_text(encoding="utf-8")


def test_what_a_crash_cut_off_is_finished_before_the_next_run(parks: City) -> None:
    run_home(parks.root, as_of=DAY, progress=silent)
    views = parks.public / "open.duckdb"
    for each in parks.public.glob("open*.duckdb"):
        each.unlink()

    run_home(parks.root, as_of=DAY, progress=silent)

    assert views.exists()
    assert parks.query("select count(*) from parks") == [(3,)]


def test_pages_are_rewritten_when_the_day_moves_on_and_not_before(parks: City) -> None:
    run_home(parks.root, as_of=DAY, progress=silent)
    page = parks.root / "reports" / "index.html"
    first = page.stat().st_mtime_ns

    run_home(parks.root, as_of=DAY, progress=silent)
    same_day = page.stat().st_mtime_ns
    run_home(parks.root, as_of=DAY + timedelta(days=40), progress=silent)

    assert same_day == first
    assert "2026年5月10日" in page.read_text(encoding="utf-8")
