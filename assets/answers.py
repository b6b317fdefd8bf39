"""Answers: what a 问题数据整改单 that came back says, held against the data as they are now.

Everything of a sheet is taken or nothing. A line is known by its key; what nobody filled in says
nothing, and what is said must fit what was asked.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assets.corrections import corrections_of
from assets.looking import looked_at
from assets.quarantine import lines_about
from assets.settled import files_of
from assets.workshop import Workshop
from opendata.catalog import Dataset
from opendata.quarantine import EMPTY_SHAPE, Answer, Fault, Line, Reply, Spot, is_key_of
from opendata.sql_text import quoted
from resources.correction_sheet import PRINTED, Filled, Remark, Sheet
from resources.received import LandedFile

_KEY = re.compile(r"([0-9a-f]{16})\.([0-9]{1,12})\.([a-z][a-z0-9_]*)\.[0-9a-f]{10}")
_FORMULA = re.compile(r"[=@\t]|[+\-](?![0-9.])")
_REPLIES = {each.value: each for each in Reply}
_LONGEST = 2000


@dataclass(slots=True)
class Answers:
    """What a sheet says: answers not given before, and what is wrong with it.

    ``repeated`` lines say what was said before, ``blank`` ones nothing, ``settled`` ones are about
    cells that break no rule any more. ``given`` are all answers, by their row of the sheet.
    """

    new: list[Answer] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    repeated: int = 0
    blank: int = 0
    settled: int = 0
    given: list[tuple[int, Answer]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A filled line and the spot it is about."""

    filled: Filled
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What lines are held against: what would be asked now, what was received and answered."""

    now: Mapping[Spot, Line]
    received: Mapping[Spot, str | None]
    before: Mapping[Spot, Answer]
    issued: int


def answers_in(workshop: Workshop, dataset: Dataset, sheet: Sheet, *, issued: int) -> Answers:
    """What the sheet with this number says of the dataset.

    Raises:
        SourceError: a received file cannot be read any more.
    """
    found = Answers()
    files = files_of(workshop, dataset)
    before = corrections_of(workshop, dataset).latest
    by_file: dict[str, list[_Asked]] = defaultdict(list)
    for each in _asked(sheet, files, found):
        by_file[each.spot.sha256].append(each)
    for sha256, lines in by_file.items():
        records = {each.spot.record for each in lines}
        known = _Known(
            now=lines_about(workshop, dataset, files[sha256], records),
            received=_received(workshop, dataset, files[sha256], lines),
            before=before,
            issued=issued,
        )
        for each in lines:
            _take(each, known, found)
    found.remarks += _contradictions(found.given)
    return found


def _asked(sheet: Sheet, files: Mapping[str, LandedFile], found: Answers) -> Iterator[_Asked]:
    """The lines that are about a file that counts, each once."""
    by_start = {sha256[:16]: sha256 for sha256 in files}
    seen: set[Spot] = set()
    for line in sheet.lines:
        found.remarks += [
            Remark(line.row, name, said, Fault.UNREADABLE) for name, said in line.faults.items()
        ]
        if line.faults:
            continue
        told = _KEY.fullmatch(line.cells["key"])
        sha256 = by_start.get(told[1]) if told else None
        if told is None:
            found.remarks.append(Remark(line.row, "key", _NO_KEY, Fault.ALTERED))
        elif sha256 is None:
            found.remarks.append(Remark(line.row, "file", _REPLACED, Fault.REPLACED))
        elif (spot := Spot(sha256=sha256, record=int(told[2]), field=told[3])) in seen:
            found.remarks.append(Remark(line.row, "key", _TWICE, Fault.REPEATED))
        else:
            seen.add(spot)
            yield _Asked(line, spot)


def _received(
    workshop: Workshop, dataset: Dataset, file: LandedFile, lines: list[_Asked]
) -> dict[Spot, str | None]:
    """The text of these cells as received."""
    known = {name for name, _ in dataset.sources[0].columns}
    fields = sorted({each.spot.field for each in lines} & known)
    if not fields:
        return {}
    records = sorted({each.spot.record for each in lines})
    shown = ", ".join(map(quoted, fields))
    with looked_at(workshop, dataset, file, as_received=True) as (con, relation):
        rows = con.execute(
            f"select _row, {shown} from {relation} where _row in (select unnest(?::bigint[]))",
            [records],
        ).fetchall()
    return {
        Spot(sha256=file.sha256, record=int(record), field=name): text
        for record, *cells in rows
        for name, text in zip(fields, cells, strict=True)
    }


def _take(asked: _Asked, known: _Known, found: Answers) -> None:
    line, spot = asked.filled, asked.spot
    if altered := _altered(asked, known.now):
        found.remarks.append(altered)
        return
    if not line.cells["reply"] and not line.cells["value"]:
        found.blank += 1
        return
    said, before = _answer(asked, known), known.before.get(spot)
    if isinstance(said, Remark):
        found.remarks.append(said)
        return
    found.given.append((line.row, said))
    if said.repeats(before):
        found.repeated += 1
    elif before and before.issued > known.issued:
        found.remarks.append(Remark(line.row, "reply", _LATER, Fault.CONTRADICTED))
    elif spot not in known.now and before is None:
        found.settled += 1
    else:
        found.new.append(said)


def _altered(asked: _Asked, now: Mapping[Spot, Line]) -> Remark | None:
    """Which cell was altered that nobody may alter."""
    cells, line = asked.filled.cells, now.get(asked.spot)
    printed = [cells[name] for name in PRINTED]
    if is_key_of(cells["key"], printed):
        return None
    if line is not None:
        for name, text in zip(PRINTED, line.printed, strict=True):
            if cells[name] != text:
                said = f"此格被改动过，原为“{text}”，请恢复。"
                return Remark(asked.filled.row, name, said, Fault.ALTERED)
    return Remark(asked.filled.row, "key", _NO_KEY, Fault.ALTERED)


def _answer(asked: _Asked, known: _Known) -> Answer | Remark:
    line, spot = asked.filled, asked.spot
    reply, value, said = (line.cells[each] for each in ("reply", "value", "said"))
    given = _REPLIES.get(reply)
    wrong = _wrong(given, value, said)
    if wrong or given is None:
        return Remark(line.row, *(wrong or ("reply", _CHOOSE, Fault.REPLY)))
    corrects = given is Reply.CORRECTED
    was = known.received.get(spot)
    if corrects and _meant(value) == (was or None):
        return Remark(line.row, "value", "改正后的值与原值相同，请核实。", Fault.UNFIT)
    asked_now, before = known.now.get(spot), known.before.get(spot)
    if given is Reply.EXCEPTION and asked_now and not asked_now.waivable:
        return Remark(line.row, "reply", _NEVER, Fault.BARRED)
    rules = asked_now.rules if asked_now else (before.rules if before else ())
    if given is Reply.STRUCK and asked_now:
        rules = _rules_of_record(spot, known.now)
    return Answer(
        spot=spot,
        reply=given,
        rules=rules,
        was=was if given in (Reply.CORRECTED, Reply.STRUCK) else None,
        value=_meant(value) if corrects else None,
        said=said,
        issued=known.issued,
    )


def _rules_of_record(spot: Spot, now: Mapping[Spot, Line]) -> tuple[str, ...]:
    """Every rule the whole row breaks now, each once."""
    lines = [line for each, line in now.items() if _record(each) == _record(spot)]
    return tuple(dict.fromkeys(rule for line in lines for rule in line.rules))


def _record(spot: Spot) -> tuple[str, int]:
    return spot.sha256, spot.record


def _contradictions(given: Sequence[tuple[int, Answer]]) -> Iterator[Remark]:
    """Cells of rows that are struck out elsewhere on the sheet and answered otherwise here."""
    struck = {_record(each.spot) for _, each in given if each.reply is Reply.STRUCK}
    for row, each in given:
        if each.reply is not Reply.STRUCK and _record(each.spot) in struck:
            yield Remark(row, "reply", _STRUCK_ELSEWHERE, Fault.CONTRADICTED)


def _wrong(reply: Reply | None, value: str, said: str) -> tuple[str, str, Fault] | None:
    """What is wrong with an answer in itself: the column, the sentence and the kind."""
    if reply is None:
        return "reply", _CHOOSE, Fault.REPLY
    if reply is Reply.CORRECTED and not value:
        return "value", _NO_VALUE, Fault.INCOMPLETE
    if reply is not Reply.CORRECTED and value:
        return "value", f"回复为“{reply.value}”，不应填写改正后的值。", Fault.CONTRADICTED
    if reply is not Reply.CORRECTED and not said:
        return "said", f"回复为“{reply.value}”，请在此写明原因。", Fault.INCOMPLETE
    if _FORMULA.match(value):
        return "value", "内容以 =、@ 等符号开头，会被表格软件当作公式，不予接收。", Fault.UNFIT
    too_long = [name for name, text in (("value", value), ("said", said)) if len(text) > _LONGEST]
    return (too_long[0], f"超过 {_LONGEST} 字，请缩短。", Fault.UNFIT) if too_long else None


def _meant(value: str) -> str | None:
    return None if value == EMPTY_SHAPE else value


_NO_KEY = "核对码或者本行的固定内容被改动，无法确认是哪一格，请从原表复制回来。"
_REPLACED = "此行所属的文件已被新报送的文件取代，请按最新导出的整改单办理。"
_TWICE = "此行重复，同一格只能回复一次。"
_CHOOSE = f"请从下拉列表中选择：{'、'.join(_REPLIES)}。"
_NO_VALUE = f"回复为“已改正”，请填写改正后的值；应为空白的填“{EMPTY_SHAPE}”。"
_NEVER = "此处违反的规则（类型不符或者主键重复）不得例外处理，请改正、作废本行，或者选“无法核实”。"
_STRUCK_ELSEWHERE = "本行在另一处已选“作废本行”，此处请留空，或者同样选“作废本行”。"
_LATER = "此格已由后来导出的整改单回复过，内容不同，请按最新导出的整改单办理。"
