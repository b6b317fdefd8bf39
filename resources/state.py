"""State: what the last run saw, so that the next can tell quickly that nothing changed.

Only a cache: whatever is here can be computed again, a damaged or foreign file is thrown away
without a word, and nothing a person decided or an auditor asks for belongs in it.
"""

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from resources.fsio import locked, sha256_of_file

_FORMAT = 2
_TABLES = f"""
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists outcomes (
    dataset_id text primary key, fingerprint text not null, outcome text not null
) without rowid;
create table if not exists files (
    path text primary key, stat text not null, sha256 text not null
) without rowid;
create table if not exists sketches (
    dataset_id text primary key, made_of text not null, sketch blob not null
);
create table if not exists findings (
    pass text primary key, findings text not null
) without rowid;
pragma user_version = {_FORMAT};
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a dataset's last run saw: the fingerprint of all it read, and its outcome as JSON."""

    fingerprint: str
    outcome_json: str


class State:
    """The cache file of one home. Several processes may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection = _open(path)

    def remember(self, dataset_id: str, *, fingerprint: str, outcome_json: str) -> None:
        """Keep what this run saw of a dataset, in place of what the last one saw."""
        row = (dataset_id, fingerprint, outcome_json)
        self._run("insert or replace into outcomes values (?, ?, ?)", row)

    def recall(self, dataset_id: str) -> Remembered | None:
        """What the last run saw; None when there was none or it was forgotten."""
        rows = self._run(
            "select fingerprint, outcome from outcomes where dataset_id = ?", (dataset_id,)
        )
        return Remembered(fingerprint=rows[0][0], outcome_json=rows[0][1]) if rows else None

    def sha256_of(self, path: Path) -> str:
        """SHA-256 of a file, read again only when its size, times or identity changed."""
        before = stat_of(path)
        rows = self._run("select stat, sha256 from files where path = ?", (str(path.absolute()),))
        if rows and rows[0][0] == before:
            return str(rows[0][1])
        digest = sha256_of_file(path)
        if stat_of(path) == before:
            row = (str(path.absolute()), before, digest)
            self._run("insert or replace into files values (?, ?, ?)", row)
        return digest

    def remember_sketch(self, dataset_id: str, *, made_of: str, sketch: bytes) -> None:
        """Keep the sketch of a dataset with what it was made of, in place of an earlier one."""
        row = (dataset_id, made_of, sketch)
        self._run("insert or replace into sketches values (?, ?, ?)", row)

    def recall_sketch(self, dataset_id: str, *, made_of: str) -> bytes | None:
        """The sketch of a dataset; None when there is none or it was made of something else."""
        rows = self._run(
            "select sketch from sketches where dataset_id = ? and made_of = ?",
            (dataset_id, made_of),
        )
        return rows[0][0] if rows else None

    def remember_findings(self, pass_name: str, findings_json: str) -> None:
        """Keep what a pass over all datasets found, in place of what it found before."""
        self._run("insert or replace into findings values (?, ?)", (pass_name, findings_json))

    def recall_findings(self, pass_name: str) -> str | None:
        """What a pass over all datasets found last; None when it never ran or was forgotten."""
        rows = self._run("select findings from findings where pass = ?", (pass_name,))
        return rows[0][0] if rows else None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _run(self, sql: str, values: tuple[str | bytes, ...]) -> list[Any]:
        """Run one statement; a busy or full disk forgets, a damaged file begins again empty."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError:
                return []
            except sqlite3.DatabaseError:
                self._connection.close()
                self._connection = _open_anew(self._path)
                return []


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One at a time: whoever is just making the file must not look damaged to the next.
    with locked(path.with_name(f".{path.name}.lock")):
        try:
            return _connect(path)
        except sqlite3.DatabaseError:
            return _open_anew(path)


def _open_anew(path: Path) -> sqlite3.Connection:
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
    return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        _set_up(connection)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    found = connection.execute("pragma user_version").fetchone()[0]
    if found not in {0, _FORMAT}:
        raise sqlite3.DatabaseError("made by another program")
    connection.executescript(_TABLES)


def stat_of(path: Path) -> str:
    """What changes when a file's bytes change; ctime catches what kept size and mtime."""
    found = path.stat()
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"
