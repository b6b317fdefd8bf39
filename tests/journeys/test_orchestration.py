import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.linkage import known_linkage
from assets.resemblance import known_resemblances
from assets.workshop import Workshop
from pipelines.assembly import build_defs
from pipelines.orchestra import execute
from resources.home import Home
from tests.journeys.homes import City, Demo, csv_text, rows_of

READS = "select no, name, updated_on, row_number() over () as _row from {{ ref('%s') }}"
UNREADABLE = csv_text([("1",)], headings=("别的",))


def events_of_last_run(city: City) -> list[dg.DagsterEvent]:
    with dg.DagsterInstance.from_config(str(city.root / "dagster")) as instance:
        run = instance.get_runs(limit=1)[0]
        records = instance.get_records_for_run(run.run_id).records
    events = (each.event_log_entry.dagster_event for each in records)
    return [each for each in events if each is not None]


def materialisations(city: City) -> dict[str, dg.AssetMaterialization]:
    """What the last run materialised, by ``body/dataset/layer``, in order."""
    made = (
        each.step_materialization_data.materialization
        for each in events_of_last_run(city)
        if each.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    return {each.asset_key.to_user_string(): each for each in made}


def checks(city: City) -> dict[str, Any]:
    """The check results of the last run, by ``body/dataset/layer:name``."""
    made = (
        each.asset_check_evaluation_data
        for each in events_of_last_run(city)
        if each.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    return {f"{each.asset_key.to_user_string()}:{each.check_name}": each for each in made}


def layers(city: City, dataset: str) -> list[str]:
    return [key.split("/")[2] for key in materialisations(city) if key.split("/")[1] == dataset]


def lineage_shown(made: dg.AssetMaterialization) -> set[tuple[str, str, str]]:
    shown: Any = made.metadata["dagster/column_lineage"]
    return {
        (column, dep.asset_key.to_user_string(), dep.column_name)
        for column, deps in shown.lineage.deps_by_column.items()
        for dep in deps
    }


def lineage_recorded(
    city: City, kind: str, bodies: Mapping[str, str]
) -> dict[str, set[tuple[str, str, str]]]:
    def upstream(event: Mapping[str, Any], edge: Mapping[str, Any]) -> str:
        if edge["upstream"].startswith("source:"):
            return f"{bodies[event['dataset_id']]}/{event['dataset_id']}/landed"
        return f"{bodies[edge['upstream']]}/{edge['upstream']}/standardised"

    return {
        event["dataset_id"]: {
            (edge["column"], upstream(event, edge), edge["upstream_column"])
            for edge in event["lineage"]
            if edge["direct"]
        }
        for event in city.events(kind)
    }


def bodies_of(city: City) -> dict[str, str]:
    return {each.id: each.body for each in Home.find(city.root).read_catalog().datasets}


def test_every_layer_that_was_made_is_in_the_persistent_instance(demo: Demo) -> None:
    made = materialisations(demo.city)

    by_verdict: dict[str, set[str]] = {}
    for key in made:
        _, dataset, layer = key.split("/")
        by_verdict.setdefault(demo.run.outcomes[dataset]["verdict"], set()).add(layer)
    assert by_verdict == {
        "failed": {"landed"},
        "released": {"landed", "standardised", "released"},
        "released_conditionally": {"landed", "standardised", "released"},
        "blocked": {"landed", "standardised"},
        "not_open": {"landed", "standardised"},
    }


def test_every_judged_dataset_has_its_three_checks(demo: Demo) -> None:
    shown = checks(demo.city)
    judged = {each["dataset_id"] for each in demo.city.events("judged") if "dataset_id" in each}

    bodies = bodies_of(demo.city)
    assert set(shown) == {
        f"{bodies[each]}/{each}/{name}"
        for each in judged
        for name in ("standardised:quality", "standardised:freshness", "released:gate")
    }


def test_checks_say_what_the_outcome_says(demo: Demo) -> None:
    bodies = bodies_of(demo.city)
    for key, shown in checks(demo.city).items():
        told = demo.run.outcomes[key.split("/")[1]]
        if shown.check_name == "gate":
            assert shown.passed == (not told["reasons"])
        if shown.check_name == "freshness":
            assert shown.passed == (told["freshness"] not in ("overdue", "unknown"))
        if shown.check_name == "quality":
            assert shown.passed == ("QUA-02" not in {each["rule"] for each in told["reasons"]})
            assert shown.metadata["得分"].value == told["score"]
    assert bodies


@pytest.mark.parametrize(
    ("kind", "layer"), [("standardised", "standardised"), ("desensitised", "released")]
)
def test_the_lineage_shown_is_the_lineage_recorded(demo: Demo, kind: str, layer: str) -> None:
    bodies = bodies_of(demo.city)
    made = materialisations(demo.city)

    recorded = lineage_recorded(demo.city, kind, bodies)

    assert recorded == {
        key.split("/")[1]: lineage_shown(each)
        for key, each in made.items()
        if key.endswith(f"/{layer}")
    }
    assert all(recorded.values())


def test_counts_shown_are_the_counts_told(demo: Demo) -> None:
    for key, made in materialisations(demo.city).items():
        _, dataset, layer = key.split("/")
        if layer == "released":
            told = demo.run.outcomes[dataset]
            assert made.metadata["dagster/row_count"].value == told["rows_released"]
            assert made.metadata["version"].value == told["version"]


def test_no_metadata_of_the_orchestrator_names_a_value_or_a_path(demo: Demo) -> None:
    texts = [
        str(value.value)
        for made in materialisations(demo.city).values()
        for value in made.metadata.values()
    ]

    assert [text for text in texts if "restricted" in text or str(demo.city.root) in text] == []


def test_assets_carry_owner_group_kinds_and_a_chinese_description(demo: Demo) -> None:
    defs = build_defs(Workshop.open(Home.find(demo.city.root)))

    asset = defs.resolve_asset_graph().get(dg.AssetKey(["civil", "subsidy_payments", "released"]))

    assert asset.owners == ["team:市民政局"]
    assert asset.group_name == "civil"
    assert asset.kinds == {"parquet"}
    assert (asset.description or "").startswith("困难群众补贴发放信息·脱敏后开放\n\n")
    assert asset.tags["openness"] == "conditional"


# --- one bad dataset among good ones


def listed(city: City, *readers: tuple[str, str, str]) -> None:
    for dataset, body, upstream in readers:
        city.lists(dataset, body=body, model=READS % upstream)


def test_an_unreadable_dataset_holds_back_its_readers_and_nobody_else(city: City) -> None:
    for dataset, given in (("parks", UNREADABLE), ("zoo", rows_of(3))):
        city.lists(dataset)
        city.hands_over(dataset, given)
    listed(
        city, ("near", "market", "parks"), ("far", "civil", "parks"), ("further", "health", "far")
    )
    listed(city, ("zoo_near", "market", "zoo"), ("zoo_far", "civil", "zoo"))

    done = city.run()

    assert done.code == 3
    assert verdicts(done.outcomes) == {
        "parks": "failed",
        "near": "blocked",
        "far": "blocked",
        "further": "blocked",
        "zoo": "released",
        "zoo_near": "released",
        "zoo_far": "released",
    }
    assert {key for key in materialisations(city) if "zoo" not in key} == {"market/parks/landed"}
    assert city.run().outcomes == {
        key: {**told, "changed": False} for key, told in done.outcomes.items()
    }


def test_held_readers_follow_as_soon_as_the_source_is_right(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", UNREADABLE)
    listed(
        city, ("near", "market", "parks"), ("far", "civil", "parks"), ("further", "health", "far")
    )
    city.run()

    city.hands_over("parks", rows_of(4))

    assert set(verdicts(city.run().outcomes).values()) == {"released"}


def test_a_reader_that_was_run_before_what_it_reads_is_looked_at_again(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    listed(city, ("near", "market", "parks"))

    assert verdicts(city.run("near").outcomes) == {"near": "blocked"}
    assert verdicts(city.run().outcomes) == {"parks": "released", "near": "released"}


def test_a_bad_second_delivery_holds_back_readers_and_leaves_every_release(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(4))
    listed(city, ("near", "market", "parks"), ("far", "civil", "parks"))
    city.run()
    before = city.manifest()

    city.hands_over("parks", [("", "", ""), *rows_of(4)])
    done = city.run()

    assert verdicts(done.outcomes) == {"parks": "blocked", "near": "blocked", "far": "blocked"}
    assert city.manifest() == before


def test_a_crash_stops_its_readers_and_nobody_else(city: City) -> None:
    obstacle = crashing_city(city)

    done = city.run()
    again = city.run()

    assert obstacle.is_dir()
    assert done.code == again.code == 1
    assert verdicts(done.outcomes) == dict.fromkeys(("aviary", "zoo", "zoo_far"), "released")
    assert set(verdicts(again.outcomes)) == {"aviary", "zoo", "zoo_far"}
    assert "parks crashed: " in done.err
    assert "step market__parks failed: Failure" in done.err


def test_a_crash_is_in_the_record_and_repeated_until_its_cause_is_gone(city: City) -> None:
    obstacle = crashing_city(city)
    city.run()
    city.run()

    obstacle.rmdir()
    done = city.run()

    assert [each["detail"].keys() for each in city.events("failed")] == [{"crash", "where"}] * 2
    assert done.code == 0
    assert set(verdicts(done.outcomes)) == {"aviary", "zoo", "zoo_far", "parks", "near", "far"}
    assert set(verdicts(done.outcomes).values()) == {"released"}


def test_a_crash_in_a_bodys_step_leaves_the_other_datasets_of_the_body(city: City) -> None:
    for dataset in ("aviary", "parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(3, word=dataset))
    listed(city, ("near", "market", "parks"))
    (city.root / "restricted" / "standardised" / "parks.parquet").mkdir(parents=True)

    done = city.run()

    assert done.code == 1
    assert verdicts(done.outcomes) == {"aviary": "released", "zoo": "released"}
    assert layers(city, "near") == []


def crashing_city(city: City) -> Path:
    """A folder lies where a dataset's standardised file should come; all others are in order."""
    for dataset in ("aviary", "parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(3, word=dataset))
    listed(
        city, ("near", "market", "parks"), ("far", "civil", "parks"), ("zoo_far", "civil", "zoo")
    )
    obstacle = city.root / "restricted" / "standardised" / "parks.parquet"
    obstacle.mkdir(parents=True)
    return obstacle


def test_without_its_key_a_dataset_fails_in_words_and_comes_back_with_it(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    listed(city, ("near", "market", "parks"), ("far", "civil", "parks"))
    aside = city.key.rename(city.key.with_name("aside"))

    done = city.run()
    aside.rename(city.key)
    after = city.run()

    assert done.code == 3
    assert verdicts(done.outcomes) == {"parks": "failed", "near": "blocked", "far": "blocked"}
    assert "没有可用的密钥" in done.outcomes["parks"]["reasons"][0]["text"]
    assert set(verdicts(after.outcomes).values()) == {"released"}


def verdicts(outcomes: Mapping[str, Any]) -> dict[str, str]:
    return {key: told["verdict"] for key, told in outcomes.items()}


# --- the timetable


def ticks(city: City, name: str, count: int = 1) -> Iterable[Any]:
    """Ticks of one schedule, one after another, in a process that goes on living."""
    schedule = build_defs(Workshop.open(Home.find(city.root).prepare())).resolve_schedule_def(name)
    for _ in range(count):
        with dg.DagsterInstance.ephemeral() as instance:
            yield schedule.evaluate_tick(dg.build_schedule_context(instance=instance))


def test_a_tick_asks_for_what_changed_and_skips_when_nothing_did(city: City) -> None:
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(3, word=dataset))
    city.run()
    living = iter(ticks(city, "daily_schedule", 3))

    first = next(living)
    city.hands_over("zoo", rows_of(4, word="zoo"))
    second = next(living)
    city.run()
    third = next(living)

    assert first.run_requests == []
    assert first.skip_message == "2 个数据集的来源均未变化"
    assert [key.to_user_string() for key in second.run_requests[0].asset_selection] == [
        "market/zoo/landed",
        "market/zoo/standardised",
        "market/zoo/released",
    ]
    assert third.run_requests == []


def test_a_timed_run_leaves_an_exchange_alone_that_turns_out_as_it_was(tmp_path: Path) -> None:
    database = tmp_path / "exchange.sqlite"
    with sqlite3.connect(database) as con:
        con.execute('create table parks ("编号" text, "名称" text, "更新日期" date)')
        con.executemany("insert into parks values (?, ?, ?)", rows_of(3))
    connection = {"url": f"sqlite:///{database}", "tls": "disable"}
    city = City.found(tmp_path / "city", connections={"civil": connection})
    city.lists("parks", source={"exchange": {"connection": "civil", "table": "parks"}})
    defs = build_defs(city.workshop())
    (tick,) = ticks(city, "daily_schedule")
    (request,) = tick.run_requests
    job = defs.resolve_job_def("daily_datasets")

    def run() -> int:
        assert job.execute_in_process(tags=request.tags).success
        return len(city.events())

    first = run()
    assert run() == first
    with sqlite3.connect(database) as con:
        con.execute("update parks set 名称 = '改名' where 编号 = 'P-0002'")
    assert run() > first
    assert city.query("select count(*) from parks where name = '改名'") == [(1,)]


def test_the_nightly_job_purges_what_is_due_and_compares_everything(tmp_path: Path) -> None:
    regimes = ["xian-open-2022", "xian-share-2018"]
    city = City.found(tmp_path / "city", regimes=regimes, received_term_days=0)
    for dataset in ("parks", "zoo"):
        source = {"files": f"{dataset}.csv", "ignored_headings": ["备注"]}
        city.lists(dataset, source=source)
        rows = [(*row, dataset) for row in rows_of(30)]
        city.hands_over(dataset, csv_text(rows, headings=("编号", "名称", "更新日期", "备注")))
    with closing(city.workshop()) as workshop:
        execute(workshop, workshop.catalog.in_reading_order)
        assert city.events("purged") == []

        job = build_defs(workshop).get_job_def("nightly")
        assert job.execute_in_process().success

        assert {each["dataset_id"] for each in city.events("purged")} == {"parks", "zoo"}
        found, linked = known_resemblances(workshop), known_linkage(workshop)
    assert found is not None
    assert len(found) == 1
    assert linked is not None
    assert (linked.tables, linked.found) == (0, ())


def test_each_cadence_in_use_has_a_schedule_in_the_citys_time(demo: Demo) -> None:
    defs = build_defs(Workshop.open(Home.find(demo.city.root)))

    schedules = {each.name: each for each in defs.schedules or ()}

    assert {name: each.cron_schedule for name, each in schedules.items()} == {  # type: ignore[union-attr]
        "daily_schedule": "0 2 * * *",
        "nightly_schedule": "0 4 * * *",
        "weekly_schedule": "0 2 * * 1",
    }
    assert {each.execution_timezone for each in schedules.values()} == {"Asia/Shanghai"}  # type: ignore[union-attr]
