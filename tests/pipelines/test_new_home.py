import re
from pathlib import Path

import pytest

from opendata.catalog_file import parse_catalog
from opendata.catalog_schema import json_schema
from opendata.vocabulary import Action
from pipelines.checking import check_home
from pipelines.new_home import SAMPLE, create_home, sample_entry
from resources.home import Home

ENTRY = SAMPLE.removesuffix(".sample")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return create_home(
        tmp_path / "home",
        city="测试市",
        role="opener_upstream",
        regimes=("xian-open-2022",),
        platform="平台",
    )


def test_a_new_home_shows_how_an_entry_is_written_and_lists_nothing(home: Home) -> None:
    assert (home.root / SAMPLE).read_text(encoding="utf-8") == sample_entry()
    assert check_home(home.root).as_json() == {"bodies": 0, "datasets": 0, "problems": []}


def test_the_sample_is_an_entry_once_it_is_renamed_and_its_body_declared(home: Home) -> None:
    (home.root / SAMPLE).rename(home.root / ENTRY)
    (home.root / "catalog" / "bodies.yaml").write_text("bodies: {example: 示例局}\n", "utf-8")

    assert check_home(home.root).as_json() == {"bodies": 1, "datasets": 1, "problems": []}


def test_the_sample_names_the_schema_an_editor_finds(home: Home) -> None:
    named = re.search(r"\$schema=(\S+)", sample_entry())

    assert named
    assert ((home.root / SAMPLE).parent / named[1]).resolve() == home.root / "catalog.schema.json"


def test_the_sample_shows_every_key_and_every_action() -> None:
    schema = json_schema()
    holders = [schema, *schema["$defs"].values()]
    keys = {key for each in holders for key in each.get("properties", {})}
    catalog = parse_catalog(
        {"catalog/bodies.yaml": "bodies: {example: 示例局}", ENTRY: sample_entry()}
    )

    assert {key for key in keys if not re.search(rf"\b{key}:", sample_entry())} == set()
    assert {each.treatment.action for each in catalog.datasets[0].fields} == set(Action)
