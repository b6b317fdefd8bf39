"""Passwords of exchange databases: read where ``opendata.yaml`` says, used once, never shown.

A password is in the environment or in a file of its owner alone. What else all readers must know to
connect stands here too; how a driver is told belongs to them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from opendata.errors import SourceError
from opendata.settings import Connection
from resources.exchange_errors import cannot_open
from resources.secret import Secret, private_bytes

_TELLING = ("password", "passwd", "pwd", "sslpassword", "ssl_key_password", "token")


class Password(Secret):
    """What a database asks of its reader."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The password itself, for handing to a driver and nothing else."""
        return self._text


def password_of(
    connection: Connection, *, home: Path, environ: Mapping[str, str] = os.environ
) -> Password | None:
    """The password ``connection.secret`` names; None where the connection has none.

    A file's path is relative to ``home``; its trailing line break is not part of the password.

    Raises:
        SourceError: the URL holds a password; the variable is not set; the file is missing, empty,
            a link, not UTF-8, of another owner, or open to others than its owner.
    """
    _refuse_in_url(connection)
    if connection.secret is None:
        return None
    kind, _, place = connection.secret.partition(":")
    text = environ.get(place) if kind == "env" else _from_file(connection, home / place)
    if not text:
        raise cannot_open(
            connection,
            f"{connection.secret} holds no password; put it there",
            reason=f"在“{connection.secret}”处没有口令，请由管理员设置。",
        )
    return Password(text)


def connect_seconds(connection: Connection) -> int:
    """How long opening the connection may take: ten seconds, or the statement's time if less."""
    return max(2, min(10, connection.statement_timeout_seconds))


def authority(connection: Connection, home: Path) -> Path:
    """The file of certificates that ``tls: verify-full`` trusts, relative to the home.

    Raises:
        SourceError: none is named, or it is not there.
    """
    path = home / connection.tls_ca if connection.tls_ca else None
    if path is None or not path.is_file():
        raise cannot_open(
            connection,
            "tls: verify-full needs the authority's certificates; name their file with `tls_ca`",
            reason="要求核验证书，但没有指定证书文件，请由管理员设置 tls_ca。",
        )
    return path


def _refuse_in_url(connection: Connection) -> None:
    parts = urlsplit(connection.url)
    asked = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if parts.password is not None or asked & set(_TELLING):
        raise cannot_open(
            connection,
            "its url holds a password; take it out, change it, and name its place with `secret`",
            reason="的连接地址中写有口令，请删去并更换口令，改用 secret 指明口令所在。",
        )


def _from_file(connection: Connection, path: Path) -> str:
    try:
        return private_bytes(path).decode().rstrip("\r\n")
    except OSError as error:
        raise _unreadable(connection, path, error.strerror or "unreadable") from None
    except UnicodeDecodeError:
        raise _unreadable(connection, path, "it is not UTF-8") from None


def _unreadable(connection: Connection, path: Path, why: str) -> SourceError:
    return cannot_open(
        connection,
        f"the password file {path} cannot be used ({why}); chmod 600 it and own it",
        reason=f"的口令文件“{path.name}”不可用，请由管理员检查文件是否存在、权限是否为 0600。",
    )
