import errno
from dataclasses import replace
from pathlib import Path

import pytest

from opendata.errors import StoreError, Withheld
from opendata.vocabulary import Channel, Openness
from resources.store import OpenStore
from resources.withheld import WithheldList, Withholding
from tests.resources.parks import (
    FRIDAY,
    PERMITS,
    a_candidate,
    a_store,
    ask,
    everything_under,
    suspend,
)


@pytest.fixture
def store(tmp_path: Path) -> OpenStore:
    return a_store(tmp_path)


def test_a_suspension_takes_every_version_away_at_once(store: OpenStore) -> None:
    for tag in (1, 2):
        store.publish([a_candidate(store, tag=tag), a_candidate(store, PERMITS)])

    suspend(store)

    assert not [each for each in everything_under(store.root) if "parks" in each]
    assert ask(store, "show tables") == [("_datasets",), ("_release",), ("permits",)]
    assert list(store.current().datasets) == ["permits"]
    assert store.versions("parks") == ()
    assert [each.name for each in store.root.glob("open-*")] == ["open-3.duckdb"]
    assert [(each.dataset_id, each.reason) for each in store.withheld()] == [("parks", "坐标有误")]


def test_a_suspended_dataset_cannot_be_published(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    suspend(store)

    with pytest.raises(Withheld, match="opendata restore parks"):
        store.publish([a_candidate(store, tag=2), a_candidate(store, PERMITS)])

    assert store.current().datasets == {}


@pytest.mark.parametrize("at", ["hashed", "pending", "viewed", "announced", "manifest"])
def test_a_suspension_fences_a_run_in_flight(tmp_path: Path, at: str) -> None:
    def friday_evening(step: str) -> None:
        if step == at and not sound.withheld():
            withhold_only(tmp_path / "public")

    sound = OpenStore(tmp_path / "public", name="public")
    store = OpenStore(tmp_path / "public", name="public", on_step=friday_evening)

    with pytest.raises(Withheld):
        store.publish([a_candidate(store)])

    assert store.current().release == 0
    assert list((store.root / "datasets").iterdir()) == []


def withhold_only(root: Path) -> None:
    """What a suspension in another process does before it waits for the lock."""
    WithheldList(root.parent / "withheld.json").add(
        [Withholding(dataset_id="parks", case="x", reason="x", actor="x", at="x")]
    )


def test_a_restored_dataset_is_byte_for_byte_what_it_was(store: OpenStore) -> None:
    for tag in (1, 2):
        store.publish([a_candidate(store, tag=tag)])
    versions = store.versions("parks")
    suspend(store)

    store.restore(["parks"])

    assert store.versions("parks") == versions
    assert ask(store, "select min(area) from parks") == [(2,)]
    assert store.withheld() == ()
    assert store.publish([a_candidate(store, tag=3)]).published[0].version == 3


def test_a_dataset_held_by_two_cases_stays_out_until_both_are_lifted(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    for case in ("one", "two"):
        store.suspend(["parks"], case=case, reason="r", actor="a", at=FRIDAY)

    store.restore(["parks"], case="one")
    assert store.current().datasets == {}

    store.restore(["parks"], case="two")
    assert list(store.current().datasets) == ["parks"]


def test_what_is_derived_is_suspended_and_restored_at_the_same_moment(store: OpenStore) -> None:
    store.publish([a_candidate(store), a_candidate(store, PERMITS)])

    store.suspend(["parks", "permits"], case="c", reason="r", actor="a", at=FRIDAY)
    assert (store.current().release, store.current().datasets) == (2, {})

    store.restore(["parks", "permits"], case="c")
    assert (store.current().release, list(store.current().datasets)) == (3, ["parks", "permits"])


def test_what_was_altered_while_withheld_is_not_restored(store: OpenStore, tmp_path: Path) -> None:
    store.publish([a_candidate(store)])
    suspend(store)
    file = next((tmp_path / "store/_withheld/public/parks/files").iterdir())
    file.chmod(0o600)
    file.write_bytes(b"x")

    with pytest.raises(StoreError, match="altered while it was withheld"):
        store.restore(["parks"])

    assert [each.dataset_id for each in store.withheld()] == ["parks"]


def test_only_what_is_withheld_can_be_restored(store: OpenStore) -> None:
    with pytest.raises(StoreError, match="nothing to restore"):
        store.restore(["parks"])


def test_a_dataset_may_be_suspended_before_it_was_ever_published(store: OpenStore) -> None:
    suspend(store)

    with pytest.raises(Withheld):
        store.publish([a_candidate(store)])
    store.restore(["parks"])
    assert store.publish([a_candidate(store)]).number == 1


def test_a_suspension_reaches_every_store_of_the_family(store: OpenStore, tmp_path: Path) -> None:
    other = OpenStore(tmp_path / "store" / "conditional", name="conditional")
    store.publish([a_candidate(store, PERMITS)])
    other.publish([a_candidate(other)])

    suspend(store)

    assert other.current().datasets == {}
    assert not (other.root / "datasets/parks").exists()
    store.restore(["parks"])
    assert list(other.current().datasets) == ["parks"]


def test_losing_the_list_of_what_is_withheld_frees_nothing(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    suspend(store)
    (store.root.parent / "withheld.json").unlink()

    with pytest.raises(StoreError, match="put it back from a backup"):
        store.recover()

    assert store.current().datasets == {}


def test_a_damaged_list_of_what_is_withheld_stops_publishing(store: OpenStore) -> None:
    candidate = a_candidate(store)
    (store.root.parent / "withheld.json").write_text("{")

    with pytest.raises(StoreError, match="is damaged"):
        store.publish([candidate])


def test_a_class_change_withdraws_and_then_publishes_elsewhere(
    store: OpenStore, tmp_path: Path
) -> None:
    other = OpenStore(tmp_path / "store" / "conditional", name="conditional")
    store.publish([a_candidate(store)])
    store.publish([a_candidate(store, tag=2)])

    store.withdraw("parks")
    moved = other.publish([a_candidate(other, tag=2)])

    assert store.current().datasets == {}
    assert not (store.root / "datasets/parks").exists()
    assert moved.published[0].version == 3


def test_a_dataset_is_never_in_two_stores(store: OpenStore, tmp_path: Path) -> None:
    other = OpenStore(tmp_path / "store" / "conditional", name="conditional")
    store.publish([a_candidate(store)])

    with pytest.raises(StoreError, match="still in the public store"):
        other.publish([a_candidate(other)])


def test_a_suspension_that_cannot_be_completed_says_so(tmp_path: Path) -> None:
    def refuse(step: str) -> None:
        if step == "moved":
            raise OSError(errno.ENOSPC, "refused")

    sound = OpenStore(tmp_path / "public", name="public")
    sound.publish([a_candidate(sound)])

    with pytest.raises(StoreError, match="parks: withheld, nothing of it can be published"):
        suspend(OpenStore(tmp_path / "public", name="public", on_step=refuse))

    assert not (sound.root / "datasets/parks").exists()
    assert sound.conform().datasets == {}


def test_withdrawing_what_is_not_there_changes_nothing(store: OpenStore) -> None:
    store.publish([a_candidate(store)])

    assert store.withdraw("permits").release == 1


def test_a_withdrawn_dataset_may_come_back_under_new_numbers(store: OpenStore) -> None:
    for _ in range(2):
        store.publish([a_candidate(store)])
        store.withdraw("parks")

    again = store.publish([a_candidate(store)])

    assert again.published[0].version == 3
    assert [each.version for each in store.versions("parks")] == [3]


def test_conditional_data_is_listed_without_a_distribution(store: OpenStore) -> None:
    conditional = replace(
        PERMITS, openness=Openness.CONDITIONAL, channels=(Channel.API,), conditions="实名申请"
    )

    store.publish([a_candidate(store)], listed=[conditional])

    listed = store.current().listed["permits"]
    assert (listed.title, listed.channels, listed.conditions) == ("许可证", ("api",), "实名申请")
    assert ask(store, "select id, downloadable from _datasets order by id") == [
        ("parks", True),
        ("permits", False),
    ]
    assert store.publish([a_candidate(store)], listed=[conditional]).number == 1


def test_a_suspended_dataset_is_not_even_listed(store: OpenStore) -> None:
    store.publish([a_candidate(store)], listed=[PERMITS])

    suspend(store, "permits")

    assert store.current().listed == {}
    store.publish([a_candidate(store, tag=2)], listed=[PERMITS])
    assert store.current().listed == {}
