"""Every record is a row, a blank, a heading, a footer, or a reason to refuse."""

import pytest

from opendata.errors import SourceError
from resources.rows import Intake, Record
from tests.support import a_source

RECORDS: list[Record] = [["编号", "名称"], ["1", "甲"], ["", " \u3000"], ["2", ""], ["合计"]]


def intake(**contract: object) -> Intake:
    return Intake(a_source(**contract), width=2, places=(0, 1), name="x.csv")


def test_rows_keep_the_record_number_of_the_file() -> None:
    taking = intake(footer_rows=1, blank_rows=True)

    rows = list(taking.rows(RECORDS))

    assert rows == [(2, ["1", "甲"]), (4, ["2", None])]
    assert (taking.taken, taking.blank) == (2, 1)


def test_blank_records_are_rows_unless_the_contract_says_otherwise() -> None:
    taking = intake(footer_rows=1)

    assert [number for number, _ in taking.rows(RECORDS)] == [2, 3, 4]
    assert taking.blank == 0


def test_an_empty_line_is_a_blank_record_not_a_ragged_one() -> None:
    assert list(intake().rows([["a", "b"], [], ["1", "2"]])) == [
        (2, [None, None]),
        (3, ["1", "2"]),
    ]


def test_ragged_records_are_refused_by_number_and_count() -> None:
    records: list[Record] = [["a", "b"], *([["秘密"]] * 7), ["1", "2"]]

    with pytest.raises(SourceError, match=r"7 records .* 2, 3, 4, 5, 6\)") as refusal:
        list(intake().rows(records))

    assert "有 7 行" in refusal.value.reason
    assert "秘密" not in str(refusal.value) + refusal.value.reason


def test_padding_fills_short_records_and_drops_blank_cells_beyond_the_last() -> None:
    rows = list(intake(padded=True).rows([["a", "b"], ["1"], ["1", "2", " "]]))

    assert rows == [(2, ["1", None]), (3, ["1", "2"])]


def test_padding_never_drops_a_cell_that_holds_something() -> None:
    with pytest.raises(SourceError, match="1 records"):
        list(intake(padded=True).rows([["a", "b"], ["1", "2", "3"]]))


def test_footers_may_be_ragged() -> None:
    rows = list(intake(footer_rows=2).rows([["a", "b"], ["1", "2"], ["注"], ["a", "b", "c"]]))

    assert rows == [(2, ["1", "2"])]
