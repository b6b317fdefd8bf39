"""The quick proof of UTF-8 says yes only where the exact decoder would find nothing wrong."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.utf8_proof import is_clean_utf8


def cut(content: bytes, length: int) -> Iterator[bytes]:
    for start in range(0, len(content), length):
        yield content[start : start + length]


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n")), st.integers(1, 9))
def test_whatever_is_utf8_is_proven_wherever_it_is_cut(text: str, length: int) -> None:
    assert is_clean_utf8(cut(text.encode(), length))


@given(st.binary(), st.integers(1, 9))
def test_nothing_is_proven_that_cannot_be_decoded(content: bytes, length: int) -> None:
    if is_clean_utf8(cut(content, length)):
        content.decode("utf-8")


@pytest.mark.parametrize(
    "content", [b"a\0b\n", "甲\x85乙\n".encode(), "甲乙".encode()[:-1], b"\xc1\xe9\n"]
)
@pytest.mark.parametrize("length", [1, 2, 100])
def test_nul_controls_cut_and_foreign_bytes_are_not_proven(content: bytes, length: int) -> None:
    assert not is_clean_utf8(cut(content, length))
