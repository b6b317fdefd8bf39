"""The drop folder: files that lie still are taken once, the others told why; nothing is lost."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opendata.catalog import Dataset
from resources import deliveries
from resources.deliveries import Delivery
from resources.drop import DropFolder, Seen, settled
from tests.support import a_dataset, a_source

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PARKS = a_dataset(id="parks", title="公园", sources=(a_source(files="公园*.csv"),))
ZOO = a_dataset(id="zoo", title="动物园", sources=(a_source(files="zoo.csv"),))


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    inbox = tmp_path / "inbox" / "market"
    (inbox / "drop").mkdir(parents=True)
    return DropFolder(inbox)


def drop(folder: DropFolder, name: str, content: bytes = b"a") -> Path:
    path = folder.inbox / "drop" / name
    path.write_bytes(content)
    return path


def claim(folder: DropFolder, *datasets: Dataset, at: datetime = NOON) -> tuple[Delivery, ...]:
    return folder.claim(folder.look(), datasets or (PARKS, ZOO), received_at=at)


def end(folder: DropFolder, *, done: bool) -> None:
    (delivery,) = folder.claimed()
    folder.close(delivery, done=done, receipt=lambda place: f"回执 {place}")


def names(folder: DropFolder, *parts: str) -> list[str]:
    return sorted(each.name for each in folder.inbox.joinpath(*parts).glob("[!.]*"))


def content(folder: DropFolder) -> dict[str, bytes]:
    """The files of the inbox itself."""
    return {each.name: each.read_bytes() for each in folder.inbox.iterdir() if each.is_file()}


def receipt_of(folder: DropFolder, name: str) -> str:
    (path,) = (folder.inbox / "failed").glob(f"*{name}.回执.txt")
    return path.read_text(encoding="utf-8")


def looks(path: Path, **changes: int) -> Seen:
    given = {"mode": 0o100644, "ino": 1, "size": 5, "mtime_ns": 0, "ctime_ns": 0} | changes
    return Seen(path=path, **given)


def test_what_lies_unchanged_long_enough_has_settled_oldest_first(tmp_path: Path) -> None:
    now = int(NOON.timestamp()) * 10**9
    old = looks(tmp_path / "old", mtime_ns=now - 90 * 10**9)
    older = looks(tmp_path / "older", mtime_ns=now - 99 * 10**9)

    assert settled([old, older], [old, older], at=NOON, settle_seconds=60) == (older, old)


@pytest.mark.parametrize(
    "before",
    [{"size": 4}, {"ino": 2}, {"mtime_ns": 7}, {"ctime_ns": 7}, None],
    ids=["growing", "another file", "written", "renamed", "new"],
)
def test_what_changed_between_two_looks_has_not_settled(
    tmp_path: Path, before: dict[str, int] | None
) -> None:
    now = looks(tmp_path / "a")
    first = () if before is None else (looks(tmp_path / "a", **before),)

    assert settled(first, [now], at=NOON, settle_seconds=60) == ()


@pytest.mark.parametrize("which", ["mtime_ns", "ctime_ns"])
def test_what_changed_a_moment_ago_has_not_settled(tmp_path: Path, which: str) -> None:
    fresh = looks(tmp_path / "a", **{which: int(NOON.timestamp() - 59) * 10**9})

    assert settled([fresh], [fresh], at=NOON, settle_seconds=60) == ()
    assert settled([fresh], [fresh], at=NOON, settle_seconds=59) == (fresh,)


def test_a_copy_that_brings_an_old_time_along_must_settle_too(folder: DropFolder) -> None:
    path = drop(folder, "zoo.csv")
    os.utime(path, (0, 0))
    seen = folder.look()

    assert settled(seen, seen, at=datetime.now(UTC), settle_seconds=60) == ()


def test_a_file_goes_into_the_inbox_under_its_name(folder: DropFolder) -> None:
    drop(folder, "公园2026.csv", b"new")

    (delivery,) = claim(folder)

    assert (delivery.dataset_id, delivery.source_id, delivery.size) == ("parks", "main", 3)
    assert content(folder) == {"公园2026.csv": b"new"}
    assert names(folder, "drop") == []


def test_the_file_before_makes_way_and_is_kept(folder: DropFolder) -> None:
    (folder.inbox / "公园2025.csv").write_bytes(b"old")
    (folder.inbox / "zoo.csv").write_bytes(b"zoo")
    drop(folder, "公园2026.csv", b"new")

    claim(folder)

    assert content(folder) == {"公园2026.csv": b"new", "zoo.csv": b"zoo"}
    assert names(folder, "done") == ["20260331-120000-000000-1_公园2025.csv"]


def test_what_was_done_has_its_receipt_and_stays_until_the_next_file(folder: DropFolder) -> None:
    drop(folder, "zoo.csv", b"one")
    claim(folder)

    end(folder, done=True)

    assert content(folder) == {"zoo.csv": b"one"}
    assert names(folder, "done") == ["20260331-120000-000000-0_zoo.csv.回执.txt"]
    text = (folder.inbox / "done" / names(folder, "done")[0]).read_text(encoding="utf-8")
    assert text == "回执 inbox/market/zoo.csv（由新文件替换后移入 done/）"
    assert folder.claimed() == ()


def test_what_was_done_moves_beside_its_receipt_when_the_next_one_comes(
    folder: DropFolder,
) -> None:
    drop(folder, "zoo.csv", b"one")
    claim(folder)
    end(folder, done=True)
    drop(folder, "zoo.csv", b"two")

    claim(folder, at=NOON.replace(hour=13))

    first = "20260331-120000-000000-0_zoo.csv"
    assert names(folder, "done") == [first, f"{first}.回执.txt"]
    assert (folder.inbox / "done" / first).read_bytes() == b"one"
    assert content(folder) == {"zoo.csv": b"two"}


def test_what_failed_goes_away_with_its_receipt_and_the_file_before_comes_back(
    folder: DropFolder,
) -> None:
    (folder.inbox / "zoo.csv").write_bytes(b"old")
    drop(folder, "zoo.csv", b"bad")
    claim(folder)

    end(folder, done=False)

    failed = "20260331-120000-000000-0_zoo.csv"
    assert content(folder) == {"zoo.csv": b"old"}
    assert names(folder, "failed") == [failed, f"{failed}.回执.txt"]
    assert (folder.inbox / "failed" / failed).read_bytes() == b"bad"
    assert names(folder, "done") == []
    assert folder.claimed() == ()


def test_the_file_that_came_back_moves_beside_its_own_receipt_later(folder: DropFolder) -> None:
    for hour, (given, done) in enumerate([(b"one", True), (b"bad", False), (b"three", True)]):
        drop(folder, "zoo.csv", given)
        claim(folder, at=NOON.replace(hour=hour))
        end(folder, done=done)

    first = "20260331-000000-000000-0_zoo.csv"
    assert content(folder) == {"zoo.csv": b"three"}
    assert (folder.inbox / "done" / first).read_bytes() == b"one"
    assert f"{first}.回执.txt" in names(folder, "done")


def test_a_second_file_of_a_source_waits_until_the_first_was_judged(folder: DropFolder) -> None:
    os.utime(drop(folder, "公园1.csv", b"first"), (1, 1))
    os.utime(drop(folder, "公园2.csv", b"second"), (2, 2))

    seen = folder.look()
    both = settled(seen, seen, at=datetime.now(UTC), settle_seconds=0)
    (first,) = folder.claim(both, (PARKS, ZOO), received_at=NOON)
    end(folder, done=True)
    (second,) = claim(folder, at=NOON.replace(hour=13))

    assert (first.name, second.name) == ("公园1.csv", "公园2.csv")
    assert content(folder) == {"公园2.csv": b"second"}


def test_a_file_nobody_expects_is_put_aside_with_a_receipt(folder: DropFolder) -> None:
    drop(folder, "别的.csv", b"abc")

    assert claim(folder) == ()

    place = "20260331-120000-000000-0_别的.csv"
    assert receipt_of(folder, "别的.csv") == (
        "数据文件回执\n\n"
        "文件名：别的.csv\n"
        "收到时间：2026-03-31 12:00:00\n"
        "大小：3 字节\n"
        "SHA-256：ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
        "处理结果：未处理\n\n"
        "说明：文件名与本部门目录中登记的任何文件名都不相符。\n"
        "办法：请按目录登记的文件名命名后重新放入，或请数据管理员修改目录。\n"
        f"文件现存：inbox/market/failed/{place}\n"
    )
    assert (folder.inbox / "failed" / place).read_bytes() == b"abc"


def test_a_file_that_two_sources_are_called_by_is_put_aside(folder: DropFolder) -> None:
    drop(folder, "zoo.csv")
    other = a_dataset(id="other", title="其他", sources=(a_source(files="z*.csv"),))

    assert claim(folder, ZOO, other) == ()

    assert "文件名与多个数据来源相符（“动物园”、“其他”）" in receipt_of(folder, "zoo.csv")


def test_a_pattern_with_a_folder_takes_nothing_that_was_dropped(folder: DropFolder) -> None:
    drop(folder, "zoo.csv")
    nested = a_dataset(id="zoo", sources=(a_source(files="2026/zoo.csv"),))

    assert claim(folder, nested) == ()
    assert names(folder, "failed") != []


MakeOdd = Callable[[Path], object]


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("zoo.csv", lambda path: path.symlink_to("/etc/passwd"), "放入的是链接"),
        ("zoo.csv", lambda path: path.symlink_to("nowhere"), "放入的是链接"),
        ("zoo.csv", Path.mkdir, "放入的是文件夹"),
        ("zoo.csv", os.mkfifo, "放入的是特殊文件"),
        ("zoo.csv", Path.touch, "是空文件。"),
        ("公园\n1.csv", lambda path: path.write_bytes(b"a"), "文件名含有控制字符"),
        ("公园\u202e1.csv", lambda path: path.write_bytes(b"a"), "文件名含有控制字符"),
        (os.fsdecode("公园.csv".encode("gbk")), lambda path: path.write_bytes(b"a"), "不是 UTF-8"),
    ],
    ids=["link", "dangling", "folder", "fifo", "empty", "control", "bidi", "gbk"],
)
def test_what_is_no_plain_file_is_put_aside_with_a_receipt(
    folder: DropFolder, name: str, make: MakeOdd, said: str
) -> None:
    make(folder.inbox / "drop" / name)

    assert claim(folder) == ()

    kept, receipt = sorted(names(folder, "failed"))
    assert receipt == f"{kept}.回执.txt"
    assert said in (folder.inbox / "failed" / receipt).read_text(encoding="utf-8")
    assert list((folder.inbox / "drop").iterdir()) == []
    assert kept.isprintable()


def test_a_dropped_link_is_never_followed(folder: DropFolder, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(b"secret")
    (folder.inbox / "drop" / "zoo.csv").symlink_to(secret)

    claim(folder)

    assert secret.read_bytes() == b"secret"
    assert "SHA-256" not in receipt_of(folder, "zoo.csv")
    assert content(folder) == {}


def test_odd_names_that_look_alike_are_kept_apart(folder: DropFolder) -> None:
    for name in ("a\x01", "a\x02", "a\x03"):
        drop(folder, name, name.encode())

    claim(folder)

    kept = [each for each in names(folder, "failed") if not each.endswith("回执.txt")]
    assert len(kept) == 3


def test_a_very_long_name_fits_with_its_receipt(folder: DropFolder) -> None:
    drop(folder, "长" * 80 + ".csv")

    claim(folder)

    assert len(names(folder, "failed")) == 2


def test_hidden_files_are_left_to_whoever_writes_them(folder: DropFolder) -> None:
    for name in (".zoo.csv.filepart", "~$zoo.xlsx"):
        drop(folder, name)

    claim(folder)

    assert folder.look() == ()
    assert not folder.is_used
    assert not (folder.inbox / "failed").exists()


def test_a_drop_folder_that_is_a_link_is_not_looked_into(
    folder: DropFolder, tmp_path: Path
) -> None:
    (folder.inbox / "drop").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "zoo.csv").write_bytes(b"a")
    (folder.inbox / "drop").symlink_to(tmp_path / "elsewhere")

    assert folder.look() == ()
    assert folder.trouble == f"{folder.inbox / 'drop'} is a link; make it a folder of its own"


def test_a_body_without_a_drop_folder_has_no_trouble(tmp_path: Path) -> None:
    folder = DropFolder(tmp_path / "inbox" / "market")

    assert (folder.trouble, folder.look(), folder.is_used) == (None, (), False)


def test_a_claimed_file_that_somebody_took_away_is_forgotten(folder: DropFolder) -> None:
    (folder.inbox / "公园1.csv").write_bytes(b"old")
    drop(folder, "公园2.csv")
    claim(folder)
    (folder.inbox / "公园2.csv").unlink()

    assert claim(folder) == ()

    assert content(folder) == {"公园1.csv": b"old"}


def _claim_many(inbox: Path, gate: "multiprocessing.synchronize.Barrier") -> None:
    folder = DropFolder(inbox)
    seen = folder.look()
    gate.wait()
    folder.claim(seen, (PARKS, ZOO), received_at=datetime.now(UTC))


def test_of_two_processes_one_takes_a_file(folder: DropFolder) -> None:
    drop(folder, "zoo.csv", b"new")
    drop(folder, "别的.csv", b"other")
    (folder.inbox / "zoo.csv").write_bytes(b"old")
    spawn = multiprocessing.get_context("fork")
    gate = spawn.Barrier(4)

    claimants = [spawn.Process(target=_claim_many, args=(folder.inbox, gate)) for _ in range(4)]
    for each in claimants:
        each.start()
    for each in claimants:
        each.join()

    assert [each.exitcode for each in claimants] == [0] * 4
    assert content(folder) == {"zoo.csv": b"new"}
    assert len(names(folder, "done")) == 1
    assert len(names(folder, "failed")) == 2
    assert len(folder.claimed()) == 1


def _dying(inbox: Path, step: int, *, done: bool) -> None:
    """Claim and close, and die before the ``step``-th change of the disk."""
    left = [step]

    def counted(change: Callable[..., None]) -> Callable[..., None]:
        def counting(*given: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            change(*given)

        return counting

    for change in ("move_durably", "write_durably"):
        setattr(deliveries, change, counted(getattr(deliveries, change)))
    folder = DropFolder(inbox)
    claim(folder)
    end(folder, done=done)


@pytest.mark.parametrize("done", [True, False], ids=["done", "failed"])
@pytest.mark.parametrize("step", range(12))
def test_after_a_crash_anywhere_the_next_look_finishes_the_job(
    folder: DropFolder, step: int, *, done: bool
) -> None:
    (folder.inbox / "公园1.csv").write_bytes(b"old")
    drop(folder, "公园2.csv", b"new")
    drop(folder, "别的.csv", b"other")
    dying = multiprocessing.get_context("fork").Process(
        target=_dying, args=(folder.inbox, step), kwargs={"done": done}
    )
    dying.start()
    dying.join()

    claim(folder, at=NOON.replace(hour=13))
    if folder.claimed():
        end(folder, done=done)

    kept = [each.read_bytes() for each in folder.inbox.rglob("*.csv")]
    assert sorted(kept) == [b"new", b"old", b"other"]
    assert content(folder) == ({"公园2.csv": b"new"} if done else {"公园1.csv": b"old"})
    receipts = [each.name.split("_")[1] for each in folder.inbox.rglob("*.回执.txt")]
    assert sorted(receipts) == sorted(["公园2.csv.回执.txt", "别的.csv.回执.txt"])
    assert names(folder, "drop") == []
    assert not folder.is_used


def test_a_damaged_note_is_as_none(folder: DropFolder) -> None:
    drop(folder, "zoo.csv")
    claim(folder)
    (folder.inbox / ".claimed" / ".zoo.main.json").write_bytes(b"{")
    drop(folder, "zoo.csv", b"next")

    (delivery,) = claim(folder, at=NOON.replace(hour=13))

    assert delivery.size == 4
    assert json.loads((folder.inbox / ".claimed" / ".zoo.main.json").read_bytes())["ino"]
