import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from tests.journeys.homes import ROOT, City, Demo, Ran, rows_of

REASON = ("--reason", "核实中")
INIT = {
    "--city": "测试市",
    "--role": "opener_upstream",
    "--regime": "xian-open-2022",
    "--platform": "测试市公共数据开放平台",
}
VERBS_OF_A_HOME: dict[str, tuple[str, ...]] = {
    "check": ("check",),
    "doctor": ("doctor",),
    "run": ("run",),
    "status": ("status",),
    "report": ("report",),
    "explain": ("explain", "parks"),
    "suspend": ("suspend", "parks", *REASON),
    "restore": ("restore", "parks", *REASON),
    "record_verify": ("record", "verify"),
}


@pytest.fixture
def parks(city: City) -> City:
    """One dataset, run once."""
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()
    return city


def init(folder: Path, *without: str, **changes: str) -> Ran:
    given = {key: value for key, value in (INIT | changes).items() if key not in without}
    words = [word for option in given.items() for word in option]
    done = CliRunner().invoke(main, ["init", str(folder), *words], catch_exceptions=False)
    return Ran(done.exit_code, done.stdout, done.stderr)


def tamper(city: City, *, line: int) -> None:
    """Change one byte of one entry of the record."""
    (segment,) = (city.root / "record").glob("record-*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"actor":"o', b'"actor":"O', 1)
    segment.write_bytes(b"".join(lines))


# --- init


def test_init_makes_a_home_that_is_fit_to_work(tmp_path: Path) -> None:
    done = init(tmp_path / "new")

    home = City(tmp_path / "new")
    assert done.code == 0
    assert home.key.stat().st_mode & 0o777 == 0o600
    assert (home.root / "restricted").stat().st_mode & 0o777 == 0o700
    assert home.opendata("doctor").code == 0
    assert home.opendata("record", "verify").code == 0


@pytest.mark.parametrize("option", list(INIT), ids=[each.strip("-") for each in INIT])
def test_init_assumes_nothing_that_law_depends_on(tmp_path: Path, option: str) -> None:
    done = init(tmp_path / "new", option)

    assert done.code == 2
    assert option in done.err
    assert not (tmp_path / "new").exists()


def test_init_refuses_a_regulation_it_does_not_know(tmp_path: Path) -> None:
    done = init(tmp_path / "new", **{"--regime": "atlantis-open"})

    assert done.code == 2
    assert "xian-open-2022" in done.err
    assert not (tmp_path / "new").exists()


def test_init_leaves_a_home_that_is_there_alone(city: City) -> None:
    before = (city.root / "opendata.yaml").read_bytes()

    done = init(city.root)

    assert done.code == 2
    assert "is a home already" in done.err
    assert (city.root / "opendata.yaml").read_bytes() == before


def test_every_home_gets_a_key_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        init(tmp_path / name)

    assert City(tmp_path / "one").key.read_text() != City(tmp_path / "two").key.read_text()


# --- every verb


def test_every_verb_speaks_json_and_nothing_else(parks: City) -> None:
    told = {name: parks.opendata(*words, "--json") for name, words in VERBS_OF_A_HOME.items()}

    assert {name: each.code for name, each in told.items()} == dict.fromkeys(VERBS_OF_A_HOME, 0)
    shapes = {name: type(json.loads(each.out)).__name__ for name, each in told.items()}
    assert shapes == {
        "check": "dict",
        "doctor": "list",
        "run": "list",
        "status": "list",
        "report": "list",
        "explain": "dict",
        "suspend": "dict",
        "restore": "dict",
        "record_verify": "dict",
    }


def test_every_verb_speaks_to_people(parks: City) -> None:
    for words in VERBS_OF_A_HOME.values():
        told = parks.opendata(*words)

        assert told.code == 0
        assert told.out.strip()
        assert not told.out.startswith(("{", "["))


@pytest.mark.parametrize("name", list(VERBS_OF_A_HOME))
def test_a_folder_that_is_no_home_is_wrong_input(tmp_path: Path, name: str) -> None:
    told = City(tmp_path).opendata(*VERBS_OF_A_HOME[name])

    assert told.code == 2
    assert "is no home" in told.err
    assert "opendata init" in told.err


@pytest.mark.parametrize("verb", ["run", "explain", "suspend"])
def test_an_unknown_dataset_is_wrong_input(parks: City, verb: str) -> None:
    told = parks.opendata(verb, "pakrs", *(REASON if verb == "suspend" else ()))

    assert told.code == 2
    assert told.err.startswith("opendata: no dataset is called 'pakrs'; the catalog has parks")


def test_an_error_is_json_where_json_was_asked_for(parks: City) -> None:
    told = parks.opendata("explain", "pakrs", "--json")

    assert told.code == 2
    assert told.json["error"] == "UnknownDataset"
    assert "the catalog has parks" in told.json["message"]


def test_a_home_is_found_from_the_environment_and_from_below(
    parks: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_HOME", str(parks.root))
    named = CliRunner().invoke(main, ["status", "--json"])
    monkeypatch.delenv("OPENDATA_HOME")
    monkeypatch.chdir(parks.root / "inbox" / "market")
    around = CliRunner().invoke(main, ["status", "--json"])

    assert named.exit_code == around.exit_code == 0
    assert named.stdout == around.stdout


def test_help_lists_every_verb() -> None:
    told = CliRunner().invoke(main, ["-h"]).stdout

    assert [verb for verb in main.commands if verb not in told] == []
    assert len(main.commands) == 22


def test_the_command_starts_without_a_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "--help"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )

    assert "Turn a city's data catalog into an open store" in done.stdout


# --- run and status


def test_a_named_dataset_is_run_alone(city: City) -> None:
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(2, word=dataset))

    told = city.run("zoo")

    assert set(told.outcomes) == {"zoo"}
    assert set(city.manifest()["datasets"]) == {"zoo"}


