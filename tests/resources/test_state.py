import os
from pathlib import Path

import pytest

from resources.fsio import sha256_of_file
from resources.state import Remembered, State


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def test_what_a_run_saw_is_recalled_by_the_next(path: Path) -> None:
    State(path).remember("parks", fingerprint="f1", outcome_json='{"verdict":"released"}')

    assert State(path).recall("parks") == Remembered(
        fingerprint="f1", outcome_json='{"verdict":"released"}'
    )


def test_a_later_run_replaces_an_earlier_one(path: Path) -> None:
    state = State(path)
    state.remember("parks", fingerprint="f1", outcome_json="{}")
    state.remember("parks", fingerprint="f2", outcome_json="{}")

    recalled = state.recall("parks")

    assert recalled is not None
    assert recalled.fingerprint == "f2"


def test_what_was_never_seen_is_nothing(path: Path) -> None:
    assert State(path).recall("permits") is None


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all, certainly" * 99], ids=["empty", "garbage"]
)
def test_a_damaged_state_starts_over_silently(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    state = State(path)

    assert state.recall("parks") is None
    state.remember("parks", fingerprint="f1", outcome_json="{}")
    assert State(path).recall("parks") is not None


def test_a_state_damaged_while_open_starts_over_silently(path: Path) -> None:
    state = State(path)
    for n in range(300):
        state.remember(f"d{n}", fingerprint="f" * 200, outcome_json="{}")
    state.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))

    again = State(path)
    assert again.recall("d7") is None
    again.remember("d7", fingerprint="new", outcome_json="{}")

    assert again.recall("d7") is not None


def test_a_hash_is_taken_again_only_when_the_file_changed(path: Path, tmp_path: Path) -> None:
    file, state = tmp_path / "source.csv", State(path)
    file.write_bytes(b"one")
    first = state.sha256_of(file)

    file.write_bytes(b"two")

    assert first != state.sha256_of(file) == sha256_of_file(file)
    assert state.sha256_of(file) == sha256_of_file(file)


def test_same_size_and_same_mtime_do_not_hide_a_change(path: Path, tmp_path: Path) -> None:
    file, state = tmp_path / "source.csv", State(path)
    file.write_bytes(b"one")
    state.sha256_of(file)
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)

    file.write_bytes(b"two")
    os.utime(file, ns=times)

    assert state.sha256_of(file) == sha256_of_file(file)


def test_a_sketch_is_recalled_for_what_it_was_made_of_alone(path: Path) -> None:
    State(path).remember_sketch("parks", made_of="a", sketch=b"\x00sketch")

    assert State(path).recall_sketch("parks", made_of="a") == b"\x00sketch"
    assert State(path).recall_sketch("parks", made_of="b") is None
    assert State(path).recall_sketch("zoo", made_of="a") is None


def test_the_findings_of_a_pass_are_those_of_the_last_one(path: Path) -> None:
    state = State(path)
    assert state.recall_findings("duplicates") is None

    state.remember_findings("duplicates", "[1]")
    state.remember_findings("duplicates", "[]")

    assert state.recall_findings("duplicates") == "[]"
