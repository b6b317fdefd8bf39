"""Receipts: a dropped file is told what became of it, once it was judged and not before."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from assets.dropping import take_dropped
from assets.receipts import write_receipts
from pipelines.orchestra import execute
from resources.drop import DropFolder
from tests.journeys.homes import FIELDS, City, csv_text, rows_of

WIDER = ("编号", "名称", "更新日期", "备注")


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A city whose dropped files settle at once."""
    city = City.found(tmp_path / "home", settle_seconds=0)
    city.lists("parks")
    return city


def drop(city: City, name: str, content: bytes, *, body: str = "market") -> Path:
    return city.put(f"inbox/{body}/drop/{name}", content)


def taken(city: City) -> list[str]:
    with closing(city.workshop()) as workshop:
        return [each.id for each in take_dropped(workshop)]


def run(city: City) -> None:
    """What a run of the command does with what was dropped."""
    with closing(city.workshop()) as workshop:
        take_dropped(workshop)
        ids = {each.id for each in workshop.catalog.datasets}
        execute(workshop, workshop.catalog.in_reading_order)
        with workshop.home.working():
            write_receipts(workshop, ids)


def receipts(city: City, folder: str, *, body: str = "market") -> list[str]:
    found = (city.root / "inbox" / body / folder).glob("*.回执.txt")
    return [each.read_text(encoding="utf-8") for each in sorted(found)]


def waiting(city: City) -> list[str]:
    return [each.name for each in DropFolder(city.root / "inbox" / "market").claimed()]


def test_a_file_that_was_read_is_done_and_told_its_numbers(city: City) -> None:
    rows = [*rows_of(3), ("P-9999", "", "2026-03-15")]
    drop(city, "parks2026.csv", csv_text(rows))

    run(city)

    (text,) = receipts(city, "done")
    assert text.startswith("数据文件回执\n\n文件名：parks2026.csv\n收到时间：20")
    assert "数据集：parks目录（parks）\n处理结果：已处理\n" in text
    assert "读入行数：4\n问题数据行数：1\n" in text
    assert text.endswith("文件现存：inbox/market/parks2026.csv（由新文件替换后移入 done/）\n")
    assert waiting(city) == []


def test_a_file_set_aside_for_its_headings_is_failed_and_the_one_before_it_stands(
    city: City,
) -> None:
    city.lists("parks", on_change="隔离")
    good, wider = csv_text(rows_of(3)), csv_text([("1", "甲", "2026-03-15", "x")], headings=WIDER)
    drop(city, "parks.csv", good)
    run(city)
    drop(city, "parks.csv", wider)

    run(city)

    (text,) = receipts(city, "failed")
    assert "处理结果：未处理\n" in text
    assert "说明：表头与目录登记不一致，该批数据已隔离" in text
    assert (city.root / "inbox/market/parks.csv").read_bytes() == good
    assert city.query("select count(*) from parks") == [(3,)]


def test_a_file_that_could_not_be_read_is_failed_and_told_why(city: City) -> None:
    good, bad = csv_text(rows_of(3)), "编号,别的\n1,2\n".encode()
    drop(city, "parks.csv", good)
    run(city)
    drop(city, "parks.csv", bad)

    run(city)

    (text,) = receipts(city, "failed")
    assert "处理结果：未处理\n开放结论：处理失败\n" in text
    assert "说明：LND-01 " in text
    assert "办法：" in text
    assert "依据：" in text
    assert (city.root / "inbox/market/parks.csv").read_bytes() == good
    (failed,) = (city.root / "inbox/market/failed").glob("*.csv")
    assert failed.read_bytes() == bad
    assert city.query("select count(*) from parks") == [(3,)]


def test_no_row_value_gets_into_a_receipt(city: City) -> None:
    drop(city, "parks.csv", csv_text([("P-1", "秘密公园", "no date"), *rows_of(2)]))

    run(city)

    (text,) = receipts(city, "done")
    assert "秘密公园" not in text
    assert "no date" not in text


def test_the_same_bytes_again_are_done_without_a_run(city: City) -> None:
    drop(city, "parks.csv", csv_text(rows_of(3)))
    run(city)
    drop(city, "parks.csv", csv_text(rows_of(3)))

    assert taken(city) == []

    assert len(receipts(city, "done")) == 2
    assert waiting(city) == []


def test_a_file_waits_for_its_judgement_whatever_happens_meanwhile(city: City) -> None:
    drop(city, "parks.csv", csv_text(rows_of(3)))

    assert taken(city) == ["parks"]
    assert taken(city) == ["parks"]

    assert receipts(city, "done") == []
    assert waiting(city) == ["parks.csv"]


def test_a_file_waits_while_the_key_is_missing(tmp_path: Path) -> None:
    city = City.found(tmp_path / "home", settle_seconds=0, key="env:NO_SUCH_KEY_IN_TESTS")
    name = {"title": "名称", "required": True, "action": "假名", "purpose": "parks"}
    city.lists("parks", fields={**FIELDS, "name": name})
    drop(city, "parks.csv", csv_text(rows_of(9)))

    run(city)

    assert receipts(city, "failed") == receipts(city, "done") == []
    assert waiting(city) == ["parks.csv"]


def test_a_file_waits_for_the_other_source_of_its_dataset(city: City) -> None:
    columns = {"no": "编号", "name": "名称"}
    city.lists(
        "parks",
        model="select a.no, a.name, b.day as updated_on from {{ source('a') }} a "
        "join {{ source('b') }} b on a.no = b.no",
        sources={
            "a": {"files": "a*.csv", "columns": columns},
            "b": {"files": "b*.csv", "columns": {"no": "编号", "day": "日期"}},
        },
    )
    drop(city, "a.csv", "编号,名称\n1,甲\n".encode())

    run(city)

    assert receipts(city, "failed") == []
    assert waiting(city) == ["a.csv"]


def test_each_body_has_its_own_drop_folder(city: City) -> None:
    city.lists("clinics", body="health")
    drop(city, "clinics.csv", csv_text(rows_of(2)), body="market")
    drop(city, "clinics.csv", csv_text(rows_of(2)), body="health")

    assert taken(city) == ["clinics"]

    assert len(receipts(city, "failed", body="market")) == 1
    assert receipts(city, "failed", body="health") == []


def test_a_file_that_has_not_settled_stays(tmp_path: Path) -> None:
    city = City.found(tmp_path / "home", settle_seconds=3600)
    city.lists("parks")
    path = drop(city, "parks.csv", csv_text(rows_of(3)))
    os.utime(path, (0, 0))
    slept: list[float] = []

    with closing(city.workshop()) as workshop:
        assert take_dropped(workshop, sleep=slept.append) == ()

    assert path.exists()
    assert slept == [1]


def test_where_nothing_was_dropped_nothing_is_waited_for(city: City) -> None:
    slept: list[float] = []

    with closing(city.workshop()) as workshop:
        assert take_dropped(workshop, sleep=slept.append) == ()

    assert slept == []


def test_a_drop_folder_that_cannot_be_used_is_told_and_stops_nobody(city: City) -> None:
    city.lists("clinics", body="health")
    (city.root / "inbox/market").mkdir(parents=True)
    (city.root / "inbox/market/drop").symlink_to("/tmp")
    drop(city, "clinics.csv", csv_text(rows_of(2)), body="health")

    assert taken(city) == ["clinics"]
