"""Where a table begins and ends: headings below titles and units, notes below the rows.

Rules on records; who reads them is ``looking.py``. A record is taken for headings only when it
cannot be a row: what is doubtful is called data, because headings are shown and data never is.
"""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from pipelines.drafting.naming import is_heading_word
from pipelines.drafting.seen import Confidence, Heads
from resources.headings import joined, tidy
from resources.recognisers import find
from resources.rows import Record, is_blank

DEEPEST = 15
"""Records from the top among which headings are looked for."""

_ARTEFACT = re.compile(r"(Unnamed: ?\d+|Column\d+|列\d+)(_level_\d+)?|_c?\d+")
_FIGURE = re.compile(r"[-+]?[\d,]+(\.\d*)?([eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{1,4}[-/.年]\d{1,2}([-/.月]\d{0,4}日?)?([ T].*)?")
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z*()\[\]〔〕（）_./-]{6,}")
_NOTE = re.compile(
    "合计|总计|小计|备注|注[:：]|说明|填表|制表|审核人|单位负责人|数据来源|截止|以上"
)
_LONGEST_HEADING = 60


def kind_of(cell: str | None) -> str:
    """What a cell looks like: blank, figure, date, code or word.

    >>> [kind_of(each) for each in ("", "1,024.5", "2022.08.03", "京A-2022-01", "企业名称")]
    ['blank', 'figure', 'date', 'word', 'word']
    """
    text = tidy(cell)
    if not text:
        return "blank"
    for kind, pattern in (("figure", _FIGURE), ("date", _DATE), ("code", _CODE)):
        if pattern.fullmatch(text):
            return kind
    return "word"


def find_heads(head: Sequence[Record]) -> Heads:
    """Where the headings stand among the first records of a table."""
    body = _Body(head)
    for number, record in enumerate(head[:DEEPEST], start=1):
        if found := _headings_at(number, record, head, body):
            return found
    return _none(head, body)


class _Body:
    """What the rows below look like: a kind for each column that has one, and how full they are."""

    def __init__(self, head: Sequence[Record]) -> None:
        rows = [each for each in head[1:] if not is_blank(each)]
        self.width = max(map(len, head), default=0)
        full = [sum(bool(tidy(cell)) for cell in row) for row in rows[-150:]]
        self.typical = median(full) if full else 1
        lower = [row for row in rows[-150:] if _filled(row) >= self.typical * 0.5]
        self.kinds = {place: kind for place in range(self.width) if (kind := _kind(lower, place))}
        self.cells = Counter(
            (place, tidy(cell)) for row in rows for place, cell in enumerate(row) if cell
        )

    def strong(self, places: Sequence[int]) -> list[int]:
        """Those columns whose rows are figures, dates or codes."""
        return [each for each in places if self.kinds.get(each, "word") != "word"]


def _filled(row: Record) -> int:
    return sum(bool(tidy(cell)) for cell in row)


def _kind(rows: Sequence[Record], place: int) -> str | None:
    kinds = Counter(kind_of(row[place]) for row in rows if place < len(row))
    del kinds["blank"]
    if not kinds:
        return None
    kind, count = kinds.most_common(1)[0]
    return kind if count >= 0.8 * kinds.total() else "word"


def _headings_at(number: int, record: Record, head: Sequence[Record], body: _Body) -> Heads | None:
    places = [place for place, cell in enumerate(record) if tidy(cell)]
    if len(places) < max(1, 0.6 * body.typical) or not _may_be_headings(record, places, body):
        return None
    words = sum(is_heading_word(tidy(record[place])) for place in places)
    strong = body.strong(places)
    if words < (0.3 if strong else 0.6) * len(places) and len(strong) < 0.3 * len(places):
        return None  # words above words: nothing tells headings from a row
    sure = bool(strong) and words >= 0.3 * len(places)
    rows = 1 + _goes_on(head[number : number + 2], record, body)
    said = f"第 {number} 条记录 {len(places)} 格均非数据，{words} 格为常见标题用词，"
    said += f"{len(strong)} 列下方为数字、日期或代码"
    if number > 1:
        said += f"；其上 {number - 1} 条为空行、标题或单位行"
    return Heads(
        row=number,
        rows=rows,
        headings=_headings(head[number - 1 : number - 1 + rows], body.width),
        confidence=Confidence.SURE if sure else Confidence.LIKELY,
        evidence=said,
    )


