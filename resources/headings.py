"""Headings: which column of a file holds what the contract asks for.

Names and positions only. Where the heading record stands is the contract's word and the readers'
work. Refusals print the contract's own headings and nothing from the file: where a file has no
headings, a row stands in their place.
"""

from collections import Counter
from collections.abc import Sequence

from opendata.source import Source
from resources.source_errors import cannot_land

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_BLANK = "(blank)"
_SHOWN = 20


def tidy(heading: str | None) -> str:
    r"""A heading as it is compared: without zero-width characters, blanks and line breaks.

    >>> tidy("\ufeff统一社会\n信用 代码\u200b")
    '统一社会信用代码'
    """
    return "".join((heading or "").translate(_INVISIBLE).split())


def places(found: Sequence[str | None], source: Source, *, name: str) -> tuple[int, ...]:
    """The 0-based column of each of ``source.columns``, found by heading; order is free.

    A heading the contract lists twice stands for the columns so headed, from left to right.

    Raises:
        SourceError: headings are missing, repeated or unknown; all are told, the unknown by place.
    """
    given = [tidy(each) for each in found]
    wanted = [tidy(heading) for _, heading in source.columns]
    _refuse_differences(given, wanted, source, name)
    free = {each: [at for at, heading in enumerate(given) if heading == each] for each in wanted}
    return tuple(free[each].pop(0) for each in wanted)


def places_by_position(width: int, source: Source, *, name: str) -> tuple[int, ...]:
    """The columns of a file without headings: as many as the contract lists, in its order.

    Raises:
        SourceError: the file has more or fewer columns than the contract.
    """
    if width == len(source.columns):
        return tuple(range(width))
    raise cannot_land(
        name,
        f"it has {width} columns and no headings (header_row: 0), but the contract lists "
        f"{len(source.columns)}; correct the contract or the file",
        reason=f"共 {width} 列，登记为 {len(source.columns)} 列，请核对文件或目录登记。",
    )


def _refuse_differences(given: list[str], wanted: list[str], source: Source, name: str) -> None:
    asked, there = Counter(wanted), Counter(given)
    ignored = {tidy(each) for each in source.ignored_headings}
    # NOTE: what the contract does not know may be a row of data where no heading stands, so it is
    # told by its place and never by its words.
    unknown = [at for at, each in enumerate(given, 1) if not asked[each] and each not in ignored]
    differences = (
        ("missing", "缺少", [each for each in asked if not there[each]]),
        ("repeated", "重复", [each for each in asked if there[each] > asked[each]]),
    )
    if not unknown and not any(headings for _, _, headings in differences):
        return
    english = [f"{word} {_listed(each)}" for word, _, each in differences if each]
    chinese = [f"{word}{_listed(each)}" for _, word, each in differences if each]
    if unknown:
        columns = _listed([str(at) for at in unknown])
        english.append(f"unknown in column {columns}")
        chinese.append(f"第{columns}列不在目录中")
    row, told_en, told_zh = source.header_row, "; ".join(english), "；".join(chinese)
    raise cannot_land(
        name,
        f"the headings of record {row} are not those of the contract: {told_en}; "
        f"the contract says {_listed(wanted)}; correct `header_row`, the fields' `heading` or "
        "`ignored_headings`, or ask for the file as agreed",
        reason=f"第 {row} 行的表头与目录登记不符：{told_zh}。请核对表头或目录登记。",
    )


def _listed(headings: Sequence[str]) -> str:
    shown = "、".join(each[:40] or _BLANK for each in headings[:_SHOWN])
    return shown if len(headings) <= _SHOWN else f"{shown} … ({len(headings)})"
