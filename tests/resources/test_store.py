import hashlib
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import ReleasePlan
from opendata.errors import StoreError
from resources.candidates import Candidate
from resources.releases import Release
from resources.store import OpenStore
from tests.resources.parks import (
    PARKS,
    PERMITS,
    a_candidate,
    a_store,
    ask,
    everything_under,
)


@pytest.fixture
def store(tmp_path: Path) -> OpenStore:
    return a_store(tmp_path)


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
