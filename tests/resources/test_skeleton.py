"""The skeleton counts what Python's csv counts, or says that it cannot."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resources.skeleton import Skeleton, count_records


def counted(
    content: bytes, columns: int, *, skip_lines: int = 0, line_break: bytes = b"", size: int = 7
) -> int | None:
    skeleton = Skeleton(columns=columns, delimiter=b",", quote=b'"', line_break=line_break)
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    return count_records(chunks, skeleton, skip_lines=skip_lines)


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (b"a,b\n1,2\n", 2),
        (b"a,b\r\n1,2\r\n", 2),
        (b"a,b\n1,2", 2),
        (b'a,"b\n,""c"""\n1,2\n', 2),
        (b'"a","b"\n"",""\n', 2),
        (b"\xef\xbb\xbfa,b\n", 1),
        (b"", 0),
    ],
    ids=["lf", "crlf", "no last break", "quoted break", "all quoted", "mark", "nothing"],
)
def test_regular_records_are_counted(content: bytes, records: int) -> None:
    assert counted(content, 2) == records


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1\n",
        b"a,b\n1,2,3\n",
        b"a,b\n1,2,\n",
        b"a,b\n\n1,2\n",
        b"a,b\n1,2\n\n",
        b"a,b\n1,2\r\n",
        b"a,b\r1,2\r",
        b'a,b\n1,"2\n',
        b'a,b\n1,2"x\n',
        b'a,b\n5","6"\n5","6"\n',
        b'a,b\n1, "2"\n',
        b'a,b\n"1" ,2\n',
    ],
    ids=[
        "short",
        "long",
        "long by a blank",
        "blank line",
        "blank end",
        "mixed breaks",
        "old mac breaks",
        "open quote",
        "quote in cell",
        "inch marks",
        "blank before quote",
        "blank behind quote",
    ],
)
def test_anything_irregular_is_left_to_the_exact_reader(content: bytes) -> None:
    assert counted(content, 2) is None


def test_heading_lines_are_skipped_whatever_they_hold() -> None:
    assert counted(b'title\n"a\nb",c\n1,2\n', 2, skip_lines=3, line_break=b"\n") == 1


def test_rows_must_break_lines_as_the_headings_do() -> None:
    assert counted(b"a,b\r\n1,2\n", 2, skip_lines=1, line_break=b"\r\n") is None


@given(
    st.lists(
        st.lists(st.text('a,"\n 中', max_size=4), min_size=3, max_size=3), min_size=1, max_size=5
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 9),
)
def test_every_well_formed_file_is_counted(
    records: list[list[str]], line_break: str, quoting: int, size: int
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=line_break, quoting=quoting).writerows(records)  # type: ignore[arg-type]

    assert counted(written.getvalue().encode(), 3, size=size) == len(records)


@given(st.text('a,"\n \r', max_size=24), st.integers(1, 3), st.integers(1, 9))
@example("\ra\n\r\n", 1, 1)  # a break, text and a break are not one break
def test_a_count_is_never_wrong(content: str, columns: int, size: int) -> None:
    found = counted(content.encode(), columns, size=size)

    if found is not None:
        reader = csv.reader(io.StringIO(content, newline=""))
        assert [len(each) or 1 for each in reader] == [columns] * found
