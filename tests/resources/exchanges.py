"""Real exchange databases for tests: a schema of its own in each server, dropped afterwards."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pymysql
import pytest
from adbc_driver_postgresql import dbapi as adbc

from opendata.settings import Connection
from opendata.source import Exchange, Source
from resources.exchange import Captured, capture
from resources.home import Home

PG, MY = ("127.0.0.1", 5432), ("127.0.0.1", 3306)
SETTINGS = """city: 云州市
regimes: [xian-open-2022]
deployment_role: platform_operator
platform: {name: 统一开放平台, unified: true}
"""
CHUNK = 1 << 14


def reachable(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address, timeout=2):
        return True
    return False


needs_postgresql = pytest.mark.skipif(
    not reachable(PG), reason="no PostgreSQL answers at 127.0.0.1:5432 (user root, database test)"
)
needs_mysql = pytest.mark.skipif(
    not reachable(MY), reason="no MariaDB answers at 127.0.0.1:3306 (user root, no password)"
)


class Database:
    """One schema of one server, and the connection a catalog would name."""

    def __init__(self, kind: str, schema: str) -> None:
        self.kind, self.schema = kind, schema

    def connection(self, port: int | None = None, **changes: Any) -> Connection:
        given: dict[str, Any] = {"id": "share", "tls": "disable", "statement_timeout_seconds": 20}
        path = "test" if self.kind == "postgresql" else self.schema
        port = port or (PG if self.kind == "postgresql" else MY)[1]
        given["url"] = f"{self.kind}://root@127.0.0.1:{port}/{path}"
        return Connection(**given | changes)

    def table(self, name: str) -> str:
        return f"{self.schema}.{name}"

    def run(self, *statements: str) -> None:
        if self.kind == "postgresql":
            with adbc.connect(_PG_URL, autocommit=True) as db, db.cursor() as cursor:
                cursor.execute(f"set search_path to {self.schema}")
                for each in statements:
                    cursor.execute(each)
            return
        with _mysql() as db:
            cursor = db.cursor()
            cursor.execute(f"use {self.schema}")
            for each in statements:
                cursor.execute(each)
            db.commit()


_PG_URL = "postgresql://root@127.0.0.1:5432/test"


@contextmanager
def _mysql() -> Iterator[Any]:
    db = pymysql.connect(host=MY[0], port=MY[1], user="root", charset="utf8mb4")
    try:
        yield db
    finally:
        db.close()


@contextmanager
def postgresql() -> Iterator[Database]:
    schema = f"t_{uuid.uuid4().hex}"
    with adbc.connect(_PG_URL, autocommit=True) as db, db.cursor() as cursor:
        cursor.execute(f"create schema {schema}")
        try:
            yield Database("postgresql", schema)
        finally:
            cursor.execute(f"drop schema {schema} cascade")


@contextmanager
def mysql() -> Iterator[Database]:
    schema = f"t_{uuid.uuid4().hex}"
    with _mysql() as db:
        db.cursor().execute(f"create database {schema} character set utf8mb4")
        try:
            yield Database("mysql", schema)
        finally:
            db.cursor().execute(f"drop database {schema}")


def a_home(folder: Path) -> Home:
    folder.mkdir(exist_ok=True)
    (folder / "opendata.yaml").write_text(SETTINGS, encoding="utf-8")
    return Home(folder)


class Desk:
    """Captures of one table into one folder, keeping what was landed as the landing does."""

    def __init__(self, home: Home, connection: Connection, table: str, columns: str) -> None:
        self.home, self.connection, self.table = home, connection, table
        self.columns = tuple((f"c{i}", each) for i, each in enumerate(columns.split()))
        self.into = home.root / "restricted/collected/register/main"
        self.landed: list[Path] = []

    def capture(
        self, watermark: str | None = None, overlap: int = 0, encoding: str | None = None
    ) -> Captured:
        exchange = Exchange(
            connection="share", table=self.table, watermark=watermark, overlap_seconds=overlap
        )
        source = Source(id="main", columns=self.columns, exchange=exchange, encoding=encoding)
        return capture(source, self.connection, home=self.home, into=self.into, earlier=self.landed)

    def land(self) -> None:
        """Keep the capture in place under another name, and take it away."""
        (captured,) = self.into.iterdir()
        kept = self.home.root / f"landed-{len(self.landed)}"
        self.landed.append(captured.rename(kept))

    def rows(self) -> list[tuple[str | None, ...]]:
        """What the landing reads: every column as text."""
        (captured,) = self.into.iterdir()
        asked = f"select cast(columns(*) as varchar) from read_parquet('{captured}')"
        with duckdb.connect() as con:
            return con.execute(asked).fetchall()


class Proxy:
    """A relay to a real server that, after so many bytes of answers, falls silent or hangs up."""

    def __init__(self, address: tuple[str, int], *, after: int, then: str) -> None:
        self._address, self._left, self._then = address, after, then
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._address)
                self._open += [client, server]
                for pump in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pump, args=pump, daemon=True).start()

    def _pump(self, given: socket.socket, taking: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := given.recv(CHUNK):
                if counted:
                    self._left -= len(data)
                    if self._left < 0 and self._then == "close":
                        given.close()
                        taking.shutdown(socket.SHUT_RDWR)
                        return
                    if self._left < 0:
                        return
                taking.sendall(data)
