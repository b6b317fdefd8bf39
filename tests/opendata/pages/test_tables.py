"""The files beside the pages: plain tables in which nothing is ever run as a formula."""

import csv
import io
from dataclasses import replace

import pytest

from opendata.pages.render import version_page
from opendata.pages.tables import Table, csv_of, overview_tables, safe, version_tables
from tests.opendata.pages.test_render import BLOCKED, OVERVIEW


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(1)",
        "+1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff201",
    ],
)
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("cell", [-3, 0.5, None, "合格", "2026-03-31", "'=1"])
def test_numbers_and_plain_words_stay_as_they_are(cell: str | float | None) -> None:
    assert safe(cell) == cell


def test_a_csv_opens_as_chinese_and_comes_back_as_it_was() -> None:
    table = Table(name="表", headings=("甲", "乙"), rows=(("=1", 2), ("一,二\n三", None)))

    written = csv_of(table)

    assert written.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert read == [["甲", "乙"], ["'=1", "2"], ["一,二\n三", ""]]


def test_every_rule_of_a_version_is_a_line_with_its_counts() -> None:
    rules = version_tables(BLOCKED)[0]

    assert BLOCKED.quality is not None
    assert len(rules.rows) == len(BLOCKED.quality.results)
    lines = [dict(zip(rules.headings, each, strict=True)) for each in rules.rows]
    broken = next(each for each in lines if each["规则编号"] == "rule_2")
    assert (broken["结果"], broken["不符合数"], broken["评估数"]) == ("未通过", 37, 12050)


def test_every_table_is_as_wide_as_its_headings() -> None:
    for table in (*version_tables(BLOCKED), *overview_tables(OVERVIEW)):
        assert all(len(each) == len(table.headings) for each in table.rows), table.name
        assert len(table.name) <= 31


def test_a_version_that_was_never_judged_has_empty_tables() -> None:
    assert version_tables(replace(BLOCKED, quality=None))[0].rows == ()


def test_a_page_links_the_files_beside_it_and_only_where_there_are_any() -> None:
    with_files = version_page(replace(BLOCKED, stem="enterprise_register"))

    assert all(
        f'href="enterprise_register.{kind}"' in with_files for kind in ("xlsx", "csv", "json")
    )
    assert "本页数据" not in version_page(BLOCKED)
