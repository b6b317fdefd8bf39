import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata.lineage import ColumnEdge
from opendata.record import (
    GENESIS,
    Artefact,
    Entry,
    Event,
    Kind,
    canonical,
    chain,
    enter,
    line_of,
    parse_line,
    verify,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=timezone(timedelta(hours=8)))
RELEASED = Event(
    kind=Kind.RELEASED,
    actor="数据管理员",
    dataset_id="enterprise_register",
    run_id="r1",
    as_of=date(2026, 1, 5),
    occurred_at=NOON,
    regimes=("xian-open-2022",),
    clauses=("XO26.a", "XO35.2"),
    rule_set="ab" * 32,
    inputs=(Artefact(id="source:main", sha256="cd" * 32),),
    outputs=(Artefact(id="enterprise_register", sha256="ef" * 32, rows=0),),
    counts={"clean": 10, "quarantined": 0},
    lineage=(ColumnEdge(column="uscc", upstream="source:main", upstream_column="uscc"),),
    detail={"score": 87.5, "empty": None},
)


def lines_of(*events: Event) -> list[str]:
    lines: list[str] = []
    head = GENESIS
    for seq, event in enumerate(events, start=1):
        entry = enter(event, seq=seq, prev_hash=head, recorded_at=NOON)
        lines.append(line_of(entry))
        head = entry.hash
    return lines


def a_record(length: int = 5) -> list[str]:
    return lines_of(*(Event(kind=Kind.JUDGED, actor="x", counts={"n": n}) for n in range(length)))


def test_an_entry_comes_back_from_its_line_as_it_was() -> None:
    entry = enter(RELEASED, seq=1, prev_hash=GENESIS, recorded_at=NOON)

    assert parse_line(line_of(entry)) == entry
    assert entry.event.lineage == RELEASED.lineage
    assert entry.event.outputs == RELEASED.outputs


def test_times_are_recorded_in_utc() -> None:
    entry = enter(RELEASED, seq=1, prev_hash=GENESIS, recorded_at=NOON)

    assert entry.recorded_at == NOON
    assert '"recorded_at":"2026-01-05T04:00:00+00:00"' in line_of(entry)


def test_the_canonical_bytes_and_the_hash_never_change() -> None:
    entry = enter(
        Event(kind=Kind.SUSPENDED, actor="张三", dataset_id="parks", case="投诉-1"),
        seq=1,
        prev_hash=GENESIS,
        recorded_at=datetime(2026, 1, 5, tzinfo=UTC),
    )

    assert line_of(entry) == (
        '{"event":{"actor":"张三","case":"投诉-1","dataset_id":"parks","kind":"suspended"},'
        '"hash":"268bcf5f77eb0e647073a48d9123c13e02679c8cf1cf210efa25479826bf761e",'
        '"prev_hash":"374f87d4a56b0e5329a40e1d916e27cf6336a85cf51952b13165e3ad3a959437",'
        '"recorded_at":"2026-01-05T00:00:00+00:00","seq":1}'
    )


def test_floats_and_odd_file_names_have_one_spelling() -> None:
    assert canonical({"b": 1.0, "a": [0.1]}) == '{"a":["0.1"],"b":"1.0"}'
    assert canonical("\udcb0.csv") == '"\\udcb0.csv"'


def test_a_true_record_verifies() -> None:
    lines = a_record()

    found = verify(lines)

    assert found.intact
    assert found.entries == 5
    assert found.head == parse_line(lines[-1]).hash


def test_an_empty_record_is_intact_and_its_head_is_the_beginning() -> None:
    assert verify([]).head == GENESIS
    assert verify([]).intact


@pytest.mark.parametrize(
    ("harm", "seq", "message"),
    [
        pytest.param(
            lambda lines: [each.replace('"n":2', '"n":9') for each in lines],
            3,
            "another hash",
            id="altered_content",
        ),
        pytest.param(
            lambda lines: [each.replace("+00:00", "+08:00", 1) for each in lines],
            1,
            "another hash",
            id="altered_time",
        ),
        pytest.param(lambda lines: lines[:1] + lines[2:], 2, "missing", id="removed"),
        pytest.param(
            lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2, "missing", id="reordered"
        ),
        pytest.param(lambda lines: [*lines[:3], lines[2], *lines[3:]], 4, "missing", id="repeated"),
        pytest.param(lambda lines: [*lines, "{"], 6, "not an entry", id="torn_last_line"),
        pytest.param(lambda lines: [*lines, '{"seq":6}'], 6, "not an entry", id="not_an_entry"),
        pytest.param(lambda lines: ["[" * 99999, *lines[1:]], 1, "not an entry", id="bomb"),
        pytest.param(
            lambda lines: [each.replace(":", ": ", 1) for each in lines],
            1,
            "canonical",
            id="respelled",
        ),
    ],
)
def test_every_kind_of_harm_is_found_where_it_was_done(
    harm: Callable[[list[str]], list[str]], seq: int, message: str
) -> None:
    found = verify(harm(a_record()))

    assert found.first_broken == seq
    assert message in found.problems[0].message


def test_a_rehashed_forgery_breaks_the_entry_after_it() -> None:
    lines = a_record()
    forged = enter(
        Event(kind=Kind.JUDGED, actor="forger"),
        seq=3,
        prev_hash=parse_line(lines[1]).hash,
        recorded_at=NOON,
    )

    found = verify([*lines[:2], line_of(forged), *lines[3:]])

    assert [(each.seq, each.message) for each in found.problems] == [
        (4, "entry 4 does not follow the entry before it")
    ]


@given(st.integers(0, 4), st.data())
def test_no_single_byte_can_change_unnoticed(at: int, data: st.DataObject) -> None:
    lines = a_record()
    place = data.draw(st.integers(0, len(lines[at]) - 1))
    other = data.draw(st.characters(exclude_characters=lines[at][place] + "\n"))
    lines[at] = lines[at][:place] + other + lines[at][place + 1 :]

    assert verify(lines).first_broken == at + 1


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_canonical_text_reads_back_to_the_same_canonical_text(value: object) -> None:
    once = canonical(value)

    assert canonical(json.loads(once)) == once


def test_the_chain_binds_place_moment_past_and_content() -> None:
    judged = {"kind": "judged"}
    first = chain("p", seq=1, recorded_at="t", event=judged)

    others = {
        chain("q", seq=1, recorded_at="t", event=judged),
        chain("p", seq=2, recorded_at="t", event=judged),
        chain("p", seq=1, recorded_at="u", event=judged),
        chain("p", seq=1, recorded_at="t", event={"kind": "gated"}),
    }

    assert first not in others
    assert len(others) == 4


def test_an_entry_is_a_value() -> None:
    one: Entry = enter(RELEASED, seq=1, prev_hash=GENESIS, recorded_at=NOON)

    assert one == enter(RELEASED, seq=1, prev_hash=GENESIS, recorded_at=NOON)
