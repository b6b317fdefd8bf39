"""Faults: what goes wrong with a delivery, and the rule or gate that has to say so.

A fault does to the rows, the headings, the bytes, the entry or the day what happens in departments,
and names every rule that finds it with the indicator of GB/T 36344 the rule bears on; no other rule
may. What cannot be read or may not be opened is refused by a gate. The faults themselves are
``fault_table.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.quality.permits import DIVISIONS, TITLES, Delivery, Row

AT = 1_200
"""The place of the row that is spoiled where one is."""
Change = Callable[[Delivery], Delivery]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault with the rules (and their indicators) and the gates that tell of it.

    ``rows`` is how many elements each rule counts; None where the fault is all over the table.
    """

    name: str
    title: str
    done: Change
    found: Mapping[str, str]
    refused: tuple[str, ...] = ()
    said: str = ""
    rows: int | None = 1


def fault(name: str, title: str, done: Change, *rules: str, **changes: Any) -> Fault:
    """A fault that rules find, each given with its indicator: ``0201 holder_not_null``."""
    found = {rule: code for code, _, rule in (each.partition(" ") for each in rules)}
    return Fault(name=name, title=title, done=done, found=found, **changes)


def unreadable(name: str, title: str, done: Change, said: str) -> Fault:
    """A fault for which the file is refused before any row of it is used, with what is said."""
    return Fault(name=name, title=title, done=done, found={}, refused=("LND-01",), said=said)


def cell(**values: str) -> Change:
    """Other text in some cells of one row."""
    return every(lambda n, row: {**row, **values} if n == AT else row)


def spoiled(name: str, changed: Callable[[str], str]) -> Change:
    """One cell changed."""
    return every(lambda n, row: {**row, name: changed(row[name])} if n == AT else row)


def every(changed: Callable[[int, Row], Row]) -> Change:
    """Every row changed, given its place."""
    return rows(lambda given: tuple(changed(n, row) for n, row in enumerate(given)))


def column(name: str, changed: Callable[[int, str], str]) -> Change:
    """Every cell of a column changed, given the place of its row."""
    return every(lambda n, row: {**row, name: changed(n, row[name])})


def rows(changed: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> Change:
    """Other rows."""
    return lambda given: replace(given, rows=changed(given.rows))


def text(changed: Callable[[bytes], bytes]) -> Change:
    """Other bytes of the same table."""
    return lambda given: replace(given, as_bytes=lambda content: changed(given.as_bytes(content)))


def line(changed: Callable[[bytes], bytes]) -> Change:
    """One line of the file changed, as bytes."""

    def spoil(content: bytes) -> bytes:
        lines = content.split(b"\r\n")
        return b"\r\n".join([*lines[:AT], changed(lines[AT]), *lines[AT + 1 :]])

    return text(spoil)


def headed(**changed: str) -> Change:
    """Other headings over some columns."""
    others = {TITLES[name]: heading for name, heading in changed.items()}
    return lambda given: replace(
        given, headings=tuple(others.get(each, each) for each in given.headings)
    )


def listed(**entry: Any) -> Change:
    """Another entry."""
    return lambda given: replace(given, entry={**given.entry, **entry})


def judged(**changes: Any) -> Change:
    """Another day, or other files beside."""
    return lambda given: replace(given, **changes)


def both(*changes: Change) -> Change:
    """One change after the other."""

    def done(given: Delivery) -> Delivery:
        for change in changes:
            given = change(given)
        return given

    return done


def without(name: str) -> Change:
    """The table without one column."""

    def done(given: Delivery) -> Delivery:
        left = tuple({key: row[key] for key in row if key != name} for row in given.rows)
        headings = tuple(each for each in given.headings if each != TITLES[name])
        return replace(given, rows=left, headings=headings)

    return done


def with_column(heading: str) -> Change:
    """The table with a column nobody listed."""

    def done(given: Delivery) -> Delivery:
        more = tuple({**row, "new": "是"} for row in given.rows)
        return replace(given, rows=more, headings=(*given.headings, heading))

    return done


def twice(**values: str) -> Change:
    """One row entered a second time, with other text in some cells."""
    return rows(lambda given: (*given[:AT], given[AT], {**given[AT], **values}, *given[AT + 1 :]))


def copied(name: str, from_name: str) -> Change:
    """One cell filled with what another of its row holds."""
    return every(lambda n, row: {**row, name: row[from_name]} if n == AT else row)


def exchanged(one: str, other: str, *, everywhere: bool = False) -> Change:
    """What two columns hold, in each other's place: in one row or in all."""

    def done(n: int, row: Row) -> Row:
        return {**row, one: row[other], other: row[one]} if everywhere or n == AT else row

    return every(done)


def misplaced(name: str) -> Change:
    """Cells of one row moved one column to the right from ``name`` on; the last is lost."""

    def done(n: int, row: Row) -> Row:
        at, values = list(row).index(name), list(row.values())
        moved = [*values[:at], "", *values[at:-1]]
        return dict(zip(row, moved, strict=True)) if n == AT else row

    return every(done)


def merged_districts(_: int, row: Row) -> Row:
    """The first district's rows under the second's code."""
    names = ("district", "division", "opened_in")
    gone = row["district"] == DIVISIONS[0]
    return {**row, **dict.fromkeys(names, DIVISIONS[1])} if gone else row


def grown_by_half(given: tuple[Row, ...]) -> tuple[Row, ...]:
    """As many rows and half as many again, all of them new permits."""
    more = (
        {**row, "no": f"XC{n:08d}", "taken_at": row["taken_at"].removesuffix("00") + "30"}
        for n, row in enumerate(given[: len(given) // 2])
    )
    return (*given, *more)


def with_totals(given: tuple[Row, ...]) -> tuple[Row, ...]:
    """A last row of totals."""
    amount = sum(float(each["amount"]) for each in given)
    blank = dict.fromkeys(given[0], "")
    return (*given, {**blank, "no": "合计", "amount": f"{amount / len(given):.2f}"})


def handed_over_again(given: Delivery) -> Delivery:
    """The same bytes as another body's dataset."""
    return replace(given, files={"inbox/archives/archive.csv": given.content})


def full_width(value: str) -> str:
    """Digits and letters as wide as characters."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in value)


def backwards(given: Delivery) -> Delivery:
    """The same columns in the opposite order."""
    turned = tuple({key: row[key] for key in reversed(list(row))} for row in given.rows)
    return replace(given, rows=turned, headings=given.headings[::-1])


def another_digit(value: str) -> str:
    """A wrong last character."""
    return value[:-1] + ("1" if value[-1] == "0" else "0")
