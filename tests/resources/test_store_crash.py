import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from opendata.errors import Withheld
from resources.releases import Repairs
from resources.store import OpenStore

ROOT = Path(__file__).parents[2]
MOVING = ("pending", "moved", "viewed", "announced", "manifest", "committed", "views", "derived")
STEPS = {
    "publish": ("hashed", *MOVING, "settled"),
    "first_publish": ("hashed", *MOVING, "settled"),
    "suspend": ("withheld", *MOVING, "settled"),
    "restore": ("lifted", *MOVING, "settled"),
    "withdraw": (*MOVING, "settled"),
}
POINTS = [(deed, step) for deed, steps in STEPS.items() for step in steps]
IDS = [f"{deed}-{step}" for deed, step in POINTS]

DEEDS = """
import os, random, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
import duckdb
from opendata.catalog import Dataset, Field
from resources.candidates import Candidate
from resources.store import OpenStore

FIELDS = (Field(name="tag", title="批", heading="批"), Field(name="n", title="序", heading="序"))
PARKS = Dataset(id="parks", title="公园", body="b", fields=FIELDS)
PERMITS = Dataset(id="permits", title="许可", body="b", fields=FIELDS)

def staged(store, dataset, tag):
    path = store.stage(dataset.id)
    rows = f"select {tag}::bigint as tag, range as n from range(2000)"
    duckdb.execute(f"copy ({rows}) to '{path}' (format parquet)").fetchall()
    return Candidate(dataset=dataset, parquet=path, rows=2000, data_time=None)

def publish(store, tag):
    return store.publish([staged(store, PARKS, tag), staged(store, PERMITS, tag)])

def suspend(store):
    store.suspend(["parks"], case="c", reason="r", actor="a", at=datetime.now(UTC))

PREPARE = {
    "first_publish": lambda store: None,
    "publish": lambda store: publish(store, 1),
    "suspend": lambda store: publish(store, 1),
    "restore": lambda store: (publish(store, 1), suspend(store)),
    "withdraw": lambda store: publish(store, 1),
}
DO = {
    "first_publish": lambda store: publish(store, 2),
    "publish": lambda store: publish(store, 2),
    "suspend": suspend,
    "restore": lambda store: store.restore(["parks"]),
    "withdraw": lambda store: store.withdraw("parks"),
}
"""

# One process forks a child for each point, before any library has started a thread.
KILL_AT_EVERY_POINT = (
    DEEDS
    + """
folder, points = Path(sys.argv[1]), sys.argv[2:]
for point in points:
    deed, step = point.split("-")
    if not (child := os.fork()):
        root = folder / point / "public"
        PREPARE[deed](OpenStore(root, name="public"))
        dying = lambda name: os._exit(9) if name == step else None
        DO[deed](OpenStore(root, name="public", on_step=dying))
        os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 9:
        raise SystemExit(f"{point} was never reached")
"""
)

KILL_AT_RANDOM = (
    DEEDS
    + """
root, chance, kills = Path(sys.argv[1]), random.Random(7), 0
until = time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    if not (child := os.fork()):
        store = OpenStore(root, name="public")
        store.recover()
        while True:
            publish(store, store.current().release + 1)
    time.sleep(chance.uniform(0.1, 0.6))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    kills += 1
print(kills)
"""
)

READER = """
import json, sys
from pathlib import Path
import duckdb
from resources.store import OpenStore

root, stop = Path(sys.argv[1]), Path(sys.argv[2])
seen, mixed, errors, back, reads = 0, 0, [], 0, 0
tags = "select min(tag), max(tag), count(*) from"
while not stop.exists():
    try:
        with duckdb.connect(str(root / "open.duckdb"), read_only=True) as con:
            one = con.execute(f"{tags} parks").fetchone()
            release = con.execute("select release from _release").fetchone()[0]
            two = con.execute(f"{tags} permits").fetchone()
        lines = OpenStore(root, name="public").current().datasets
        missing = [k for k, v in lines.items()
                   if not (root / "datasets" / k / "files" / f"{v.sha256}.parquet").exists()]
        whole = one == two and one[0] == one[1] == release and one[2] == 2000 and not missing
        mixed += not whole
        back += release < seen
        seen, reads = release, reads + 1
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}"[:300])
print(json.dumps({"reads": reads, "seen": seen, "mixed": mixed, "back": back, "errors": errors}))
"""


