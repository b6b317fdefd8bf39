"""The processing record as values: events, their canonical spelling, the hash chain, verification.

Text in, values and text out; where the lines are kept is ``resources/record_book.py``. A kind of
event is added here when an article asks for one more thing to be recorded (XO26, XO32, CQ19, XS36,
GZ19). Hash chaining is our means: the texts demand that processing be auditable and traceable, and
that nobody alters or deletes records; none of them prescribes how.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

from opendata.lineage import ColumnEdge
from opendata.plain import JsonValue, plain
from opendata.vocabulary import Term

GENESIS = hashlib.sha256(b"opendata-record/1").hexdigest()


class Kind(Term):
    """What happened. The six stages of processing come first, then decisions, then the machine."""

    RECEIVED = "归集"
    STANDARDISED = "治理"
    JUDGED = "质量校核"
    DESENSITISED = "脱敏"
    GATED = "审查"
    RELEASED = "开放"
    WITHHELD = "暂缓开放"
    REFUSED = "不予通过"
    UNCHANGED = "未变化"
    SUSPENDED = "中止"
    RESTORED = "恢复"
    WITHDRAWN = "撤回"
    ADOPTED = "启用规则"
    SETTINGS = "变更设置"
    CLAIMED = "认领数源"
    DISPUTED = "数源争议"
    SETTLED = "争议处理"
    EXCEPTED = "例外处理（经批准）"
    SENT_BACK = "退回整改"
    ANSWERED = "整改回复"
    ANSWER_REFUSED = "整改回复未受理"
    CLOCK_STARTED = "期限起算"
    CLOCK_STOPPED = "期限办结"
    ASSESSED = "安全评估"
    RUN_STARTED = "运行开始"
    RUN_FINISHED = "运行结束"
    FAILED = "处理失败"
    ABANDONED = "未生效"
    REPAIRED = "记录修复"
    PURGED = "清除"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """Something read or written: an id, the SHA-256 of its bytes, and rows where it has rows."""

    id: str
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that was done or decided, before it is entered.

    ``actor`` is stamped, like the run and the catalog version, by the workshop that records it.
    ``occurred_at`` is when it took effect, where that is not the moment of recording; ``as_of`` the
    day of judgement; ``rule_set`` the hash of the rules applied (suite, treatments or gates);
    ``clauses`` are ids of the regulation profiles; ``counts`` are rows by name; ``detail`` holds
    what only this kind has. Never a value taken from a data row, never key material.
    """

    kind: Kind
    actor: str = ""
    dataset_id: str | None = None
    run_id: str | None = None
    case: str | None = None
    occurred_at: datetime | None = None
    as_of: date | None = None
    regimes: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    rule_set: str | None = None
    catalog_version: str | None = None
    code_version: str | None = None
    inputs: tuple[Artefact, ...] = ()
    outputs: tuple[Artefact, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    lineage: tuple[ColumnEdge, ...] = ()
    detail: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event in its place in the chain. ``recorded_at`` is UTC; ``seq`` counts from 1."""

    seq: int
    recorded_at: datetime
    prev_hash: str
    hash: str
    event: Event


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """Where the chain does not hold, and how; ``seq`` is the place a true entry would have."""

    seq: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What checking a whole record found. ``head`` is the hash of the last entry (or GENESIS)."""

    entries: int
    head: str
    problems: tuple[ChainProblem, ...]

    @property
    def intact(self) -> bool:
        """Whether every entry is exactly what was written, in order, with none missing between."""
        return not self.problems

    @property
    def first_broken(self) -> int | None:
        """The first place where the record cannot be trusted."""
        return self.problems[0].seq if self.problems else None


def canonical(value: JsonValue) -> str:
    """The one JSON spelling of a value: keys sorted, no spaces, Chinese as is, no floats.

    A float is spelled as text by its shortest exact form, since no two programs print floats alike.

    >>> canonical({"b": 0.5, "a": "合格"})
    '{"a":"合格","b":"0.5"}'
    """
    exact = _without_floats(plain(value))
    text = json.dumps(exact, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # A file name that is not UTF-8 arrives as lone surrogates; \udcXX is their JSON spelling.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def chain(prev_hash: str, *, seq: int, recorded_at: str, event: JsonValue) -> str:
    """The hash of an entry: SHA-256 over its place, its moment, what came before and the event."""
    link = {"event": event, "prev_hash": prev_hash, "recorded_at": recorded_at, "seq": seq}
    return hashlib.sha256(canonical(link).encode()).hexdigest()


def enter(event: Event, *, seq: int, prev_hash: str, recorded_at: datetime) -> Entry:
    """Give an event the next place in the chain.

    The event comes back exactly as its line will be read again: floats and dates in ``detail`` are
    text from here on.
    """
    spelled = json.loads(canonical(_event_json(event)))
    moment = recorded_at.astimezone(UTC)
    return Entry(
        seq=seq,
        recorded_at=moment,
        prev_hash=prev_hash,
        hash=chain(prev_hash, seq=seq, recorded_at=moment.isoformat(), event=spelled),
        event=_event_from(spelled),
    )


def line_of(entry: Entry) -> str:
    """The entry as its line of the record, without the newline."""
    return canonical(
        {
            "event": _event_json(entry.event),
            "hash": entry.hash,
            "prev_hash": entry.prev_hash,
            "recorded_at": entry.recorded_at.isoformat(),
            "seq": entry.seq,
        }
    )


def parse_line(line: str) -> Entry:
    """Read one line of the record; the chain is not checked here.

    Raises:
        ValueError: the line is not an entry (KeyError and TypeError mean the same).
    """
    given = json.loads(line)
    return Entry(
        seq=given["seq"],
        recorded_at=datetime.fromisoformat(given["recorded_at"]),
        prev_hash=given["prev_hash"],
        hash=given["hash"],
        event=_event_from(given["event"]),
    )


def verify(lines: Iterable[str]) -> Verification:
    """Check a whole record, line by line from its beginning, and report every break.

    Any altered, missing, inserted or reordered byte is a problem at the first place it shows. What
    the chain alone cannot show is that the last entries were cut off: compare ``head`` with the one
    an open store's release manifest names.
    """
    seq, head = 0, GENESIS
    problems: list[ChainProblem] = []
    for seq, line in enumerate(lines, start=1):
        head, problem = _check(line.rstrip("\n"), seq=seq, prev_hash=head)
        problems += [problem] if problem else []
    return Verification(entries=seq, head=head, problems=tuple(problems))


def _check(line: str, *, seq: int, prev_hash: str) -> tuple[str, ChainProblem | None]:
    """The hash the next line must follow, and what is wrong with this one."""
    try:
        given = json.loads(line)
        stated = str(given["hash"])
        expected = chain(
            given["prev_hash"],
            seq=given["seq"],
            recorded_at=given["recorded_at"],
            event=given["event"],
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return prev_hash, ChainProblem(seq, f"entry {seq} is not an entry of the record")
    return stated, _first_problem(line, given, seq=seq, prev_hash=prev_hash, expected=expected)


def _first_problem(
    line: str, given: Mapping[str, Any], *, seq: int, prev_hash: str, expected: str
) -> ChainProblem | None:
    if given["seq"] != seq:
        return ChainProblem(seq, f"entry {seq} is missing: entry {given['seq']!r} is in its place")
    if given["prev_hash"] != prev_hash:
        return ChainProblem(seq, f"entry {seq} does not follow the entry before it")
    if given["hash"] != expected:
        return ChainProblem(seq, f"entry {seq} was altered: its content has another hash")
    if line != canonical(given):
        return ChainProblem(seq, f"entry {seq} was altered: it is not in its canonical spelling")
    return None


def _without_floats(value: JsonValue) -> JsonValue:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: _without_floats(each) for key, each in value.items()}
    return [_without_floats(each) for each in value] if isinstance(value, list) else value


def _event_json(event: Event) -> dict[str, JsonValue]:
    """What the event says, leaving out what it does not say."""
    given: dict[str, JsonValue] = {
        each.name: plain(getattr(event, each.name)) for each in fields(event)
    }
    for name in ("inputs", "outputs"):
        given[name] = [_without_nothing(each) for each in given[name]]
    return _without_nothing(given)


def _without_nothing(given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {key: value for key, value in given.items() if value not in (None, [], {}, "")}


def _event_from(given: Mapping[str, JsonValue]) -> Event:
    read: dict[str, Any] = dict(given)
    read["kind"] = Kind[read["kind"].upper()]
    for name, parse in _READERS.items():
        if name in read:
            read[name] = parse(read[name])
    return Event(**read)


def _artefacts(given: Iterable[Mapping[str, Any]]) -> tuple[Artefact, ...]:
    return tuple(Artefact(**each) for each in given)


def _edges(given: Iterable[Mapping[str, Any]]) -> tuple[ColumnEdge, ...]:
    return tuple(ColumnEdge(**each) for each in given)


_READERS: Mapping[str, Any] = {
    "occurred_at": datetime.fromisoformat,
    "as_of": date.fromisoformat,
    "regimes": tuple,
    "clauses": tuple,
    "inputs": _artefacts,
    "outputs": _artefacts,
    "lineage": _edges,
}
