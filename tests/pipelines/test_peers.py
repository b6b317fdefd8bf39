"""Peers are asked the same, and what is said of them is what was measured."""

import dataclasses
import sys
from datetime import date
from pathlib import Path

import pytest

from pipelines.bench.evaluation import make_table
from pipelines.bench.peers import environments, rounds
from pipelines.bench.peers.answer import Answer
from pipelines.bench.peers.known import Peer, peers
from pipelines.bench.peers.page import page
from pipelines.bench.peers.spoiled import spoiled

SCRIPTS = Path(environments.__file__).parent
ANSWER = Answer(
    version="1.0", counts={"rule_01": 0, "rule_02": 7}, judging_s=2.0, process_s=3.0, rss_mb=100.0
)


@pytest.fixture
def peer() -> Peer:
    return dataclasses.replace(peers()[0], differs={})


def answered(**changed: object) -> Answer:
    return dataclasses.replace(ANSWER, **changed)  # type: ignore[arg-type]


def test_every_peer_has_its_script_and_exact_pins() -> None:
    everyone = peers()

    assert [each.id for each in everyone if not (SCRIPTS / f"{each.id}.py").exists()] == []
    assert [pin for each in everyone for pin in each.requires if "==" not in pin] == []


def test_ours_answers_from_a_process_of_its_own(tmp_path: Path) -> None:
    table = make_table(tmp_path, rows=20_000)

    answer = environments.ask(Path(sys.executable), rounds.OURS, table)

    faults = {rule: count for rule, count in answer.counts.items() if count and rule != "rule_11"}
    assert faults == {"rule_04": 20, "rule_06": 10, "rule_08": 2, "rule_15": 10, "rule_19": 2}
    assert 0 < answer.judging_s < answer.process_s


def test_the_spoiled_table_breaks_every_rule(tmp_path: Path) -> None:
    table = spoiled(make_table(tmp_path, rows=2_000))

    answer = environments.ask(Path(sys.executable), rounds.OURS, table)

    assert [rule for rule, count in answer.counts.items() if not count] == []


def test_a_script_that_breaks_is_not_run_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(environments.NotRun, match="ours ended with exit code 1"):
        environments.ask(Path(sys.executable), rounds.OURS, tmp_path / "nowhere.parquet")


def test_equal_counts_agree(peer: Peer) -> None:
    rounds.agree(peer, [ANSWER], [ANSWER])


def test_a_count_that_differs_must_be_explained(peer: Peer) -> None:
    theirs = answered(counts={"rule_01": 0, "rule_02": 6})

    with pytest.raises(SystemExit, match=r"rule_02 \(ours 7, theirs 6\)"):
        rounds.agree(peer, [ANSWER], [theirs])

    rounds.agree(dataclasses.replace(peer, differs={"rule_02": "why"}), [ANSWER], [theirs])


def test_an_explanation_without_a_difference_is_stale(peer: Peer) -> None:
    stale = dataclasses.replace(peer, differs={"rule_02": "why"})

    with pytest.raises(SystemExit, match="mend the script or the list"):
        rounds.agree(stale, [ANSWER], [ANSWER])


def test_the_page_tells_costs_differences_and_who_was_not_measured() -> None:
    one, other, *_ = peers()
    answers = {rounds.OURS: [ANSWER], one.id: [answered(judging_s=4.0)]}
    table = rounds.Measured(rows=1_000_000, answers=answers)

    text = page([one, other], [table], {other.id: "pip could not install it"}, date(2026, 11, 22))

    assert "| **this product** | 2.00 | 3.00 | 100 | |" in text
    assert f"| {one.title} 1.0 | 4.00 | 3.00 | 100 | 0.50 (0.50 to 0.50) |" in text
    assert f"`rule_02`: {one.differs['rule_02']}" in text
    assert f"Not measured: {other.id}: pip could not install it." in text
