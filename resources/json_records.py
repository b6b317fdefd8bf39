"""The records of one JSON document, each as it is spelled: no number is read and written again.

A page of an interface goes in, the texts of its records come out. What the pages of one pull must
have in common is ``pages.py``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from json import JSONDecoder
from typing import Any, NoReturn

_BLANKS = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its keys, and its text on a line of its own."""

    keys: frozenset[str]
    text: str


def json_records(text: str, path: Sequence[str]) -> tuple[Record, ...]:
    """The records in the list that the keys ``path`` lead to; the whole document must be sound.

    Raises:
        ValueError: it is not JSON.
        LookupError: there is no such list, or something in it is not an object.

    >>> [each.text for each in json_records('{"data": [{"a": 1.10}, {"a": 2e0}]}', ["data"])]
    ['{"a": 1.10}', '{"a": 2e0}']
    """
    document = _Document(text)
    try:
        end = document.blanks(document.value(document.blanks(0), path))
    except (IndexError, RecursionError):
        raise ValueError("it ends in the middle") from None
    if end != len(text):
        raise ValueError("something follows the document")
    if document.found is None:
        raise LookupError("nothing at the path")
    return tuple(document.records())


class _Document:
    """A document being walked: every method takes where something begins and returns its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[tuple[Any, int, int]] | None = None
        decoder = JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse)
        self._decode: Callable[[str, int], tuple[Any, int]] = decoder.raw_decode

    def blanks(self, at: int) -> int:
        while self.text[at : at + 1] in _BLANKS and at < len(self.text):
            at += 1
        return at

    def value(self, at: int, path: Sequence[str] | None) -> int:
        """Any value; ``path`` leads on to the records from here, None is no way to them."""
        first = self.text[at]
        if path and first == "{":
            return self._parts(at, "}", lambda each: self._member(each, path))
        if path is not None and not path and first == "[":
            self.found = []
            return self._parts(at, "]", self._record)
        if path is not None and first == "n":
            self.found = []  # null on the way: beyond their last page many interfaces say so
        return self._decode(self.text, at)[1]

    def _member(self, at: int, path: Sequence[str]) -> int:
        name, end = self._decode(self.text, at)
        colon = self.blanks(end)
        if not isinstance(name, str) or self.text[at] != '"' or self.text[colon] != ":":
            raise ValueError("a member without a name")
        return self.value(self.blanks(colon + 1), path[1:] if name == path[0] else None)

    def _record(self, at: int) -> int:
        value, end = self._decode(self.text, at)
        if self.found is not None:
            self.found.append((value, at, end))
        return end

    def _parts(self, at: int, closing: str, part: Callable[[int], int]) -> int:
        at = self.blanks(at + 1)
        if self.text[at] == closing:
            return at + 1
        while True:
            at = self.blanks(part(at))
            if self.text[at] == closing:
                return at + 1
            if self.text[at] != ",":
                raise ValueError("neither a comma nor an end")
            at = self.blanks(at + 1)

    def records(self) -> Iterator[Record]:
        found = self.found or []
        if not all(isinstance(value, dict) for value, _, _ in found):
            raise LookupError("a record that is no object")
        for value, start, end in found:
            # NOTE: sound JSON has line breaks between its tokens only, never inside a string.
            text = self.text[start:end].replace("\r", " ").replace("\n", " ")
            yield Record(frozenset(value), text)


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