@dataclass(frozen=True)
class Views:
    release: int
    tags: dict[str, int]


@pytest.fixture(scope="module")
def wrecks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wrecks")
    command = [sys.executable, "-c", KILL_AT_EVERY_POINT, str(folder), *IDS]
    subprocess.run(command, check=True, cwd=ROOT)
    return folder


@pytest.fixture
def wreck(wrecks: Path, tmp_path: Path, request: pytest.FixtureRequest) -> OpenStore:
    """A store whose process died at a point; moved nowhere, since views hold absolute paths."""
    return OpenStore(wrecks / request.param / "public", name="public")


def views_of(store: OpenStore) -> Views:
    with duckdb.connect(str(store.root / "open.duckdb"), read_only=True) as con:
        names = [row[0] for row in con.execute("show tables").fetchall() if row[0][0] != "_"]
        found = con.execute("select release from _release").fetchone()
        tags = {
            each: con.execute(f"select any_value(tag) from {each}").fetchall() for each in names
        }
    return Views(found[0] if found else 0, {key: rows[0][0] for key, rows in tags.items()})


def files_under(store: OpenStore) -> set[str]:
    return {str(each.relative_to(store.root)) for each in store.root.rglob("*") if each.is_file()}


def files_due(store: OpenStore) -> set[str]:
    now = store.current()
    due = {f"releases/{number}.json" for number in range(1, now.release + 1)}
    if now.release:
        due |= {"current.json", "open.duckdb"}
    for key in now.datasets:
        for version in store.versions(key):
            due |= {f"datasets/{key}/{version.file}"}
            due |= {f"datasets/{key}/versions/{version.version}.json"}
        due |= {f"datasets/{key}/{key}.parquet", f"datasets/{key}/datapackage.json"}
    return due


