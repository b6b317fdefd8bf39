"""Names and words of headings: ASCII names for what departments call their columns.

The words are ``headings.yaml``. A heading it does not know is called by its place (f1, f2 …), which
stays the same however often the same file is drafted.
"""

import re
from collections.abc import Container, Iterable
from functools import cache
from importlib.resources import files

import yaml

from opendata.entry import NAME
from opendata.entry_checks import VIRTUAL_COLUMNS

_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]")


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    text = (files("pipelines.drafting") / "headings.yaml").read_text(encoding="utf-8")
    given: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return given


@cache
def _names() -> dict[str, str]:
    return {each: name for name, spelt in _words()["names"].items() for each in spelt}


@cache
def _owners() -> dict[str, str]:
    return {each: name for name, spelt in _words()["owners"].items() for each in spelt}


@cache
def _ends() -> tuple[str, ...]:
    return tuple(_words()["ends"]["headings"])


def plain_heading(heading: str) -> str:
    """A heading without what stands in brackets and marks around it.

    >>> plain_heading("*金额（万元）")
    '金额'
    """
    return _ASIDE.sub("", heading).strip("*:：、 ") or heading


def is_heading_word(text: str) -> bool:
    """Whether a text reads like a heading: known, or ending as headings do.

    >>> is_heading_word("企业名称"), is_heading_word("示例科技有限公司")
    (True, False)
    """
    plain = plain_heading(text)
    return (
        plain in _names() or plain.upper() == "ID" or (len(plain) <= 20 and plain.endswith(_ends()))
    )


def name_of(heading: str) -> str | None:
    """The ASCII name of a heading; None when the words do not know it.

    >>> name_of("统一社会信用代码"), name_of("建设单位统一社会信用代码"), name_of("无此标题")
    ('uscc', 'builder_uscc', None)
    """
    plain = plain_heading(heading)
    if plain in _names():
        return _names()[plain]
    if NAME.fullmatch(plain.lower()):
        return plain.lower()
    for owner, prefix in _owners().items():
        rest = plain.removeprefix(owner)
        if rest != plain and rest in _names():
            return f"{prefix}_{_names()[rest]}"
    return None


def names_of(headings: Iterable[tuple[int, str]]) -> dict[int, tuple[str, bool]]:
    """A name for each column by its place, unique, and whether the words knew its heading."""
    taken: dict[str, int] = {}
    named: dict[int, tuple[str, bool]] = {}
    for place, heading in headings:
        name = name_of(heading) if heading else None
        if name is None or name in taken or name in VIRTUAL_COLUMNS:
            named[place] = (_by_place(place, taken), False)
        else:
            named[place] = (name, True)
        taken[named[place][0]] = place
    return named


def _by_place(place: int, taken: Container[str]) -> str:
    """``f3`` for the third column, unless a heading before it is called so."""
    name = f"f{place + 1}"
    while name in taken:
        name += "_"
    return name


def has_word(heading: str, *lists: str) -> bool:
    """Whether a heading contains a word of these lists of ``headings.yaml``."""
    return any(word in heading for each in lists for word in _words()["words"][each])


def has_ending(heading: str, words: str) -> bool:
    """Whether a heading ends with a word of this list, brackets apart: 价格单位 is no price."""
    return plain_heading(heading).endswith(tuple(_words()["words"][words]))
