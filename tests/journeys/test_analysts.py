import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from resources.fsio import sha256_of_file
from resources.home import Home
from tests.journeys.homes import Demo

VIEWS = "select view_name from duckdb_views() where not internal order by 1"
OPENED = {
    "air_quality",
    "building_permits",
    "bus_stops",
    "clinics",
    "enterprise_register",
    "food_inspections",
    "food_pass_rates",
    "hygiene_permits",
    "market_penalties",
    "municipal_permits",
    "rental_ratings",
    "shelters",
    "taxi_permits",
}


def test_plain_duckdb_opens_the_views_and_counts_the_rows_told(demo: Demo) -> None:
    views = {name for (name,) in demo.city.query(VIEWS)}

    assert views == OPENED
    for view in views:
        rows = demo.city.query(f"select count(*) from {view}")
        assert rows == [(demo.run.outcomes[view]["rows_released"],)]


def test_any_program_may_open_them_from_any_folder(demo: Demo, tmp_path: Path) -> None:
    sql = "select count(*), count(distinct uscc) from enterprise_register"
    code = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True);"
        f"print(*con.execute({sql!r}).fetchone())"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(demo.city.public / "open.duckdb")],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert done.stdout.split() == ["29950", "29950"]


def test_views_and_columns_carry_the_catalogs_chinese(demo: Demo) -> None:
    about = dict(
        demo.city.query("select view_name, comment from duckdb_views() where not internal")
    )
    columns = demo.city.query("select table_name, column_name, comment from duckdb_columns()")
    told = {(table, column): comment for table, column, comment in columns if comment}

    for dataset in Home.find(demo.city.root).read_catalog().datasets:
        if dataset.id in OPENED:
            assert about[dataset.id].startswith(f"{dataset.title}：")
            for field in dataset.released_fields:
                assert told[dataset.id, field.name] == field.title


def test_types_are_those_of_the_contract(demo: Demo) -> None:
    described = demo.city.query("select column_name, column_type from (describe bus_stops)")

    assert dict(described) == {
        "stop_no": "VARCHAR",
        "name": "VARCHAR",
        "lines": "VARCHAR",
        "district": "VARCHAR",
        "longitude": "DECIMAL(18,6)",
        "latitude": "DECIMAL(18,6)",
        "updated_on": "DATE",
    }


def test_analysts_join_across_datasets(demo: Demo) -> None:
    sql = """
        select count(*) from rental_ratings join enterprise_register using (uscc)
        where rental_ratings.district = enterprise_register.district
    """

    assert demo.city.query(sql)[0][0] > 200


@pytest.mark.parametrize("dataset", sorted(OPENED))
def test_polars_reads_the_same_from_the_friendly_file(demo: Demo, dataset: str) -> None:
    frame = pl.read_parquet(demo.city.public / "datasets" / dataset / f"{dataset}.parquet")
    listed = Home.find(demo.city.root).read_catalog().dataset(dataset).released_fields

    assert frame.height == demo.run.outcomes[dataset]["rows_released"]
    assert frame.columns == [each.name for each in listed]


def test_a_datapackage_describes_the_immutable_file_beside_it(demo: Demo) -> None:
    for dataset in OPENED:
        folder = demo.city.public / "datasets" / dataset
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        (resource,) = package["resources"]

        assert package["name"] == dataset
        assert resource["hash"] == f"sha256:{sha256_of_file(folder / resource['path'])}"
        assert [each["name"] for each in resource["schema"]["fields"]] == (
            list(pl.read_parquet_schema(folder / resource["path"]))
        )
        assert all(each["title"] and each["type"] for each in resource["schema"]["fields"])


def test_conditional_data_is_listed_and_cannot_be_downloaded(demo: Demo) -> None:
    listed = demo.city.query(
        "select id, downloadable from _datasets where openness = 'conditional'"
    )

    assert dict(listed) == {"subsidy_payments": False}
    assert not (demo.city.public / "datasets" / "subsidy_payments").exists()
    assert demo.city.query("select count(*) from subsidy_payments", store="conditional") == [
        (5950,)
    ]


def test_views_are_read_only(demo: Demo) -> None:
    path = demo.city.public / "open.duckdb"

    assert path.stat().st_mode & 0o222 == 0
    with (
        duckdb.connect(str(path), read_only=True) as con,
        pytest.raises(duckdb.InvalidInputException, match="read-only"),
    ):
        con.execute("create table mine (n integer)").fetchall()


def test_a_copied_parquet_says_what_it_is_and_on_what_terms(demo: Demo, tmp_path: Path) -> None:
    source = demo.city.public / "datasets" / "bus_stops" / "bus_stops.parquet"
    copied = shutil.copyfile(source, tmp_path / "somewhere.parquet")

    told = duckdb.execute("select key, value from parquet_kv_metadata(?)", [str(copied)])
    facts = {bytes(key).decode(): bytes(value).decode() for key, value in told.fetchall()}

    assert facts["dataset"] == "bus_stops"
    assert facts["title"] == "公交站点信息"
    assert facts["licence"] == "云州市公共数据开放许可（演示）"


def test_pseudonyms_are_not_ids_and_link_within_their_purpose(demo: Demo) -> None:
    path = demo.city.conditional / "datasets" / "subsidy_payments" / "subsidy_payments.parquet"
    released = pl.read_parquet(path)
    (given,) = (demo.city.root / "restricted" / "standardised").glob("subsidy_payments.parquet")
    people = pl.read_parquet(given)["person"].unique()

    assert not set(released["person"]) & set(people)
    assert released["person"].n_unique() < released.height
    assert not {"name", "account", "payment_no"} & set(released.columns)