def assert_every_byte_is_pinned(store: OpenStore) -> None:
    for key, line in store.current().datasets.items():
        for name in (f"files/{line.sha256}.parquet", f"{key}.parquet"):
            content = (store.root / "datasets" / key / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == line.sha256


@pytest.mark.parametrize(
    "wreck", [each for each in IDS if each.startswith(("publish", "withdraw"))], indirect=True
)
def test_a_reader_never_sees_a_wreck(wreck: OpenStore) -> None:
    seen = views_of(wreck)

    assert len(set(seen.tags.values())) == 1
    for key, line in wreck.current().datasets.items():
        file = wreck.root / "datasets" / key / "files" / f"{line.sha256}.parquet"
        assert hashlib.sha256(file.read_bytes()).hexdigest() == line.sha256


@pytest.mark.parametrize("wreck", IDS, indirect=True)
def test_recovering_leaves_nothing_half_done_and_can_be_repeated(
    wreck: OpenStore, tmp_path: Path
) -> None:
    wreck.recover()
    files = files_under(wreck)
    again = wreck.recover()

    assert again == Repairs()
    assert files_under(wreck) == files
    assert {each for each in files if not each.startswith("open-")} == files_due(wreck)
    assert_every_byte_is_pinned(wreck)
    assert not (wreck.root.parent / "_staging/public/pending.json").exists()
    if wreck.current().release:
        assert views_of(wreck).release == wreck.current().release
        assert views_of(wreck).tags.keys() == wreck.current().datasets.keys()


@pytest.mark.parametrize("point", ["publish", "first_publish"])
@pytest.mark.parametrize("step", STEPS["publish"])
def test_a_publication_happened_if_and_only_if_it_was_committed(
    wrecks: Path, point: str, step: str
) -> None:
    store = OpenStore(wrecks / f"{point}-{step}" / "public", name="public")
    committed = step in {"committed", "views", "derived", "settled"}

    store.recover()

    before = {} if point == "first_publish" else {"parks": 1, "permits": 1}
    tags = views_of(store).tags if store.current().release else {}
    assert tags == ({"parks": 2, "permits": 2} if committed else before)


@pytest.mark.parametrize("step", STEPS["suspend"])
def test_a_suspension_holds_from_its_first_step(wrecks: Path, step: str) -> None:
    store = OpenStore(wrecks / f"suspend-{step}" / "public", name="public")

    store.recover()

    assert [each.dataset_id for each in store.withheld()] == ["parks"]
    assert not (store.root / "datasets" / "parks").exists()
    assert views_of(store).tags == {"permits": 1}


@pytest.mark.parametrize("step", STEPS["restore"])
def test_a_restoration_is_finished_by_recovery(wrecks: Path, step: str) -> None:
    store = OpenStore(wrecks / f"restore-{step}" / "public", name="public")

    store.recover()

    assert store.withheld() == ()
    assert views_of(store).tags == {"parks": 1, "permits": 1}
    assert [each.version for each in store.versions("parks")] == [1]


@pytest.mark.parametrize("step", STEPS["withdraw"])
def test_a_withdrawal_is_whole_or_not_at_all(wrecks: Path, step: str) -> None:
    store = OpenStore(wrecks / f"withdraw-{step}" / "public", name="public")
    committed = step in {"committed", "views", "derived", "settled"}

    store.recover()

    assert (store.root / "datasets" / "parks").exists() is not committed
    assert ("parks" in views_of(store).tags) is not committed


def test_what_was_announced_and_lost_is_told_to_whoever_recovers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILL_AT_EVERY_POINT, str(tmp_path), "publish-announced"]
    subprocess.run(command, check=True, cwd=ROOT)

    repairs = OpenStore(tmp_path / "publish-announced" / "public", name="public").recover()

    assert repairs.abandoned == ("parks", "permits")
    assert repairs.swept == 2


def test_a_suspended_wreck_refuses_to_publish_without_any_recovery(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILL_AT_EVERY_POINT, str(tmp_path), "suspend-withheld"]
    subprocess.run(command, check=True, cwd=ROOT)
    script = DEEDS + "publish(OpenStore(Path(sys.argv[1]), name='public'), 5)"
    root = tmp_path / "suspend-withheld" / "public"

    done = subprocess.run(
        [sys.executable, "-c", script, str(root)], check=False, cwd=ROOT, capture_output=True
    )

    assert Withheld.__name__ in done.stderr.decode()


def test_readers_elsewhere_see_whole_releases_while_writers_are_killed(tmp_path: Path) -> None:
    root, stop = tmp_path / "public", tmp_path / "stop"
    start = DEEDS + "publish(OpenStore(Path(sys.argv[1]), name='public'), 1)"
    subprocess.run([sys.executable, "-c", start, str(root)], check=True, cwd=ROOT)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(root), str(stop)], cwd=ROOT, stdout=subprocess.PIPE
    )

    killer = [sys.executable, "-c", KILL_AT_RANDOM, str(root), "6"]
    kills = int(subprocess.run(killer, check=True, cwd=ROOT, capture_output=True).stdout)
    stop.touch()
    stats = json.loads(reader.communicate()[0])

    store = OpenStore(root, name="public")
    store.recover()
    assert (stats["errors"], stats["mixed"], stats["back"]) == ([], 0, 0)
    assert kills >= 5
    assert stats["reads"] >= 5
    assert views_of(store).release == store.current().release >= stats["seen"] > 1
    assert_every_byte_is_pinned(store)
    assert list(root.glob(".*")) == []
