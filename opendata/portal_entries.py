"""A foreign catalogue list made into proposed entries: nothing lost, nothing decided.

Every record of the list becomes one proposal or is told as left over. What a list says about
openness stays a comment: deciding it, and listing a dataset, is a person's work. Who can be reached
under which number is never taken over. Reading the words is ``portal_list.py``.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from opendata.field_checks import TELLING_WORDS
from opendata.plain import fingerprint_of
from opendata.portal_list import (
    FrequencyReading,
    Headings,
    OpeningReading,
    Role,
    read_formats,
    read_frequency,
    read_opening,
    says_nothing,
)

Reason = Literal["no title", "repeated"]

LEFT_OUT = "〔已略〕"
"""What stands in a draft where a text would have reached somebody."""

_HALF_WIDTH = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
_B = "[ \\-\u00ad\u2010-\u2015\u200b-\u200d\u2060]{0,2}"  # between digits that belong together
_REACHES_SOMEBODY = re.compile(
    rf"(?<!\d)(?:\+?(?:00)?86{_B})?1{_B}[3-9](?:{_B}\d){{9}}(?!\d)"
    r"|(?<!\d)\(?0\d{2,3}\)?[ \-—]?\d{7,8}(?!\d)"
    rf"|(?<!\d)\d(?:{_B}\d){{16}}{_B}[\dXx]"
    r"|(?<!\d)\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:联系人|联系电话|咨询电话|联系方式|手机|电话)\s*:\s*[^\s,;。、()]{2,20}"
)
_NOT_A_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BETWEEN_ITEMS = re.compile(r"[、，,;；|\n]+")
_MAX_ID = 60
_AS_THEY_STAND: tuple[Role, ...] = ("summary", "theme", "conditions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One entry proposed from record ``place`` of a list (counted from 1).

    ``values`` and ``comments`` are what ``entry_yaml`` takes. ``left_out`` counts texts in it that
    would have reached somebody: telephone numbers, addresses of mail, citizen IDs.
    """

    place: int
    id: str
    values: Mapping[str, Any]
    comments: Mapping[tuple[str | int, ...], str]
    frequency: FrequencyReading
    opening: OpeningReading
    said: tuple[str, str]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """A whole list: ``len(entries) + len(left_over) + folded`` is how many records it has.

    ``folded`` records only go on with the items (信息项) of the dataset above them, as in lists
    with one row an item.
    """

    entries: tuple[Proposal, ...]
    left_over: tuple[tuple[int, Reason], ...]
    folded: int


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    cells: Mapping[Role, str]
    digest: str


@dataclass(slots=True)
class _Cleaner:
    """Texts as they may be written down, counting what was taken out of them."""

    left_out: int = 0

    def __call__(self, text: str) -> str:
        whole = " ".join(_NOT_A_CHARACTER.sub(" ", text).split())
        clean, start = "", 0
        for found in _REACHES_SOMEBODY.finditer(whole.translate(_HALF_WIDTH)):
            clean += whole[start : found.start()] + LEFT_OUT
            start = found.end()
            self.left_out += 1
        return clean + whole[start:]


@dataclass(slots=True)
class _Draft:
    values: dict[str, Any] = field(default_factory=dict)
    comments: dict[tuple[str | int, ...], str] = field(default_factory=dict)


def propose(headings: Headings, records: Sequence[Sequence[str]], *, body: str) -> Proposals:
    """Propose one entry of ``body`` a record; records are cells in the order of the headings.

    Ids come from the list's own codes, otherwise from a digest of provider and title, so that the
    same list proposes the same ids again, in whatever order it stands.
    """
    rows = _folded([_row(headings, place, cells) for place, cells in enumerate(records, start=1)])
    left_over: list[tuple[int, Reason]] = []
    kept: dict[str, _Row] = {}
    for row in rows:
        if says_nothing(row.cells.get("title", "")):
            left_over.append((row.place, "no title"))
        elif kept.setdefault(row.digest, row) is not row:
            left_over.append((row.place, "repeated"))
    ids = _ids(tuple(kept.values()))
    entries = tuple(_proposal(row, ids[row.place], body) for row in kept.values())
    return Proposals(entries=entries, left_over=tuple(left_over), folded=len(records) - len(rows))


def _folded(rows: Sequence[_Row]) -> list[_Row]:
    """Rows without a title that list an item go on with the dataset above (merged cells)."""
    folded: list[_Row] = []
    for row in rows:
        said = {role for role, text in row.cells.items() if not says_nothing(text)}
        if folded and "items" in said and not said & {"title", "code", "provider"}:
            above = folded[-1]
            items = f"{above.cells.get('items', '')}\n{row.cells['items']}"
            digest = fingerprint_of([above.digest, row.digest])
            folded[-1] = _Row(above.place, {**above.cells, "items": items}, digest)
        else:
            folded.append(row)
    return folded


