"""Corpora that others made: what is found in them and what is not is what the document says."""

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from opendata.vocabulary import Semantic
from resources.recognisers import find

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the corpora of others are not on this machine ({DATA})"
)
KINDS = {
    "phone": {Semantic.MOBILE, Semantic.LANDLINE},
    "id_number": {Semantic.CITIZEN_ID},
    "bank_card": {Semantic.BANK_CARD},
    "license_plate": {Semantic.PLATE},
    "passport": {Semantic.PASSPORT},
    "military_id": {Semantic.MILITARY_ID},
    "social_security": {Semantic.SOCIAL_SECURITY, Semantic.CITIZEN_ID},
    "address": {Semantic.ADDRESS},
    "ip_address": {Semantic.IP_ADDRESS},
    "email": {Semantic.EMAIL},
    "person": {Semantic.PERSON_NAME},
}
FILES = {
    "zh_phone": (1, 0),
    "zh_id_number": (0, 0),
    "zh_bank_card": (1, 0),
    "zh_license_plate": (0, 0),
    "zh_passport": (0, 0),
    "zh_military_id": (0, 0),
    "zh_social_security": (0, 1),
    "zh_address": (3, 0),
    "shared_ip": (0, 0),
    "email": (1, 1),
    "zh_person": (2, 0),
}
"""How many of each file are missed, and found against its labels; the document explains each."""

Case = dict[str, object]


def is_found(case: Case) -> bool:
    text, wanted = str(case["input"]), str(case.get("expected_text") or "")
    seen = [text[s.start : s.end] for s in find(text) if s.kind in KINDS[str(case["type"])]]
    return any(not wanted or wanted in each or each in wanted for each in seen)


@pytest.mark.parametrize("name", list(FILES))
def test_a_fixture_is_missed_only_where_the_document_says(name: str) -> None:
    cases = json.loads((DATA / "zh_pii_fixtures" / f"{name}.json").read_text("utf-8"))

    missed = sum(bool(each["should_match"]) and not is_found(each) for each in cases)
    beyond = sum(not each["should_match"] and is_found(each) for each in cases)

    assert (missed, beyond) == FILES[name]


def test_what_hides_in_the_remarks_of_synthetic_persons_is_found() -> None:
    people = pl.read_parquet(DATA / "synthetic_persons_zh" / "persons.parquet")
    labels = pl.read_parquet(DATA / "synthetic_persons_zh" / "note_spans.parquet")
    kinds = {"id": Semantic.CITIZEN_ID, "phone": Semantic.MOBILE, "name": Semantic.PERSON_NAME}
    wanted = {(row, value, kinds[kind]) for row, _, kind, value in labels.iter_rows()}
    found = {
        (row, text[span.start : span.end], span.kind)
        for row, text in people.select("序号", "备注").iter_rows()
        for span in find(text or "")
    }

    missed = Counter(kind for _, _, kind in wanted - found)

    assert found - wanted == set()
    assert missed == {Semantic.PERSON_NAME: 122}
