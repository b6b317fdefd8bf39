import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from opendata.errors import HomeError
from resources.migrations import STEPS, migrate
from resources.register import Decision, DecisionKind, Register

ROOT = Path(__file__).parents[2]
FRIDAY = datetime(2026, 1, 9, 21, 30, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/register.sqlite"


def a_suspension(dataset_id: str = "parks", *, reason: str = "投诉反映坐标有误") -> Decision:
    return Decision(
        kind=DecisionKind.SUSPEND,
        dataset_id=dataset_id,
        actor="张三",
        decided_at=FRIDAY,
        reason=reason,
        basis="投诉",
        detail={"case": "2026-7", "scope": ["all"]},
    )


def test_a_decision_reads_back_as_it_was_taken(url: str) -> None:
    register = Register(url)

    entered = register.record_decision(a_suspension())

    assert entered.id == 1
    assert register.decisions() == (entered,)
    assert entered == replace(a_suspension(), id=1)


def test_decisions_are_found_by_kind_and_dataset(url: str) -> None:
    register = Register(url)
    register.record_decision(a_suspension("parks"))
    register.record_decision(a_suspension("permits"))
    register.record_decision(
        Decision(kind=DecisionKind.RESTORE, actor="李四", decided_at=FRIDAY, reason="已更正")
    )

    assert [each.dataset_id for each in register.decisions(DecisionKind.SUSPEND)] == [
        "parks",
        "permits",
    ]
    assert [each.id for each in register.decisions(dataset_id="permits")] == [2]
    assert len(register.decisions()) == 3


def test_the_latest_decision_wins(url: str) -> None:
    register = Register(url)
    register.record_decision(a_suspension(reason="first"))
    register.record_decision(a_suspension(reason="second"))

    latest = register.latest(DecisionKind.SUSPEND, "parks")

    assert latest is not None
    assert latest.reason == "second"
    assert register.latest(DecisionKind.RESTORE, "parks") is None


def test_a_time_without_a_zone_is_refused(url: str) -> None:
    naive = FRIDAY.replace(tzinfo=None)

    with pytest.raises(ValueError, match="must know its zone"):
        Register(url).record_decision(
            Decision(kind=DecisionKind.SIGN_OFF, actor="x", decided_at=naive, reason="x")
        )


def test_a_register_is_reopened_with_everything_in_it(url: str) -> None:
    Register(url).record_decision(a_suspension())

    assert len(Register(url).decisions()) == 1


def test_the_register_is_for_its_owner_only(url: str, tmp_path: Path) -> None:
    Register(url).record_decision(a_suspension())

    modes = {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert modes == {0o600}


def test_each_migration_step_is_taken_once(url: str) -> None:
    taken: list[str] = []
    engine = sa.create_engine(url)

    migrate(engine, (*STEPS, lambda _: taken.append("second")))
    migrate(engine, (*STEPS, lambda _: taken.append("again"), lambda _: taken.append("third")))

    engine.dispose()
    assert taken == ["second", "third"]


def test_a_failed_step_leaves_no_trace(url: str) -> None:
    def breaks(_: sa.Connection) -> None:
        raise ArithmeticError

    engine = sa.create_engine(url)
    with pytest.raises(ArithmeticError):
        migrate(engine, (*STEPS, breaks))

    migrate(engine)
    engine.dispose()
    assert Register(url).decisions() == ()


def test_a_register_from_a_newer_program_is_refused(url: str) -> None:
    engine = sa.create_engine(url)
    migrate(engine, (*STEPS, lambda _: None))
    engine.dispose()

    with pytest.raises(HomeError, match="3 migration steps, this program knows 2"):
        Register(url)


def test_several_processes_may_open_and_write_at_once(url: str) -> None:
    script = f"""
from dataclasses import replace
from datetime import UTC, datetime
from resources.register import Decision, DecisionKind, Register
register = Register({url!r})
for _ in range(10):
    register.record_decision(Decision(kind=DecisionKind.SIGN_OFF, actor="x",
        decided_at=datetime.now(UTC), reason="x"))
"""
    workers = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(3)]

    assert [each.wait() for each in workers] == [0, 0, 0]
    assert len(Register(url).decisions()) == 30
