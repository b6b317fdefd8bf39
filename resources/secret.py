"""What is secret: a value that is used and not seen, and the file of its owner alone it lies in."""

import errno
import os
import stat
from pathlib import Path
from typing import NoReturn


class Secret:
    """A value that can be used and not be seen: every way of printing it says ``***``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied out of its process; get it again there")


def private_bytes(path: Path) -> bytes:
    """The bytes of a file that is ours and open to nobody else; no link is followed.

    Raises:
        OSError: it cannot be read, or is another's, open to others or no file; ``strerror`` says
            which.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        held = os.fstat(file.fileno())
        mode = stat.S_IMODE(held.st_mode)
        if not stat.S_ISREG(held.st_mode) or mode & 0o077 or held.st_uid != os.geteuid():
            why = f"mode {mode:04o} or another owner, where it must be 0600 and ours"
            raise PermissionError(errno.EPERM, why)
        return file.read()
