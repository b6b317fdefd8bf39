import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opendata.errors import RecordBroken, RecordUnwritable
from opendata.record import GENESIS, Event, Kind, verify
from resources.clock import Clock
from resources.record_book import RecordBook

ROOT = Path(__file__).parents[2]
APPENDER = """
import sys
from pathlib import Path
from opendata.record import Event, Kind
from resources.record_book import RecordBook
book = RecordBook(Path(sys.argv[1]))
for n in range(int(sys.argv[2])):
    book.append(Event(kind=Kind.JUDGED, actor=sys.argv[3], counts={"n": n}))
    print(n, flush=True)
"""


class MovedClock(Clock):
    def __init__(self, *moments: datetime) -> None:
        super().__init__()
        self._moments = list(moments)

    def now(self) -> datetime:
        return self._moments.pop(0)


def an_event(n: int = 0) -> Event:
    return Event(kind=Kind.JUDGED, actor="开放员", dataset_id="parks", counts={"n": n})


def last_segment(book: RecordBook) -> Path:
    return book.segments()[-1]


def test_entries_follow_each_other_and_read_back(tmp_path: Path) -> None:
    book = RecordBook(tmp_path / "record")

    first, second = book.append(an_event(1)), book.append(an_event(2))

    assert (first.seq, first.prev_hash) == (1, GENESIS)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert tuple(book.entries()) == (first, second)
    assert book.head == second.hash
    assert book.verify().intact


def test_an_empty_record_has_the_beginning_as_its_head(tmp_path: Path) -> None:
    book = RecordBook(tmp_path / "record")

    assert book.head == GENESIS
    assert tuple(book.entries()) == ()
    assert book.verify().intact


def test_many_events_are_one_write(tmp_path: Path) -> None:
    book = RecordBook(tmp_path / "record")

    entered = book.append_all([an_event(n) for n in range(500)])

    assert [each.seq for each in entered] == list(range(1, 501))
    assert book.verify().entries == 500


def test_the_chain_runs_on_across_months(tmp_path: Path) -> None:
    clock = MovedClock(datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    book = RecordBook(tmp_path, clock=clock)

    book.append(an_event(1))
    book.append(an_event(2))

    assert [each.name for each in book.segments()] == [
        "record-2026-01.jsonl",
        "record-2026-02.jsonl",
    ]
    assert book.verify().intact


def test_a_wall_clock_set_back_does_not_reorder_the_record(tmp_path: Path) -> None:
    clock = MovedClock(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    book = RecordBook(tmp_path, clock=clock)

    book.append(an_event(1))
    book.append(an_event(2))

    assert len(book.segments()) == 1
    assert book.verify().intact


def test_verifying_needs_nothing_but_the_files(tmp_path: Path) -> None:
    book = RecordBook(tmp_path)
    book.append_all([an_event(n) for n in range(3)])

    lines = last_segment(book).read_text(encoding="utf-8").splitlines(keepends=True)

    assert verify(lines).intact


def test_an_altered_byte_on_disk_is_found(tmp_path: Path) -> None:
    book = RecordBook(tmp_path)
    book.append_all([an_event(n) for n in range(3)])
    segment = last_segment(book)

    segment.write_bytes(segment.read_bytes().replace(b'"n":1', b'"n":\xff'))

    assert book.verify().first_broken == 2


@pytest.mark.parametrize("kept", [1, 40, -1], ids=["one_byte", "forty_bytes", "all_but_newline"])
def test_a_torn_last_line_is_set_aside_and_noted(tmp_path: Path, kept: int) -> None:
    book = RecordBook(tmp_path)
    book.append(an_event(1))
    whole = last_segment(book).read_bytes()
    book.append(an_event(2))
    torn = last_segment(book).read_bytes()[len(whole) :][:kept]
    last_segment(book).write_bytes(whole + torn)

    third = book.append(an_event(3))

    kinds = [each.event.kind for each in book.entries()]
    assert kinds == [Kind.JUDGED, Kind.REPAIRED, Kind.JUDGED]
    assert third.seq == 3
    assert book.verify().intact
    assert [each.read_bytes() for each in (tmp_path / "recovered").iterdir()] == [torn]


def test_a_damaged_last_entry_is_never_extended(tmp_path: Path) -> None:
    book = RecordBook(tmp_path)
    book.append(an_event())
    last_segment(book).write_bytes(b"\0" * 100 + b"\n")

    with pytest.raises(RecordBroken, match="record verify"):
        book.append(an_event())


def test_an_unwritable_record_stops_the_step_it_describes(tmp_path: Path) -> None:
    (tmp_path / "record").write_text("a file where the folder should be")

    with pytest.raises(RecordUnwritable, match="处理记录未能写入，本次操作未执行。"):
        RecordBook(tmp_path / "record").append(an_event())


def test_a_full_disk_leaves_the_record_whole(tmp_path: Path) -> None:
    book = RecordBook(tmp_path)
    book.append(an_event())
    size = last_segment(book).stat().st_size

    limited = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 50}, {size + 50}))
from opendata.errors import RecordUnwritable
import sys
sys.argv = ["x", {str(tmp_path)!r}, "1", "y"]
try:
{"".join("    " + line + chr(10) for line in APPENDER.strip().splitlines())}
except RecordUnwritable:
    raise SystemExit(7)
"""
    done = subprocess.run([sys.executable, "-c", limited], check=False, cwd=ROOT)

    assert done.returncode == 7
    assert last_segment(book).stat().st_size == size
    assert book.verify().intact


def test_several_processes_append_to_one_chain(tmp_path: Path) -> None:
    command = [sys.executable, "-c", APPENDER, str(tmp_path), "25"]

    workers = [
        subprocess.Popen([*command, name], stdout=subprocess.DEVNULL, cwd=ROOT)
        for name in ("a", "b", "c")
    ]
    codes = [each.wait() for each in workers]

    found = RecordBook(tmp_path).verify()
    assert codes == [0, 0, 0]
    assert found.intact
    assert found.entries == 75


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(tmp_path), "100000", "a"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert worker.stdout is not None
    acknowledged = [worker.stdout.readline() for _ in range(40)]

    worker.kill()
    acknowledged += worker.stdout.readlines()
    worker.wait()
    worker.stdout.close()

    book = RecordBook(tmp_path)
    book.append(an_event())
    assert book.verify().intact
    assert book.verify().entries > len(acknowledged)


def test_the_record_is_for_its_owner_only(tmp_path: Path) -> None:
    book = RecordBook(tmp_path / "record")
    book.append(an_event())

    assert (tmp_path / "record").stat().st_mode & 0o077 == 0
