from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from opendata.errors import SourceError
from resources.exchange_mark import mark_of
from resources.fsio import sha256_of_file
from tests.resources.exchanges import Database, Desk, a_home, needs_postgresql, postgresql

pytestmark = needs_postgresql
PARKS = """create table parks (
  id int primary key, name varchar(20), changed timestamp, secret text
)"""


@pytest.fixture
def server() -> Iterator[Database]:
    with postgresql() as made:
        yield made


@pytest.fixture
def parks(server: Database, tmp_path: Path) -> Desk:
    server.run(
        PARKS,
        "insert into parks values (2, '东湖', '2026-01-02', 'x'), (1, '西湖', '2026-01-01', 'y')",
    )
    return Desk(a_home(tmp_path), server.connection(), server.table("parks"), "id name changed")


def desk(server: Database, tmp_path: Path, columns: str, table: str = "t") -> Desk:
    return Desk(a_home(tmp_path), server.connection(), server.table(table), columns)


def test_the_contracts_columns_are_read_by_key_and_no_other(parks: Desk) -> None:
    captured = parks.capture()

    assert (captured.rows, captured.written, captured.unlisted) == (2, True, 1)
    assert captured.path is not None
    assert pq.read_schema(captured.path).names == ["id", "name", "changed"]
    assert parks.rows() == [
        ("1", "西湖", "2026-01-01 00:00:00"),
        ("2", "东湖", "2026-01-02 00:00:00"),
    ]


def test_a_table_read_again_gives_the_same_bytes_and_leaves_the_file(parks: Desk) -> None:
    first = parks.capture()
    assert first.path is not None
    before = (sha256_of_file(first.path), first.path.stat().st_mtime_ns)

    again = parks.capture()

    assert not again.written
    assert again.path is not None
    assert (sha256_of_file(again.path), again.path.stat().st_mtime_ns) == before


def test_without_a_key_equal_tables_give_equal_bytes(server: Database, tmp_path: Path) -> None:
    server.run("create table t (a text, b json)", """insert into t values ('x', '{"k": 1}')""")
    server.run("insert into t values ('a', null), ('a', '[2]')")
    t = desk(server, tmp_path, "a b")
    first = t.capture().path
    assert first is not None
    before = sha256_of_file(first)

    server.run("create table u as select * from t order by a desc", "drop table t")
    server.run("alter table u rename to t")

    assert not t.capture().written
    assert sha256_of_file(first) == before


def test_the_folder_holds_one_file_for_its_owner(parks: Desk) -> None:
    parks.into.mkdir(parents=True)
    (parks.into / "left-behind.json").write_text("{}")
    (parks.into / ".main.read").write_bytes(b"of a killed run")

    captured = parks.capture()

    assert [each.name for each in parks.into.iterdir()] == ["main.parquet"]
    assert captured.path is not None
    assert captured.path.stat().st_mode & 0o077 == 0


def test_an_empty_table_is_a_capture_without_rows(server: Database, tmp_path: Path) -> None:
    server.run("create table t (id int primary key, name text)")
    t = desk(server, tmp_path, "id name")

    assert t.capture().rows == 0
    assert t.rows() == []


def test_columns_are_found_whatever_their_case(server: Database, tmp_path: Path) -> None:
    server.run('create table t ("Park_ID" int primary key, "名 ""称""" text)')
    t = desk(server, tmp_path, "park_id")
    t.columns = (("id", "PARK_id"), ("name", '名 "称"'))

    path = t.capture().path

    assert path is not None
    assert pq.read_schema(path).names == ["PARK_id", '名 "称"']


def test_columns_alike_but_for_case_are_refused(server: Database, tmp_path: Path) -> None:
    server.run('create table t (id int, "ID" int, "Id" int)')
    t = desk(server, tmp_path, "iD")

    with pytest.raises(SourceError, match="3 columns are called 'iD' but for upper and lower case"):
        t.capture()


def test_missing_columns_are_refused_by_the_contracts_names(parks: Desk) -> None:
    parks.capture()
    kept = parks.rows()
    parks.columns = (*parks.columns, ("area", "面积"), ("level", "等级"))

    with pytest.raises(
        SourceError, match="it lacks the columns 面积, 等级 of the contract"
    ) as told:
        parks.capture()

    assert "缺少目录所列的列：面积、等级" in told.value.reason
    assert parks.rows() == kept


