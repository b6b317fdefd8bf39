import errno
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import Dataset, Field, ReleasePlan, Treatment
from opendata.errors import StoreError, Withheld
from opendata.vocabulary import Action, Channel, Openness
from resources.store import Candidate, OpenStore, Release

ROOT = Path(__file__).parents[2]
FRIDAY = datetime(2026, 1, 9, 21, 30, tzinfo=UTC)
PARKS = Dataset(
    id="parks",
    title="公园名录",
    summary="全市公园",
    body="landscape",
    theme="城建住房",
    openness=Openness.UNCONDITIONAL,
    fields=(
        Field(name="name", title="公园名称", heading="名称"),
        Field(name="area", title="面积（公顷）", heading="面积"),
        Field(
            name="keeper", title="管护人", heading="管护人", treatment=Treatment(action=Action.DROP)
        ),
    ),
)
PERMITS = replace(PARKS, id="permits", title="许可证", summary=None)


@pytest.fixture
def store(tmp_path: Path) -> OpenStore:
    return OpenStore(tmp_path / "store" / "public", name="public")


def a_candidate(
    store: OpenStore, dataset: Dataset = PARKS, *, tag: int = 1, rows: int = 3
) -> Candidate:
    path = store.stage(dataset.id)
    duckdb.sql(
        f"copy (select 'p' || range as name, {tag}::bigint as area from range({rows})) "
        f"to '{path}' (format parquet)"
    )
    return Candidate(dataset=dataset, parquet=path, rows=rows, data_time=date(2026, 1, 5))


def ask(store: OpenStore, query: str, *, file: str = "open.duckdb") -> list[tuple[object, ...]]:
    with duckdb.connect(str(store.root / file), read_only=True) as con:
        return con.execute(query).fetchall()


def suspend(store: OpenStore, dataset_id: str = "parks") -> None:
    store.suspend(dataset_id, case="2026-7", reason="坐标有误", actor="张三", at=FRIDAY)


