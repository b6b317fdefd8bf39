from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from opendata.errors import ModelError
from resources.sketch import ColumnSketch, Sketch, from_bytes, to_bytes
from resources.sketching import INDEXED, KEPT, method_of, sketch
from resources.vault import SecretKey
from tests.resources.tables import KEY, Columns, codes, sketched

DAYS = [date(2024, 1, 1) + timedelta(days=n % 90) for n in range(300)]
TABLE: Columns = {
    "uscc": codes(300),
    "name": [f"企业{n * 37 % 1009}" for n in range(300)],
    "opened": DAYS,
    "amount": [n / 4 for n in range(300)],
}


def turned(columns: Columns, *, suffix: str = "") -> Columns:
    """Columns the other way round and called otherwise, rows in another order."""
    return {f"{name}{suffix}": list(columns[name])[::-1] for name in reversed(list(columns))}


def column(made: Sketch, name: str) -> ColumnSketch:
    return next(each for each in made.columns if each.name == name)


def test_order_and_headings_do_not_change_the_digest_of_rows(tmp_path: Path) -> None:
    one = sketched(tmp_path / "a", TABLE)

    assert sketched(tmp_path / "b", turned(TABLE, suffix="_x")).digest == one.digest


def test_numbering_the_rows_anew_does_not_change_the_digest(tmp_path: Path) -> None:
    numbered = {"no": list(range(1, 301)), **TABLE}
    as_text = {**turned(TABLE), "seq": [str(n) for n in range(1, 301)]}

    assert sketched(tmp_path / "a", numbered).digest == sketched(tmp_path / "b", as_text).digest


@pytest.mark.parametrize(
    "change",
    [
        {"uscc": [*codes(299), "91"]},
        {"uscc": [*codes(299), None]},
        {"amount": [0.5, *(n / 4 for n in range(1, 300))]},
        {"opened": DAYS[::-1]},
        {"more": ["甲"] * 300},
    ],
    ids=["a_value", "a_gap", "a_number", "other_rows", "a_column"],
)
def test_other_rows_have_another_digest(tmp_path: Path, change: Columns) -> None:
    assert (
        sketched(tmp_path / "a", TABLE).digest
        != sketched(tmp_path / "b", {**TABLE, **change}).digest
    )


def test_a_row_that_stands_twice_counts_twice(tmp_path: Path) -> None:
    twice = {name: [*values, values[0]] for name, values in TABLE.items()}

    assert sketched(tmp_path / "a", TABLE).digest != sketched(tmp_path / "b", twice).digest


def test_only_clean_rows_are_sketched(tmp_path: Path) -> None:
    less = {name: values[2:] for name, values in TABLE.items()}

    made = sketched(tmp_path / "a", TABLE, dirty=(0, 1))

    assert made.rows == 298
    assert made.digest == sketched(tmp_path / "b", less).digest


def test_a_small_column_is_kept_whole_and_counted_exactly(tmp_path: Path) -> None:
    given = {"code": [*codes(KEPT), *codes(5), None]}

    code = column(sketched(tmp_path / "a", given), "code")

    assert (code.sample.level, code.sample.distinct, code.filled) == (0, KEPT, KEPT + 5)


def test_a_large_column_is_sampled_and_estimated(tmp_path: Path) -> None:
    code = column(sketched(tmp_path / "a", {"code": codes(60_000)}), "code")

    assert KEPT / 3 < len(code.sample.digests) <= KEPT
    assert code.sample.distinct == pytest.approx(60_000, rel=0.15)
    assert bool((code.sample.levels >= code.sample.level).all())


def test_a_code_is_the_same_whether_number_or_text(tmp_path: Path) -> None:
    numbers = [n * 7919 for n in range(200)]

    one = column(sketched(tmp_path / "a", {"id": numbers}), "id")
    other = column(sketched(tmp_path / "b", {"id": [str(n) for n in numbers]}), "id")

    assert one.sample.digests.tolist() == other.sample.digests.tolist()


