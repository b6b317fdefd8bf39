"""What was pulled: one visible file in a folder of its own, and beside it where it came from.

Putting a whole file into its place and telling whether it is still current. How it gets there is
``pull.py``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from resources.addresses import Address
from resources.fsio import fsync, sha256_of_file, write_durably
from resources.partial import told_by

_UNSAFE = re.compile(r"[^\w.()（）-]+")
_LONGEST_NAME = 160
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What lies there after a pull; ``changed`` says whether its bytes are other than before."""

    path: Path
    sha256: str
    size: int
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What lies there from the pull before, and the headers that ask whether it is current."""

    pulled: Pulled
    conditions: Mapping[str, str]


def kept_of(into: Path, address: Address) -> Kept | None:
    """The file that was fetched from this very address, if nobody touched it since."""
    told = told_by(into / ".pulled.json")
    path = into / str(told.get("name"))
    if told.get("address") != address.digest or not path.is_file():
        return None
    stat = path.stat()
    if (stat.st_size, stat.st_mtime_ns) != (told.get("size"), told.get("mtime_ns")):
        return None
    return Kept(
        pulled=Pulled(path=path, sha256=str(told["sha256"]), size=stat.st_size, changed=False),
        conditions={each: str(told[name]) for name, each in _CONDITIONS.items() if name in told},
    )


def put(passing: Path, name: str, address: Address, facts: Mapping[str, str]) -> Pulled:
    """Swap the whole file ``passing`` into its place, unless the same bytes lie there already.

    ``facts`` are the server's ``etag`` and ``last-modified``. A crash leaves the old file, the
    new one, or for a moment both; the next pull clears that up.
    """
    target = passing.with_name(name)
    sha256 = sha256_of_file(passing)
    changed = not target.is_file() or sha256_of_file(target) != sha256
    if changed:
        fsync(passing)
        passing.rename(target)
        fsync(target.parent)
    stat = target.stat()
    seen = {"name": name, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256}
    told = {**facts, **seen, "address": address.digest}
    write_durably(target.with_name(".pulled.json"), json.dumps(told, sort_keys=True).encode())
    alone(target)
    return Pulled(path=target, sha256=sha256, size=stat.st_size, changed=changed)


def alone(target: Path) -> None:
    """Take away what an earlier address was called by, or a crash left beside ``target``."""
    for each in target.parent.iterdir():
        if each != target and not each.name.startswith(".") and not each.is_dir():
            each.unlink()


def safe_name(address: Address) -> str:
    """The last part of an address's path as a plain visible name.

    >>> from resources.addresses import parse_address
    >>> safe_name(parse_address("https://data.example.gov.cn/a/企业 登记.csv?token=x"))
    '企业_登记.csv'
    """
    last = unquote(address.path.rstrip("/").rpartition("/")[2])
    plain = _UNSAFE.sub("_", last).strip("._")
    return plain.encode()[-_LONGEST_NAME:].decode(errors="ignore") or "download"
