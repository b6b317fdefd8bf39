import gzip
import io
import json
from typing import Any, NamedTuple

import polars as pl
import pytest

from pipelines.demo.files import xls_bytes, xlsx_bytes
from tests.journeys.homes import HEADINGS, City, Ran, csv_text, rows_of
from tests.resources.deliveries import cell, compound, ods, zipped

GOOD = csv_text(rows_of(3))
BAD: dict[str, bytes | None] = {
    "absent": None,
    "blank": b"",
    "cut": GOOD.rstrip() + b'\r\nP-0009,"half a na',
    "undecodable": GOOD + b"P-0009,\xff\xfe\xfa\x80,2026-03-01\r\n",
    "pdf": b"%PDF-1.7\n" + GOOD,
    "html": b"<!DOCTYPE html><table><tr><td>1</td></tr></table>",
    "zip": b"PK\x03\x04 not a workbook",
    "headings": csv_text(rows_of(3), headings=("编号", "名字", "更新日期")),
    "ragged": GOOD + b"P-0009,one,two,2026-03-01\r\n",
    "headless": csv_text(rows_of(3)).split(b"\r\n", 1)[1],
    "locked": compound(EncryptionInfo=b"\4\0\4\0", EncryptedPackage=b"secret" * 900),
    "two_in_one": zipped({"a.csv": GOOD, "b.csv": GOOD}),
    "gzip_cut": gzip.compress(GOOD)[:-5],
    "pasted_twice": GOOD + GOOD,
    "mixed": csv_text(rows_of(3)).decode().encode("gb18030")
    + "P-9,行政许可,2026-03-01\r\n".encode(),
    "nested": json.dumps([dict(zip(HEADINGS, [["x"], "y", "z"], strict=True))]).encode(),
    "nul": GOOD + b"P-0009,\0,2026-03-01\r\n",
}
SAID = {
    "absent": "收件目录中没有与“absent*.csv”相符的文件",
    "blank": "“blank.csv”是空文件",
    "cut": "引号未闭合，文件可能被截断",
    "undecodable": "无法按 utf-8 解码",
    "pdf": "的内容是 PDF",
    "html": "的内容是 HTML or XML",
    "zip": "的内容是 damaged ZIP",
    "headings": "缺少名称",
    "ragged": "列数与表头的 3 列不符",
    "headless": "表头与目录登记不符",
    "locked": "设有密码，无法读取，请去除密码后重新保存报送",
    "two_in_one": "压缩包内有 2 个文件，只能有一个",
    "gzip_cut": "压缩包不完整或已损坏",
    "pasted_twice": "第 5 行重复了表头",
    "mixed": "混入 UTF-8 编码的内容",
    "nested": "不是单个值（为列表或对象）",
    "nul": "含有空字符（NUL）",
}
WORKBOOK = [HEADINGS, *rows_of(5)]


def parquet_bytes(records: list[Any]) -> bytes:
    packed = io.BytesIO()
    pl.DataFrame(records[1:], schema=list(records[0]), orient="row").write_parquet(packed)
    return packed.getvalue()


def json_bytes(records: list[Any]) -> bytes:
    rows = [dict(zip(records[0], row, strict=True)) for row in records[1:]]
    return json.dumps(rows, ensure_ascii=False).encode()


GOOD_ALL_THE_SAME = {
    "new_workbook": xlsx_bytes(WORKBOOK, sheet="明细"),
    "old_workbook": xls_bytes(WORKBOOK),
    "gzipped": gzip.compress(csv_text(rows_of(5)), mtime=0),
    "gb18030": csv_text(rows_of(5)).decode().encode("gb18030"),
    "utf16": csv_text(rows_of(5)).decode().encode("utf-16"),
    "open_document": ods(*("".join(map(cell, map(str, row))) for row in WORKBOOK)),
    "packed_et": zipped({"数据.et": xls_bytes(WORKBOOK)}),
    "parquet": parquet_bytes(WORKBOOK),
    "json": json_bytes(WORKBOOK),
    "lines_of_json": b"\n".join(json_bytes([HEADINGS, row])[1:-1] for row in rows_of(5)),
}


class Deliveries(NamedTuple):
    """A city that was opened once and then got these files instead."""

    city: City
    before: Any
    done: Ran


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    city = City.found(tmp_path_factory.mktemp("bad") / "home")
    for dataset in (*BAD, *GOOD_ALL_THE_SAME):
        encoded: dict[str, Any] = {"source": {"files": "utf16*.csv", "encoding": "utf-16"}}
        city.lists(dataset, **encoded if dataset == "utf16" else {})
        first = csv_text(rows_of(4, word=dataset))
        city.hands_over(dataset, first.decode().encode("utf-16") if dataset == "utf16" else first)
    assert city.run().code == 0
    before = city.manifest()["datasets"]
    for dataset, content in (BAD | GOOD_ALL_THE_SAME).items():
        if content is None:
            (city.root / "inbox" / "market" / f"{dataset}.csv").unlink()
        else:
            city.hands_over(dataset, content)
    return Deliveries(city, before, city.run())


@pytest.mark.parametrize("dataset", list(BAD))
def test_a_bad_delivery_fails_in_plain_chinese(deliveries: Deliveries, dataset: str) -> None:
    told = deliveries.done.outcomes[dataset]

    assert told["verdict"] == "failed"
    assert [each["rule"] for each in told["reasons"]] == ["LND-01"]
    assert SAID[dataset] in told["reasons"][0]["text"]
    assert "重新报送" in told["reasons"][0]["remedy"]


@pytest.mark.parametrize("dataset", list(BAD))
def test_what_was_released_before_is_left_as_it_was(deliveries: Deliveries, dataset: str) -> None:
    line = deliveries.before[dataset]
    file = deliveries.city.public / "datasets" / dataset / f"{dataset}.parquet"

    assert deliveries.city.manifest()["datasets"][dataset] == line
    assert pl.read_parquet(file).height == 4


@pytest.mark.parametrize("dataset", list(GOOD_ALL_THE_SAME))
def test_a_container_or_encoding_its_name_does_not_say_is_read(
    deliveries: Deliveries, dataset: str
) -> None:
    told = deliveries.done.outcomes[dataset]

    assert (told["verdict"], told["version"]) == ("released", 2)
    assert told["rows_landed"] == told["rows_released"] == 5


def test_a_bad_delivery_is_refused_again_until_it_changes(deliveries: Deliveries) -> None:
    again = deliveries.city.run()

    assert again.code == 3
    assert {each["changed"] for each in again.json} == {False}


def test_two_files_for_one_source_are_one_too_many(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(2))
    city.put("inbox/market/parks_again.csv", csv_text(rows_of(2)))

    (reason,) = city.run().outcomes["parks"]["reasons"]

    assert "（parks.csv、parks_again.csv），请只保留一个" in reason["text"]


def test_a_file_of_headings_alone_does_not_replace_what_is_open(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(4))
    city.run()

    city.hands_over("parks", [])
    done = city.run()

    assert done.code == 3
    assert city.manifest()["datasets"]["parks"]["rows"] == 4


def test_a_link_out_of_the_inbox_is_not_followed(city: City) -> None:
    city.lists("parks")
    outside = city.put("elsewhere.csv", csv_text(rows_of(2)))
    link = city.root / "inbox" / "market" / "parks.csv"
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)

    (reason,) = city.run().outcomes["parks"]["reasons"]

    assert "不是普通文件" in reason["text"]
