"""The feed: one scan, all of the text, or a failure; never less than the text."""

import threading
from pathlib import Path

from resources.feed import Feed
from resources.transcode import TextFile

LINES = "编号,名称\n" + "1,甲\n" * 50_000


def feed(tmp_path: Path, content: bytes) -> Feed:
    (tmp_path / "x.csv").write_bytes(content)
    text = TextFile(path=tmp_path / "x.csv", name="x.csv", encoding="gb18030")
    return Feed(text, tmp_path / "x.fifo")


def test_a_reader_gets_the_whole_text_as_utf8(tmp_path: Path) -> None:
    feeding = feed(tmp_path, LINES.encode("gb18030"))

    assert feeding.path.read_text(encoding="utf-8") == LINES
    assert feeding.verdict() is None


def test_the_name_is_gone_once_a_reader_came(tmp_path: Path) -> None:
    feeding = feed(tmp_path, LINES.encode("gb18030"))

    with feeding.path.open("rb") as reader:
        reader.read()

    assert not feeding.path.exists()
    feeding.stop()


def test_undecodable_text_ends_in_poison_and_a_verdict(tmp_path: Path) -> None:
    feeding = feed(tmp_path, LINES.encode("gb18030") + b"\xff\xff\n")

    content = feeding.path.read_bytes()

    assert content.endswith(b'"\xff\xff')
    assert "not gb18030 text" in str(feeding.verdict())


def test_a_feed_nobody_reads_can_be_stopped(tmp_path: Path) -> None:
    feeding = feed(tmp_path, LINES.encode("gb18030"))

    feeding.stop()
    feeding.stop()

    assert not any(each.name == "source feed" for each in threading.enumerate())
    assert not feeding.path.exists()


def test_a_reader_that_leaves_early_ends_the_feed(tmp_path: Path) -> None:
    feeding = feed(tmp_path, LINES.encode("gb18030"))

    with feeding.path.open("rb", buffering=0) as reader:
        reader.read(10)

    assert feeding.verdict() is None
    assert not any(each.name == "source feed" for each in threading.enumerate())
