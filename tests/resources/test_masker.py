"""The released file holds what the plan says and nothing of what it hides."""

import dataclasses
import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from opendata.catalog import Dataset, Field, ReleasePlan, Treatment
from opendata.errors import CatalogError, KeyMissing, ModelError, UnfitValues
from opendata.hierarchies import Hierarchy
from opendata.identifiers import citizen_id_check
from opendata.vocabulary import Action, FieldType, OnInvalid, Role, Semantic
from resources.masker import Masker, Treated
from resources.risk import shortfall
from resources.vault import KeyProvider

MASKER = Masker(KeyProvider("env:K", environ={"K": "0f" * 32}))


def treated(action: Action, preset: str | None = None, purpose: str | None = None) -> Treatment:
    return Treatment(action=action, preset=preset, purpose=purpose)


def plain(name: str, treatment: Treatment | None = None) -> Field:
    return Field(name=name, title=name, heading=name, treatment=treatment or Treatment())


FIELDS = (
    plain("district"),
    dataclasses.replace(
        plain("person", treated(Action.PSEUDONYM, purpose="统计")), semantic=Semantic.CITIZEN_ID
    ),
    plain("name", treated(Action.DROP)),
    plain("mobile", treated(Action.MASK, "手机号")),
    dataclasses.replace(plain("born", treated(Action.GENERALISE, "年")), type=FieldType.DATE),
    plain("remark", treated(Action.REDACT_SPANS)),
)
SUBSIDY = Dataset(
    id="subsidy",
    title="补贴",
    body="civil",
    fields=FIELDS,
    release=ReleasePlan(sort_by=("district",)),
)


def an_id(serial: int) -> str:
    body = f"11019919800101{serial:03}"
    return body + citizen_id_check(body)


def people(rows: int = 60, *, persons: int = 20) -> pl.DataFrame:
    chance = random.Random(1)
    order = list(range(rows))
    chance.shuffle(order)
    return pl.DataFrame(
        {
            "district": [f"D{each % 3}" for each in order],
            "person": [an_id(each % persons) for each in order],
            "name": ["王伟"] * rows,
            "mobile": [f"163{each:08}" for each in order],
            "born": [date(1980, 1, 1 + each % 28) for each in order],
            "remark": [f"联系163{each:08}办理" if each % 2 else "正常" for each in order],
            "_row": order,
            "_dq": [0] * rows,
        }
    )


def release(
    frame: pl.DataFrame,
    out: Path,
    dataset: Dataset = SUBSIDY,
    *,
    masker: Masker = MASKER,
    k: int = 5,
) -> Treated:
    con = duckdb.connect(config={"threads": 2})
    con.register("flagged", frame.to_arrow())
    sql = "select * from flagged where _dq = 0"
    return masker.release(con, sql, dataset, out, metadata={"dataset": dataset.id}, required_k=5)


def test_what_is_written_is_what_was_planned(tmp_path: Path) -> None:
    done = release(people(), tmp_path / "out.parquet")
    written = pl.read_parquet(tmp_path / "out.parquet")

    assert written.columns == ["district", "person", "mobile", "born", "remark"]
    assert done.columns == tuple(written.columns)
    assert (done.rows, done.suppressed, written.height) == (60, 0, 60)
    assert done.treated["person"] is Action.PSEUDONYM
    assert set(written["born"]) == {"1980"}
    assert set(written["remark"]) == {"正常", "联系〔手机号码〕办理"}
    assert written["mobile"].str.contains(r"^163\*{4}[0-9]{4}$").all()


def test_one_person_is_one_pseudonym_and_no_two_share_one(tmp_path: Path) -> None:
    frame = people()
    done = release(frame, tmp_path / "out.parquet")
    written = pl.read_parquet(tmp_path / "out.parquet")

    before = frame.group_by("person").len()["len"].sort().to_list()
    after = written.group_by("person").len()["len"].sort().to_list()

    assert after == before
    assert written["person"].str.contains("^[a-z2-7]{26}$").all()
    assert len(done.key_ids) == 1


