import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pytest

from pipelines.demo.persons import a_citizen_id, a_mobile
from tests.journeys.homes import FIELDS, HEADINGS, KEY, City, Row, csv_text

DIRECT = {"role": "直接标识符"}
PERSONAL = {
    **FIELDS,
    "person": {"title": "证件号", "semantic": "公民身份号码", **DIRECT, "action": "假名"}
    | {"purpose": "测试"},
    "holder": {"title": "姓名", "semantic": "自然人姓名", **DIRECT, "action": "遮盖"}
    | {"preset": "姓名"},
    "mobile": {"title": "电话", "semantic": "手机号码", **DIRECT, "action": "遮盖"}
    | {"preset": "手机号"},
    "remark": {"title": "备注", "semantic": "自由文本", "action": "抹除文中标识"},
}
PERSONAL_HEADINGS = (*HEADINGS, "证件号", "姓名", "电话", "备注")
BROKEN_MODEL = """
select no, name, updated_on, 1 // length(replace(holder, holder, '')) as broken,
    cast(holder as integer) as holder_number, _row
from {{ ref('opened') }}
"""


class Canary(NamedTuple):
    """One invented person, whose every value must stay inside."""

    citizen_id: str
    mobile: str
    name: str


class Flown(NamedTuple):
    """A city in which every kind of passage met canaries, and all that was ever said about it."""

    city: City
    outcomes: dict[str, Any]
    said: str
    canaries: tuple[Canary, ...]

    @property
    def values(self) -> list[str]:
        return [value for canary in self.canaries for value in canary]


def canaries(count: int) -> tuple[Canary, ...]:
    """People with names of characters that stand in no report by chance."""
    rng = Random("canaries")
    rare = [chr(code) for code in range(0x9F00, 0x9FA0)]
    return tuple(
        Canary(
            citizen_id=a_citizen_id(date(1970, 1, 1) + timedelta(days=211 * n), n),
            mobile=a_mobile(rng),
            name="".join(rng.sample(rare, 3)),
        )
        for n in range(count)
    )


def personal(people: Iterable[Canary], *, start: int = 1) -> Iterator[Row]:
    for n, each in enumerate(people, start=start):
        remark = f"联系{each.mobile}，证件{each.citizen_id}。"
        plain = (f"P-{n:04d}", f"园{n}", "2026-03-15")
        yield (*plain, each.citizen_id, each.name, each.mobile, remark)


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Flown:
    city = City.found(tmp_path_factory.mktemp("canaries") / "home")
    birds = canaries(40)
    plant(city, birds)
    run = city.apart("run", "--as-of", "2026-03-31", "--json")
    said = run.out + run.err
    for words in (("run",), ("status",), ("status", "--json"), ("report",), ("check",)):
        told = city.opendata(*words)
        said += told.out + told.err
    for dataset in json.loads(run.out):
        for form in ((), ("--json",)):
            told = city.opendata("explain", dataset["id"], *form)
            said += told.out + told.err
    return Flown(city, run.outcomes, said, birds)


def plant(city: City, birds: tuple[Canary, ...]) -> None:
    """Canaries on every way a passage can go: open, judged bad, miscast, refused, unreadable."""
    groups = [birds[place : place + 5] for place in range(0, len(birds), 5)]

    city.lists("opened", fields=PERSONAL)
    city.hands_over("opened", csv_text(personal(groups[0]), headings=PERSONAL_HEADINGS))

    strict = {**PERSONAL, "no": FIELDS["no"] | {"pattern": "P-[0-9]{4}"}}
    city.lists("judged_bad", fields=strict)
    bad = [(each.citizen_id, *row[1:]) for each, row in zip(groups[1], personal(groups[1]))]  # noqa: B905
    city.hands_over("judged_bad", csv_text([*bad, *bad], headings=PERSONAL_HEADINGS))

    numbers = {"name": {"title": "名称", "type": "integer"}, "updated_on": FIELDS["updated_on"]}
    city.lists("miscast", fields={**FIELDS, **numbers})
    wrong = [
        (f"P-{n}", each.name + each.mobile, each.citizen_id) for n, each in enumerate(groups[2])
    ]
    city.hands_over("miscast", wrong)

    city.put("codes/kinds.csv", "code,title\n甲,甲类\n")
    city.lists("uncoded", fields={**FIELDS, "name": {"title": "名称", "code_table": "kinds"}})
    city.hands_over("uncoded", [(f"Q-{n}", b.name, "2026-03-15") for n, b in enumerate(groups[3])])

    city.lists("refused")
    city.hands_over("refused", [(b.citizen_id, b.mobile, "2026-03-15") for b in groups[4]])

    city.lists("wrong_headings", fields=PERSONAL)
    rows = list(personal(groups[5]))
    city.hands_over("wrong_headings", csv_text(rows, headings=(*PERSONAL_HEADINGS[:-1], "附注")))

    city.lists("headless", fields=PERSONAL)
    bare = csv_text(personal(groups[6]), headings=PERSONAL_HEADINGS).split(b"\r\n", 1)[1]
    city.hands_over("headless", bare)

    rest = list(personal(groups[7]))
    city.lists("ragged", fields=PERSONAL)
    city.hands_over("ragged", csv_text([*rest, rest[0][:5]], headings=PERSONAL_HEADINGS))
    city.lists("cut", fields=PERSONAL)
    torn = csv_text(rest, headings=PERSONAL_HEADINGS) + f'P-9,"{birds[-1].name}'.encode()
    city.hands_over("cut", torn)
    city.lists("garbled", fields=PERSONAL)
    garbled = csv_text(rest, headings=PERSONAL_HEADINGS) + birds[-1].name.encode() + b"\xff\xfe\r\n"
    city.hands_over("garbled", garbled)

    fields = {**FIELDS, "broken": {"title": "坏", "type": "integer"}} | {
        "holder_number": {"title": "坏二", "type": "integer"}
    }
    city.lists("broken_model", model=BROKEN_MODEL, fields=fields)


