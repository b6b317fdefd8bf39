"""Landing: one file per source, its bytes kept as received under their own hash."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opendata.catalog import Dataset
from opendata.errors import SourceError
from opendata.source import Source
from resources.landing import Landing

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
CONTENT = "编号,名称\n1,甲\n".encode("gb18030")


def source(files: str = "许可*.csv", source_id: str = "main") -> Source:
    return Source(id=source_id, files=files, columns=(("a", "编号"), ("b", "名称")))


def permits(*sources: Source) -> Dataset:
    return Dataset(id="permits", title="许可", body="market", fields=(), sources=sources)


def landing(tmp_path: Path, **files: bytes) -> Landing:
    inbox = tmp_path / "inbox" / "market"
    inbox.mkdir(parents=True)
    for name, content in files.items():
        (inbox / f"{name}.csv").write_bytes(content)
    restricted = tmp_path / "restricted"
    return Landing(tmp_path / "inbox", restricted / "landed", restricted / "collected")


def test_probing_tells_size_and_mtime_of_the_one_matching_file(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可2026=CONTENT, 其他=b"x")

    (probed,) = way_in.probe(permits(source()))

    assert probed.path.name == "许可2026.csv"
    assert probed.size == len(CONTENT)
    assert probed.mtime_ns == probed.path.stat().st_mtime_ns


def test_landing_keeps_the_bytes_as_received_under_their_sha256(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可=CONTENT)

    file = way_in.land(permits(source()), source(), received_at=NOON)

    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert file.path == way_in.landed / "permits" / file.sha256
    assert file.path.read_bytes() == CONTENT
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert (file.original_name, file.size) == ("许可.csv", len(CONTENT))


def test_the_sidecar_remembers_name_size_source_and_time(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可=CONTENT)

    file = way_in.land(permits(source()), source(), received_at=NOON)

    sidecar = file.path.with_name(f"{file.sha256}.main.json")
    assert json.loads(sidecar.read_text()) == {
        "source": "main",
        "name": "许可.csv",
        "sha256": file.sha256,
        "size": len(CONTENT),
        "received_at": "2026-01-05T12:00:00+00:00",
    }


def test_landing_the_same_bytes_twice_changes_nothing(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可=CONTENT)
    first = way_in.land(permits(source()), source(), received_at=NOON)
    before = {each.name: each.stat().st_ino for each in first.path.parent.iterdir()}

    second = way_in.land(permits(source()), source(), received_at=NOON)

    assert second == first
    assert {each.name: each.stat().st_ino for each in first.path.parent.iterdir()} == before


def test_several_sources_are_probed_in_contract_order(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可=CONTENT, 续期=b"y")

    probed = way_in.probe(permits(source("续期.csv", "renewals"), source("许可.csv", "permits")))

    assert [each.source_id for each in probed] == ["renewals", "permits"]


def test_a_missing_file_is_refused_with_the_pattern_it_should_match(tmp_path: Path) -> None:
    way_in = landing(tmp_path)

    with pytest.raises(SourceError, match="missing") as refusal:
        way_in.probe(permits(source()))

    assert "许可*.csv" in refusal.value.reason


def test_several_matching_files_are_refused_by_name(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可1=b"x", 许可2=b"y")

    with pytest.raises(SourceError, match="2 files match") as refusal:
        way_in.probe(permits(source()))

    assert "许可1.csv、许可2.csv" in str(refusal.value)
    assert "只保留一个" in refusal.value.reason


@pytest.mark.parametrize("pattern", ["../finance/x.csv", "/etc/passwd", "a/../../x", ""])
def test_a_pattern_cannot_leave_the_inbox(tmp_path: Path, pattern: str) -> None:
    way_in = landing(tmp_path, 许可=CONTENT)

    with pytest.raises(SourceError, match="leaves the body's inbox"):
        way_in.probe(permits(source(pattern)))


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    way_in = landing(tmp_path)
    (tmp_path / "elsewhere.csv").write_bytes(CONTENT)
    (way_in.inbox / "market" / "许可.csv").symlink_to(tmp_path / "elsewhere.csv")

    with pytest.raises(SourceError, match="plain file"):
        way_in.probe(permits(source()))


def test_a_linked_folder_is_no_way_out_of_the_inbox(tmp_path: Path) -> None:
    way_in = landing(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "许可.csv").write_bytes(CONTENT)
    (way_in.inbox / "market" / "sub").symlink_to(tmp_path / "other")

    with pytest.raises(SourceError, match="leads out"):
        way_in.probe(permits(source("sub/许可.csv")))


def test_hidden_files_and_office_locks_are_not_offered(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可=CONTENT)
    (way_in.inbox / "market" / "~$许可.csv").write_bytes(b"lock")
    (way_in.inbox / "market" / ".许可.csv").write_bytes(b"hidden")

    (probed,) = way_in.probe(permits(source("*.csv")))

    assert probed.path.name == "许可.csv"


def test_an_empty_file_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    way_in = landing(tmp_path, 许可=b"")

    with pytest.raises(SourceError, match="empty"):
        way_in.land(permits(source()), source(), received_at=NOON)

    assert list((way_in.landed / "permits").iterdir()) == []
