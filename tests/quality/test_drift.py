"""A new version beside the last one: what was put in is found, to the row, and told without values.

The two versions are written as the product writes them; what is injected is injected by SQL.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import duckdb
import pytest

from opendata.catalog import Dataset, Field, QualityGate
from opendata.drift import CategoryDrift, Drift, DriftRule, KeyChurn, NullRise, RowSwing
from opendata.findings import RuleResult
from opendata.vocabulary import (
    Dimension,
    FieldType,
    Load,
    OnFail,
    Role,
    Semantic,
    Severity,
    UpdateFrequency,
)
from quality.churn import Churn, churn, same_rows, shared_columns
from quality.drift import DRIFT_TYPES, Measured, Succession, drift_results, psi
from quality.flags import standardise
from quality.plan import plan
from quality.profile import Profile, profile, read_footer

ROWS = 60_000
FIELDS = (
    Field(name="no", title="编号", heading="编号", type=FieldType.INTEGER, key=True),
    Field(name="name", title="名称", heading="名称"),
    Field(name="district", title="区县", heading="区县", code_table="districts"),
    Field(name="amount", title="金额", heading="金额", type=FieldType.DECIMAL),
)
NAMES = tuple(each.name for each in FIELDS)
DATASET = Dataset(
    id="register",
    title="登记",
    body="market",
    fields=FIELDS,
    update_frequency=UpdateFrequency.MONTHLY,
)
BEFORE = (
    "select i::bigint as no, 'n' || i as name, 'D' || (i % 12) as district, "
    f"(i % 977)::decimal(18, 2) as amount, i as _row from range({ROWS}) t(i)"
)
# One row in twenty gone, one in thirty come, 3 in a hundred changed, 2 in a hundred without a name:
# each apart from the others.
NOW = (
    f"select * replace (if(no % 100 in (1, 2, 3), amount + 1, amount) as amount) from ({BEFORE}) "
    f"where no % 20 <> 0 union all select * replace (no + {ROWS} as no) from ({BEFORE}) "
    "where no % 30 = 0"
)


def written(con: duckdb.DuckDBPyConnection, path: Path, sql: str) -> Path:
    standardise(con, sql, NAMES, plan(()), path)
    return path


def digest(value: str) -> str:
    return f"<{value}>"


def counts(
    rows: int, *, nulls: Mapping[str, int] | None = None, district: Mapping[str, int] | None = None
) -> Profile:
    categories = {"district": district} if district else {}
    return Profile(rows=rows, nulls=nulls or {}, categories=categories)


def asking(drift: Drift, **changes: object) -> Dataset:
    return replace(DATASET, quality=QualityGate(drift=drift), **changes)  # type: ignore[arg-type]


def judged(
    now: Profile,
    *before: Profile,
    dataset: Dataset = DATASET,
    measured: Measured | None = None,
) -> dict[str, RuleResult]:
    succession = Succession(
        dataset=dataset,
        now=now,
        before=before,
        release="public-1",
        measured=measured or Measured(),
        place=lambda name, value: 3 if value == "<D2>" else None,
    )
    return {each.expectation.id: each for each in drift_results(succession)}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 2})


def test_what_was_injected_is_recovered_exactly(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = written(con, tmp_path / "before.parquet", BEFORE)
    emptied = f"select * replace (if(_row % 50 = 7, null, name) as name) from ({NOW})"
    now = written(con, tmp_path / "now.parquet", emptied)
    ((lost,),) = con.execute(f"select count(*) from ({emptied}) where name is null").fetchall()

    found = churn(con, before, now, ("no",), changing=("amount",))

    assert found == Churn(before=ROWS, removed=ROWS // 20, added=ROWS // 30, changed=1800)
    assert found.removed / found.before == 0.05
    assert read_footer(con, now).nulls["name"] == lost
    assert read_footer(con, now).rows == ROWS - ROWS // 20 + ROWS // 30


def test_two_percent_of_nulls_are_counted_in_the_footer_alone(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    emptied = f"select * replace (if(no % 50 = 7, null, name) as name) from ({BEFORE})"
    now = written(con, tmp_path / "now.parquet", emptied)

    footer = read_footer(con, now)

    assert footer.nulls["name"] == ROWS // 50
    assert footer.nulls["amount"] == 0


@pytest.mark.parametrize("seed", range(20))
def test_churn_is_what_sets_of_keys_say(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    sides = [
        {(chance.choice("甲乙丙\n"), chance.randrange(40)): chance.randrange(3) for _ in range(50)}
        for _ in range(2)
    ]
    paths = []
    for side, held in enumerate(sides):
        rows = ", ".join(f"('{a}', {b}, {value})" for (a, b), value in held.items())
        path = tmp_path / f"{side}.parquet"
        nobody = "('', null, 1), (null, 3, 2)"  # part of a key is missing: not counted
        con.execute(
            f"copy (from (values {rows}, {nobody}) t(a, b, v)) to '{path}' (format parquet)"
        )
        paths.append(path)
    (old, new), (before, now) = sides, paths

    found = churn(con, before, now, ("a", "b"), changing=("v",))

    assert found == Churn(
        before=len(old),
        removed=len(old.keys() - new.keys()),
        added=len(new.keys() - old.keys()),
        changed=sum(old[key] != new[key] for key in old.keys() & new.keys()),
    )


def test_a_value_that_is_emptied_has_changed(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = written(con, tmp_path / "before.parquet", BEFORE)
    emptied = f"select * replace (if(no = 5, null, name) as name) from ({BEFORE})"
    now = written(con, tmp_path / "now.parquet", emptied)

    assert churn(con, before, now, ("no",), changing=NAMES[1:]).changed == 1


def test_the_same_rows_in_another_order_are_the_same(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = written(con, tmp_path / "before.parquet", BEFORE)
    turned = written(con, tmp_path / "turned.parquet", f"from ({BEFORE}) order by no desc")
    touched = f"select * replace (if(no = 9, 'x', name) as name) from ({BEFORE})"
    other = written(con, tmp_path / "other.parquet", touched)

    assert same_rows(con, before, turned, NAMES)
    assert not same_rows(con, before, other, NAMES)


def test_columns_of_another_type_are_not_shared(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = written(con, tmp_path / "before.parquet", BEFORE)
    retyped = f"select * replace (no::varchar as no) from ({BEFORE})"
    now = written(con, tmp_path / "now.parquet", retyped)

    assert shared_columns(con, before, now) >= {"name", "district", "amount"}
    assert "no" not in shared_columns(con, before, now)


def test_a_profile_has_counts_and_digests_and_no_value(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    table = written(con, tmp_path / "before.parquet", BEFORE)

    found = profile(con, table, DATASET, digest)

    assert found.rows == ROWS
    assert found.nulls == dict.fromkeys(NAMES, 0)
    assert found.categories == {"district": {f"<D{n}>": ROWS // 12 for n in range(12)}}
    assert profile(con, table, DATASET, None).categories == {}


@pytest.mark.parametrize(
    "change",
    [
        {"semantic": Semantic.PERSON_NAME, "code_table": None},
        {"role": Role.DIRECT, "code_table": None},
        {"type": FieldType.DATE, "code_table": None},
    ],
    ids=["personal", "direct", "date"],
)
def test_people_and_dates_are_no_categories(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, change: dict[str, object]
) -> None:
    table = written(con, tmp_path / "before.parquet", BEFORE)
    fields = (*FIELDS[:2], replace(FIELDS[2], **change), FIELDS[3])  # type: ignore[arg-type]

    assert profile(con, table, replace(DATASET, fields=fields), digest).categories == {}


def test_a_field_that_is_named_is_looked_at_whatever_it_holds(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    table = written(con, tmp_path / "before.parquet", BEFORE)
    wide = asking(Drift(categories=CategoryDrift(fields=("amount", "name"), max_values=1000)))
    off = asking(Drift(categories=CategoryDrift(judged=False)))

    assert [*profile(con, table, wide, digest).categories] == ["amount"]  # names are too many
    assert profile(con, table, off, digest).categories == {}


def test_few_rows_make_no_categories(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    table = written(con, tmp_path / "few.parquet", f"from ({BEFORE}) where no < 50")

    assert profile(con, table, DATASET, digest).categories == {}


def test_rows_are_held_against_the_median_of_the_last_versions() -> None:
    before = [counts(rows) for rows in (10, 1000, 1010, 990, 1000, 5000)]

    swung = judged(counts(600), *before)["rows_as_before"]

    assert not swung.success
    assert swung.met_share == 0.6
    assert swung.expectation.description == (
        "条数与前 5 个已开放版本的中位数相比，变动不应超过 30%"
        "（由 1000 条变为 600 条，变动 -40.00%）"
    )
    assert judged(counts(5000), counts(100))["rows_as_before"].met_share == 0
    assert judged(counts(700), *before)["rows_as_before"].success
    assert judged(counts(1300), *before)["rows_as_before"].success


def test_many_rows_are_told_in_full() -> None:
    found = judged(counts(1_234_567), counts(12_345_678), counts(2_345_679))["rows_as_before"]

    assert found.observed == "由 7345678.5 条变为 1234567 条，变动 -83.19%"


def test_what_adds_to_what_was_there_may_grow_but_not_shrink() -> None:
    adding = replace(DATASET, load=Load.APPEND)

    assert judged(counts(900), counts(100), dataset=adding)["rows_as_before"].success
    assert not judged(counts(60), counts(100), dataset=adding)["rows_as_before"].success
    assert not judged(counts(900), counts(100))["rows_as_before"].success


def test_a_null_rate_may_rise_by_so_many_points_and_no_more() -> None:
    before = counts(1000, nulls={"name": 10, "amount": 500})

    at_the_limit = judged(counts(2000, nulls={"name": 60, "amount": 0}), before)
    above = judged(counts(2000, nulls={"name": 61, "amount": 0}), before)["filled_as_before"]

    assert at_the_limit["filled_as_before"].success
    assert (above.rows, above.unexpected, above.success) == (2, 1, False)
    assert "“名称”由 1.00% 升至 3.05%，现有 61 条为空" in above.expectation.description


def test_a_field_that_is_new_has_no_rate_to_compare_with() -> None:
    assert "filled_as_before" not in judged(counts(9, nulls={"name": 9}), counts(9))


@pytest.mark.parametrize(("removed", "success"), [(50, True), (51, False)])
def test_keys_may_go_up_to_a_share(removed: int, success: bool) -> None:
    measured = Measured(churn=Churn(before=1000, removed=removed, added=3, changed=7))

    found = judged(counts(953), counts(1000), measured=measured)["keys_as_before"]

    assert (found.success, found.rows, found.unexpected) == (success, 1000, 0 if success else 51)
    assert found.observed == f"减少 {removed} 条（{removed / 1000:.2%}），新增 3 条，变化 7 条"
    assert found.expectation.on_fail is OnFail.KEEP_FLAG


def test_categories_that_divide_otherwise_are_told_by_place_and_never_by_value() -> None:
    before = counts(2000, district={"<D1>": 1000, "<D2>": 1000})
    now = counts(2000, district={"<D1>": 300, "<D2>": 1650, "<D9>": 50})

    found = judged(now, before)["divided_as_before"]

    assert not found.success
    assert "“区县”的 PSI 为 " in found.expectation.description
    assert "新出现 1 种、消失 0 种取值" in found.expectation.description
    assert "D1" not in str(found)
    assert "D2" not in str(found)


def test_a_code_is_told_by_its_place_in_the_code_table() -> None:
    before = counts(2000, district={"<D1>": 1900, "<D2>": 100})
    now = counts(2000, district={"<D1>": 1000, "<D2>": 1000})

    said = judged(now, before)["divided_as_before"].expectation.description

    assert "变化最大的代码表第 3 项由 5.0% 变为 50.0%" in said


@pytest.mark.parametrize("rows", [20, 200, 2000, 20_000])
def test_chance_is_not_drift(rows: int) -> None:
    chance, values = Random(rows), "甲乙丙丁"
    drawn = [chance.choices(values, k=rows) for _ in range(100)]
    versions = [counts(rows, district={x: each.count(x) for x in values}) for each in drawn]

    found = [judged(now, before) for before, now in pairwise(versions)]

    assert all(each["divided_as_before"].success for each in found if "divided_as_before" in each)
    assert ("divided_as_before" in found[0]) is (rows >= 2000)


def test_a_label_of_the_version_is_no_category() -> None:
    assert "divided_as_before" not in judged(
        counts(5000, district={"二月": 5000}), counts(5000, district={"一月": 5000})
    )


def test_psi_is_zero_where_nothing_moved_and_alike_both_ways() -> None:
    assert psi({"a": 10, "b": 30}, {"a": 10, "b": 30}) == 0
    assert psi({"a": 10, "b": 30}, {"a": 30, "b": 10}) == pytest.approx(
        psi({"a": 30, "b": 10}, {"a": 10, "b": 30})
    )


@pytest.mark.parametrize("unchanged", [True, False])
def test_a_new_delivery_with_nothing_new_in_it_is_told(unchanged: bool) -> None:
    found = judged(counts(9), counts(9), measured=Measured(unchanged=unchanged))

    assert found["updated_and_changed"].success is not unchanged
    assert ("更新了但没变" in found["updated_and_changed"].expectation.description) is unchanged


def test_every_rule_can_be_left_out() -> None:
    off = Drift(
        rows=RowSwing(judged=False),
        nulls=NullRise(judged=False),
        keys=KeyChurn(judged=False),
        categories=CategoryDrift(judged=False),
        unchanged=DriftRule(judged=False),
    )
    everything = Measured(churn=Churn(before=9, removed=9, added=9), unchanged=True)
    sides = [counts(2000, nulls={"name": n}, district={"a": 99, "b": n + 1}) for n in (900, 1)]

    assert len(judged(*sides, measured=everything)) == len(DRIFT_TYPES)
    assert judged(*sides, measured=everything, dataset=asking(off)) == {}


def test_severity_and_consequence_are_the_entrys() -> None:
    strict = Drift(rows=RowSwing(severity=Severity.CRITICAL, on_fail=OnFail.BLOCK))

    rule = judged(counts(1), counts(9), dataset=asking(strict))["rows_as_before"].expectation

    assert (rule.severity, rule.on_fail) == (Severity.CRITICAL, OnFail.BLOCK)


def test_every_type_has_a_name_of_its_own_and_an_indicator() -> None:
    everything = Measured(churn=Churn(before=9, removed=9, added=9), unchanged=True)
    sides = [counts(4000, nulls={"name": n}, district={"a": 999, "b": n + 1}) for n in (900, 500)]

    found = judged(*sides, measured=everything).values()

    assert {each.expectation.type for each in found} == DRIFT_TYPES.keys()
    assert len({each.expectation.id for each in found}) == len(DRIFT_TYPES)
    assert {each.expectation.dimension for each in found} == {
        Dimension.COMPLETENESS,
        Dimension.TIMELINESS,
    }