def everything_under(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


def test_a_published_dataset_is_read_from_duckdb_and_from_polars(store: OpenStore) -> None:
    release = store.publish([a_candidate(store)])

    assert (release.number, release.settled) == (1, True)
    assert ask(store, "select count(*), min(area) from parks") == [(3, 1)]
    assert pl.read_parquet(store.root / "datasets/parks/parks.parquet").shape == (3, 2)


def test_the_views_speak_chinese_to_the_analyst(store: OpenStore) -> None:
    store.publish([a_candidate(store)])

    views = ask(store, "select view_name, comment from duckdb_views() where not internal")
    columns = ask(
        store, "select column_name, comment from duckdb_columns() where table_name = 'parks'"
    )
    listed = ask(store, "select id, title, version, rows, data_time from _datasets")

    assert views == [("parks", "公园名录：全市公园")]
    assert columns == [("name", "公园名称"), ("area", "面积（公顷）")]
    assert listed == [("parks", "公园名录", 1, 3, "2026-01-05")]


def test_older_duckdb_can_open_the_views(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    store.publish([a_candidate(store, tag=2)])

    header = (store.root / "open.duckdb").read_bytes()[:20]

    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_the_manifest_pins_every_byte(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    store.publish([a_candidate(store, tag=2)])

    pointer = json.loads((store.root / "current.json").read_bytes())
    manifest = (store.root / "releases" / "2.json").read_bytes()
    line = store.current().datasets["parks"]
    file = store.root / "datasets/parks/files" / f"{line.sha256}.parquet"

    assert pointer == {"release": 2, "sha256": hashlib.sha256(manifest).hexdigest()}
    assert line.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert store.current().previous == _sha256(store.root / "releases" / "1.json")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_version_stays_readable(store: OpenStore) -> None:
    for tag in (1, 2, 1):
        store.publish([a_candidate(store, tag=tag)])

    versions = store.versions("parks")

    assert [each.version for each in versions] == [1, 2, 3]
    assert versions[0].sha256 == versions[2].sha256 != versions[1].sha256
    assert len(list((store.root / "datasets/parks/files").iterdir())) == 2


def test_the_data_package_describes_the_immutable_file(store: OpenStore) -> None:
    licensed = replace(PARKS, release=ReleasePlan(licence="CC-BY-4.0"))
    store.publish([a_candidate(store, licensed)])

    folder = store.root / "datasets/parks"
    package = json.loads((folder / "datapackage.json").read_bytes())
    resource = package["resources"][0]

    assert package["$schema"].endswith("/2.0/datapackage.json")
    assert (package["name"], package["title"], package["version"]) == ("parks", "公园名录", "1")
    assert package["licenses"] == [{"name": "CC-BY-4.0"}]
    assert resource["hash"] == f"sha256:{_sha256(folder / resource['path'])}"
    assert resource["bytes"] == (folder / resource["path"]).stat().st_size
    assert resource["schema"]["fields"] == [
        {"name": "name", "title": "公园名称", "type": "string"},
        {"name": "area", "title": "面积（公顷）", "type": "integer"},
    ]


def test_an_undeclared_licence_is_left_out_of_the_data_package(store: OpenStore) -> None:
    store.publish([a_candidate(store)])

    package = json.loads((store.root / "datasets/parks/datapackage.json").read_bytes())
    assert "licenses" not in package


def test_publishing_the_same_again_changes_nothing(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    before = everything_under(store.root)
    announced: list[Release] = []

    again = store.publish([a_candidate(store)], announce=announced.append)

    assert (again.number, again.published[0].version, again.published[0].changed) == (1, 1, False)
    assert announced == []
    assert everything_under(store.root) == before


def test_a_new_description_of_the_same_bytes_is_a_new_version(store: OpenStore) -> None:
    store.publish([a_candidate(store)])

    retitled = store.publish([a_candidate(store, replace(PARKS, title="公园"))])

    assert retitled.published[0].version == 2
    assert ask(store, "select title from _datasets") == [("公园",)]
    assert len(list((store.root / "datasets/parks/files").iterdir())) == 1


def test_several_datasets_become_current_together(store: OpenStore) -> None:
    release = store.publish([a_candidate(store), a_candidate(store, PERMITS)])

    assert [each.dataset_id for each in release.published] == ["parks", "permits"]
    assert list(store.current().datasets) == ["parks", "permits"]
    assert store.current().release == 1


def test_a_release_is_announced_before_anybody_can_see_it(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    seen: list[tuple[Release, int]] = []

    def announce(release: Release) -> str:
        seen.append((release, store.current().release))
        return "head-of-the-record"

    store.publish([a_candidate(store, tag=2), a_candidate(store, PERMITS)], announce=announce)

    told, current = seen[0]
    assert (told.number, current) == (2, 1)
    assert [(each.dataset_id, each.version, each.changed) for each in told.published] == [
        ("parks", 2, True),
        ("permits", 1, True),
    ]
    assert store.current().record == "head-of-the-record"


def test_what_cannot_be_recorded_is_not_published(store: OpenStore) -> None:
    store.publish([a_candidate(store)])
    before = everything_under(store.root)
    candidate = a_candidate(store, tag=2)

    def unwritable(_: Release) -> str:
        raise RuntimeError("no room for the record")

    with pytest.raises(RuntimeError, match="no room"):
        store.publish([candidate, a_candidate(store, PERMITS)], announce=unwritable)

    assert everything_under(store.root) == before
    assert ask(store, "select min(area) from parks") == [(1,)]
    assert store.publish([candidate]).published[0].version == 2


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        pytest.param("1 as name, 2 as area, 3 as keeper", 3, "nothing undeclared", id="dropped"),
        pytest.param("1 as name", 3, "nothing undeclared", id="missing"),
        pytest.param("1 as name, 2 as area", 4, "has 3 rows, the run accounts for 4", id="rows"),
    ],
)
def test_only_what_was_declared_is_published(
    store: OpenStore, columns: str, rows: int, message: str
) -> None:
    path = store.stage("parks")
    duckdb.sql(f"copy (select {columns} from range(3)) to '{path}' (format parquet)")

    with pytest.raises(StoreError, match=message):
        store.publish([Candidate(dataset=PARKS, parquet=path, rows=rows, data_time=None)])

    assert store.current().release == 0


def test_a_file_that_is_not_parquet_is_refused(store: OpenStore) -> None:
    path = store.stage("parks")
    path.write_text("张三,13800138000")

    with pytest.raises(StoreError, match="not readable Parquet") as refused:
        store.publish([Candidate(dataset=PARKS, parquet=path, rows=1, data_time=None)])

    assert "13800138000" not in str(refused.value)


def test_one_release_takes_one_candidate_per_dataset(store: OpenStore) -> None:
    with pytest.raises(StoreError, match="two candidates for one dataset"):
        store.publish([a_candidate(store), a_candidate(store, tag=2)])


def test_published_files_cannot_be_written_through_their_friendly_names(store: OpenStore) -> None:
    store.publish([a_candidate(store)])

    for name in ("datasets/parks/parks.parquet", "open.duckdb"):
        assert (store.root / name).stat().st_mode & 0o222 == 0


def test_only_the_public_store_is_for_everybody(tmp_path: Path) -> None:
    for name in ("public", "conditional"):
        OpenStore(tmp_path / name, name=name).recover()

    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir() if each.is_dir()}

    assert modes == {
        "public": 0o755,
        "conditional": 0o700,
        "_staging": 0o700,
        "_withheld": 0o700,
        "_withdrawn": 0o700,
    }


def test_old_views_are_dropped_after_a_while(store: OpenStore) -> None:
    for tag in range(6):
        store.publish([a_candidate(store, tag=tag)])

    kept = sorted(each.name for each in store.root.glob("open*.duckdb"))
    assert kept == ["open-4.duckdb", "open-5.duckdb", "open-6.duckdb", "open.duckdb"]
    assert ask(store, "select min(area) from parks", file="open-4.duckdb") == [(3,)]


def test_an_empty_store_is_release_zero(store: OpenStore) -> None:
    assert store.current().release == 0
    assert store.versions("parks") == ()
    assert store.publish([]).number == 0


# --- suspension ----------------------------------------------------------------------------------


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
        if step == at and not store.withheld():
            withhold_only(tmp_path / "public")

    store = OpenStore(tmp_path / "public", name="public", on_step=friday_evening)

    with pytest.raises(Withheld):
        store.publish([a_candidate(store)])

    assert store.current().release == 0
    assert list((store.root / "datasets").iterdir()) == []


def withhold_only(root: Path) -> None:
    """What a suspension in another process does before it waits for the lock."""
    from resources.withheld import WithheldList, Withholding

    WithheldList(root.parent / "withheld.json").add(
        Withholding(dataset_id="parks", case="x", reason="x", actor="x", at="x")
    )


def test_a_restored_dataset_is_byte_for_byte_what_it_was(store: OpenStore) -> None:
    for tag in (1, 2):
        store.publish([a_candidate(store, tag=tag)])
    versions = store.versions("parks")
    suspend(store)

    store.restore("parks")

    assert store.versions("parks") == versions
    assert ask(store, "select min(area) from parks") == [(2,)]
    assert store.withheld() == ()
    assert store.publish([a_candidate(store, tag=3)]).published[0].version == 3


def test_what_was_altered_while_withheld_is_not_restored(store: OpenStore, tmp_path: Path) -> None:
    store.publish([a_candidate(store)])
    suspend(store)
    file = next((tmp_path / "store/_withheld/public/parks/files").iterdir())
    file.chmod(0o600)
    file.write_bytes(b"x")

    with pytest.raises(StoreError, match="altered while it was withheld"):
        store.restore("parks")

    assert [each.dataset_id for each in store.withheld()] == ["parks"]


def test_only_what_is_withheld_can_be_restored(store: OpenStore) -> None:
    with pytest.raises(StoreError, match="nothing to restore"):
        store.restore("parks")


def test_a_dataset_may_be_suspended_before_it_was_ever_published(store: OpenStore) -> None:
    suspend(store)

    with pytest.raises(Withheld):
        store.publish([a_candidate(store)])
    store.restore("parks")
    assert store.publish([a_candidate(store)]).number == 1


def test_a_suspension_reaches_every_store_of_the_family(store: OpenStore, tmp_path: Path) -> None:
    other = OpenStore(tmp_path / "store" / "conditional", name="conditional")
    store.publish([a_candidate(store, PERMITS)])
    other.publish([a_candidate(other)])

    suspend(store)

    assert other.current().datasets == {}
    assert not (other.root / "datasets/parks").exists()
    store.restore("parks")
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


# --- classes -------------------------------------------------------------------------------------


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

    with pytest.raises(StoreError, match="parks is withheld and nothing of it can be published"):
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


# --- damage and repair ---------------------------------------------------------------------------


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
