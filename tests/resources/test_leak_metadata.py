"""What is said about the data gives nobody away: titles, descriptions, a Parquet file's footer."""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opendata.catalog import Dataset, Field
from opendata.findings import LeakFinding
from opendata.identifiers import citizen_id_check
from resources.leak_metadata import scan_metadata
from resources.vault import SecretKey

KEY = SecretKey(b"k" * 32)
PERSON = "11019919770427592" + citizen_id_check("11019919770427592")
PLAIN = {"title": "公园目录", "summary": "全市公园。", "heading": "名称"}


def dataset(**said: str) -> Dataset:
    told = PLAIN | said
    field = Field(name="name", title=told["heading"], heading=told["heading"])
    return Dataset(
        id="parks", title=told["title"], summary=told["summary"], body="market", fields=(field,)
    )


def scanned(path: Path, described: Dataset) -> tuple[LeakFinding, ...]:
    with duckdb.connect() as con:
        return scan_metadata(con, path, described, digest_key=KEY)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    path = tmp_path / "parks.parquet"
    pl.DataFrame({"name": ["东湖公园", "西湖公园"]}).write_parquet(path)
    return path


def test_ordinary_words_and_digests_are_nobody(released: Path) -> None:
    digest = "1" + "3812345678" * 6 + "abc"

    assert scanned(released, dataset(summary=f"SHA-256 为 {digest}，共 20260331 条。")) == ()


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"title": f"{PERSON}的登记"}, "元数据“名称”"),
        ({"summary": f"问题请找 {PERSON}。"}, "元数据“摘要”"),
        ({"heading": PERSON}, "元数据“字段 name 的名称”"),
    ],
    ids=["title", "summary", "field"],
)
def test_a_citizen_id_in_a_text_blocks_and_is_not_told(
    released: Path, said: dict[str, str], where: str
) -> None:
    (found,) = scanned(released, dataset(**said))

    assert (found.column, found.semantic, found.count, found.blocks) == (
        where,
        "公民身份号码",
        1,
        True,
    )
    assert PERSON not in repr(found)


def test_an_address_for_questions_is_for_a_steward_to_look_at(released: Path) -> None:
    (found,) = scanned(released, dataset(summary="咨询：opendata@example.gov.cn"))

    assert (found.semantic, found.blocks) == ("电子邮箱", False)


def test_the_words_a_file_keeps_in_its_footer_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "parks.parquet"
    table = pa.table({"name": ["东湖公园"]}).replace_schema_metadata({"remark": f"经办 {PERSON}"})
    pq.write_table(table, path)

    found = {each.column: each.blocks for each in scanned(path, dataset())}

    assert found["文件属性“remark”"]


def test_a_bound_that_is_no_value_of_the_column_is_looked_at(
    tmp_path: Path, released: Path
) -> None:
    """A footer may be left over from before the column was treated."""
    path = tmp_path / "stale.parquet"
    values = [f"{PERSON}"] + ["东湖公园"] * 3
    pq.write_table(pa.table({"name": values}), path)
    raw = path.read_bytes()
    treated = raw.replace(PERSON.encode(), b"*" * 18, 1)
    assert treated != raw
    path.write_bytes(treated)

    assert scanned(released, dataset()) == ()
    assert [each.blocks for each in scanned(path, dataset())] == [True]
