import errno
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from opendata.errors import StoreError
from resources.store import OpenStore
from tests.resources.parks import (
    PERMITS,
    ROOT,
    a_candidate,
    a_store,
    ask,
    everything_under,
)


@pytest.fixture
def store(tmp_path: Path) -> OpenStore:
    return a_store(tmp_path)


def test_recovering_a_sound_store_changes_nothing(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    before = everything_under(store.root)

    repairs = store.recover()

    assert (repairs.abandoned, repairs.views_rebuilt) == ((), False)
    assert everything_under(store.root) == before


@pytest.mark.parametrize(
    "harm",
    [
        lambda root: (root / "open-2.duckdb").unlink(),
        lambda root: ((root / "open-2.duckdb").unlink(), (root / "open-2.duckdb").write_text("x")),
    ],
    ids=["lost", "damaged"],
)
def test_lost_or_damaged_views_are_built_again(
    store: OpenStore, harm: Callable[[Path], object]
) -> None:
    store.publish([a_candidate(store), a_candidate(store, PERMITS)])
    store.publish([a_candidate(store, tag=2)])
    harm(store.root)

    assert store.recover().views_rebuilt

    assert ask(store, "select min(area) from parks union all select min(area) from permits") == [
        (2,),
        (1,),
    ]


def test_publishing_goes_on_after_the_views_were_lost(store: OpenStore) -> None:
    store.publish([a_candidate(store), a_candidate(store, PERMITS)])
    (store.root / "open-1.duckdb").unlink()

    store.publish([a_candidate(store, tag=2)])

    assert ask(store, "select count(*) from permits") == [(3,)]


def test_a_store_that_was_moved_gets_views_that_work(store: OpenStore, tmp_path: Path) -> None:
    store.publish([a_candidate(store)])
    shutil.move(tmp_path / "store", tmp_path / "elsewhere")
    moved = OpenStore(tmp_path / "elsewhere" / "public", name="public")

    assert moved.recover().views_rebuilt

    assert ask(moved, "select count(*) from parks") == [(3,)]


@pytest.mark.parametrize(
    "harm",
    [
        lambda root: (root / "current.json").write_text("{"),
        lambda root: (root / "current.json").unlink(),
        lambda root: (root / "releases/2.json").write_text("{}"),
        lambda root: (root / "releases/2.json").unlink(),
    ],
    ids=["pointer_damaged", "pointer_lost", "manifest_altered", "manifest_lost"],
)
def test_a_damaged_manifest_stops_everything(
    store: OpenStore, harm: Callable[[Path], object]
) -> None:
    for tag in (1, 2):
        store.publish([a_candidate(store, tag=tag)])
    candidate = a_candidate(store, tag=3)
    harm(store.root)

    with pytest.raises(StoreError, match="is damaged"):
        OpenStore(store.root, name="public").publish([candidate])


STEPS = ("hashed", "pending", "moved", "viewed", "announced", "manifest")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO], ids=str)
@pytest.mark.parametrize("at", STEPS)
def test_a_disk_that_refuses_leaves_the_release_before_it(
    tmp_path: Path, at: str, code: int
) -> None:
    sound = OpenStore(tmp_path / "public", name="public")
    sound.publish([a_candidate(sound), a_candidate(sound, PERMITS)])
    before = everything_under(sound.root)

    def refuse(step: str) -> None:
        if step == at:
            raise OSError(code, "refused")

    store = OpenStore(tmp_path / "public", name="public", on_step=refuse)
    with pytest.raises(StoreError, match="the current release is still in place"):
        store.publish([a_candidate(store, tag=2)])

    assert sound.recover().views_rebuilt is False
    assert everything_under(sound.root) == before
    assert ask(sound, "select min(area) from parks") == [(1,)]


@pytest.mark.parametrize("at", ["views", "derived"])
def test_a_committed_release_stands_even_when_names_lag(tmp_path: Path, at: str) -> None:
    def refuse(step: str) -> None:
        if step == at:
            raise OSError(errno.ENOSPC, "refused")

    store = OpenStore(tmp_path / "public", name="public", on_step=refuse)
    release = store.publish([a_candidate(store)])

    assert (release.number, release.settled, store.current().release) == (1, False, 1)
    sound = OpenStore(tmp_path / "public", name="public")
    sound.recover()
    assert ask(sound, "select min(area) from parks") == [(1,)]
    assert (sound.root / "datasets/parks/parks.parquet").exists()


def test_a_full_disk_leaves_the_release_before_it(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    candidate = a_candidate(store, tag=2, rows=30)
    script = f"""
import resource, signal
from datetime import date
from pathlib import Path
import duckdb
from opendata.errors import StoreError
from opendata.catalog import Dataset, Field
from resources.store import Candidate, OpenStore
parks = Dataset(id="parks", title="t", body="b", fields=(
    Field(name="name", title="n", heading="n"), Field(name="area", title="a", heading="a")))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
try:
    OpenStore(Path({str(store.root)!r}), name="public").publish([Candidate(
        dataset=parks, parquet=Path({str(candidate.parquet)!r}), rows=30, data_time=None)])
except StoreError:
    raise SystemExit(7)
"""

    done = subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT)

    assert done.returncode == 7
    store.recover()
    assert store.current().release == 1
    assert ask(store, "select min(area), count(*) from parks") == [(1, 3)]
    assert len(list((store.root / "datasets/parks/files").iterdir())) == 1


def test_sweeping_spares_the_candidates_of_a_run_beside_us(tmp_path: Path) -> None:
    ours = OpenStore(tmp_path / "public", name="public")
    beside_us = OpenStore(tmp_path / "public", name="public")
    candidate = a_candidate(beside_us)

    swept = ours.recover().swept

    assert swept == 0
    assert candidate.parquet.exists()


def test_candidates_of_a_process_that_is_gone_are_swept(store: OpenStore) -> None:
    script = (
        "from pathlib import Path; from resources.store import OpenStore; "
        f"OpenStore(Path({str(store.root)!r}), name='public').stage('parks').write_text('left')"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)

    assert store.recover().swept == 1
    assert list((store.root.parent / "_staging/public").glob("run-*")) == []
