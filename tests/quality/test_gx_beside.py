"""Rules that hold a table beside another: real Great Expectations counts as our queries do.

Random tables, a dozen side by side, because Great Expectations takes a second to look at a table,
however small.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from opendata.agreement import Comparison
from opendata.catalog import Dataset, Field, QualityGate
from opendata.drift import CategoryDrift, Drift, KeyChurn, NullRise, RowSwing
from opendata.findings import Expectation, QualityReport, RuleResult
from opendata.vocabulary import Dimension, FieldType, Load, OnFail, Severity, UpdateFrequency
from quality.agreement import AGREES, Authority, agreement_results, counted, meet
from quality.churn import churn, same_rows
from quality.drift import DRIFT_TYPES, Measured, Succession, drift_results
from quality.earlier import Earlier
from quality.flags import standardise
from quality.gx.docs import build_data_docs
from quality.gx.held import held_apart
from quality.gx.opinion import NotEvaluated, load_suite, second_opinion
from quality.plan import plan
from quality.profile import Profile, profile
from quality.results_json import to_result_json
from quality.sql import parquet
from quality.suite_json import to_suite_json

pytestmark = pytest.mark.filterwarnings("default")

LOOKS = 12
SIDE_BY_SIDE = 12
RELEASE = "public-7"
NAMING = {"before", "authority"}
LARGE = 2**53
"""Whole numbers from here on are no floats: two neighbours would be one key."""
KINDS = (
    (FieldType.DECIMAL, pa.decimal128(18, 2), lambda x: Decimal(x.randrange(500)) / 100),
    (FieldType.TEXT, pa.string(), lambda x: x.choice(("甲", "乙", "", " ", "a\n", "1"))),
    (FieldType.DATE, pa.date32(), lambda x: date(2020, 1, 1) + timedelta(days=x.randrange(9))),
    (FieldType.INTEGER, pa.int64(), lambda x: x.randrange(5)),
)
SHORT = Expectation(
    id="mark_is_short",
    type="expect_column_value_lengths_to_be_between",
    kwargs={"column": "mark", "max_value": 1},
    dimension=Dimension.CONFORMITY,
    indicator="0302",
    description="不超过一个字",
    severity=Severity.WARNING,
    on_fail=OnFail.DROP,
)
Row = tuple[Any, ...]
Pair = tuple[RuleResult, Any]


def a_row(chance: Random, number: int, at: int, gaps: float) -> Row:
    """A key of two parts, a value of some kind, a category."""
    value = KINDS[at % len(KINDS)][2](chance)
    key = number + (LARGE if at % 2 else 0)
    return (
        None if chance.random() < 0.02 else key,
        chance.choice("甲乙"),
        None if chance.random() < gaps else value,
        chance.choices("东西南", weights=(6, 3, at % 3))[0],
    )


def a_later_table(chance: Random, before: list[Row], rows: int, at: int) -> list[Row]:
    """The same rows in another order, or but for one value, or some of them and others."""
    if rows == len(before) and (fate := chance.randrange(3)):
        now = chance.sample(before, rows)
        if fate == 2:
            now[0] = (*now[0][:3], "北")
        return now
    kept = [each for each in before if chance.random() < chance.choice((0.8, 0.97, 1))]
    gaps = chance.choice((0, 0.05, 0.3))
    fresh = [a_row(chance, 5000 + n, at, gaps) for n in range(max(rows - len(kept), 0))]
    return [*kept, *fresh][:rows]


def names(at: int) -> tuple[str, ...]:
    return tuple(f"{each}{at}" for each in "kjvc")


def written(
    con: duckdb.DuckDBPyConnection, path: Path, sides: Sequence[list[Row]], *, marked: bool = False
) -> Path:
    """Tables of one length side by side, flagged as the product flags them."""
    columns = {}
    for at, rows in enumerate(sides):
        types = (pa.int64(), pa.string(), KINDS[at % len(KINDS)][1], pa.string())
        for place, (name, type_) in enumerate(zip(names(at), types, strict=True)):
            columns[name] = pa.array([row[place] for row in rows], type_)
    marks = ["xx" if marked and n % 7 == 3 else "x" for n in range(len(sides[0]))]
    landed = pa.table({**columns, "mark": pa.array(marks)})
    con.register("landed", landed)
    model = "select *, row_number() over () as _row from landed"
    standardise(con, model, tuple(landed.column_names), plan([SHORT]), path)
    return path


def a_dataset(chance: Random, at: int) -> Dataset:
    """One of the tables with limits of its own."""
    kinds = (FieldType.INTEGER, FieldType.TEXT, KINDS[at % len(KINDS)][0], FieldType.TEXT)
    drift = Drift(
        rows=RowSwing(versions=chance.choice((1, 2, 5)), max_swing=chance.choice((0.1, 0.2, 0.3))),
        nulls=NullRise(max_points=chance.choice((0, 0.5, 5))),
        keys=KeyChurn(max_removed=chance.choice((0, 0.05, 0.3))),
        categories=CategoryDrift(
            max_psi=chance.choice((0.0001, 0.01, 0.1)), fields=(names(at)[3],)
        ),
    )
    return Dataset(
        id="register",
        title="登记",
        body="market",
        fields=tuple(
            Field(name=name, title=name, heading=name, type=kind, key=name[0] in "kj")
            for name, kind in zip(names(at), kinds, strict=True)
        ),
        update_frequency=UpdateFrequency.MONTHLY,
        load=chance.choice((Load.SNAPSHOT, Load.APPEND)),
        quality=QualityGate(drift=drift),
    )


def two_versions(
    con: duckdb.DuckDBPyConnection, folder: Path, chance: Random, look: int
) -> tuple[Path, Path]:
    was = chance.choice((400, 500, 600))
    rows = was if look % 2 else was * chance.randrange(6, 15) // 10
    sides = range(SIDE_BY_SIDE)
    before = [[a_row(chance, n, at, 0.05) for n in range(was)] for at in sides]
    now = [a_later_table(chance, before[at], rows, at) for at in sides]
    least = min(map(len, now))
    return (
        written(con, folder / "before.parquet", before),
        written(con, folder / "now.parquet", [each[:least] for each in now]),
    )


def drifted(
    con: duckdb.DuckDBPyConnection, before: Path, now: Path, chance: Random
) -> tuple[list[RuleResult], Earlier]:
    """Our results on all the tables side by side, and what would be kept of the version before."""
    found: list[RuleResult] = []
    nulls: dict[str, int] = {}
    categories: dict[str, Mapping[str, int]] = {}
    older = [Profile(rows=chance.choice((400, 500)), nulls={}, categories={}) for _ in range(3)]
    for at in range(SIDE_BY_SIDE):
        dataset = a_dataset(chance, at)
        last, present = (profile(con, each, dataset, str) for each in (before, now))
        nulls, categories = nulls | dict(last.nulls), categories | dict(last.categories)
        given = Succession(
            dataset=dataset,
            now=present,
            before=[*older, last],
            release=RELEASE,
            measured=Measured(
                churn=churn(con, before, now, dataset.keys),
                unchanged=same_rows(con, before, now, names(at)),
            ),
            place=lambda _name, _value: None,
        )
        for each in drift_results(given):
            named = replace(each.expectation, id=f"{each.expectation.id}_{at}")
            found.append(replace(each, expectation=named))
    rows = [*(each.rows for each in older), last.rows]
    return found, Earlier(
        release=RELEASE,
        rows=rows,
        nulls=nulls,
        categories=categories,
        table=str(before),
        shared=[name for at in range(SIDE_BY_SIDE) for name in names(at)],
    )


def judged_twice(
    con: duckdb.DuckDBPyConnection,
    now: Path,
    ours: Sequence[RuleResult],
    *,
    earlier: Earlier | None = None,
) -> Iterator[Pair]:
    columns = [*(name for at in range(SIDE_BY_SIDE) for name in names(at)), "mark"]
    rules = [each.expectation for each in ours]
    for relation, asked in held_apart(parquet(now), columns, rules):
        opinions = second_opinion(con, relation, asked, beside=now.parent, earlier=earlier)
        theirs = {each.expectation_id: each for each in opinions}
        yield from ((each, theirs[each.expectation.id]) for each in ours)


def differing(pairs: Sequence[Pair]) -> list[Pair]:
    def told(opinion: Any) -> tuple[object, ...]:
        return opinion.success, opinion.rows, opinion.missing, opinion.unexpected

    return [(ours, theirs) for ours, theirs in pairs if told(ours) != told(theirs)]


def verdicts(pairs: Sequence[Pair]) -> Counter[tuple[str, bool]]:
    return Counter((ours.expectation.type, ours.success) for ours, _ in pairs)


def test_what_changed_is_counted_as_great_expectations_counts_it(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    chance, pairs = Random(36344), list[Pair]()
    for look in range(LOOKS):
        before, now = two_versions(con, tmp_path, chance, look)
        ours, earlier = drifted(con, before, now, chance)
        pairs += judged_twice(con, now, ours, earlier=earlier)

    assert differing(pairs) == []
    told = verdicts(pairs)
    for each in DRIFT_TYPES:
        assert told[each, True] + told[each, False] >= 100, each
        assert min(told[each, True], told[each, False]) >= 10, each


def a_meeting(chance: Random, at: int) -> Comparison:
    key, part, value, _ = names(at)
    keys = ((key, key), (part, part)) if chance.randrange(2) else ((key, key),)
    # Now and then a field is compared that is the key itself.
    name = key if at % 6 == 5 else value
    field = Field(name=name, title=name, heading=name, element="e")
    return Comparison(field=field, authority=f"authority.{name}", keys=keys)


def two_tables(
    con: duckdb.DuckDBPyConnection, folder: Path, chance: Random
) -> tuple[Path, Authority]:
    """A carrier, and an authority that lacks some of its rows and values."""
    theirs = [[a_row(chance, n, at, 0.1) for n in range(90)] for at in range(SIDE_BY_SIDE)]
    ours = [
        [
            a_row(chance, chance.randrange(120), at, 0.1)
            if chance.randrange(2)
            else chance.choice(rows)
            for _ in range(80)
        ]
        for at, rows in enumerate(theirs)
    ]
    authority = written(con, folder / "authority.parquet", theirs, marked=True)
    carrier = written(con, folder / "carrier.parquet", ours, marked=True)
    return carrier, Authority(flagged=authority, sha256="5")


def test_an_authority_is_met_as_great_expectations_meets_it(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    chance, pairs = Random(2018), list[Pair]()
    for _ in range(LOOKS):
        carrier, authority = two_tables(con, tmp_path, chance)
        compared = [a_meeting(chance, at) for at in range(SIDE_BY_SIDE)]
        known = {"authority": authority}
        agreements = counted(con, meet(con, carrier, compared, known), compared, known)
        titles = {x: x for each in compared for x in (each.field.name, each.authority)}
        pairs += judged_twice(con, carrier, agreement_results(agreements, compared, titles))

    assert differing(pairs) == []
    told = verdicts(pairs)
    assert told[AGREES, True] + told[AGREES, False] >= 100
    assert min(told.values()) >= 10
    assert sum(ours.missing for ours, _ in pairs) > sum(ours.unexpected for ours, _ in pairs) > 1000


def test_a_suite_of_them_passes_through_great_expectations_unchanged(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rules = every_rule(con, tmp_path)
    text = to_suite_json("register", rules)

    through = json.dumps(load_suite(text).to_json_dict(), ensure_ascii=False)

    assert json.loads(through) == json.loads(text)
    assert {each.type for each in rules} == {*DRIFT_TYPES, AGREES}


def test_a_rule_that_does_not_say_what_it_is_held_against_is_not_evaluated(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rules = [
        replace(each, kwargs={name: x for name, x in each.kwargs.items() if name not in NAMING})
        for each in every_rule(con, tmp_path)
    ]

    with pytest.raises(NotEvaluated) as caught:
        second_opinion(con, parquet(tmp_path / "now.parquet"), rules)

    assert set(caught.value.rules) == {each.id for each in rules}


def every_rule(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Expectation]:
    """One of every type, as the product writes them."""
    chance = Random(4)
    before, now = two_versions(con, folder, chance, 1)
    found, _ = drifted(con, before, now, chance)
    compared = [a_meeting(chance, 0)]
    met = compared[0].counted((1, 0, 0, 0), "5")
    agreed = agreement_results([met], compared, {"v0": "值", "authority.v0": "数源·值"})
    by_type = {each.expectation.type: each.expectation for each in (*found, *agreed)}
    return list(by_type.values())


def test_data_docs_show_a_judgement_kept_before_rules_named_what_they_are_held_against(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rules = [*every_rule(con, tmp_path)]
    old = [replace(rules[0], id="old", kwargs={"versions": 5, "max_swing": 0.3})]
    report = QualityReport(
        dataset_id="register",
        rows=9,
        clean=9,
        quarantined=0,
        excepted=0,
        results=tuple(
            RuleResult(expectation=each, rows=9, missing=0, unexpected=0, success=True)
            for each in (*rules, *old)
        ),
        dimensions=(),
        score=100.0,
        coverage=1.0,
        reasons=(),
        suite_hash="5" * 64,
    )

    text = to_result_json(report, judged_at=datetime(2026, 12, 1, tzinfo=UTC))
    index = build_data_docs([text], tmp_path / "docs")

    pages = index.parent.rglob("*.html")
    shown = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [each.description for each in rules if each.description not in shown] == []