def test_status_of_a_home_that_never_ran_is_empty_and_touches_nothing(city: City) -> None:
    city.lists("parks")

    told = city.opendata("status", "--json")

    assert (told.code, told.json) == (0, [])
    assert not (city.root / "store").exists()


def test_progress_goes_to_standard_error(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))

    told = city.opendata("run", "--json")

    assert "parks目录（parks）" in told.err
    assert isinstance(told.json, list)


# --- doctor


def test_doctor_finds_a_key_that_others_may_read(city: City) -> None:
    city.opendata("status")
    city.workshop()
    city.key.chmod(0o644)

    told = city.opendata("doctor", "--json")

    assert told.code != 0
    (sick,) = [each for each in told.json if not each["healthy"]]
    assert sick["question"] == "master key"
    assert "must be 0600" in sick["found"]


def test_doctor_finds_a_missing_key_and_an_open_folder(city: City) -> None:
    city.workshop()
    city.key.unlink()
    (city.root / "restricted").chmod(0o755)

    told = city.opendata("doctor")

    assert told.code != 0
    assert told.out.count("PROBLEM") == 2


def test_doctor_finds_settings_that_are_not_valid(city: City) -> None:
    city.put("opendata.yaml", "city: 测试市\n")

    told = city.opendata("doctor")

    assert told.code == 2
    assert "regimes" in told.out + told.err


def test_doctor_never_shows_the_key(city: City) -> None:
    city.workshop()
    key = city.key.read_text().strip()

    told = city.opendata("doctor")

    assert told.code == 0
    assert key not in told.out


# --- explain


def test_explain_names_the_article_its_words_and_the_remedy(demo: Demo) -> None:
    told = demo.city.opendata("explain", "infectious_cases").out

    assert "法定传染病个案信息（infectious_cases）：暂缓开放" in told
    assert "拒绝 REL-02" in told
    assert "依据：《西安市政务数据开放管理办法（征求意见稿）》第二十三条" in told
    assert "处理：从目录条目的开放方式中删除“数据下载”" in told


def test_explain_shows_the_arithmetic_of_the_score_and_the_lineage(demo: Demo) -> None:
    told = demo.city.opendata("explain", "rental_ratings").out

    assert "质量得分的算法：" in told
    assert "name ← enterprise_register.name" in told


def test_explain_before_the_first_run_says_what_to_do(city: City) -> None:
    city.lists("parks")

    told = city.opendata("explain", "parks")

    assert told.code == 2
    assert "`opendata run parks` first" in told.err


# --- suspend


def test_suspend_needs_a_reason(parks: City) -> None:
    told = parks.opendata("suspend", "parks")

    assert told.code == 2
    assert "--reason" in told.err
    assert parks.events("suspended") == []


def test_what_is_not_suspended_cannot_be_restored(parks: City) -> None:
    told = parks.opendata("restore", "parks", *REASON)

    assert told.code == 2
    assert "parks is not suspended" in told.err


# --- record verify


def test_one_altered_byte_of_the_record_is_found_and_named(parks: City) -> None:
    tamper(parks, line=3)

    told = parks.opendata("record", "verify")
    as_json = parks.opendata("record", "verify", "--json")

    assert told.code == as_json.code == 1
    assert "处理记录不完整" in told.out
    assert "第 3 条" in told.out
    assert [each["seq"] for each in as_json.json["problems"]] == [3]


def test_a_missing_entry_of_the_record_is_found(parks: City) -> None:
    (segment,) = (parks.root / "record").glob("record-*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:3] + lines[4:]))

    told = parks.opendata("record", "verify")

    assert told.code == 1
    assert "第 4 条" in told.out
