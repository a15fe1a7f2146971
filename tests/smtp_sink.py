"""A real mail server for tests: it keeps what it gets, and refuses what it is told to.

Tests that name this module as a plugin have the fixtures `smtp_sink` and `secure_smtp_sink`; where these do
not fit, there is `open_sink()`. They may import from here as well, hence PYTEST_DONT_REWRITE.
"""

import email
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.postgresql import free_port

USERNAME, PASSWORD = "files@example.com", "p@ss:w/rd"


@dataclass
class Received:
    """One message as it came in: the envelope, and whether the connection was encrypted and by whom."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    is_encrypted: bool
    username: str | None

    @property
    def text(self) -> str:
        """The plain part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        content: str = part.get_content()
        return content


@dataclass
class Sink:
    """The server. `answers`: what RCPT TO is answered for an address, instead of 250."""

    url: str = ""
    port: int = 0
    certificate: Path | None = None
    received: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    seconds_a_message: float = 0.0
    rcpt_seen: list[str] = field(default_factory=list)
    data_begun: threading.Event = field(default_factory=threading.Event)

    def wait(self, number: int = 1, seconds: float = 60.0) -> list[Received]:
        """What came in, once there is so much of it."""
        end = time.monotonic() + seconds
        while len(self.received) < number:
            assert time.monotonic() < end, f"{len(self.received)} of {number} mails came in {seconds} seconds"
            time.sleep(0.02)
        return self.received

    def to(self, address: str) -> list[Received]:
        """What came in for one address."""
        return [mail for mail in self.received if address in mail.recipients]


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.sink.rcpt_seen.append(address)
        refusal = self.sink.answers.get(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        import asyncio

        self.sink.data_begun.set()
        await asyncio.sleep(self.sink.seconds_a_message)
        message = email.message_from_bytes(envelope.original_content, policy=default)
        assert isinstance(message, EmailMessage)
        auth = session.auth_data
        self.sink.received.append(
            Received(
                envelope.mail_from,
                list(envelope.rcpt_tos),
                message,
                session.ssl is not None,
                auth.login.decode() if isinstance(auth, LoginPassword) else None,
            )
        )
        return "250 queued as 1"


@contextmanager
def open_sink(*, port: int | None = None, secure_in: Path | None = None) -> Iterator[Sink]:
    """A server on a free port; with a directory for its certificate it demands STARTTLS and a password."""
    sink = Sink(port=port or free_port())
    options: dict[str, Any] = {}
    sink.url = f"smtp://127.0.0.1:{sink.port}"
    if secure_in is not None:
        sink.certificate, context = _certificate(secure_in)
        sink.url = f"smtp://{quote(USERNAME, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{sink.port}"
        options = {
            "tls_context": context,
            "require_starttls": True,
            "authenticator": _authenticate,
            "auth_required": True,
        }
    controller = Controller(_Handler(sink), hostname="127.0.0.1", port=sink.port, **options)
    controller.start()
    yield sink
    controller.stop()


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A mail server that takes everything from everybody."""
    with open_sink() as sink:
        yield sink


@pytest.fixture
def secure_smtp_sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """One that demands STARTTLS and AUTH, and whose certificate this process and its children trust."""
    with open_sink(secure_in=tmp_path) as sink:
        monkeypatch.setenv("SSL_CERT_FILE", str(sink.certificate))
        yield sink


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    is_right = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False, auth_data=data)


def _certificate(directory: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, secret = directory / "mail-ca.pem", directory / "mail-key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, secret)
    return path, context
