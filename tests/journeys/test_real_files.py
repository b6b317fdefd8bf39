"""The files are as a real portal published them; people in them were replaced beforehand."""

import csv
import gzip
import io
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
import yaml
from python_calamine import CalamineWorkbook

from opendata.catalog import Catalog
from opendata.identifiers import is_citizen_id
from opendata.source import Source
from opendata.vocabulary import Action, FieldType
from resources.home import Home
from tests.journeys.homes import City, Ran

CITY = Path(__file__).parent / "real_city"
FILES = Path(__file__).parents[2].parent / "shared" / "data" / "beijing_open"
pytestmark = pytest.mark.skipif(
    not FILES.is_dir(), reason=f"the published files are not on this machine ({FILES})"
)
BOUND: Mapping[str, str] = yaml.safe_load((CITY / "inbox.yaml").read_text(encoding="utf-8"))
REFUSED = {
    "building_permits",
    "insurance_pilot",
    "land_deals",
    "municipal_permits",
    "water_projects",
}
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
csv.field_size_limit(sys.maxsize)

Cells = list[list[str]]


class Opened(NamedTuple):
    """The published files, run as a city on a day after the last of them."""

    city: City
    run: Ran
    catalog: Catalog


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    city = City.found(tmp_path_factory.mktemp("real") / "home")
    shutil.copytree(CITY, city.root, dirs_exist_ok=True)
    for place, name in BOUND.items():
        (city.root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FILES / name, city.root / place)
    return Opened(city, city.run(as_of="2024-06-30"), Home.find(city.root).read_catalog())


def cells_of(path: Path) -> Cells:
    """Every record of a file, read without a line of the product."""
    content = path.read_bytes()
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        book = CalamineWorkbook.from_path(str(path))
        sheet = next(each for each in map(book.get_sheet_by_name, book.sheet_names) if each.height)
        return [[_as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return list(csv.reader(io.StringIO(_decoded(content), newline="")))


def _as_text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def source_of(opened: Opened, dataset: str) -> tuple[Source, Cells]:
    entry = opened.catalog.dataset(dataset)
    (path,) = (opened.city.root / "inbox" / entry.body).glob(entry.sources[0].files or "")
    return entry.sources[0], cells_of(path)


def plain(text: str) -> str:
    """A text as two readers must agree on it: blanks, invisible and wide characters apart."""
    kept = unicodedata.normalize("NFKC", text).translate(INVISIBLE)
    return "".join(kept.split()).upper()


def released(opened: Opened) -> Iterator[tuple[str, pl.DataFrame]]:
    for store in (opened.city.public, opened.city.conditional):
        for path in sorted(store.glob("datasets/*/files/*.parquet")):
            yield path.parents[1].name, pl.read_parquet(path)


def test_most_are_opened_and_the_ruined_ones_are_not(opened: Opened) -> None:
    outcomes = opened.run.outcomes

    opening = {key for key, told in outcomes.items() if told["verdict"].startswith("released")}
    assert len(outcomes) == len(BOUND) == 20
    assert set(outcomes) - opening == REFUSED
    assert outcomes["gas_payments"]["verdict"] == "released_conditionally"
    assert opened.run.code == 3


def test_a_refusal_of_a_real_file_rests_on_its_quality(opened: Opened) -> None:
    rules = {
        dataset: [each["rule"] for each in opened.run.outcomes[dataset]["reasons"]]
        for dataset in REFUSED
    }

    assert rules == {dataset: ["QUA-02"] for dataset in REFUSED}


def test_every_record_is_counted_as_another_reader_counts_it(opened: Opened) -> None:
    counted = {}
    for dataset in opened.run.outcomes:
        source, cells = source_of(opened, dataset)
        counted[dataset] = len(cells) - source.header_row - source.footer_rows

    assert counted == {key: told["rows_landed"] for key, told in opened.run.outcomes.items()}


def test_no_record_is_lost_between_landing_and_judging(opened: Opened) -> None:
    lost = {
        key: told["rows_landed"] - told["rows_clean"] - told["rows_quarantined"]
        for key, told in opened.run.outcomes.items()
    }

    assert lost == dict.fromkeys(lost, 0)


def test_no_citizen_id_of_the_files_is_in_anything_released(opened: Opened) -> None:
    shape = re.compile(r"(?<![0-9A-Za-z])\d{2}0199\d{11}[\dXx](?![0-9A-Za-z])")
    people = {
        found.upper()
        for dataset in opened.run.outcomes
        for row in source_of(opened, dataset)[1]
        for cell in row
        for found in shape.findall(cell)
        if is_citizen_id(found.upper())
    }

    leaked = {
        (dataset, column)
        for dataset, frame in released(opened)
        for column in frame.columns
        for value in frame[column].cast(pl.String).drop_nulls().unique()
        if any(each.upper() in people for each in re.findall(r"\d{17}[\dXx]", value))
    }
    assert len(people) > 30
    assert leaked == set()


def test_kept_texts_are_the_sources_own(opened: Opened) -> None:
    damaged = {}
    for dataset, frame in released(opened):
        source, cells = source_of(opened, dataset)
        headings = [plain(each) for each in cells[source.header_row - 1]]
        for field in opened.catalog.dataset(dataset).released_fields:
            if field.type is FieldType.TEXT and field.treatment.action is Action.KEEP:
                place = headings.index(plain(field.heading))
                given = {plain(row[place]) for row in cells if place < len(row)}
                kept = {plain(each) for each in frame[field.name].drop_nulls()}
                damaged[f"{dataset}.{field.name}"] = len(kept - given)

    assert len(damaged) > 40
    assert {name: count for name, count in damaged.items() if count} == {}


@pytest.mark.parametrize(
    ("dataset", "column"),
    [
        ("hightech_enterprises", "uscc"),
        ("tech_smes", "uscc"),
        ("procurement_contracts", "contract_no"),
    ],
    ids=["uscc_of_gbk_file", "uscc_of_utf8_file", "number_in_workbook"],
)
def test_identifiers_never_become_numbers(opened: Opened, dataset: str, column: str) -> None:
    frames = dict(released(opened))
    source, cells = source_of(opened, dataset)
    heading = opened.catalog.dataset(dataset).field(column).heading
    place = [plain(each) for each in cells[source.header_row - 1]].index(plain(heading))

    given = {plain(row[place]) for row in cells[source.header_row :]} - {""}

    kept = frames[dataset][column]
    assert kept.dtype == pl.String
    assert len(kept.drop_nulls().unique()) >= 0.98 * len(given)
    assert not any(re.search(r"E\+|\.0$", each) for each in kept.drop_nulls())


def test_the_record_of_the_real_city_is_intact(opened: Opened) -> None:
    assert opened.city.opendata("record", "verify").code == 0
