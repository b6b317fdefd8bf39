"""``opendata keys``: made once, renewed with the old kept, and never shown."""

from typing import Any

import pytest
import yaml

from tests.journeys.homes import KEY, City, csv_text

PERSON = {
    "title": "经办人",
    "semantic": "业务编号",
    "role": "直接标识符",
    "action": "假名",
    "purpose": "办件统计",
}


@pytest.fixture
def desks(city: City) -> City:
    """Thirty cases of ten desks, whose numbers are opened as pseudonyms."""
    fields: dict[str, Any] = {
        "no": {"title": "编号", "required": True, "key": True},
        "updated_on": {"title": "更新日期", "type": "date", "required": True},
        "person": PERSON,
    }
    city.lists("cases", fields=fields)
    rows = [(f"P-{n:04}", "2026-03-15", f"W{n % 10:05}") for n in range(30)]
    city.hands_over("cases", csv_text(rows, headings=("编号", "更新日期", "经办人")))
    return city


def names(city: City) -> set[str]:
    return {row[0] for row in city.query("select person from cases")}


def test_a_renewed_key_changes_every_pseudonym_at_the_next_run_and_says_so(desks: City) -> None:
    desks.run()
    before = names(desks)

    told = desks.opendata("keys", "rotate", "--reason", "年度更换")
    between = desks.opendata("keys", "check")
    desks.run()

    assert told.code == between.code == 0
    assert "在用第2版" in told.out
    assert "下次运行将以新密钥重新生成假名：cases目录。" in told.out
    assert "由第1版生成；下次运行以新密钥重新生成" in between.out
    assert len(names(desks)) == len(before) == 10
    assert not names(desks) & before
    assert "由在用密钥生成" in desks.opendata("keys", "check").out


def test_a_release_made_with_a_key_that_is_gone_cannot_be_explained(desks: City) -> None:
    desks.run()
    desks.key.write_text("5a" * 32 + "\n")

    told = desks.opendata("keys", "check", "--json")

    assert told.code == 2
    assert told.json["explained"] is False
    assert told.json["purposes"][0]["made_by"] is None


def test_renewing_is_in_the_record_before_it_happens(desks: City) -> None:
    desks.opendata("keys", "rotate", "--reason", "年度更换")

    (event,) = desks.events("settings") or desks.events("变更设置")
    assert event["detail"]["key"]["renewed_from_version"] == 1
    assert event["detail"]["reason"] == "年度更换"


def test_no_key_is_ever_shown(desks: City) -> None:
    desks.run()
    said = [desks.opendata("keys", *words) for words in (("check",), ("rotate", "--reason", "换"))]
    material = [line.rpartition(":")[2] for line in desks.key.read_text().split()]
    written = b"".join(
        each.read_bytes()
        for folder in ("record", "reports", "store")
        for each in (desks.root / folder).rglob("*")
        if each.is_file()
    )

    assert KEY in material
    for key in material:
        assert not any(key in each.out + each.err for each in said)
        assert key.encode() not in written
        assert bytes.fromhex(key) not in written


def test_a_key_is_created_where_there_is_none_and_never_again(city: City) -> None:
    city.key.unlink()
    assert city.opendata("keys", "check").code == 2

    assert city.opendata("keys", "create").code == 0
    again = city.opendata("keys", "create")

    assert again.code == 2
    assert "never overwritten" in again.err
    assert "没有以假名开放" in city.opendata("keys", "check").out


@pytest.mark.parametrize("verb", ["create", "rotate"], ids=["create", "rotate"])
def test_a_key_that_lies_elsewhere_is_made_and_renewed_there(city: City, verb: str) -> None:
    settings = yaml.safe_load((city.root / "opendata.yaml").read_text("utf-8"))
    command = f"command:echo {KEY}"
    city.put("opendata.yaml", yaml.safe_dump(settings | {"key": command}, allow_unicode=True))

    refused = city.opendata("keys", verb, *(["--reason", "换"] if verb == "rotate" else []))

    assert refused.code == 2
    assert city.events() == []
