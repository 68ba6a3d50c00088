from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from domain.shared.secret import Secret

DEADLINE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails are from."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    implicit_tls: bool
    """TLS from the first byte (`smtps`)."""
    start_tls: bool
    """Refuse to go on when the server cannot (`smtp`): an attacker could hide that it can."""
    user: str | None = None
    password: Secret | None = field(default=None, repr=False)
    deadline_s: float = DEADLINE_S
    """For one mail, whatever the server does meanwhile."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    sender: Sender
    folder: Path
    """Where mails are kept when there is no server."""
    server: SmtpServer | None
    missed: bool
    """Whether somebody runs a server of their own and has named none for mails."""
