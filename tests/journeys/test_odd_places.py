import subprocess
from pathlib import Path

from tests.journeys.homes import AS_OF, FIELDS, HEADINGS, ROOT, City, Ran, csv_text, rows_of

WORDS_OF_SQL = (
    "date",
    "from",
    "group",
    "limit",
    "main",
    "order",
    "row",
    "select",
    "table",
    "value",
)


def test_a_home_may_lie_in_a_folder_of_any_name(tmp_path: Path) -> None:
    city = City.found(tmp_path / 'we\'re "here"' / "城市 数据; -- x")
    city.lists("parks")
    city.hands_over("parks", rows_of(3))

    assert city.run().code == 0
    assert city.query("select count(*) from parks") == [(3,)]


def test_datasets_and_fields_may_be_called_as_sql_calls_things(city: City) -> None:
    fields = {name: {"title": f"列{name}"} for name in WORDS_OF_SQL}
    headings = (*HEADINGS, *(f"列{name}" for name in WORDS_OF_SQL))
    city.lists("values", fields={**FIELDS, **fields})
    city.hands_over("values", csv_text([(*rows_of(1)[0], *WORDS_OF_SQL)], headings=headings))
    for dataset in ("select", "table", "temp"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(2, word=dataset))

    assert city.run().code == 0
    columns = ", ".join(f'"{name}"' for name in WORDS_OF_SQL)
    assert city.query(f'select {columns} from "values"') == [WORDS_OF_SQL]
    assert city.query('select count(*) from "select", "table", "temp"') == [(8,)]


def test_two_runs_at_once_end_as_one(city: City) -> None:
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, rows_of(3, word=dataset))
    command = city.command("run", "--as-of", AS_OF, "--json")

    runs = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=city.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate() for each in runs]
    done = [Ran(run.returncode, *told) for run, told in zip(runs, said, strict=True)]

    assert [each.code for each in done] == [0, 0]
    told = [{key: one["verdict"] for key, one in each.outcomes.items()} for each in done]
    assert told == [{"parks": "released", "zoo": "released"}] * 2
    assert {key: line["version"] for key, line in city.manifest()["datasets"].items()} == {
        "parks": 1,
        "zoo": 1,
    }
    assert len(city.events("released")) == 2
    assert city.opendata("record", "verify").code == 0