def test_columns_of_bytes_are_refused_by_name(server: Database, tmp_path: Path) -> None:
    server.run("create table t (id int, photo bytea)")

    with pytest.raises(SourceError, match="the columns photo hold bytes"):
        desk(server, tmp_path, "id photo").capture()


def test_values_survive_as_the_server_has_them(server: Database, tmp_path: Path) -> None:
    server.run(
        """create table t (
          id int primary key, money numeric(30,10), wide numeric, flag boolean, day date,
          at_local timestamp, at_zone timestamptz, code char(6), doc jsonb, list int[], uid uuid,
          small real, big bigint, span interval, clock time)""",
        """insert into t values (1, 12345678901234567890.0123456789, 'NaN', true, '1949-10-01',
          '2026-01-05 08:30:00.123456', '2026-01-05 08:30:00+00', 'ab', '{"b":1,"a":"中"}',
          '{1,null,3}', '00000000-0000-0000-0000-00000000000a', 0.1, 9223372036854775807,
          '1 day 02:00', '08:00')""",
        "insert into t (id) values (2)",
    )
    columns = "money wide flag day at_local at_zone code doc list uid small big span clock"
    t = desk(server, tmp_path, f"id {columns}")

    t.capture()

    assert t.rows() == [
        (
            "1",
            "12345678901234567890.0123456789",
            "NaN",
            "true",
            "1949-10-01",
            "2026-01-05 08:30:00.123456",
            "2026-01-05 16:30:00",
            "ab",
            '{"a": "中", "b": 1}',
            "{1,NULL,3}",
            "00000000-0000-0000-0000-00000000000a",
            "0.1",
            "9223372036854775807",
            "1 day 02:00:00",
            "08:00:00",
        ),
        ("2", *[None] * 14),
    ]


@pytest.mark.parametrize("value", ["infinity", "-infinity", "0044-03-15 BC", "20000-01-01"])
@pytest.mark.parametrize("type_", ["date", "timestamp", "timestamptz"])
def test_dates_without_a_calendar_are_refused(
    server: Database, tmp_path: Path, type_: str, value: str
) -> None:
    server.run(f"create table t (valid_to {type_})", f"insert into t values ('{value}')")

    with pytest.raises(SourceError, match="'valid_to' holds dates that are infinite or outside"):
        desk(server, tmp_path, "valid_to").capture()


def test_a_watermark_reads_on_and_delivers_only_what_is_fresh(
    parks: Desk, server: Database
) -> None:
    first = parks.capture("changed")
    parks.land()
    server.run("insert into parks values (3, '南湖', '2026-01-03', 'z')")

    second = parks.capture("changed")

    assert first.mark is not None
    assert first.mark.value == datetime(2026, 1, 2)  # noqa: DTZ001 - the server's wall time
    assert (second.rows, second.fresh) == (2, 1)
    assert parks.rows() == [("3", "南湖", "2026-01-03 00:00:00")]


def test_nothing_fresh_writes_nothing(parks: Desk, server: Database) -> None:
    parks.capture("changed")
    parks.land()

    quiet = parks.capture("changed", overlap=86_400)

    assert (quiet.path, quiet.written, quiet.rows, quiet.fresh) == (None, False, 2, 0)
    assert list(parks.into.iterdir()) == []

    server.run("insert into parks values (3, '南湖', '2026-01-03', 'z')")
    loud = parks.capture("changed")
    parks.landed.append(Path(loud.path or ""))
    kept = parks.rows()

    assert (parks.capture("changed").written, parks.rows()) == (False, kept)


def test_a_row_committed_late_is_found_in_the_overlap(parks: Desk, server: Database) -> None:
    parks.capture("changed")
    parks.land()
    server.run("insert into parks values (3, '迟到', '2026-01-01 23:59:00', 'z')")

    assert parks.capture("changed").fresh == 0
    assert parks.capture("changed", overlap=120).fresh == 1
    assert parks.rows() == [("3", "迟到", "2026-01-01 23:59:00")]


def test_a_row_corrected_within_the_overlap_is_delivered_again(
    parks: Desk, server: Database
) -> None:
    parks.capture("changed")
    parks.land()
    server.run("update parks set name = '东湖公园' where id = 2")

    parks.capture("changed")

    assert parks.rows() == [("2", "东湖公园", "2026-01-02 00:00:00")]


