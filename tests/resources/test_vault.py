"""Keys are safe where they lie, derived per body and purpose, and seen by nobody."""

import copy
import pickle
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC

from opendata.errors import HomeError, KeyMissing
from opendata.vocabulary import Semantic
from resources.pseudonyms import pseudonyms
from resources.vault import KeyProvider, SecretKey, create_master_key

MASTER = "5a" * 32


def sm3(data: bytes) -> bytes:
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def provider(master: str = MASTER) -> KeyProvider:
    return KeyProvider("env:CITY_KEY", environ={"CITY_KEY": master})


def pseudonym(key: SecretKey) -> bytes:
    code = key.keyed("citizen_id")
    code.update(b"11010519491231002X")
    return code.finalize()


def test_hmac_sm3_matches_an_independent_computation() -> None:
    """RFC 2104 over SM3, written out: inner and outer pads by hand."""
    assert sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )  # GB/T 32905-2016, example 1
    material = bytes(range(32))
    padded = material.ljust(64, b"\0")
    inner = sm3(bytes(each ^ 0x36 for each in padded) + b"d\0value")
    expected = sm3(bytes(each ^ 0x5C for each in padded) + inner)

    code = SecretKey(material).keyed("d")
    code.update(b"value")

    assert code.finalize() == expected


def test_a_new_master_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    create_master_key(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (
        KeyProvider("file:master.key", home=tmp_path).key_id == KeyProvider(f"file:{path}").key_id
    )


def test_a_master_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    create_master_key(path)
    before = path.read_bytes()

    with pytest.raises(HomeError):
        create_master_key(path)

    assert path.read_bytes() == before


def ring(tmp_path: Path) -> KeyProvider:
    create_master_key(tmp_path / "master.key")
    return KeyProvider("file:master.key", home=tmp_path)


def test_a_rotated_key_changes_every_pseudonym_and_keeps_the_old_to_explain_them(
    tmp_path: Path,
) -> None:
    keys = ring(tmp_path)
    people = [f"11010519491231{serial:03}X" for serial in range(100)]

    def named(version: int | None = None) -> list[str]:
        key = keys.purpose_key("civil", "补贴统计", version=version)
        return [str(each) for each in pseudonyms(people, key, Semantic.CITIZEN_ID).to_pylist()]

    before, first = named(), keys.key_id
    assert keys.rotate() == keys.version == 2

    assert not set(before) & set(named())
    assert named(1) == before
    assert keys.key_ids == {1: first, 2: keys.key_id}
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600


def test_distinct_subjects_stay_distinct(tmp_path: Path) -> None:
    key = ring(tmp_path).purpose_key("civil", "补贴统计")
    people = [f"{serial:018}" for serial in range(20_000)]

    assert len(set(pseudonyms(people, key, None).to_pylist())) == len(people)


def test_a_version_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="has no version 3, it has 1"):
        ring(tmp_path).purpose_key("civil", "补贴统计", version=3)


def test_only_a_file_is_rotated(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="add a line `2:<64 hexadecimal digits>`"):
        provider().rotate()


def test_a_version_that_stands_twice_is_refused() -> None:
    with pytest.raises(HomeError, match="a version twice"):
        provider(f"1:{MASTER}\n{MASTER}").digest_key()


def test_a_key_can_come_from_a_command(tmp_path: Path) -> None:
    command = tmp_path / "fetch"
    command.write_text(f"#!/bin/sh\necho {MASTER}\n")
    command.chmod(0o700)

    assert KeyProvider(f"command:{command}", home=tmp_path).key_id == provider().key_id


