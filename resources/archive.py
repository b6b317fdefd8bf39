"""Packed sources (压缩包): a gzip stream, or a ZIP archive of exactly one member.

What is packed is unpacked into scratch once, counted while it is written, and read like any other
file; names inside an archive never become paths. Telling containers apart is ``sniff.py``.
"""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from resources.sniff import MAX_INFLATED, Container, container_of, too_large
from resources.source_errors import cannot_land

CHUNK = 1 << 18
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
PACKED = frozenset({Container.GZIP, Container.ZIP})
"""Containers that are unpacked before anything is read."""


def unpack(path: Path, container: Container, target: Path, *, name: str) -> Container:
    """Unpack ``path`` into ``target`` and tell what came out.

    Raises:
        SourceError: it is damaged, protected, too large, packed twice, or holds several files.
    """
    if container is Container.GZIP:
        inflate(path, target, name=name)
    else:
        _extract(path, target, name)
    inside = container_of(target, name=name)
    if inside in PACKED:
        raise cannot_land(
            name,
            "it is packed twice: what it unpacks to is packed again; hand the file over packed "
            "once, or unpacked",
            reason="是多层压缩包，请只压缩一次，或直接报送原文件。",
        )
    return inside


def inflate(path: Path, target: Path, *, name: str) -> None:
    """Unpack the gzip file ``path`` into ``target``.

    Raises:
        SourceError: it is cut short, damaged, or unpacks to more than ``MAX_INFLATED`` bytes.
    """
    done = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            for chunk in _within_limit(packed, name):
                done += plain.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise cannot_land(
            name,
            f"its gzip stream is cut short or damaged after {done} bytes; transfer it again",
            reason="压缩包不完整或已损坏，请重新传输。",
        ) from None


def _extract(path: Path, target: Path, name: str) -> None:
    """Unpack the only member of the archive; what its header says of size and sum is checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive, name)
            with archive.open(member) as packed, target.open("wb") as plain:
                for chunk in _within_limit(packed, name):
                    plain.write(chunk)
    except (zipfile.BadZipFile, EOFError, zlib.error, ValueError, struct.error):
        raise cannot_land(
            name,
            "its ZIP archive is cut short or damaged, or unpacks to something else than it says; "
            "transfer it again",
            reason="压缩包不完整或已损坏，请重新传输。",
        ) from None


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [each for each in archive.infolist() if not each.is_dir()]
    if len(members) != 1:
        raise cannot_land(
            name,
            f"its ZIP archive holds {len(members)} files, but exactly one is accepted; hand each "
            "over by itself",
            reason=f"压缩包内有 {len(members)} 个文件，只能有一个，请分别报送。",
        )
    (member,) = members
    if member.flag_bits & _ENCRYPTED:
        raise cannot_land(
            name,
            "its ZIP archive is protected by a password; pack it again without one",
            reason="压缩包设有密码，请去除密码后重新报送。",
        )
    if member.compress_type not in _METHODS:
        raise cannot_land(
            name,
            "its ZIP archive is packed by a method that is not read; pack it again as plain ZIP",
            reason="压缩包的压缩方式不受支持，请用普通 ZIP 方式重新压缩。",
        )
    if _leads_out(member.filename):
        raise cannot_land(
            name,
            "the file in its ZIP archive has a path that leads out of it; pack the file alone",
            reason="压缩包内的文件路径指向包外，请只压缩文件本身后重新报送。",
        )
    if member.file_size > MAX_INFLATED:
        raise too_large(name)
    return member


def _leads_out(member: str) -> bool:
    parts = PurePosixPath(member.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or member[1:2] == ":"


def _within_limit(packed: IO[bytes] | gzip.GzipFile, name: str) -> Iterator[bytes]:
    size = 0
    while chunk := packed.read(CHUNK):
        size += len(chunk)
        if size > MAX_INFLATED:
            raise too_large(name)
        yield chunk
