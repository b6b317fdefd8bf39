"""Parquet: the wanted columns as text, exact to the last digit, or the file is refused."""

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opendata.errors import StructureChanged
from opendata.vocabulary import OnChange
from tests.resources.deliveries import opened, refused

DAMAGED = (
    "its Parquet is cut short, damaged or of a kind that is not read; transfer it again",
    "Parquet 文件不完整或已损坏，请重新传输。",
)


def parquet(**columns: Any) -> bytes:
    packed = io.BytesIO()
    pq.write_table(pa.table(columns), packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array(["007", ""]), "007"),
        (pa.array(["甲", None]).dictionary_encode(), "甲"),
        (pa.array([2**63 - 1, None]), "9223372036854775807"),
        (pa.array([Decimal("-0.10"), None], pa.decimal128(38, 2)), "-0.10"),
        (pa.array([Decimal("1" * 36 + ".50"), None], pa.decimal128(38, 2)), "1" * 36 + ".50"),
        (pa.array([0.1, None]), "0.1"),
        (pa.array([True, None]), "true"),
        (pa.array([date(2023, 5, 1), None]), "2023-05-01"),
        (pa.array([time(10, 20, 30), None]), "10:20:30"),
        (pa.array([datetime(2023, 5, 1, 10, 20, 30), None]), "2023-05-01 10:20:30"),  # noqa: DTZ001
        (pa.array([1_500_000_000_000_001, None], pa.timestamp("us")), "2017-07-14 02:40:00.000001"),
        (pa.array([1, None], pa.timestamp("ns")), "1970-01-01 00:00:00.000000001"),
        (pa.array([1, None], pa.timestamp("ns", "UTC")), "1970-01-01 00:00:00.000000001+00"),
        (
            pa.array([datetime(2023, 5, 1, 10, 20, 30, tzinfo=UTC), None]),
            "2023-05-01 10:20:30+00",
        ),
    ],
    ids=lambda given: str(given.type) if isinstance(given, pa.Array) else None,
)
def test_a_value_is_cast_exactly(tmp_path: Path, column: pa.Array, text: str) -> None:
    _, rows = opened(tmp_path, parquet(编号=column, 名称=["x", "y"]))

    assert rows == [(text, "x", 1), (None, "y", 2)]


def test_columns_are_bound_by_name_and_new_ones_are_told(tmp_path: Path) -> None:
    content = parquet(秘密=[[1]], 名称=["甲"], 编号=[1])

    with pytest.raises(StructureChanged, match=r"its columns are not those .* column 1;"):
        opened(tmp_path, content)
    table, rows = opened(tmp_path, content, on_change=OnChange.EVOLVE)
    assert rows == [("1", "甲", 1)]
    assert table.changes is not None
    assert (table.changes.new, table.changes.reordered) == ((1,), True)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1]]),
        pa.array([{"a": 1}]),
        pa.array([b"x"]),
        pa.array([b"ab"], pa.binary(2)),
        pa.array([1], pa.duration("us")),
        pa.array([Decimal("1.5")], pa.decimal256(60, 2)),
    ],
    ids=lambda given: str(given.type),
)
def test_what_is_no_plain_value_is_refused_where_it_is_wanted(
    tmp_path: Path, column: pa.Array
) -> None:
    content = parquet(编号=column, 名称=["x"])

    with refused(
        "its columns 编号 hold lists, objects, bytes or numbers of more than 38 digits; only plain "
        "values are read: leave them out, or write them as text",
        "的列（编号）不是单个值（列表、对象、二进制或超过 38 位的数值），请改为文本后重新报送。",
    ):
        opened(tmp_path, content)
    assert opened(tmp_path, content, columns=(("name", "名称"),), ignored_headings=("编号",))[
        1
    ] == [("x", 1)]


def test_a_contract_of_footers_does_not_fit(tmp_path: Path) -> None:
    with refused(
        "it is Parquet, which has no footers and no blank records; take `footer_rows` and "
        "`blank_rows` out of the catalog entry, or ask for the file as agreed",
        "是 Parquet 文件，没有表尾和空行，请更正目录登记，或按登记的格式重新报送。",
    ):
        opened(tmp_path, parquet(编号=[1], 名称=["x"]), footer_rows=1)


def test_a_footer_cut_off_is_refused(tmp_path: Path) -> None:
    with refused(*DAMAGED):
        opened(tmp_path, parquet(编号=[1], 名称=["x"])[:-20])


def test_damage_met_while_it_is_scanned_is_told_without_a_value(tmp_path: Path) -> None:
    content = bytearray(parquet(编号=[f"110105{at:012}" for at in range(5000)], 名称=["x"] * 5000))
    content[20:400] = bytes(each ^ 0xFF for each in content[20:400])

    with refused(*DAMAGED):
        opened(tmp_path, bytes(content))
