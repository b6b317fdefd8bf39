"""History: what the processing record tells of earlier passages, read on from where it was left.

The record is what lasts; the state only keeps how far it was read and what was found, so deleting
the state costs one reading of the whole record and nothing else.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from assets.workshop import Workshop
from opendata.findings import QualityReport
from opendata.plain import plain
from opendata.record import Entry, Event, Kind, parse_line

KEPT = 12
"""Versions of a dataset whose scores are remembered."""

_NAME = "past"
_CLOSES = frozenset({Kind.REFUSED, Kind.FAILED, Kind.WITHHELD, Kind.SUSPENDED, Kind.WITHDRAWN})
_OPENS = frozenset({Kind.GATED, Kind.RELEASED, Kind.RESTORED})
_SPELLED = tuple(
    f'"kind":"{each.code}"'.encode() for each in (*sorted(_CLOSES | _OPENS, key=str), Kind.JUDGED)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the record tells of one dataset.

    ``versions`` are the scores (0 to 100 by the code of the dimension, what was not assessed left
    out) of its last announced versions by number, oldest first; ``released`` is the day of
    judgement each version was made on, by store and number; ``closed_since`` that of the first
    refusal, failure or suspension that nothing has ended since; ``judged`` the scores of the last
    judgement.
    """

    versions: tuple[tuple[int, dict[str, float]], ...] = ()
    closed_since: date | None = None
    judged: dict[str, float] = field(default_factory=dict)
    released: dict[str, date] = field(default_factory=dict)

    def released_on(self, store: str, version: int) -> date | None:
        """The day of judgement a version was made on, if the record tells it."""
        return self.released.get(f"{store} {version}")


@dataclass(slots=True)
class _Notes:
    """How far each segment of the record was read, in bytes, and what was found by dataset."""

    read: dict[str, int] = field(default_factory=dict)
    past: dict[str, Past] = field(default_factory=dict)


def history(workshop: Workshop) -> Mapping[str, Past]:
    """The past of every dataset the record speaks of.

    Judgements recorded before scores were entered by dimension are left out.
    """
    notes = _recalled(workshop)
    before = dict(notes.read)
    for segment in workshop.book.segments():
        for event in _events_after(segment, notes):
            for dataset_id in {event.dataset_id or "", *event.detail.get("reached", ())}:
                notes.past[dataset_id] = _after(notes.past.get(dataset_id, Past()), event)
    if notes.read != before:
        kept = json.dumps(plain({"read": notes.read, "past": notes.past}), ensure_ascii=False)
        workshop.state.remember_findings(_NAME, kept)
    return notes.past


def scores_told(quality: QualityReport) -> dict[str, list[float]]:
    """What the record is told of a judgement: score, A and B of each dimension assessed."""
    return {
        each.dimension.code: [each.score, each.good, each.total]
        for each in quality.dimensions
        if each.score is not None
    }


def _recalled(workshop: Workshop) -> _Notes:
    kept = workshop.state.recall_findings(_NAME)
    try:
        notes = TypeAdapter(_Notes).validate_json(kept) if kept else _Notes()
    except ValueError:
        return _Notes()
    sizes = {each.name: each.stat().st_size for each in workshop.book.segments()}
    grown = all(sizes.get(name, -1) >= offset for name, offset in notes.read.items())
    return notes if grown else _Notes()


def _events_after(segment: Path, notes: _Notes) -> Iterator[Event]:
    """What a segment tells since it was last read; a line half written is left for the next time.

    Whether the chain holds is asked by ``opendata record verify``, not here.
    """
    with segment.open("rb") as stream:
        offset = stream.seek(notes.read.get(segment.name, 0))
        for line in stream:
            if not line.endswith(b"\n"):
                break
            offset += len(line)
            if any(each in line for each in _SPELLED) and (entry := _parsed(line)):
                yield entry.event
    notes.read[segment.name] = offset


def _parsed(line: bytes) -> Entry | None:
    try:
        return parse_line(line.decode("utf-8", "surrogateescape"))
    except (ValueError, KeyError, TypeError):
        return None


def _after(past: Past, event: Event) -> Past:
    if event.kind is Kind.JUDGED:
        return replace(past, judged=scores_read(event))
    if event.kind in _CLOSES:
        return replace(past, closed_since=past.closed_since or event.as_of)
    if event.kind is Kind.RELEASED:
        past = _released(past, event)
    if event.kind is Kind.RELEASED and past.judged:
        number = int(event.counts["version"])
        known = tuple(each for each in past.versions if each[0] != number)
        versions = (*known, (number, past.judged))[-KEPT:]
        return replace(past, versions=versions, closed_since=None)
    return replace(past, closed_since=None) if event.kind in _OPENS else past


def _released(past: Past, event: Event) -> Past:
    if event.as_of is None:
        return past
    name = f"{event.detail.get('store')} {event.counts['version']}"
    return replace(past, released=past.released | {name: event.as_of})


def scores_read(event: Event) -> dict[str, float]:
    """The scores of a judgement by dimension, as its entry of the record tells them."""
    told = event.detail.get("dimensions", {})
    return {code: float(each[0]) for code, each in told.items()}
