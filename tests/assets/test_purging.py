"""Received bytes with columns nobody listed go after their term, where the law forbids them."""

from pathlib import Path
from typing import Any

from tests.journeys.homes import City, Row, csv_text, rows_of
from tests.resources.sites import Site

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


def sharing(
    root: Path, *, days: int, regimes: tuple[str, ...] = ("xian-share-2018",), **settings: Any
) -> City:
    told = settings | {"received_term_days": days}
    city = City.found(root, regimes=["xian-open-2022", *regimes], **told)
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


def test_purged_bytes_that_are_sent_again_go_again(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0)
    run(city)
    for rows in (rows_of(4), rows_of(3)):
        city.hands_over("parks", wide(rows))
        run(city)

    assert holders(city) == []
    assert city.query("select count(*) from parks") == [(3,)]


def test_purged_bytes_that_are_sent_again_go_even_where_nothing_is_run(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0)
    run(city)
    sent = city.root / "inbox/market/parks-again.csv"
    sent.write_bytes(wide(rows_of(3)))

    for _ in range(2):
        run(city)

    assert not sent.exists()
    assert holders(city) == []


def test_a_delivery_refused_for_a_column_nobody_listed_goes_too(tmp_path: Path) -> None:
    city = sharing(tmp_path / "city", days=0)
    city.lists("parks")
    city.hands_over("parks", wide(rows_of(3)))

    assert run(city)["verdict"] == "failed"

    assert holders(city) == []
    (event,) = city.events("purged")
    assert not event["detail"]["listed_kept"]


def test_a_delivery_that_counts_and_cannot_be_read_any_more_is_kept_and_told(
    tmp_path: Path,
) -> None:
    city = sharing(tmp_path / "city", days=30)
    city.lists("trees", source={"files": "trees.csv", "ignored_headings": ["身份说明"]})
    city.hands_over("trees", wide(rows_of(2)))
    run(city)
    settings = city.root / "opendata.yaml"
    settings.write_text(settings.read_text("utf-8").replace("term_days: 30", "term_days: 0"))
    city.lists("parks", source={"files": "parks*.csv", "header_row": 9})

    told = city.opendata("run", "--as-of", "2026-03-31")

    assert "parks" in told.err
    assert [each["dataset_id"] for each in city.events("purged")] == ["trees"]
    assert [Path(each).parts[0] for each in sorted(holders(city))] == ["inbox", "restricted"]


def test_what_was_pulled_from_an_address_goes_from_there_too(tmp_path: Path) -> None:
    with Site(lambda exchange: exchange.says(200, wide(rows_of(3)))) as site:
        host = f"127.0.0.1:{site.server_port}"
        city = sharing(
            tmp_path / "city", days=0, pulling={"hosts": [host], "private_hosts": [host]}
        )
        (city.root / "inbox/market/parks.csv").unlink()
        pulled = {"pull": {"url": f"http://{host}/p.csv"}, "ignored_headings": ["身份说明"]}
        city.lists("parks", source=pulled)

        for _ in range(2):
            assert run(city)["rows_released"] == 3
            assert holders(city) == []


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
