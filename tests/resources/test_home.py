import subprocess
import sys
import threading
from pathlib import Path

import pytest

from opendata.errors import CatalogError, HomeError
from resources.home import Home
from tests.journeys.homes import ROOT, City

SETTINGS = """
city: 测试市
regimes: [xian-open-2022]
deployment_role: opener_upstream
platform: {name: 平台}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "opendata.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def test_a_home_is_where_one_says(root: Path) -> None:
    assert Home.find(root).root == root


def test_a_home_is_where_the_environment_says(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("OPENDATA_HOME", str(root))

    assert Home.find().root == root


def test_a_home_is_the_nearest_one_upward(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = root / "catalog" / "market"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)

    assert Home.find().root == root


def test_where_there_is_none_the_way_to_make_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(HomeError, match="run `opendata init DIR` or point --home at a home"):
        Home.find()
    with pytest.raises(HomeError, match=r"is no home: it holds no opendata\.yaml"):
        Home.find(tmp_path)


def test_preparing_makes_every_folder_and_the_private_ones_private(root: Path) -> None:
    home = Home.find(root).prepare()

    modes = {
        each.relative_to(root).as_posix(): each.stat().st_mode & 0o777
        for each in (home.restricted, home.record, home.dagster, home.restricted / "keys")
    }
    assert modes == dict.fromkeys(modes, 0o700)
    assert all(each.is_dir() for each in (home.inbox, home.store, home.reports, home.scratch))


def test_preparing_again_changes_nothing_and_mends_permissions(root: Path) -> None:
    home = Home.find(root).prepare()
    (home.dagster / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    home.restricted.chmod(0o755)

    home.prepare()

    assert (home.dagster / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"
    assert home.restricted.stat().st_mode & 0o777 == 0o700


def test_the_orchestrator_is_told_to_stay_on_this_machine(root: Path) -> None:
    text = (Home.find(root).prepare().dagster / "dagster.yaml").read_text()

    assert "telemetry:\n  enabled: false" in text
    assert "nux:\n  enabled: false" in text


def test_the_catalog_is_read_from_its_files_alone(city: City) -> None:
    city.lists("parks")
    city.put("catalog/market/notes.txt", "not a catalog file")
    city.put("codes/kinds.csv", "\ufeffcode,title\n1,甲\n")

    catalog = Home.find(city.root).read_catalog()

    assert [each.id for each in catalog.datasets] == ["parks"]
    assert catalog.code_table("kinds").codes == (("1", "甲"),)


def test_an_entry_in_the_wrong_place_is_a_problem(city: City) -> None:
    city.lists("parks")
    city.put("catalog/market/old/parks.yaml", "id: parks\n")

    with pytest.raises(CatalogError, match="this is no place for a catalog file"):
        Home.find(city.root).read_catalog()


@pytest.mark.parametrize(
    ("register", "url"),
    [
        ("sqlite:///register.sqlite", "sqlite:///{root}/register.sqlite"),
        ("sqlite:////var/lib/register.sqlite", "sqlite:////var/lib/register.sqlite"),
        ("postgresql+psycopg2://host/db", "postgresql+psycopg2://host/db"),
    ],
    ids=["in_the_home", "absolute", "postgresql"],
)
def test_the_registers_address_is_resolved_against_the_home(
    root: Path, register: str, url: str
) -> None:
    (root / "opendata.yaml").write_text(f"{SETTINGS}register: {register}\n", encoding="utf-8")

    assert Home.find(root).register_url == url.format(root=root)


@pytest.mark.parametrize(
    ("key", "location"),
    [("file:keys/k", "file:{root}/keys/k"), ("env:CITY_KEY", "env:CITY_KEY")],
    ids=["file", "environment"],
)
def test_the_place_of_the_key_is_resolved_against_the_home(
    root: Path, key: str, location: str
) -> None:
    (root / "opendata.yaml").write_text(f"{SETTINGS}key: {key}\n", encoding="utf-8")

    assert Home.find(root).key_location() == location.format(root=root)


def test_working_starts_with_an_empty_scratch_folder(root: Path) -> None:
    home = Home.find(root).prepare()
    (home.scratch / "left").write_text("behind")

    with home.working():
        assert list(home.scratch.iterdir()) == []


def test_one_step_works_at_a_time(root: Path) -> None:
    home = Home.find(root).prepare()
    order: list[str] = []

    def second() -> None:
        with home.working():
            order.append("second")

    with home.working():
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()

    assert order == ["first", "second"]


def test_the_lock_dies_with_its_holder(root: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from resources.home import Home\n"
        "with Home.find(Path(sys.argv[1])).prepare().working(): os._exit(9)"
    )

    done = subprocess.run([sys.executable, "-c", code, str(root)], check=False, cwd=ROOT)
    with Home.find(root).working():
        pass

    assert done.returncode == 9


def test_settings_that_are_not_utf_8_are_said_to_be_so(root: Path) -> None:
    (root / "opendata.yaml").write_bytes(SETTINGS.encode("gb18030"))

    with pytest.raises(HomeError, match=r"opendata\.yaml is not UTF-8; save it as UTF-8"):
        _ = Home.find(root).settings


@pytest.mark.parametrize("content", ["utf-8-sig", "gb18030", "utf-16"])
def test_every_catalog_file_may_begin_with_a_mark_and_must_be_utf_8(
    city: City, content: str
) -> None:
    city.lists("parks")
    path = city.root / "catalog" / "market" / "parks.yaml"
    path.write_bytes(path.read_text(encoding="utf-8").encode(content))
    city.put("catalog/bodies.yaml", "bodies: {market: 市场局}\n".encode(content))

    found = [str(each) for each in Home.find(city.root).examine_catalog().problems]

    foreign = [] if content == "utf-8-sig" else ["catalog/bodies.yaml", "catalog/market/parks.yaml"]
    assert found == [f"{each}: this file is not UTF-8; save it as UTF-8." for each in foreign]


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("catalog/market/zoo.yml", "catalog/market/zoo.yaml"),
        ("catalog/market/zoo.YAML", "catalog/market/zoo.yaml"),
        ("codes/kinds.CSV", "codes/kinds.csv"),
    ],
    ids=["yml", "upper_case", "codes"],
)
def test_an_ending_that_is_not_read_is_a_problem(city: City, path: str, right: str) -> None:
    city.lists("parks")
    city.put(path, "id: zoo\n")

    with pytest.raises(CatalogError) as caught:
        Home.find(city.root).read_catalog()

    assert [str(each) for each in caught.value.problems] == [
        f"{path}: this ending is not read; rename it to {right}."
    ]


def test_a_folder_that_is_called_like_a_file_is_none(city: City) -> None:
    city.lists("parks")
    (city.root / "catalog" / "market" / "old.yaml").mkdir()

    assert len(Home.find(city.root).read_catalog().datasets) == 1
