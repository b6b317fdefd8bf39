"""Files that survive a crash: durable writes, swaps by rename, locks between processes.

Only what POSIX promises, and nothing about datasets. Plain OSError leaves this module: the rooms
above know what the failed operation meant and say so.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READ_ONLY = 0o444
PRIVATE_FOLDER = 0o700
_MANY = 48


def fsync(path: Path) -> None:
    """Return once the bytes of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def flush(paths: Collection[Path]) -> None:
    """Return once every given file and folder is on the disk: one barrier for a whole batch.

    Above a few dozen, one sync() of the machine is cheaper than waiting for each in turn.
    """
    if len(paths) > _MANY:
        os.sync()
        return
    for path in paths:
        fsync(path)


def write_swapped(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` all at once: a reader sees the old bytes or the new, never part.

    Durable only after a ``flush`` of the file and its folder. One writer at a time (the callers
    hold a lock), so the passing name can be a fixed one and a crash leaves at most one of them,
    which the next write takes over.
    """
    passing = path.with_name(f".{path.name}.new")
    passing.write_bytes(content)
    passing.rename(path)


def write_durably(path: Path, content: bytes) -> None:
    """As ``write_swapped``, and on the disk before it returns; never seen before it is there."""
    passing = path.with_name(f".{path.name}.new")
    passing.write_bytes(content)
    fsync(passing)
    passing.rename(path)
    fsync(path.parent)


def link_into_place(source: Path, target: Path) -> None:
    """Make ``target`` name the bytes of ``source``, swapping whatever it named before.

    Where the file system has no hard links the bytes are copied. Not fsynced: for derived names.
    """
    passing = target.with_name(f".{target.name}.new")
    passing.unlink(missing_ok=True)
    link_or_copy(source, passing)
    passing.rename(target)
    # NOTE: rename() between two names of one file does nothing and leaves both names.
    passing.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give the bytes of ``source`` a second name, or a second copy where links do not exist."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV}:
            raise
        shutil.copyfile(source, target)


def move_durably(source: Path, target: Path) -> None:
    """Rename a file or folder and make both ends of the move durable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    fsync(target.parent)
    fsync(source.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes and threads; waits for its turn.

    The lock dies with its holder, however it dies.
    """
    descriptor = hold_lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


def hold_lock(path: Path) -> int:
    """Take the lock and return the descriptor that holds it; closing it lets go."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_held(path: Path) -> bool:
    """Whether somebody alive holds the lock at ``path``."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        return True
    finally:
        os.close(descriptor)
