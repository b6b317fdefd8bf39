import json
from datetime import date
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

SCHEMA = json.loads((files("opendata") / "catalog.schema.json").read_text(encoding="utf-8"))
CITY = files("pipelines.demo") / "city" / "catalog"
ENTRIES = {
    each.name: each.read_text(encoding="utf-8")
    for body in CITY.iterdir()
    if body.is_dir()
    for each in body.iterdir()
    if each.name.endswith(".yaml")
}


def as_an_editor_reads(text: str) -> Any:
    def spelled(value: object) -> str:
        assert isinstance(value, date)
        return value.isoformat()

    return json.loads(json.dumps(yaml.safe_load(text), default=spelled))


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_editor_finds_nothing_wrong_with_a_good_entry(name: str) -> None:
    jsonschema.validate(as_an_editor_reads(ENTRIES[name]), SCHEMA)


def test_an_editor_marks_a_word_that_is_not_the_laws() -> None:
    text = ENTRIES["venues.yaml"].replace("无条件开放", "随便开放")

    with pytest.raises(jsonschema.ValidationError, match="随便开放"):
        jsonschema.validate(as_an_editor_reads(text), SCHEMA)
