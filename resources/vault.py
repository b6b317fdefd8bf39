"""Keys: where the master key lies, and the keys derived from it for one body and one purpose.

Nothing else in the product asks for, holds or spells key material. It never enters SQL, a log, a
report, the record or a ``repr``; what may be shown is a key's ``key_id``. The module is
algorithmically GB/T 32905 (SM3) and GB/T 32907 (SM4) through ``cryptography``, not a certified
cipher module.
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
from resources.secret import Secret, private_bytes

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
    """Where the master key lies: ``file:<path>`` (relative to ``home``) or ``env:<NAME>``.

    The master is read when a key is asked for and not kept. Both places hold it as 64 hexadecimal
    digits.
    """

    spec: str
    home: Path = Path()
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def purpose_key(self, body: str, purpose: str) -> SecretKey:
        """The key of one body for one purpose: pseudonyms cannot be matched across either.

        Derived by HKDF (RFC 5869) over SM3.

        Raises:
            KeyMissing: there is no master key where ``spec`` says.
            HomeError: there is one, and it is not safe or not a key.
        """
        return self._derived("pseudonym", body, purpose)

    def digest_key(self) -> SecretKey:
        """The key under which findings are told apart without being shown."""
        return self._derived("finding")

    @property
    def key_id(self) -> str:
        """The public fingerprint of the master key; raises as :meth:`purpose_key` does."""
        return SecretKey(self._master()).key_id

    def _derived(self, *labels: str) -> SecretKey:
        info = b"\0".join((b"opendata/1", *(each.encode() for each in labels)))
        kdf = HKDF(algorithm=hashes.SM3(), length=KEY_BYTES, salt=None, info=info)
        return SecretKey(kdf.derive(self._master()))

    def _master(self) -> bytes:
        kind, _, place = self.spec.partition(":")
        if kind == "env":
            return _from_hex(self._from_environment(place), self.spec)
        return _from_hex(_from_file(self.home / place), self.spec)

    def _from_environment(self, name: str) -> str:
        if not self.environ.get(name):
            raise KeyMissing(
                f"the environment has no {name}, which key: {self.spec} asks for; "
                "set it to 64 hexadecimal digits"
            )
        return self.environ[name]


def create_master_key(path: Path) -> None:
    """Make a new master key at ``path``, readable by its owner alone (0600).

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
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _from_file(path: Path) -> str:
    try:
        return private_bytes(path).decode("ascii", "replace")
    except FileNotFoundError:
        raise KeyMissing(f"there is no master key at {path}; `opendata init` makes one") from None
    except OSError as error:
        raise HomeError(
            f"the master key at {path} cannot be read ({error.strerror}); chmod 600 it and own it"
        ) from None


def _from_hex(text: str, spec: str) -> bytes:
    try:
        material = bytes.fromhex(text.strip())
    except ValueError:
        material = b""
    if len(material) != KEY_BYTES:
        raise HomeError(f"what key: {spec} names is not a key; it must be 64 hexadecimal digits")
    return material
