"""Headings: which column of a file holds what the contract asks for, and what a difference costs.

Names and positions only. Where the heading records stand is the contract's word and the readers'
work; how differences are told is ``opendata/structure.py``. Refusals print the contract's own
headings and nothing from the file: where a file has no headings, a row stands in their place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from opendata.source import Source
from opendata.structure import StructureDiff, compare, compare_width, listed
from opendata.vocabulary import OnChange
from resources.source_errors import structure_changed

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def tidy(heading: str | None) -> str:
    r"""A heading as it is compared: without zero-width characters, blanks and line breaks.

    >>> tidy("\ufeff统一社会\n信用 代码\u200b")
    '统一社会信用代码'
    """
    return "".join((heading or "").translate(_INVISIBLE).split())


def joined(records: Sequence[Sequence[str | None]], *, spread: bool = True) -> list[str]:
    """The headings of a table whose heading spans these records, from top to bottom.

    Parts that are blank or said before are left out. With ``spread`` a cell above counts for the
    blank cells to its right, as merged cells are written, up to where a cell further above ends.

    >>> joined([["编号", "地址", ""], ["", "区", "街道"]])
    ['编号', '地址/区', '地址/街道']
    """
    width = max(map(len, records))
    rows = [[*map(tidy, record), *[""] * (width - len(record))] for record in records]
    begins = [False] * width
    for row in rows[:-1] if spread else ():
        for at in range(width):
            begins[at] = begins[at] or bool(row[at])
            row[at] = row[at] if begins[at] or not at else row[at - 1]
    return ["/".join(dict.fromkeys(filter(None, parts))) for parts in zip(*rows, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where each of the contract's columns stands, 0-based; None is a column that reads as null."""

    places: tuple[int | None, ...]
    changes: StructureDiff | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binder:
    """Binds the columns of a delivery called ``name`` to the contract's.

    ``required`` are the names of columns that may not be missing even where the policy adapts.
    """

    source: Source
    name: str
    on_change: OnChange = OnChange.REFUSE
    required: frozenset[str] = frozenset()

    def bind(self, found: Sequence[str | None], where: tuple[str, str] | None = None) -> Binding:
        """The column of each of ``source.columns``, found by heading; order is free.

        A heading the contract lists twice stands for the columns so headed, from left to right.
        ``where`` says in English and Chinese what differs, if it is not the heading records.

        Raises:
            StructureChanged: the policy does not bear the difference; all of it is told at once.
        """
        given = [tidy(each) for each in found]
        wanted = self._wanted()
        diff = compare(given, wanted, [tidy(each) for each in self.source.ignored_headings])
        if diff.breaks and not self._bears(diff):
            raise self._refused(diff, where or self._heading_records())
        free: dict[str, list[int]] = {each: [] for each in wanted}
        for at, heading in enumerate(given):
            if heading in free:
                free[heading].append(at)
        places = tuple(free[each].pop(0) if free[each] else None for each in wanted)
        return Binding(places=places, changes=diff if diff.differs else None)

    def bind_width(self, width: int) -> Binding:
        """The columns of a file without headings: as many as the contract lists, in its order.

        Raises:
            StructureChanged: the file has more or fewer columns than the contract.
        """
        expected = len(self.source.columns)
        if width == expected:
            return Binding(places=tuple(range(width)))
        raise structure_changed(
            self.name,
            f"it has {width} columns and no headings (header_row: 0), but the contract lists "
            f"{expected}; correct the contract or the file",
            reason=f"共 {width} 列，登记为 {expected} 列，请核对文件或目录登记。",
            diff=compare_width(width, self._wanted()),
        )

    def _wanted(self) -> list[str]:
        return [tidy(heading) for _, heading in self.source.columns]

    def _bears(self, diff: StructureDiff) -> bool:
        """Adapting leaves new columns alone and reads missing ones as null, if they may miss."""
        missing = {name for name, heading in self.source.columns if tidy(heading) in diff.missing}
        return (
            self.on_change is OnChange.EVOLVE
            and not diff.repeated
            and not missing & self.required
            and len(missing) < len(self.source.columns)
        )

    def _heading_records(self) -> tuple[str, str]:
        first, last = self.source.header_row, self.source.heading_end
        if first == last:
            return f"the headings of record {first}", f"第 {first} 行的表头"
        return f"the headings of records {first} to {last}", f"第 {first} 至 {last} 行的表头"

    def _refused(self, diff: StructureDiff, where: tuple[str, str]) -> Exception:
        english, chinese = where
        return structure_changed(
            self.name,
            f"{english} are not those of the contract: {diff.english()}; "
            f"the contract says {listed(self._wanted())}; correct `header_row`, the fields' "
            "`heading` or `ignored_headings`, or ask for the file as agreed",
            reason=f"{chinese}与目录登记不符：{diff.chinese()}。请核对表头或目录登记。",
            diff=diff,
        )
