"""Where a master key lies: a file of its owner, the environment, or a command that fetches it.

One function a place, from what stands behind ``<place>:`` in ``opendata.yaml`` to the text of a key
ring; a key service or a cipher machine (HSM, KMS) that hands keys out is one more. What the text
means, and keys derived from it, belong to ``vault.py``.
"""

import os
import secrets
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from opendata.errors import HomeError, KeyMissing
from resources.fsio import fsync
from resources.secret import private_bytes

_PATIENCE = 30
"""Seconds a command may take to fetch the key."""


def read_ring(spec: str, *, home: Path, environ: Mapping[str, str]) -> str:
    """The text of the key ring that ``spec`` names.

    Raises:
        KeyMissing: nothing is there.
        HomeError: something is there, and it is not safe or cannot be read.
    """
    kind, _, place = spec.partition(":")
    return _PLACES[kind](place, home, environ)


def _from_file(place: str, home: Path, _environ: Mapping[str, str]) -> str:
    path = home / place
    try:
        return private_bytes(path).decode("ascii", "replace")
    except FileNotFoundError:
        raise KeyMissing(
            f"there is no master key at {path}; `opendata keys create` makes one"
        ) from None
    except OSError as error:
        raise HomeError(
            f"the master key at {path} cannot be read ({error.strerror}); chmod 600 it and own it"
        ) from None


def _from_environment(name: str, _home: Path, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise KeyMissing(
            f"the environment has no {name}, which key: env:{name} asks for; "
            "set it to 64 hexadecimal digits"
        )
    return environ[name]


def _from_command(line: str, home: Path, environ: Mapping[str, str]) -> str:
    """What the command prints. Its output and complaints are never shown: they may hold the key."""
    try:
        done = subprocess.run(  # noqa: S603 - the home's own settings name it; no shell
            shlex.split(line),
            cwd=home,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise KeyMissing(
            f"the command that key: names could not be run ({type(error).__name__}); it must print "
            f"the key within {_PATIENCE} seconds"
        ) from None
    if done.returncode != 0 or not done.stdout.strip():
        raise KeyMissing(
            f"the command that key: names ended with {done.returncode} and "
            f"{len(done.stdout)} bytes; it must print the key and end with 0"
        )
    return done.stdout.decode("ascii", "replace")


_PLACES: Mapping[str, Callable[[str, Path, Mapping[str, str]], str]] = {
    "file": _from_file,
    "env": _from_environment,
    "command": _from_command,
}


def write_new(path: Path, text: str) -> None:
    """Write a key file that only its owner can read (0600).

    Raises:
        HomeError: something is there already; a key is never overwritten, because every pseudonym
            made with it would lose its meaning.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise HomeError(f"{path} exists already; a master key is never overwritten") from None
    with os.fdopen(handle, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_longer(path: Path, text: str) -> None:
    """Put a longer ring in the place of the one at ``path``, all at once and on the disk."""
    passing = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_new(passing, text)
    passing.rename(path)
    fsync(path.parent)
