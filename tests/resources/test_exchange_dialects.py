import sqlite3
from pathlib import Path

import pytest

from opendata.errors import SourceError
from opendata.settings import Connection
from tests.resources.exchanges import Desk, a_home


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A table in a database known by its SQLAlchemy URL alone."""
    with sqlite3.connect(tmp_path / "share.db") as db:
        db.execute(
            "create table parks (id integer primary key, area decimal(20,6), changed datetime,"
            " day date, open boolean, photo blob, note text)"
        )
        db.execute(
            "insert into parks values (1, 12.5, '2026-01-01 10:00:00', null, 1, x'00', '湖')"
        )
    db.close()
    url = f"sqlite:///{tmp_path}/share.db"
    return Desk(a_home(tmp_path), Connection(id="share", url=url), "parks", "id area changed note")


def insert(desk: Desk, row: str) -> None:
    with sqlite3.connect(desk.home.root / "share.db") as db:
        db.execute(f"insert into parks values ({row})")
    db.close()


def test_any_dialect_works_by_url(desk: Desk) -> None:
    captured = desk.capture()

    assert (captured.rows, captured.unlisted) == (1, 3)
    assert desk.rows() == [("1", "12.5", "2026-01-01 10:00:00", "湖")]
    assert not desk.capture().written


def test_any_dialect_reads_on_by_a_watermark(desk: Desk) -> None:
    desk.capture("changed")
    desk.land()
    insert(desk, "2, 1, '2026-01-01 10:00:00', null, 1, null, '同一秒'")

    second = desk.capture("changed")

    assert (second.rows, second.fresh) == (2, 1)
    assert desk.rows() == [("2", "1", "2026-01-01 10:00:00", "同一秒")]


def test_bytes_where_text_is_declared_are_refused_by_name(desk: Desk) -> None:
    insert(desk, "2, 1, null, null, 1, null, x'ff'")

    with pytest.raises(SourceError, match="the column 'note' holds bytes"):
        desk.capture()


def test_columns_declared_as_bytes_are_refused(desk: Desk) -> None:
    desk.columns = (("photo", "photo"),)

    with pytest.raises(SourceError, match="the columns photo hold bytes"):
        desk.capture()


def test_a_table_that_is_not_there_is_told(desk: Desk) -> None:
    desk.table = "nosuch"

    with pytest.raises(SourceError, match="the database or the table is not there"):
        desk.capture()


def test_a_database_without_its_driver_is_told_what_is_missing(desk: Desk) -> None:
    desk.connection = Connection(
        id="share", url="dm+dmPython://SYSDBA@127.0.0.1:5236/", tls="disable"
    )

    with pytest.raises(SourceError, match="install the SQLAlchemy dialect and driver") as told:
        desk.capture()

    assert "缺少该类数据库的驱动程序" in told.value.reason


def test_encryption_is_not_promised_for_other_dialects(desk: Desk) -> None:
    desk.connection = Connection(id="share", url="mssql://reader@127.0.0.1/share")

    with pytest.raises(SourceError, match="understood for PostgreSQL and MySQL only"):
        desk.capture()