def test_the_same_person_meets_himself_in_a_dataset_of_the_same_purpose_only(
    tmp_path: Path,
) -> None:
    def pseudonyms(dataset_id: str, purpose: str, body: str) -> set[str]:
        person = dataclasses.replace(FIELDS[1], treatment=treated(Action.PSEUDONYM, None, purpose))
        dataset = dataclasses.replace(SUBSIDY, id=dataset_id, body=body, fields=(person,))
        release(
            people(), tmp_path / "o.parquet", dataclasses.replace(dataset, release=ReleasePlan())
        )
        return set(pl.read_parquet(tmp_path / "o.parquet")["person"])

    here = pseudonyms("subsidy", "统计", "civil")

    assert pseudonyms("pension", "统计", "civil") == here
    assert not here & pseudonyms("subsidy", "核查", "civil")
    assert not here & pseudonyms("subsidy", "统计", "health")


def test_the_order_of_rows_is_total_and_knows_nothing_of_the_source(tmp_path: Path) -> None:
    frame = people()
    release(frame, tmp_path / "one.parquet")
    release(frame.reverse(), tmp_path / "two.parquet")

    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert pl.read_parquet(tmp_path / "one.parquet")["district"].is_sorted()


def test_no_raw_value_and_no_key_is_in_the_bytes(tmp_path: Path) -> None:
    frame = people()
    out = tmp_path / "out.parquet"
    release(frame, out)

    opened = out.read_bytes() + pl.read_parquet(out).write_csv().encode()

    for canary in (*frame["person"], *frame["mobile"], "王伟", "0f" * 32, "\x0f" * 32):
        assert canary.encode() not in opened


def test_the_file_carries_its_metadata(tmp_path: Path) -> None:
    release(people(), tmp_path / "out.parquet")
    out = str(tmp_path / "out.parquet")

    held = (
        duckdb.connect()
        .execute("select decode(key), decode(value) from parquet_kv_metadata($1)", [out])
        .fetchall()
    )

    assert ("dataset", "subsidy") in held


def test_a_file_without_metadata_can_be_written(tmp_path: Path) -> None:
    out = tmp_path / "o.parquet"
    con = duckdb.connect()
    dataset = dataclasses.replace(SUBSIDY, fields=FIELDS[:1])

    done = MASKER.release(con, "select 'D1' as district", dataset, out, metadata={}, required_k=5)

    assert done.rows == 1


def test_a_missing_key_stops_before_anything_is_read(tmp_path: Path) -> None:
    masker = Masker(KeyProvider("env:K", environ={}))
    con = duckdb.connect()

    with pytest.raises(KeyMissing):
        masker.release(
            con, "select error('read')", SUBSIDY, tmp_path / "o", metadata={}, required_k=5
        )


def test_no_key_is_needed_where_none_is_used(tmp_path: Path) -> None:
    dataset = dataclasses.replace(SUBSIDY, fields=FIELDS[:1])
    masker = Masker(KeyProvider("env:K", environ={}))

    assert release(people(), tmp_path / "o.parquet", dataset, masker=masker).key_ids == ()


def test_an_error_of_the_engine_does_not_quote_data(tmp_path: Path) -> None:
    con = duckdb.connect()
    dataset = dataclasses.replace(SUBSIDY, fields=FIELDS[:1], release=ReleasePlan())
    sql = "select cast(cast('11019919800101999X' as integer) as varchar) as district"

    with pytest.raises(ModelError) as failed:
        MASKER.release(con, sql, dataset, tmp_path / "o", metadata={}, required_k=5)

    assert "11019919800101999X" not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


def test_an_unknown_preset_releases_nothing(tmp_path: Path) -> None:
    wrong = dataclasses.replace(SUBSIDY, fields=(plain("mobile", treated(Action.MASK, "手机")),))

    with pytest.raises(CatalogError):
        release(people(), tmp_path / "o.parquet", wrong)

    assert not (tmp_path / "o.parquet").exists()


