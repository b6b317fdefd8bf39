"""Records become rows: numbered, blank ones and footers set aside, ragged ones refused.

The exact reader's rules, shared by delimited text and workbooks; every record is accounted for.
Where records come from is ``delimited.py`` and ``workbook.py``; where rows go is ``spool.py``.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from opendata.source import Source
from resources.source_errors import cannot_land

Record = Sequence[str | None]
Row = tuple[int, list[str | None]]
_SHOWN = 5


class Intake:
    """Takes the records of one table and remembers what became of them.

    After ``rows`` is exhausted: records = header records + ``taken`` + ``blank`` + footer rows.
    ``width`` is the number of columns the headings give, ``places`` the columns that are wanted,
    None for one that the table does not have and that reads as null. A record
    that is the ``headings`` once more shows that tables were put together.
    """

    def __init__(
        self,
        source: Source,
        *,
        width: int,
        places: Sequence[int | None],
        name: str,
        headings: Sequence[str | None] = (),
    ) -> None:
        self.taken = 0
        self.blank = 0
        self._source = source
        self._width = width
        self._places = places
        self._name = name
        self._again = [None if at is None else headings[at] or None for at in places if headings]
        self._ragged: list[int] = []
        self._ragged_count = 0

    def rows(self, records: Iterable[Record]) -> Iterator[Row]:
        """The rows of a table, behind the record its headings end with.

        Raises:
            SourceError: rows are ragged and may not be padded; raised after the last record, so
                that the message counts them all. Or a record repeats the headings.
        """
        for number, record in _without_last(self._filled(records), self._source.footer_rows):
            cells = self._squared(number, record)
            self.taken += 1
            row = [None if at is None else cells[at] or None for at in self._places]
            if row == self._again and len(row) > 1:
                raise self._headed_again(number)
            yield number, row
        if self._ragged_count:
            raise self._refused()

    def _filled(self, records: Iterable[Record]) -> Iterator[tuple[int, Record]]:
        above = self._source.heading_end
        for number, record in enumerate(records, start=1):
            if number <= above:
                continue
            if self._source.blank_rows and is_blank(record):
                self.blank += 1
                continue
            yield number, record

    def _squared(self, number: int, record: Record) -> Record:
        spare = self._width - len(record)
        if not spare:
            return record
        # A blank record loses nothing whatever its width; neither do blank cells beyond the last.
        harmless = is_blank(record) or (
            self._source.padded and (spare > 0 or is_blank(record[self._width :]))
        )
        if not harmless:
            self._ragged_count += 1
            self._ragged += [number] if len(self._ragged) < _SHOWN else []
        return [*record[: self._width], *[None] * spare]

    def _headed_again(self, number: int) -> Exception:
        return cannot_land(
            self._name,
            f"record {number} is the headings once more: several tables or files were put "
            "together; hand over one table under one heading",
            reason=f"第 {number} 行重复了表头，疑为多个表格或文件拼接而成，"
            "请只保留一个表格后重新报送。",
        )

    def _refused(self) -> Exception:
        first = ", ".join(map(str, self._ragged))
        return cannot_land(
            self._name,
            f"{self._ragged_count} records do not have {self._width} cells as the headings do "
            f"(first: records {first}); export it again with proper quoting, or declare "
            "`padded: true` if only empty cells at the end of records are left out",
            reason=f"有 {self._ragged_count} 行的列数与表头的 {self._width} 列不符"
            f"（首见于第 {'、'.join(map(str, self._ragged))} 行），请重新导出。",
        )


def is_blank(record: Record) -> bool:
    r"""Whether no cell holds anything but white space.

    >>> is_blank(["", " \u3000", None]), is_blank(["0"])
    (True, False)
    """
    return not any(cell and not cell.isspace() for cell in record)


def _without_last(items: Iterable[tuple[int, Record]], count: int) -> Iterator[tuple[int, Record]]:
    held: deque[tuple[int, Record]] = deque()
    for item in items:
        held.append(item)
        if len(held) > count:
            yield held.popleft()
