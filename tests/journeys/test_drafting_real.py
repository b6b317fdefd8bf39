"""Drafts of the published files, held against the entries that people wrote for them."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from opendata.catalog import Catalog, Dataset
from opendata.vocabulary import Semantic
from pipelines.drafting.draft import Draft
from pipelines.drafting.drafting import Asked, drafted
from resources.headings import tidy
from resources.home import Home
from tests.journeys.homes import City
from tests.journeys.test_real_files import BOUND, CITY, FILES, cells_of

pytestmark = pytest.mark.skipif(
    not FILES.is_dir(), reason=f"the published files are not on this machine ({FILES})"
)


class Drafts(NamedTuple):
    """What people wrote and what was drafted, by dataset."""

    written: Catalog
    drafts: Mapping[str, Draft]
    files: Mapping[str, Path]


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Drafts:
    city = City.found(tmp_path_factory.mktemp("real") / "home")
    shutil.copytree(CITY, city.root, dirs_exist_ok=True)
    home = Home.find(city.root)
    written = home.read_catalog()
    files = {each.id: _file_of(each) for each in written.datasets}
    made = {
        each.id: drafted(home, Asked(path=files[each.id], body=each.body, id=f"{each.id}_draft"))
        for each in written.datasets
    }
    return Drafts(written, made, files)


def _file_of(dataset: Dataset) -> Path:
    pattern = dataset.sources[0].files or ""
    (name,) = (
        name
        for place, name in BOUND.items()
        if place.startswith(f"inbox/{dataset.body}/") and Path(place).match(pattern)
    )
    return FILES / name


def agreeing(drafts: Drafts, key: str) -> tuple[int, int]:
    """For how many fields draft and hand say the same under ``key``, and of how many."""
    same = count = 0
    for dataset in drafts.written.datasets:
        fields = drafts.drafts[dataset.id].values()["fields"].values()
        proposed = {tidy(each["title"]): each for each in fields}
        for field in dataset.fields:
            by_hand = getattr(field, key)
            spelled = by_hand.value if hasattr(by_hand, "value") else by_hand
            default = "text" if key == "type" else None
            same += proposed.get(tidy(field.heading), {}).get(key, default) == spelled
            count += 1
    return same, count


def test_every_file_lands_by_its_draft_with_as_many_rows_as_by_hand(drafts: Drafts) -> None:
    landed = {key: (each.rows, each.blank) for key, each in drafts.drafts.items()}

    by_hand = {
        each.id: len(cells_of(drafts.files[each.id]))
        - each.sources[0].header_row
        - each.sources[0].footer_rows
        for each in drafts.written.datasets
    }
    assert {key: rows + blank for key, (rows, blank) in landed.items()} == by_hand


@pytest.mark.parametrize(
    ("key", "default"), [("header_row", 1), ("footer_rows", 0), ("delimiter", ","), ("sheet", None)]
)
def test_tables_are_found_where_people_found_them(
    drafts: Drafts, key: str, default: object
) -> None:
    different = [
        each.id
        for each in drafts.written.datasets
        if drafts.drafts[each.id].values()["source"].get(key, default)
        != getattr(each.sources[0], key)
    ]

    assert different == []


@pytest.mark.parametrize("key", ["type", "semantic"])
def test_types_and_meanings_are_those_people_gave(drafts: Drafts, key: str) -> None:
    same, count = agreeing(drafts, key)

    assert count == 153
    assert same >= 0.95 * count


def test_the_citizen_ids_in_a_column_of_codes_are_counted(drafts: Drafts) -> None:
    told = "\n".join(drafts.drafts["press_inspections"].look_first())

    assert "全文件 41 个值为公民身份号码" in told


def test_no_cell_of_the_files_is_in_a_draft(drafts: Drafts) -> None:
    shown = {}
    for key, each in drafts.drafts.items():
        said = each.text() + "\n".join((*each.look_first(), *each.undecided()))
        head = drafts.written.dataset(key).sources[0].header_row
        cells = {cell.strip() for row in cells_of(drafts.files[key])[head:] for cell in row}
        words = {each.value for each in Semantic} | {drafts.files[key].name}
        own = {c for c in cells if len(c) >= 6 and not any(c in word for word in words)}
        shown[key] = sum(cell in said for cell in own)

    assert shown == dict.fromkeys(shown, 0)
