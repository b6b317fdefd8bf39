"""Linking tells who stands alone in a join, exactly, and only where two tables can be joined."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import Dataset, Field, Treatment
from opendata.linkage import Link, LinkageVerdict
from opendata.vocabulary import Action, FieldType, Role, Semantic
from resources.grains import Opened, opened
from resources.linkage import difference, keys_of, link
from tests.support import a_dataset, a_field

KEEP = Treatment(action=Action.KEEP, ground="依法公开")
QUASI = {"role": Role.QUASI, "treatment": KEEP}


def quasi(name: str, **changes: object) -> Field:
    return a_field(name, **QUASI | changes)


BORN = quasi("born", title="出生年份")
SEX = quasi("sex", title="性别")
STREET = quasi("street", title="街道")
SCHEME = a_field("scheme", title="救助类型", role=Role.SENSITIVE, treatment=KEEP)
NAME = a_field(
    "name", title="姓名", semantic=Semantic.PERSON_NAME, role=Role.DIRECT, treatment=KEEP
)
AID = a_dataset(id="aid", fields=(BORN, SEX, STREET, SCHEME))
ROSTER = a_dataset(id="roster", fields=(NAME, BORN, SEX, STREET))


def population(rows: int = 3000, streets: int = 60) -> pl.DataFrame:
    chance = random.Random(7)
    return pl.DataFrame(
        {
            "born": [str(chance.randint(1930, 2010)) for _ in range(rows)],
            "sex": [chance.choice("男女") for _ in range(rows)],
            "street": [f"第{chance.randint(1, streets)}街道" for _ in range(rows)],
            "scheme": [chance.choice("甲乙丙") for _ in range(rows)],
            "name": [f"人{each}" for each in range(rows)],
        }
    )


def released(folder: Path, dataset: Dataset, frame: pl.DataFrame, *, k: int = 5) -> Opened:
    path = folder / f"{dataset.id}-{len(list(folder.iterdir()))}.parquet"
    frame.select([each.name for each in dataset.released_fields]).write_parquet(path)
    return opened(duckdb.connect(), dataset, path, required_k=k)


def linked(ours: Opened, theirs: Opened) -> Link:
    found = link(duckdb.connect(), ours, theirs)
    assert found is not None
    return found


def joined_by_hand(
    ours: pl.DataFrame, theirs: pl.DataFrame, keys: Sequence[str]
) -> tuple[int, int, int, int]:
    a = Counter(ours.select(keys).iter_rows())
    b = Counter(theirs.select(keys).iter_rows())
    both = a.keys() & b.keys()
    return (
        sum(n == 1 for n in a.values()),
        sum(n == 1 for n in b.values()),
        sum(a[each] == b[each] == 1 for each in both),
        sum(a[each] for each in both if a[each] * b[each] < 5),
    )


@pytest.mark.parametrize("streets", [2, 20, 200])
def test_counts_are_those_of_a_join_by_hand(streets: int, tmp_path: Path) -> None:
    people = population(streets=streets)
    aid, roster = people.sample(900, seed=1), people.sample(1500, seed=2)

    found = linked(released(tmp_path, AID, aid), released(tmp_path, ROSTER, roster))

    assert {each[0] for each in found.keys} == {"born", "sex", "street"}
    assert (found.unique, found.other_unique, found.linked, found.small) == joined_by_hand(
        aid, roster, ("born", "sex", "street")
    )
    assert found.singled_out == found.linked


def test_a_roster_with_names_beside_a_table_without_is_never_opened(tmp_path: Path) -> None:
    people = population()

    found = linked(released(tmp_path, AID, people), released(tmp_path, ROSTER, people))

    assert found.verdict is LinkageVerdict.BLOCK
    assert (found.attached, found.given) == (("name",), ("scheme",))


def test_two_tables_without_names_are_for_the_committee(tmp_path: Path) -> None:
    people = population()
    other = replace(AID, id="work", fields=(BORN, STREET, SEX, a_field("work", title="职业")))
    works = people.with_columns(work=pl.col("scheme"))

    found = linked(released(tmp_path, AID, people), released(tmp_path, other, works))

    assert found.verdict is LinkageVerdict.REVIEW


def test_groups_that_stay_large_single_nobody_out(tmp_path: Path) -> None:
    people = population().with_columns(born=pl.col("born").str.head(2), street=pl.lit("第1街道"))

    found = linked(released(tmp_path, AID, people), released(tmp_path, ROSTER, people))

    assert (found.linked, found.verdict) == (0, LinkageVerdict.NONE)


def test_a_shared_pseudonym_puts_the_quasi_identifiers_of_both_together(tmp_path: Path) -> None:
    """Each is k-anonymous by itself; together they are not."""
    person = a_field(
        "person",
        title="人员",
        semantic=Semantic.CITIZEN_ID,
        role=Role.DIRECT,
        treatment=Treatment(action=Action.PSEUDONYM, purpose="统计"),
    )
    people = population(4000, streets=10).with_columns(
        person=pl.col("name") + "x", born=pl.col("born").str.head(3)
    )
    one = replace(AID, fields=(person, BORN, SCHEME))
    other = replace(AID, id="clinic", fields=(person, STREET, SEX))
    apart = [people.group_by(each).len()["len"] for each in (["born"], ["street", "sex"])]
    assert all((each >= 20).all() for each in apart)

    found = linked(released(tmp_path, one, people, k=20), released(tmp_path, other, people, k=20))
    together = people.group_by("born", "street", "sex").len()["len"]

    assert (found.linked, found.k) == (4000, together.min())
    assert found.singled_out == together.filter(together < 20).sum() > 0


def test_a_month_is_also_a_year(tmp_path: Path) -> None:
    fine = quasi("birth", title="出生月份", type=FieldType.DATE)
    coarse = quasi("born", title="出生年份", type=FieldType.DATE)
    by_month = replace(ROSTER, fields=(NAME, fine, SEX, STREET))
    by_year = replace(AID, fields=(coarse, SEX, STREET, SCHEME))
    people = population(streets=200).with_columns(birth=pl.col("born") + "-07")

    found = linked(released(tmp_path, by_year, people), released(tmp_path, by_month, people))

    assert ("born", "birth", "年") in found.keys
    assert found.linked


def test_columns_meet_by_what_they_hold_where_nothing_says_so(tmp_path: Path) -> None:
    place = quasi("place", title="辖区")
    other = replace(ROSTER, fields=(NAME, place, BORN))
    people = population().with_columns(place=pl.col("street"))
    ours = released(tmp_path, AID, people)

    keys = keys_of(ours, released(tmp_path, other, people))
    strangers = keys_of(ours, released(tmp_path, other, people.with_columns(place=pl.col("name"))))

    assert {(each.ours, each.theirs) for each in keys} == {("born", "born"), ("street", "place")}
    assert {(each.ours, each.theirs) for each in strangers} == {("born", "born")}


def test_few_values_in_common_are_a_coincidence(tmp_path: Path) -> None:
    grade = quasi("grade", title="等级")
    other = replace(ROSTER, fields=(NAME, grade))
    people = population().with_columns(grade=pl.col("sex"))

    assert keys_of(released(tmp_path, AID, people), released(tmp_path, other, people)) == ()


def test_tables_that_do_not_meet_are_not_linked(tmp_path: Path) -> None:
    parks = a_dataset(id="parks", fields=(a_field("park", title="公园"),))
    frame = population().with_columns(park=pl.col("name"))

    assert (
        link(duckdb.connect(), released(tmp_path, AID, frame), released(tmp_path, parks, frame))
        is None
    )


# --- a version and the one before it


def groups(folder: Path, sizes: dict[str, int], scheme: str = "甲") -> Opened:
    frame = pl.DataFrame(
        {
            "born": [born for born, size in sizes.items() for _ in range(size)],
            "sex": "男",
            "street": "第1街道",
            "scheme": scheme,
        }
    )
    return released(folder, AID, frame)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"1980": 9}, {"1980": 10}, (1, 0, 1, 0)),
        ({"1980": 9}, {"1980": 14}, (5, 0, 0, 0)),
        ({"1980": 9, "1990": 7}, {"1980": 9, "1990": 6}, (0, 1, 0, 1)),
        ({"1980": 9}, {"1980": 9}, (0, 0, 0, 0)),
        ({"1980": 9}, {"1980": 9, "1990": 5}, (5, 0, 0, 0)),
    ],
    ids=["one_came", "five_came", "one_went", "same", "a_new_group"],
)
def test_who_comes_or_goes_alone_is_told_apart(
    before: dict[str, int], now: dict[str, int], expected: tuple[int, ...], tmp_path: Path
) -> None:
    old = groups(tmp_path, before)

    found = difference(duckdb.connect(), groups(tmp_path, now), old.path, version=1)

    assert found is not None
    assert (found.came, found.went, found.appeared, found.vanished) == expected
    alone = expected[2] or expected[3]
    assert found.verdict is (LinkageVerdict.REVIEW if alone else LinkageVerdict.NONE)


def test_versions_without_quasi_identifiers_in_common_are_not_compared(tmp_path: Path) -> None:
    old = groups(tmp_path, {"1980": 9})
    now = replace(groups(tmp_path, {"1980": 9}), dataset=replace(AID, fields=(SCHEME,)))

    assert difference(duckdb.connect(), now, old.path, version=1) is None
