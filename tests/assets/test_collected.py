"""Sources that are no files: read from where they lie, whole or what is new of them."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.homes import City, Row, csv_text, rows_of
from tests.resources.sites import Site

EXCHANGE: dict[str, Any] = {
    "source": {
        "exchange": {"connection": "civil", "table": "parks", "watermark": "更新日期"},
    },
    "load": "按主键更新",
}


def put_rows(database: Path, rows: Iterable[Row]) -> None:
    with sqlite3.connect(database) as con:
        con.execute('create table if not exists parks ("编号" text, "名称" text, "更新日期" date)')
        con.executemany("insert into parks values (?, ?, ?)", rows)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "exchange.sqlite"


@pytest.fixture
def exchanging(tmp_path: Path, database: Path) -> City:
    put_rows(database, rows_of(3))
    connection = {"url": f"sqlite:///{database}", "tls": "disable"}
    city = City.found(tmp_path / "city", connections={"civil": connection})
    city.lists("parks", **EXCHANGE)
    return city


def run(city: City) -> dict[str, Any]:
    outcome: dict[str, Any] = city.run().outcomes["parks"]
    return outcome


def test_a_table_of_an_exchange_database_is_released(exchanging: City) -> None:
    outcome = run(exchanging)

    assert (outcome["verdict"], outcome["rows_released"]) == ("released", 3)


def test_a_table_that_has_not_changed_is_not_run_again(exchanging: City) -> None:
    run(exchanging)

    assert not run(exchanging)["changed"]


def test_new_rows_are_added_and_changed_rows_replaced(exchanging: City, database: Path) -> None:
    run(exchanging)
    put_rows(database, [("P-0003", "改名", "2026-03-20"), ("P-0004", "新园", "2026-03-21")])

    outcome = run(exchanging)

    assert (outcome["rows_clean"], outcome["changed"]) == (4, True)
    assert exchanging.query("select name from parks where no = 'P-0003'") == [("改名",)]


def test_an_exchange_that_cannot_be_read_leaves_what_is_open_as_it_is(
    exchanging: City, database: Path
) -> None:
    released = run(exchanging)
    database.unlink()
    sqlite3.connect(database).close()

    failed = run(exchanging)

    assert failed["verdict"] == "failed"
    assert "parks" in failed["reasons"][0]["text"]
    assert exchanging.query("select count(*) from parks") == [(3,)]
    database.unlink()
    put_rows(database, rows_of(3))
    assert run(exchanging)["version"] == released["version"]


def test_a_watermark_nobody_listed_is_read_and_never_stored(
    exchanging: City, database: Path
) -> None:
    with sqlite3.connect(database) as con:
        con.execute('alter table parks add column "改动" timestamp')
        con.execute("update parks set 改动 = '2026-03-01 10:00:00'")
    exchange = {"connection": "civil", "table": "parks", "watermark": "改动"}
    exchanging.lists("parks", load="按主键更新", source={"exchange": exchange})

    outcome = run(exchanging)

    assert (outcome["verdict"], outcome["rows_released"]) == ("released", 3)
    assert len(exchanging.query("describe parks")) == 3


def test_a_connection_nobody_named_is_told_by_its_name(tmp_path: Path) -> None:
    city = City.found(tmp_path / "city")
    city.lists("parks", **EXCHANGE)

    (reason,) = run(city)["reasons"]

    assert "连接“civil”未在 opendata.yaml 中登记" in reason["text"]


def test_an_address_is_pulled_before_it_is_probed(tmp_path: Path) -> None:
    table = [csv_text(rows_of(3))]
    with Site(lambda exchange: exchange.says(200, table[-1])) as site:
        host = f"127.0.0.1:{site.server_port}"
        allowed = {"hosts": [host], "private_hosts": [host]}
        city = City.found(tmp_path / "city", pulling=allowed)
        city.lists("parks", source={"pull": {"url": f"http://{host}/parks.csv"}})

        assert run(city)["rows_released"] == 3
        assert not run(city)["changed"]
        table.append(csv_text(rows_of(5)))
        assert run(city)["rows_released"] == 5
