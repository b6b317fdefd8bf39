import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from opendata.errors import SourceError
from resources.fsio import sha256_of_file
from tests.resources.exchanges import (
    MY,
    PG,
    Database,
    Desk,
    Proxy,
    a_home,
    mysql,
    needs_mysql,
    needs_postgresql,
    postgresql,
)

SECRET = "k9-Zebra'\\ pass"
MANY = {
    "postgresql": "insert into t select i, repeat('x', 50) from generate_series(1, 200000) i",
    "mysql": "insert into t select seq, repeat('x', 50) from seq_1_to_200000",
}
SLOW = {
    "postgresql": "create view slow as select 1 as id, pg_sleep(5)::text as name",
    "mysql": "create view slow as select 1 as id, sleep(5) as name",
}


@pytest.fixture(
    params=[
        pytest.param("postgresql", marks=needs_postgresql),
        pytest.param("mysql", marks=needs_mysql),
    ]
)
def server(request: pytest.FixtureRequest) -> Iterator[Database]:
    with postgresql() if request.param == "postgresql" else mysql() as made:
        made.run("create table t (id int primary key, name varchar(60))")
        made.run("insert into t values (1, 'a')")
        yield made


@pytest.fixture
def desk(server: Database, tmp_path: Path) -> Desk:
    """A desk with one capture in place, and a password that must not be seen."""
    home = a_home(tmp_path)
    made = Desk(home, server.connection(), server.table("t"), "id name")
    made.capture()
    (home.root / "password").write_text(SECRET)
    (home.root / "password").chmod(0o600)
    return made


@contextmanager
def listener(answer: bytes = b"") -> Iterator[int]:
    """A port that accepts, takes what it is told, gives one answer, and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:

        def serve() -> None:
            with suppress(OSError):
                client, _ = waiting.accept()
                clients.append(client)
                client.recv(4096)
                client.sendall(answer)
                client.recv(4096)
                client.sendall(REFUSAL if answer else b"")

        clients: list[socket.socket] = []
        threading.Thread(target=serve, daemon=True).start()
        yield waiting.getsockname()[1]
        for each in clients:
            each.close()


ASKS_PASSWORD = b"R\x00\x00\x00\x08\x00\x00\x00\x03"
FIELDS = f"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed, {SECRET}\0\0".encode()
REFUSAL = b"E" + (len(FIELDS) + 4).to_bytes(4, "big") + FIELDS


def fails(desk: Desk, message: str, reason: str) -> None:
    """The capture fails in these words, leaks nothing, and leaves the old file as it was."""
    (kept,) = desk.into.iterdir()
    before = sha256_of_file(kept)

    with pytest.raises(SourceError, match=message) as told:
        desk.capture()

    assert reason in told.value.reason
    assert told.value.__cause__ is None
    assert told.value.__context__ is None
    said = "".join(traceback.format_exception(told.value)) + told.value.reason
    assert "Zebra" not in said
    assert "127.0.0.1" not in said.replace(desk.connection.url, "")
    assert [each.name for each in desk.into.iterdir()] == [kept.name]
    assert sha256_of_file(kept) == before


@needs_mysql
def test_a_wrong_password_is_refused_by_mysql(tmp_path: Path) -> None:
    with mysql() as server:
        server.run("create table t (id int primary key, name text)")
        desk = Desk(a_home(tmp_path), server.connection(), "t", "id name")
        desk.capture()
        (tmp_path / "password").write_text(SECRET)
        (tmp_path / "password").chmod(0o600)
        desk.connection = server.connection(secret="file:password")

        fails(desk, "the server refuses the user, the password", "拒绝登录")


def test_a_wrong_password_is_refused_by_postgresql(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    (tmp_path / "password").write_text(SECRET)
    (tmp_path / "password").chmod(0o600)
    with listener(ASKS_PASSWORD) as port:
        connection = Database("postgresql", "public").connection(port, secret="file:password")
        desk = Desk(home, connection, "t", "id")
        desk.into.mkdir(parents=True)
        (desk.into / "main.parquet").write_bytes(b"of an earlier run")

        fails(desk, "the server refuses the user, the password", "拒绝登录")


@pytest.mark.parametrize("host", ["nosuch.invalid:5432", "127.0.0.1:1"], ids=["name", "port"])
def test_a_wrong_host_is_said_to_be_unreachable(server: Database, desk: Desk, host: str) -> None:
    scheme = server.connection().url.partition("://")[0]
    desk.connection = server.connection(url=f"{scheme}://root@{host}/test", secret="file:password")

    fails(desk, "the server cannot be reached", "无法连接")


def test_a_server_that_accepts_and_says_nothing_is_given_up(server: Database, desk: Desk) -> None:
    with listener() as port:
        desk.connection = server.connection(
            port, secret="file:password", statement_timeout_seconds=1
        )

        fails(desk, "cannot be reached|stopped answering|closed the connection", "前置机“share”")


@pytest.mark.parametrize(
    ("then", "message", "reason"),
    [
        ("close", "the server closed the connection before everything was read", "断开了连接"),
        ("silence", "the server has stopped answering", "长时间没有响应"),
    ],
    ids=["closes", "stalls"],
)
def test_a_server_that_fails_while_it_sends_is_told(
    server: Database, desk: Desk, then: str, message: str, reason: str
) -> None:
    server.run("delete from t", MANY[server.kind])
    proxy = Proxy(PG if server.kind == "postgresql" else MY, after=3_000_000, then=then)
    desk.connection = server.connection(proxy.port, statement_timeout_seconds=1)
    try:
        fails(desk, message, reason)
    finally:
        proxy.close()


def test_a_dropped_table_is_said_to_be_gone(server: Database, desk: Desk) -> None:
    server.run("drop table t")

    fails(desk, "the database or the table is not there", "请核对表名")


def test_a_database_that_is_not_there_is_told(server: Database, desk: Desk) -> None:
    url = server.connection().url.rpartition("/")[0] + "/nosuch"
    desk.connection = server.connection(url=url)

    fails(desk, "the database or the table is not there", "请核对表名")


def test_a_statement_that_takes_too_long_is_cancelled_by_the_server(
    server: Database, desk: Desk
) -> None:
    server.run(SLOW[server.kind])
    desk.table = server.table("slow")
    desk.connection = server.connection(statement_timeout_seconds=1)

    fails(desk, "the server cancelled the statement", "查询超时或被取消")


def test_encryption_that_is_asked_for_is_not_done_without(server: Database, desk: Desk) -> None:
    desk.connection = server.connection(tls="require", secret="file:password")

    fails(desk, "no encrypted connection could be agreed on", "不能建立加密连接")


def test_verifying_needs_an_authority(server: Database, desk: Desk) -> None:
    desk.connection = server.connection(tls="verify-full")

    fails(desk, "name their file with `tls_ca`", "请由管理员设置 tls_ca")


def test_a_read_that_was_killed_leaves_nothing_to_land(desk: Desk) -> None:
    (desk.into / ".main.read").write_bytes(b"half")

    desk.capture()

    assert [each.name for each in desk.into.iterdir()] == ["main.parquet"]
