"""Where the table lies, as ``source`` of an entry: every key with what was counted for it."""

import glob
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from opendata.vocabulary import FieldType
from pipelines.drafting.heads import is_artefact
from pipelines.drafting.kinds import Kind
from pipelines.drafting.meanings import Meaning
from pipelines.drafting.seen import Column, Confidence, Proposal, Table

SURE, LIKELY, OPEN = Confidence.SURE, Confidence.LIKELY, Confidence.OPEN

_WORDS = frozenset({"无", "暂无", "无信息", "未知", "不详", "不明", "空", "*"})
"""Spellings of nothing that may as well be an answer: 质量认证 无."""

Known = Sequence[tuple[Column, Meaning | None, Kind | None]]


def layout_of(table: Table, known: Known, *, url: str | None = None) -> Iterator[Proposal]:
    """The keys of ``source``, in the order of the schema."""
    yield _files(table, url)
    yield from _heads(table)
    yield from _footer(table)
    yield from _marks(table)
    yield from _irregular(table)
    yield from _nulls(known)
    yield from _ignored(table, known)


def _source(
    key: str, confidence: Confidence, said: str, *, value: object = None, loud: bool = False
) -> Proposal:
    return Proposal(
        keys=("source", key), value=value, confidence=confidence, evidence=said, loud=loud
    )


def _files(table: Table, url: str | None) -> Proposal:
    name = PurePath(table.name)
    ending = "".join(name.suffixes[-2:]) if name.suffix.lower() in {".gz", ".zip"} else name.suffix
    stem = table.name.removesuffix(ending)
    dialect = table.dialect
    said = f"容器按内容判定为 {dialect.container}"
    if dialect.encoding:
        said += f"；编码 {dialect.encoding}（逐次验证，故不写死）"
    if dialect.sheets > 1:
        said += f"；共 {dialect.sheets} 个工作表，取第一个有内容的，其余未看"
    said += f"；文件共 {table.records:,} 条记录，数据 {table.data:,} 条"
    if not table.whole:
        said += f"；字段计数出自其中均匀抽取的 {len(table.sample):,} 条"
    loud = dialect.sheets > 1
    if url:
        said += "；地址照命令所给，其中不得含口令；分页接口须另写 pages"
        return _source("pull", SURE, said, value={"url": url})
    return _source("files", SURE, said, value=f"{glob.escape(stem)}*{ending}", loud=loud)


def _heads(table: Table) -> Iterator[Proposal]:
    heads = table.heads
    if table.dialect.records:
        yield _source("records", LIKELY, heads.evidence, value=table.dialect.records)
    if heads.keyed:
        return
    loud = heads.confidence is OPEN
    yield _source("header_row", heads.confidence, heads.evidence, value=heads.row, loud=loud)
    if heads.rows > 1:
        said = f"标题跨 {heads.rows} 条记录（下一条只补其中几格），各部分以“/”相连"
        yield _source("header_rows", LIKELY, said, value=heads.rows)
    if table.repeated_heads:
        said = f"数据中另有 {table.repeated_heads:,} 条与标题相同，像几张表拼在一起，请拆分后重报"
        yield _source("header_row", LIKELY, said, loud=True)


def _footer(table: Table) -> Iterator[Proposal]:
    if table.footer:
        said = f"末尾 {table.footer} 条是合计、说明或空行，不是数据"
        yield _source("footer_rows", LIKELY, said, value=table.footer)


def _marks(table: Table) -> Iterator[Proposal]:
    dialect = table.dialect
    if dialect.delimiter != ",":
        yield _source(
            "delimiter", SURE, "按此分隔，前 100 条记录列数最一致", value=dialect.delimiter
        )
    if dialect.quote != '"':
        yield _source("quote", LIKELY, "以双引号不能读通全文件，以此可以", value=dialect.quote)


def _irregular(table: Table) -> Iterator[Proposal]:
    if (table.short or table.long) and not table.heads.keyed:
        said = f"{table.short:,} 条记录少列、{table.long:,} 条多列；多出的格若不为空仍会拒收"
        yield _source("padded", LIKELY if not table.long else OPEN, said, value=True, loud=True)
    if table.blank and not table.heads.keyed:
        yield _source("blank_rows", SURE, f"{table.blank:,} 条记录全空", value=True)


def _nulls(known: Known) -> Iterator[Proposal]:
    meant, answers = Counter[str](), Counter[str]()
    for column, meaning, kind in known:
        checked = bool(meaning or (kind and kind.type is not FieldType.TEXT))
        for spelling, count in column.nulls.items():
            held = meant if checked or spelling not in _WORDS else answers
            held[spelling] += count
    listed = [each for each, count in meant.most_common() if count >= answers[each]]
    if listed:
        counted = "、".join(f"“{each}” {meant[each] + answers[each]:,}" for each in listed)
        sure = LIKELY if _WORDS & set(listed) else SURE
        yield _source("null_spellings", sure, counted, value=listed)
    if left := [each for each in (meant + answers) if each not in listed]:
        counted = "、".join(f"“{each}” {meant[each] + answers[each]:,}" for each in left)
        said = f"{counted} 多见于文字列，可能就是答案，未列为空值"
        yield _source("null_spellings", OPEN, said)


def _ignored(table: Table, known: Known) -> Iterator[Proposal]:
    headings = table.heads.headings
    if not table.heads.row:
        return
    blank = sum(not each for each in headings)
    ignored = ignored_headings(table)
    if table.dialect.nested:
        said = f"{len(table.dialect.nested)} 列为列表或对象，不能采集"
        yield _source("ignored_headings", SURE, said, value=list(table.dialect.nested), loud=True)
        return
    if not ignored:
        return
    lost = [column.place + 1 for column, _, _ in known if not column.heading and column.filled]
    said = f"{blank:,} 列无标题" if blank else ""
    repeated = [each for each in ignored if each and headings.count(each) > 1]
    if repeated:
        said += f"{'；' if said else ''}{len(repeated)} 个标题重复，不能区分，请与报送单位商定改名"
    if any(map(is_artefact, ignored)):
        said += f"{'；' if said else ''}Unnamed 一类是程序所加，其下为空"
    if lost:
        listed = "、".join(map(str, lost[:10]))
        said += f"；第 {listed} 列无标题却有内容，未采集，请补标题"
    loud = bool(lost or repeated)
    yield _source("ignored_headings", OPEN if loud else SURE, said, value=list(ignored), loud=loud)


def ignored_headings(table: Table) -> tuple[str, ...]:
    """Headings that no field stands for: empty, repeated, or a program's over an empty column."""
    headings = table.heads.headings
    counts = Counter(headings)
    busy = {
        place for row in table.sample for place, cell in enumerate(row) if cell and cell.strip()
    }
    return tuple(
        dict.fromkeys(
            each
            for place, each in enumerate(headings)
            if not each or counts[each] > 1 or (is_artefact(each) and place not in busy)
        )
    )