def test_an_indexed_column_finds_all_its_own_and_few_strangers(tmp_path: Path) -> None:
    known = sketched(tmp_path / "a", {"code": codes(5000)}, indexed="code")
    members = column(known, "code").members
    assert members is not None

    own = column(sketched(tmp_path / "b", {"code": codes(900)}), "code").sample.digests
    strange = column(sketched(tmp_path / "c", {"code": codes(900, seed=1)}), "code").sample.digests

    assert bool(members.hold(own).all())
    assert members.hold(strange).mean() == pytest.approx(members.chance, abs=0.05)
    assert members.chance < 0.13


def test_a_column_beyond_the_index_is_indexed_thinner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert INDEXED > 1000
    monkeypatch.setattr("resources.sketching.INDEXED", 1000)

    code = column(sketched(tmp_path / "a", {"code": codes(5000)}, indexed="code"), "code")

    assert code.members is not None
    assert code.members.level >= 2
    assert bool(code.members.hold(code.sample.at(code.members.level)).all())


def test_years_districts_and_numbers_fill_their_spelling_and_codes_do_not(tmp_path: Path) -> None:
    given: Columns = {
        "year": [2000 + n % 25 for n in range(500)],
        "district": [f"6101{n % 13:02d}" for n in range(500)],
        "serial": [f"P-{n:05d}" for n in range(500)],
        "code": codes(500),
    }

    made = {each.name: each.density for each in sketched(tmp_path / "a", given).columns}

    assert made["code"] < 1e-6
    assert all(made[name] > 0.1 for name in ("year", "district", "serial"))


def test_without_the_key_no_digest_can_be_tried(tmp_path: Path) -> None:
    given = {"code": codes(200)}
    with duckdb.connect() as con:
        found = con.execute("select hash(unnest(?))", [given["code"]]).fetchall()
    plain = np.array([each for (each,) in found], np.uint64)

    one = column(sketched(tmp_path / "a", given), "code").sample.digests
    other = column(sketched(tmp_path / "b", given, key=SecretKey(b"o" * 32)), "code").sample.digests

    assert not set(one.tolist()) & set(plain.tolist())
    assert not set(one.tolist()) & set(other.tolist())


def test_a_sketch_holds_no_value_of_the_table(tmp_path: Path) -> None:
    kept = to_bytes(sketched(tmp_path / "a", TABLE, indexed="uscc"))

    values = [*TABLE["uscc"], *TABLE["name"]]
    assert [each for each in values if each.encode() in kept] == []


def test_a_sketch_survives_being_kept(tmp_path: Path) -> None:
    made = sketched(tmp_path / "a", {**TABLE, "empty": [None] * 300}, indexed="uscc")

    kept = to_bytes(made)

    again = from_bytes(kept)
    assert to_bytes(again) == kept
    assert (again.rows, again.compared, again.digest) == (made.rows, made.compared, made.digest)


@pytest.mark.parametrize("content", [b"", b"\x05\0\0\0", b"\x02\0\0\0{}"])
def test_what_is_no_sketch_is_not_read_as_one(content: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        from_bytes(content)


def test_a_table_without_rows_has_a_sketch(tmp_path: Path) -> None:
    made = sketched(tmp_path / "a", {"code": ["甲"]}, dirty=(0,))

    assert (made.rows, column(made, "code").sample.distinct) == (0, 0)


def test_a_file_that_cannot_be_read_is_told_without_a_value(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"13800138000")

    with duckdb.connect() as con, pytest.raises(ModelError, match=r"a\.parquet could not") as told:
        sketch(con, tmp_path / "a.parquet", (), KEY)

    assert "13800138000" not in str(told.value)


def test_sketches_of_another_key_are_of_another_method() -> None:
    assert method_of(KEY) == method_of(SecretKey(b"k" * 32)) != method_of(SecretKey(b"o" * 32))
