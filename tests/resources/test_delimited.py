"""The exact reader: Python's csv in strict mode, over characters decoded strictly."""

from pathlib import Path

import pytest

from opendata.errors import SourceError
from opendata.source import Source
from resources.delimited import layout, records
from resources.headings import Binder
from resources.transcode import TextFile
from tests.support import a_source


def text(tmp_path: Path, content: str) -> TextFile:
    (tmp_path / "x.csv").write_bytes(content.encode())
    return TextFile(path=tmp_path / "x.csv", name="x.csv", encoding="utf-8")


def bound(source: Source) -> Binder:
    return Binder(source=source, name="x.csv")


def test_an_empty_line_is_a_record_of_no_cells(tmp_path: Path) -> None:
    found = list(records(text(tmp_path, "a,b\n\n1,2\n"), a_source()))

    assert found == [["a", "b"], [], ["1", "2"]]


def test_a_cell_may_be_longer_than_the_csv_module_allows_by_default(tmp_path: Path) -> None:
    assert list(records(text(tmp_path, "x" * 200_000), a_source())) == [["x" * 200_000]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a\n"1\n', "never closed: .* at record 2"),
        ('a\n1\n"1"2\n', "stands where none can, at record 3"),
    ],
    ids=["open", "text behind"],
)
def test_malformed_quoting_is_refused_by_record(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        list(records(text(tmp_path, content), a_source()))


def test_the_layout_tells_where_the_rows_begin(tmp_path: Path) -> None:
    source = a_source(columns=(("b", "乙"), ("a", "甲")), header_row=2)

    found = layout(text(tmp_path, '"标\n题"\r\n甲,乙\r\n1,2\r\n'), bound(source))

    assert (found.places, found.width, found.header_lines) == ((1, 0), 2, 3)
    assert found.line_break == b"\r\n"


def test_headings_without_a_line_break_are_a_line_too(tmp_path: Path) -> None:
    found = layout(text(tmp_path, "甲"), bound(a_source(columns=(("a", "甲"),))))

    assert found.header_lines == 1