def no_ids() -> pl.DataFrame:
    """Sixty rows, of which the first ten hold a damaged ID and eight a short mobile number."""
    place = pl.int_range(pl.len())
    return people().with_columns(
        person=pl.when(place < 10).then(pl.lit("6.10102E+17")).otherwise("person"),
        mobile=pl.when(place.is_between(5, 12)).then(pl.lit("123")).otherwise("mobile"),
    )


def on_invalid(asked: OnInvalid | None) -> Dataset:
    fields = tuple(
        dataclasses.replace(each, treatment=dataclasses.replace(each.treatment, on_invalid=asked))
        if each.name in ("person", "mobile")
        else each
        for each in FIELDS
    )
    return dataclasses.replace(SUBSIDY, fields=fields)


def test_a_value_that_is_no_id_is_released_as_nothing(tmp_path: Path) -> None:
    done = release(no_ids(), tmp_path / "o.parquet", on_invalid(OnInvalid.REDACT))
    written = pl.read_parquet(tmp_path / "o.parquet")

    assert written["person"].null_count() == 10
    assert written["mobile"].eq("****").sum() == 8
    assert (done.rows, done.set_aside, done.unfit) == (60, 0, {})


def test_a_row_with_a_value_that_is_no_id_is_left_out_and_counted(tmp_path: Path) -> None:
    done = release(no_ids(), tmp_path / "o.parquet", on_invalid(OnInvalid.QUARANTINE))
    written = pl.read_parquet(tmp_path / "o.parquet")

    assert (done.rows, done.set_aside) == (47, 13)
    assert done.unfit == {"person": 10, "mobile": 8}
    assert written["person"].null_count() == 0
    assert "****" not in written["mobile"]


def test_a_field_that_says_what_it_holds_lets_nothing_else_pass_unless_told(
    tmp_path: Path,
) -> None:
    done = release(no_ids(), tmp_path / "o.parquet")

    assert done.unfit == {"person": 10}
    assert pl.read_parquet(tmp_path / "o.parquet")["mobile"].eq("****").sum() == 3


def test_a_value_that_is_no_id_stops_the_release_where_the_entry_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnfitValues, match=r"person \(10\), mobile \(8\)") as stopped:
        release(no_ids(), tmp_path / "o.parquet", on_invalid(OnInvalid.FAIL))

    assert stopped.value.reason == "存在与语义不符的值（“person”10个、“mobile”8个），条目要求中止"
    assert "6.10102E+17" not in str(stopped.value)
    assert not (tmp_path / "o.parquet").exists()


EDUCATION = Hierarchy(
    id="education",
    rows=(("小学", "中等以下", "*"), ("初中", "中等以下", "*"), ("本科", "高等", "*")),
)


def climbing(**more: object) -> Dataset:
    treatment = Treatment(
        action=Action.GENERALISE,
        hierarchy="education",
        level=1,
        **more,  # type: ignore[arg-type]
    )
    dataset = dataclasses.replace(SUBSIDY, fields=(plain("edu", treatment),))
    return dataclasses.replace(dataset, release=ReleasePlan())


def taught(dataset: Dataset, out: Path) -> tuple[Treated, list[str | None]]:
    con = duckdb.connect()
    masker = Masker(KeyProvider("env:K", environ={}), (EDUCATION,))
    sql = "select unnest(['小学', '初中', '本科', '私塾', null]) as edu"
    done = masker.release(con, sql, dataset, out, metadata={}, required_k=5)
    return done, pl.read_parquet(out)["edu"].to_list()


def test_a_value_climbs_its_hierarchy_and_an_unknown_one_is_nothing(tmp_path: Path) -> None:
    done, values = taught(climbing(), tmp_path / "o.parquet")

    assert sorted(values, key=str) == [None, None, "中等以下", "中等以下", "高等"]
    assert done.set_aside == 0


def test_a_value_the_hierarchy_does_not_know_can_set_its_row_aside(tmp_path: Path) -> None:
    done, values = taught(climbing(on_invalid=OnInvalid.QUARANTINE), tmp_path / "o.parquet")

    assert sorted(values, key=str) == [None, "中等以下", "中等以下", "高等"]
    assert done.unfit == {"edu": 1}


