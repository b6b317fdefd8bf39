"""JSON as text: the records of one or several documents, one after the other, numbers unread.

A pull parser over the standard library's decoder: only one record is held at a time, and a number
keeps the spelling it has in the file, which no reader that makes numbers of them can promise.
What the records mean is ``json_rows.py``.
"""

import json
from collections.abc import Iterable, Iterator

from opendata.errors import SourceError
from resources.source_errors import cannot_land
from resources.text_damage import MAX_RECORD, endless
from resources.transcode import TextFile

_WHITE = " \t\n\r"
_LONGEST_CUT = 16  # characters a literal or an escape may lack at the end of what was read so far


class _Twice(Exception):
    """A key that stands twice in one object."""


class _NoNumber(Exception):
    """NaN or an infinity, which are no JSON."""


def records_of(text: TextFile, path: str | None) -> Iterator[object]:
    """Every record of the text: the elements of its lists, or its objects one after the other.

    ``path`` names the keys that lead to the list in each document (``data.items``); without one, a
    document is a list of records or a record itself. Strings, numbers and key names come as text.

    Raises:
        SourceError: it is no JSON, cut short, holds a key twice or a record without end, or the
            path leads nowhere. The message counts records and shows none.
    """
    scanner = _Scanner(text.decoded(), text.name)
    while scanner.next_sign():
        if path:
            yield from _below(scanner, path.split("."), path)
        elif scanner.next_sign() == "[":
            yield from _elements(scanner)
        else:
            yield scanner.record()


def _below(scanner: "_Scanner", keys: list[str], path: str) -> Iterator[object]:
    found = 0
    if scanner.next_sign() != "{":
        raise scanner.leads_nowhere(path)
    for key in scanner.members():
        if key != keys[0]:
            scanner.value()
            continue
        found += 1
        if len(keys) > 1:
            yield from _below(scanner, keys[1:], path)
        elif scanner.next_sign() == "[":
            yield from _elements(scanner)
        else:
            raise scanner.leads_nowhere(path)
    if found != 1:
        raise scanner.leads_nowhere(path)


def _elements(scanner: "_Scanner") -> Iterator[object]:
    scanner.take("[")
    if scanner.next_sign() == "]":
        scanner.take("]")
        return
    yield scanner.record()
    while scanner.take(",]") == ",":
        yield scanner.record()


class _Scanner:
    """A place in a text of JSON that moves on value by value."""

    def __init__(self, chunks: Iterable[str], name: str) -> None:
        self.records = 0
        self._chunks = iter(chunks)
        self._name = name
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_without_doubles,
            parse_float=str,
            parse_int=str,
            parse_constant=_no_number,
        )

    def next_sign(self) -> str:
        """The character the next value or mark begins with; empty at the end of the text."""
        while True:
            left = self._buffer[self._at : self._at + 1]
            if left and left not in _WHITE:
                return left
            if left:
                self._at = len(self._buffer) - len(self._buffer[self._at :].lstrip(_WHITE))
            elif self._ended:
                return ""
            else:
                self._grow()

    def take(self, marks: str) -> str:
        """Go past the next character, which must be one of ``marks``."""
        sign = self.next_sign()
        if not sign or sign not in marks:
            raise self._malformed()
        self._at += 1
        return sign

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; whoever asks takes the value of each."""
        self.take("{")
        if self.next_sign() == "}":
            self.take("}")
            return
        mark = ","
        while mark == ",":
            if self.next_sign() != '"':
                raise self._malformed()
            key = str(self.value())
            self.take(":")
            yield key
            mark = self.take(",}")

    def record(self) -> object:
        """The next value, counted as a record."""
        found = self.value()
        self.records += 1
        return found

    def value(self) -> object:
        """The next value, whole; numbers as they are spelled.

        Raises:
            SourceError: there is none, it has no end, or it is malformed.
        """
        self.next_sign()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._may_be_cut(error):
                    raise self._malformed() from None
            except (_Twice, _NoNumber, RecursionError) as error:
                raise self._odd(error) from None
            else:
                # A number at the very end of what was read may go on.
                if end < len(self._buffer) or self._ended:
                    self._at = end
                    return found
            self._grow()

    def leads_nowhere(self, path: str) -> SourceError:
        """The refusal of a document in which the contract's path finds no list."""
        return cannot_land(
            self._name,
            f"in a document after record {self.records} `records: {path}` does not lead to exactly "
            "one list; correct it in the catalog entry, or ask for the data again",
            reason=f"第 {self.records} 条记录之后的 JSON 中，登记的路径“{path}”不是唯一的记录列表，"
            "请核对目录登记，或重新报送。",
        )

    def _grow(self) -> None:
        """Read on, by as much again as is at hand, so that a long value is not tried too often."""
        left = self._buffer[self._at :]
        if len(left) > MAX_RECORD:
            raise endless(self._name, self.records + 1)
        wanted, parts = 2 * len(left), [left]
        size = len(left)
        while size <= wanted and not self._ended:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            parts.append(chunk or "")
            size += len(parts[-1])
        self._buffer, self._at = "".join(parts), 0

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated") or (
            error.pos >= len(self._buffer) - _LONGEST_CUT
        )

    def _malformed(self) -> SourceError:
        return cannot_land(
            self._name,
            f"it is no well-formed JSON after record {self.records}; it may be cut short: export "
            "it again",
            reason=f"第 {self.records} 条记录之后不是规范的 JSON，文件可能被截断，请重新导出。",
        )

    def _odd(self, error: Exception) -> SourceError:
        english, chinese = {
            _Twice: ("holds a key twice", "有重复的键"),
            _NoNumber: ("holds NaN or an infinity, which are no JSON", "含有 NaN 或 Infinity"),
        }.get(type(error), ("is nested too deeply", "嵌套过深"))
        return cannot_land(
            self._name,
            f"record {self.records + 1} {english}; export it again",
            reason=f"第 {self.records + 1} 条记录{chinese}，请重新导出。",
        )


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _no_number(_: str) -> object:
    raise _NoNumber
