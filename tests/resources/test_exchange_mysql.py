from collections.abc import Iterator
from pathlib import Path

import pytest

from opendata.errors import SourceError
from resources.fsio import sha256_of_file
from tests.resources.exchanges import Database, Desk, a_home, mysql, needs_mysql

pytestmark = needs_mysql


@pytest.fixture
def server() -> Iterator[Database]:
    with mysql() as made:
        yield made


def desk(server: Database, tmp_path: Path, columns: str) -> Desk:
    return Desk(a_home(tmp_path), server.connection(), "t", columns)


def test_values_survive_as_the_server_has_them(server: Database, tmp_path: Path) -> None:
    server.run(
        "set sql_mode = ''",
        """create table t (
          id int unsigned primary key, money decimal(30,10), day date, at_local datetime(3),
          never datetime, at_zone timestamp(6) null, code char(6), doc json, kind enum('甲','乙'),
          bits bit(8), big bigint unsigned, half double, clock time, flag boolean)""",
        "set time_zone = '+00:00'",
        """insert into t values (1, 12345678901234567890.0123456789, '0000-00-00',
          '2026-01-05 08:30:00.120', '0000-00-00', '2026-01-05 08:30:00.000001', 'ab',
          '{"b": 1}', '乙', b'101', 18446744073709551615, 0.1, '-838:59:59', true)""",
        "insert into t (id) values (2)",
    )
    columns = "money day at_local never at_zone code doc kind bits big half clock flag"
    t = desk(server, tmp_path, f"id {columns}")

    t.capture()

    assert t.rows() == [
        (
            "1",
            "12345678901234567890.0123456789",
            "0000-00-00",
            "2026-01-05 08:30:00.120",
            "0000-00-00 00:00:00",
            "2026-01-05 16:30:00.000001",
            "ab",
            '{"b": 1}',
            "乙",
            "5",
            "18446744073709551615",
            "0.1",
            "-838:59:59",
            "1",
        ),
        ("2", *[None] * 13),
    ]


def test_a_gbk_table_is_converted_by_the_server(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table t (`名称%s` varchar(20)) character set gbk",
        "insert into t values ('朱镕基'), ('囍')",
    )
    t = desk(server, tmp_path, "名称%s")

    t.capture()

    assert sorted(t.rows()) == [("囍",), ("朱镕基",)]


def test_gbk_bytes_in_a_latin1_table_are_read_as_the_contract_says(
    server: Database, tmp_path: Path
) -> None:
    server.run(
        "create table t (id int primary key, name varchar(20)) character set latin1",
        "insert into t values (1, unhex('CEF7BAFE'))",
    )
    t = desk(server, tmp_path, "id name")

    t.capture(encoding="gb18030")

    assert t.rows() == [("1", "西湖")]


def test_bytes_that_are_not_in_the_stated_encoding_are_refused(
    server: Database, tmp_path: Path
) -> None:
    server.run(
        "create table t (name varchar(20)) character set latin1",
        "insert into t values (unhex('FFFF'))",
    )

    with pytest.raises(SourceError, match="a text is not in the encoding") as told:
        desk(server, tmp_path, "name").capture(encoding="gb18030")

    assert told.value.__cause__ is None
    assert told.value.__context__ is None


def test_columns_of_bytes_are_refused_by_name(server: Database, tmp_path: Path) -> None:
    server.run("create table t (id int, photo mediumblob, place point)")

    with pytest.raises(SourceError, match="the columns photo, place hold bytes"):
        desk(server, tmp_path, "id photo place").capture()


def test_equal_tables_give_equal_bytes_without_a_key(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table t (a varchar(9), b int)", "insert into t values ('A', 1), ('a', 1), ('b', 0)"
    )
    t = desk(server, tmp_path, "a b")
    path = t.capture().path
    assert path is not None
    before = sha256_of_file(path)

    server.run(
        "create table u as select * from t order by b", "drop table t", "rename table u to t"
    )

    assert not t.capture().written
    assert sha256_of_file(path) == before
    assert t.rows() == [("A", "1"), ("a", "1"), ("b", "0")]


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        ("bigint unsigned", "18446744073709551614", "18446744073709551615"),
        ("date", "'2026-01-01'", "'2026-01-02'"),
        ("datetime(6)", "'2026-01-01 10:00:00.5'", "'2026-01-01 10:00:00.500001'"),
        ("timestamp", "'2026-01-01 10:00:00'", "'2026-01-01 10:00:01'"),
    ],
    ids=["integer", "date", "local", "instant"],
)
def test_a_watermark_reads_on_and_delivers_only_what_is_fresh(
    server: Database, tmp_path: Path, type_: str, old: str, new: str
) -> None:
    server.run(
        f"create table t (mark {type_} null, name text)", f"insert into t values ({old}, 'a')"
    )
    t = desk(server, tmp_path, "name")
    t.capture("mark")
    t.land()
    server.run(f"insert into t values ({new}, 'b'), (null, 'c')")

    second = t.capture("mark")

    assert (second.rows, second.fresh, second.unmarked) == (3, 2, 1)
    assert sorted(row[0] or "" for row in t.rows()) == ["b", "c"]
    t.land()
    assert t.capture("mark").fresh == 0


def test_a_watermark_in_the_future_hides_nothing(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table t (changed timestamp null, name text)",
        "insert into t values (now() - interval 2 day, 'a'), (now() + interval 1 day, 'b')",
    )
    t = desk(server, tmp_path, "name")
    first = t.capture("changed")
    t.land()
    server.run("insert into t values (now() - interval 1 hour, 'c')")

    second = t.capture("changed")

    assert (first.ahead, second.ahead, second.fresh) == (1, 1, 1)
    assert t.rows()[0][0] == "c"


def test_a_row_with_a_zero_watermark_is_never_lost(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table t (changed datetime, name text)", "insert into t values ('2026-01-01', 'a')"
    )
    t = desk(server, tmp_path, "name")
    t.capture("changed")
    t.land()
    server.run("set sql_mode = ''", "insert into t values ('0000-00-00', 'b')")

    second = t.capture("changed")

    assert (second.unmarked, second.fresh) == (1, 1)
    assert t.rows()[0][0] == "b"


def test_wide_rows_come_in_small_batches(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table t (id int primary key, essay longtext)",
        "insert into t select seq, repeat('长', 20000) from seq_1_to_1500",
    )
    t = desk(server, tmp_path, "id essay")

    assert t.capture().rows == 1500