def test_numbers_and_dates_are_made_coarser_in_the_released_file(tmp_path: Path) -> None:
    def numbers(name: str, kind: FieldType, **treatment: object) -> Field:
        return dataclasses.replace(
            plain(name, Treatment(**treatment)),  # type: ignore[arg-type]
            type=kind,
        )

    fields = (
        numbers("income", FieldType.INTEGER, action=Action.BIN, edges=("0", "500")),
        numbers("paid", FieldType.DECIMAL, action=Action.ROUND, unit="100"),
        numbers("age", FieldType.INTEGER, action=Action.CLAMP, top="90", bottom="3"),
        numbers("died", FieldType.DATE, action=Action.CLAMP, bottom="1950-01-01"),
        plain("secret", Treatment(action=Action.REDACT)),
    )
    sql = (
        "select 499::bigint as income, 149.99::decimal(18,2) as paid, 97::bigint as age, "
        "date '1944-06-06' as died, '甲' as secret"
    )
    dataset = dataclasses.replace(SUBSIDY, fields=fields, release=ReleasePlan())

    MASKER.release(duckdb.connect(), sql, dataset, tmp_path / "o", metadata={}, required_k=5)

    written = pl.read_parquet(tmp_path / "o").row(0)
    assert written == ("[0,500)", Decimal("100.00"), 90, date(1950, 1, 1), "****")


def singled_out(max_suppression: float) -> tuple[Dataset, pl.DataFrame]:
    quasi = tuple(
        dataclasses.replace(each, role=Role.QUASI)
        for each in (FIELDS[0], dataclasses.replace(FIELDS[4], role=Role.QUASI))
    )
    plan = ReleasePlan(sort_by=("district",), max_suppression=max_suppression)
    dataset = dataclasses.replace(SUBSIDY, fields=quasi, release=plan)
    rare = people(2).with_columns(district=pl.lit(None, pl.String))
    return dataset, pl.concat([people(), rare])


def test_a_few_rows_in_small_classes_are_left_out(tmp_path: Path) -> None:
    dataset, frame = singled_out(0.05)

    done = release(frame, tmp_path / "o.parquet", dataset)

    source = f"from '{tmp_path / 'o.parquet'}'"
    assert (done.rows, done.suppressed) == (60, 2)
    assert (shortfall(duckdb.connect(), source, dataset.quasi_identifiers, below=0).k or 0) >= 5


def test_a_class_that_tells_a_sensitive_value_is_left_out_however_large(tmp_path: Path) -> None:
    kind = dataclasses.replace(plain("kind"), role=Role.SENSITIVE)
    district = dataclasses.replace(FIELDS[0], role=Role.QUASI)
    plan = ReleasePlan(l=2, max_suppression=0.4)
    dataset = dataclasses.replace(SUBSIDY, fields=(district, kind), release=plan)
    frame = people().with_columns(
        kind=pl.when(pl.col("district") == "D0")
        .then(pl.lit("甲"))
        .otherwise(pl.col("_row").mod(2).cast(pl.String))
    )

    done = release(frame, tmp_path / "o.parquet", dataset)

    assert (done.rows, done.suppressed) == (40, 20)
    assert set(pl.read_parquet(tmp_path / "o.parquet")["district"]) == {"D1", "D2"}


def test_too_many_small_classes_are_left_for_the_gate(tmp_path: Path) -> None:
    dataset, frame = singled_out(0.01)

    done = release(frame, tmp_path / "o.parquet", dataset)

    source = f"from '{tmp_path / 'o.parquet'}'"
    assert (done.rows, done.suppressed) == (62, 0)
    assert shortfall(duckdb.connect(), source, dataset.quasi_identifiers, below=0).k == 2


def test_an_empty_table_is_released_empty(tmp_path: Path) -> None:
    assert release(people().clear(), tmp_path / "o.parquet").rows == 0
