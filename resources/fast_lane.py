"""The fast lane: regular text files read by DuckDB, UTF-8 where it lies, the rest transcoded.

Only files whose skeleton proves them regular come this way, so DuckDB never pads, skips, sniffs or
guesses anything. All others, and contracts with footers or blank rows, take the exact lane.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from opendata.source import Source
from opendata.sql_text import literal, quoted
from resources.delimited import Layout
from resources.feed import Feed
from resources.skeleton import Skeleton, count_records
from resources.source_table import SourceTable, Target
from resources.transcode import TextFile

MAX_SCRATCH = 64 * 1024**2
"""Bytes a transcoded copy may take where a stream would do."""

_GROWTH = 1.5  # two bytes of GB18030 or UTF-16 are at most three of UTF-8
_WIDEST = 1000  # DuckDB holds a vector per column, also for columns nobody collects
_SCANNED_RAW = {"gb18030", "gbk", "gb2312"}


def open_regular(
    text: TextFile, source: Source, layout: Layout, *, target: Target, once: bool
) -> SourceTable | None:
    """Register ``text`` as a view; None when the file or its contract needs the exact lane.

    ``once`` promises a single scan, which lets a large file be streamed instead of copied.
    """
    single_bytes = (source.delimiter + source.quote).isascii()
    if source.footer_rows or source.blank_rows or layout.width > _WIDEST or not single_bytes:
        return None
    if text.is_utf8:
        return _in_place(text, source, layout, target)
    if once and _streams(text, source):
        return _streamed(text, source, layout, target)
    return _transcoded(text, source, layout, target)


def _streams(text: TextFile, source: Source) -> bool:
    """Whether a copy would be too large, and the bytes show their skeleton before transcoding."""
    large = text.path.stat().st_size * _GROWTH > MAX_SCRATCH
    # The later bytes of a GB18030 character may be any of 0x30-0x39 and 0x40-0xFE.
    safe = all(ord(each) < 0x30 for each in source.delimiter + source.quote)
    return large and safe and text.encoding in _SCANNED_RAW


def _in_place(text: TextFile, source: Source, layout: Layout, target: Target) -> SourceTable | None:
    rows = _count(text.raw(), source, layout, text.encoding)
    return None if rows is None else _table(text, rows, target, _select(text.path, source, layout))


def _transcoded(
    text: TextFile, source: Source, layout: Layout, target: Target
) -> SourceTable | None:
    copy = target.scratch_file(".csv")
    rows = _count(_kept(text.utf8(), copy), source, layout, "utf-8")
    if rows is None:
        copy.unlink()
        return None
    return _table(text, rows, target, _select(copy, source, layout))


def _streamed(text: TextFile, source: Source, layout: Layout, target: Target) -> SourceTable | None:
    rows = _count(text.raw(), source, layout, text.encoding)
    if rows is None:
        return None
    feed = Feed(text, target.scratch_file(".fifo"))
    target.leftovers.callback(feed.stop)
    table = _table(text, rows, target, _select(feed.path, source, layout))
    return replace(table, scannable_once=True, verdict=feed.verdict)


def _table(text: TextFile, rows: int, target: Target, select: str) -> SourceTable:
    target.view(select)
    return SourceTable(
        relation=target.relation,
        name=text.name,
        rows=rows,
        encoding=text.encoding,
        leftovers=target.leftovers,
    )


def _count(chunks: Iterable[bytes], source: Source, layout: Layout, encoding: str) -> int | None:
    skeleton = Skeleton(
        columns=layout.width,
        delimiter=source.delimiter.encode(),
        quote=source.quote.encode(),
        line_break=layout.line_break,
        headings=layout.heading_line.encode("utf-8" if encoding == "utf-8-sig" else encoding),
    )
    return count_records(chunks, skeleton, skip_lines=layout.header_lines)


def _kept(chunks: Iterable[bytes], path: Path) -> Iterator[bytes]:
    with path.open("xb") as copy:
        for chunk in chunks:
            copy.write(chunk)
            yield chunk


def _select(path: Path, source: Source, layout: Layout) -> str:
    wanted = ",\n".join(
        f"  {'null::varchar' if place is None else f'c{place}'} as {quoted(name)}"
        for place, (name, _) in zip(layout.places, source.columns, strict=True)
    )
    columns = ", ".join(f"'c{place}': 'varchar'" for place in range(layout.width))
    return f"""select
{wanted},
  row_number() over () + {source.heading_end} as _row
from read_csv(
  {literal(str(path))},
  columns = {{{columns}}},
  auto_detect = false,
  header = false,
  skip = {source.heading_end},
  delim = {literal(source.delimiter)},
  quote = {literal(source.quote)},
  escape = {literal(source.quote)},
  compression = 'none'
)"""
