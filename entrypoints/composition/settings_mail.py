"""How mails leave: DALER_SMTP_URL and DALER_MAIL_FROM."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from adapters.mail.settings import MailSettings, Sender, SmtpServer
from domain.shared.secret import Secret
from entrypoints.composition.settings_source import SettingsSource

NOBODY: Final = Sender("no-reply@daler.example", "Daler")
_PORTS: Final = {"smtp": 587, "smtps": 465}
_ADDRESS: Final = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_FROM: Final = re.compile(rf"(?:(?P<name>[^<>\"\x00-\x1f]{{1,60}}) +<({_ADDRESS})>|({_ADDRESS}))\Z")


def mail_settings(source: SettingsSource, home: Path, *, embedded: bool) -> MailSettings:
    server = source.optional("DALER_SMTP_URL", smtp_address)
    sender = source.read("DALER_MAIL_FROM", mail_sender, NOBODY)
    if server is not None and source.text("DALER_MAIL_FROM") is None:
        source.refuse(
            "DALER_MAIL_FROM is missing beside DALER_SMTP_URL: write who mails are from, such as"
            " Daler <no-reply@example.org>"
        )
    return MailSettings(
        sender=sender,
        folder=home / "mail",
        server=server,
        missed=server is None and not embedded,
    )


def mail_sender(text: str) -> Sender:
    found = _FROM.match(text)
    if found is None:
        raise ValueError("is no sender: write it like Daler <no-reply@example.org>")
    name, named, bare = found.groups()
    return Sender(named or bare, (name or "").strip())


def smtp_address(text: str) -> SmtpServer:
    """It never repeats the address, which may hold a password."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = parts = None
    if parts is None or parts.scheme not in _PORTS or not host or parts.path not in {"", "/"}:
        raise ValueError(
            "is not the address of a mail server: write it like"
            " smtps://user:password@mail.example.org:465"
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.fragment or options not in ({}, {"starttls": "off"}):
        raise ValueError("has an option that is unknown: there is only ?starttls=off")
    plain = parts.scheme == "smtp" and bool(options)
    if (parts.username is None) != (parts.password is None):
        raise ValueError("has a user or a password and not the other: write user:password@host")
    if plain and parts.username is not None:
        raise ValueError("would send a password in clear: leave ?starttls=off away")
    return SmtpServer(
        host=host,
        port=port or _PORTS[parts.scheme],
        implicit_tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "smtp" and not plain,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else Secret(unquote(parts.password)),
    )