def _row(headings: Headings, place: int, cells: Sequence[str]) -> _Row:
    found: dict[Role, str] = {}
    for role, columns in headings.by_role.items():
        given = [cells[each] for each in columns if each < len(cells)]
        found[role] = next((each for each in given if not says_nothing(each)), "")
    return _Row(place=place, cells=found, digest=fingerprint_of(list(cells)))


def _ids(rows: Sequence[_Row]) -> dict[int, str]:
    """An id a record: two of one stem are told apart by a digest of the whole record."""
    stems = {row.place: _stem(row.cells) for row in rows}
    times = Counter(stems.values())
    return {
        row.place: stem if times[stem := stems[row.place]] == 1 else f"{stem}_{row.digest[:8]}"
        for row in rows
    }


def _stem(cells: Mapping[Role, str]) -> str:
    code = re.sub(r"[^a-z0-9]+", "_", cells.get("code", "").lower()).strip("_")
    if code:
        return (code if code[0].isalpha() else f"d_{code}")[:_MAX_ID]
    return f"d_{fingerprint_of([cells.get('provider', ''), cells['title']])[:10]}"


def _proposal(row: _Row, entry_id: str, body: str) -> Proposal:
    clean, draft = _Cleaner(), _Draft()
    said = (clean(row.cells.get("frequency", "")), clean(row.cells.get("opening", "")))
    frequency = read_frequency(row.cells.get("frequency", ""))
    opening = read_opening(row.cells.get("opening", ""))
    draft.values |= {"id": entry_id, "title": clean(row.cells["title"]), "body": body}
    _describe(draft, row.cells, clean)
    _tell_frequency(draft, frequency, said[0])
    _tell_opening(draft, opening, said[1])
    _list_fields(draft, row.cells, clean)
    draft.comments[()] = (
        f"草稿：由目录清单第 {row.place} 条导入，尚未列入目录，也不表示可以开放。\n"
        f"核对、补齐后移至 catalog/{body}/{entry_id}.yaml，再运行 `opendata check`。"
    )
    draft.comments[("source",)] = "数据来源：清单未说明，请补充 source。"
    return Proposal(
        place=row.place,
        id=entry_id,
        values=draft.values,
        comments=draft.comments,
        frequency=frequency,
        opening=opening,
        said=said,
        left_out=clean.left_out,
    )


def _describe(draft: _Draft, cells: Mapping[Role, str], clean: _Cleaner) -> None:
    for role in _AS_THEY_STAND:
        if text := clean(_given(cells, role)):
            draft.values[role] = text
    if provider := clean(_given(cells, "provider")):
        draft.comments[("body",)] = f"提供方原文：{provider}"
    formats, more = read_formats(cells.get("formats", ""))
    if formats:
        draft.values["formats"] = formats
    if more:
        draft.comments[("formats",)] = f"格式原文：{clean(cells.get('formats', ''))}"


def _tell_frequency(draft: _Draft, reading: FrequencyReading, said: str) -> None:
    key = ("update_frequency",)
    if reading.frequency:
        draft.values["update_frequency"] = reading.frequency
    if reading.no_new_data:
        draft.comments[key] = "清单注明：暂无新业务数据产生"
    if reading.unknown:
        draft.comments[key] = f"更新周期原文“{said}”未能对应，请确定 update_frequency。"
    elif reading.kind == "absent":
        draft.comments[key] = "更新周期：清单未说明，请确定 update_frequency。"


def _tell_opening(draft: _Draft, reading: OpeningReading, said: str) -> None:
    read = "未说明"
    if reading.openness:
        read = f"原文“{said}”，读作“{reading.openness.value}”"
    elif reading.unknown:
        read = f"原文“{said}”，未能对应"
    draft.comments["openness",] = f"开放属性：{read}；由数据管理员确定 openness，此处不作决定。"


def _list_fields(draft: _Draft, cells: Mapping[Role, str], clean: _Cleaner) -> None:
    titles = tuple(dict.fromkeys(filter(None, _items(_lines(_given(cells, "items"), clean)))))
    if not titles:
        draft.comments["fields",] = "数据项：清单未列出，请补充 fields。"
        return
    draft.values["fields"] = {
        f"f{number}": {"title": title} for number, title in enumerate(titles, start=1)
    }
    for number, title in enumerate(titles, start=1):
        if any(word in title for word in TELLING_WORDS):
            remark = "可能涉及个人信息：请确定 semantic 和 action"
            draft.comments["fields", f"f{number}"] = remark


def _lines(text: str, clean: _Cleaner) -> str:
    return "\n".join(clean(line) for line in text.splitlines())


def _items(text: str) -> Iterator[str]:
    """The titles of a list of items; separators inside brackets part nothing."""
    depth, start = 0, 0
    for place, character in enumerate(text):
        depth += (character in "(（[【") - (character in ")）]】")
        if depth <= 0 and _BETWEEN_ITEMS.fullmatch(character):
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _given(cells: Mapping[Role, str], role: Role) -> str:
    text = cells.get(role, "")
    return "" if says_nothing(text) else text