@pytest.mark.parametrize(
    ("line", "said"),
    [("false", "ended with 1"), ("true", "0 bytes"), ("/no/such/tool", "FileNotFoundError")],
    ids=["fails", "silent", "absent"],
)
def test_a_command_that_gives_no_key_leaves_it_missing(
    line: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(KeyMissing, match=said):
        KeyProvider(f"command:{line}", home=tmp_path).digest_key()


def test_sm3_of_the_standards_second_message_and_hmac_over_a_short_key() -> None:
    """SM3 of GB/T 32905-2016, example 2, and HMAC over it by RFC 2104, written out."""
    assert sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )
    code = HMAC(b"\x0b" * 20, SM3())
    code.update(b"Hi There")
    padded = (b"\x0b" * 20).ljust(64, b"\0")
    inner = sm3(bytes(each ^ 0x36 for each in padded) + b"Hi There")
    assert code.finalize() == sm3(bytes(each ^ 0x5C for each in padded) + inner)


@pytest.mark.parametrize("spec", ["file:nowhere.key", "env:NOT_THERE"], ids=["file", "env"])
def test_an_absent_key_is_missing(spec: str, tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        KeyProvider(spec, home=tmp_path, environ={}).digest_key()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    create_master_key(path)
    path.chmod(0o640)

    with pytest.raises(HomeError, match="0640"):
        KeyProvider(f"file:{path}").digest_key()


def test_a_key_behind_a_link_is_refused(tmp_path: Path) -> None:
    create_master_key(tmp_path / "real.key")
    (tmp_path / "master.key").symlink_to(tmp_path / "real.key")

    with pytest.raises(HomeError):
        KeyProvider("file:master.key", home=tmp_path).digest_key()


def test_a_folder_where_a_key_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "master.key").mkdir(mode=0o700)

    with pytest.raises(HomeError, match="cannot be read"):
        KeyProvider("file:master.key", home=tmp_path).digest_key()


@pytest.mark.parametrize(
    "held", ["no hexadecimal", "5a" * 31, "5a" * 33], ids=["no", "short", "long"]
)
def test_what_is_no_key_is_refused_and_not_shown(held: str) -> None:
    with pytest.raises(HomeError) as refused:
        provider(held).digest_key()

    assert held not in str(refused.value)


def test_one_person_is_one_within_a_body_and_purpose_and_another_elsewhere() -> None:
    keys = provider()
    here = pseudonym(keys.purpose_key("civil", "补贴统计"))

    assert pseudonym(keys.purpose_key("civil", "补贴统计")) == here
    assert pseudonym(keys.purpose_key("civil", "就业统计")) != here
    assert pseudonym(keys.purpose_key("health", "补贴统计")) != here
    assert pseudonym(provider("5b" * 32).purpose_key("civil", "补贴统计")) != here


def test_the_parts_of_a_scope_do_not_run_together() -> None:
    keys = provider()

    assert keys.purpose_key("ab", "c").key_id != keys.purpose_key("a", "bc").key_id


def test_no_key_byte_is_seen_in_any_printing() -> None:
    keys = provider()
    secret = keys.purpose_key("civil", "补贴统计")
    material = secret._material
    shown = " ".join([repr(keys), str(keys), repr(secret), str(secret), f"{secret}", secret.key_id])

    for spelled in (material.hex(), MASTER, repr(material)):
        assert spelled not in shown


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy], ids=["pickle", "copy"])
def test_a_key_does_not_leave_its_process(carry: object) -> None:
    with pytest.raises(TypeError):
        carry(provider().digest_key())  # type: ignore[operator]


def test_a_digest_is_of_the_set() -> None:
    key = provider().digest_key()

    assert key.digest(["b", "a", "a"]) == key.digest(["a", "b"])
    assert key.digest(["a"]) != key.digest(["b"])


def test_blocks_are_enciphered_one_by_one_under_key_and_domain() -> None:
    one, other = b"a" * 16, b"b" * 16
    key = SecretKey(bytes(32))

    made = key.enciphered("x", one + other + one)

    assert made[:16] == made[32:] != made[16:32]
    assert made[:16] not in {
        one,
        key.enciphered("y", one),
        SecretKey(b"k" * 32).enciphered("x", one),
    }
