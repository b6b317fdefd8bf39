"""Structure (表结构): how the headings of a delivery differ from those the contract lists.

Values and comparison only, no text but the contract's own: a heading nobody listed may be a row of
data, so it is told by its place. What is done about a difference is the reader's and the policy's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 20
_LONGEST = 40
_BLANK = "(blank)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureDiff:
    """结构变化: a delivery of ``columns`` columns against a contract of ``expected``.

    ``missing`` and ``repeated`` are headings of the contract; ``new`` are 1-based places of columns
    it does not know. ``renamed`` is a hint only: a missing heading and the new column in its place.
    ``reordered`` says that known columns stand in another order, which harms nobody: columns are
    bound by heading.
    """

    columns: int
    expected: int
    missing: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    new: tuple[int, ...] = ()
    renamed: tuple[tuple[str, int], ...] = ()
    reordered: bool = False

    @property
    def breaks(self) -> bool:
        """Whether more differs than the order: what ``refuse`` refuses."""
        return bool(self.missing or self.repeated or self.new)

    @property
    def differs(self) -> bool:
        """Whether anything differs at all: what is worth a note."""
        return self.breaks or self.reordered

    def facts(self) -> dict[str, object]:
        """For the processing record: the contract's headings, places and counts."""
        return {
            "columns": self.columns,
            "expected": self.expected,
            "missing": list(self.missing),
            "repeated": list(self.repeated),
            "new": list(self.new),
            "renamed": [list(each) for each in self.renamed],
            "reordered": self.reordered,
        }

    def english(self) -> str:
        """The differences as clauses.

        >>> StructureDiff(columns=2, expected=2, missing=("name",), new=(2,)).english()
        'missing name; unknown in column 2'
        """
        told = [
            *([f"missing {listed(self.missing)}"] if self.missing else []),
            *([f"repeated {listed(self.repeated)}"] if self.repeated else []),
            *([f"unknown in column {listed(_texts(self.new))}"] if self.new else []),
            *(f"{heading} may be column {at} renamed" for heading, at in self.renamed[:_SHOWN]),
            *(["known columns in another order"] if self.reordered else []),
        ]
        return "; ".join(told)

    def chinese(self) -> str:
        """The differences as a steward reads them.

        >>> StructureDiff(columns=2, expected=2, missing=("名称",), new=(2,)).chinese()
        '缺少名称；第2列不在目录中'
        """
        told = [
            *([f"缺少{listed(self.missing)}"] if self.missing else []),
            *([f"重复{listed(self.repeated)}"] if self.repeated else []),
            *([f"第{listed(_texts(self.new))}列不在目录中"] if self.new else []),
            *(f"{heading}疑为第{at}列更名" for heading, at in self.renamed[:_SHOWN]),
            *(["各列次序不同"] if self.reordered else []),
        ]
        return "；".join(told)


def compare(
    found: Sequence[str], wanted: Sequence[str], ignored: Sequence[str] = ()
) -> StructureDiff:
    """How the headings ``found`` differ from those ``wanted``; all are spelled alike already.

    A heading wanted twice stands for two columns; ``ignored`` ones may be there or not.
    """
    asked, there = Counter(wanted), Counter(found)
    missing = tuple(each for each in asked if there[each] < asked[each])
    expected = {*wanted, *ignored}
    new = tuple(at for at, each in enumerate(found, 1) if each not in expected)
    return StructureDiff(
        columns=len(found),
        expected=len(wanted),
        missing=missing,
        repeated=tuple(each for each in asked if there[each] > asked[each]),
        new=new,
        renamed=_renamed(found, wanted, ignored, missing),
        reordered=_reordered(found, wanted),
    )


def compare_width(width: int, wanted: Sequence[str]) -> StructureDiff:
    """How a table without headings differs: columns too many or too few, at its end."""
    return StructureDiff(
        columns=width,
        expected=len(wanted),
        missing=tuple(wanted[width:]),
        new=tuple(range(len(wanted) + 1, width + 1)),
    )


def _renamed(
    found: Sequence[str], wanted: Sequence[str], ignored: Sequence[str], missing: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    known, left_out = set(wanted), set(ignored)
    collected = [(each, at) for at, each in enumerate(found, 1) if each not in left_out]
    return tuple(
        (asked, at)
        for asked, (each, at) in zip(wanted, collected, strict=False)
        if asked in missing and each not in known
    )


def _reordered(found: Sequence[str], wanted: Sequence[str]) -> bool:
    known = set(wanted)
    given = dict.fromkeys(each for each in found if each in known)
    return list(given) != [each for each in dict.fromkeys(wanted) if each in given]


def _texts(places: Sequence[int]) -> list[str]:
    return [str(each) for each in places]


def listed(headings: Sequence[str]) -> str:
    """Headings of the contract in a message: the first of them, long ones shortened."""
    shown = "、".join(each[:_LONGEST] or _BLANK for each in headings[:_SHOWN])
    return shown if len(headings) <= _SHOWN else f"{shown} … ({len(headings)})"
