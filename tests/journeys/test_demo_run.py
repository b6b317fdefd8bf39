import json
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest
import yaml

from opendata.vocabulary import Punctuality, Verdict
from tests.journeys.homes import AS_OF, ROOT, City, Demo, Ran

SHAPE = {
    "id": str,
    "verdict": str,
    "changed": bool,
    "reasons": list,
    "warnings": list,
    "rows_landed": int | None,
    "rows_clean": int | None,
    "rows_quarantined": int | None,
    "rows_struck": int,
    "rows_released": int | None,
    "score": float | None,
    "freshness": str | None,
    "version": int | None,
}
STANDS_FOR_ITSELF = {"food_inspections"}  # a model that joins: rows are its own, not the source's
EXPECTED: Mapping[str, Any] = yaml.safe_load(
    (files("pipelines.demo") / "expected.yaml").read_text(encoding="utf-8")
)


def rules(outcome: Mapping[str, Any], kind: str) -> set[str]:
    return {each["rule"] for each in outcome[kind]} - {"POL-01"}


def test_something_was_refused_and_the_exit_code_says_so(demo: Demo) -> None:
    assert demo.run.code == 3


def test_the_json_has_every_dataset_once_and_exactly_the_promised_shape(demo: Demo) -> None:
    told = demo.run.json

    assert sorted(each["id"] for each in told) == sorted(EXPECTED)
    assert {tuple(each) for each in told} == {tuple(SHAPE)}
    assert [
        (each["id"], key)
        for each in told
        for key, kind in SHAPE.items()
        if not isinstance(each[key], kind)
    ] == []


def test_every_reason_has_a_rule_an_article_a_text_and_a_remedy(demo: Demo) -> None:
    said = [each for told in demo.run.json for each in (*told["reasons"], *told["warnings"])]

    assert {tuple(each) for each in said} == {("rule", "clause", "text", "remedy")}
    assert [each for each in said if not re.fullmatch(r"[A-Z]{3}-\d\d", each["rule"])] == []
    assert [each for each in said if not re.search(r"[一-鿿]", each["text"] + each["remedy"])] == []
    assert [each for each in said if "/" not in each["clause"]] == []


def test_words_in_the_json_are_machine_spellings(demo: Demo) -> None:
    assert {each["verdict"] for each in demo.run.json} <= {each.code for each in Verdict}
    assert {each["freshness"] for each in demo.run.json} <= {
        None,
        *(each.code for each in Punctuality),
    }


@pytest.mark.parametrize("dataset", sorted(EXPECTED))
def test_a_dataset_ends_as_expected(demo: Demo, dataset: str) -> None:
    told, expected = demo.run.outcomes[dataset], EXPECTED[dataset]

    assert told["verdict"] == Verdict(expected["verdict"]).code
    assert rules(told, "warnings") == set(expected["warnings"])
    if expected["verdict"] == Verdict.NOT_OPEN.value:
        assert set(expected["refusals"]) <= rules(told, "reasons")
    else:
        assert rules(told, "reasons") == set(expected["refusals"])


def test_rows_in_are_rows_clean_and_rows_set_aside(demo: Demo) -> None:
    standardised = {each["dataset_id"]: each["counts"] for each in demo.city.events("standardised")}
    judged = {each["dataset_id"]: each["counts"] for each in demo.city.events("judged")}

    for dataset, counts in standardised.items():
        told = demo.run.outcomes[dataset]
        assert told["rows_clean"] + told["rows_quarantined"] == counts["standardised"]
        assert judged[dataset] == {
            "clean": told["rows_clean"],
            "quarantined": told["rows_quarantined"],
        }
        if dataset not in STANDS_FOR_ITSELF and told["rows_landed"] is not None:
            assert told["rows_landed"] == counts["standardised"]


def test_released_rows_are_the_clean_ones_or_none(demo: Demo) -> None:
    for told in demo.run.json:
        opened = told["verdict"] in ("released", "released_conditionally")
        assert (told["rows_released"] or 0) <= (told["rows_clean"] or 0)
        assert bool(told["rows_released"]) == opened
        assert (told["version"] == 1) == opened


def test_names_are_compared_with_their_source(demo: Demo) -> None:
    told = demo.city.root / "reports" / "hygiene_permits.json"

    name, code = (
        each["agreement"] for each in json.loads(told.read_text(encoding="utf-8"))["sources"]
    )

    counts = ("agree", "differ", "missing", "not_compared")
    assert [name[each] for each in counts] == [4456, 47, 8, 489]
    assert [code[each] for each in counts] == [4503, 0, 8, 489]


def test_a_second_run_changes_nothing_and_does_not_wake_the_orchestrator(demo: Demo) -> None:
    runs = demo.city.root / "dagster" / "history" / "runs.db"
    before = [*demo.city.events(), runs.stat().st_mtime_ns, demo.city.manifest()]

    again, loaded = run_and_list_modules(demo.city)

    assert again.code == 3
    assert [*demo.city.events(), runs.stat().st_mtime_ns, demo.city.manifest()] == before
    assert {each["changed"] for each in again.json} == {False}
    assert {key: {**told, "changed": True} for key, told in again.outcomes.items()} == (
        demo.run.outcomes
    )
    assert "dagster" not in loaded


def run_and_list_modules(city: City) -> tuple[Ran, set[str]]:
    code = (
        "import sys\nfrom pipelines.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)"
    )
    words = ["run", "--as-of", AS_OF, "--json", "--home", str(city.root)]
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=city.environ,
    )
    return Ran(done.returncode, done.stdout, done.stderr), set(done.stderr.split())


def test_status_tells_what_the_run_told(demo: Demo) -> None:
    told = demo.city.opendata("status", "--as-of", AS_OF, "--json")

    assert told.code == 0
    assert {key: {**each, "changed": True} for key, each in told.outcomes.items()} == (
        demo.run.outcomes
    )


def test_freshness_is_judged_on_the_day_of_asking(demo: Demo) -> None:
    later = demo.city.opendata("status", "--as-of", "2027-03-31", "--json").outcomes

    assert demo.run.outcomes["bus_stops"]["freshness"] == "on_time"
    assert later["bus_stops"]["freshness"] == "overdue"


def test_the_record_is_intact_and_every_release_names_a_head_of_it(demo: Demo) -> None:
    verified = demo.city.opendata("record", "verify", "--json")
    hashes = {
        json.loads(line)["hash"]
        for segment in (demo.city.root / "record").glob("record-*.jsonl")
        for line in segment.read_text(encoding="utf-8").splitlines()
    }

    assert verified.code == 0
    assert verified.json["problems"] == []
    assert demo.city.manifest("public")["record"] in hashes
    assert demo.city.manifest("conditional")["record"] in hashes


def test_the_closing_table_tells_a_person_the_same(demo: Demo) -> None:
    told = demo.city.opendata("run", "--as-of", AS_OF)

    assert told.code == 3
    assert "27 个数据集，0 个有变化；判断日 2026-03-31。" in told.out
    assert "拒绝 REL-02 有条件开放类数据不得以“数据下载”方式开放。" in told.out
    assert str(demo.city.public / "open.duckdb") in told.out
