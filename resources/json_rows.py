"""JSON records become rows: keys are headings, a record may lack some, values are plain.

Strings come as they are, numbers as they are spelled, truth values as true and false, null and what
is lacking as null. A list or an object in a wanted place is refused: it is no cell. Where records
come from is ``json_text.py``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from opendata.errors import SourceError
from resources.headings import Binder, Binding, tidy
from resources.rows import Intake, Record
from resources.source_errors import cannot_land

_MOST_KEYS = 20_000
_WHERE = ("the keys of its records", "记录的键")


class JsonIntake:
    """Takes the records of one JSON source and remembers which keys they had.

    The structure is known only when all were seen: ask ``binding`` before anything is used.
    """

    def __init__(self, binder: Binder) -> None:
        source = binder.source
        width = len(source.columns)
        self.intake = Intake(
            replace(source, header_row=0, header_rows=1, padded=False),
            width=width,
            places=range(width),
            name=binder.name,
        )
        self._binder = binder
        self._headings = [tidy(heading) for _, heading in source.columns]
        self._met: dict[str, int | None] = {}

    def cells(self, records: Iterable[object]) -> Iterator[Record]:
        """The wanted cells of each record.

        Raises:
            SourceError: a record is no object, or what is wanted of it is no plain value.
        """
        for number, record in enumerate(records, 1):
            if not isinstance(record, dict):
                raise self._refused(
                    f"record {number} is no object of keys and values",
                    f"第 {number} 条记录不是键值对象",
                )
            cells: list[str | None] = [None] * len(self._headings)
            for key, value in record.items():
                column = self._met[key] if key in self._met else self._meet(key)
                if column is not None:
                    cells[column] = self._cell(value, number, column)
            yield cells

    def binding(self) -> Binding:
        """How the keys met are bound to the contract's headings; nothing differs without records.

        Raises:
            StructureChanged: the policy does not bear the difference.
        """
        if not self._met:
            return Binding(places=())
        return self._binder.bind(list(self._met), where=_WHERE)

    def _meet(self, key: str) -> int | None:
        if len(self._met) == _MOST_KEYS:
            raise self._refused(
                f"its records have more than {_MOST_KEYS} different keys",
                f"的键超过 {_MOST_KEYS} 种",
            )
        heading = tidy(key)
        self._met[key] = self._headings.index(heading) if heading in self._headings else None
        return self._met[key]

    def _cell(self, value: object, number: int, column: int) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str) and "\0" in value:
            raise self._refused(
                f"record {number} holds a NUL character", f"第 {number} 条记录含有空字符（NUL）"
            )
        if value is None or isinstance(value, str):
            return value
        heading = self._headings[column]
        raise self._refused(
            f"record {number} holds a list or an object under {heading}, not a plain value",
            f"第 {number} 条记录的“{heading}”不是单个值（为列表或对象）",
        )

    def _refused(self, english: str, chinese: str) -> SourceError:
        return cannot_land(
            self._binder.name,
            f"{english}; hand it over as a list of flat objects, or declare where it lies with "
            "`records`",
            reason=f"{chinese}，请改报由单层键值对象组成的列表，或登记记录所在（records）。",
        )