def _may_be_headings(record: Record, places: Sequence[int], body: _Body) -> bool:
    texts = [tidy(record[place]) for place in places]
    artefacts = sum(bool(_ARTEFACT.fullmatch(each)) for each in texts)
    if artefacts * 2 >= len(texts):
        return False
    likely = [_is_heading(each) for each in texts]
    again = sum(body.cells[place, text] > 1 for place, text in zip(places, texts, strict=True))
    as_below = sum(kind_of(record[place]) == body.kinds[place] for place in body.strong(places))
    return (
        sum(likely) >= 0.9 * len(likely)
        and len(set(texts)) >= 0.8 * len(texts)
        and again <= 0.3 * len(texts) + _repeats_whole(record, body)
        and not as_below
    )


def _repeats_whole(record: Record, body: _Body) -> int:
    """Headings that return further down, all together, are several tables one below another."""
    counts = {body.cells[place, tidy(cell)] for place, cell in enumerate(record) if tidy(cell)}
    return len(record) if len(counts) == 1 else 0


def _is_heading(text: str) -> bool:
    if len(text) > _LONGEST_HEADING or kind_of(text) in {"figure", "date"}:
        return False
    return not re.search(r"\d{6}", text) and not find(text)


def _goes_on(below: Sequence[Record], above: Record, body: _Body) -> int:
    """How many records below still belong to the headings: parts under merged cells."""
    if not below:
        return 0
    filled = [(place, tidy(cell)) for place, cell in enumerate(below[0]) if tidy(cell)]
    if (
        not filled
        or len(filled) >= 0.9 * body.typical
        or not all(_is_heading(t) for _, t in filled)
    ):
        return 0
    gap = [place for place, _ in filled if place >= len(above) or not tidy(above[place])]
    bracketed = all(text.startswith(("(", "（")) for _, text in filled)
    worded = any(is_heading_word(text) for _, text in filled)
    return int(bracketed or (bool(gap) and worded))


def _headings(records: Sequence[Record], width: int) -> tuple[str, ...]:
    """Headings column by column, as the landing will name them."""
    if len(records) > 1:
        return _named(joined(records), width)
    return _named([tidy(cell) for cell in records[0]], width)


def _named(texts: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(texts[place] if place < len(texts) else "" for place in range(width))


def _none(head: Sequence[Record], body: _Body) -> Heads:
    first = next((each for each in head if not is_blank(each)), ())
    strong = body.strong(range(len(first)))
    alike = sum(kind_of(first[place]) == body.kinds[place] for place in strong)
    data = bool(alike) and alike * 2 >= len(strong)
    said = (
        f"首条记录的 {alike} 列与下方各行同为数字、日期或代码，视为无标题"
        if data
        else "无法区分标题与数据，按无标题处理，未列出首行；若有标题，请改 header_row 与 title"
    )
    return Heads(
        row=0,
        headings=("",) * body.width,
        confidence=Confidence.LIKELY if data else Confidence.OPEN,
        evidence=said,
    )


def is_artefact(heading: str) -> bool:
    """Whether a program wrote this heading where the file had none.

    >>> is_artefact("Unnamed: 7"), is_artefact("企业名称")
    (True, False)
    """
    return bool(_ARTEFACT.fullmatch(heading))


def footer_of(tail: Sequence[Record], typical: float) -> int:
    """How many of the last records are notes: sums, remarks, who filled the form in."""
    count = 0
    for number, record in enumerate(reversed(tail), start=1):
        if is_blank(record):
            continue
        texts = [tidy(cell) for cell in record if tidy(cell)]
        sparse = len(texts) <= max(1, 0.25 * typical) and typical >= 2
        noted = bool(_NOTE.match(texts[0])) and len(texts) < typical
        if not sparse and not noted:
            break
        count = number
    return count
