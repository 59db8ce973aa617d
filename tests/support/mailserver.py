"""A real SMTP server (aiosmtpd) on loopback that keeps what it got, with scripted replies."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from optral.mail.model import Relay, Tls

USER, PASSWORD = "optral", "a password of the relay"


@dataclass
class MailServer:
    """`rcpt` and `data`: the replies to the next commands of that name; empty: it accepts. `on_data` is called before it answers."""

    port: int = 0
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    on_data: Callable[[], None] = lambda: None
    got: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    was_tls: list[bool] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        self.on_data()
        if self.data:
            return self.data.pop(0)
        assert isinstance(envelope.content, bytes)
        self.got.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        self.was_tls.append(session.ssl is not None)
        return "250 queued"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        self.users.append(given.login)
        is_right = given.login == USER.encode() and given.password == PASSWORD.encode()
        return AuthResult(success=is_right, handled=is_right)

    def relay(self, *, tls: Tls = "none", username: str = "", password: str = "") -> Relay:
        return Relay(host="127.0.0.1", port=self.port, tls=tls, sender="optral@example.com", username=username, password=password)


@asynccontextmanager
async def mail_server(
    server: MailServer | None = None, *, context: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[MailServer]:
    """A server on a free port, or on the port that it had before. `context`: it offers STARTTLS."""
    server = server or MailServer()

    def connected() -> SMTP:
        server.connections += 1
        return SMTP(server, hostname="relay.example.com", tls_context=context, enable_SMTPUTF8=True, **options)

    listener = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", server.port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """The TLS of a server at 127.0.0.1 and `hooks.example.com`, and the file of the certificate that its clients must trust."""
    key, subject, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("hooks.example.com")]), critical=True
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "relay.crt", folder / "relay.key"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