def spellings(value: str) -> Iterator[bytes]:
    """The bytes by which a value could be written somewhere."""
    for raw in (value.encode(), value.encode("gb18030"), value.encode("utf-16-le")):
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        # Base64 of the value at any of the three places it can have within three bytes.
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + raw)
            yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
    yield value.encode("utf-16-be")
    if not value.isascii():
        yield json.dumps(value)[1:-1].encode()


def outside(city: City) -> dict[str, bytes]:
    """Every file of the home that is not raw data by its place; columnar files also unpacked."""
    found = {}
    for path in sorted(city.root.rglob("*")):
        place = path.relative_to(city.root)
        if path.is_file() and place.parts[0] not in ("restricted", "inbox"):
            found[place.as_posix()] = path.read_bytes() + unpacked(path)
    return found


def unpacked(path: Path) -> bytes:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).write_csv().encode()
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            views = con.execute("select view_name, sql from duckdb_views() where not internal")
            return str(views.fetchall()).encode()
    return b""


def holding(files: dict[str, bytes], values: Iterable[str]) -> dict[str, int]:
    """How many spellings each file holds; a test must not print the values themselves."""
    wanted = [spelling for value in values for spelling in spellings(value) if len(spelling) > 5]
    counts = {name: sum(each in content for each in wanted) for name, content in files.items()}
    return {name: count for name, count in counts.items() if count}


def test_every_kind_of_passage_met_canaries(flown: Flown) -> None:
    assert len(flown.values) == 120
    assert {key: told["verdict"] for key, told in flown.outcomes.items()} == {
        "opened": "released",
        "judged_bad": "blocked",
        "miscast": "blocked",
        "uncoded": "blocked",
        "refused": "blocked",
        "wrong_headings": "failed",
        "headless": "failed",
        "ragged": "failed",
        "cut": "failed",
        "garbled": "failed",
        "broken_model": "failed",
    }


def test_the_search_finds_what_it_looks_for(flown: Flown) -> None:
    inbox = {path.name: path.read_bytes() for path in (flown.city.root / "inbox").rglob("*.csv")}

    assert set(holding(inbox, flown.values)) == set(inbox)
    for value in flown.canaries[0]:
        packed = base64.b64encode(f"xy{value}z".encode())
        assert holding({"packed": packed, "wide": value.encode("utf-16-le")}, [value]).keys() == {
            "packed",
            "wide",
        }


def test_no_canary_leaves_the_restricted_folder(flown: Flown) -> None:
    files = outside(flown.city)

    assert len(files) > 50
    assert any(name.startswith("dagster/") for name in files)
    assert holding(files, flown.values) == {}


def test_no_canary_is_ever_said(flown: Flown) -> None:
    assert "opened" in flown.said
    assert holding({"said": flown.said.encode()}, flown.values) == {}


def test_the_master_key_is_nowhere_but_in_its_file(flown: Flown) -> None:
    key = bytes.fromhex(KEY)
    forms = [
        key,
        KEY.encode(),
        KEY.upper().encode(),
        base64.b64encode(key),
        KEY.encode("utf-16-le"),
    ]
    files = {
        path.relative_to(flown.city.root).as_posix(): path.read_bytes()
        for path in flown.city.root.rglob("*")
        if path.is_file()
    }

    assert [name for name, held in files.items() if any(form in held for form in forms)] == [
        "restricted/keys/master.key"
    ]
    assert KEY not in flown.said


def test_raw_data_is_readable_by_its_owner_only(flown: Flown) -> None:
    root = flown.city.root

    modes = {
        name: oct((root / name).stat().st_mode & 0o777)
        for name in ("restricted", "restricted/keys", "record", "dagster", "store/conditional")
        if (root / name).exists()
    }

    assert set(modes.values()) == {"0o700"}
