"""A mail server on a socket, which does what a test tells it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.faults.street import a_free_port

USER, PASSWORD = "daler", "p@ss word"


@dataclass(slots=True)
class Desk:
    """Takes mails, or says what it was told to say."""

    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    to_sender: str = ""
    to_recipient: str = ""
    to_content: str = ""
    encrypted: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: object
    ) -> str:
        del server, session, options
        if self.to_sender:
            return self.to_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: object
    ) -> str:
        del server, session, options
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del session
        if self.to_content:
            return self.to_content
        transport = server.transport
        assert transport is not None
        self.encrypted.append(transport.get_extra_info("ssl_object") is not None)
        self.envelopes.append(envelope)
        content = envelope.content
        assert isinstance(content, bytes)
        found = message_from_bytes(content, EmailMessage, policy=policy.default)
        self.taken.append(found)
        return "250 taken"

    def lets_in(self, *asked: object) -> AuthResult:
        said = asked[-1]
        assert isinstance(said, LoginPassword)
        self.users.append(said.login.decode())
        right = (said.login, said.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    file: Path
    served: ssl.SSLContext
    trusted: ssl.SSLContext


def a_certificate(folder: Path) -> Certificate:
    """For 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(file)
    return Certificate(file, served, ssl.create_default_context(cafile=str(file)))


@contextmanager
def a_mail_server(
    desk: Desk,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    utf8: bool = True,
) -> Iterator[int]:
    """The port it listens on, at 127.0.0.1."""
    server = Controller(
        desk,
        hostname="127.0.0.1",
        port=a_free_port(),
        ssl_context=tls,
        tls_context=starttls,
        authenticator=desk.lets_in,
        auth_require_tls=tls is None,
        enable_SMTPUTF8=utf8,
    )
    server.start()
    try:
        yield server.port
    finally:
        server.stop()
