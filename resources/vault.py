"""Keys: where the master key lies, and the keys derived from it for one body and one purpose.

Nothing else in the product holds or spells key material; ``key_places.py`` only fetches its text.
It never enters SQL, a log, a report, the record or a ``repr``; what may be shown is a key's
``key_id`` and version. The module is algorithmically GB/T 32905 (SM3) and GB/T 32907 (SM4) through
``cryptography``, not a certified cipher module.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from opendata.errors import HomeError, KeyMissing
from resources.key_places import read_ring, write_longer, write_new
from resources.secret import Secret

KEY_BYTES = 32


class SecretKey(Secret):
    """32 bytes, and what is made with them."""

    __slots__ = ("_material",)

    def __init__(self, material: bytes) -> None:
        self._material = material

    def keyed(self, domain: str) -> hmac.HMAC:
        """HMAC-SM3 already fed with ``domain`` and a zero byte: copy it, update it, finalize it."""
        base = hmac.HMAC(self._material, hashes.SM3())
        base.update(domain.encode() + b"\0")
        return base

    @property
    def key_id(self) -> str:
        """A public fingerprint: 16 hexadecimal digits of HMAC-SM3 over a fixed label."""
        return self.keyed("opendata/key-id").finalize()[:8].hex()

    def digest(self, values: Iterable[str]) -> str:
        """One keyed digest of a set of values, whatever their order: equal sets, equal digests."""
        code = self.keyed("opendata/finding")
        for each in sorted(set(values)):
            code.update(each.encode() + b"\0")
        return code.finalize()[:16].hex()

    def enciphered(self, domain: str, blocks: bytes) -> bytes:
        """Each block of 16 bytes through SM4 (GB/T 32907) by itself: a keyed digest in bulk.

        For blocks that are hashes already and differ from each other; it keeps no message secret.
        """
        cipher = algorithms.SM4(self.keyed(domain).finalize()[:16])
        return Cipher(cipher, modes.ECB()).encryptor().update(blocks)  # noqa: S305


@dataclass(frozen=True, slots=True)
class KeyProvider:
    """Where the master keys lie: ``file:<path>`` (in ``home``), ``env:<NAME>``, ``command:<line>``.

    What lies there is a ring: one line a version, ``<version>:<64 hexadecimal digits>``, or the
    digits alone for version 1. The highest is in use; those before it are kept so that what was
    released under them can be explained. The ring is read when a key is asked for and not kept.
    """

    spec: str
    home: Path = Path()
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def purpose_key(self, body: str, purpose: str, *, version: int | None = None) -> SecretKey:
        """The key of one body for one purpose: pseudonyms cannot be matched across either.

        Derived by HKDF (RFC 5869) over SM3 from the version in use, or from an earlier one.

        Raises:
            KeyMissing: there is no master key where ``spec`` says, or no such version.
            HomeError: there is one, and it is not safe or not a key.
        """
        return self._derived("pseudonym", body, purpose, version=version)

    def digest_key(self) -> SecretKey:
        """The key under which findings are told apart without being shown."""
        return self._derived("finding")

    @property
    def key_id(self) -> str:
        """The public fingerprint of the master key in use; raises as :meth:`purpose_key` does."""
        return self.key_ids[self.version]

    @property
    def version(self) -> int:
        """The version in use."""
        return max(self._ring())

    @property
    def key_ids(self) -> Mapping[int, str]:
        """The public fingerprint of every version, the one in use last."""
        ring = self._ring()
        return {version: SecretKey(ring[version]).key_id for version in sorted(ring)}

    def rotate(self) -> int:
        """Add a new version to the key file, which is in use from then on; its number.

        Raises:
            KeyMissing, HomeError: there is no ring to add to, or it does not lie in a file.
        """
        kind, _, place = self.spec.partition(":")
        ring = self._ring()
        new = max(ring) + 1
        if kind != "file":
            raise HomeError(
                f"key: {self.spec} is no file; add a line `{new}:<64 hexadecimal digits>` to what "
                "it holds, and leave the lines before it as they are"
            )
        kept = "".join(f"{each}:{ring[each].hex()}\n" for each in sorted(ring))
        write_longer(self.home / place, f"{kept}{new}:{secrets.token_hex(KEY_BYTES)}\n")
        return new

    def _derived(self, *labels: str, version: int | None = None) -> SecretKey:
        info = b"\0".join((b"opendata/1", *(each.encode() for each in labels)))
        kdf = HKDF(algorithm=hashes.SM3(), length=KEY_BYTES, salt=None, info=info)
        ring = self._ring()
        wanted = max(ring) if version is None else version
        if wanted not in ring:
            raise KeyMissing(
                f"key: {self.spec} has no version {wanted}, it has {', '.join(map(str, ring))}; "
                "what was made with it cannot be explained"
            )
        return SecretKey(kdf.derive(ring[wanted]))

    def _ring(self) -> Mapping[int, bytes]:
        text = read_ring(self.spec, home=self.home, environ=self.environ)
        ring = dict(_version(line, self.spec) for line in text.split())
        if len(ring) != len(text.split()) or not ring:
            raise HomeError(f"what key: {self.spec} names has a version twice, or none; mend it")
        return ring


def create_master_key(path: Path) -> None:
    """Make a new master key at ``path``, readable by its owner alone (0600).

    Raises:
        HomeError: something is there already, and it is never overwritten.
    """
    write_new(path, secrets.token_hex(KEY_BYTES) + "\n")


def _version(line: str, spec: str) -> tuple[int, bytes]:
    number, mark, digits = line.rpartition(":")
    try:
        version, material = int(number) if mark else 1, bytes.fromhex(digits)
    except ValueError:
        version, material = 0, b""
    if version < 1 or len(material) != KEY_BYTES:
        raise HomeError(
            f"what key: {spec} names is not a key; a line must be 64 hexadecimal digits, with its "
            "version and a colon before them where there are several"
        )
    return version, material
