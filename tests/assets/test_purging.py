"""Received bytes with columns nobody listed go after their term, where the law forbids them."""

from pathlib import Path
from typing import Any

from tests.journeys.homes import City, Row, csv_text, rows_of

WIDE = ("编号", "名称", "更新日期", "身份说明")


def wide(rows: tuple[Row, ...]) -> bytes:
    return csv_text([(*row, f"不应留存{row[0]}") for row in rows], headings=WIDE)


def run(city: City) -> dict[str, Any]:
    outcome: dict[str, Any] = city.run().outcomes["parks"]
    return outcome


def holders(city: City) -> list[str]:
    """Files of the home in which the unlisted column is to be found."""
    return [
        str(each.relative_to(city.root))
        for each in city.root.rglob("*")
        if each.is_file() and "不应留存".encode() in each.read_bytes()
    ]


def sharing(root: Path, *, days: int, regimes: tuple[str, ...] = ("xian-share-2018",)) -> City:
    city = City.found(root, regimes=["xian-open-2022", *regimes], received_term_days=days)
    city.lists("parks", source={"files": "parks*.csv", "ignored_headings": ["身份说明"]})
    city.hands_over("parks", wide(rows_of(3)))
    return city


def test_within_their_term_the_received_bytes_stay(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=30)

    run(city)

    assert len(holders(city)) == 2


def test_after_their_term_nothing_of_an_unlisted_column_is_left(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0)

    first = run(city)

    assert holders(city) == []
    (event,) = city.events("purged")
    assert event["clauses"] == ["xian-share-2018/16.b"]
    again = run(city)
    assert (again["rows_released"], again["version"]) == (3, first["version"])


def test_a_purged_dataset_goes_on_with_its_next_delivery(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0)
    run(city)
    city.hands_over("parks", wide(rows_of(4)))

    assert run(city)["rows_released"] == 4
    assert holders(city) == []


def test_deliveries_that_add_keep_their_listed_columns(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0)
    source = {"files": "parks*.csv", "ignored_headings": ["身份说明"]}
    city.lists("parks", source=source, load="追加")
    run(city)
    city.hands_over("parks", wide(rows_of(2, start=7)))

    assert run(city)["rows_released"] == 5
    assert holders(city) == []


def test_where_no_regulation_forbids_it_the_bytes_stay_as_received(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0, regimes=())

    run(city)

    assert len(holders(city)) == 2
