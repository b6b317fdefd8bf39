"""The duplicates among files as a real portal published them, and those declared or not."""

import shutil
from pathlib import Path

import pytest
import yaml

from assets.journey import travel
from assets.resemblance import find_resemblances, sketched
from opendata.resemblance import Likeness, Resemblance
from resources.overlaps import inclusions, nearly_same_rows
from tests.journeys.homes import City, csv_text
from tests.journeys.test_real_files import BOUND, CITY, FILES, cells_of

SHARED = 1888
pytestmark = pytest.mark.skipif(
    not FILES.is_dir(), reason=f"the published files are not on this machine ({FILES})"
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The published files, standardised and no further."""
    city = City.found(tmp_path_factory.mktemp("real") / "home")
    shutil.copytree(CITY, city.root, dirs_exist_ok=True)
    for place, name in BOUND.items():
        (city.root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FILES / name, city.root / place)
    workshop = city.workshop()
    for dataset in workshop.catalog.in_reading_order:
        travel(workshop, dataset)
    return city


def found(city: City) -> list[Resemblance]:
    return list(find_resemblances(city.workshop()))


def test_the_one_pair_of_identical_files_is_all_that_is_found(real: City) -> None:
    assert [(each.likeness, {each.copy, each.original}) for each in found(real)] == [
        (Likeness.SAME_BYTES, {"building_permits", "municipal_permits"})
    ]


def test_the_same_permits_in_another_order_and_under_other_headings_are_found(
    real: City, tmp_path: Path
) -> None:
    city = City(shutil.copytree(real.root, tmp_path / "home"))
    entry = yaml.safe_load(
        (CITY / "catalog" / "planning" / "municipal_permits.yaml").read_text(encoding="utf-8")
    )
    fields = {f"{name}_2": field for name, field in reversed(entry["fields"].items())}
    headed = [f"栏{n}" for n in range(len(fields))]
    for heading, field in zip(headed, fields.values(), strict=True):
        field["heading"] = heading
    entry |= {"fields": fields, "data_time": {"field": "issued_on_2"}}
    city.put("catalog/planning/municipal_permits.yaml", yaml.safe_dump(entry, allow_unicode=True))
    (given,) = (city.root / "inbox" / "planning").glob("*（市政类）.csv")
    turned = [row[::-1] for row in cells_of(given)[:0:-1]]
    given.write_bytes(csv_text(turned, headings=headed))
    workshop = city.workshop()
    travel(workshop, workshop.catalog.dataset("municipal_permits"))

    assert [(each.likeness, {each.copy, each.original}) for each in found(city)] == [
        (Likeness.SAME_ROWS, {"building_permits", "municipal_permits"})
    ]


def test_the_codes_two_lists_share_are_estimated_within_the_interval(
    real: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.overlaps.CONTAINED", 0.1)
    monkeypatch.setattr("resources.overlaps._FIRST_MET", 0.01)
    workshop = real.workshop()
    names = ("hightech_enterprises", "tech_smes")
    with workshop.connection() as con:
        made = {each: sketched(workshop, con, workshop.catalog.dataset(each)) for each in names}
    sketches = {name: each for name, each in made.items() if each is not None}

    counted = {
        each.copy: each.counted for each in inclusions(sketches, {each: each for each in names})
    }

    for name in names:
        low, high = counted[name, "uscc"].interval
        assert low - 0.01 < SHARED / sketches[name].rows < high + 0.01
    assert list(nearly_same_rows(sketches)) == []