def test_equal_rows_are_counted_not_merged(server: Database, tmp_path: Path) -> None:
    server.run("create table t (n int, name text)", "insert into t values (1, 'a'), (1, 'a')")
    t = desk(server, tmp_path, "n name")
    t.capture("n")
    t.land()
    server.run("insert into t values (1, 'a'), (2, 'b')")

    assert t.capture("n").fresh == 2
    assert t.rows() == [("1", "a"), ("2", "b")]


def test_a_watermark_in_the_future_hides_nothing(parks: Desk, server: Database) -> None:
    server.run("insert into parks values (3, '未来', now() + interval '1 day', 'z')")
    first = parks.capture("changed")
    parks.land()
    server.run("insert into parks values (4, '今日', localtimestamp - interval '1 hour', 'z')")

    second = parks.capture("changed")

    assert (first.ahead, second.ahead, second.fresh) == (1, 1, 1)
    assert first.mark is not None
    assert first.mark.value == datetime(2026, 1, 2)  # noqa: DTZ001 - the server's wall time
    assert [row[1] for row in parks.rows()] == ["今日"]


def test_rows_without_a_watermark_are_read_always_and_delivered_once(
    parks: Desk, server: Database
) -> None:
    server.run("insert into parks values (5, '无时间', null, 'z')")
    assert parks.capture("changed").unmarked == 1
    parks.land()
    server.run("insert into parks values (6, '也无', null, 'z')")

    second = parks.capture("changed")

    assert (second.unmarked, second.fresh) == (2, 1)
    assert [row[1] for row in parks.rows()] == ["也无"]


@pytest.mark.parametrize(
    ("type_", "old", "new", "overlap"),
    [
        ("bigint", "100", "101", 5),
        ("date", "'2026-01-01'", "'2026-01-02'", 86_400),
        ("timestamptz", "'2026-01-01 00:00+00'", "'2026-01-01 00:00:01+00'", 60),
    ],
    ids=["integer", "date", "instant"],
)
def test_watermarks_are_integers_dates_or_moments(
    server: Database, tmp_path: Path, type_: str, old: str, new: str, overlap: int
) -> None:
    server.run(f"create table t (mark {type_}, name text)", f"insert into t values ({old}, 'a')")
    t = desk(server, tmp_path, "name")
    t.capture("mark", overlap)
    t.land()
    server.run(f"insert into t values ({new}, 'b')")

    second = t.capture("mark", overlap)

    assert (second.rows, second.fresh) == (2, 1)
    assert t.rows()[0][0] == "b"


def test_a_watermark_of_another_type_is_refused(parks: Desk) -> None:
    with pytest.raises(SourceError, match="watermark 'name' is of type varchar"):
        parks.capture("name")


def test_a_watermark_of_another_column_reads_the_whole_table(parks: Desk) -> None:
    parks.capture("changed")
    parks.land()

    other = parks.capture("id")

    assert mark_of(parks.landed, "id") is None
    assert (other.rows, other.fresh) == (2, 0)


def test_a_column_new_in_the_contract_makes_the_overlap_fresh(
    parks: Desk, server: Database
) -> None:
    parks.capture("changed")
    parks.land()
    parks.columns = (*parks.columns, ("secret", "secret"))

    assert parks.capture("changed").fresh == 1
    assert parks.rows() == [("2", "东湖", "2026-01-02 00:00:00", "x")]


def test_the_session_can_write_nothing(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table log (n int)",
        "create function noted() returns int language sql volatile "
        f"as 'insert into {server.schema}.log values (1) returning 1'",
        "create view t as select noted() as n",
    )

    with pytest.raises(SourceError, match="the driver reports a failure"):
        desk(server, tmp_path, "n").capture()

    log = desk(server, tmp_path / "log", "n", "log")
    assert log.capture().rows == 0


def test_many_rows_come_in_row_groups_of_one_size(server: Database, tmp_path: Path) -> None:
    server.run(
        "create table t (id int primary key, name text)",
        "insert into t select i, repeat('字', 30) || i from generate_series(1, 300000) i",
    )
    t = desk(server, tmp_path, "id name")

    path = t.capture().path

    assert path is not None
    facts = pq.read_metadata(path)
    assert facts.num_rows == 300_000
    assert facts.num_row_groups in {2, 3}
    assert facts.row_group(0).column(1).compression == "ZSTD"
