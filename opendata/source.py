"""Sources (数源): where a body's table comes from, and where inside a delivery its rows lie.

A source is either a file a body puts into its inbox, a table of an exchange database (前置机) that
is read, or an address that is pulled. Values only; landing them is ``resources/``.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A table of an exchange database; ``connection`` is a name of ``opendata.yaml``.

    With a ``watermark`` column only rows at or beyond the last value seen, less
    ``overlap_seconds``, are read; its values are timestamps, dates or ever-growing integers (for
    integers the overlap is counted in units).
    """

    connection: str
    table: str
    watermark: str | None = None
    overlap_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An HTTP(S) address; ``pages`` names the query parameter that counts pages of JSON from 1.

    ``page_size`` asks for that many records with the parameter ``page_size_parameter``; the last
    page is the first one with fewer records.
    """

    url: str
    pages: str | None = None
    page_size: int | None = None
    page_size_parameter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """数源: one table as a body hands it over, and where inside the file it lies.

    Exactly one of ``files``, ``exchange`` and ``pull`` is given. ``columns`` maps ASCII names to
    headings in file order of interest; ``header_row`` counts records from 1 and 0 means there is no
    header (columns are then positional); a heading that spans ``header_rows`` records, of which
    ``header_row`` is the first, is its parts from top to bottom joined by ``/``, merged cells
    counting for every column they cover.
    ``records`` is the path of keys to the list of records in a JSON document (``data.items``).
    """

    id: str
    columns: tuple[tuple[str, str], ...]
    files: str | None = None
    exchange: Exchange | None = None
    pull: Pull | None = None
    ignored_headings: tuple[str, ...] = ()
    header_row: int = 1
    header_rows: int = 1
    footer_rows: int = 0
    sheet: str | None = None
    records: str | None = None
    encoding: str | None = None
    delimiter: str = ","
    quote: str = '"'
    padded: bool = False
    blank_rows: bool = False
    null_spellings: tuple[str, ...] = ()

    @property
    def heading_end(self) -> int:
        """The record the headings end with: the first row is the one after; 0 without headings."""
        return self.header_row + self.header_rows - 1 if self.header_row else 0

    @property
    def as_collected(self) -> "Source":
        """How what was collected is read: pages lie there as bare records, all else as it came."""
        if self.pull is None or self.pull.pages is None:
            return self
        return replace(self, records=None, encoding="utf-8")
