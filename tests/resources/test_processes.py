import subprocess
import sys
from pathlib import Path

import pytest

from resources.processes import identity, is_alive, killed, running


@pytest.fixture
def dead() -> str:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        known = identity(child.pid)
        child.kill()
    return known


def test_this_process_is_alive_and_a_killed_one_is_not(dead: str) -> None:
    assert is_alive(identity())
    assert not is_alive(dead)


def test_a_process_id_that_came_round_again_is_not_the_process(dead: str) -> None:
    mine, _, start = identity().partition("-")

    assert not is_alive(f"{mine}-{int(start) + 1}")


def test_a_mark_stands_while_work_goes_on(tmp_path: Path) -> None:
    with running(tmp_path):
        assert len(list(tmp_path.iterdir())) == 1
        assert not killed(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_mark_of_a_killed_process_is_told_once(tmp_path: Path, dead: str) -> None:
    (tmp_path / f".running-{dead}").touch()

    assert killed(tmp_path)
    assert not killed(tmp_path)
