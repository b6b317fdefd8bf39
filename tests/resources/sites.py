"""Real web servers for tests: what each request gets is a function, what was asked is kept."""

import ssl
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from opendata.settings import Pulling


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    server: "Site"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append({name.lower(): each for name, each in self.headers.items()})
        self.close_connection = False
        self.server.answer(self)

    def log_message(self, *_: Any) -> None:
        pass

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer."""
        self.begins(status, **{"Content-Length": str(len(body))} | headers)
        self.wfile.write(body)

    def begins(self, status: int, **headers: str) -> None:
        """The status and the headers; underscores in names stand for hyphens."""
        self.send_response(status)
        for name, each in headers.items():
            self.send_header(name.replace("_", "-"), each)
        self.end_headers()

    def breaks_off(self) -> None:
        """Close the connection as a crashed server does."""
        self.close_connection = True
        self.wfile.flush()

    def stalls(self) -> None:
        """Say nothing more until the test is over."""
        self.close_connection = True
        self.wfile.flush()
        self.server.done.wait(20)


Answering = Callable[[Exchange], None]


class Site(ThreadingHTTPServer):
    """A server on this machine, over TLS when given a certificate."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answering, *, tls: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.answer = answer
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.done = threading.Event()
        self.scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        pass

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str, *, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def limits(self, **changes: Any) -> Pulling:
        """Nothing but this server may be asked."""
        given: dict[str, Any] = {"hosts": (self.host,), "private_hosts": (self.host,)}
        return Pulling(**given | {"retries": 2} | changes)


def certificate(folder: Path, *, name: str = "localhost") -> tuple[Path, Path]:
    """A new authority, and a certificate with key that it gave to the server ``name``."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def built(subject: str, issuer: str, key: Any, signer: Any, extension: Any) -> Any:
        now = datetime.now(UTC)
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (subject, issuer)]
        builder = x509.CertificateBuilder(names[1], names[0], key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1))
        builder = builder.not_valid_after(now + timedelta(days=1))
        for each, critical in extension:
            builder = builder.add_extension(each, critical=critical)
        return builder.sign(signer, hashes.SHA256())

    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    root = built(
        "root",
        "root",
        authority,
        authority,
        [
            (x509.BasicConstraints(ca=True, path_length=None), True),
            (usage, True),
            (identifier, False),
        ],
    )
    named = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
    signed = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    leaf = built(
        name, "root", own, authority, [(x509.SubjectAlternativeName(named), False), (signed, False)]
    )
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    trusted, served = folder / "root.pem", folder / "served.pem"
    trusted.write_bytes(root.public_bytes(pem))
    served.write_bytes(leaf.public_bytes(pem) + key)
    return trusted, served
